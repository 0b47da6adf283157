"""GraphQL over HTTP: an operation and its variables in, data out, errors as those of the port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx2

from integrations.helpdesks.api import Api, wait_of
from integrations.helpdesks.loose import at, line, many
from integrations.helpdesks.port import AccessDenied, HelpdeskError, NotThere, Rejected, Unavailable

_DENIED: Final = frozenset({"AUTHENTICATION_ERROR", "FORBIDDEN", "UNAUTHENTICATED"})
_LATER: Final = frozenset({"RATELIMITED", "INTERNAL_SERVER_ERROR", "LOCK_TIMEOUT"})


class GraphQL(Api):
    """One endpoint. A 400 is read as well: errors stand in its body."""

    def ask(self, operation: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The `data` of the answer. Raises HelpdeskError for the first of its errors."""
        answer = self.send("POST", "graphql", {"query": operation, "variables": dict(variables)})
        for error in many(answer, "errors"):
            raise self._error(error)
        data = at(answer, "data")
        if not isinstance(data, Mapping):
            raise Rejected(f"{self.vendor} answered without data")
        return data

    def _check(self, answer: httpx2.Response) -> None:
        if answer.status_code != 400:
            super()._check(answer)
        elif "RATELIMITED" in answer.text:  # the wait is told by its headers alone
            raise Unavailable(f"{self.vendor} wants fewer requests", wait_of(answer.headers))

    def _error(self, error: Mapping[str, Any]) -> HelpdeskError:
        code, says = line(error, "extensions", "code"), line(error, "message") or "an error without words"
        told = f"{self.vendor} answered: {says}"
        if code in _DENIED:
            return AccessDenied(f"{told}: the credentials are refused or may not do this")
        if code in _LATER:
            return Unavailable(told)
        return NotThere(told) if "not found" in says.lower() else Rejected(told)

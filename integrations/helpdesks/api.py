"""One way to ask a vendor's API: our origin only, no redirects, and every failure as one of five errors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2

from integrations import outgoing
from integrations.helpdesks.port import AccessDenied, Gone, Moved, NotThere, Rejected, Unavailable

TIMEOUT: Final = 30.0
LONGEST_WAIT: Final = timedelta(hours=1)
_MOVED: Final = frozenset({301, 307, 308})
_MOST_PAGES: Final = 50


class Api:
    """A vendor's API at one origin. Credentials are sent there and nowhere else: a redirect or a "next page" that leads
    away is refused.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float = TIMEOUT,
        private_hosts: Collection[str] = (),
    ) -> None:
        self.vendor = vendor
        self._base = base_url.rstrip("/") + "/"
        self._client = outgoing.client(
            base_url, private_hosts=private_hosts, headers=dict(headers or {}), auth=auth, timeout=timeout
        )

    def get(self, path: str, **params: str | int) -> Any:
        """GET a path, or an address of the same origin, as JSON. Raises HelpdeskError."""
        return _json(self.vendor, self._ask("GET", path, params=params or None))

    def page(self, path: str, **params: str | int) -> tuple[list[Any], str | None]:
        """GET a list, and the address of its next page, which the Link header tells (RFC 8288). Raises HelpdeskError."""
        answer = self._ask("GET", path, params=params or None)
        found = _json(self.vendor, answer)
        if not isinstance(found, list):
            raise Unavailable(f"{self.vendor} answered with something else than a list")
        return found, answer.links.get("next", {}).get("url")

    def pages(self, path: str, **params: str | int) -> Iterator[Any]:
        """Every entry of a list. Half a list is worse than none, because what is missing counts as deleted: a page that
        does not come raises HelpdeskError.
        """
        found, following = self.page(path, **params)
        for _ in range(_MOST_PAGES):
            yield from found
            if following is None:
                return
            found, following = self.page(following)
        raise Unavailable(f"{self.vendor} has more than {_MOST_PAGES} pages of {path}")

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST JSON, get JSON. Only for questions: what fails is asked again."""
        return _json(self.vendor, self._ask("POST", path, json=dict(body)))

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """POST, PATCH, PUT or DELETE with JSON that changes something there; None where nothing is answered (204). After
        Unavailable nobody knows whether it did.
        """
        return _json(self.vendor, self._ask(method, path, json=dict(body)))

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        try:
            answer = self._client.request(method, self._address(path), **more)
        except outgoing.AddressRefused as refused:
            raise Unavailable(f"{self.vendor}: {refused}") from refused
        except httpx2.HTTPError as error:  # refused, timed out, or closed half way
            raise Unavailable(f"{self.vendor} cannot be reached ({type(error).__name__})") from error
        self._check(answer)
        return answer

    def _address(self, path: str) -> str:
        found = urljoin(self._base, path)
        if urlsplit(found)[:2] != urlsplit(self._base)[:2]:
            raise Rejected(f"{self.vendor} points to another address for its next page")
        return found

    def _check(self, answer: httpx2.Response) -> None:
        status = answer.status_code
        if status < 300:
            return
        says = f"{self.vendor} answered with {status}"
        if status == 429 or status >= 500 or (status == 403 and _out_of_requests(answer)):
            raise Unavailable(says, wait_of(answer.headers))
        if status in {401, 403}:
            raise AccessDenied(f"{says}: the credentials are refused or may not do this")
        if status in {404, 410}:
            raise Gone(says) if status == 410 else NotThere(says)
        if status in _MOVED and (place := answer.headers.get("location")):
            raise Moved(f"{says}: it is called otherwise now", self._address(place))
        raise Rejected(says)


def _json(vendor: str, answer: httpx2.Response) -> Any:
    if answer.status_code == 204:
        return None
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        raise Unavailable(f"{vendor} answered with something else than JSON") from error


def _out_of_requests(answer: httpx2.Response) -> bool:
    return "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"


def wait_of(headers: Mapping[str, str]) -> timedelta | None:
    """How long the other side asks us to wait: Retry-After in seconds or as a date, or the time of a reset. Times are
    read against its own clock, the Date header.
    """
    told, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    try:
        if told[:1].isdigit():
            wait = timedelta(seconds=float(told))
        elif told or reset:
            until = parsedate_to_datetime(told) if told else datetime.fromtimestamp(float(reset), UTC)
            wait = until.astimezone(UTC) - parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)

"""What can go wrong with a model, by name. The message is a clause for people: "because {message}"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request."""

    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def total(self) -> int:
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out)


class ModelError(Exception):
    """The model gave no usable reply. `usage` is its cost all the same; `passing` faults are worth another attempt."""

    passing = False

    def __init__(self, message: str, *, usage: Usage | None = None) -> None:
        super().__init__(message)
        self.usage = usage or Usage()


class Refusal(ModelError):
    """The model, or the filter before it, declined to answer."""


class BrokenReply(ModelError):
    """There is an answer, but nothing that can be read."""


class Rejected(ModelError):
    """The server does not take the request: an unknown model, a text too long, a parameter it insists on."""


class WrongKey(ModelError):
    """The key is wrong, revoked, or may not use this model."""


class RateLimited(ModelError):
    """Too many requests or tokens. `retry_after` seconds, where the server says so."""

    def __init__(self, message: str, *, retry_after: float | None = None, passing: bool = True) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.passing = passing


class Unreachable(ModelError):
    """No connection, or the server failed."""

    passing = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Late(ModelError):
    """No answer within the time that a reading may take; asking again would only be later."""


class Unsupported(ModelError):
    """The server does not offer this part of the API."""

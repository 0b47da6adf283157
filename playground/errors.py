"""What can go wrong, for the person at the keyboard and for the app."""

from __future__ import annotations

from typing import Any


class PlaygroundError(Exception):
    """Anything the playground refuses or cannot do."""


class Refused(PlaygroundError):
    """Slack's own client does not let the person do this (a slash command in a thread, a form with errors)."""


class OperationTimeout(PlaygroundError, TimeoutError):
    """The app did not acknowledge an interaction in time: Slack shows `operation_timeout`."""


class DispatchFailed(PlaygroundError):
    """Nothing is connected that could take the interaction: Slack shows `dispatch_failed`."""


class SlackError(PlaygroundError):
    """A Web API error: `ok` false, its code and whatever else Slack puts into the reply."""

    def __init__(self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **fields: Any) -> None:
        super().__init__(error)
        self.error, self.status, self.headers, self.fields = error, status, headers or {}, fields

    def as_reply(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.fields}


def invalid(error: str, messages: list[str]) -> SlackError:
    """`invalid_blocks` and its kin, with Slack's list of messages."""
    return SlackError(error, errors=messages, response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})

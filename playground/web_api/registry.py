"""How a method says its name, its scopes and the kind of token it takes; how it reads its arguments."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.errors import SlackError, invalid
from playground.slack import Slack

Handler = Callable[[Slack, "Args"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method; any one of `scopes` is enough."""

    handler: Handler
    scopes: tuple[str, ...]
    tokens: tuple[str, ...]


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, tokens: tuple[str, ...] = ("bot",)) -> Callable[[Handler], Handler]:
    """Register a handler under a method name."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, scopes, tokens)
        return handler

    return register


class Args:
    """Arguments of one call; a form sends everything as text, JSON as what it is."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises SlackError invalid_arguments when the argument is missing or empty."""
        if not self.text(name):
            raise invalid("invalid_arguments", [f"missing required field: {name} [json-pointer:/{name}]"])
        return self.text(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name)
        return default if value is None else str(value).lower() in ("true", "1")

    def limit(self, default: int = 100, most: int = 999) -> int:
        """The `limit` argument. Raises SlackError invalid_limit."""
        raw = self.values.get("limit")
        try:
            wanted = default if raw in (None, "", 0, "0") else int(str(raw))
        except ValueError as error:
            raise SlackError("invalid_limit") from error
        if not 1 <= wanted <= most:
            raise SlackError("invalid_limit")
        return wanted

    def json(self, name: str) -> Any:
        return self.values.get(name)


def cursor_for(kind: str, position: str) -> str:
    return base64.b64encode(f"{kind}:{position}".encode()).decode()


def position_in(cursor: str, kind: str) -> str:
    """Where a cursor points, "" without one. Raises SlackError invalid_cursor."""
    if not cursor:
        return ""
    try:
        found, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if found != kind or not position:
        raise SlackError("invalid_cursor")
    return position


def page_of(items: list[str], args: Args, kind: str) -> tuple[list[str], dict[str, Any]]:
    """One page of a list of ids and the `response_metadata` that leads to the next. Raises SlackError."""
    position = position_in(args.text("cursor"), kind)
    if position and position not in items:
        raise SlackError("invalid_cursor")
    start = items.index(position) if position else 0
    end = start + args.limit()
    following = cursor_for(kind, items[end]) if end < len(items) else ""
    return items[start:end], {"response_metadata": {"next_cursor": following}}

"""A conversation inside one cell: lists of messages as helpdesks and data sets write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from integrations.files.dates import DateReader
from integrations.files.markup import text_of
from intelligence.model import Message, Role

_ROLES: Final[Mapping[str, Role]] = {
    **dict.fromkeys(
        ("user", "customer", "end-user", "end_user", "enduser", "contact", "lead", "requester", "client", "visitor"),
        Role.CUSTOMER,
    ),
    **dict.fromkeys(("agent", "admin", "staff", "support", "assistant", "operator", "teammate", "team"), Role.AGENT),
    **dict.fromkeys(("bot", "system", "automation", "workflow"), Role.BOT),
}
_TEXT_KEYS: Final = ("text", "body", "plain_body", "body_text", "content", "message", "html_body")
_ROLE_KEYS: Final = ("role", "author_type", "author_role", "type", "from", "sender")
_DATE_KEYS: Final = ("at", "created_at", "createdAt", "timestamp", "date", "time")
_TEAM: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})  # as GitHub calls them
# As Jira's CSV has it: "15/Feb/19 7:11 PM;5c5f880629be9642ba529340;Added a comment"
_DATED: Final = re.compile(r"(?P<at>[^;\n]{6,40});(?P<author>[^;\s]{1,128});(?P<text>.*)", re.DOTALL)


class ConversationError(ValueError):
    """A cell that should hold messages does not. The message is for people."""


def messages_in(cell: Any, at: datetime, dates: DateReader, requester: str = "") -> list[Message]:
    """Read a list of message objects (or its JSON text): who, what and, where said, when.

    `at` is the time of messages without their own; `requester` the id that marks the customer where authors are ids.
    The first speaker is the customer when no role is told. Raises ConversationError with what is wrong.
    """
    entries = _entries(cell)
    messages: list[Message] = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise ConversationError(f"message {number} is not an object with role and text")
        text = text_of(_first(entry, _TEXT_KEYS)).strip()
        if not text:
            continue
        role = _role(entry, requester) or (Role.CUSTOMER if not messages else _other_than_first(entry, entries[0]))
        when = dates.read(_first(entry, _DATE_KEYS)) or at
        private = entry.get("public") is False or entry.get("private") is True
        messages.append(Message(role, text, when, author=_author(entry), private_note=private))
    return messages


def dated_comments(cells: Iterable[str], dates: DateReader, requester: str) -> list[Message]:
    """Comments of one cell each, with their time and author, oldest first; what is written otherwise is passed over.
    The file does not say which are for the team, so all but the requester's are private.
    """
    made: list[Message] = []
    for cell in cells:
        found = _DATED.fullmatch(cell.strip())
        at = dates.read(found["at"]) if found else None
        text = text_of(found["text"]).strip() if found else ""
        if found is None or at is None or not text:
            continue
        asked = bool(requester) and found["author"] == requester
        role = Role.CUSTOMER if asked else Role.AGENT
        made.append(Message(role, text, at, author=found["author"], private_note=not asked))
    return sorted(made, key=lambda message: message.at)


def _entries(cell: Any) -> list[Any]:
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError) as error:
            raise ConversationError(f"the messages are not JSON: {error}") from error
    if isinstance(cell, dict):
        cell = cell.get("messages") or cell.get("conversation_parts") or cell.get("comments")
    if not isinstance(cell, list):
        raise ConversationError("the messages are not a list")
    return cell


def _role(entry: Mapping[str, Any], requester: str) -> Role | None:
    author = entry.get("author")
    told = [entry.get(key) for key in _ROLE_KEYS]
    if isinstance(author, dict):
        told += [author.get("role"), author.get("type")]
    for value in told:
        if isinstance(value, str) and value.strip().lower() in _ROLES:
            return _ROLES[value.strip().lower()]
    association = entry.get("authorAssociation") or entry.get("author_association")
    if isinstance(association, str):
        if _author(entry).endswith("[bot]"):
            return Role.BOT
        return Role.AGENT if association in _TEAM else Role.CUSTOMER
    if requester and entry.get("author_id") is not None:
        return Role.CUSTOMER if str(entry["author_id"]) == requester else Role.AGENT
    return None


def _other_than_first(entry: Mapping[str, Any], first: Any) -> Role:
    same = isinstance(first, dict) and _author(entry) == _author(first)
    return Role.CUSTOMER if same else Role.AGENT


def _author(entry: Mapping[str, Any]) -> str:
    author = entry.get("author") or entry.get("author_id") or entry.get("name")
    if isinstance(author, dict):
        author = author.get("name") or author.get("login") or author.get("email") or author.get("id")
    return str(author) if isinstance(author, str | int) else ""


def _first(entry: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""

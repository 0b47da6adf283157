"""Which column holds what: the headers that helpdesks export, and what the operator says with --map."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Column(StrEnum):
    """What a ticket file can tell. The values are the names for --map."""

    ID = "id"
    SUBJECT = "subject"
    TEXT = "text"
    MESSAGES = "messages"
    CREATED_AT = "created_at"
    REQUESTER = "requester"
    EMAIL = "email"
    ORGANISATION = "organisation"
    PLAN = "plan"
    STATUS = "status"
    TAGS = "tags"
    URL = "url"
    REPLIES = "replies"
    AREA = "area"


# Headers by meaning, the most telling first, in lower case with everything but letters and digits as one space.
# Vendors: Zendesk, Intercom, Freshdesk, Help Scout, HubSpot, Jira Service Management, Front.
_HEADERS: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.ID: (
        "ticket id", "conversation id", "issue key", "case number", "ticket number", "external id", "id", "key",
        "number",
        "ticket", "case id", "display id", "reference",
    ),
    Column.SUBJECT: (
        "subject", "ticket subject", "ticket name", "title", "summary", "raw subject", "conversation title", "topic",
    ),
    Column.TEXT: (
        "text", "body", "description", "ticket description", "first message", "conversation first message", "message",
        "initial message", "message body", "content", "plain body", "body text", "question", "request", "comment",
        "ticket body", "description text", "problem", "feedback", "complaint", "tweet", "source body", "details",
        "query",
    ),
    Column.MESSAGES: ("messages", "conversation", "thread", "comments", "conversation parts", "transcript"),
    Column.CREATED_AT: (
        "created at", "created", "created time", "created date", "create date", "creation date", "date created", "at",
        "conversation started at", "started at", "opened at", "opened", "received at", "submitted at", "timestamp",
        "date", "time", "ticket created date", "first message at", "date of purchase", "request time",
    ),
    Column.REQUESTER: (
        "requester", "requester name", "user name", "customer name", "full name", "contact name", "reporter", "name",
        "customer", "contact", "author", "author name", "user", "from", "submitter", "requester id", "customer id",
        "user id", "author id", "inbound", "author login", "user login",
    ),
    Column.EMAIL: (
        "requester email", "user email", "customer email", "email", "e mail", "contact email", "email address",
        "req email", "author email", "reporter email", "from email", "contact email address",
    ),
    Column.ORGANISATION: (
        "organization", "organisation", "organization name", "company name", "company", "account", "account name",
        "customer company", "ticket organization", "associated company", "client", "workspace name",
    ),
    Column.PLAN: (
        "plan", "plan name", "account plan", "tier", "subscription", "subscription plan", "segment", "sla plan",
    ),
    Column.STATUS: ("status", "state", "ticket status", "conversation state", "ticket state", "resolution status"),
    Column.TAGS: ("tags", "labels", "tag", "conversation tags", "ticket tags", "keywords"),
    Column.URL: ("url", "link", "ticket url", "conversation url", "permalink", "ticket link", "href"),
    Column.REPLIES: (
        "agent reply", "agent replies", "reply", "replies", "agent response", "response", "answer", "resolution",
        "agent comment", "agent comments", "support reply", "last reply", "public replies",
    ),
    Column.AREA: (
        "area", "product area", "component", "components", "module", "product", "feature area", "product purchased",
        "category", "group",
    ),
}  # fmt: skip
_MEANING: Final = {
    header: (column, rank) for column, headers in _HEADERS.items() for rank, header in enumerate(headers)
}
_ALIASES: Final = {
    "body": Column.TEXT, "description": Column.TEXT, "date": Column.CREATED_AT, "created": Column.CREATED_AT,
    "organization": Column.ORGANISATION, "account": Column.ORGANISATION, "company": Column.ORGANISATION,
    "name": Column.REQUESTER, "customer": Column.REQUESTER, "mail": Column.EMAIL, "comments": Column.REPLIES,
    "title": Column.SUBJECT, "link": Column.URL, "key": Column.ID,
}  # fmt: skip


class MappingError(ValueError):
    """A column was named that does not exist, or no column holds any text. The message is for people."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which header of a file holds what; `unused` are the other headers, `named` those that the operator chose.
    `comments` are columns of one comment each, as Jira exports them.
    """

    headers: Mapping[Column, str]
    unused: tuple[str, ...] = ()
    named: frozenset[Column] = field(default_factory=frozenset[Column])
    comments: tuple[str, ...] = ()

    def explain(self) -> list[str]:
        """One sentence a column, to be shown before an import."""
        lines = [
            f"{column} is read from column {header!r}{' (as you said)' if column in self.named else ''}."
            for column, header in self.headers.items()
        ]
        if self.comments:
            lines.append(f"Comments are read from {len(self.comments)} columns called {self.comments[0]!r}.")
        if Column.CREATED_AT not in self.headers:
            lines.append(
                "No column with a date was recognised: the time of the import is used (--map created_at=COLUMN)."
            )
        if self.unused:
            lines.append(f"Not used: {', '.join(map(repr, self.unused))}.")
        return lines


def parse_overrides(options: Iterable[str]) -> dict[Column, str]:
    """Read --map options ("text=Body") into columns.

    Raises MappingError for an option without "=" or with a name that is no column.
    """
    overrides: dict[Column, str] = {}
    for option in options:
        name, equals, header = option.partition("=")
        column = _column_named(name.strip().lower())
        if not equals or not header.strip() or column is None:
            raise MappingError(f"--map {option!r}: write NAME=COLUMN, where NAME is one of {', '.join(Column)}.")
        overrides[column] = header.strip()
    return overrides


def detect_mapping(header: Sequence[str], overrides: Mapping[Column, str] | None = None) -> ColumnMapping:
    """Recognise the columns of a file by its header; `overrides` win.

    Raises MappingError when an override names a column the file does not have, or when nothing holds text.
    """
    named = {column: _existing(name, header) for column, name in (overrides or {}).items()}
    chosen = dict(named)
    free = [name for name in header if name not in named.values()]
    for column, (_, name) in _best(free).items():
        chosen.setdefault(column, name)
    if not {Column.TEXT, Column.SUBJECT, Column.MESSAGES} & chosen.keys():
        raise MappingError(
            f"No column holds the ticket's text. The columns are {', '.join(map(repr, header)) or 'missing'}; "
            "say which with --map text=COLUMN."
        )
    ordered = {column: chosen[column] for column in Column if column in chosen}
    left = [name for name in header if name.strip() and name not in ordered.values()]
    comments = tuple(name for name in left if _plain(name) == "comment")
    unused = tuple(name for name in left if name not in comments)
    return ColumnMapping(ordered, unused, frozenset(named), comments)


def _best(header: Sequence[str]) -> dict[Column, tuple[int, str]]:
    """For each meaning the header that tells it best, and how well (0 is best)."""
    found: dict[Column, tuple[int, str]] = {}
    for name in header:
        meaning = _MEANING.get(_plain(name))
        if meaning is not None:
            column, rank = meaning
            found[column] = min(found.get(column, (rank, name)), (rank, name), key=lambda entry: entry[0])
    return found


def _plain(name: str) -> str:
    """ "Created At (UTC)", "created_at" and "createdAt" are one header."""
    name = re.sub(r"\([^)]*\)", " ", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[^\W_]+", name.lower()))


def _existing(name: str, header: Sequence[str]) -> str:
    for candidate in header:
        if candidate == name or _plain(candidate) == _plain(name):
            return candidate
    raise MappingError(f"The file has no column {name!r}. It has {', '.join(map(repr, header))}.")


def _column_named(name: str) -> Column | None:
    return Column(name) if name in set(Column) else _ALIASES.get(name)

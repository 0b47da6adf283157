"""Rows to tickets: each row becomes one ticket, or is rejected with the line, the column and the reason."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, Final

from integrations.files.columns import Column, ColumnMapping, detect_mapping
from integrations.files.conversations import ConversationError, dated_comments, messages_in
from integrations.files.dates import DateReader
from integrations.files.markup import text_of
from integrations.files.tables import Row, header, rows
from intelligence.model import Message, Role

MAX_TEXT: Final = 40_000
MAX_ATTRIBUTE: Final = 200
_DATE_SAMPLE: Final = 200
_CLOCK_SKEW: Final = timedelta(days=1)
_EMAIL: Final = re.compile(r"[^\s<>@,;]{1,64}@[^\s<>@,;]{1,190}\.[^\s<>@,;]{2,24}")


@dataclass(frozen=True, slots=True)
class ImportedTicket:
    """A ticket read from a file. `messages` begin with the customer's; what the file does not tell is "".

    `external_id` is the file's own id, or a hash of the content where it has none, so that a second import of the same
    file finds the same tickets. `notes` say what was assumed ("no date; import time used"). `extra` are the columns
    without a meaning of their own (segments to compare by).
    """

    line: int
    external_id: str
    created_at: datetime
    messages: tuple[Message, ...]
    subject: str = ""
    requester: str = ""
    email: str = ""
    organisation: str = ""
    plan: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    area: str = ""
    notes: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is no ticket: the line where it starts, why, and its cells for the file of rejected rows."""

    line: int
    reason: str
    cells: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


def file_mapping(path: Path, overrides: Mapping[Column, str] | None = None) -> ColumnMapping:
    """The columns of a file. Raises UnreadableFileError and MappingError, both with a sentence for people."""
    return detect_mapping(header(path), overrides)


def read_tickets(
    path: Path, mapping: ColumnMapping | None = None, *, now: datetime, zone: tzinfo = UTC
) -> Iterator[ImportedTicket | RejectedRow]:
    """Yield a ticket or a rejection for every row of a CSV or JSON Lines file, in order, without holding the file.

    `zone` is the time zone of dates that name none; `now` stands in for missing dates. Raises UnreadableFileError and
    MappingError before the first row.
    """
    mapping = mapping or file_mapping(path)
    reader = _RowReader(mapping, _date_reader(path, mapping, zone), now)
    return map(reader.read, rows(path))


def _date_reader(path: Path, mapping: ColumnMapping, zone: tzinfo) -> DateReader:
    name = mapping.headers.get(Column.CREATED_AT)
    if name is None:
        return DateReader(zone)
    sample = islice(rows(path), _DATE_SAMPLE)
    return DateReader.for_values((_written(row.cells.get(name)) for row in sample), zone)


class _RowReader:
    """Reads rows one after the other and remembers the ids it has seen."""

    def __init__(self, mapping: ColumnMapping, dates: DateReader, now: datetime) -> None:
        self._headers = mapping.headers
        self._unused, self._comments = mapping.unused, mapping.comments
        self._dates = dates
        self._now = now
        self._lines_by_id: dict[str, int] = {}
        self._copies: Counter[str] = Counter()

    def read(self, row: Row) -> ImportedTicket | RejectedRow:
        if row.problem:
            return RejectedRow(row.line, row.problem, row.cells)
        if any(name.startswith("pull_request.") for name in row.cells):
            return RejectedRow(row.line, "a pull request is no ticket", row.cells)
        told = self._cell(row, Column.ID)
        if told and told in self._lines_by_id:
            reason = f"id {told!r} in column {self._headers[Column.ID]!r} was already on line {self._lines_by_id[told]}"
            return RejectedRow(row.line, reason, row.cells)
        at, notes = self._created_at(row)
        try:
            messages, cut = self._messages(row, at)
        except ConversationError as error:
            return RejectedRow(row.line, f"column {self._headers[Column.MESSAGES]!r}: {error}", row.cells)
        if not any(message.role is Role.CUSTOMER for message in messages):
            return RejectedRow(row.line, f"no text from the customer in {self._text_columns()}", row.cells)
        if at is self._now and any(message.at < at for message in messages):
            notes = []  # the messages tell their own times
        if told:
            self._lines_by_id[told] = row.line
        return self._ticket(row, told or self._content_id(messages), at, messages, notes + cut)

    def _ticket(
        self, row: Row, external_id: str, at: datetime, messages: Sequence[Message], notes: Sequence[str]
    ) -> ImportedTicket:
        requester, email = self._cell(row, Column.REQUESTER), self._cell(row, Column.EMAIL)
        if not email and (written := _EMAIL.search(requester)):
            email = written.group()
        return ImportedTicket(
            line=row.line,
            external_id=external_id,
            created_at=min(at, *(message.at for message in messages)),
            messages=tuple(messages),
            subject=text_of(self._cell(row, Column.SUBJECT)),
            requester=requester,
            email=email.lower(),
            organisation=self._cell(row, Column.ORGANISATION),
            plan=self._cell(row, Column.PLAN),
            status=self._cell(row, Column.STATUS).lower(),
            tags=self._tags(row),
            url=self._cell(row, Column.URL),
            area=self._cell(row, Column.AREA),
            notes=tuple(notes),
            extra=self._extra(row),
        )

    def _cell(self, row: Row, column: Column) -> str:
        name = self._headers.get(column)
        return _written(row.cells.get(name)) if name else ""

    def _created_at(self, row: Row) -> tuple[datetime, list[str]]:
        written = self._cell(row, Column.CREATED_AT)
        if not written:
            return self._now, ["no date; import time used"]
        at, column = self._dates.read(written), self._headers[Column.CREATED_AT]
        if at is None:
            return self._now, [f"date {written[:40]!r} in column {column!r} not understood; import time used"]
        if at > self._now + _CLOCK_SKEW:
            return self._now, [f"date {written[:40]!r} in column {column!r} lies in the future; import time used"]
        return at, []

    def _messages(self, row: Row, at: datetime) -> tuple[list[Message], list[str]]:
        """The subject and text as the customer's first message unless the conversation has it; then the rest."""
        conversation = self._headers.get(Column.MESSAGES)
        told: list[Message] = []
        if conversation and row.cells.get(conversation) and not isinstance(row.cells[conversation], int):  # no count
            told = messages_in(row.cells[conversation], at, self._dates, self._cell(row, Column.REQUESTER))
        subject = text_of(self._cell(row, Column.SUBJECT))
        text = text_of(self._cell(row, Column.TEXT))
        first = "\n\n".join(part for part in dict.fromkeys((subject, text)) if part) if not told or text else ""
        if first and not any(text and text in message.text for message in told):
            told.insert(0, Message(Role.CUSTOMER, first, at))
        replies = text_of(self._cell(row, Column.REPLIES))
        if replies:
            told.append(Message(Role.AGENT, replies, at))
        who = _written(row.cells.get("Reporter Id"))
        told += dated_comments((_written(row.cells.get(name)) for name in self._comments), self._dates, who)
        return _cut(told)

    def _tags(self, row: Row) -> tuple[str, ...]:
        name = self._headers.get(Column.TAGS)
        value = row.cells.get(name) if name else None
        if isinstance(value, list):
            named = (tag.get("name") if isinstance(tag, dict) else tag for tag in value)
            return tuple(written for tag in named if (written := _written(tag)))
        written = _written(value)
        separator = r"[,;|]" if re.search(r"[,;|]", written) else r"\s+"
        return tuple(tag.strip() for tag in re.split(separator, written) if tag.strip())

    def _extra(self, row: Row) -> dict[str, str]:
        cells = ((name, _written(row.cells.get(name))) for name in self._unused)
        return {name: value for name, value in cells if 0 < len(value) <= MAX_ATTRIBUTE}

    def _content_id(self, messages: Sequence[Message]) -> str:
        digest = hashlib.blake2b(
            "\x1f".join(message.text for message in messages).encode("utf-8", "replace"), digest_size=8
        )
        name = digest.hexdigest()
        self._copies[name] += 1
        return f"text-{name}" if self._copies[name] == 1 else f"text-{name}-{self._copies[name]}"

    def _text_columns(self) -> str:
        wanted = (Column.MESSAGES, Column.TEXT, Column.SUBJECT)
        return " or ".join(f"column {self._headers[column]!r}" for column in wanted if column in self._headers)


def _cut(messages: list[Message]) -> tuple[list[Message], list[str]]:
    """Messages no longer than the store keeps, and a note when that changed one."""
    if all(len(message.text) <= MAX_TEXT for message in messages):
        return messages, []
    short = [Message(m.role, m.text[:MAX_TEXT], m.at, m.key, m.author, m.permalink, m.private_note) for m in messages]
    return short, [f"text cut at {MAX_TEXT:,} characters"]


def _written(value: Any) -> str:
    """A cell as text: numbers written out, lists and objects not."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()

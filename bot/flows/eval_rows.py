"""Rows of evaluation files: every bad one is named by its line, and nothing is measured before all are good."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import BadInput, FileUnreadable
from intelligence.labels import BadRowError, read_object

NAMED = 10  # bad rows spelled out; a file with the wrong columns has thousands

Row = TypeVar("Row")
Cells = Mapping[str, Any]


def read_text(path: Path) -> str:
    """A UTF-8 file (with or without a byte order mark). Raises FileUnreadable."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(path=path, reason=f"it is not UTF-8 text ({error})", fix="Save it as UTF-8.") from error
    except OSError as error:
        raise FileUnreadable(path=path, reason=error.strerror or error, fix="Check the path.") from error


def read_jsonl(path: Path, parse: Callable[[Cells], Row]) -> list[Row]:
    """One parsed value for each JSON object of a file. Raises FileUnreadable, or BadInput that names bad lines."""
    lines = ((number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip())
    return _all_good(path, lines, lambda line: parse(read_object(line)))


def read_csv(path: Path, columns: Sequence[str], parse: Callable[[Cells], Row]) -> list[Row]:
    """One parsed value for each row of a CSV file with at least these columns. Raises FileUnreadable or BadInput."""
    reader = csv.DictReader(StringIO(read_text(path), newline=""), strict=True)
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise BadInput(
                problem=f"{path} has no column {' and no column '.join(missing)}.",
                fix=f"The first line must name the columns: {','.join(columns)}.",
            )
        return _all_good(path, _numbered(reader), parse)
    except csv.Error as error:
        raise BadInput(problem=f"{path}, line {reader.line_num}: {error}.", fix="Save the file as CSV.") from error


def _numbered(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for row in reader:
        yield reader.line_num, row


def _all_good(path: Path, rows: Iterable[tuple[int, Any]], parse: Callable[[Any], Row]) -> list[Row]:
    good: list[Row] = []
    bad: list[str] = []
    for number, row in rows:
        try:
            good.append(parse(row))
        except BadRowError as error:
            bad.append(f"line {number}: {error}")
    if bad:
        more = f"; and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        raise BadInput(problem=f"{path} has bad rows: {'; '.join(bad[:NAMED])}{more}.", fix="Mend or remove them.")
    if not good:
        raise BadInput(problem=f"{path} has no rows.", fix="Give a file with at least one.")
    return good


def text_of(row: Cells, name: str) -> str:
    """A field with words in it. Raises BadRowError."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRowError(f"{name} is empty or not text")
    return value


def time_of(row: Cells, name: str) -> datetime:
    """An ISO 8601 time; one without a zone is UTC. Raises BadRowError."""
    try:
        found = datetime.fromisoformat(text_of(row, name))
    except ValueError as error:
        if isinstance(error, BadRowError):
            raise
        raise BadRowError(f"{name} is not an ISO 8601 time: {row.get(name)!r}") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

"""Rows of a CSV or JSON Lines file, one at a time, whatever program wrote it."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from integrations.files.json_arrays import BrokenEntry, array_entries, is_array

_MAX_CELL: Final = 4_000_000
_SAMPLE_ROWS: Final = 200
_CHUNK: Final = 1 << 20
_DELIMITERS: Final = ",;\t|"


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read. The message is for people."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line where it starts (in a JSON array its place in it) and its cells by header. `problem` says why it
    cannot be a ticket.
    """

    line: int
    cells: Mapping[str, Any]
    problem: str | None = None


def is_json_lines(path: Path) -> bool:
    return path.suffix.lower() in {".jsonl", ".ndjson", ".json"}


def rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file; blank rows are passed over.

    Raises UnreadableFileError when there is no such file or it is empty.
    """
    encoding = detect_encoding(path)
    return _json_rows(path, encoding) if is_json_lines(path) else _csv_rows(path, encoding)


def header(path: Path) -> list[str]:
    """The columns of a file: a CSV's first row, or the keys of the first JSON objects in order of appearance."""
    if is_json_lines(path):
        sample = islice(rows(path), _SAMPLE_ROWS)
        return list(dict.fromkeys(key for row in sample for key in row.cells))
    encoding = detect_encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return _header(_reader(file, path, encoding), path)


def count_rows(path: Path) -> int:
    """How many rows `rows` will yield: for a progress bar. Reads the file once."""
    return sum(1 for _ in rows(path))


def detect_encoding(path: Path) -> str:
    """By byte order mark, else UTF-16 by its zero bytes, else UTF-8 when the whole file is valid, else Windows-1252.

    Raises UnreadableFileError when the file is missing, a folder, or empty.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
            if not start.strip():
                raise UnreadableFileError(f"{path} is empty.")
            for mark, encoding in (
                (codecs.BOM_UTF8, "utf-8-sig"),
                (codecs.BOM_UTF16_LE, "utf-16"),
                (codecs.BOM_UTF16_BE, "utf-16"),
            ):
                if start.startswith(mark):
                    return encoding
            if start.count(0) > len(start) / 4:
                return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
            file.seek(0)
            return "utf-8" if _is_utf8(file) else "cp1252"
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _is_utf8(file: Any) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _reader(file: Any, path: Path, encoding: str) -> Any:
    # The limit is the csv module's only one and guards memory: a quote that is never closed reads to the end.
    csv.field_size_limit(_MAX_CELL)
    return csv.reader(file, delimiter=_delimiter(path, encoding))


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that occurs most often in the first line with content, outside quotes."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = next((line for line in file if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _header(reader: Any, path: Path) -> list[str]:
    for cells in reader:
        if any(cell.strip() for cell in cells):
            return _distinct([cell.strip() for cell in cells])
    raise UnreadableFileError(f"{path} has no header row.")


def _distinct(names: list[str]) -> list[str]:
    """A header with every name once: the second "Tags" becomes "Tags (2)"."""
    seen: dict[str, int] = {}
    distinct: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _csv_rows(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = _reader(file, path, encoding)
        names = _header(reader, path)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, {}, f"the row cannot be read: {error} (is a quote never closed?)")
                continue
            if any(cell.strip() for cell in cells):
                yield _csv_row(line, names, cells)


def _csv_row(line: int, names: list[str], cells: list[str]) -> Row:
    row = dict(zip(names, cells, strict=False))
    surplus = [cell for cell in cells[len(names) :] if cell.strip()]
    if surplus:
        problem = f"{len(cells)} cells, but the header names {len(names)}: a cell with a separator is not quoted"
        return Row(line, row, problem)
    return Row(line, row)


def _json_rows(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding, errors="replace") as file:
        if is_array(file):
            yield from (_json_row(place, value) for place, value in enumerate(array_entries(file, _MAX_CELL), start=1))
            return
        for line, text in enumerate(file, start=1):
            if text.strip():
                yield _json_row(line, _parsed(text))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return BrokenEntry(str(error))


def _json_row(line: int, value: Any) -> Row:
    if isinstance(value, BrokenEntry):
        return Row(line, {}, f"not valid JSON: {value.reason}")
    if not isinstance(value, dict):
        return Row(line, {}, "not a JSON object")
    return Row(line, _flat(value))


def _flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Inner objects as dotted keys ("requester.email"), one level deep, as exports nest them."""
    flat: dict[str, Any] = {}
    for key, child in value.items():
        if isinstance(child, dict):
            flat |= {f"{key}.{inner}": grandchild for inner, grandchild in child.items()}
        else:
            flat[key] = child
    return flat

"""`ticket-intel report ...`: the same report as in Slack, printed or written to files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.answers_reports import ReportAnswer
from bot.errors import FileUnreadable

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Files:
    """What is to be written, and where; "-" is standard output. `png` is a folder."""

    html: str | None = None
    markdown: str | None = None
    csv: str | None = None
    evidence: str | None = None
    png: str | None = None

    @property
    def any(self) -> bool:
        return any((self.html, self.markdown, self.csv, self.evidence, self.png))

    @property
    def to_stdout(self) -> bool:
        return STDOUT in {self.html, self.markdown, self.csv, self.evidence}


def write_files(answer: ReportAnswer, files: Files) -> list[str]:
    """Write every file that was asked for; where they are. Raises FileUnreadable for one that cannot be written."""
    from bot.report_document import document
    from bot.report_files import html, markdown, tables

    shown, report = document(answer), answer.report
    wanted: list[tuple[str | None, Callable[[], str]]] = [
        (files.html, lambda: html.page(shown, report)),
        (files.markdown, lambda: markdown.markdown(shown)),
        (files.csv, lambda: tables.themes_csv(report)),
        (files.evidence, lambda: tables.evidence_csv(report)),
    ]
    written = [_write(where, make().encode("utf-8")) for where, make in wanted if where is not None]
    return [where for where in (*written, *_pictures(answer, files.png)) if where != STDOUT]


def _pictures(answer: ReportAnswer, folder: str | None) -> list[str]:
    if folder is None:
        return []
    from bot.charts.charts import charts
    from bot.charts.png import png

    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    name = answer.report.span.name
    return [_write(str(place / f"{name}-{one.name}.png"), png(one)) for one in charts(answer.report)]


def _write(where: str, content: bytes) -> str:
    if where == STDOUT:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return where
    try:
        Path(where).write_bytes(content)
    except OSError as error:
        raise _unwritable(where, error) from error
    return where


def _unwritable(where: str, error: OSError) -> FileUnreadable:
    reason = (error.strerror or type(error).__name__).lower()
    return FileUnreadable(path=where, reason=f"it cannot be written ({reason})", fix="Choose another place.")


def report_command(line: str, files: Files, *, as_json: bool) -> None:
    """Answer a line of the grammar and print it, or write it to files. Raises TicketIntelError."""
    from bot.flows.ask import Asker, ask
    from bot.grammar import parse
    from bot.terminal import OPERATOR, at_work, say, show
    from bot.verbs.parts import Where
    from intelligence.model import Scope

    request = parse(line, where=Where.CLI)
    with at_work() as desk:
        found = ask(desk.deps, Asker(Scope(desk.workspace), OPERATOR), request)
    if not isinstance(found, ReportAnswer) or not files.any:
        show(found, as_json=as_json)
        return
    written = write_files(found, files)
    if as_json:
        show(found, as_json=True)
    elif not files.to_stdout:
        say("Written: " + ", ".join(written))

"""The visitor's own tickets: a file from the page, read into a workspace beside the story's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePath

import structlog

from bot.answers_workspace import ImportReport
from bot.blocks.parts import context, header, inline, section
from bot.demo.stage import Stage
from bot.deps import Deps
from bot.errors import BadInput, FileUnreadable
from bot.flows.importing import import_file
from bot.messenger import Outgoing, Refused, TryLater
from bot.words import count

log = structlog.get_logger(__name__)

WORKSPACE = "visitor"
CHANNEL = "my-tickets"
KINDS = (".csv", ".tsv", ".jsonl", ".ndjson")
ACCEPT = ",".join(KINDS)
MOST_BYTES = 5_000_000


@dataclass
class OwnTickets:
    """Reads files that a visitor gives to the page. Nothing of them is kept when the demo ends."""

    deps: Deps
    stage: Stage
    folder: Path
    _channel: str = field(default="")

    def read(self, name: str, text: str) -> ImportReport:
        """Store, read and group the tickets of a file and say its largest themes in #my-tickets.

        Raises BadInput or FileUnreadable with what to do.
        """
        kind = PurePath(name).suffix.lower()
        if kind not in KINDS:
            raise BadInput(problem="This file is no table of tickets.", fix="Give a CSV or JSON Lines file.")
        if len(text.encode()) > MOST_BYTES:
            raise BadInput(
                problem="The page takes files up to 5 MB.", fix="For more: `ticket-intel import FILE` in a terminal."
            )
        path = self.folder / f"my-tickets{kind}"  # a name of our own: the visitor's is not to be trusted
        path.write_text(text, encoding="utf-8")
        try:
            report = import_file(self.deps, WORKSPACE, path, progress=_Progress(self.stage))
        except FileUnreadable as error:  # said with the visitor's own name for the file
            raise FileUnreadable(**{**error.details, "path": PurePath(name).name}) from error
        self._tell(report)
        return report

    def _tell(self, report: ImportReport) -> None:
        """The five largest themes as a message; when Slack is "down", the panel alone shows them."""
        title = f"Your {count(report.read, 'row')}, read"
        lines = [
            f"{line.rank}. *{inline(line.theme.title)}* · {count(line.tickets, 'ticket')}" for line in report.themes
        ]
        told = "\n".join(lines) or "No themes in the last year: give a file with more rows, or newer ones."
        columns = ", ".join(f"{column} from {inline(name, 40)}" for column, name in report.mapping.items())
        blocks = [header(title), section(told), context(f"Columns: {columns}", "Kept until the demo ends")]
        try:
            self.deps.messenger_of(WORKSPACE).post(Outgoing(self._place(), title, blocks))
        except (TryLater, Refused) as error:
            log.warning("own_tickets_not_posted", reason=str(error))

    def _place(self) -> str:
        if not self._channel:
            playground = self.stage.playground
            members = [*self.stage.users.values(), playground.bot_user_id]
            self._channel = playground.add_channel(CHANNEL, members=members, topic="What your own tickets say")
        return self._channel


@dataclass
class _Progress:
    """Shows an import's stages on the page; how many rows there are is known when they are stored."""

    stage: Stage
    rows: int = 0

    def __call__(self, stage: str, done: int) -> None:
        if stage == "stored":
            self.rows = done
        elif stage == "read":
            self.stage.playground.progress("Reading your tickets", min(done, self.rows - 1), self.rows)
        elif stage == "tidied":
            self.stage.playground.progress("Reading your tickets", self.rows, self.rows)

"""What a verb is made of: its arguments, who may use it and where, whom it greets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.verbs.filters import FILTERS


class Where(StrEnum):
    """Where a verb can be used."""

    SLACK = "slack"
    CLI = "cli"
    BOTH = "both"


class Right(StrEnum):
    """Who may use a verb."""

    READ = "anyone"
    EDIT = "support and product members"
    ADMIN = "admins"


class Persona(StrEnum):
    """Whose work the bare command should help with."""

    AGENT = "agent"
    PRODUCT = "product"
    ENGINEER = "engineer"
    ADMIN = "admin"


class ArgKind(StrEnum):
    """How an argument is read."""

    THEME = "theme"  # TI-42, ti 42, 42 -> "TI-42"
    SUBJECT = "subject"  # a theme, or "ticket 17"
    TICKET = "ticket"  # 17, #17, ticket 17 -> "17"
    TARGET = "target"  # a theme, or "new"
    TEXT = "text"  # the rest of the line, as it is
    WORD = "word"  # one word, or several in quotes
    MOMENT = "moment"  # 2026-01-03 or 2026-01-03 14:00 -> ISO, in the team's zone
    REPORT = "report"  # week, month, quarter, agenda, 2026-W02, 2026-01, 2026-Q1, 7d
    PERIOD = "period"  # 24h, 7d, 2026-W02, month
    ROLE = "role"  # what a channel is for
    CHANNEL = "channel"  # #support or a channel id
    VERB = "verb"
    REST = "rest"  # all words that are left
    AREA = "area"  # a product area's name: in quotes, or before a colon


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument; `shown` is how usage lines write it."""

    name: str
    kind: ArgKind
    shown: str
    required: bool = True

    @property
    def usage(self) -> str:
        return self.shown if self.required else f"[{self.shown}]"


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing people can ask for. `starts` names who sees it behind the bare command."""

    name: str
    says: str
    example: str
    args: tuple[Arg, ...] = ()
    filters: tuple[str, ...] = ()
    paged: bool = False
    aliases: tuple[str, ...] = ()
    right: Right = Right.READ
    where: Where = Where.BOTH
    starts: tuple[Persona, ...] = ()
    mined: bool = False  # a backlog: the terminal writes it to a file as well

    @property
    def usage(self) -> str:
        """The verb with its arguments and filters, e.g. "theme TI-42"."""
        filters = [f"[{FILTERS[name].shown}]" for name in self.filters]
        return " ".join([self.name, *(arg.usage for arg in self.args), *filters])


THEME = Arg("theme", ArgKind.THEME, "TI-42")
PERIOD = Arg("period", ArgKind.PERIOD, "7d|30d|2026-W02", required=False)

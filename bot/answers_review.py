"""What review, quality and corrections answer: values that blocks draw and the command line prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from intelligence.model import Analysis, Draw, LabelSet, Role, Subcategory
from intelligence.quality import Accuracy, Agreement, Confusion, Share


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words of a conversation, masked."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the week's cards are answered."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What was just stored: said in a line, and how to take it back."""

    text: str
    undo: str


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One ticket to judge. `analysis` is what the machine says; a blind card has none. `said` is empty where the
    ticket's source shares counts only.
    """

    card_id: int
    ticket_id: int
    at: datetime
    said: tuple[Spoken, ...]
    analysis: Analysis | None
    draw: Draw
    progress: Progress
    link: str | None
    saved: Saved | None = None

    @property
    def blind(self) -> bool:
        return self.analysis is None


@dataclass(frozen=True, slots=True)
class ReviewOver:
    """No card for this person now, and why."""

    text: str
    progress: Progress
    saved: Saved | None = None


@dataclass(frozen=True, slots=True)
class FixForm:
    """The window that corrects a label. `subject` is "card:3" or "ticket:17"; `labels` are chosen when it opens, the
    category None where the reader must choose it unseen; `areas` are what may be chosen, `meanings` definitions that
    were sharpened here.
    """

    subject: str
    excerpt: str
    labels: LabelSet
    areas: Sequence[str]
    blind: bool = False
    meanings: Mapping[Subcategory, str] = field(default_factory=dict[Subcategory, str])


@dataclass(frozen=True, slots=True)
class AlertQuality:
    """Alerts against what was promised. `useful` is of the judged ones; `false_alarms` are those closed as noise or
    wrong group; `acted` is of the alerts that are at least as old as `act_days` or acted on.
    """

    sent: int
    weeks: float
    aim: float
    useful: Share
    false_alarms: int
    acted: Share
    act_days: int
    missed: int


@dataclass(frozen=True, slots=True)
class Taught:
    """What corrections taught: of `n` words, how many are read rightly before and after, each judged by a lesson that
    did not know it.
    """

    version: str
    n: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The answer to `quality`. `enough` is how many cards an overall figure needs before it is shown;
    `helpful` is of the answers to "is this known?" that people rated.
    """

    days: int
    accuracy: Accuracy
    agreement: Agreement
    confusions: tuple[Confusion, ...]
    alerts: AlertQuality
    taught: Taught | None
    cannot_tell: int
    enough: int
    enough_each: int
    helpful: Share = field(default_factory=lambda: Share(0, 0))

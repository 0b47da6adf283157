"""Answers of verbs as a model is told them: chosen fields, masked, each record with a number, and what each one says.

Names of people and customers, links, drafts and receipts stay here: a customer is the number of a record, whose name is
written in when the answer is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import date, datetime
from typing import Any, Final

from bot import answers as a
from bot import answers_alerts as al
from bot import answers_mining as m
from bot import answers_review as r
from bot import answers_tickets as t
from bot.answers_asked import Proof
from bot.flows.asking_labels import identity
from bot.plain_values import plain
from bot.words import period
from intelligence.asking import Facts
from intelligence.changes import Change
from intelligence.model import Lift, Theme
from intelligence.quality import Share

MOST_ENTRIES: Final = 10
MOST_TEXT: Final = 300
_TOLD: Final[Mapping[type, str]] = {
    Theme: "key title state area",
    a.ThemeList: "period asked lines note",
    a.ThemeLine: "theme tickets customers unknown change",
    a.ThemeCard: "theme tickets customers unknown frustrated categories lifts quotes",
    a.KnownAnswer: "verdict best candidates matched",
    a.Candidate: "theme tickets",
    t.SearchResult: "hits",
    t.SearchHit: "at excerpt theme_key",
    a.Quote: "text at",
    a.Period: "name start end",
    Change: "before now within_noise",
    Lift: "attribute value tickets",
    m.Backlog: "period items total_items tickets customers unknown of_tickets alone note",
    m.BacklogItem: "name tickets said customers unknown change themes area plans quotes",
    m.RiskList: "period lines total unknown of_customers note",
    m.RiskLine: "plan risk tickets at_risk frustrated dissatisfied themes quotes",
    al.AlertsView: "living",
    al.EpisodeLine: "kind state theme tickets opened_at",
    r.Quality: "days alerts helpful cannot_tell",
    r.AlertQuality: "sent useful false_alarms acted missed",
    Share: "hits n",
}


@dataclass(slots=True)
class _Known:
    """What is gathered of one record."""

    proof: Proof
    names: list[str]
    figures: set[str] = field(default_factory=set[str])
    texts: list[str] = field(default_factory=list[str])
    rises: bool = False
    falls: bool = False


@dataclass(slots=True)
class Records:
    """Everything that the model was told in one talk. `masked` takes personal data out of a text, `floor` out of an answer
    what may not be shown here.
    """

    masked: Callable[[str], str]
    floor: Callable[[object], object] | None = None
    lines: list[str] = field(default_factory=list[str])
    tickets: dict[int, int] = field(default_factory=dict[int, int])  # how many a record counts, by its number
    singles: set[int] = field(default_factory=set[int])  # the numbers of records that are one ticket
    _numbers: dict[object, int] = field(default_factory=dict[object, int])
    _known: dict[int, _Known] = field(default_factory=dict[int, _Known])
    _periods: set[str] = field(default_factory=set[str])

    def told(self, answer: object, line: str) -> Any:
        """An answer's values, with numbers for its records; `line` is the request that it answers."""
        answer = self.floor(answer) if self.floor else answer
        if line not in self.lines:
            self.lines.append(line)
        if identity(answer, line) is not None:  # a theme's card is the theme's record
            return self._record(answer, ())
        number = self._number(line, Proof(0, line, line), [])
        self._counts(number, counted_tickets(answer))
        return {"evidence": number, **self._fields(answer, (number,))}

    def _counts(self, number: int, tickets: int | None) -> None:
        if tickets is not None:
            self.tickets[number] = max(tickets, self.tickets.get(number, 0))

    def facts(self) -> Mapping[int, Facts]:
        """What each number says."""
        return {
            number: Facts(
                (*known.names, *self._periods),
                frozenset(known.figures),
                tuple(known.texts),
                known.rises,
                known.falls,
            )
            for number, known in self._known.items()
        }

    def proof(self, number: int) -> Proof:
        return self._known[number].proof

    def _number(self, key: object, proof: Proof, names: Iterable[str]) -> int:
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        if number not in self._known:
            made = Proof(number, proof.label, proof.line, proof.link)
            self._known[number] = _Known(made, list(names))
        return number

    def _fields(self, value: Any, owners: tuple[int, ...]) -> dict[str, Any]:
        return {name: self._told(getattr(value, name), owners) for name in _TOLD[type(value)].split()}

    def _told(self, value: Any, owners: tuple[int, ...]) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value, owners)
        mine = self._known[owners[-1]]
        match value:
            case bool() | None:
                return value
            case int():
                mine.figures.add(str(value))
                return value
            case str():
                return self._words(str(plain(value)), owners)
            case datetime() | date():
                return value.isoformat()[:10]
            case Mapping():
                return {str(plain(name)): self._told(entry, owners) for name, entry in value.items()}
            case tuple() | list():
                return [self._told(entry, owners) for entry in value[:MOST_ENTRIES]]
            case _:
                raise TypeError(f"{type(value).__name__} is not told to a model")

    def _record(self, value: Any, owners: tuple[int, ...]) -> dict[str, Any]:
        if (named := identity(value, self.lines[-1])) is not None:
            number = self._number(named.key, named.proof, [self.masked(name) for name in named.names])
            self._counts(number, getattr(value, "tickets", None))
            if isinstance(value, t.SearchHit | a.Quote):
                self.singles.add(number)
            return {"evidence": number, **self._fields(value, (*owners, number))}
        shown = self._fields(value, owners)
        mine = self._known[owners[-1]]
        if isinstance(value, a.Period):
            self._periods |= {value.name, period(value.name)}
        elif isinstance(value, Change):
            shown |= self._moved(value, mine)
        elif isinstance(value, Lift):
            shares = {"percent_here": round(100 * value.share), "percent_of_all": round(100 * value.base_share)}
            mine.figures |= {str(share) for share in shares.values()}
            shown |= shares
        return shown

    def _moved(self, change: Change, mine: _Known) -> dict[str, Any]:
        if change.within_noise:
            return {}
        mine.rises |= change.percent is None or change.percent > 0
        mine.falls |= change.percent is not None and change.percent < 0
        if change.percent is None:
            return {}
        mine.figures.add(f"{abs(change.percent):.0f}")
        return {"percent": round(change.percent)}

    def _words(self, text: str, owners: tuple[int, ...]) -> str:
        shown = self.masked(text)
        shown = shown if len(shown) <= MOST_TEXT else f"{shown[: MOST_TEXT - 2]} …"
        for owner in owners:
            self._known[owner].texts.append(shown)
        return shown


def counted_tickets(answer: object) -> int | None:
    """How many tickets an answer rests on; None where it does not count tickets."""
    match answer:
        case a.ThemeList():
            return answer.asked
        case m.Backlog():
            return answer.tickets
        case a.KnownAnswer():
            return answer.best.tickets if answer.best else None
        case _:
            return None

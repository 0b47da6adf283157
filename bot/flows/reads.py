"""What programs may ask: the same flows as people's, read-only, bounded, and for an asker who sees little by default.

Other agents and systems come without a Slack membership: they see public places, and the private channels that the
operator named. A theme without one ticket in them is not there for them, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.answers import EvidencePage, KnownAnswer, ThemeCard, ThemeList
from bot.answers_alerts import AlertsView
from bot.answers_reports import ReportAnswer
from bot.answers_tickets import SearchResult
from bot.deps import Deps
from bot.errors import BadInput, ThemeNotFound
from bot.flows import cards
from bot.flows import evidence as evidence_pages
from bot.flows.alert_list import list_alerts
from bot.flows.recognize import Question, known
from bot.flows.report import ThemesRequest, list_themes, search
from bot.flows.reports.reporting import ReportRequest, report
from bot.normal_forms import READERS, choice, theme_key
from bot.verbs.filters import FILTERS
from bot.verbs.parts import ArgKind
from intelligence.model import Scope, Theme, Verdict
from storage import alerts, memberships, tickets

MOST_TEXT = 4_000
MOST_PAGE = 9_999
ASKER = "api"


def scope_of(deps: Deps, workspace: str) -> Scope:
    """What a program may see: public places and the channels of API_CHANNELS."""
    return Scope(workspace, ASKER, deps.settings.ids_in(workspace, "api_channels"))


@dataclass(frozen=True, slots=True)
class Reads:
    """Every question that a program can ask, in one scope. All raise BadInput for what cannot be meant."""

    deps: Deps
    scope: Scope

    def known_issue(self, text: str) -> KnownAnswer:
        """Is this a known pattern? Verdict, theme, workaround and draft reply."""
        answer = known(self.deps, self.scope, Question(_text(text)))
        with self.deps.db.read() as session:
            if answer.best is not None and not self._sees(session, answer.best.theme.id):
                return KnownAnswer(Verdict.NEW, 0.0, None, (), (), (), None, None)
            seen = tuple(one for one in answer.candidates if one.tickets)
        best = _without_others(answer.best) if answer.best is not None else None
        return replace(answer, best=best, candidates=seen, differs=answer.differs if best is not None else ())

    def themes(self, period: str = "7d", filters: Mapping[str, str] | None = None, page: int = 1) -> ThemeList:
        """The themes of a period, those with most customers first; filters: area, plan, kind, state."""
        wanted = {name: choice(FILTERS[name], value) for name, value in (filters or {}).items() if value}
        found = list_themes(self.deps, self.scope, ThemesRequest(_period(period), wanted, _page(page)))
        return replace(found, proposals=())

    def theme(self, key: str) -> ThemeCard:
        """Everything about one theme. Raises ThemeNotFound."""
        return _without_others(cards.card(self.deps, self.scope, self._seen(key).key))

    def similar_tickets(self, text: str) -> SearchResult:
        """Tickets that mean the same as a text."""
        return search(self.deps, self.scope, _text(text))

    def evidence(self, key: str, page: int = 1) -> EvidencePage:
        """Masked quotes of a theme's tickets with links, a page at a time. Raises ThemeNotFound."""
        return evidence_pages.of_theme(self.deps, self.scope, self._seen(key).key, _page(page))

    def alerts(self) -> AlertsView:
        """Alerts that live, and what was kept silent in a week."""
        found = list_alerts(self.deps, self.scope)
        with self.deps.db.read() as session:
            living = tuple(one for one in found.living if self.sees_alert(session, one.alert_id))
            silences = tuple(
                replace(one, themes=tuple(t for t in one.themes if self._sees(session, t.id))) for one in found.silences
            )
        return replace(found, living=living, silences=silences)

    def report(self, period: str = "week") -> ReportAnswer:
        """The report of a period, counted over what the asker may see."""
        read = READERS[ArgKind.REPORT](_short(period))
        if read is None:
            raise BadInput(problem=f'"{_short(period)}" is no period of a report.', fix="Use week, month or 2026-W02.")
        return report(self.deps, self.scope, ReportRequest(read))

    def _seen(self, key: str) -> Theme:
        named = theme_key(_short(key))
        if named is None:
            raise BadInput(problem=f'"{_short(key)}" is no theme.', fix="Themes are called TI-42.")
        with self.deps.db.read() as session:
            theme = cards.find_theme(session, self.scope.workspace, named)
            if not self._sees(session, theme.id):
                raise ThemeNotFound(key=named)
        return theme

    def _sees(self, session: Session, theme_id: int) -> bool:
        return self.scope.sees_all or memberships.size(session, self.scope, theme_id) > 0

    def sees_alert(self, session: Session, alert_id: int) -> bool:
        """Whether an alert is about something that the asker may see."""
        one = alerts.get(session, self.scope.workspace, alert_id)
        if one is None:
            return False
        if one.ticket_id is not None:
            return tickets.one(session, self.scope, one.ticket_id) is not None
        return one.theme_id is not None and self._sees(session, one.theme_id)


def _without_others(card: ThemeCard) -> ThemeCard:
    """A lineage names other themes, which may not be the asker's to see."""
    return replace(card, lineage=(), proposals=())


def _text(text: str) -> str:
    if not text.strip():
        raise BadInput(problem="The text is empty.", fix="Give the words of a ticket.")
    if len(text) > MOST_TEXT:
        raise BadInput(problem=f"The text has {len(text):,} characters.", fix=f"Give at most {MOST_TEXT:,}.")
    return text.replace("\x00", " ")


def _short(word: str) -> str:
    return " ".join(word.replace("\x00", " ").split())[:40]


def _period(typed: str) -> str:
    read = READERS[ArgKind.PERIOD](_short(typed))
    if read is None:
        raise BadInput(problem=f'"{_short(typed)}" is no period.', fix="Use 24h, 7d, 2026-W02 or month.")
    return read


def _page(page: int) -> int:
    if not 1 <= page <= MOST_PAGE:
        raise BadInput(problem=f"There is no page {page}.", fix="The first page is 1.")
    return page

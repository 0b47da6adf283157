"""One item of a backlog, with its evidence: counted from the database, quoted from messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from sqlmodel import Session

from bot.answers import IssueLine, Period, Quote, Workaround
from bot.answers_mining import BacklogItem, BacklogKind, Facts
from bot.deps import Deps
from bot.flows import cards, quotes
from bot.flows.doc_pages import Library
from bot.flows.gathered import Gathered, Grouped, mention_of
from bot.flows.names import pseudonyms
from bot.flows.report import change_of
from bot.flows.suspects import suspects_of
from bot.flows.techniques import TECHNIQUES
from intelligence.changes import Change
from intelligence.mining import bug_patterns, expectations, feature_gaps, use_cases, ux_friction
from intelligence.mining.mention import Mention, masked
from intelligence.mining.naming import names_of
from intelligence.model import DecidedBy, Evidence, Satisfaction, Scope, Severity, Theme
from intelligence.releases import onset
from intelligence.segments import Usual, lifts_against, usual_of
from storage import analyses, segments, signals, themes, tickets, tracked_issues, workspaces
from storage.signals import Effort

READ: Final = 14  # tickets of an item whose messages are read for quotes and answers
NAMED: Final = 10  # tickets of an item whose words may name it
QUOTES: Final = 2
_PATTERN: Final = 2  # tickets of the period that make a bug a pattern: a single one stands below those
_ONSET: Final = 3  # tickets from which a beginning can be told
_TELLING: Final = timedelta(days=4)  # a wider interval tells nobody when it began
_NEW: Final = 0.5  # tickets a day: what had more before is steady, and a date for its beginning would be a guess
_SAME_THING: Final = 0.8  # of an item's tickets in the theme that it owns: then it bears the theme's title
_DAYS: Final = 14  # a longer period is counted by weeks


def rank_of(kind: BacklogKind, found: Gathered, group: Grouped) -> tuple[float, ...]:
    """What a backlog is sorted by, least first: how much it hurts, then customers, then tickets."""
    size = (-float(len(group.customers)), -float(len(group.now)), float(min(group.said)))
    if kind is BacklogKind.FRICTION:
        return (-score_of(kind, found, group), *size)
    if kind is BacklogKind.BUGS:
        return (float(len(group.now) < _PATTERN), float(list(Severity).index(_judged(found, group).severity)), *size)
    return size


def score_of(kind: BacklogKind, found: Gathered, group: Grouped) -> float:
    """Distinct customers; for friction frequency times severity."""
    if kind is BacklogKind.FRICTION:
        return ux_friction.weight(mentions_of(kind, found, group))
    return float(len(group.customers))


def mentions_of(
    kind: BacklogKind, found: Gathered, group: Grouped, efforts: Mapping[int, Effort] | None = None
) -> list[Mention]:
    """The item's tickets of the period as their technique counts them, with what each took where that is known."""
    known = efforts or {}
    return [
        mention_of(found, TECHNIQUES[kind], reading, closeness, known.get(reading.ticket_id))
        for reading, closeness in group.now
    ]


def _judged(found: Gathered, group: Grouped) -> bug_patterns.Judgement:
    newest = max(reading.at for reading, _ in group.now)
    mentions = mentions_of(BacklogKind.BUGS, found, group)
    return bug_patterns.judge(bug_patterns.impact(mentions, newest, ratio=_ratio(group)))


def _ratio(group: Grouped) -> float | None:
    return len(group.now) / group.before if group.before else None


class Items:
    """Makes items within one session: what they share is read once."""

    def __init__(
        self, deps: Deps, session: Session, scope: Scope, kind: BacklogKind, period: Period, found: Gathered
    ) -> None:
        self.deps = deps
        self.session = session
        self.scope = scope
        self.kind = kind
        self.period = period
        self.found = found
        self.people = pseudonyms(session, scope.workspace)
        here = workspaces.get(session, scope.workspace)
        self.ours = here.name if here else ""

    def item(self, group: Grouped, rank: int) -> BacklogItem:
        """The item with everything that is shown of it."""
        mentions = mentions_of(self.kind, self.found, group, self._efforts(group))
        at_home = self._themes(group)
        name = self._name(group, at_home)
        said, held_back, workaround = self._read(group)
        facts = masked(self._facts(group, mentions, name), self._masked)
        inside = [mention.ticket_id for mention in mentions]
        attributes = segments.among(self.session, self.scope, inside)
        plans = Counter[str]()
        for values, n in attributes:
            plans[values.get("plan", "")] += n
        areas = Counter(mention.area for mention in mentions if mention.area)
        made = BacklogItem(
            rank,
            name,
            len(inside),
            sum(i in group.said for i in inside),
            len(group.customers),
            sum(mention.who is None for mention in mentions),
            score_of(self.kind, self.found, group),
            self._change(group),
            _trend(mentions, self.period, self.deps),
            at_home,
            next((area for area, n in areas.most_common(1) if n * 3 >= len(inside)), None),
            tuple((plan, n) for plan, n in plans.most_common(3) if plan),
            tuple(lifts_against(self._usual, attributes)[:3]),
            said,
            held_back,
            facts,
            tuple(inside),
            workaround,
            issue=self._issue(at_home),
        )
        return self._with_onset(made, group) if self.kind is BacklogKind.BUGS else made

    def _with_onset(self, item: BacklogItem, group: Grouped) -> BacklogItem:
        """When it began, against the first half of the history, and what went out shortly before."""
        start = self.period.start - TECHNIQUES[self.kind].history
        half = (self.period.end - start) / 2
        usual = sum(at < start + half for at in group.times) / (half / timedelta(days=1))
        now = self.deps.clock.now()
        began = onset(group.times, usual, now) if usual < _NEW and len(group.times) >= _ONSET else None
        if began is None or began.start <= start or began.end - began.start > _TELLING:
            return item
        told = suspects_of(self.session, self.scope.workspace, group.times, usual, now)
        return replace(item, suspects=told, onset=(began.start, began.end))

    def _efforts(self, group: Grouped) -> Mapping[int, Effort]:
        """What the item's own tickets took; a backlog counts only friction by it, and only the items that are shown."""
        now = [reading.ticket_id for reading, _ in group.now if reading.ticket_id in group.said]
        return signals.efforts(self.session, now) if self.kind is BacklogKind.FRICTION else {}

    def _change(self, group: Grouped) -> Change:
        return change_of(group.before, len(group.now))

    def _masked(self, text: str) -> str:
        return quotes.shorten(quotes.masked(text, self.deps.settings.phone_region, self.people))

    def _facts(self, group: Grouped, mentions: Sequence[Mention], name: str) -> Facts:
        match self.kind:
            case BacklogKind.GAPS:
                return feature_gaps.aggregate(mentions, self.ours)
            case BacklogKind.FRICTION:
                return ux_friction.aggregate(mentions)
            case BacklogKind.DOCS:
                texts = [self.found.texts.get(m.ticket_id, "") for m in mentions]
                return self._library.facts(mentions, texts, name)
            case BacklogKind.BUGS:
                newest = max(mention.at for mention in mentions)
                return bug_patterns.aggregate(mentions, newest, ratio=_ratio(group))
            case BacklogKind.EXPECTATIONS:
                return expectations.aggregate(mentions, self.ours)
            case BacklogKind.USECASES:
                return use_cases.aggregate(mentions)

    def _read(self, group: Grouped) -> tuple[tuple[Quote, ...], int, Workaround | None]:
        """Quotes of the tickets nearest the middle, those with the signal first, and an answer that helped."""
        near = sorted(group.now, key=lambda pair: (pair[0].ticket_id not in group.said, -pair[1]))[:READ]
        ids = [reading.ticket_id for reading, _ in near]
        loaded = tickets.load(self.session, self.scope, ids)
        read = analyses.current(self.session, self.scope, ids)
        found = [loaded[i] for i in ids if i in loaded]
        signal = TECHNIQUES[self.kind].signal
        shown, held_back = quotes.choose(
            found,
            {i: _fitting(analysis.evidence, signal.value) for i, analysis in read.items()},
            self.found.policies,
            region=self.deps.settings.phone_region,
            people=self.people,
            limit=QUOTES,
        )
        satisfied = {i for i, analysis in read.items() if analysis.satisfaction is Satisfaction.SATISFIED}
        helped = cards.workaround(self.deps, found, satisfied, self.people, self.found.policies)
        return shown, held_back, helped

    def _themes(self, group: Grouped) -> tuple[Theme, ...]:
        homes = Counter(theme for r, _ in group.now if (theme := r.theme_id) is not None and theme in self._titles)
        most = [theme for theme, n in homes.most_common(3) if n > 1]
        known = themes.load(self.session, self.scope.workspace, most)
        return tuple(known[theme] for theme in most if theme in known)

    def _issue(self, at_home: Sequence[Theme]) -> IssueLine | None:
        """The issue of the largest of its themes that has one for this kind of work."""
        docs = self.kind is BacklogKind.DOCS
        for theme in at_home:
            rows = tracked_issues.all_of_theme(self.session, self.scope.workspace, theme.id)
            decides = tracked_issues.deciding(self.session, self.scope.workspace, theme.id)
            row = next((row for row in rows if row.target == tracked_issues.DOCS), None) if docs else decides
            if row is not None and row.state != tracked_issues.REFUSED:
                return cards.issue_line(row) if row.key else IssueLine("", None, "being opened")
        return None

    def _name(self, group: Grouped, at_home: tuple[Theme, ...]) -> str:
        """The title of the theme that the item owns, where a person gave it or the item is that theme; else the
        tickets' own words.
        """
        title, by = self._titles.get(group.owned or 0, ("", DecidedBy.MACHINE))
        at_its_home = sum(reading.theme_id == group.owned for reading, _ in group.now)
        if title and (by is DecidedBy.PERSON or at_its_home >= _SAME_THING * len(group.now)):
            return title
        fallback = at_home[0].title if at_home else "No words to show"
        return self._names.get(min(group.said)) or fallback

    @cached_property
    def _titles(self) -> Mapping[int, tuple[str, DecidedBy]]:
        found = themes.titles(self.session, self.scope.workspace)
        return {theme: (title, by) for theme, (title, by, _) in found.items()}

    @cached_property
    def _usual(self) -> Usual:
        return usual_of(segments.shared(self.session, self.scope, self.period.start, self.period.end))

    @cached_property
    def _library(self) -> Library:
        return Library(self.deps, self.session, self.scope, self.period)

    @cached_property
    def _names(self) -> Mapping[int, str]:
        """Names by the first ticket of each group, told apart from each other."""
        words: dict[int, list[str]] = {}
        for group in self.found.groups:
            near = sorted(group.now, key=lambda pair: (pair[0].ticket_id not in group.said, -pair[1]))
            quotable = [reading for reading, _ in near if self.found.may_quote(reading)][:NAMED]
            texts = [self.found.texts.get(reading.ticket_id, "") for reading in quotable]
            words[min(group.said)] = [
                quotes.masked(text, self.deps.settings.phone_region, self.people) for text in texts
            ]
        return names_of({key: texts for key, texts in words.items() if any(texts)})


def _fitting(evidence: Sequence[Evidence], signal: str) -> list[Evidence]:
    """Quotes that support the signal; without one those that support the category."""
    return [e for e in evidence if e.supports == signal] or [e for e in evidence if e.supports == "category"]


def _trend(mentions: Sequence[Mention], period: Period, deps: Deps) -> tuple[tuple[date, int], ...]:
    """Tickets a day in the team's zone, or a week (named by its first day) in longer periods; empty ones included."""
    zone = deps.settings.zone
    first = period.start.astimezone(zone).date()
    last = (period.end - timedelta(microseconds=1)).astimezone(zone).date()
    step = 1 if (period.end - period.start) / timedelta(days=1) <= _DAYS else 7
    counted = Counter((mention.at.astimezone(zone).date() - first).days // step for mention in mentions)
    return tuple(
        (first + timedelta(days=step * place), counted[place]) for place in range((last - first).days // step + 1)
    )

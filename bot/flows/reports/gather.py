"""Everything a report says, counted at this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import articles, rules
from bot.flows.reports import themes as entries
from bot.flows.reports.outcomes import outcomes_since
from bot.flows.reports.parts import backlog_parts
from bot.flows.reports.volume import moods, volume
from bot.words_evidence import article_said
from intelligence.intervals import wilson
from intelligence.model import Draw, ReviewVerdict, Scope, Theme, ThemeState
from intelligence.reports.decisions import decisions_wanted
from intelligence.reports.differences import since_last
from intelligence.reports.prose import sentences
from intelligence.reports.values import Accuracy, Alerts, Article, Cost, Event, Report, ReportKind, Span, Withheld
from intelligence.taxonomy import primary_of
from storage import reports, reviews, theme_volumes, themes
from storage.reports import Behind, Counted

FOLLOWED = timedelta(weeks=8)  # how long a report follows an article
ACTED_WITHIN = timedelta(days=7)
DETAILED = {ReportKind.WEEK: 5, ReportKind.AGENDA: 5, ReportKind.MONTH: 10, ReportKind.QUARTER: 5}


@dataclass(frozen=True, slots=True)
class Made:
    """A report with the tickets behind its themes."""

    report: Report
    tickets: Behind


def gather(deps: Deps, session: Session, scope: Scope, span: Span) -> Made:
    """Count a report. Its summary is computed; a model may write another one around the same values."""
    rows = reports.tickets(session, scope, span.before, span.end)
    now, before = [r for r in rows if r.at >= span.start], [r for r in rows if r.at < span.start]
    living = themes.load(session, scope.workspace)
    found = entries.Gathered(
        span,
        now,
        theme_volumes.counts(session, scope, span.start, span.end),
        theme_volumes.counts(session, scope, span.before, span.start),
        living,
        reports.revenues(session, scope.workspace),
    )
    shown = entries.entries(deps, session, scope, found, detailed=DETAILED[span.kind])
    regressed = _regressed(living, now)
    parts = backlog_parts(deps, session, scope, span)
    alerts = _alerts(deps, session, scope, span)
    last = reports.last_before(session, scope.workspace, span)
    made = Report(
        span,
        deps.clock.now(),
        decisions_wanted(shown, regressed, parts, alerts.waiting),
        outcomes_since(session, last, found.counts, living) if span.kind is ReportKind.AGENDA else (),
        volume(session, scope, span, now, before, deps.settings.zone),
        shown,
        sum(theme in living for theme in found.counts),
        parts,
        _fixed(living, now, span),
        regressed,
        _withheld(session, scope, span, living),
        alerts,
        _accuracy(session, scope, span),
        _cost(session, scope, span),
        moods(now, before) if span.kind in {ReportKind.MONTH, ReportKind.QUARTER} else (),
    )
    made = replace(made, articles=_articles(deps, session, scope, span))
    made = replace(made, since=since_last(last.report, made) if last else None)
    return Made(replace(made, summary=sentences(made)), _behind(now))


def _behind(now: Sequence[Counted]) -> dict[int, tuple[int, ...]]:
    grouped: dict[int, list[int]] = {}
    for one in now:
        grouped.setdefault(one.theme, []).append(one.ticket_id)
    return {theme: tuple(ids) for theme, ids in grouped.items()}


def _regressed(living: Mapping[int, Theme], now: Sequence[Counted]) -> tuple[Event, ...]:
    after = Counter(
        one.theme
        for one in now
        if (theme := living.get(one.theme)) is not None and theme.resolved_at is not None and one.at > theme.resolved_at
    )
    back = [theme for theme in living.values() if theme.state is ThemeState.REGRESSED and after[theme.id]]
    back.sort(key=lambda theme: (-after[theme.id], theme.number))
    return tuple(
        Event(theme.key, theme.title, f"back after {theme.resolved_release or 'its fix'}", after[theme.id])
        for theme in back
    )


def _fixed(living: Mapping[int, Theme], now: Sequence[Counted], span: Span) -> tuple[Event, ...]:
    done = [
        theme
        for theme in living.values()
        if theme.resolved_at is not None
        and span.start <= theme.resolved_at < span.end
        and theme.state is not ThemeState.REGRESSED
    ]
    return tuple(
        Event(
            theme.key,
            theme.title,
            f"fixed in {theme.resolved_release}" if theme.resolved_release else "marked as fixed",
            sum(one.theme == theme.id and one.at > theme.resolved_at for one in now if theme.resolved_at),
        )
        for theme in sorted(done, key=lambda theme: theme.number)
    )


def _articles(deps: Deps, session: Session, scope: Scope, span: Span) -> tuple[Article, ...]:
    """What the newest articles of the last eight weeks spared up to the end of the period."""
    until = min(span.end, deps.clock.now())
    found = [one for one in articles.lines_of(session, scope, until) if until - FOLLOWED <= one.at < until]
    return tuple(Article(one.theme.key, one.theme.title, one.url, article_said(one)) for one in found[:5])


def _withheld(session: Session, scope: Scope, span: Span, living: Mapping[int, Theme]) -> tuple[Withheld, ...]:
    times: Counter[str] = Counter()
    about: dict[str, dict[str, None]] = {}
    for theme_id, reason in reports.silences(session, scope.workspace, span.start, span.end):
        times[reason] += 1
        theme = living.get(theme_id) if theme_id is not None else None
        about.setdefault(reason, {}).update({theme.key: None} if theme else {})
    return tuple(Withheld(reason, count, tuple(about[reason])) for reason, count in times.most_common())


def _alerts(deps: Deps, session: Session, scope: Scope, span: Span) -> Alerts:
    aim = rules.in_force(deps, session, scope.workspace).budget
    found = reports.alert_counts(session, scope.workspace, span.start, span.end, span.end + ACTED_WITHIN)
    return Alerts(found.sent, found.acted, found.noise, found.waiting, aim)


def _accuracy(session: Session, scope: Scope, span: Span) -> Accuracy | None:
    """From the random sample of the last 13 weeks: a week alone has too few cards to say anything."""
    judged = [
        one
        for one in reviews.since(session, scope.workspace, span.end - timedelta(weeks=13))
        if one.draw is Draw.RANDOM
        and not one.blind
        and one.verdict is not ReviewVerdict.CANNOT_TELL
        and one.at < span.end
    ]
    right = sum(
        one.said is None or primary_of(one.said.subcategory) is primary_of(one.was.subcategory) for one in judged
    )
    interval = wilson(right, len(judged))
    return Accuracy(len(judged), right, *interval) if interval else None


def _cost(session: Session, scope: Scope, span: Span) -> Cost:
    days = (span.start.astimezone(UTC).date(), (span.end - timedelta(seconds=1)).astimezone(UTC).date())
    return Cost(*reports.usage(session, scope.workspace, *(day.isoformat() for day in days)))

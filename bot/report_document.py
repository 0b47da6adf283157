"""A report as a document of plain words: what Slack, the terminal, Markdown and HTML all draw, in one order.

Nothing here is escaped or marked up: each renderer does that for its own surface.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.answers_reports import ReportAnswer
from bot.report_volume import against, decomposition, share
from bot.words import change, count, joined, people
from intelligence.reports.ranking import pareto, vital_few
from intelligence.reports.values import (
    BacklogEntry,
    BacklogPart,
    Event,
    Mood,
    Report,
    ReportKind,
    Said,
    ThemeEntry,
)

TITLES = {
    ReportKind.WEEK: "Weekly report",
    ReportKind.MONTH: "Monthly deep dive",
    ReportKind.QUARTER: "Quarterly trends of feature gaps",
    ReportKind.AGENDA: "Review agenda",
}
PARTS = {
    "features": ("Feature requests extracted", "No feature requests were extracted."),
    "docs": ("Documentation gaps identified", "No documentation gaps were identified."),
    "friction": ("UX friction", "No friction was found."),
    "bugs": ("Bugs", "No bugs were reported."),
    "expectations": ("Promises that misled", "No promise misled anybody."),
    "usecases": ("Uses not designed for", "No new uses were found."),
}
_VERBS = {"features": "gaps"}
KINDS = {
    "bug_report": "bug",
    "how_to": "how-to question",
    "feature_request": "feature request",
    "expectation_gap": "expectation gap",
    "account_billing": "account and billing",
    "unsure": "unsure",
    "not read": "not read",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a head, figures behind it, notes below it, quotes."""

    head: str
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    quotes: tuple[Said, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report; `chart` names the picture that belongs to it."""

    name: str
    title: str
    lead: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    period: str
    summary: tuple[str, ...]
    parts: tuple[Part, ...]
    footer: tuple[str, ...]

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)


def document(answer: ReportAnswer) -> Document:
    """The whole report in the order in which it is read: decisions first, how far to trust it last."""
    report = answer.report
    parts = [_outcomes(report)] if report.span.kind is ReportKind.AGENDA else []
    parts += [_decisions(report), _volume(report)]
    if report.span.kind is ReportKind.QUARTER:
        parts += [*(_backlog(part) for part in report.backlogs), _themes(report)]
    else:
        parts += [_themes(report), *(_backlog(part) for part in report.backlogs)]
    parts += [
        _events(report),
        *([_articles(report)] if report.articles else []),
        *([_moods(report)] if report.moods else []),
        _withheld(report),
        _trust(report),
    ]
    changed = Part("changes", "Counted again: what changed and why", answer.changes) if answer.changes else None
    shown = [changed, *parts] if changed else parts
    return Document(_title(report), period_of(report, answer.zone), report.summary, tuple(shown), _footer(answer))


def _title(report: Report) -> str:
    return f"{TITLES[report.span.kind]} {report.span.name}"


def period_of(report: Report, zone: str) -> str:
    """ "5–11 Jan 2026", the last day included."""
    first = report.span.start.astimezone(ZoneInfo(zone))
    last = (report.span.end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    start = f"{first.day} {first:%b}" if first.year == last.year else f"{first.day} {first:%b %Y}"
    return f"{start} – {last.day} {last:%b %Y}"


def _decisions(report: Report) -> Part:
    made = tuple(Entry(one.what, (one.because,)) for one in report.decisions)
    return Part("decisions", "Decisions wanted", () if made else ("Nothing needs a decision.",), made)


def _outcomes(report: Report) -> Part:
    """What the last agenda decided, and what came of it."""
    title = "What we decided last time, and what came of it"
    if not report.outcomes:
        return Part("outcomes", title, ("There was no agenda before this one.",))
    made = [
        Entry(
            f"{one.theme} {one.title}",
            (one.decided or "not decided", f"{one.before:,} tickets then, {one.now:,} now"),
            () if one.decided else (f"Asked then: {one.wanted}",),
        )
        for one in report.outcomes
    ]
    undecided = sum(one.decided is None for one in report.outcomes)
    lead = f"{len(made) - undecided} of {count(len(made), 'question')} decided."
    return Part("outcomes", title, (lead,), tuple(made))


def _volume(report: Report) -> Part:
    volume = report.volume
    lead = [f"{count(volume.tickets, 'ticket')}, {against(volume.change, report)}"]
    lead[0] += f", from {people(volume.customers, volume.unknown)}."
    lead += decomposition(volume)
    for gap in volume.gaps[:3]:
        lead.append(f"{gap.source} was silent on {gap.day.day} {gap.day:%b} (usually {gap.low}–{gap.high} tickets).")
    if volume.comparable is not None:
        lead.append(f"Without the silent days: {change(volume.comparable)}.")
    mix = [Entry(KINDS.get(one.name, one.name), (share(one.tickets, volume.tickets),)) for one in volume.categories]
    return Part("volume", "Volume", tuple(lead), tuple(mix), "trend")


def _themes(report: Report) -> Part:
    lead = [f"{count(report.theme_count, 'theme')}, those with most tickets first."]
    bars = pareto({t.key: t.tickets for t in report.themes}, report.volume.tickets)
    few = vital_few(bars)
    if few is not None and few < len(bars):
        lead.append(f"{few} of them make half of all tickets.")
    if report.since:
        lead += _since(report)
    if not report.themes:
        lead = ["No theme yet: a theme is born when five similar tickets have come within 14 days."]
    made = [_theme(theme, place) for place, theme in enumerate(report.themes, 1)]
    return Part("themes", "Top themes", tuple(lead), tuple(made), "pareto" if report.themes else None)


def _since(report: Report) -> list[str]:
    since = report.since
    assert since is not None
    told = [f"new in the list {joined(since.new, 5)}"] if since.new else []
    told += [f"gone from it {joined(since.gone, 5)}"] if since.gone else []
    told += [joined(since.moved, 4)] if since.moved else []
    return [f"Since the last report ({since.name}): {'; '.join(told) or 'the same themes in the same states'}."]


def _theme(theme: ThemeEntry, place: int) -> Entry:
    facts = [count(theme.tickets, "ticket"), people(theme.customers, theme.unknown), moved(theme)]
    facts += [theme.state] if theme.state not in {"steady", facts[-1]} else []
    facts += [theme.severity] if theme.severity else []
    facts += [f"area {theme.area}"] if theme.area else []
    facts += [f"owner {theme.owner}"] if theme.owner else []
    facts += [f"issue {theme.issue}"] if theme.issue else []
    facts += [f"planned for {theme.roadmap}"] if theme.roadmap else []
    facts += [revenue(theme)] if theme.revenue is not None else []
    notes = [f"Stands out: {theme.segment}"] if theme.segment else []
    notes += (
        [f"Rising for {len(theme.weeks)} weeks: {', '.join(map(str, theme.weeks))}"]
        if theme.climbs and theme.onset is None
        else []
    )
    notes += _beginning(theme)
    if theme.helped:
        notes.append(f"Workaround, used in {count(theme.helped.threads, 'thread')}: “{theme.helped.text}”")
    if theme.held_back:
        notes.append(f"{count(theme.held_back, 'quote')} held back: their channels share counts only")
    return Entry(f"{place}. {theme.key} {theme.title}", tuple(facts), tuple(notes), theme.quotes, theme.issue_url)


def _beginning(theme: ThemeEntry) -> list[str]:
    """When it began, and every release shortly before: nearness in time is no cause, and it says so."""
    if theme.onset is None:
        return [f"Possible trigger: {theme.began}"] if theme.began else []
    near = f" Shortly before: {'; '.join(theme.suspects)}. May be a coincidence." if theme.suspects else ""
    return [f"Began {theme.onset}.{near}"]


def moved(theme: ThemeEntry) -> str:
    """ "new", "ongoing", "rising" (week after week, by less than a week's noise), "up 45%"."""
    if theme.new:
        return "new"
    if theme.change.within_noise:
        return "rising" if theme.climbs else "ongoing"
    return change(theme.change)


def revenue(theme: ThemeEntry) -> str:
    return f"revenue {theme.revenue:,.0f} of {count(theme.revenue_accounts, 'account')} that name it"


def _backlog(part: BacklogPart) -> Part:
    title, empty = PARTS.get(part.name, (part.name.capitalize(), "Nothing was found."))
    if not part.tickets and not part.entries:
        return Part(part.name, title, (empty,))
    more = part.items - len(part.entries)
    lead = [f"{count(more, 'more entry', 'more entries')} in `{_VERBS.get(part.name, part.name)}`."] if more > 0 else []
    if not part.entries:
        lead = ["Nothing was asked twice."]
    return Part(part.name, f"{title}: {part.tickets:,}", tuple(lead), tuple(map(_backlog_entry, part.entries)))


def _backlog_entry(one: BacklogEntry) -> Entry:
    facts = [count(one.tickets, "ticket"), count(one.customers, "customer")]
    facts += [change(one.change)] if one.change and not one.change.within_noise else []
    head = f"{one.title} ({one.theme})" if one.theme else one.title
    return Entry(head, tuple(facts), (one.note,) if one.note else ())


def _events(report: Report) -> Part:
    def told(events: Sequence[Event]) -> list[Entry]:
        return [
            Entry(f"{one.key} {one.title}", (one.what, f"{count(one.after, 'ticket')} since"), ()) for one in events
        ]

    made = told(report.regressed) + told(report.fixed)
    lead = () if made else ("Nothing was marked as fixed, and nothing came back.",)
    return Part("fixed", "Fixed, and back again", lead, tuple(made))


def _articles(report: Report) -> Part:
    made = tuple(Entry(f"{one.key} {one.title}", (one.said,), (one.url,), url=one.url) for one in report.articles)
    return Part("articles", "Articles, and what they spared", (), made)


def _moods(report: Report) -> Part:
    return Part("moods", "Satisfaction and risk of leaving", (), tuple(map(_mood, report.moods)))


def _mood(one: Mood) -> Entry:
    facts = [
        count(one.tickets, "ticket"),
        f"{one.dissatisfied:,} dissatisfied ({one.dissatisfied_before:,} of {one.tickets_before:,} before)",
        f"{one.at_risk:,} may leave ({one.at_risk_before:,} before)",
    ]
    return Entry(f"{one.axis.capitalize()} {one.name}", tuple(facts))


def _withheld(report: Report) -> Part:
    made = [
        Entry(
            one.reason[:1].upper() + one.reason[1:],
            (f"{one.times:,}x", *([joined(one.themes, 4)] if one.themes else [])),
        )
        for one in report.withheld
    ]
    lead = () if made else ("Every pattern that was found was sent.",)
    return Part("withheld", "Not alerted on, and why", lead, tuple(made))


def _trust(report: Report) -> Part:
    alerts, volume = report.alerts, report.volume
    lines = [
        f"Alerts: {alerts.sent:,} sent (aim {alerts.aim:g} false alarms a week at most), "
        f"{alerts.acted:,} of {alerts.sent:,} acted on within 7 days, {alerts.noise:,} marked as noise."
    ]
    if report.accuracy:
        right = report.accuracy
        correct = right.right / right.reviewed
        told = f"{correct:.0%} (95% CI {right.low * 100:.0f}–{right.high * 100:.0f}, n={right.reviewed})"
        lines.append(f"Category accuracy {told}.")
    else:
        lines.append("Category accuracy: not yet reviewed here.")
    lines.append(
        f"{share(volume.covered, volume.tickets)} in a theme, {share(volume.unsure, volume.tickets)} read as unsure"
        + (f", {volume.not_read:,} not read (language)." if volume.not_read else ".")
    )
    cost = report.cost
    read_by = f"{cost.tokens:,} tokens in {cost.requests:,} requests to {', '.join(cost.models)}"
    lines.append(f"Cost: {read_by}." if cost.requests else "Cost: none, read on this machine.")
    return Part("trust", "How far to trust this", tuple(lines))


def _footer(answer: ReportAnswer) -> tuple[str, ...]:
    report = answer.report
    told = [f"Summary by {report.summary_by}, checked against the figures"] if report.summary_by != "computed" else []
    if report.dropped:
        told.append(f"{count(report.dropped, 'sentence')} of the model dropped: no value bears them out")
    at = answer.published_at or report.computed_at
    told.append(f"{'Published' if answer.published_at and not answer.fresh else 'Counted'} {_moment(at, answer.zone)}")
    if answer.note:
        told.append(answer.note)
    return tuple(told)


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y %H:%M} ({zone})"

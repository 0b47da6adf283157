"""The themes of a report with what readers ask of each: who, since when, what helped, in whose words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.deps import Deps
from bot.flows.cards import Texts, read_texts
from bot.flows.suspects import releases_before
from bot.words import STATE_WORDS, lift
from intelligence.changes import change_of, climbs
from intelligence.model import Scope, Theme, ThemeState
from intelligence.releases import Onset, onset
from intelligence.reports.values import Helped, Said, Span, ThemeEntry
from intelligence.segments import Usual, lifts_against, usual_of
from storage import memberships, segments, theme_volumes
from storage.reports import Counted

RANKED = 10
WEEKS = 8
_BEGAN = frozenset({ThemeState.NEW, ThemeState.GROWING, ThemeState.REGRESSED})
_TELLING = timedelta(days=4)  # a wider interval tells nobody when it began


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the entries are made of: the period's tickets, counts by theme now and before, and the living themes."""

    span: Span
    now: Sequence[Counted]
    counts: Mapping[int, theme_volumes.ThemeCount]
    before: Mapping[int, theme_volumes.ThemeCount]
    living: Mapping[int, Theme]
    revenues: Mapping[str, float]


def entries(deps: Deps, session: Session, scope: Scope, found: Gathered, *, detailed: int) -> tuple[ThemeEntry, ...]:
    """The themes with most tickets; the first `detailed` of them with quotes, workaround, segment and onset."""
    ranked = sorted(
        (count for theme, count in found.counts.items() if theme in found.living),
        key=lambda one: (-one.tickets, -one.customers, found.living[one.theme_id].number),
    )[:RANKED]
    attributes = segments.by_ticket(session, scope, _since(found.span), found.span.end) if ranked else {}
    usual = usual_of((values, 1) for values in attributes.values())
    return tuple(
        _entry(deps, session, scope, found, count, (attributes, usual), detailed=place < detailed)
        for place, count in enumerate(ranked)
    )


def _entry(
    deps: Deps,
    session: Session,
    scope: Scope,
    found: Gathered,
    count: theme_volumes.ThemeCount,
    known: tuple[Mapping[int, Mapping[str, str]], Usual],
    *,
    detailed: bool,
) -> ThemeEntry:
    theme, span = found.living[count.theme_id], found.span
    mine = [one for one in found.now if one.theme == theme.id]
    past = found.before.get(theme.id)
    members = memberships.members(session, scope, theme.id, start=_since(span), end=span.end)
    texts = read_texts(deps, session, scope, [m.ticket_id for m in members if m.at >= span.start]) if detailed else None
    attributes, usual = known
    inside = [(attributes[m.ticket_id], 1) for m in members if m.ticket_id in attributes] if detailed else []
    strongest = next(iter(lifts_against(usual, inside)), None)
    change = change_of(past.tickets if past else 0, count.tickets)
    times, weeks = [m.at for m in members], _weeks([m.at for m in members], span.end)
    rose = theme.state in _BEGAN or (not change.within_noise and change.now > change.before)
    began = _began(times, span) if detailed and rose else None
    paying = {one.who for one in mine if one.who in found.revenues}
    return ThemeEntry(
        theme.key,
        theme.title,
        STATE_WORDS[theme.state].lower(),
        _kind(mine),
        count.tickets,
        count.customers,
        count.unknown,
        change,
        new=theme.first_at >= span.start,
        area=theme.area or _area(mine),
        severity=theme.severity.value if theme.severity else None,
        owner=theme.owner,
        issue=theme.issue_key,
        issue_url=theme.issue_url,
        roadmap=theme.roadmap,
        segment=lift(strongest) if strongest else None,
        onset=_interval(began, deps) if began else None,
        suspects=releases_before(session, theme.workspace, began, span.end) if began else (),
        climbs=climbs(weeks),
        helped=_helped(texts),
        quotes=_said(texts),
        held_back=texts.held_back if texts else 0,
        revenue=sum(found.revenues[who] for who in paying if who is not None) if paying else None,
        revenue_accounts=len(paying),
        weeks=weeks,
    )


def _since(span: Span) -> datetime:
    """Eight weeks back, or as far as the report itself looks: fewer tickets would hide who stands out."""
    return min(span.before, span.end - timedelta(weeks=WEEKS))


def _kind(mine: Sequence[Counted]) -> str | None:
    kinds = Counter(one.primary.value for one in mine if one.primary is not None)
    return kinds.most_common(1)[0][0] if kinds else None


def _area(mine: Sequence[Counted]) -> str | None:
    """The area of more than half of a theme's tickets."""
    areas = Counter(one.area for one in mine if one.area)
    return next((area for area, count in areas.most_common(1) if 2 * count > len(mine)), None)


def _began(times: Sequence[datetime], span: Span) -> Onset | None:
    """When what the period has more of began, against the weeks before it; None where that cannot be told closely."""
    lately = span.end - timedelta(weeks=2)
    past = [at for at in times if at < lately]
    days = max(1.0, (lately - min(times)) / timedelta(days=1)) if past else 1.0
    found = onset(times, len(past) / days, span.end)
    return found if found and found.end - found.start <= _TELLING else None


def _interval(began: Onset, deps: Deps) -> str:
    """ "between 3 Jan 14:00 and 18:00" on the team's clock."""
    start, end = began.start.astimezone(deps.settings.zone), began.end.astimezone(deps.settings.zone)
    first = f"{start.day} {start:%b %H:%M}"
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end.day} {end:%b %H:%M}"
    return f"between {first} and {last}"


def _helped(texts: Texts | None) -> Helped | None:
    if texts is None or texts.workaround is None:
        return None
    found = texts.workaround
    return Helped(found.text, found.threads, found.confirmed, found.link)


def _said(texts: Texts | None) -> tuple[Said, ...]:
    return tuple(Said(q.text, q.who, q.at, q.link) for q in texts.quotes) if texts else ()


def _weeks(times: Sequence[datetime], end: datetime) -> tuple[int, ...]:
    """Tickets of the last eight weeks before the end, oldest first."""
    back = Counter(min(WEEKS - 1, int((end - at) / timedelta(weeks=1))) for at in times)
    return tuple(back[week] for week in range(WEEKS - 1, -1, -1))

"""Look for patterns: on arrival in what changed, at 02:00 in everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import alert, issue_rules, naming, rules
from bot.flows.naming import UNNAMED
from bot.picture import Picture
from intelligence.alerts import Episode, Opened, decide
from intelligence.model import Pattern, PatternKind
from intelligence.patterns import History, ThemeFacts, detect
from intelligence.patterns.concentration import concentrations
from intelligence.patterns.likeness import Likeness
from intelligence.patterns.pairs import PairRise, rising_pairs
from storage import alerts, analyses, memberships, segments, theme_events, themes, ticket_volumes, tickets, vectors

LOOK_BACK = timedelta(days=36)
EPISODES_KEPT = timedelta(days=60)
COLD_START = timedelta(days=14)
NOISE_FACTOR = 1.5  # how much more a theme needs after somebody closed its alert as noise
_VOLUME = frozenset({PatternKind.SPIKE, PatternKind.RAMP})


def arrived(deps: Deps, session: Session, workspace: str, ticket_ids: Sequence[int], picture: Picture) -> _Seen | None:
    """These tickets came: find patterns in their themes and around them, and write nothing; None where none counts.

    History never alerts: it makes themes known.
    """
    live = tickets.live_of(session, workspace, ticket_ids)
    if not live:
        return None
    return _look(deps, session, workspace, set(memberships.homes(session, live).values()), sorted(live), picture)


def tell_arrived(
    deps: Deps, session: Session, workspace: str, ticket_ids: Sequence[int], seen: _Seen | None, picture: Picture
) -> list[Pattern]:
    """Let living alerts of the tickets' themes grow and open those of what was `seen`."""
    live = tickets.live_of(session, workspace, ticket_ids)
    if not live:
        return []
    alert.grown(deps, session, workspace, set(memberships.homes(session, live).values()))
    found = _tell(deps, session, workspace, seen, picture) if seen is not None else []
    issue_rules.wake(deps, session, workspace, set(memberships.homes(session, live).values()), max(live))
    return found


def everywhere(deps: Deps, workspace: str) -> list[Pattern]:
    """Full pattern detection over all living themes (the nightly pass). Looking at the whole archive holds no lock: only
    what was found is written. What changed meanwhile is as if it came a moment later.
    """
    with deps.db.read() as session:
        seen = _look(deps, session, workspace, None)
    if seen is None:
        return []
    with deps.db.write() as session:
        return _tell(deps, session, workspace, seen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look found. `homeless`: rises of an area that no theme can tell; `age`: how far back the data go."""

    found: Sequence[Pattern]
    homeless: Sequence[PairRise]
    rows: vectors.Members
    likeness: Likeness
    age: timedelta


def _look(
    deps: Deps,
    session: Session,
    workspace: str,
    only: Collection[int] | None,
    arrived: Sequence[int] = (),
    picture: Picture | None = None,
) -> _Seen | None:
    """Read and think, write nothing; None where there is nothing yet."""
    now = deps.clock.now()
    first = picture.rows.first if picture is not None else ticket_volumes.span(session, workspace)[1]
    if first is None:
        return None
    since = now - LOOK_BACK
    if picture is not None:
        rows = picture.rows.members(since)
    else:
        rows = vectors.members(session, workspace, deps.embedder.model, deps.embedder.dim, since=since)
    history = History.build(
        rows.times, rows.theme_ids, rows.ticket_ids, start=first.timestamp(), now=now.timestamp(), vectors=rows.vectors
    )
    facts = {
        f.theme_id: ThemeFacts(
            born=f.first_at.timestamp(),
            known=f.history,
            resolved=f.resolved_at.timestamp() if f.resolved_at else None,
        )
        for f in themes.facts(session, workspace)
    }
    strict = rules.in_force(deps, session, workspace).policy
    found = detect(history, now=now.timestamp(), policy=strict, themes=facts, only=only, arrived=arrived)
    homeless: list[PairRise] = []
    if only is None:  # at night history is looked at too: it makes themes known and never alerts
        stands_out = concentrations(segments.arrivals(session, workspace, since), now=now.timestamp(), policy=strict)
        in_areas = rising_pairs(history, analyses.pairs(session, workspace, since), now=now.timestamp(), policy=strict)
        for pattern in (*(rise.pattern for rise in in_areas if rise.pattern.theme_id), *stands_out):
            if pattern.theme_id not in {known.theme_id for known in found}:
                found.append(pattern)
        found = [p for p in found if tickets.live_of(session, workspace, p.ticket_ids)]
        alone = [rise for rise in in_areas if not rise.pattern.theme_id]
        homeless = [rise for rise in alone if tickets.live_of(session, workspace, rise.pattern.ticket_ids)]
    return _Seen(found, homeless, rows, Likeness(rows.ticket_ids, rows.vectors), now - first)


def _tell(deps: Deps, session: Session, workspace: str, seen: _Seen, picture: Picture | None = None) -> list[Pattern]:
    """Give every pattern a theme and decide which are told. The rises of an area that one theme can tell are among them;
    the others are remembered as not sent: nobody could act on "seven themes have two tickets more each", but who asks
    what was kept back sees it.
    """
    for rise in seen.homeless:
        reason = f"{rise.pair} rises over several themes, none of which holds half"
        alerts.silenced(session, workspace, rise.pattern.kind, reason, rise.pattern.receipt, deps.clock.now(), None)
    homed = [p if p.theme_id else _give_home(deps, session, workspace, p, seen.rows, picture) for p in seen.found]
    _decide(deps, session, workspace, homed, seen.age, seen.likeness)
    return homed


def _give_home(
    deps: Deps,
    session: Session,
    workspace: str,
    pattern: Pattern,
    rows: vectors.Members,
    picture: Picture | None,
) -> Pattern:
    """A burst among waiting tickets becomes a theme of its own, so that it has a name and can be followed; where most of
    them have found a home meanwhile (in the theme of another burst of the same look), it is that theme's.
    """
    now = deps.clock.now()
    homes = memberships.homes(session, pattern.ticket_ids)
    if 2 * len(homes) >= len(pattern.ticket_ids):
        return replace(pattern, theme_id=Counter(homes.values()).most_common(1)[0][0])
    theme_id = themes.give_birth(session, workspace, now, first_at=now, title=UNNAMED)
    places = {int(ticket): row for row, ticket in enumerate(rows.ticket_ids)}
    waiting = [t for t in pattern.ticket_ids if t in places and t not in homes]
    memberships.place_many(session, workspace, [(t, theme_id, 1.0) for t in waiting], now)
    if picture is not None:
        for ticket in waiting:
            row = places[ticket]
            picture.place(ticket, theme_id, rows.vectors[row], float(rows.times[row]))
    told = {"text": f"born from a burst of {len(waiting)} tickets"}
    theme_events.happened(session, workspace, theme_id, "born", "machine", told, now)
    naming.date(session, [theme_id])
    naming.rename(deps, session, workspace, [theme_id])
    return replace(pattern, theme_id=theme_id)


def _decide(
    deps: Deps,
    session: Session,
    workspace: str,
    found: Sequence[Pattern],
    age: timedelta,
    likeness: Likeness | None = None,
) -> None:
    """Open an alert for each pattern of a new episode, let known episodes go on, remember what stayed silent and
    why.
    """
    now = deps.clock.now()
    least = rules.in_force(deps, session, workspace).spike
    loud: list[Pattern] = []
    for pattern in found:
        silence = _silence(session, workspace, pattern, age, now, least)
        if silence is None:
            loud.append(pattern)
        else:
            alerts.silenced(session, workspace, pattern.kind, silence, pattern.receipt, now, pattern.theme_id)
    if not loud:
        return
    # An alert about one critical ticket says nothing of its theme: the theme's own trouble is news.
    known = [one for one in alerts.since(session, workspace, now - EPISODES_KEPT) if one.ticket_id is None]
    steps, _ = decide(loud, [_episode(one) for one in known], likeness.alike if likeness else None)
    opened: list[int | None] = [one.id for one in known]
    for step in steps:
        if isinstance(step, Opened):
            opened.append(alert.raise_alert(deps, session, workspace, step.pattern))
        elif (alert_id := opened[step.place]) is not None:
            alert.go_on(deps, session, workspace, alert_id, step.pattern, graver=step.graver)


def _episode(stored: alerts.Episode) -> Episode:
    return Episode(
        stored.theme_id or 0,
        stored.kind,
        stored.opened_at,
        stored.updated_at,
        frozenset(stored.ticket_ids),
        living=stored.state in alerts.LIVING,
    )


def _silence(
    session: Session, workspace: str, pattern: Pattern, age: timedelta, now: datetime, least: float
) -> str | None:
    """Why a pattern is not told, or None. `least`: times the usual that a spike must reach here."""
    if age < COLD_START and pattern.kind not in {PatternKind.NEW, PatternKind.CRITICAL}:
        return f"the data go back {age.days} days; a usual range needs {COLD_START.days}"
    dismissed = alerts.dismissed_since(session, workspace, pattern.theme_id, now - timedelta(days=30))
    if dismissed and pattern.kind is PatternKind.NEW:
        return f"closed by a person as {dismissed}"
    if dismissed == "noise" and pattern.kind in _VOLUME and (pattern.receipt.ratio or 0.0) < NOISE_FACTOR * least:
        return f"a person closed its alert as noise: for 30 days it needs {NOISE_FACTOR * least:g} times normal"
    return None

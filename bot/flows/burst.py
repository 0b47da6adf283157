"""Many alerts within an hour: the channel hears one message that lists them with what they have in common; each alert
stands in its thread, with its buttons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from bot.answers_alerts import Burst, EpisodeLine
from bot.blocks import burst as drawn
from bot.deps import Deps
from bot.flows import alert_list, cards
from bot.messenger import Outgoing, Posted, TryLater
from intelligence.model import AlertState, PatternKind, Scope, Severity
from storage import alerts, outbox, queue, releases, themes, workspaces
from storage.outbox import Letter

POST: Final = "burst.post"
UPDATE: Final = "burst.update"
METHODS: Final = frozenset({POST, UPDATE})
SINGLE: Final = 3  # alerts in a channel within the window that stand alone; the next one begins a list
WINDOW: Final = timedelta(hours=1)
SHIPPED: Final = timedelta(days=2)  # how long before the alerts a release may have gone out
COMMON: Final = 0.6  # share of the alerts that must have the same for it to be told
_ALONE: Final = frozenset({PatternKind.CRITICAL, PatternKind.REGRESSION})


def joined(deps: Deps, session: Session, workspace: str, alert_id: int) -> str | None:
    """The key of the list that a new alert goes under, begun if need be; None where it stands alone. What is P0, critical
    or back after a fix always stands alone.
    """
    episode = alerts.get(session, workspace, alert_id)
    if episode is None or episode.channel is None or episode.state is not AlertState.OPEN:
        return None
    if episode.kind in _ALONE or episode.severity is Severity.P0:
        return None
    now, place = deps.clock.now(), f"burst:{episode.channel}"
    kept: dict[str, Any] | None = workspaces.setting(session, workspace, place)
    if kept is None or datetime.fromisoformat(kept["at"]) < now - WINDOW:
        recent = [
            one.id
            for one in alerts.since(session, workspace, now - WINDOW)
            if one.channel == episode.channel and one.id != alert_id and one.state is not AlertState.SHADOW
        ]
        if len(recent) < SINGLE:
            return None
        kept = {"key": f"{place}:{alert_id}", "at": now.isoformat(), "before": sorted(recent), "alerts": []}
    kept = {**kept, "alerts": [*kept["alerts"], alert_id]}
    workspaces.put_state(session, workspace, place, kept, now)
    key = str(kept["key"])
    begins = len(kept["alerts"]) == 1
    letter = {"burst": key, "channel": episode.channel, "alerts": [*kept["before"], *kept["alerts"]]}
    _write(session, workspace, key if begins else f"{key}:{alert_id}", POST if begins else UPDATE, letter, now)
    return key


def _write(session: Session, workspace: str, key: str, method: str, payload: dict[str, Any], now: datetime) -> None:
    lane = str(payload["burst"])
    letter = outbox.write(session, workspace, key, lane=lane, method=method, payload=payload, now=now, subject=lane)
    if letter is not None:
        work = {"letter": letter}
        queue.enqueue(session, "send", work, key=f"send:{letter}", lane=f"out:{workspace}:{lane}", now=now)


def place(session: Session, workspace: str, key: str) -> Posted | None:
    """Where the list was posted. Raises TryLater while it is on its way; None where it never arrived."""
    state, answer = outbox.state_of(session, workspace, key) or ("", None)
    if state == "waiting":
        raise TryLater("the list of alerts goes first", timedelta(seconds=2))
    return Posted(str(answer["channel"]), str(answer["ts"])) if state == "sent" and answer else None


def draw(deps: Deps, session: Session, letter: Letter) -> tuple[Outgoing, Posted | None] | str:
    """The list as it is now, and where it stands already; or why it is pointless. Raises TryLater."""
    at = place(session, letter.workspace, str(letter.payload["burst"])) if letter.method == UPDATE else None
    if letter.method == UPDATE and at is None:
        return "the list was never posted"
    shown = drawn.burst(_gather(deps, session, letter.workspace, letter.payload["alerts"]))
    key = letter.key if letter.method == POST else None
    return Outgoing(str(letter.payload["channel"]), shown.text, shown.blocks, metadata_key=key), at


def _gather(deps: Deps, session: Session, workspace: str, alert_ids: Sequence[int]) -> Burst:
    found = [one for alert_id in alert_ids if (one := alerts.get(session, workspace, alert_id)) is not None]
    known = themes.load(session, workspace, [one.theme_id for one in found if one.theme_id])
    lines = tuple(alert_list.line(deps, session, Scope(workspace), one, known) for one in found)
    return Burst(lines, _in_common(deps, session, workspace, lines))


def _in_common(deps: Deps, session: Session, workspace: str, lines: Sequence[EpisodeLine]) -> tuple[str, ...]:
    """What most of the alerts share: a release shortly before, a product area, a group of customers."""
    told: list[str] = []
    first = min((line.opened_at for line in lines), default=deps.clock.now())
    if shipped := releases.between(session, workspace, first - SHIPPED, first):
        names = ", ".join(release.name for release in shipped[-2:])
        told.append(f"{names} went out in the two days before. May be a coincidence.")
    about = [line.theme for line in lines if line.theme is not None]
    areas = Counter(theme.area for theme in about if theme.area)
    groups: Counter[str] = Counter()
    for theme in about:
        lifts = cards.theme_lifts(session, Scope(workspace), theme.id, deps.clock.now())
        groups.update({f"{lift.value} ({lift.attribute.replace('_', ' ')})" for lift in lifts[:3]})
    for name, counter in (("the product area", areas), ("customers of", groups)):
        for value, number in counter.most_common(1):
            if number >= max(2, COMMON * len(about)):
                told.append(f"{number} of {len(about)} are about {name} {value}.")
    return tuple(told)

"""What people do with an alert: own it, put it off, say what it was worth, let it out of shadow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import events, routing, tell
from bot.flows.alert import redraw, write
from bot.words import SNOOZE_WORDS, snoozed
from intelligence.model import AlertState, Scope, ThemeState
from storage import alerts, themes, workspaces


def own(deps: Deps, workspace: str, alert_id: int, user: str) -> Done:
    """This person takes care of it; the theme shows it everywhere."""
    with deps.db.write() as session:
        episode = _episode(session, workspace, alert_id)
        now = deps.clock.now()
        alerts.update(session, alert_id, now, owner=user)
        if episode.theme_id is not None:
            themes.update(session, episode.theme_id, owner=user, provisional=False)
        workspaces.audit(session, workspace, user, "own", f"alert:{alert_id}", {}, now)
        redraw(deps, session, workspace, alert_id, because=f"own:{user}")
        theme = themes.get(session, workspace, episode.theme_id) if episode.theme_id else None
    return Done(f"You own {theme.key if theme else 'this ticket'} now.", theme=theme)


def snooze(deps: Deps, workspace: str, alert_id: int, user: str, until: str) -> Done:
    """Quiet until 5 more tickets ("tickets"), 7 days ("days") or the next release ("release"); never for ever."""
    if until not in SNOOZE_WORDS:
        raise BadInput(problem=f'"{until}" is no snooze.', fix="Choose tickets, days or release.")
    with deps.db.write() as session:
        episode = _episode(session, workspace, alert_id)
        now = deps.clock.now()
        count = len(themes.members(session, Scope(workspace), episode.theme_id)) if episode.theme_id else 1
        rule: dict[str, Any] = {
            "tickets": {"tickets": count + 5},
            "days": {"until": (now + timedelta(days=7)).isoformat()},
            "release": {"since": now.isoformat()},
        }[until]
        rule |= {"by": user, "words": SNOOZE_WORDS[until]}
        alerts.update(session, alert_id, now, state=AlertState.SNOOZED, snooze=rule)
        workspaces.audit(session, workspace, user, "snooze", f"alert:{alert_id}", rule, now)
        redraw(deps, session, workspace, alert_id, because=f"snooze:{now.timestamp()}")
    return Done(f"Quiet {snoozed(SNOOZE_WORDS[until])}. It wakes by itself; nothing is lost.")


def useful(deps: Deps, workspace: str, alert_id: int, user: str) -> Done:
    """Count the alert as right, once a person; it stays as it is."""
    with deps.db.write() as session:
        episode = _episode(session, workspace, alert_id)
        now = deps.clock.now()
        if alerts.praised(session, workspace, alert_id, user):
            return Done("You said so before; it counts once.")
        alerts.feedback(session, workspace, alert_id, user, "useful", None, now)
        workspaces.audit(session, workspace, user, "useful", f"alert:{alert_id}", {}, now)
        theme = themes.get(session, workspace, episode.theme_id) if episode.theme_id else None
    return Done("Noted: this alert counts as useful in `quality`.", theme=theme)


REASONS = {
    "noise": "Closed. This counts as a false alarm, and the rule gets stricter for this theme.",
    "duplicate": "Closed. Name the other theme with `merge` and both will be one.",
    "known": "Closed and marked as known: it will only come back if it grows beyond its usual range.",
    "wrong_group": "Closed. The tickets do not belong together: the nightly pass will look at splitting them.",
}


def not_useful(deps: Deps, workspace: str, alert_id: int, user: str, reason: str) -> Done:
    """Close an episode with a reason; each reason has its own effect, and says which."""
    if reason not in REASONS:
        raise BadInput(problem=f'"{reason}" is no reason.', fix="Choose noise, duplicate, known or wrong_group.")
    with deps.db.write() as session:
        episode = _episode(session, workspace, alert_id)
        now = deps.clock.now()
        alerts.feedback(session, workspace, alert_id, user, "not_useful", reason, now)
        alerts.update(session, alert_id, now, state=AlertState.DISMISSED, closed_at=now)
        if episode.theme_id is not None:
            values: dict[str, Any] = {"state": ThemeState.STEADY}
            if reason == "wrong_group":
                values["provisional"] = True  # the machine may split what nobody stands for
            themes.update(session, episode.theme_id, **values)
        workspaces.audit(session, workspace, user, "not_useful", f"alert:{alert_id}", {"reason": reason}, now)
        redraw(deps, session, workspace, alert_id, because=f"closed:{reason}")
        events.alert_event(deps, session, workspace, alert_id, "alert.closed", because=reason)
    return Done(REASONS[reason])


def release_from_shadow(deps: Deps, workspace: str, alert_id: int, user: str) -> Done:
    """The admin's "Post it": the alert goes to its channel."""
    with deps.db.write() as session:
        episode = _episode(session, workspace, alert_id)
        if episode.state is not AlertState.SHADOW:
            return Done("This alert was decided on before.")
        area = themes.area_of(session, episode.theme_id) if episode.theme_id is not None else None
        channel = routing.channel_for(session, workspace, episode.audience, area)
        if channel is None:
            raise BadInput(problem="No channel was chosen for alerts.", fix="Invite me to one and choose Alerts here.")
        now = deps.clock.now()
        alerts.update(session, alert_id, now, state=AlertState.OPEN, channel_id=channel, ts=None)
        workspaces.audit(session, workspace, user, "post", f"alert:{alert_id}", {"channel": channel}, now)
        write(deps, session, workspace, alert_id, "alert.post", f"alert:{alert_id}:posted")
        events.alert_event(deps, session, workspace, alert_id, "alert.opened", because="released")
        if episode.theme_id is not None:
            tell.risen(deps, session, workspace, episode.theme_id, alert_id, episode.kind)
    return Done(f"Posted to <#{channel}>.")


def _episode(session: Session, workspace: str, alert_id: int) -> alerts.Episode:
    episode = alerts.get(session, workspace, alert_id)
    if episode is None:
        raise BadInput(problem="This alert is not here any more.", fix="See `alerts` for those that are.")
    return episode

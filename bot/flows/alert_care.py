"""What people do with an alert: own it, put it off, say what it was worth, let it out of shadow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import events, routing, tell
from bot.flows.alert import redraw, write
from bot.words import ALERT_WORDS, SNOOZES, snooze_words, snoozed
from intelligence.model import AlertState, Scope, ThemeState
from storage import alerts, memberships, themes, workspaces

MORE = 5  # tickets until a snoozed alert wakes, unless another number is chosen
MOST_MORE = 1000
LONGEST = timedelta(days=180)
MORNING = time(9)


def own(deps: Deps, workspace: str, alert_id: int, user: str) -> Done:
    """This person takes care of it; the theme shows it everywhere."""
    with deps.db.write() as session:
        episode = _living(session, workspace, alert_id)
        theme = themes.get(session, workspace, episode.theme_id) if episode.theme_id else None
        what = theme.key if theme else "this ticket"
        if episode.owner == user:
            return Done(f"You own {what} already.", theme=theme)
        now = deps.clock.now()
        alerts.update(session, alert_id, now, owner=user)
        if episode.theme_id is not None:
            themes.update(session, episode.theme_id, owner=user, provisional=False)
        workspaces.audit(session, workspace, user, "own", f"alert:{alert_id}", {}, now)
        redraw(deps, session, workspace, alert_id, because=f"own:{user}:{now.timestamp()}")
    before = " Somebody else owned it before; the message shows the change." if episode.owner else ""
    return Done(f"You own {what} now.{before}", theme=theme)


def snooze(
    deps: Deps, workspace: str, alert_id: int, user: str, until: str, *, more: int = MORE, day: date | None = None
) -> Done:
    """Quiet until `more` tickets have come ("tickets"), for 7 days ("days"), until the morning of a `day` ("date") or the
    next release ("release"); never for ever. Raises BadInput.
    """
    now = deps.clock.now()
    if until not in SNOOZES:
        raise BadInput(problem=f'"{until}" is no snooze.', fix="Choose tickets, days, date or release.")
    if problem := snooze_problem(until, more, day, now.astimezone(deps.settings.zone).date()):
        raise BadInput(problem=problem, fix="Press Snooze again.")
    with deps.db.write() as session:
        episode = _living(session, workspace, alert_id)
        count = memberships.size(session, Scope(workspace), episode.theme_id) if episode.theme_id else 1
        morning = datetime.combine(day or now.date(), MORNING, deps.settings.zone)
        rule: dict[str, Any] = {
            "tickets": {"tickets": count + more},
            "days": {"until": (now + timedelta(days=7)).isoformat()},
            "date": {"until": morning.isoformat()},
            "release": {"since": now.isoformat()},
        }[until]
        words = snooze_words(until, more, day)
        rule |= {"by": user, "words": words}
        alerts.update(session, alert_id, now, state=AlertState.SNOOZED, snooze=rule)
        workspaces.audit(session, workspace, user, "snooze", f"alert:{alert_id}", rule, now)
        redraw(deps, session, workspace, alert_id, because=f"snooze:{now.timestamp()}")
    return Done(f"Quiet {snoozed(words)}. It wakes by itself; nothing is lost.")


def snooze_problem(until: str, more: int, day: date | None, today: date) -> str | None:
    """What is wrong with a snooze, for the window that asks; None where all is right."""
    if until == "tickets" and not 1 <= more <= MOST_MORE:
        return f"Choose 1 to {MOST_MORE} tickets."
    if until == "date" and day is None:
        return "Choose the day on which it should wake."
    if until == "date" and day is not None and not today < day <= today + LONGEST:
        return f"Choose a day from tomorrow on, within {LONGEST.days} days."
    return None


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
    "noise": "Closed. This counts as a false alarm, and for 30 days this theme needs half as much again for an alert.",
    "duplicate": "Closed. Name the other theme with `merge` and both will be one.",
    "known": "Closed and marked as known: it will only come back if it grows beyond its usual range.",
    "wrong_group": "Closed. The tickets do not belong together: the nightly pass will look at splitting them.",
}


def not_useful(deps: Deps, workspace: str, alert_id: int, user: str, reason: str) -> Done:
    """Close an episode with a reason; each reason has its own effect, and says which."""
    if reason not in REASONS:
        raise BadInput(problem=f'"{reason}" is no reason.', fix="Choose noise, duplicate, known or wrong_group.")
    with deps.db.write() as session:
        episode = _living(session, workspace, alert_id)
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


def _living(session: Session, workspace: str, alert_id: int) -> alerts.Episode:
    """An episode that is not over: a button of an old message must not bring it back. Raises BadInput."""
    episode = _episode(session, workspace, alert_id)
    if episode.state not in alerts.LIVING:
        raise BadInput(
            problem=f"This alert is over: {ALERT_WORDS[episode.state].lower()}.",
            fix="If it rises again, an alert of its own says so.",
        )
    return episode


def _episode(session: Session, workspace: str, alert_id: int) -> alerts.Episode:
    episode = alerts.get(session, workspace, alert_id)
    if episode is None:
        raise BadInput(problem="This alert is not here any more.", fix="See `alerts` for those that are.")
    return episode

"""Modals that were sent in."""

from __future__ import annotations

from datetime import date
from typing import Any

from slack_bolt import Args

from bot.answers import Done
from bot.blocks import ids
from bot.desk import Desk
from bot.flows import alert_care
from bot.listeners import answering
from bot.listeners.actions import alert_of
from bot.listeners.replies import user_of
from storage import alerts


def snooze(desk: Desk, args: Args) -> None:
    """Quiet until ..."""
    alert_id = alert_of(_view(args)["private_metadata"])
    until, more, day = _snooze_choice(args)
    told = alert_care.snooze(desk.deps, desk.workspace, alert_id, user_of(args), until, more=more, day=day)
    _tell(desk, args, alert_id, told)


def snooze_problems(desk: Desk, args: Args) -> dict[str, str]:
    """What is wrong with it, under the field it is about."""
    until, more, day = _snooze_choice(args)
    today = desk.deps.clock.now().astimezone(desk.deps.settings.zone).date()
    problem = alert_care.snooze_problem(until, more, day, today)
    field = ids.SNOOZE_DAY if until == "date" else ids.SNOOZE_MORE
    return {field: problem} if problem else {}


def _snooze_choice(args: Args) -> tuple[str, int, date | None]:
    """Until when, how many more tickets, and which day."""
    more, day = _chosen(args, ids.SNOOZE_MORE), _chosen(args, ids.SNOOZE_DAY)
    number = int(more) if more.isascii() and more.isdigit() else (alert_care.MORE if not more else 0)
    return _chosen(args, ids.SNOOZE_UNTIL), number, date.fromisoformat(day) if day else None


def not_useful(desk: Desk, args: Args) -> None:
    """Closed, with a reason that has its own effect."""
    alert_id = alert_of(_view(args)["private_metadata"])
    told = alert_care.not_useful(
        desk.deps, desk.workspace, alert_id, user_of(args), _chosen(args, ids.NOT_USEFUL_REASON)
    )
    _tell(desk, args, alert_id, told)


def ask(desk: Desk, args: Args) -> None:
    """The question of the global shortcut, answered in the asker's direct messages."""
    text = _chosen(args, ids.ASK_TEXT)
    shown = answering.private(desk, user_of(args), None, f"known {text}")
    desk.tell(user_of(args), shown.text, shown.blocks)


def _view(args: Args) -> dict[str, Any]:
    return dict(args.view or {})


def _chosen(args: Args, field: str) -> str:
    state = _view(args)["state"]["values"].get(field, {}).get(field) or {}
    option = state.get("selected_option")
    return str(option["value"] if option else state.get("value") or state.get("selected_date") or "")


def _tell(desk: Desk, args: Args, alert_id: int, told: Done) -> None:
    """Say what it did where the alert stands; the modal is closed by now."""
    desk.wake()
    with desk.deps.db.read() as session:
        episode = alerts.get(session, desk.workspace, alert_id)
    desk.tell(user_of(args), told.text, channel=episode.channel if episode else None)

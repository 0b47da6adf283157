"""Modals that were sent in."""

from __future__ import annotations

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
    told = alert_care.snooze(desk.deps, desk.workspace, alert_id, user_of(args), _chosen(args, ids.SNOOZE_UNTIL))
    _tell(desk, args, alert_id, told)


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
    state = _view(args)["state"]["values"][field][field]
    option = state.get("selected_option")
    return str(option["value"] if option else state.get("value") or "")


def _tell(desk: Desk, args: Args, alert_id: int, told: Done) -> None:
    """Say what it did where the alert stands; the modal is closed by now."""
    desk.wake()
    with desk.deps.db.read() as session:
        episode = alerts.get(session, desk.workspace, alert_id)
    desk.tell(user_of(args), told.text, channel=episode.channel if episode else None)

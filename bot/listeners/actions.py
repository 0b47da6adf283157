"""Buttons of alert messages and theme rows. Their effects are flows; the message itself is redrawn by the outbox."""

from __future__ import annotations

from typing import Any

from slack_bolt import Args

from bot.answers import AlertView, Done
from bot.blocks import done, ids, markdown, modals
from bot.desk import Desk
from bot.errors import BadInput
from bot.flows import alert_care, alert_view, cards, evidence
from bot.listeners import editing, sharing
from bot.listeners.replies import reply, user_of, value_of
from bot.slack_client import slack_errors


def alert_of(value: str) -> int:
    """The alert's id in "alert:12 ..."."""
    return int(ids.subject(value)["alert"])


def own(desk: Desk, args: Args) -> None:
    """I take care of it."""
    _answer(desk, args, alert_care.own(desk.deps, desk.workspace, alert_of(value_of(args)), user_of(args)))


def snooze(_desk: Desk, args: Args) -> None:
    """Ask until when."""
    _open(args, modals.snooze(alert_of(value_of(args))))


def useful(desk: Desk, args: Args) -> None:
    """This alert was worth its place."""
    _answer(desk, args, alert_care.useful(desk.deps, desk.workspace, alert_of(value_of(args)), user_of(args)))


def not_useful(_desk: Desk, args: Args) -> None:
    """Ask why not."""
    _open(args, modals.not_useful(alert_of(value_of(args))))


def issue(desk: Desk, args: Args) -> None:
    """The alert or theme as Markdown to copy."""
    named = ids.subject(value_of(args))
    if "theme" in named:
        card = cards.card(desk.deps, desk.scope(user_of(args)), named["theme"])
        _open(args, modals.copy_issue(f"theme:{card.theme.key}", markdown.theme_issue(card)))
        return
    alert_id = int(named["alert"])
    _open(args, modals.copy_issue(f"alert:{alert_id}", markdown.alert_issue(_view(desk, alert_id))))


def row(desk: Desk, args: Args) -> None:
    """A theme's row menu: a window, or the answer to the request line that the option carries."""
    windows = {ids.ROW_EVIDENCE: show_evidence, ids.ROW_ISSUE: issue, ids.ROW_EDIT: editing.edit}
    if window := windows.get(ids.subject(value_of(args)).get("window", "")):
        window(desk, args)
    else:
        sharing.open_beside(desk, args)


def show_evidence(desk: Desk, args: Args) -> None:
    """The tickets behind the alert or theme."""
    _open(args, _evidence(desk, args, 1))


def evidence_page(desk: Desk, args: Args) -> None:
    """Another page of them, in the same modal."""
    page = int(ids.subject(value_of(args)).get("page", "1"))
    view = args.body["view"]
    with slack_errors("views.update"):
        args.client.views_update(view_id=view["id"], hash=view["hash"], view=_evidence(desk, args, page))


def post(desk: Desk, args: Args) -> None:
    """Shadow: the admin sends the alert to its channel."""
    _decided(
        desk, args, alert_care.release_from_shadow(desk.deps, desk.workspace, alert_of(value_of(args)), user_of(args))
    )


def noise(desk: Desk, args: Args) -> None:
    """Shadow: the admin says that it is none."""
    _decided(
        desk, args, alert_care.not_useful(desk.deps, desk.workspace, alert_of(value_of(args)), user_of(args), "noise")
    )


def _answer(desk: Desk, args: Args, told: Done) -> None:
    desk.wake()
    reply(desk, args, done.done(told))


def _decided(desk: Desk, args: Args, told: Done) -> None:
    desk.wake()
    reply(desk, args, done.done(told), replace=True)


def _open(args: Args, view: dict[str, Any]) -> None:
    with slack_errors("views.open"):
        args.client.views_open(trigger_id=args.body["trigger_id"], view=view)


def _view(desk: Desk, alert_id: int) -> AlertView:
    with desk.deps.db.read() as session:
        found = alert_view.view(desk.deps, session, desk.workspace, alert_id)
    if found is None:
        raise BadInput(problem="This alert is not here any more.", fix="See `alerts` for those that are.")
    return found


def _evidence(desk: Desk, args: Args, page: int) -> dict[str, Any]:
    named = ids.subject(value_of(args))
    if "theme" in named:
        return modals.evidence(evidence.of_theme(desk.deps, desk.scope(user_of(args)), named["theme"], page))
    return modals.evidence(evidence.of_alert(desk.deps, desk.workspace, int(named["alert"]), page))

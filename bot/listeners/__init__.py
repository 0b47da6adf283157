"""Slack -> flow. `register` is the table of contents; every listener is bound, so that no error escapes to Bolt."""

from __future__ import annotations

import re
from collections.abc import Callable

from slack_bolt import App, Args

from bot.blocks import ids
from bot.desk import Desk
from bot.listeners import (
    actions,
    areas,
    channels,
    commands,
    editing,
    forgetting,
    home,
    installing,
    known,
    mentions,
    messages,
    reactions,
    reviewing,
    sharing,
    shortcuts,
    tracking,
    views,
)
from bot.listeners.binding import Check, Choices, Listener, bind, choose
from bot.listeners.outsiders import for_colleagues
from bot.listeners.replies import user_of

EVENTS: dict[str, Listener] = {
    "message": messages.message,
    "app_mention": mentions.mention,
    "reaction_added": reactions.added,
    "reaction_removed": messages.nothing_to_answer,
    "app_home_opened": home.opened,
    "member_joined_channel": channels.joined,
    "member_left_channel": channels.left,
    "channel_left": channels.removed,
    "group_left": channels.removed,
    "channel_archive": channels.removed,
    "group_archive": channels.removed,
    "channel_unarchive": channels.returned,
    "group_unarchive": channels.returned,
    "channel_rename": channels.renamed,
    "group_rename": channels.renamed,
    "app_uninstalled": installing.gone,
    "tokens_revoked": installing.gone,
}
ACTIONS: dict[str, Listener] = {
    ids.ALERT_OWN: actions.own,
    ids.ISSUE_OPEN: tracking.ask,
    ids.ISSUE_TIE: tracking.tie,
    ids.ISSUE_NOT: tracking.not_now,
    ids.LOOP_SEND: tracking.send,
    ids.LOOP_TOLD: tracking.told,
    ids.LOOP_SKIP: tracking.skip,
    ids.ALERT_SNOOZE: actions.snooze,
    ids.ALERT_USEFUL: actions.useful,
    ids.ALERT_NOT_USEFUL: actions.not_useful,
    ids.ALERT_EVIDENCE: actions.show_evidence,
    ids.ALERT_ISSUE: actions.issue,
    ids.ALERT_POST: actions.post,
    ids.ALERT_NOISE: actions.noise,
    ids.EVIDENCE_PAGE: actions.evidence_page,
    ids.KNOWN_SAME: known.same,
    ids.KNOWN_NOT: known.not_this,
    ids.KNOWN_PICK: known.pick,
    ids.KNOWN_FEEDBACK: known.feedback,
    ids.KNOWN_SAFE: known.safe,
    ids.KNOWN_NOTIFY: known.notify,
    ids.EDIT: editing.edit,
    ids.EDIT_DO: editing.do,
    ids.EDIT_CANCEL: editing.cancel,
    ids.EDIT_AGAIN: editing.again,
    ids.EDIT_SPLIT: editing.parts,
    ids.EDIT_OTHER: editing.with_other,
    ids.EDIT_MOVE: editing.move_ticket,
    ids.AREA_PREVIEW: areas.preview,
    ids.FORGET_DO: forgetting.do,
    ids.PROPOSAL_YES: editing.accept,
    ids.PROPOSAL_NO: editing.dismiss,
    ids.UNDO: known.undo_change,
    ids.SHOW: sharing.show,
    ids.ROW: actions.row,
    ids.OPEN: sharing.open_beside,
    ids.SHARE: sharing.share,
    ids.COPY: sharing.copy,
    ids.REVIEW_RIGHT: reviewing.right,
    ids.REVIEW_FIX: reviewing.fix,
    ids.REVIEW_UNSURE: reviewing.unsure,
    ids.REVIEW_UNDO: reviewing.undo,
    ids.REVIEW_PRIMARY: reviewing.category_chosen,
    ids.CHANNEL_ROLE: channels.chosen,
    ids.CHANNEL_QUOTES: channels.words,
    ids.BACKFILL_YES: channels.backfill,
    ids.BACKFILL_NO: channels.no_backfill,
    ids.LINK: messages.nothing_to_answer,
}
VIEWS: dict[str, Listener] = {
    ids.SNOOZE_VIEW: views.snooze,
    ids.NOT_USEFUL_VIEW: views.not_useful,
    ids.ISSUE_OPEN_VIEW: tracking.submitted,
    ids.ISSUE_VIEW: messages.nothing_to_answer,
    ids.EVIDENCE_VIEW: messages.nothing_to_answer,
    ids.ASK_VIEW: views.ask,
    ids.SAFE_VIEW: known.post_safe,
    ids.EDIT_VIEW: editing.submitted,
    ids.LABEL_VIEW: reviewing.saved,
    ids.AREA_VIEW: areas.saved,
}
#: What is looked at before a window closes; it stays open with what is wrong, by field.
CHECKS: dict[str, Check] = {ids.AREA_VIEW: areas.problems, ids.SNOOZE_VIEW: views.snooze_problems}
OPTIONS: dict[str, Choices] = {
    ids.EDIT_OTHER: editing.offer,
    ids.KNOWN_PICK: editing.offer,
    ids.EDIT_TARGET: editing.offer,
}
#: What changes something for others: only those may press it who may use the verbs that do it.
EDITS: frozenset[str] = frozenset(
    {
        ids.ALERT_OWN,
        ids.ISSUE_OPEN,
        ids.ISSUE_TIE,
        ids.ISSUE_NOT,
        ids.ISSUE_OPEN_VIEW,
        ids.LOOP_SEND,
        ids.LOOP_TOLD,
        ids.LOOP_SKIP,
        ids.ALERT_SNOOZE,
        ids.ALERT_USEFUL,
        ids.ALERT_NOT_USEFUL,
        ids.ALERT_POST,
        ids.ALERT_NOISE,
        ids.KNOWN_SAME,
        ids.KNOWN_NOT,
        ids.KNOWN_PICK,
        ids.KNOWN_SAFE,
        ids.SAFE_VIEW,
        ids.EDIT,
        ids.EDIT_DO,
        ids.EDIT_SPLIT,
        ids.EDIT_OTHER,
        ids.EDIT_MOVE,
        ids.PROPOSAL_YES,
        ids.PROPOSAL_NO,
        ids.SNOOZE_VIEW,
        ids.NOT_USEFUL_VIEW,
        ids.EDIT_VIEW,
        ids.AREA_PREVIEW,
        ids.AREA_VIEW,
    }
)
SHORTCUTS: dict[str, Listener] = {
    ids.KNOWN_SHORTCUT: shortcuts.known,
    ids.ASK_SHORTCUT: shortcuts.ask,
    ids.CORRECT_SHORTCUT: reviewing.shortcut,
}


def register(app: App) -> None:
    """Tell Bolt who listens to what; what nobody expects is acknowledged and logged."""

    def bound(listener: Listener) -> Callable[..., None]:
        return bind(listener)

    for name, listener in EVENTS.items():
        app.event(name)(bound(listener))
    app.command(ids.COMMAND)(bound(for_colleagues(commands.ticket_intel)))
    for name, listener in ACTIONS.items():
        app.action(re.compile(rf"^{re.escape(name)}(?::.*)?$"))(bound(_guarded(name, listener)))
    for name, listener in VIEWS.items():
        clears = name == ids.EDIT_VIEW
        app.view(name)(bind(_guarded(name, listener), clears=clears, check=CHECKS.get(name)))
        app.view_closed(name)(bound(messages.nothing_to_answer))
    for name, choices in OPTIONS.items():
        app.options(name)(choose(for_colleagues(choices)))
    for name, listener in SHORTCUTS.items():
        app.shortcut(name)(bound(for_colleagues(listener)))
    _catch_all(app, bound(messages.unexpected))


def _guarded(name: str, listener: Listener) -> Listener:
    """The listener for colleagues; for those who may edit, where it changes something for others."""
    if name not in EDITS:
        return for_colleagues(listener)

    def guarded(desk: Desk, args: Args) -> None:
        desk.check(user_of(args), "rename", action="change themes and alerts")
        listener(desk, args)

    guarded.__module__, guarded.__name__ = listener.__module__, listener.__name__
    guarded.__qualname__ = listener.__qualname__
    return for_colleagues(guarded)


def _catch_all(app: App, listener: Callable[..., None]) -> None:
    """Slack delivers three times more what is never acknowledged, so that everything has a listener."""
    app.event(re.compile(".*"))(listener)
    app.action(re.compile(".*"))(listener)
    app.view(re.compile(".*"))(listener)
    app.view_closed(re.compile(".*"))(listener)
    app.shortcut(re.compile(".*"))(listener)
    app.command(re.compile(".*"))(listener)


__all__ = ["ACTIONS", "EVENTS", "SHORTCUTS", "VIEWS", "Args", "bind", "register"]

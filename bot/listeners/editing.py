"""Themes edited by hand: windows with previews, their submission, proposals, and what to say when somebody was quicker."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt import Args

from bot.answers import Done
from bot.answers_areas import AreaForm
from bot.blocks import areas, done, editing, ids
from bot.blocks.message import Rendered
from bot.desk import Desk
from bot.errors import BadInput, ChangedMeanwhile
from bot.flows import merge, move, proposals, rename, report, split
from bot.listeners import answering
from bot.listeners.replies import channel_of, reply, user_of, value_of
from bot.messenger import Refused
from bot.slack_client import slack_errors
from intelligence.model import Scope

log = structlog.get_logger(__name__)
Named = dict[str, str]


def respond(desk: Desk, args: Args, line: str) -> None:
    """Answer a request line: a window where it is a preview and Slack lets one open, else a message."""
    found = answering.found(desk, user_of(args), channel_of(args), line)
    window = _window(found.answer, channel_of(args))
    if window is None or not _opened(args, window):
        reply(desk, args, answering.drawn(desk, channel_of(args), found))


def _window(answer: object, channel: str | None) -> dict[str, Any] | None:
    if isinstance(answer, AreaForm):
        return areas.window(answer, channel)
    return editing.window(answer, channel) if isinstance(answer, editing.Preview) else None


def _opened(args: Args, view: dict[str, Any]) -> bool:
    """Open a window, on top of the one it was asked from; False when Slack does not let us. App Home is no window."""
    method = "views.push" if (args.body.get("view") or {}).get("type") == "modal" else "views.open"
    try:
        with slack_errors(method):
            args.client.api_call(method, json={"trigger_id": args.body.get("trigger_id", ""), "view": view})
    except Refused as refused:
        log.info("window_not_opened", error=refused.code)
        return False
    return True


def again(desk: Desk, args: Args) -> None:
    """The same on top of what somebody else changed."""
    respond(desk, args, value_of(args))


def edit(desk: Desk, args: Args) -> None:
    """The window of one theme."""
    respond(desk, args, f"rename {ids.subject(value_of(args))['theme']}")


def move_ticket(desk: Desk, args: Args) -> None:
    """The window that asks where a ticket belongs."""
    respond(desk, args, f"move {ids.subject(value_of(args))['ticket']}")


def parts(desk: Desk, args: Args) -> None:
    """The parts of the theme whose window is open."""
    respond(desk, args, f"split {ids.subject(value_of(args))['theme']}")


def with_other(desk: Desk, args: Args) -> None:
    """What a merge with the chosen theme would do."""
    key = str((args.action or {})["block_id"]).removeprefix("merge:")
    respond(desk, args, f"merge {key} {value_of(args)}")


def do(desk: Desk, args: Args) -> None:
    """A message's button: do what it shows."""
    told = _told(desk, user_of(args), ids.subject(value_of(args)))
    desk.wake()
    reply(desk, args, told, replace=True)


def cancel(desk: Desk, args: Args) -> None:
    """A message's button: do nothing."""
    reply(desk, args, done.done(Done("Nothing was changed.")), replace=True)


def accept(desk: Desk, args: Args) -> None:
    """Do what the machine proposes."""
    user, event = user_of(args), int(ids.subject(value_of(args))["proposal"])
    told = proposals.accept(desk.deps, desk.scope(user), event, by=user)
    desk.wake()
    reply(desk, args, done.done(told))


def dismiss(desk: Desk, args: Args) -> None:
    """Never propose it again."""
    user, event = user_of(args), int(ids.subject(value_of(args))["proposal"])
    reply(desk, args, done.done(proposals.dismiss(desk.deps, desk.scope(user), event, by=user)))


def submitted(desk: Desk, args: Args) -> None:
    """A window was sent in; what it did is told where it was opened."""
    view: dict[str, Any] = dict(args.view or {})
    named = ids.subject(str(view["private_metadata"]))
    user = user_of(args)
    told = _told(desk, user, named | _filled(view))
    desk.wake()
    desk.tell(user, told.text, told.blocks, channel=named.get("channel"))


def _filled(view: dict[str, Any]) -> Named:
    """What the person chose and wrote, by the names of the fields."""
    filled: Named = {}
    for name in (ids.EDIT_PART, ids.EDIT_TARGET, ids.EDIT_TITLE, ids.EDIT_PLAN):
        state = view["state"]["values"].get(name, {}).get(name)
        if state is not None:
            chosen = state.get("selected_option")
            filled[name] = str(chosen["value"] if chosen else state.get("value") or "")
    return filled


def _told(desk: Desk, user: str, named: Named) -> Rendered:
    """Make the edit and say what it did, or who was quicker."""
    try:
        return done.done(_made(desk, user, named))
    except ChangedMeanwhile as problem:
        return editing.changed(problem)


def _made(desk: Desk, user: str, named: Named) -> Done:
    deps, scope, seen = desk.deps, desk.scope(user), int(named.get("version", 0))
    match named["edit"]:
        case "merge":
            return merge.merge_themes(deps, scope, named["theme"], named["other"], by=user, seen=seen)
        case "split":
            part, event = int(named["part"]), int(named["event"])
            return split.split_theme(deps, scope, named["theme"], part, by=user, event=event, seen=seen)
        case "move":
            ticket, home = int(named["ticket"]), int(named["home"])
            return move.move_ticket(deps, scope, ticket, named["target"], by=user, seen_home=home)
        case "theme":
            return rename.save(deps, scope, named["theme"], named["title"], named["plan"], by=user, seen=seen)
        case other:
            raise BadInput(problem=f'"{other}" is no edit.', fix="Open the theme again with `theme TI-n`.")


def offer(desk: Desk, args: Args) -> list[dict[str, Any]]:
    """Themes for a select, by what was typed."""
    typed, user = str(args.body.get("value") or ""), str(args.body["user"]["id"])
    scope: Scope = desk.scope(user)
    named = ids.subject(str((args.body.get("view") or {}).get("private_metadata", "")))
    if "ticket" in named:
        return editing.options(move.offered(desk.deps, scope, int(named["ticket"]), typed), new=True)
    found = report.themes_named(desk.deps, scope, typed)
    return editing.options([theme for theme in found if theme.key != named.get("theme")], new=False)

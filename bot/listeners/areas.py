"""The window of a product area: what it would move, checked before it closes, saved."""

from __future__ import annotations

import json
from typing import Any

from slack_bolt import Args

from bot import area_grammar
from bot.blocks import areas as drawn
from bot.blocks import done, editing, ids
from bot.desk import Desk
from bot.errors import BadInput, ChangedMeanwhile
from bot.flows import areas
from bot.flows.area_changes import wanted_of
from bot.listeners.replies import user_of
from bot.slack_client import slack_errors
from intelligence.model import Area


def problems(desk: Desk, args: Args) -> dict[str, str]:
    """What is wrong with a window's contents, by field: it stays open with everything in it."""
    for name, read in (
        (ids.AREA_NAME, area_grammar.name_of),
        (ids.AREA_WORDS, area_grammar.words_of),
        (ids.AREA_EXAMPLES, area_grammar.examples_of),
    ):
        try:
            read(_value(args, name))
        except BadInput as problem:
            return {name: problem.sentence}
    try:
        with desk.deps.db.read() as session:
            wanted_of(session, desk.workspace, _metadata(args)["name"], _area(args))
    except BadInput as problem:
        taken = "There is an area" in problem.sentence
        return {ids.AREA_NAME if taken or not _value(args, ids.AREA_CHANNEL) else ids.AREA_CHANNEL: problem.sentence}
    return {}


def saved(desk: Desk, args: Args) -> None:
    """Keep it, and say what follows, or who was quicker."""
    held, user = _metadata(args), user_of(args)
    scope, seen = desk.scope(user), int(held["version"])
    try:
        told = done.done(areas.save(desk.deps, scope, held["name"], _area(args), by=user, seen=seen))
    except ChangedMeanwhile as problem:
        told = editing.changed(problem)
    desk.wake()
    desk.tell(user, told.text, told.blocks, channel=held["channel"])


def preview(desk: Desk, args: Args) -> None:
    """The window again, with what its contents would move."""
    held, view = _metadata(args), args.body["view"]
    scope, problem = desk.scope(user_of(args)), None
    try:
        form = areas.preview_of(desk.deps, scope, held["name"], _area(args), int(held["version"]))
    except BadInput as wrong:
        form, problem = areas.form(desk.deps, scope, held["name"]), wrong.sentence
    fresh = drawn.window(form, held["channel"], held["name"], problem)
    with slack_errors("views.update"):
        args.client.views_update(view_id=view["id"], hash=view["hash"], view=fresh)


def _view(args: Args) -> dict[str, Any]:
    return dict(args.view or args.body.get("view") or {})


def _metadata(args: Args) -> dict[str, Any]:
    """The area's name in the list (None: a new one), the version that was seen, and where the answer goes."""
    return json.loads(str(_view(args)["private_metadata"]))


def _value(args: Args, name: str) -> str:
    state = _view(args)["state"]["values"].get(name, {}).get(name) or {}
    return str(state.get("selected_user") or state.get("selected_conversation") or state.get("value") or "")


def _area(args: Args) -> Area:
    """The area as the window holds it. Raises BadInput."""
    return Area(
        area_grammar.name_of(_value(args, ids.AREA_NAME)),
        area_grammar.words_of(_value(args, ids.AREA_WORDS)),
        area_grammar.examples_of(_value(args, ids.AREA_EXAMPLES)),
        _value(args, ids.AREA_OWNER) or None,
        _value(args, ids.AREA_CHANNEL) or None,
    )

"""App Home: drawn when it is opened, and again after a button on it was pressed."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import home as blocks
from bot.desk import Desk
from bot.flows import home
from bot.listeners.replies import user_of
from bot.slack_client import slack_errors


def opened(desk: Desk, args: Args) -> None:
    """Draw the home tab anew whenever somebody opens it."""
    if (args.event or {}).get("tab") in {None, "home"}:
        publish(desk, args)


def pressed(args: Args) -> bool:
    """Whether what is handled was pressed on the home tab, which then shows something old."""
    return (args.body.get("view") or {}).get("type") == "home"


def publish(desk: Desk, args: Args) -> None:
    """Draw this person's home tab. Raises Refused or TryLater."""
    user = user_of(args)
    found = home.home(
        desk.deps, desk.scope(user), desk.persona(user), edits=desk.may(user, "review"), admin=user in desk.admins()
    )
    with slack_errors("views.publish"):
        args.client.views_publish(user_id=user, view=blocks.home(found))

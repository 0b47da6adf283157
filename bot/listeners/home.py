"""App Home."""

from __future__ import annotations

from slack_bolt import Args

from bot.blocks import home
from bot.desk import Desk
from bot.flows import areas, report
from bot.help import help_for
from bot.listeners.replies import user_of
from bot.slack_client import slack_errors


def opened(desk: Desk, args: Args) -> None:
    """Draw the home tab anew whenever somebody opens it."""
    if (args.event or {}).get("tab") not in {None, "home"}:
        return
    user = user_of(args)
    health = report.health(desk.deps, desk.workspace, connected=True)
    themes = report.list_themes(desk.deps, desk.scope(user), report.ThemesRequest())
    admin = user in desk.admins()
    listed = areas.listing(desk.deps, desk.scope(user)) if admin else None
    view = home.home(health, themes, help_for(desk.persona(user)), admin=admin, areas=listed)
    with slack_errors("views.publish"):
        args.client.views_publish(user_id=user, view=view)

"""Who is calling, and the way into Socket Mode."""

from __future__ import annotations

from typing import Any

from playground.errors import SlackError
from playground.slack import Slack
from playground.web_api.registry import Args, method


@method("auth.test", tokens=("bot", "app"))
def auth_test(slack: Slack, _args: Args) -> dict[str, Any]:
    workspace, app = slack.workspace, slack.app
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.users[app.user_id].name,
        "team_id": workspace.team_id,
        "user_id": app.user_id,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def auth_revoke(slack: Slack, args: Args) -> dict[str, Any]:
    """Revoking a bot token takes the app out of the workspace."""
    if not args.flag("test"):
        slack.uninstall()
    return {"revoked": not args.flag("test")}


@method("oauth.v2.access", tokens=())
def oauth_access(slack: Slack, args: Args) -> dict[str, Any]:
    credentials = (args.text("client_id"), args.text("client_secret"))
    return slack.grants.exchange(*credentials, args.text("code"), args.text("redirect_uri"))


@method("api.test", tokens=("bot", "app"))
def api_test(_slack: Slack, args: Args) -> dict[str, Any]:
    if args.text("error"):
        raise SlackError(args.text("error"))
    return {"args": args.values}


@method("apps.connections.open", tokens=("app",))
def connections_open(slack: Slack, _args: Args) -> dict[str, Any]:
    return {"url": slack.new_socket_url()}


@method("team.info", "team:read")
def team_info(slack: Slack, _args: Args) -> dict[str, Any]:
    workspace = slack.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain, "icon": {}}}


@method("bots.info", "users:read")
def bots_info(slack: Slack, args: Args) -> dict[str, Any]:
    wanted = args.text("bot", slack.app.bot_id)
    for app in (slack.app, *slack.workspace.apps.values()):
        if app.bot_id == wanted:
            bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.user_id}
            return {"bot": {**bot, "updated": 0, "icons": {}}}
    raise SlackError("bot_not_found")

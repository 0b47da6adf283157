"""People and user groups."""

from __future__ import annotations

from typing import Any

from playground.errors import SlackError
from playground.people import User
from playground.slack import Slack
from playground.web_api.registry import Args, method, page_of


def _shown(slack: Slack, user: User) -> dict[str, Any]:
    return user.as_slack(slack.workspace.team_id, with_email=slack.has_scope("users:read.email"))


@method("users.info", "users:read")
def users_info(slack: Slack, args: Args) -> dict[str, Any]:
    return {"user": _shown(slack, slack.user(args.text("user")))}


@method("users.list", "users:read")
def users_list(slack: Slack, args: Args) -> dict[str, Any]:
    users = slack.workspace.users
    ids, more = page_of(list(users), args, "user")
    return {"members": [_shown(slack, users[i]) for i in ids], "cache_ts": int(slack.clock()), **more}


@method("users.lookupByEmail", "users:read.email")
def lookup_by_email(slack: Slack, args: Args) -> dict[str, Any]:
    for user in slack.workspace.users.values():
        if not user.is_bot and user.email == args.text("email"):
            return {"user": _shown(slack, user)}
    raise SlackError("users_not_found")


@method("usergroups.list", "usergroups:read")
def usergroups_list(slack: Slack, args: Args) -> dict[str, Any]:
    return {
        "usergroups": [
            {
                "id": group.id,
                "team_id": slack.workspace.team_id,
                "is_usergroup": True,
                "name": group.name,
                "handle": group.handle,
                "description": "",
                "date_delete": 0,
                "user_count": len(group.users),
                **({"users": list(group.users)} if args.flag("include_users") else {}),
            }
            for group in slack.workspace.groups.values()
        ]
    }


@method("usergroups.users.list", "usergroups:read")
def usergroups_users_list(slack: Slack, args: Args) -> dict[str, Any]:
    group = slack.workspace.groups.get(args.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}

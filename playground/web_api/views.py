"""Modals and home tabs."""

from __future__ import annotations

from typing import Any

from playground.errors import SlackError
from playground.slack import Slack
from playground.web_api.registry import Args, method


@method("views.open")
def views_open(slack: Slack, args: Args) -> dict[str, Any]:
    view = slack.views.checked(args.json("view"), "modal")
    trigger = slack.triggers.exchange(args.required("trigger_id"))
    return {"view": slack.views.open(trigger.user, view)}


@method("views.push")
def views_push(slack: Slack, args: Args) -> dict[str, Any]:
    view = slack.views.checked(args.json("view"), "modal")
    trigger = slack.triggers.exchange(args.required("trigger_id"))
    return {"view": slack.views.push(trigger.user, view)}


@method("views.update")
def views_update(slack: Slack, args: Args) -> dict[str, Any]:
    view = slack.views.checked(args.json("view"), "modal")
    updated = slack.views.update(view, args.text("view_id"), args.text("external_id"), args.text("hash"))
    return {"view": updated}


@method("views.publish")
def views_publish(slack: Slack, args: Args) -> dict[str, Any]:
    view = slack.views.checked(args.json("view"), "home")
    user = args.required("user_id")
    if user not in slack.workspace.users:
        raise SlackError("user_not_found")
    return {"view": slack.views.publish(user, view, args.text("hash"))}

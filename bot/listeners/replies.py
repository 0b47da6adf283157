"""Ways to answer what a person did: in the place of the message they pressed, beside it, or for everybody."""

from __future__ import annotations

from typing import Any

import structlog
from slack_bolt import Args
from slack_sdk.webhook import WebhookResponse

from bot.blocks.message import Rendered
from bot.desk import Desk

log = structlog.get_logger(__name__)


def user_of(args: Args) -> str:
    """The person who acted, who invited us when it is ourselves who joined; "" when Slack does not tell."""
    user = str(args.context.user_id or "")
    if user and user == args.context.bot_user_id:
        return str((args.body.get("event") or {}).get("inviter") or "")
    return user


def channel_of(args: Args) -> str | None:
    return args.context.channel_id


def value_of(args: Args) -> str:
    """What the pressed button or chosen option carries."""
    payload: dict[str, Any] = dict(args.action or {})
    option = payload.get("selected_option")
    return str(option["value"] if isinstance(option, dict) else payload.get("value") or "")


def reply(desk: Desk, args: Args, answer: Rendered, *, replace: bool = False, public: bool = False) -> None:
    """Answer by the response_url where there is one (it works where we are no member), else to the person alone.

    Raises TryLater or Refused when neither way is open.
    """
    if args.context.response_url and _responded(args, answer, replace=replace, public=public):
        return
    thread = thread_of(args)
    desk.tell(user_of(args), answer.text, answer.blocks, channel=channel_of(args), thread_ts=thread)


def thread_of(args: Args) -> str | None:
    """The thread in which something was pressed or said; a message that one person alone sees names it as container."""
    message: dict[str, Any] = args.body.get("message") or args.body.get("event") or {}
    container: dict[str, Any] = args.body.get("container") or {}
    return message.get("thread_ts") or container.get("thread_ts")


def _responded(args: Args, answer: Rendered, *, replace: bool, public: bool) -> bool:
    """Send by the response_url; once more as text where Slack refuses the blocks. False when it is used up."""
    for blocks in (answer.blocks, ()):
        try:
            response: WebhookResponse = args.respond(
                text=answer.text,
                blocks=[dict(block) for block in blocks],
                response_type="in_channel" if public else "ephemeral",
                replace_original=replace,
                unfurl_links=False,
                unfurl_media=False,
            )
        except OSError as error:
            log.warning("response_url_unreachable", error=type(error).__name__)
            return False
        if response.status_code == 200:
            return True
        log.error("response_refused", status=response.status_code, body=response.body[:200], blocks=len(blocks))
        if "blocks" not in str(response.body):
            return False
    return False

"""What the app answers to an interaction outside the Web API: acknowledgement payloads and response urls."""

from __future__ import annotations

from typing import Any

from playground.channels import Message
from playground.errors import SlackError
from playground.slack import Slack
from playground.tickets import ResponseUrl


def respond(slack: Slack, key: str, body: dict[str, Any]) -> None:
    """A post to a response url. Raises SlackError used_url, expired_url (404) or one about the content."""
    with slack.workspace.lock:
        url = slack.response_urls.use(key)
        if _truth(body.get("delete_original")):
            _delete(slack, url)
        elif _truth(body.get("replace_original")):
            _replace(slack, url, slack.content(body))
        else:
            show(slack, url.user, url.channel, body)


def show(slack: Slack, user: str, channel_id: str, body: dict[str, Any]) -> Message:
    """Show an answer: to everybody (`in_channel`, no membership needed) or to the person who asked."""
    content = slack.content(body)
    if body.get("thread_ts"):
        content["thread_ts"] = body["thread_ts"]
    if body.get("response_type") == "in_channel":
        return slack.post_as_bot(slack.workspace.channels[channel_id], content)
    return slack.whisper_as_bot(channel_id, user, content)


def _replace(slack: Slack, url: ResponseUrl, content: Message) -> None:
    fields = {"blocks": None, "attachments": None, **content}
    if url.whisper and url.ts:
        slack.workspace.replace_whisper(url.user, url.ts, fields)
    elif url.ts and url.ts in slack.workspace.channels[url.channel].messages:
        _own(slack, url, "cant_update_message")
        slack.workspace.change(url.channel, url.ts, fields)
    else:
        show(slack, url.user, url.channel, content)


def _delete(slack: Slack, url: ResponseUrl) -> None:
    if url.whisper and url.ts:
        slack.workspace.replace_whisper(url.user, url.ts, None)
    elif url.ts and url.ts in slack.workspace.channels[url.channel].messages:
        _own(slack, url, "cant_delete_message")
        slack.workspace.remove(url.channel, url.ts)


def _own(slack: Slack, url: ResponseUrl, error: str) -> None:
    """A shortcut on a person's message gives no right to change that message."""
    message = slack.workspace.channels[url.channel].messages[url.ts or ""]
    if message.get("bot_id") != slack.app.bot_id:
        raise SlackError(error, status=404)


def _truth(value: Any) -> bool:
    return str(value).lower() == "true"

"""Uploads in three steps, and looking at a file."""

from __future__ import annotations

from typing import Any

from playground.errors import SlackError, invalid
from playground.slack import Slack
from playground.web_api.chat import threaded, writable
from playground.web_api.registry import Args, method


@method("files.getUploadURLExternal", "files:write")
def get_upload_url(slack: Slack, args: Args) -> dict[str, Any]:
    name = args.required("filename")
    try:
        length = int(args.required("length"))
    except ValueError as error:
        raise invalid("invalid_arguments", ["must be an integer [json-pointer:/length]"]) from error
    if length <= 0:
        raise SlackError("file_upload_size_restricted")
    upload = slack.files.reserve(name, length, slack.app.user_id)
    return {"upload_url": f"{slack.base_url}/upload/{upload.key}", "file_id": upload.id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(slack: Slack, args: Args) -> dict[str, Any]:
    entries = args.json("files")
    if not isinstance(entries, list) or not entries or any(not isinstance(e, dict) or "id" not in e for e in entries):
        raise invalid("invalid_arguments", ["missing required field: files [json-pointer:/files]"])
    target = args.text("channel_id") or args.text("channels")
    channel = writable(slack, Args({"channel": target})) if target else None
    uploads = [slack.files.complete(str(e["id"]), str(e.get("title") or "")) for e in entries]
    if channel:
        for upload in uploads:
            upload.channels.append(channel.id)
        shared = {
            "subtype": "file_share",
            "text": args.text("initial_comment"),
            "files": [slack.files.as_slack(u) for u in uploads],
            "upload": True,
        }
        slack.post_as_bot(channel, shared | threaded(channel, args))
    return {"files": [slack.files.as_slack(u) for u in uploads]}


@method("files.info", "files:read")
def files_info(slack: Slack, args: Args) -> dict[str, Any]:
    return {"file": slack.files.info(args.required("file"))}

"""Where a Slack message can be opened: made from its ids as Slack does, so that no message costs a call."""

from __future__ import annotations

from sqlmodel import Session

from storage import workspaces

KEY = "slack_url"


def permalink(session: Session, workspace: str, channel: str, ts: str, thread_ts: str | None = None) -> str | None:
    """The address of a message; None while the workspace's own address is not known."""
    url = workspaces.setting(session, workspace, KEY)
    if not url:
        return None
    address = f"{str(url).rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    return f"{address}?thread_ts={thread_ts}&cid={channel}" if thread_ts and thread_ts != ts else address

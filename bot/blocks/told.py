"""What a person is told in a direct message because they asked to be."""

from __future__ import annotations

from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, inline, section
from bot.words import RISE_WORDS
from intelligence.model import PatternKind, Theme


def fixed(theme: Theme, release: str | None) -> Rendered:
    """The theme was marked as fixed."""
    where = f" in {inline(release, 40)}" if release else ""
    return _about(theme, f"is marked as fixed{where}", "You asked to be told. I go on watching whether it comes back.")


def answered(theme: Theme, release: str | None) -> Rendered:
    """The theme whose reporters this agent answered was marked as fixed."""
    where = f" in {inline(release, 40)}" if release else ""
    line = f"{theme.key} ({inline(theme.title)}) is marked as fixed{where}. You answered people who reported it."
    row = actions(
        button("Review drafts", f"{ids.OPEN}:loop", "loop", style="primary"),
        button("Open", ids.OPEN, f"theme {theme.key}"),
    )
    return rendered(line, [section(line), row, context("Nothing is sent to them without a click.")])


def risen(theme: Theme, kind: PatternKind, *, area: str | None = None) -> Rendered:
    """The theme got an alert, or a graver one. `area`: of which the reader is the owner."""
    because = f"You own the product area {inline(area, 60)}." if area else "You watch this theme."
    return _about(theme, RISE_WORDS[kind], because)


def formed(theme: Theme) -> Rendered:
    """A theme has formed of what the person said was missed."""
    return _about(theme, "has formed", "You said that this pattern was missed. You watch this theme now.")


def refused(theme: Theme, reason: str) -> Rendered:
    """The tracker did not open the issue that the person wanted."""
    what = f"has no issue yet: {inline(reason, 300)}"
    return _about(theme, what, "You pressed Create issue; you can press it again.")


UNDELIVERED = {
    "is_archived": "the channel is archived",
    "channel_not_found": "the channel is gone, or I was removed from it",
    "not_in_channel": "I am not in it any more",
    "restricted_action": "the channel's settings do not let apps post",
}


def undelivered(theme: Theme | None, alert_id: int, reason: str, channel: str) -> Rendered:
    """An alert could not be posted where it belongs; the admin sends it elsewhere."""
    name = f"{theme.key} ({inline(theme.title)})" if theme else "A critical ticket"
    code = next(iter(reason.replace(":", " ").split()), "")
    why = UNDELIVERED.get(code, f"Slack refused it ({inline(reason, 120)})")
    what = f"{name} has an alert that I could not post to <#{channel}>: {why}."
    fix = "Choose a channel for alerts with `/ticket-intel channel` in it, then press *Post it*."
    buttons = [button("Post it", ids.ALERT_POST, f"alert:{alert_id}", style="primary")]
    buttons += [button("Open", ids.OPEN, f"theme {theme.key}")] if theme else []
    return rendered(what, [section(what), actions(*buttons), context(fix)])


def _about(theme: Theme, what: str, because: str) -> Rendered:
    line = f"*{theme.key}* ({inline(theme.title)}) {what}."
    opened = button("Open", ids.OPEN, f"theme {theme.key}")
    blocks: list[Block] = [section(line), actions(opened), context(because)]
    return rendered(f"{theme.key} ({inline(theme.title)}) {what}.", blocks)

"""The review list of who is to be told of a fix."""

from __future__ import annotations

from bot.answers_tracking import Draft, Drafts, Held
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, address, button, context, inline, link, section
from bot.words import count
from intelligence.model import Theme

SHOWN = 10
MOST = 1200  # characters of what one reporter reads


def drafts(answer: Drafts) -> Rendered:
    """Each draft as it would be posted, with its checks; nothing goes without a click."""
    if not answer.shown:
        told = "Nobody waits to be told. When a theme is resolved, its reporters stand here."
        return rendered(told, [section(told)])
    told = f"{count(answer.waiting, 'reporter')} can be told. Each is sent by your click, in their own thread."
    blocks: list[Block | None] = [section(told)]
    for draft in answer.shown[:SHOWN]:
        blocks += _draft(draft)
    return rendered(told, blocks)


def waiting(theme: Theme, number: int) -> Rendered:
    """Said once for a fix: somebody has to look at the drafts."""
    where = f" in {inline(theme.resolved_release, 40)}" if theme.resolved_release else ""
    told = f"{theme.key} ({inline(theme.title)}) is marked as fixed{where}. {count(number, 'reporter')} can be told."
    review = actions(button("Review drafts", ids.OPEN, "loop", style="primary"))
    return rendered(told, [section(told), review, context("Nothing is sent without a click.")])


def held(found: Held) -> Rendered:
    """Said once, after a fix that nothing came back from."""
    numbers = (
        f"{count(found.before, 'ticket')} in the {found.days} days before, {found.after} in the {found.days} after"
    )
    told = f"{found.theme.key} ({inline(found.theme.title)}): the fix held. {numbers}."
    return rendered(told, [section(told), actions(button("Open", ids.OPEN, f"theme {found.theme.key}"))])


def told(text: str, page: str | None = None) -> Rendered:
    """What a reporter reads in their thread."""
    said = _with_page(text, page)
    return rendered(said, [section(said)])


def _with_page(text: str, page: str | None) -> str:
    url = address(page)
    return f"{inline(text, MOST)}{f' {link(url, _short(url))}' if url else ''}"


def _short(url: str) -> str:
    """An address as people read it."""
    return url.split("://", 1)[-1].rstrip("/")


def _draft(draft: Draft) -> list[Block | None]:
    value, place = f"draft:{draft.id}", "ticket" if draft.copy_only else "thread"
    where = f" · {link(draft.url, place)}" if address(draft.url) else ""
    skip = button("Skip", ids.LOOP_SKIP, value)
    elsewhere = "Not in Slack: answer there with this text, then say so here." if draft.copy_only else ""
    warning = draft.problem or elsewhere
    did = ("I told them", ids.LOOP_TOLD) if draft.copy_only else ("Send", ids.LOOP_SEND)
    send = None if draft.problem else button(*did, value, style="primary")
    told = _with_page(draft.text, draft.page)
    return [
        section(f"*{draft.theme.key}* {inline(draft.theme.title)}{where}\n{told}"),
        context(inline(warning, 300)) if warning else None,
        actions(*([send] if send else []), skip),
    ]

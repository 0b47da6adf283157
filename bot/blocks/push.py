"""The one quiet line that is said unasked."""

from __future__ import annotations

from bot.answers import ThemeCard
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, address, button, context, escape, inline, link
from bot.words import posted_link, sure, workaround

MOST_WORDS = 200


def line(card: ThemeCard, chance: float, ticket_id: int) -> Rendered:
    """That it is known, and the best help there is; pressing says that it is something else."""
    theme = card.theme
    told = f"Known, {sure(chance)}: *{theme.key}* {inline(theme.title)}"
    helps: list[str] = []
    if theme.issue_key:
        helps.append(f"issue {link(theme.issue_url, theme.issue_key)}")
    if theme.roadmap:
        helps.append(f"planned for {inline(theme.roadmap, 60)}")
    if card.workaround is not None:
        helps.append(f"{escape(workaround(card.workaround))}: {inline(card.workaround.text, MOST_WORDS)}")
    pages = [page for page in card.links if address(page.url)]
    helps += [f"{posted_link(pages[0])} {link(pages[0].url, 'this page')}"] if pages else []
    value = f"ticket:{ticket_id} theme:{theme.key}"
    opened = button("Open", ids.OPEN, f"theme {theme.key}")
    blocks: list[Block] = [
        context(" · ".join([told, *helps])),
        actions(opened, button("Not this", ids.KNOWN_NOT, value)),
    ]
    return rendered(f"Known, {sure(chance)}: {theme.key} {inline(theme.title)}", blocks)

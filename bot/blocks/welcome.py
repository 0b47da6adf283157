"""The first message of a direct conversation, and what a mention that asks nothing gets."""

from __future__ import annotations

from bot.blocks.help import start
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, context, section
from bot.grammar import Help

HELLO = "Hello. I read support conversations and say what they are about: counted, quoted, with a receipt."
WALLS = (
    "In a thread I answer a mention (`@Ticket Intel is this known?`): Slack lets nobody type slash commands there. "
    "Where I am no member, invite me first: your mention does not reach me."
)


def welcome(starts: Help) -> Rendered:
    """Who speaks, what to try, and where Slack's walls are."""
    return rendered(HELLO, [section(HELLO), *start(starts).blocks, context(WALLS)])


def not_a_member() -> Rendered:
    """For a person whose thread the bot cannot read."""
    told = "I am not in that channel, so I read this one message only. `/invite @Ticket Intel` lets me read the thread."
    blocks: list[Block] = [section(told)]
    return rendered(told, blocks)

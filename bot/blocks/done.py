"""What a press or a verb changed: said at once."""

from __future__ import annotations

import re

from bot.answers import Done
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, escape, inert, inline, section, truncate

_CHANNEL = re.compile(r"<#([CG][A-Z0-9]{2,20})>")


def done(answer: Done) -> Rendered:
    """The effect in one sentence, details below, and the way back where there is one."""
    told = _words(answer.text)
    blocks: list[Block | None] = [section(told)]
    if any(answer.details):
        blocks.append(context("\n".join(inline(line, 200) for line in answer.details[:8])))
    if answer.undo:
        blocks.append(actions(button("Undo", ids.UNDO, truncate(answer.undo, 200))))
    return rendered(told, blocks)


def _words(sentence: str) -> str:
    """Our sentence with words of others escaped; a channel it names stays a link, which pings nobody."""
    pieces = _CHANNEL.split(truncate(" ".join(sentence.split()), 900))
    return "".join(f"<#{piece}>" if position % 2 else escape(inert(piece)) for position, piece in enumerate(pieces))

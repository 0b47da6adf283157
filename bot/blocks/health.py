"""How the machine is, for people: first what needs somebody, then the figures."""

from __future__ import annotations

from bot.answers_workspace import Health
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, context, header, inline, section
from bot.words import count, health_figures, health_strip


def health(answer: Health) -> Rendered:
    """The answer to `health`."""
    title = "All is well" if not answer.problems else f"{count(len(answer.problems), 'thing')} to look at"
    blocks: list[Block | None] = [
        header(title),
        section("\n".join(f"• {inline(line, 300)}" for line in answer.problems[:10])) if answer.problems else None,
        section("\n".join(inline(line, 200) for line in health_figures(answer))),
        context(health_strip(answer)),
    ]
    return rendered(f"{title}. {health_strip(answer)}", blocks)

"""Several alerts within an hour, as one message; each stands in its thread."""

from __future__ import annotations

from bot.answers_alerts import Burst, EpisodeLine
from bot.blocks import ids
from bot.blocks.alert_list import named
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, button, context, header, inline, section
from bot.words import ALERT_WORDS, KIND_WORDS, count

MOST_LISTED = 20


def burst(answer: Burst) -> Rendered:
    """What they have in common first: it may be one cause."""
    title = f"{count(len(answer.lines), 'alert')} within an hour"
    blocks: list[Block] = [header(title)]
    if answer.common:
        told = "\n".join(f"• {inline(line, 240)}" for line in answer.common)
        blocks.append(section(f"*They may have one cause*\n{told}"))
    else:
        blocks.append(section("I see nothing that most of them have in common."))
    blocks += [_line(line) for line in answer.lines[:MOST_LISTED]]
    left = len(answer.lines) - MOST_LISTED
    more = f"{left} more: `/ticket-intel alerts`. " if left > 0 else ""
    blocks.append(
        context(f"{more}The later ones stand in this thread, with their buttons, so that the channel rings once.")
    )
    return rendered(f"{title}{': ' + inline(answer.common[0], 200) if answer.common else ''}", blocks)


def _line(line: EpisodeLine) -> Block:
    name = named(line)
    facts = [KIND_WORDS[line.kind], count(line.tickets, "ticket"), ALERT_WORDS[line.state]]
    facts += [f"<{line.link}|open>"] if line.link else []
    return section(
        f"{name}\n{' · '.join(facts)}", button("Theme", ids.OPEN, f"theme {line.theme.key}") if line.theme else None
    )

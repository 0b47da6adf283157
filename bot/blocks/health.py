"""How the machine is, for people: first what needs somebody, then the figures."""

from __future__ import annotations

from bot.answers import Health
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, context, header, inline, section
from bot.words import count, span


def health(answer: Health) -> Rendered:
    """The answer to `health`."""
    title = "All is well" if not answer.problems else f"{count(len(answer.problems), 'thing')} to look at"
    blocks: list[Block | None] = [
        header(title),
        section("\n".join(f"• {inline(line, 300)}" for line in answer.problems[:10])) if answer.problems else None,
        section("\n".join(figures(answer))),
        context(strip(answer)),
    ]
    return rendered(f"{title}. {strip(answer)}", blocks)


def figures(answer: Health) -> list[str]:
    """What is stored and what is being done, a line each."""
    lines = [
        f"{count(answer.tickets, 'ticket')} over {count(round(answer.data_days), 'day')}, {answer.analysed:,} read, "
        f"{count(answer.themes, 'theme')}"
    ]
    working = ", ".join(f"{number:,} {inline(state, 20)}" for state, number in answer.jobs.items() if number)
    lines.append(f"Work: {working or 'nothing waiting'}")
    lines.append(f"Read by {inline(answer.analyzer, 40)}{_tokens(answer)}")
    lines.append("Alerts are in shadow: only the admin sees them" if answer.shadow else "Alerts go to their channels")
    return lines


def _tokens(answer: Health) -> str:
    if answer.token_cap <= 0 and answer.tokens_today <= 0:
        return ""
    return f", {answer.tokens_today:,} of {answer.token_cap:,} tokens today"


def strip(answer: Health) -> str:
    """The health strip: one line."""
    lag = f"oldest unread {span(answer.ingest_lag)}" if answer.ingest_lag is not None else "nothing unread"
    facts = ["connected" if answer.connected else "not connected", lag]
    facts.append(f"{count(answer.inbox_waiting, 'delivery', 'deliveries')} to read")
    facts.append(f"{count(answer.outbox_waiting, 'message')} to send")
    return " · ".join(facts)

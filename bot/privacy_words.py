"""How erasing is said, in Slack and in the terminal."""

from __future__ import annotations

from bot.answers_privacy import ForgetPreview
from bot.words import count

FINAL = "This cannot be taken back. Messages in Slack and tickets in the helpdesk stay there: delete them there."
MOST_NAMED = 10


def forgetting(seen: ForgetPreview) -> list[str]:
    """The headline, then a line for everything that goes or changes."""
    who = f"this account with {count(seen.people, 'person', 'people')}" if seen.account else "this customer"
    lines = [f"Forget {who}: {count(seen.tickets, 'ticket')} with all that was said in them"]
    if seen.elsewhere:
        lines.append(f"{count(seen.elsewhere, 'message')} of theirs in tickets of others")
    lines.append("Readings, vectors, quotes and what was learned from them; names, ids and pseudonyms everywhere")
    if seen.known_from:
        sources = ", ".join(seen.known_from)
        lines.append(f"Known so from {sources}. Nobody tells me whether somebody elsewhere is the same person")
    if seen.themes:
        named = ", ".join(seen.themes[:MOST_NAMED])
        more = f" and {len(seen.themes) - MOST_NAMED} more" if len(seen.themes) > MOST_NAMED else ""
        lines.append(f"Counted and named again: {named}{more}")
    if seen.alerts:
        lines.append(f"{count(seen.alerts, 'alert')} lose evidence; messages that live are edited")
    if seen.reports:
        lines.append(
            f"{count(seen.reports, 'published report')} counted again and marked; in Slack they stay as posted"
        )
    if seen.outside:
        lines.append(f"Not ours to edit: {', '.join(seen.outside[:MOST_NAMED])}")
    return lines

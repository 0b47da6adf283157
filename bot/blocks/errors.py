"""What went wrong, in one sentence, and what to do."""

from __future__ import annotations

from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import clean, escape, naming_people, section
from bot.errors import TicketIntelError


def error(problem: TicketIntelError) -> Rendered:
    """A known error's sentence; words of others in it are escaped."""
    told = naming_people(problem.sentence, 600)
    return rendered(told, [section(told)])


def unexpected(reference: str) -> Rendered:
    """Something of ours broke: the reference finds it in the log."""
    told = f"Something went wrong (ref {escape(clean(reference)[:12])}). Please try again in a minute."
    return rendered(told, [section(told)])

"""How often we are right, with intervals; where nobody has looked, that."""

from __future__ import annotations

from collections.abc import Sequence

from bot import review_words as words
from bot.answers_review import Quality
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, context, escape, header, section
from bot.words import count


def quality(answer: Quality) -> Rendered:
    """The answer to `quality`."""
    overall = words.share(answer.accuracy.primary, enough=answer.enough)
    exact = words.share(answer.accuracy.subcategory, enough=answer.enough)
    blocks: list[Block | None] = [
        header("How often I am right"),
        section(f"*Category*: {overall}\n*Sub-category*: {exact}"),
        _list("When I say", words.category_lines(answer)),
        section(escape(words.agreement(answer.agreement))),
        _list("Most often corrected", words.confusion_lines(answer)),
        section(rated) if (rated := words.helpful(answer.helpful)) else None,
        _list("Alerts", words.alert_lines(answer.alerts)),
        section(learned) if (learned := words.taught(answer.taught)) else None,
        context(_footer(answer)),
    ]
    return rendered(f"Category accuracy: {overall}", blocks)


def _list(title: str, lines: Sequence[str]) -> Block | None:
    return section("\n".join([f"*{title}*", *(f"• {escape(line)}" for line in lines)])) if lines else None


def _footer(answer: Quality) -> str:
    undecided = f" {count(answer.cannot_tell, 'card')} nobody could tell." if answer.cannot_tell else ""
    return (
        f"Last {answer.days} days. Accuracy is from the random cards of `review` alone; uncertain cards, flags and "
        f"second readings are kept apart.{undecided}"
    )

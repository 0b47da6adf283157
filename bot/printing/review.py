"""Review and quality in a terminal."""

from __future__ import annotations

from rich.console import Console

from bot import review_words, words
from bot.answers_review import Quality, ReviewCard, ReviewOver, Saved
from bot.blocks.parts import clean, truncate
from bot.printing.parts import MOST_LINE, say
from intelligence.model import LabelSet


def card(out: Console, answer: ReviewCard) -> None:
    _saved(out, answer.saved)
    say(out, f"Review {review_words.progress(answer.progress)}, ticket {answer.ticket_id}", "bold")
    for spoken in answer.said:
        say(out, f"  {spoken.role}: “{truncate(clean(spoken.text), MOST_LINE)}”")
    if (found := answer.analysis) is None:
        say(out, "A second reading: choose the label yourself.")
        say(out, "Answer with: ticket-intel review fix LABEL, or unsure", "dim")
        return
    labels = LabelSet(found.subcategory, found.area, found.frustration, found.urgency)
    sure = "unsure" if found.unsure else f"{words.percent(found.confidence)} sure"
    say(out, f"I read {review_words.category(labels)} ({sure}); {clean(review_words.others(labels))}")
    if found.drivers:
        say(out, f"Words that decided: {clean(', '.join(found.drivers))}", "dim")
    say(out, "Answer with: ticket-intel review right, fix LABEL, or unsure", "dim")


def over(out: Console, answer: ReviewOver) -> None:
    _saved(out, answer.saved)
    say(out, answer.text)


def _saved(out: Console, saved: Saved | None) -> None:
    if saved is not None:
        say(out, saved.text, "dim")


def quality(out: Console, answer: Quality) -> None:
    say(out, f"Category: {review_words.share(answer.accuracy.primary, enough=answer.enough)}", "bold")
    say(out, f"Sub-category: {review_words.share(answer.accuracy.subcategory, enough=answer.enough)}")
    learned = review_words.taught(answer.taught)
    for line in (
        *(f"  when I say {line}" for line in review_words.category_lines(answer)),
        review_words.agreement(answer.agreement),
        *(f"  {line}" for line in review_words.confusion_lines(answer)),
        *review_words.alert_lines(answer.alerts),
        *([learned] if learned else []),
    ):
        say(out, line)
    say(out, f"Last {answer.days} days; accuracy is from the random cards of `review` alone", "dim")

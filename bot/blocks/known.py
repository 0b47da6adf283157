""" "Is this a known pattern?": the verdict first, then what can be done, then why."""

from __future__ import annotations

from typing import Any

from bot.answers import Candidate, KnownAnswer, ThemeCard
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.modals import modal
from bot.blocks.parts import (
    Block,
    actions,
    button,
    clean,
    context,
    escape,
    inert,
    inline,
    plain,
    rich,
    rich_section,
    section,
    text,
    truncate,
)
from bot.blocks.theme import pages, status_line, what_helped
from bot.words import VERDICT_WORDS, count, joined, people, sure, without_theme
from intelligence.model import Verdict

DOTS = {Verdict.KNOWN: "🟢", Verdict.PROBABLY: "🟡", Verdict.NEW: "🟣", Verdict.NOT_ENOUGH_TEXT: "⚪"}
MOST_DRAFT = 900
MOST_SAFE = 2_000


def known(answer: KnownAnswer, *, customers_read: bool = False, short: bool = False, shared: bool = False) -> Rendered:
    """The answer. `customers_read` marks a thread that customers see (the answer is for the asker alone and says so);
    `short` is for being asked again: no reasons, no draft; a `shared` answer has no buttons that are one person's."""
    best = answer.best
    blocks: list[Block | None] = [
        section(_verdict(answer)),
        *(_about(best) if best else []),
        *([] if short else _draft(answer.draft)),
        *([] if short else _reasons(answer)),
        None if shared else _buttons(answer, customers_read=customers_read),
        *_others(answer, shared=shared),
        None if shared else _pick(answer),
        None if shared or short else _feedback(answer),
        context("Only you see this: customers read this thread") if customers_read else None,
    ]
    return rendered(known_text(answer), blocks)


def known_text(answer: KnownAnswer) -> str:
    """The verdict in one line."""
    word = VERDICT_WORDS[answer.verdict]
    if answer.best is None:
        return f"{word}. {without_theme(answer)}"
    card = answer.best
    told = f"{word} ({sure(answer.probability)}): {card.theme.key} {inline(card.theme.title)}"
    return f"{told}, {count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}"


def _verdict(answer: KnownAnswer) -> str:
    word = f"{DOTS[answer.verdict]} *{VERDICT_WORDS[answer.verdict]}*"
    if answer.best is None:
        return f"{word}. {without_theme(answer)}"
    card = answer.best
    size = f"{count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}"
    return f"{word}, {sure(answer.probability)}: *{card.theme.key}* {inline(card.theme.title)} ({size})"


def _about(card: ThemeCard) -> list[Block]:
    return [section(status_line(card, names=False)), *what_helped(card.workaround), *pages(card.links[:1])]


def _draft(draft: str | None) -> list[Block]:
    if not draft or not clean(draft):
        return []
    words = {"type": "rich_text_preformatted", "elements": [text(truncate(clean(draft), MOST_DRAFT))]}
    return [rich(rich_section(text("Draft reply", bold=True)), words)]


def _reasons(answer: KnownAnswer) -> list[Block]:
    """Shared and different phrases; they are words of tickets."""
    lines: list[Block] = []
    for told, phrases in (("Both say ", answer.matched), ("Only this one says ", answer.differs)):
        shown = joined([f"“{truncate(clean(phrase), 60)}”" for phrase in phrases if clean(phrase)][:5], 4)
        if shown:
            lines.append(rich_section(text(told), text(shown, italic=True)))
    return [rich(*lines)] if lines else []


def _others(answer: KnownAnswer, *, shared: bool) -> list[Block]:
    """Other themes it may be; with a stored ticket, one press puts it there."""
    best = answer.best.theme.id if answer.best else None
    rest = [candidate for candidate in answer.candidates if candidate.theme.id != best][:3]
    if answer.verdict is Verdict.KNOWN or not rest:
        return []
    asked = [context("Or is it one of these?")] if answer.best else []
    return [*asked, *(_other(candidate, answer.ticket_id, shared=shared) for candidate in rest)]


def _other(candidate: Candidate, ticket_id: int | None, *, shared: bool) -> Block:
    theme = candidate.theme
    told = f"*{theme.key}* {inline(theme.title)} · {count(candidate.tickets, 'ticket')}"
    if shared:
        return section(told)
    if ticket_id is None:
        return section(told, button("Open", ids.OPEN, f"theme {theme.key}"))
    return section(told, button("Same", ids.KNOWN_SAME, f"ticket:{ticket_id} theme:{theme.key}"))


def _pick(answer: KnownAnswer) -> Block | None:
    """Any other theme, by its number or words of its title."""
    if answer.ticket_id is None or answer.verdict is Verdict.NOT_ENOUGH_TEXT:
        return None
    select: Block = {
        "type": "external_select",
        "action_id": ids.KNOWN_PICK,
        "min_query_length": 0,
        "placeholder": plain("Pick another theme", 150),
    }
    return {"type": "actions", "block_id": f"pick:{answer.ticket_id}", "elements": [select]}


def _feedback(answer: KnownAnswer) -> Block | None:
    """Was it of help? Counted in `quality`."""
    if answer.verdict is Verdict.NOT_ENOUGH_TEXT:
        return None
    about = f" theme:{answer.best.theme.key}" if answer.best else ""
    element: Block = {
        "type": "feedback_buttons",
        "action_id": ids.KNOWN_FEEDBACK,
        "positive_button": {"text": plain("Helpful", 75), "value": f"said:good{about}"},
        "negative_button": {"text": plain("Not helpful", 75), "value": f"said:bad{about}"},
    }
    return {"type": "context_actions", "elements": [element]}


def safe_window(draft: str, metadata: str) -> dict[str, Any]:
    """What would be posted where customers read, to be changed first: nothing of other customers is in it."""
    element = {
        "type": "plain_text_input",
        "action_id": ids.SAFE_TEXT,
        "multiline": True,
        "max_length": MOST_SAFE,
        "initial_value": truncate(draft, MOST_SAFE),
    }
    field = {"type": "input", "block_id": ids.SAFE_TEXT, "label": plain("Customers read this"), "element": element}
    told = section("I post it in the thread under my name. No counts, names or quotes of others are in it.")
    return modal(ids.SAFE_VIEW, metadata, "Customer-safe version", [told, field], submit="Post")


def safe_reply(words: str) -> Rendered:
    """What customers read: plain words in which nothing is parsed."""
    told = truncate(inert(words).strip(), MOST_SAFE)
    return rendered(escape(told), [rich(rich_section(text(told or "…")))])


def _buttons(answer: KnownAnswer, *, customers_read: bool) -> Block | None:
    if answer.best is None:
        return None
    key = answer.best.theme.key
    made: list[Block] = []
    if answer.ticket_id is not None:
        value = f"ticket:{answer.ticket_id} theme:{key}"
        made += [button("Same", ids.KNOWN_SAME, value), button("Not this", ids.KNOWN_NOT, value)]
    made.append(button("Notify me when fixed", ids.KNOWN_NOTIFY, f"theme:{key}"))
    made.append(button("Open", ids.OPEN, f"theme {key}"))
    if customers_read and answer.draft:
        made.append(button("Post a customer-safe version", ids.KNOWN_SAFE, f"theme:{key}"))
    return actions(*made)

"""The windows behind buttons: snooze, not useful, copy as issue, evidence, ask."""

from __future__ import annotations

from typing import Any

from bot.answers import EvidencePage
from bot.blocks import ids
from bot.blocks.parts import Block, actions, button, clean, context, option, plain, quotes, section, truncate
from bot.words import count

View = dict[str, Any]

SNOOZE_LABELS = {
    "tickets": ("More tickets", "Wakes when as many more have come as you choose below"),
    "days": ("7 days", "Wakes in a week, whatever comes"),
    "date": ("A day", "Wakes on the morning of the day that you choose below"),
    "release": ("The next release", "Wakes when a release is noted"),
}
MORE = "5"
REASONS = {
    "noise": ("Noise", "Counts as a false alarm, and as one in the accuracy"),
    "duplicate": ("Duplicate", "Closes it; the other alert goes on"),
    "known": ("We know already", "Returns only if it grows beyond its usual range"),
    "wrong_group": ("Wrong group", "The tickets do not belong together: look at a split"),
}


def snooze(alert_id: int) -> View:
    """Until when an alert should be quiet; never for ever."""
    options = [option(label, value, told) for value, (label, told) in SNOOZE_LABELS.items()]
    more = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "1000"}
    day = {"type": "datepicker", "placeholder": plain("Choose a day", 150)}
    return modal(
        ids.SNOOZE_VIEW,
        f"alert:{alert_id}",
        "Snooze",
        [
            _radio("Quiet for or until", ids.SNOOZE_UNTIL, options),
            _optional("How many more tickets", ids.SNOOZE_MORE, more | {"initial_value": MORE}),
            _optional("Which day", ids.SNOOZE_DAY, day),
            context("It goes on counting. When it wakes, the thread says so."),
        ],
        submit="Snooze",
    )


def _optional(label: str, name: str, element: Block) -> Block:
    """A field that matters only for one of the choices."""
    field = {"type": "input", "block_id": name, "label": plain(label), "element": {**element, "action_id": name}}
    return field | {"optional": True}


def not_useful(alert_id: int) -> View:
    """Why an alert was not useful: each reason does something of its own."""
    options = [option(label, value, told) for value, (label, told) in REASONS.items()]
    return modal(
        ids.NOT_USEFUL_VIEW,
        f"alert:{alert_id}",
        "Not useful",
        [_radio("What was wrong with it?", ids.NOT_USEFUL_REASON, options)],
        submit="Close alert",
    )


def copy_issue(subject: str, markdown: str) -> View:
    """An issue's text to copy; `subject` is "alert:12" or "theme:TI-42"."""
    element = {
        "type": "plain_text_input",
        "action_id": ids.ISSUE_VIEW,
        "multiline": True,
        "initial_value": truncate(markdown, 3000),
    }
    field = {
        "type": "input",
        "block_id": ids.ISSUE_VIEW,
        "label": plain("Markdown"),
        "element": element,
        "optional": True,
    }
    told = section("Select all, copy, and paste it into your tracker. Nothing is sent from here.")
    return modal(ids.ISSUE_VIEW, subject, "Copy as issue", [told, field], submit="Done")


def copy_markdown(markdown: str) -> View:
    """Any answer's text to copy, the start of it where it is longer than a window takes."""
    view = copy_issue("", markdown)
    told = "Select all and copy. `ticket-intel gaps --export FILE` writes everything."
    return view | {"title": plain("Copy as Markdown", 24), "blocks": [section(told), view["blocks"][1]]}


def evidence(page: EvidencePage) -> View:
    """What stands behind an alert or theme, a page at a time."""
    blocks: list[Block] = [section(f"*{count(page.total, 'ticket')}*, newest first")]
    for quote in page.quotes:
        if shown := quotes([quote]):
            blocks.append(shown)
            if quote.ticket_id is not None:
                blocks.append(
                    actions(button("Move", f"{ids.EDIT_MOVE}:{quote.ticket_id}", f"ticket:{quote.ticket_id}"))
                )
    if not page.quotes:
        blocks.append(context("No quotes to show here"))
    if page.held_back:
        blocks.append(context(f"{count(page.held_back, 'quote')} held back: their channels share counts only"))
    turns = [
        button(label, f"{ids.EVIDENCE_PAGE}:{to}", f"{page.subject} page:{to}")
        for label, to in (("Back", page.page - 1), (f"Page {page.page + 1} of {page.pages}", page.page + 1))
        if 1 <= to <= page.pages
    ]
    if turns:
        blocks.append(actions(*turns))
    return modal(ids.EVIDENCE_VIEW, page.subject, page.title, blocks)


def ask() -> View:
    """The global shortcut's question."""
    element = {
        "type": "plain_text_input",
        "action_id": ids.ASK_TEXT,
        "multiline": True,
        "max_length": 3000,
        "placeholder": plain("Paste what the customer wrote", 150),
    }
    field = {
        "type": "input",
        "block_id": ids.ASK_TEXT,
        "label": plain("What did the customer say?"),
        "element": element,
    }
    return modal(ids.ASK_VIEW, "", "Is this known?", [field], submit="Ask")


def message(title: str, *texts: str) -> View:
    """A window that only says something: its text is our own words."""
    return modal("", "", title, [section(text) for text in texts])


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _radio(label: str, name: str, options: list[Block]) -> Block:
    element = {"type": "radio_buttons", "action_id": name, "options": options, "initial_option": options[0]}
    return {"type": "input", "block_id": name, "label": plain(label), "element": element}


def modal(callback: str, metadata: str, title: str, blocks: list[Block], submit: str | None = None) -> View:
    """A window; `submit` is the word on its button, None for one that only shows."""
    view: View = {
        "type": "modal",
        "title": plain(truncate(clean(title), 24), 24),
        "close": plain("Cancel" if submit else "Close", 24),
        "blocks": blocks[:100],
        "private_metadata": metadata,
    }
    view |= {"callback_id": callback} if callback else {}
    return view | {"submit": plain(submit, 24)} if submit else view

"""Review cards: a ticket's words, what was read in them, and three buttons; and the window that corrects a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.answers_review import FixForm, ReviewCard, ReviewOver, Saved, Spoken
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import (
    Block,
    actions,
    button,
    clean,
    context,
    escape,
    inline,
    link,
    moment,
    option,
    plain,
    quoted,
    rich,
    rich_section,
    section,
    text,
    truncate,
)
from bot.review_words import UNASSIGNED, category, others, progress
from bot.words import percent
from intelligence.model import Analysis, Draw, LabelSet, Level, PrimaryCategory, Role, Subcategory
from intelligence.taxonomy import DEFINITIONS, PRIMARY_TITLES, primary_of, subcategories_of

View = dict[str, Any]

MOST_AREAS = 99  # options of a select, less "unassigned"
NO_AREA = "-"
LEVELS = {level: level.value.capitalize() for level in Level}


def card(answer: ReviewCard) -> Rendered:
    """One ticket to judge, in the place of the one before."""
    subject = f"card:{answer.card_id}"
    blocks: list[Block | None] = [
        *_saved(answer.saved),
        section(f"*Review {progress(answer.progress)}* · {_kind(answer)}"),
        _conversation(answer.said) or context("This channel shares counts only: open the ticket to read it."),
        context(" · ".join(_footer(answer))),
        section(_labels(answer.analysis)) if answer.analysis else section("*Which label is right?* Mine is hidden."),
        _drivers(answer.analysis),
        actions(*_buttons(answer, subject)),
    ]
    return rendered(f"Review {progress(answer.progress)}: ticket {answer.ticket_id}", blocks)


def over(answer: ReviewOver) -> Rendered:
    """No more cards, and why."""
    done = f"{answer.progress.done} of {answer.progress.total} answered" if answer.progress.total else "No cards yet"
    blocks: list[Block | None] = [*_saved(answer.saved), section(_ours(answer.text)), context(done)]
    return rendered(_ours(answer.text), blocks)


def _ours(words: str) -> str:
    """Our own sentence, with what others named in it escaped."""
    return escape(truncate(clean(words), 600))


def _saved(saved: Saved | None) -> list[Block]:
    """What was stored a moment ago, and the way back."""
    if saved is None:
        return []
    return [section(_ours(saved.text), button("Undo", ids.REVIEW_UNDO, saved.undo))]


def _kind(answer: ReviewCard) -> str:
    if answer.blind:
        return "second reader, blind: it measures how far two people agree"
    if answer.draw is Draw.UNCERTAIN:
        return "picked because I am unsure: I learn most from these"
    return "drawn at random: it counts in the accuracy"


def _conversation(said: Sequence[Spoken]) -> Block | None:
    elements: list[Block] = []
    for spoken in said:
        who = "Customer" if spoken.role is Role.CUSTOMER else "Agent"
        elements += [rich_section(text(who, bold=True)), quoted(spoken.text, 700)]
    return rich(*elements) if elements else None


def _footer(answer: ReviewCard) -> list[str]:
    told = [f"Ticket {answer.ticket_id}", moment(answer.at)]
    return [*told, link(answer.link, "open")] if answer.link else told


def _labels(found: Analysis) -> str:
    labels = LabelSet(found.subcategory, found.area, found.frustration, found.urgency)
    sure = "unsure" if found.unsure else f"{percent(found.confidence)} sure"
    meaning = DEFINITIONS[found.subcategory].meaning
    return f"I read *{inline(category(labels))}* ({sure}): {meaning}\n{inline(others(labels), 200).capitalize()}"


def _drivers(found: Analysis | None) -> Block | None:
    if found is None or not found.drivers:
        return None
    words = [word for word in found.drivers if not word.startswith("cue: ")]
    cues = [word.removeprefix("cue: ") for word in found.drivers if word.startswith("cue: ")]
    told = ["Words that decided: " + ", ".join(f"“{inline(word, 40)}”" for word in words[:6])] if words else []
    told += ["Signs: " + ", ".join(inline(cue, 40) for cue in cues[:6])] if cues else []
    return context(" · ".join(told))


def _buttons(answer: ReviewCard, subject: str) -> list[Block]:
    unsure = button("Can't tell", ids.REVIEW_UNSURE, subject)
    if answer.blind:
        return [button("Choose label", ids.REVIEW_FIX, subject, style="primary"), unsure]
    right = button("Right", ids.REVIEW_RIGHT, subject, style="primary")
    return [right, button("Fix", ids.REVIEW_FIX, subject), unsure]


def window(form: FixForm, *, metadata: str = "", chosen: PrimaryCategory | None = None) -> View:
    """The window that corrects a label. `chosen` is the category picked in it so far, which decides the
    sub-categories; `metadata` goes with it unseen.
    """
    primary = chosen or (None if form.blind else primary_of(form.labels.subcategory))
    blocks: list[Block] = [rich(quoted(form.excerpt, 300)), _primary(primary)]
    if primary is not None:
        current = form.labels.subcategory
        keeps = primary_of(current) is primary and not form.blind
        blocks.append(_sub(primary, current if keeps else None, form.meanings))
        blocks += _rest(form)
    view: View = {
        "type": "modal",
        "callback_id": ids.LABEL_VIEW,
        "title": plain("Choose the label" if form.blind else "Correct this label", 24),
        "close": plain("Cancel", 24),
        "submit": plain("Save", 24),
        "blocks": blocks,
        "private_metadata": metadata or form.subject,
    }
    return view


def _primary(chosen: PrimaryCategory | None) -> Block:
    options = [option(PRIMARY_TITLES[primary], primary.value) for primary in PrimaryCategory]
    return _input("Category", ids.REVIEW_PRIMARY, ids.REVIEW_PRIMARY, options, chosen) | {"dispatch_action": True}


def _sub(primary: PrimaryCategory, chosen: Subcategory | None, sharpened: Mapping[Subcategory, str]) -> Block:
    """Another block for each category: a choice made in one must not survive in the next."""
    found = [DEFINITIONS[sub] for sub in subcategories_of(primary)]
    options = [option(d.title, d.subcategory.value, sharpened.get(d.subcategory, d.meaning)) for d in found]
    return _input("Sub-category", f"{ids.LABEL_SUB}:{primary.value}", ids.LABEL_SUB, options, chosen)


def _rest(form: FixForm) -> list[Block]:
    """Area and levels, which a blind reader is not asked for."""
    if form.blind:
        return []
    names = [name for name in form.areas if name.strip()][:MOST_AREAS]
    areas = [option(UNASSIGNED.capitalize(), NO_AREA)]
    areas += [option(name, str(place)) for place, name in enumerate(names)]
    area = str(names.index(form.labels.area)) if form.labels.area in names else NO_AREA
    levels = [option(label, level.value) for level, label in LEVELS.items()]
    return [
        _input("Product area", ids.LABEL_AREA, ids.LABEL_AREA, areas, area),
        _input("Frustration", ids.LABEL_FRUSTRATION, ids.LABEL_FRUSTRATION, levels, form.labels.frustration),
        _input("Urgency", ids.LABEL_URGENCY, ids.LABEL_URGENCY, levels, form.labels.urgency),
    ]


def _input(label: str, block_id: str, action_id: str, options: list[Block], chosen: str | None) -> Block:
    element: Block = {
        "type": "static_select",
        "action_id": action_id,
        "options": options,
        "placeholder": plain("Choose", 150),
    }
    first = next((one for one in options if chosen is not None and one["value"] == str(chosen)), None)
    if first is not None:
        element["initial_option"] = first
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def chosen_labels(state: dict[str, Any], form: FixForm) -> LabelSet:
    """The labels in a window that was sent in. Raises KeyError where no sub-category is chosen."""

    def value(block_id: str, action_id: str) -> str | None:
        option_ = (state.get(block_id, {}).get(action_id, {}) or {}).get("selected_option")
        return option_["value"] if option_ else None

    primary = value(ids.REVIEW_PRIMARY, ids.REVIEW_PRIMARY)
    sub = value(f"{ids.LABEL_SUB}:{primary}", ids.LABEL_SUB)
    if sub is None:
        raise KeyError("no sub-category is chosen")
    labels = form.labels
    area = value(ids.LABEL_AREA, ids.LABEL_AREA)
    names = [name for name in form.areas if name.strip()][:MOST_AREAS]
    return LabelSet(
        Subcategory(sub),
        labels.area if area is None else None if area == NO_AREA else names[int(area)],
        Level(value(ids.LABEL_FRUSTRATION, ids.LABEL_FRUSTRATION) or labels.frustration),
        Level(value(ids.LABEL_URGENCY, ids.LABEL_URGENCY) or labels.urgency),
    )

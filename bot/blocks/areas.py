"""Product areas: the list, a window for one, what a change would move, and what the history suggests."""

from __future__ import annotations

import json
from typing import Any

from bot import area_grammar, grammar
from bot.answers_areas import AreaForm, AreaLine, AreaPreview, AreaProposals, AreasView, ProposedArea
from bot.area_words import effect, run, summary, unlisted
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.modals import View, modal
from bot.blocks.parts import (
    Block,
    actions,
    button,
    context,
    escape,
    header,
    inline,
    person,
    plain,
    quotes,
    section,
    truncate,
)
from bot.grammar import Request
from bot.words import count
from intelligence.model import Area

MOST_LISTED = 40
NEW = "areas add"


def areas(view: AreasView) -> Rendered:
    """Every area with its tickets, its words, who owns it and where its alerts go."""
    told = f"{count(len(view.lines), 'product area')}: {summary(view)}" if view.lines else "No product areas yet"
    blocks: list[Block] = [header("Product areas"), section(f"*{escape(summary(view))}*")]
    blocks += [section(line(one), _edit(place, one)) for place, one in enumerate(view.lines[:MOST_LISTED])]
    if not view.lines:
        blocks.append(section("No areas yet: let me propose some from your tickets, or add one."))
    blocks += [context(inline(note, 400)) for note in (unlisted(view), run(view.run)) if note]
    blocks.append(actions(button("Propose from tickets", f"{ids.OPEN}:propose", "areas propose"), _new()))
    blocks.append(context(f"In words: `{ids.COMMAND} {area_grammar.EXAMPLES['words']}`, or `help areas`"))
    return rendered(told, blocks)


def line(one: AreaLine) -> str:
    """An area in two lines."""
    facts = [count(one.tickets, "ticket")]
    facts += [f"owner {person(one.area.owner)}"] if one.area.owner else []
    facts += [f"alerts to <#{one.area.channel}>"] if one.area.channel else []
    facts += [f"all of {', '.join(f'#{inline(name, 60)}' for name in one.sources[:5])}"] if one.sources else []
    words = inline(", ".join(one.area.words), 200) or "_no words: its name alone marks it_"
    return f"*{inline(one.area.name, 60)}* {' · '.join(facts)}\n{words}"


def _edit(place: int, one: AreaLine) -> Block:
    request = grammar.render(Request("areas", {"action": "edit", "area": one.area.name}))
    return button("Edit", f"{ids.EDIT_AGAIN}:{place}", request)


def _new() -> Block:
    return button("Add an area", f"{ids.EDIT_AGAIN}:new", NEW)


def home(view: AreasView) -> list[Block]:
    """The administrators' part of App Home: the areas in short, and the way to change them."""
    blocks: list[Block] = [header("Product areas"), section(escape(summary(view)))]
    blocks += [section(line(one), _edit(place, one)) for place, one in enumerate(view.lines[:10])]
    rest = len(view.lines) - 10
    blocks += [context(f"and {rest} more")] if rest > 0 else []
    blocks += [context(inline(run(view.run), 300))] if run(view.run) else []
    shown = button("All areas", f"{ids.OPEN}:areas", "areas")
    blocks.append(actions(shown, button("Propose from tickets", f"{ids.OPEN}:propose", "areas propose"), _new()))
    return blocks


def preview(found: AreaPreview, *, shared: bool = False) -> Rendered:
    """A change before it is made, with the button that makes it."""
    lines = effect(found.effect)
    told = f"{inline(found.text, 300)}. {inline(lines[0], 200)}"
    blocks: list[Block] = [section(f"*{inline(found.text, 600)}*"), section(_bulleted(lines))]
    blocks += [context(inline(note, 300)) for note in found.notes[:5]]
    kept = "Imported areas, mapped channels and what people corrected stay. It can be taken back."
    blocks.append(context(kept))
    do = button("Do it", ids.SHOW, found.line, style="primary")
    blocks += [] if shared else [actions(do, button("Cancel", ids.EDIT_CANCEL, "edit:nothing"))]
    return rendered(told, blocks)


def _bulleted(lines: tuple[str, ...]) -> str:
    return "\n".join([inline(lines[0], 200), *(f"• {inline(one, 200)}" for one in lines[1:])])


def proposals(found: AreaProposals, *, shared: bool = False) -> Rendered:
    """What the history suggests, each taken by a click."""
    if not found.proposals:
        told = f"I have no area to propose: themes of the last {found.days} days are in one, or too few tickets are."
        return rendered(told, [section(told), actions(_new())])
    told = (
        f"{count(len(found.proposals), 'area')} from {count(found.tickets, 'ticket')} of {found.days} days in no area"
    )
    blocks: list[Block] = [header("Proposed areas"), section(f"*{escape(told)}*")]
    for place, one in enumerate(found.proposals):
        add = None if shared else button("Add", f"{ids.OPEN}:area{place}", one.line)
        blocks.append(section(_proposed(one), add))
        if shown := quotes(one.quotes, 160):
            blocks.append(shown)
    blocks.append(context(f"Names and words are yours to change: `{ids.COMMAND} {area_grammar.EXAMPLES['rename']}`"))
    return rendered(told, blocks)


def _proposed(one: ProposedArea) -> str:
    words = inline(", ".join(one.words), 200)
    told = f"*{inline(one.name, 60)}* {count(one.tickets, 'ticket')}{' · as imports call it' if one.imported else ''}"
    themes = f"\nThemes: {'; '.join(inline(title, 80) for title in one.titles)}" if one.titles else ""
    return f"{told}\nWords: {words or 'none'}{themes}"


def message(form: AreaForm) -> Rendered:
    """An area where no window can be opened."""
    area = form.area
    if area is None:
        told = f"Type `{ids.COMMAND} {area_grammar.EXAMPLES['add']}`"
        return rendered(told, [section(told)])
    told = line(AreaLine(area, form.tickets, ()))
    hint = f"`{ids.COMMAND} {area_grammar.EXAMPLES['owner']}` and the like change it: `help areas`"
    return rendered(inline(area.name, 60), [section(told), context(hint)])


def window(form: AreaForm, channel: str | None, name: str | None = None, problem: str | None = None) -> View:
    """An area as a window. `name`: as the list calls it, where the person has typed another since."""
    area = form.area or Area("")
    known = name if name is not None else (form.area.name if form.area else None)
    metadata = json.dumps({"name": known, "version": form.version, "channel": channel})
    blocks = [
        *([section(f"⚠ {inline(problem, 300)}")] if problem else []),
        _text("Name", ids.AREA_NAME, area.name, area_grammar.MOST_NAME, hint="Billing", optional=False),
        _text("Words, with commas", ids.AREA_WORDS, ", ".join(area.words), 900, hint="invoice, refund", lines=True),
        _text(
            "Sentences that belong here, a line each, in your own words",
            ids.AREA_EXAMPLES,
            "\n".join(area.examples),
            1000,
            hint="I was charged twice this month",
            lines=True,
        ),
        _select("Owner, told of its alerts", ids.AREA_OWNER, {"type": "users_select"}, "initial_user", area.owner),
        _select("Channel for its alerts", ids.AREA_CHANNEL, _INTERNAL, "initial_conversation", area.channel),
        section("*What would it move?*", button("Look", ids.AREA_PREVIEW, "area:preview")),
    ]
    blocks += [section(_bulleted(effect(form.preview)))] if form.preview else []
    blocks.append(context(f"{count(form.tickets, 'ticket')} of {form.days} days are in it" if known else "A new area"))
    return modal(ids.AREA_VIEW, metadata, f"Area {known}" if known else "New area", blocks, submit="Save")


_INTERNAL: dict[str, Any] = {
    "type": "conversations_select",
    "filter": {
        "include": ["public", "private"],
        "exclude_external_shared_channels": True,
        "exclude_bot_users": True,
    },
}


def _text(
    label: str, name: str, value: str, most: int, *, hint: str, lines: bool = False, optional: bool = True
) -> Block:
    element: dict[str, Any] = {"type": "plain_text_input", "max_length": most, "placeholder": plain(hint, 150)}
    element |= {"multiline": True} if lines else {}
    element |= {"initial_value": truncate(value, most)} if value else {}
    return _input(label, name, element, optional=optional)


def _select(label: str, name: str, element: dict[str, Any], initial: str, value: str | None) -> Block:
    return _input(label, name, element | ({initial: value} if value else {}), optional=True)


def _input(label: str, name: str, element: dict[str, Any], *, optional: bool) -> Block:
    field = {"type": "input", "block_id": name, "label": plain(label), "element": {"action_id": name, **element}}
    return field | {"optional": True} if optional else field

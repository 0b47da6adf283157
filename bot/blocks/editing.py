"""Edits of themes before they are made: what would move, which part leaves, where a ticket goes; as window or message.

A button or window carries "edit:merge theme:TI-42 other:TI-57 version:17": what to do, and what the person had seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.answers import Quote
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.modals import View, modal
from bot.blocks.parts import (
    Block,
    actions,
    button,
    context,
    inline,
    naming_people,
    option,
    plain,
    quotes,
    section,
    truncate,
)
from bot.edits import NEW_THEME, EditForm, MergePreview, MoveForm, Proposal, SplitPreview
from bot.errors import ChangedMeanwhile
from bot.words import count, people
from intelligence.model import Theme

Preview = EditForm | MergePreview | SplitPreview | MoveForm
UNDO_TOLD = "It can be taken back for 7 days."


def message(preview: Preview) -> Rendered:
    """The preview where no window can be opened: with buttons that do it."""
    match preview:
        case MergePreview():
            blocks = [*_merge(preview), _choice("Merge", _merging(preview))]
            return rendered(_merge_line(preview), blocks)
        case SplitPreview():
            told = f"{preview.theme.key} has {count(len(preview.parts), 'part')} that could leave it"
            buttons = [
                button(
                    f"Part {part.number} leaves",
                    f"{ids.EDIT_DO}:{part.number}",
                    f"{_splitting(preview)} part:{part.number}",
                )
                for part in preview.parts
            ]
            return rendered(told, [*_split(preview), actions(*buttons, _cancel())])
        case MoveForm():
            return rendered(f"Where does ticket {preview.ticket_id} belong?", [*_move(preview), _move_select(preview)])
        case EditForm():
            told = f"{preview.theme.key} {inline(preview.theme.title)}"
            return rendered(told, [section(told), context(f"Type `rename {preview.theme.key} A better title`")])


def window(preview: Preview, channel: str | None) -> View:
    """The preview as a window; what it did is told in `channel`."""
    where = f" channel:{channel}" if channel else ""
    match preview:
        case MergePreview():
            return modal(ids.EDIT_VIEW, _merging(preview) + where, "Merge", _merge(preview), submit="Merge")
        case SplitPreview():
            chosen = preview.chosen or preview.parts[0].number
            options = [
                option(f"{p.number}. {p.title}", f"{p.number}", count(p.tickets, "ticket")) for p in preview.parts
            ]
            leaves = _input(
                "Which part leaves?",
                ids.EDIT_PART,
                {"type": "radio_buttons", "options": options, "initial_option": options[chosen - 1]},
            )
            return modal(
                ids.EDIT_VIEW, _splitting(preview) + where, "Split", [*_split(preview), leaves], submit="Split"
            )
        case MoveForm():
            home = preview.home.id if preview.home else 0
            told = f"edit:move ticket:{preview.ticket_id} home:{home}{where}"
            target = _input(
                "Where does it belong?",
                ids.EDIT_TARGET,
                {"type": "external_select", "min_query_length": 0, "placeholder": plain("A theme, or a new one", 150)},
            )
            return modal(
                ids.EDIT_VIEW, told, f"Move ticket {preview.ticket_id}", [*_move(preview), target], submit="Move"
            )
        case EditForm():
            return _form(preview, where)


def _form(form: EditForm, where: str) -> View:
    theme = form.theme
    title = {
        "type": "plain_text_input",
        "initial_value": truncate(theme.title, 110),
        "min_length": 3,
        "max_length": 110,
    }
    plan: dict[str, Any] = {"type": "plain_text_input", "max_length": 40, "placeholder": plain("Q2", 150)}
    plan |= {"initial_value": truncate(theme.roadmap, 40)} if theme.roadmap else {}
    other = {
        "type": "external_select",
        "action_id": ids.EDIT_OTHER,
        "min_query_length": 0,
        "placeholder": plain("Another theme", 150),
    }
    split = button("See its parts", ids.EDIT_SPLIT, f"theme:{theme.key}{where}")
    blocks = [
        _input("Title", ids.EDIT_TITLE, title),
        _input("Planned for", ids.EDIT_PLAN, plan, optional=True),
        section("*The same as another theme?* See what would move here.", other) | {"block_id": f"merge:{theme.key}"},
        section("*Several subjects in one?* See what could leave.", split),
        context("Everything here can be taken back for 7 days."),
    ]
    return modal(
        ids.EDIT_VIEW,
        f"edit:theme theme:{theme.key} version:{form.version}{where}",
        f"Edit {theme.key}",
        blocks,
        "Save",
    )


def _input(label: str, name: str, element: dict[str, Any], *, optional: bool = False) -> Block:
    field = {"type": "input", "block_id": name, "label": plain(label), "element": {"action_id": name, **element}}
    return field | {"optional": True} if optional else field


def _merging(preview: MergePreview) -> str:
    return f"edit:merge theme:{preview.kept.key} other:{preview.absorbed.key} version:{preview.version}"


def _splitting(preview: SplitPreview) -> str:
    return f"edit:split theme:{preview.theme.key} event:{preview.event} version:{preview.version}"


def _merge_line(preview: MergePreview) -> str:
    return f"Moves {count(preview.tickets, 'ticket')} from {preview.absorbed.key} into {preview.kept.key}"


def _merge(preview: MergePreview) -> list[Block]:
    follow = [count(preview.alerts, "alert")] if preview.alerts else []
    follow += [f"{count(preview.watchers, 'person', 'people')} who asked to be told"] if preview.watchers else []
    line = _merge_line(preview) + (f"; {' and '.join(follow)} follow" if follow else "")
    notes = [f"{preview.absorbed.key} leads to {preview.kept.key} from then on. {UNDO_TOLD}"]
    if preview.stays_out:
        out = count(preview.stays_out, "ticket")
        notes.insert(0, f"{out} stay out: somebody said that they are not {preview.kept.key}.")
    blocks: list[Block] = [section(f"*{line}*")]
    for theme, said in ((preview.kept, preview.kept_quotes), (preview.absorbed, preview.absorbed_quotes)):
        blocks += _theme_with(theme, said)
    return [*blocks, context("\n".join(notes))]


def _theme_with(theme: Theme, said: Sequence[Quote]) -> list[Block]:
    shown = quotes(said, 200)
    return [section(f"*{theme.key}* {inline(theme.title)}"), *([shown] if shown else [])]


def _split(preview: SplitPreview) -> list[Block]:
    theme = preview.theme
    blocks: list[Block] = [section(f"*{theme.key}* {inline(theme.title)} has {count(preview.tickets, 'ticket')}.")]
    for part in preview.parts:
        size = f"{count(part.tickets, 'ticket')}, {people(part.customers, part.unknown)}"
        blocks.append(section(f"*{part.number}. {inline(part.title)}*\n{size}"))
        if shown := quotes(part.quotes, 200):
            blocks.append(shown)
    return [*blocks, context(f"The part that leaves becomes a theme of its own and stays apart. {UNDO_TOLD}")]


def _move(form: MoveForm) -> list[Block]:
    home = f"It is in *{form.home.key}* {inline(form.home.title)}." if form.home else "It waits for a theme."
    return [section(f"“{inline(form.excerpt, 200)}”\n{home}")]


def _move_select(form: MoveForm) -> Block:
    home = form.home.id if form.home else 0
    named = f"edit:move ticket:{form.ticket_id} home:{home} target:"
    options = [option(f"{t.key} {t.title}", f"{named}{t.key}") for t in form.nearest]
    options.append(option("A new theme", f"{named}{NEW_THEME}"))
    select = {
        "type": "static_select",
        "action_id": ids.EDIT_DO,
        "placeholder": plain("A theme", 150),
        "options": options,
    }
    return actions(select, _cancel())


def _choice(label: str, value: str) -> Block:
    return actions(button(label, ids.EDIT_DO, value, style="primary"), _cancel())


def _cancel() -> Block:
    return button("Cancel", ids.EDIT_CANCEL, "edit:nothing")


def changed(problem: ChangedMeanwhile) -> Rendered:
    """Somebody was quicker: who did what, and the way to do one's own on top of it."""
    told = naming_people(problem.sentence, 900)
    redo = str(problem.details["redo"])
    label = "Do mine now" if redo.startswith(("rename", "plan", "move")) else "Look at it again"
    return rendered(told, [section(told), actions(button(label, ids.EDIT_AGAIN, truncate(redo, 1900)))])


def options(themes: Sequence[Theme], *, new: bool) -> list[Block]:
    """Themes to choose from, and a new one where that is possible."""
    made = [option(f"{theme.key} {theme.title}", theme.key) for theme in themes[:99]]
    return [*made, option("A new theme", NEW_THEME)] if new else made


def proposal_lines(found: Sequence[Proposal], *, shared: bool = False) -> list[Block]:
    """What the machine would do, each with one click for yes and one for no."""
    blocks: list[Block] = []
    for proposal in found[:3]:
        blocks.append(section(_proposed(proposal)))
        if not shared:
            value = f"proposal:{proposal.event}"
            label = "Merge" if proposal.merges else "Split"
            yes, no = f"{ids.PROPOSAL_YES}:{proposal.event}", f"{ids.PROPOSAL_NO}:{proposal.event}"
            blocks.append(actions(button(label, yes, value), button("Dismiss", no, value)))
    return blocks


def _proposed(proposal: Proposal) -> str:
    moved = count(proposal.tickets, "ticket")
    theme = f"*{proposal.theme.key}* {inline(proposal.theme.title, 60)}"
    if proposal.other is not None:
        other = f"*{proposal.other.key}* {inline(proposal.other.title, 60)}"
        return f"Proposal: {theme} and {other} look like one. Merging moves {moved}.\n_{inline(proposal.reason, 160)}_"
    look = "looks" if proposal.tickets == 1 else "look"
    return f"Proposal: {moved} in {theme} {look} like another subject.\n_{inline(proposal.reason, 160)}_"

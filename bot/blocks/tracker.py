"""The window before an issue is opened: what may be the same, and the title."""

from __future__ import annotations

import re
from typing import Final

from bot.answers_tracking import IssueForm
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.modals import View, modal
from bot.blocks.parts import Block, actions, button, context, inline, link, plain, section, truncate
from integrations.trackers.port import Issue

_REF: Final = re.compile(r"[A-Za-z0-9-]{1,64}")  # what a button may carry


def searching(key: str) -> View:
    """While the tracker is asked."""
    return modal("", f"theme:{key}", "Create issue", [section("Looking for issues that may be the same …")])


def _duplicate(about: str, issue: Issue, *, tie: bool) -> Block:
    """An issue, and the click that ties the theme to it instead of opening another."""
    told = f"{link(issue.url, f'{issue.key} {issue.title}')} ({issue.state})"
    known = tie and _REF.fullmatch(issue.ref) is not None
    return section(told, button("This is it", ids.ISSUE_TIE, f"{about} issue:{issue.ref}") if known else None)


def message(form: IssueForm) -> Rendered:
    """The same as an answer to `issue TI-42`: the window asks for the title."""
    about = f"theme:{form.theme.key} target:{form.target}"
    told = f"{form.theme.key} ({inline(form.theme.title)}): an issue in {inline(form.place, 80)}."
    opened = actions(button("Create issue", ids.ISSUE_OPEN, about, style="primary"))
    return rendered(told, [section(told), *_likely(form, tie=False), opened])


def _likely(form: IssueForm, *, tie: bool) -> list[Block]:
    """What may be the same, with the click that takes it where there is a window."""
    about = f"theme:{form.theme.key} target:{form.target}"
    if form.duplicates is None:
        return [context("The tracker did not answer: look for duplicates there first.")]
    if not form.duplicates:
        return [context("No issue looks like it.")]
    return [section("*May be the same*"), *(_duplicate(about, one, tie=tie) for one in form.duplicates)]


def window(form: IssueForm) -> View:
    """Likely duplicates first, then the title to open it under."""
    about = f"theme:{form.theme.key} target:{form.target}"
    element = {
        "type": "plain_text_input",
        "action_id": ids.ISSUE_TITLE,
        "initial_value": truncate(form.theme.title, 200),
        "max_length": 250,
    }
    field = {"type": "input", "block_id": ids.ISSUE_TITLE, "label": plain("Title"), "element": element}
    blocks = _likely(form, tie=True)
    with_it = "questions, outline, the page and links" if form.target == "docs" else "severity and links"
    where = f"Goes to {inline(form.place, 80)}. " if form.place else ""
    blocks += [field, context(f"{where}With counts, masked quotes of public channels, {with_it}.")]
    return modal(ids.ISSUE_OPEN_VIEW, about, "Create issue", blocks, submit="Create issue")

"""The window before an issue is opened: what may be the same, and the title."""

from __future__ import annotations

import re
from typing import Final

from bot.answers_tracking import IssueForm
from bot.blocks import ids
from bot.blocks.modals import View, modal
from bot.blocks.parts import Block, button, context, link, plain, section, truncate
from integrations.trackers.port import Issue

_REF: Final = re.compile(r"[A-Za-z0-9-]{1,64}")  # what a button may carry


def searching(key: str) -> View:
    """While the tracker is asked."""
    return modal("", f"theme:{key}", "Create issue", [section("Looking for issues that may be the same …")])


def _duplicate(key: str, issue: Issue) -> Block:
    """An issue, and the click that ties the theme to it instead of opening another."""
    told = f"{link(issue.url, f'{issue.key} {issue.title}')} ({issue.state})"
    known = _REF.fullmatch(issue.ref) is not None
    return section(told, button("This is it", ids.ISSUE_TIE, f"theme:{key} issue:{issue.ref}") if known else None)


def window(form: IssueForm) -> View:
    """Likely duplicates first, then the title to open it under."""
    key = form.theme.key
    element = {
        "type": "plain_text_input",
        "action_id": ids.ISSUE_TITLE,
        "initial_value": truncate(form.theme.title, 200),
        "max_length": 250,
    }
    field = {"type": "input", "block_id": ids.ISSUE_TITLE, "label": plain("Title"), "element": element}
    blocks: list[Block] = []
    if form.duplicates is None:
        blocks.append(context("The tracker did not answer: look for duplicates there first."))
    elif form.duplicates:
        blocks += [section("*May be the same*"), *(_duplicate(key, one) for one in form.duplicates)]
    else:
        blocks.append(context("No issue looks like it."))
    blocks += [field, context("With counts, severity, masked quotes of public channels and links.")]
    return modal(ids.ISSUE_OPEN_VIEW, f"theme:{key}", "Create issue", blocks, submit="Create issue")

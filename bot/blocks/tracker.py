"""The window before an issue is opened: what may be the same, and the title."""

from __future__ import annotations

from bot.answers_tracking import IssueForm
from bot.blocks import ids
from bot.blocks.modals import View, modal
from bot.blocks.parts import Block, context, inline, link, plain, section, truncate


def searching(key: str) -> View:
    """While the tracker is asked."""
    return modal("", f"theme:{key}", "Create issue", [section("Looking for issues that may be the same …")])


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
        lines = [f"• {link(one.url, f'{one.key} {one.title}')} ({one.state})" for one in form.duplicates]
        blocks.append(section("*May be the same*\n" + "\n".join(lines)))
        first = inline(form.duplicates[0].key, 80)
        blocks.append(context(f"If one is: `/ticket-intel link {key} {first}` ties it instead."))
    else:
        blocks.append(context("No issue looks like it."))
    blocks += [field, context("With counts, severity, masked quotes of public channels and links.")]
    return modal(ids.ISSUE_OPEN_VIEW, f"theme:{key}", "Create issue", blocks, submit="Create issue")

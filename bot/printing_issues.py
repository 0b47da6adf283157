"""Issues and the loop in a terminal: likely duplicates, what the rule would have opened, whom to tell of a fix."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot import issue_rule_words as said
from bot.answers_tracking import Drafts, IssueForm, IssuePreview
from bot.blocks.parts import clean, truncate
from bot.words import count
from intelligence.issue_rules import IssueMode

_LINE = 800


def form(out: Console, answer: IssueForm) -> None:
    """Likely duplicates, and the line that opens it."""
    theme, docs = answer.theme, " docs" if answer.target == "docs" else ""
    _line(out, f"{theme.key} {theme.title}: an issue in {answer.place}", "bold")
    if answer.duplicates is None:
        _line(out, "The tracker did not answer: look for duplicates there first.")
    elif not answer.duplicates:
        _line(out, "No issue looks like it.")
    else:
        _line(out, f"{count(len(answer.duplicates), 'issue')} may be the same:")
    for issue in answer.duplicates or ():
        _line(out, f"  {issue.key} {issue.title} ({issue.state})  {issue.url}")
        _line(out, f"  To tie it: ticket-intel link {theme.key} {issue.key}", "dim")
    _line(out, f"To open it: ticket-intel issue {theme.key}{docs} confirm", "dim")


def preview(out: Console, answer: IssuePreview) -> None:
    """All themes that would have crossed the volume, the newest first."""
    _line(out, said.headline(answer), "bold")
    for line in answer.lines:
        _line(out, f"{line.at:%Y-%m-%d}  {line.theme.key} {line.theme.title}: {said.fate(line)}")
    for told in said.rules(answer):
        _line(out, told, "dim")
    if answer.mode is IssueMode.AUTO:
        _line(out, f"To switch it on: ticket-intel {said.switching(answer)}", "dim")


def drafts(out: Console, answer: Drafts) -> None:
    """Each draft as it would be told, and the lines that decide about it."""
    if not answer.shown:
        _line(out, "Nobody waits to be told. When a theme is resolved, its reporters stand here.")
        return
    _line(out, f"{count(answer.waiting, 'reporter')} can be told", "bold")
    for draft in answer.shown:
        page = f" {draft.page}" if draft.page else ""
        _line(out, f"{draft.id}. {draft.theme.key} {draft.theme.title}{f'  {draft.url}' if draft.url else ''}")
        _line(out, f"   {draft.text}{page}")
        word = "told" if draft.copy_only else "send"
        ways = f"ticket-intel loop {word} {draft.id} · ticket-intel loop skip {draft.id}"
        _line(out, f"   {draft.problem or ways}", "dim")


def _line(out: Console, text: str, style: str = "") -> None:
    lead = text[: len(text) - len(text.lstrip())]
    out.print(Text(lead + truncate(clean(text), _LINE), style=style), soft_wrap=True)

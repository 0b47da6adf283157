"""Issues and the loop in a terminal: likely duplicates, what the rule would have opened, whom to tell of a fix."""

from __future__ import annotations

from rich.console import Console

from bot import issue_rule_words as said
from bot.answers_tracking import Drafts, IssueForm, IssuePreview
from bot.printing.parts import indented
from bot.words import count
from intelligence.issue_rules import IssueMode


def form(out: Console, answer: IssueForm) -> None:
    """Likely duplicates, and the line that opens it."""
    theme, docs = answer.theme, " docs" if answer.target == "docs" else ""
    indented(out, f"{theme.key} {theme.title}: an issue in {answer.place}", "bold")
    if answer.duplicates is None:
        indented(out, "The tracker did not answer: look for duplicates there first.")
    elif not answer.duplicates:
        indented(out, "No issue looks like it.")
    else:
        indented(out, f"{count(len(answer.duplicates), 'issue')} may be the same:")
    for issue in answer.duplicates or ():
        indented(out, f"  {issue.key} {issue.title} ({issue.state})  {issue.url}")
        indented(out, f"  To tie it: ticket-intel link {theme.key} {issue.key}", "dim")
    indented(out, f"To open it: ticket-intel issue {theme.key}{docs} confirm", "dim")


def preview(out: Console, answer: IssuePreview) -> None:
    """All themes that would have crossed the volume, the newest first."""
    indented(out, said.headline(answer), "bold")
    for line in answer.lines:
        indented(out, f"{line.at:%Y-%m-%d}  {line.theme.key} {line.theme.title}: {said.fate(line)}")
    for told in said.rules(answer):
        indented(out, told, "dim")
    if answer.mode is IssueMode.AUTO:
        indented(out, f"To switch it on: ticket-intel {said.switching(answer)}", "dim")


def drafts(out: Console, answer: Drafts) -> None:
    """Each draft as it would be told, and the lines that decide about it."""
    if not answer.shown:
        indented(out, "Nobody waits to be told. When a theme is resolved, its reporters stand here.")
        return
    indented(out, f"{count(answer.waiting, 'reporter')} can be told", "bold")
    for draft in answer.shown:
        page = f" {draft.page}" if draft.page else ""
        indented(out, f"{draft.id}. {draft.theme.key} {draft.theme.title}{f'  {draft.url}' if draft.url else ''}")
        indented(out, f"   {draft.text}{page}")
        word = "told" if draft.copy_only else "send"
        ways = f"ticket-intel loop {word} {draft.id} · ticket-intel loop skip {draft.id}"
        indented(out, f"   {draft.problem or ways}", "dim")

"""The rule for issues: what it would have done, and what it proposes, opened, or could not open."""

from __future__ import annotations

from bot import issue_rule_words as said
from bot.answers import IssueLine
from bot.answers_tracking import IssuePreview, PreviewLine, Proposed
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, day, header, inline, link, section
from bot.words import count
from intelligence.issue_rules import IssueMode
from intelligence.model import Theme

MOST_SHOWN = 15


def preview(answer: IssuePreview) -> Rendered:
    """Each theme that would have had an issue, then what switching it on means, and the switch."""
    told = said.headline(answer)
    blocks: list[Block | None] = [header("Issues by rule"), section(f"*{inline(told, 200)}*")]
    blocks += [_line(line) for line in answer.lines[:MOST_SHOWN]]
    if len(answer.lines) > MOST_SHOWN:
        blocks.append(context(f"{len(answer.lines) - MOST_SHOWN} older ones: a terminal lists all"))
    blocks.append(context("\n".join(inline(line, 300) for line in said.rules(answer))))
    if answer.mode is IssueMode.AUTO:
        switch = button("Switch it on", f"{ids.SHOW}:auto", said.switching(answer), style="primary")
        ask = button("Propose only", f"{ids.SHOW}:propose", f"settings issues propose {answer.tickets}")
        blocks.append(actions(switch, ask))
    return rendered(told, blocks)


def _line(line: PreviewLine) -> Block:
    told = f"*{line.theme.key}* {inline(line.theme.title)}\n{day(line.at.date())} · {inline(said.fate(line), 200)}"
    return section(told, button("Theme", ids.OPEN, f"theme {line.theme.key}"))


def proposed(about: Proposed) -> Rendered:
    """Asked once: open an issue, or not now."""
    theme = about.theme
    told = f"{theme.key} ({inline(theme.title)}) has no issue: {said.proposed(about)}."
    like = ", ".join(link(issue.url, issue.key) for issue in about.like)
    why = f"Not opened by itself: {inline(about.reason, 160)}{f' ({like})' if like else ''}." if about.reason else ""
    row = actions(
        button("Create issue", ids.ISSUE_OPEN, f"theme:{theme.key}", style="primary"),
        button("Not now", ids.ISSUE_NOT, f"theme:{theme.key}"),
        button("Open", ids.OPEN, f"theme {theme.key}"),
    )
    return rendered(told, [section(told), context(why) if why else None, row])


def opened(theme: Theme, issue: IssueLine, tickets: int) -> Rendered:
    """Said once: an issue that nobody clicked for."""
    text = f"{theme.key} ({inline(theme.title)}) has the issue {inline(issue.key, 60)} now, opened by the rule."
    shown = f"{theme.key} ({inline(theme.title)}) has the issue {link(issue.url, issue.key)} now, opened by the rule."
    about = f"{count(tickets, 'ticket')} · `/ticket-intel settings issues off` stops it"
    row = actions(button("Open", ids.OPEN, f"theme {theme.key}"))
    return rendered(text, [section(shown), row, context(about)])


def refused(theme: Theme, reason: str) -> Rendered:
    """The tracker did not take an issue that nobody clicked for."""
    told = f"{theme.key} ({inline(theme.title)}) should have an issue by the rule, but {inline(reason, 300)}."
    row = actions(
        button("Create issue", ids.ISSUE_OPEN, f"theme:{theme.key}"), button("Open", ids.OPEN, f"theme {theme.key}")
    )
    return rendered(told, [section(told), row])

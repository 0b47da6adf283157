"""How the rule for issues is said: the same words in Slack and on the command line. No markup, no escaping."""

from __future__ import annotations

from bot.answers_tracking import IssuePreview, PreviewLine, Proposed
from bot.words import count
from intelligence.issue_rules import MOST_A_DAY, WINDOW, IssueMode

AS_TODAY = "As themes and their tickets are today. Whether the tracker knew something like it then is not known."


def headline(answer: IssuePreview) -> str:
    """ "From 10 tickets in 30 days: 7 issues in the last 90 days"."""
    did = "opened" if answer.mode is IssueMode.AUTO else "proposed"
    return (
        f"From {answer.tickets} tickets in {WINDOW.days} days, {count(len(answer.lines), 'issue')} "
        f"would have been {did} in the last {answer.days} days"
    )


def fate(line: PreviewLine) -> str:
    """What became of the theme, and what the rule would have to leave to a person."""
    facts = [f"{count(line.tickets, 'ticket')} in {WINDOW.days} days now"]
    if line.issue:
        facts.append(f"has {line.issue.key}{f' ({line.issue.status})' if line.issue.status else ''}")
    facts += [f"closed by a person as {line.dismissed.replace('_', ' ')}"] if line.dismissed else []
    facts += ["only proposed: its title may be made of private words"] if not line.public else []
    return ", ".join(facts)


def rules(answer: IssuePreview) -> list[str]:
    """What switching it on means."""
    told = [
        "The tracker is searched first; where it knows something like it, a person is asked.",
        f"At most {MOST_A_DAY} a day are opened by themselves, and {MOST_A_DAY} proposed.",
    ]
    if waiting := [line.theme.key for line in answer.lines if line.waits]:
        told.append(f"Over it now, so proposed and not opened: {', '.join(waiting[:12])}.")
    told.append(AS_TODAY)
    if answer.unseen:
        told.append(f"{count(answer.unseen, 'ticket')} in places that you may not see are left out.")
    return told


def switching(answer: IssuePreview) -> str:
    """The line that switches it on."""
    return f"settings issues {answer.mode} {answer.tickets} confirm"


def proposed(about: Proposed) -> str:
    """ "12 tickets in 30 days; issues are proposed from 10"."""
    return f"{count(about.tickets, 'ticket')} in {WINDOW.days} days; the rule asks from {about.needed}"

"""`alerts` as a message: what lives first, then what stayed silent, then the rules."""

from __future__ import annotations

from bot.answers_alerts import AlertsView, EpisodeLine, SilenceLine
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, button, context, header, inline, moment, person, section
from bot.words import ALERT_WORDS, KIND_WORDS, count, snoozed

MOST_LIVING = 12
MOST_SILENT = 8


def alerts(answer: AlertsView) -> Rendered:
    """The answer to `alerts`."""
    shown = answer.living[:MOST_LIVING]
    title = f"{count(len(answer.living), 'living alert')}" if answer.living else "No living alerts"
    blocks: list[Block] = [header(title), context(f"False alarms: {inline(str(answer.budget), 200)}")]
    blocks += [living(line) for line in shown]
    if len(answer.living) > MOST_LIVING:
        blocks.append(context(f"{len(answer.living) - MOST_LIVING} more; `theme TI-n` shows each with its theme"))
    blocks.append(header("Not sent, last 7 days"))
    if answer.silences:
        blocks.append(section("\n".join(_silent(line) for line in answer.silences[:MOST_SILENT])))
    else:
        blocks.append(section("Everything that was found was sent."))
    blocks += [header("Rules"), section("\n".join(f"• {inline(rule, 200)}" for rule in answer.rules))]
    quiet = f"Quiet hours {answer.quiet}" if answer.quiet else "No quiet hours"
    blocks.append(context(f"{quiet} · `/ticket-intel settings` · `/ticket-intel why TI-n` has the figures"))
    return rendered(f"{title}. {inline(str(answer.budget), 200)}", blocks)


def named(line: EpisodeLine) -> str:
    """What an alert is about: its theme, or a single ticket by its own words."""
    key = f"*{line.theme.key}* " if line.theme else ""
    if line.headline:
        return f"{key}“{inline(line.headline)}”"
    return f"{key}{inline(line.theme.title)}" if line.theme else "*One ticket*"


def living(line: EpisodeLine) -> Block:
    """One alert that is not over: what it is about, how it stands, who has it."""
    name = named(line)
    facts = [KIND_WORDS[line.kind], ALERT_WORDS[line.state], count(line.tickets, "ticket")]
    facts += [str(line.severity)] if line.severity else []
    facts.append(f"since {moment(line.opened_at)}")
    facts.append(f"owned by {person(line.owner)}" if line.owner else "no owner")
    facts += [f"snoozed {inline(snoozed(line.snoozed), 60)}"] if line.snoozed else []
    facts += [f"<{line.link}|open>"] if line.link else []
    opened = button("Theme", ids.OPEN, f"theme {line.theme.key}") if line.theme else None
    return section(f"{name}\n{' · '.join(facts)}", opened)


def _silent(line: SilenceLine) -> str:
    named = ", ".join(f"{theme.key} {inline(theme.title, 60)}" for theme in line.themes)
    about = f": {named}" if named else ""
    return f"• {count(line.times, 'time')} {KIND_WORDS[line.kind].lower()}, because {inline(line.reason, 160)}{about}"

"""A workspace in a terminal: its health, channels, alerts and settings, an import, and the help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from bot import words
from bot.answers_alerts import AlertsView
from bot.answers_settings import SettingsView
from bot.answers_workspace import ChannelView, Health, ImportReport
from bot.help import Help, HelpLine
from bot.printing.parts import columns, cut, say
from bot.printing.themes import rows


def health(out: Console, answer: Health) -> None:
    for problem in answer.problems:
        say(out, f"! {problem}", "bold")
    if not answer.problems:
        say(out, "All is well", "bold")
    for line in (*words.health_figures(answer), words.health_strip(answer)):
        say(out, line)


def channel(out: Console, view: ChannelView) -> None:
    channels(out, [view])


def channels(out: Console, views: Sequence[Any]) -> None:
    if not views:
        say(out, "No channels yet. Invite me to one in Slack: /invite @Ticket Intel")
        return
    table = columns("channel", "id", "is for", "tickets", "quotes", right=("tickets",))
    for view in views:
        role = words.ROLE_WORDS[view.role] if view.role else "not chosen yet"
        table.add_row(cut(f"#{view.name}", 40), view.channel_id, role, f"{view.tickets:,}", view.quotes)
    out.print(table)


def alerts(out: Console, view: AlertsView) -> None:
    say(out, f"False alarms: {view.budget}", "bold")
    table = columns("alert", "theme", "tickets", "severity", "owner", right=("tickets",))
    for line in view.living:
        theme = f"{line.theme.key} {line.theme.title}" if line.theme else "gone"
        kind = f"{words.KIND_WORDS[line.kind]}, {words.ALERT_WORDS[line.state].lower()}"
        table.add_row(kind, cut(theme, 60), f"{line.tickets:,}", line.severity or "", line.owner or "")
    out.print(table) if view.living else say(out, "No living alerts.")
    say(out, "Not sent in the last 7 days:" if view.silences else "Everything that was found was sent.")
    for silence in view.silences:
        named = ", ".join(theme.key for theme in silence.themes)
        times = words.count(silence.times, "time")
        say(out, f"  {times} {words.KIND_WORDS[silence.kind].lower()}: {silence.reason} ({named})", "dim")
    for rule in (*view.rules, f"Quiet hours {view.quiet}." if view.quiet else "No quiet hours."):
        say(out, f"  {rule}", "dim")


def settings(out: Console, view: SettingsView) -> None:
    table = columns("setting", "is", "takes", "set by")
    for line in view.lines:
        people = f" ({', '.join(line.people)})" if line.people else ""
        since = f"{line.by}, {line.at:%Y-%m-%d}" if line.by and line.at else ""
        table.add_row(line.name, cut(f"{line.value}{people}"), line.takes, cut(since, 40))
    out.print(table)
    for one in view.trail:
        say(out, f"  {one.at:%Y-%m-%d %H:%M} {one.actor}: {one.action} {one.subject}", "dim")


def help_(out: Console, answer: Help) -> None:
    table = columns("verb", "", "example")
    for line in answer.lines:
        table.add_row(line.name, line.says, line.example)
    out.print(table)
    if answer.detailed and answer.lines:
        _detail(out, answer.lines[0])


def _detail(out: Console, line: HelpLine) -> None:
    say(out, f"Type {line.usage}")
    if line.aliases:
        say(out, f"Also {', '.join(line.aliases)}")
    say(out, f"For {line.right}")


def imported(out: Console, report: ImportReport) -> None:
    verb = "would be stored" if report.dry_run else "stored"
    facts = [f"{report.read:,} rows read", f"{words.count(report.stored, 'ticket')} {verb}"]
    facts += [f"{report.duplicates:,} known before"] if report.duplicates else []
    facts += [f"{report.rejected:,} refused"] if report.rejected else []
    facts += [f"{report.undated:,} without a date"] if report.undated else []
    facts += [f"{report.forgotten:,} of forgotten customers"] if report.forgotten else []
    say(out, f"{report.path}: {', '.join(facts)}, {words.span(report.seconds)}", "bold")
    for problem in report.problems:
        say(out, f"  {problem}", "dim")
    if report.rejected_file:
        say(out, f"The refused rows and why: {report.rejected_file}")
    if report.themes:
        say(out, "The themes with most customers:")
        out.print(rows(report.themes))

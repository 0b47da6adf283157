"""What a backtest says, the same in Slack and in a terminal: sentences without markup and without escaping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot import words
from bot.answers_alerts import Backtest, BacktestBegun, Fate, PastAlert

REASONS = {
    "noise": "noise",
    "duplicate": "a duplicate",
    "known": "known already",
    "wrong_group": "tickets that do not belong together",
}
GREW = 1.5  # times its tickets at the alert: less is no growth worth a word


def begun(answer: BacktestBegun) -> str:
    """What is said at once."""
    tickets = words.count(answer.tickets, "ticket")
    return f"I am reading {tickets} again, about {words.span(max(1.0, answer.seconds))}."


def title(answer: Backtest) -> str:
    """How many alerts, in what time."""
    return f"{answer.rule}: {words.count(len(answer.alerts), 'alert')} in {_in(words.period(answer.period))}"


def _in(period: str) -> str:
    return f"the {period}" if period.startswith("last ") else period


def pace(answer: Backtest) -> str:
    """Alerts a week and by kind: "0.7 alerts a week: 6 new pattern, 3 spike"."""
    kinds = Counter(alert.kind for alert in answer.alerts)
    named = ", ".join(f"{number} {words.KIND_WORDS[kind].lower()}" for kind, number in kinds.most_common())
    rate = f"{len(answer.alerts) / answer.weeks:.1f} alerts a week"
    sent = sum(alert.sent for alert in answer.alerts)
    told = f"; {sent} of {len(answer.alerts)} were sent in truth" if answer.alerts else ""
    return f"{rate}{f': {named}' if named else ''}{told}"


def read(answer: Backtest) -> str:
    """What was replayed."""
    before = f" after {answer.before:,} of the 28 days before" if answer.before else ""
    return f"{words.count(answer.tickets, 'ticket')} replayed{before}, {words.span(answer.seconds)}"


def comparison(answer: Backtest) -> tuple[str, ...]:
    """The rule in force against the one asked about; what people had marked."""
    found = answer.comparison
    if answer.rule == answer.present:
        lines = [f"This is the rule in force ({answer.present})."]
    else:
        lines = [f"In force now ({answer.present}): {words.count(found.present, 'alert')}; asked: {found.asked}."]
    if found.useful or found.not_useful:
        useful = f"{found.useful_kept} of {found.useful} marked useful kept"
        wrong = found.not_useful - found.not_useful_kept
        lines.append(f"Labelled alerts: {useful}, {wrong} of {found.not_useful} marked not useful gone.")
    return tuple(lines)


def figures(alert: PastAlert) -> str:
    """Count against usual: "14 tickets in 3 days, usually 3.2"."""
    window = f" in {words.hours(alert.window_hours)}" if alert.window_hours > 0 else ""
    usual = f", usually {alert.expected:.1f}" if alert.expected is not None else ""
    return f"{words.count(alert.tickets, 'ticket')}{window}{usual}"


def sides(alert: PastAlert) -> str:
    """Who else tells of it."""
    if alert.sent:
        return "sent in truth"
    return "not sent in truth, though the rule in force tells it" if alert.present else "only by this rule"


def fate(alert: PastAlert) -> str:
    """What became of it; owners are named by whoever draws."""
    found = alert.fate
    said = [_verdict(found)] if found.verdict else []
    said += [f"issue {found.issue}"] if found.issue else []
    if found.resolved_at is not None:
        said.append(f"resolved {_day(found.resolved_at)}{f' in {found.release}' if found.release else ''}")
    if alert.theme is None:
        said.append("its tickets are in no theme today")
    elif found.tickets and (alert.tickets + found.tickets) >= GREW * alert.tickets:
        said.append(f"{words.count(found.tickets, 'ticket')} more since")
    if found.quiet and alert.theme is not None:
        last = f" after {_day(found.last_at)}" if found.last_at else " at once"
        said.append(f"went quiet{last}")
    return ", ".join(said)


def _verdict(found: Fate) -> str:
    if found.verdict == "useful":
        return "marked useful"
    return f"marked not useful ({REASONS.get(found.reason or '', found.reason or 'no reason')})"


def _day(at: datetime) -> str:
    return f"{at:%-d %b %Y}"


def lost(answer: Backtest) -> str:
    """The heading of what would be missing."""
    if not answer.lost:
        return "Nothing that was sent, or that the rule in force sends, would be missing."
    return f"{words.count(len(answer.lost), 'alert')} would be missing"


def adopting(answer: Backtest) -> str:
    """What to type to take the rule."""
    return f"settings rule {answer.rule}"


def cut(alerts: Sequence[PastAlert], most: int) -> tuple[Sequence[PastAlert], int]:
    """The newest, and how many older ones are left out."""
    return alerts[-most:][::-1], max(0, len(alerts) - most)

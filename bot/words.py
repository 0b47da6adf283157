"""How values are said: the same short words in Slack, on the command line and in issues. No markup, no escaping."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot.answers import AlertView, KnownAnswer, PostedLink, Workaround
from bot.answers_workspace import Health
from intelligence.changes import Change
from intelligence.model import (
    AlertState,
    Audience,
    ChannelRole,
    Lift,
    PatternKind,
    Source,
    ThemeState,
    Verdict,
)

BARS = "▁▂▃▄▅▆▇█"

STATE_WORDS: dict[ThemeState, str] = {
    ThemeState.NEW: "New",
    ThemeState.GROWING: "Growing",
    ThemeState.STEADY: "Steady",
    ThemeState.FIXING: "Fixing",
    ThemeState.VERIFYING: "Verifying",
    ThemeState.QUIET: "Quiet",
    ThemeState.REGRESSED: "Regressed",
}
STATE_MEANS: dict[ThemeState, str] = {
    ThemeState.NEW: "not seen before these tickets",
    ThemeState.GROWING: "more than usual",
    ThemeState.STEADY: "as usual",
    ThemeState.FIXING: "somebody works on it",
    ThemeState.VERIFYING: "marked as fixed, watched for a return",
    ThemeState.QUIET: "no tickets lately",
    ThemeState.REGRESSED: "back after a fix",
}
KIND_WORDS: dict[PatternKind, str] = {
    PatternKind.NEW: "New pattern",
    PatternKind.SPIKE: "Spike",
    PatternKind.RAMP: "Slow rise",
    PatternKind.REGRESSION: "Back after a fix",
    PatternKind.SEGMENT: "One group stands out",
    PatternKind.CRITICAL: "Critical ticket",
}
ALERT_WORDS: dict[AlertState, str] = {
    AlertState.SHADOW: "In shadow",
    AlertState.OPEN: "Open",
    AlertState.SNOOZED: "Snoozed",
    AlertState.DISMISSED: "Closed as not useful",
    AlertState.CLOSED: "Closed",
}
RISE_WORDS: dict[PatternKind, str] = {
    PatternKind.NEW: "has an alert: it is a new pattern",
    PatternKind.SPIKE: "has an alert: far more tickets than usual",
    PatternKind.RAMP: "has an alert: it rises slowly",
    PatternKind.REGRESSION: "is back after a fix",
    PatternKind.SEGMENT: "has an alert: one group stands out",
    PatternKind.CRITICAL: "has a critical ticket",
}
VERDICT_WORDS: dict[Verdict, str] = {
    Verdict.KNOWN: "Known",
    Verdict.PROBABLY: "Probably known",
    Verdict.NEW: "New",
    Verdict.NOT_ENOUGH_TEXT: "Not enough text",
}
AUDIENCE_WORDS: dict[Audience, str] = {
    Audience.PRODUCT: "product",
    Audience.ENGINEERING: "engineering",
    Audience.DOCS: "docs",
}
ROLE_WORDS: dict[ChannelRole, str] = {
    ChannelRole.SUPPORT: "support threads",
    ChannelRole.NOTIFICATIONS: "ticket notifications",
    ChannelRole.PRODUCT: "alerts for product",
    ChannelRole.ENGINEERING: "alerts for engineering",
    ChannelRole.DOCS: "alerts for docs",
    ChannelRole.RELEASES: "release notes",
    ChannelRole.NOTHING: "nothing",
}
QUOTE_WORDS: dict[str, str] = {
    "counts": "counts only",
    "masked": "counts and masked quotes",
    "all": "counts and quotes",
}
SOURCE_WORDS: dict[Source, str] = {
    Source.SLACK: "Slack threads",
    Source.NOTIFICATION: "Notifications in Slack",
    Source.IMPORT: "Files",
    Source.WEBHOOK: "Webhook",
    Source.ZENDESK: "Zendesk",
    Source.INTERCOM: "Intercom",
    Source.FRESHDESK: "Freshdesk",
    Source.GITHUB: "GitHub",
    Source.JIRA: "Jira",
    Source.LINEAR: "Linear",
    Source.EMAIL: "E-mail",
}


def spread(view: AlertView) -> str:
    """How many tickets of an alert are in its theme, where its rule counted others, too: as much alike, and elsewhere."""
    if not view.elsewhere or view.theme is None:
        return ""
    return f"; {view.tickets - view.elsewhere:,} of them in {view.theme.key}, the others elsewhere"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 ticket", "1,240 tickets"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A share of 0..1 in whole percents; tiny ones are said to be tiny."""
    if 0 < share < 0.01:
        return "under 1%"
    return f"{share * 100:.0f}%"


def sure(probability: float) -> str:
    """How sure a verdict is; never "100% sure": no model is."""
    return f"{percent(min(probability, 0.99))} sure"


def people(customers: int, unknown: int) -> str:
    """ "17 customers, 4 unknown": tickets of unknown customers are said, never counted as customers."""
    told = count(customers, "customer")
    return f"{told}, {unknown:,} unknown" if unknown else told


def change(value: Change) -> str:
    """Tickets against the period before; a difference that means nothing is said to."""
    if value.within_noise:
        return "about as before"
    if value.percent is None:
        return "none before"
    way = "up" if value.percent >= 0 else "down"
    return f"{way} {abs(value.percent):,.0f}%"


def standing(state: ThemeState, beside: Change) -> str:
    """A state for people, beside how the period compares: "up 900%" and "Steady" would deny each other."""
    return "now steady" if state is ThemeState.STEADY and not beside.within_noise else STATE_WORDS[state]


def joined(words: Sequence[str], limit: int) -> str:
    """ "Acme, Globex and 3 more"."""
    if len(words) <= limit:
        return ", ".join(words)
    return f"{', '.join(words[:limit])} and {len(words) - limit} more"


def lift(value: Lift) -> str:
    """ "Okta (sso) 61% of this theme, 9% of all tickets"."""
    attribute = value.attribute.replace("_", " ")
    share = f"{percent(value.share)} of this theme, {percent(value.base_share)} of all tickets"
    return f"{value.value} ({attribute}) {share}"


def lift_receipt(value: Lift) -> str:
    """The same with what stands behind it: how many times as often, its interval, how easily chance does that."""
    odds = f"p {value.p_value:.1g}" if value.p_value >= 1e-6 else "p below 0.000001"
    times = f"{value.lift:.1f} times as often (95% CI {value.low:.1f}–{value.high:.1f}, {odds})"
    return f"{lift(value)}, {times}, {count(value.tickets, 'ticket')}"


def hours(value: float) -> str:
    """A window's length as people say it."""
    if value <= 48:
        return count(max(1, round(value)), "hour")
    return count(round(value / 24), "day")


def span(seconds: float) -> str:
    """A lag as people say it: "4 s", "3 min", "5 hours", "2 days"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return hours(timedelta(seconds=seconds) / timedelta(hours=1))


SNOOZES = ("tickets", "days", "date", "release")


def snooze_words(until: str, more: int = 5, day: date | None = None) -> str:
    """How long a snooze lasts: "5 more tickets", "7 days", "24 Jan 2026", "the next release"."""
    return {
        "tickets": count(more, "more ticket"),
        "days": "7 days",
        "date": f"{day:%-d %b %Y}" if day else "",
        "release": "the next release",
    }[until]


def snoozed(until: str | None) -> str:
    """ "until 5 more tickets", "for 7 days"."""
    told = until or "it grows"
    return f"for {told}" if told.endswith("days") else f"until {told}"


def workaround(value: Workaround) -> str:
    """ "Answer used in 3 threads, confirmed by 1 customer"."""
    told = f"Answer used in {count(value.threads, 'thread')}"
    return f"{told}, confirmed by {count(value.confirmed, 'customer')}" if value.confirmed else told


def posted_link(value: PostedLink) -> str:
    return f"{value.used} of {value.of} were answered with"


def sparkline(counts: Sequence[int]) -> str:
    """A line of bars, one a day; the lowest bar means none."""
    top = max(counts, default=0)
    if top <= 0:
        return BARS[0] * len(counts)
    steps = len(BARS) - 1
    return "".join(BARS[0] if n <= 0 else BARS[max(1, -(-n * steps // top))] for n in counts)


def days_line(days: Sequence[tuple[date, int]], usual_range: tuple[int, int] | None) -> str:
    """ "last 28 days, most 6 a day, usually 0–2"."""
    top = max((n for _, n in days), default=0)
    told = f"last {count(len(days), 'day')}, most {top} a day"
    return f"{told}, usually {usual_range[0]}–{usual_range[1]}" if usual_range else told


def period(name: str) -> str:
    """ "7d" -> "last 7 days"."""
    units = {"h": "hour", "d": "day", "w": "week"}
    number, unit = name[:-1], name[-1:].lower()
    if number.isdigit() and unit in units:
        return f"last {count(int(number), units[unit])}"
    return {"week": "last 7 days", "month": "last 30 days", "quarter": "last 90 days"}.get(name.lower(), name)


def filtered(name: str, value: str) -> str:
    """A filter as people say it: "kind bug report", "mine"."""
    return "mine" if name == "mine" else f"{name} {value.replace('_', ' ')}"


def without_theme(answer: KnownAnswer) -> str:
    """What to say where no theme was recognised."""
    if not answer.reads:
        return "I could not read this: too few words, or a language I do not know yet."
    if answer.verdict is Verdict.NOT_ENOUGH_TEXT:
        return "Tell me what the customer tried and what happened, and ask again."
    if answer.candidates:
        return "Nothing here is the same. The nearest are below."
    return "Nothing like it has come before. If more come, I will say so."


def health_figures(value: Health) -> tuple[str, ...]:
    """What is stored and what is being done, a line each."""
    stored = f"{count(value.tickets, 'ticket')} over {count(round(value.data_days), 'day')}"
    working = ", ".join(f"{number:,} {state}" for state, number in (value.jobs or {}).items() if number)
    idle = "nothing waiting" if value.jobs is not None else "`ticket-intel jobs list` shows it to the operator"
    tokens = f", {value.tokens_today:,} of {value.token_cap:,} tokens today" if value.tokens_today else ""
    return (
        f"{stored}, {value.analysed:,} read, {count(value.themes, 'theme')}",
        f"Work: {working or idle}",
        f"Read by {value.analyzer}{tokens}",
        "Alerts are in shadow: only the admin sees them" if value.shadow else "Alerts go to their channels",
    )


def health_strip(value: Health) -> str:
    """One line: connection, lag, what waits."""
    lag = f"oldest unread {span(value.ingest_lag)}" if value.ingest_lag is not None else "nothing unread"
    facts = ["connected" if value.connected else "not connected", lag]
    facts.append(f"{count(value.inbox_waiting, 'delivery', 'deliveries')} to read")
    facts.append(f"{count(value.outbox_waiting, 'message')} to send")
    return " · ".join(facts)


def actor_words(actor: str) -> str:
    """Who did something: a person as Slack writes them, else what they are."""
    if actor in {"machine", "operator"}:
        return f"the {actor}"
    return f"<@{actor}>" if re.fullmatch(r"[UW][A-Z0-9]{2,20}", actor) else actor

"""The alert: one message per episode, drawn from fresh counts at each edit, and the notes in its thread."""

from __future__ import annotations

from bot.answers import AlertView
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import (
    Block,
    actions,
    button,
    context,
    escape,
    header,
    inline,
    link,
    person,
    quotes,
    section,
)
from bot.blocks.theme import held_back, issue_button, what_helped
from bot.receipt_words import baseline, normal, usual
from bot.words import (
    ALERT_WORDS,
    KIND_WORDS,
    RISE_WORDS,
    STATE_WORDS,
    count,
    days_line,
    joined,
    lift,
    people,
    snoozed,
    sparkline,
    spread,
)
from intelligence.model import AlertState, PatternKind

OVER = frozenset({AlertState.DISMISSED, AlertState.CLOSED})
DOTS = {
    PatternKind.NEW: "🟣",
    PatternKind.SPIKE: "🔴",
    PatternKind.RAMP: "🟠",
    PatternKind.REGRESSION: "🔴",
    PatternKind.SEGMENT: "🟠",
    PatternKind.CRITICAL: "🔴",
}


def alert(view: AlertView) -> Rendered:
    """The parent message of an episode, in whatever state it is."""
    blocks: list[Block | None] = [
        context("Only you see this: alerts are in shadow until you switch them on") if _in_shadow(view) else None,
        header(view.headline or KIND_WORDS[view.kind]),
        section(f"{_chip(view)} · {_size(view)}"),
        _impact(view),
        _who(view),
        quotes(view.quotes),
        held_back(view.held_back),
        *what_helped(view.workaround),
        _chart(view),
        _buttons(view),
        context(_footer(view)),
    ]
    return rendered(alert_text(view), blocks)


def alert_text(view: AlertView) -> str:
    """The one line that notifications show."""
    told = ", ".join([count(view.tickets, "ticket"), *_customers(view)])
    return f"{inline(view.headline)}: {told} in {escape(view.window)}{_beside(view)}{_since(view)}{spread(view)}"


def _customers(view: AlertView) -> list[str]:
    """Who reported it; nothing for a ticket outside every theme, of which nobody has counted customers."""
    return [people(view.customers, view.unknown)] if view.customers or view.unknown else []


def _in_shadow(view: AlertView) -> bool:
    return view.state is AlertState.SHADOW


def _beside(view: AlertView) -> str:
    told = None if view.kind is PatternKind.SEGMENT else normal(view.receipt)
    return f" ({told})" if told else ""


def _since(view: AlertView) -> str:
    return f", since {inline(view.since, 60)}" if view.since else ""


def _chip(view: AlertView) -> str:
    """The state in a word, the kind of finding beside it."""
    kind = KIND_WORDS[view.kind]
    if view.state is AlertState.SNOOZED:
        return f"💤 *Snoozed* {inline(snoozed(view.snoozed), 60)}"
    if view.state in OVER:
        state = view.theme.state if view.theme and view.state is AlertState.CLOSED else None
        return f"⚪ *{STATE_WORDS[state] if state else ALERT_WORDS[view.state]}*"
    if view.theme is None or view.kind is PatternKind.CRITICAL:
        return f"{DOTS[view.kind]} *{kind}*"
    state = STATE_WORDS[view.theme.state]
    if view.kind is PatternKind.NEW and state == "New":
        return f"{DOTS[view.kind]} *New pattern*"
    return f"{DOTS[view.kind]} *{state}* · {kind}"


def _size(view: AlertView) -> str:
    told = ", ".join(f"*{fact}*" for fact in [count(view.tickets, "ticket"), *_customers(view)])
    return f"{told} in {escape(view.window)}{_beside(view)}{_since(view)}{spread(view)}"


def _impact(view: AlertView) -> Block | None:
    facts = [joined([f"{inline(plan, 40)} {number}" for plan, number in view.plans], 3)]
    facts.append(joined([inline(name, 40) for name in view.accounts], 3))
    facts.append(f"{view.frustrated} frustrated" if view.frustrated else "")
    if view.severity:
        reason = f" ({inline(view.severity_reason, 160)})" if view.severity_reason else ""
        facts.append(f"{view.severity}{reason}")
    told = " · ".join(fact for fact in facts if fact)
    return section(f"*Impact* {told}") if told else None


def _who(view: AlertView) -> Block | None:
    """Who stands out, and what shipped shortly before; nearness in time is no cause, and it says so."""
    news = view.receipt.notes if view.kind is PatternKind.SEGMENT else ()
    lines = [f"*New* {inline(told, 240)}" for told in news]
    lines += [f"*Who is different* {inline(lift(entry), 160)}" for entry in view.lifts[:1]]
    lines += [f"and {inline(lift(entry), 160)}" for entry in view.lifts[1:3]]
    if view.suspects:
        near = joined([inline(entry, 100) for entry in view.suspects], 3)
        lines.append(f"*Shortly before* {near}. May be a coincidence.")
    return section("\n".join(lines)) if lines else None


def _chart(view: AlertView) -> Block | None:
    if not view.days or not any(number for _, number in view.days):
        return None
    return context(f"`{sparkline([number for _, number in view.days])}`  {days_line(view.days, view.usual)}")


def _footer(view: AlertView) -> str:
    facts = [view.theme.key if view.theme else f"alert {view.alert_id}"]
    issue = view.theme if view.theme and view.theme.issue_key else None
    facts += [f"issue {link(issue.issue_url, issue.issue_key or '')}"] if issue else []
    facts += [_area(view, view.theme.area)] if view.theme and view.theme.area else []
    facts += [f"owner {person(view.owner)}"] if view.owner else []
    whole = None if view.kind is PatternKind.SEGMENT else usual(view.receipt)  # its range is of the group alone
    facts += [told for told in (whole, baseline(view.receipt)) if told]
    facts.append(f"why: {inline(view.receipt.threshold, 160)}")
    if view.theme:
        facts.append(f"`/ticket-intel why {view.theme.key}` has the receipt")
    return " · ".join(facts)


def _area(view: AlertView, area: str) -> str:
    return f"area {inline(area, 60)}{f' of {person(view.area_owner)}' if view.area_owner else ''}"


def _buttons(view: AlertView) -> Block:
    value = f"alert:{view.alert_id}"
    copy = issue_button(view.theme, value, tracker=view.tracker)
    evidence = button("Evidence", ids.ALERT_EVIDENCE, value)
    if _in_shadow(view):
        post = button("Post it", ids.ALERT_POST, value, style="primary")
        return actions(post, button("Noise", ids.ALERT_NOISE, value), evidence)
    if view.state in OVER:
        return actions(copy, evidence)
    own = button("I own this", ids.ALERT_OWN, value)
    snooze = button("Snooze", ids.ALERT_SNOOZE, value)
    judged = (button("Useful", ids.ALERT_USEFUL, value), button("Not useful", ids.ALERT_NOT_USEFUL, value))
    return actions(copy, own, snooze, *judged, evidence)


def note(view: AlertView, about: str) -> Rendered:
    """What the thread is told: "grown", "graver" (its kind rose), "awake", "critical" (one of its tickets is), or
    "joined" (others report what a critical ticket said)."""
    key = view.theme.key if view.theme else f"Alert {view.alert_id}"
    now = ", ".join([count(view.tickets, "ticket"), *_customers(view)]) + f" in {escape(view.window)}{spread(view)}"
    more = f"{view.grown} more since the alert, " if view.grown else ""
    told = {
        "grown": f"*{key} keeps growing*: {more}now {now}.",
        "graver": f"*{key} {RISE_WORDS[view.kind]}*: {now}.",
        "critical": f"*One ticket of {key} was read as critical*: {now}.",
        "joined": f"*Others report the same*: it is {key} now, which has an alert of its own.",
        "awake": f"*{key} is awake again*: {more}now {now}.",
    }[about]
    return rendered(told, [section(told)])

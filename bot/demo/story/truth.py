"""What the story knows about itself, for tests that count what was found. JSON-able; never shown to the bot."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.demo.story.arcs import BREAK, EXCEL, FIX, LATE_MAIL, LEAK, SLOW, SSO, TOTALS
from bot.demo.story.company import Account, Person
from bot.demo.story.events import StoryEvent
from bot.demo.story.intents import Intent, intents
from bot.demo.story.plan import SEGMENTS
from bot.demo.story.timetable import Calendar

Truth = dict[str, Any]


@dataclass(frozen=True)
class WrittenTicket:
    """A ticket's first event and what it is really about."""

    event: StoryEvent
    intent: Intent
    customer: Person
    account: Account
    language: str


def truth_of(tickets: list[WrittenTicket], calendar: Calendar) -> Truth:
    """Labels of every ticket, the intents, the incidents and what a good reader would find."""
    return {
        "tickets": {ticket.event.key: _labels(ticket) for ticket in tickets},
        "intents": {name: _described(intent, tickets, calendar) for name, intent in intents().items()},
        "incidents": _incidents(tickets, calendar),
        "expected_findings": _findings(tickets, calendar),
    }


def _labels(ticket: WrittenTicket) -> Truth:
    return {
        "intent": ticket.intent.id,
        "category": ticket.intent.category,
        "subcategory": ticket.intent.subcategory,
        "customer": ticket.customer.key,
        "account": ticket.account.name,
        "language": ticket.language,
    }


def _described(intent: Intent, tickets: list[WrittenTicket], calendar: Calendar) -> Truth:
    own = [ticket for ticket in tickets if ticket.intent is intent]
    return {
        "title": intent.title,
        "category": intent.category,
        "subcategory": intent.subcategory,
        "area": intent.area,
        "tickets": len(own),
        "weekly": weekly_counts(own, calendar),
    }


def weekly_counts(tickets: list[WrittenTicket], calendar: Calendar) -> list[int]:
    """Tickets by week, oldest first; the last figure is the week under way."""
    by_week = Counter((ticket.event.at - calendar.start).days // 7 for ticket in tickets)
    return [by_week[week] for week in range(calendar.weeks + 1)]


def _incidents(tickets: list[WrittenTicket], calendar: Calendar) -> list[Truth]:
    broke = calendar.moment(BREAK.back, BREAK.weekday, BREAK.hour, BREAK.minute)
    fixed = calendar.moment(FIX.back, FIX.weekday, FIX.hour, FIX.minute)
    burst = calendar.week(3)
    found = [
        _incident("sso", "new", SSO, broke, calendar.end, tickets, release=BREAK.version),
        _incident("totals", "regression", TOTALS, max(broke, fixed), calendar.end, tickets, fixed_in=FIX.version),
        _incident("late-mail", "spike", LATE_MAIL, burst.start, burst.end, tickets),
        _incident("excel", "ramp", EXCEL, calendar.start, calendar.end, tickets),
        _incident("leak", "critical", LEAK, calendar.start, calendar.end, tickets),
    ]
    return [incident for incident in found if incident["tickets"]]


def _incident(
    name: str, kind: str, intent: str, start: datetime, end: datetime, tickets: list[WrittenTicket], **more: str
) -> Truth:
    own = [ticket.event for ticket in tickets if ticket.intent.id == intent and start <= ticket.event.at < end]
    return {
        "id": name,
        "kind": kind,
        "intent": intent,
        "start": own[0].at.isoformat() if own else start.isoformat(),
        "end": end.isoformat(),
        "tickets": [event.key for event in own],
        **more,
    }


def _findings(tickets: list[WrittenTicket], calendar: Calendar) -> list[Truth]:
    """What the week's report, the segments and the mining techniques should bring to light."""
    told = (
        (EXCEL, "rising", "Users want a native Excel export; the workaround is converting CSV by hand"),
        (SSO, "new", f"Sign-in through SSO fails since {BREAK.version}, mostly for Okta"),
        (SLOW, "ongoing", "Dashboards feel slow without errors, mostly in Enterprise accounts"),
        (TOTALS, "regression", f"Totals of export and dashboard differ again after the fix in {FIX.version}"),
        ("integrations_setup", "documentation_gap", "The set-up guide exists and is not found"),
        ("advanced_filtering", "documentation_gap", "There is no page on the filter syntax"),
        ("team_permissions", "documentation_gap", "There is no page on roles and teams"),
        ("realtime_promise", "expectation", "The website promises real-time data"),
        ("unlimited_seats_promise", "expectation", "The pricing page promises unlimited viewers"),
        ("public_wallboards", "use_case", "Dashboards hang on public screens in schools and halls"),
        ("dark_mode", "feature_gap", "Dark mode"),
        ("mobile_app", "feature_gap", "Mobile app"),
        ("slack_integration", "feature_gap", "Slack integration"),
        ("api_webhooks", "feature_gap", "API webhooks"),
        (LEAK, "critical", "Data of another customer is visible"),
    )
    return [_finding(intent, kind, text, tickets, calendar) for intent, kind, text in told]


def _finding(intent: str, kind: str, text: str, tickets: list[WrittenTicket], calendar: Calendar) -> Truth:
    own = [ticket for ticket in tickets if ticket.intent.id == intent]
    finding: Truth = {"intent": intent, "kind": kind, "text": text, "weekly": weekly_counts(own, calendar)}
    segment = SEGMENTS.get(intent)
    if segment and own:
        inside = sum(getattr(ticket.account, segment.attribute) == segment.value for ticket in own)
        finding["segment"] = {
            "attribute": segment.attribute,
            "value": segment.value,
            "share": round(inside / len(own), 3),
        }
    return finding

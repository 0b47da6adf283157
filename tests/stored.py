"""Rows for storage tests, made through the repositories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from databases import NOW
from sqlmodel import Session

from intelligence.model import (
    Analysis,
    CauseKind,
    ChurnRisk,
    Evidence,
    Level,
    PrimaryCategory,
    Receipt,
    Role,
    Satisfaction,
    Signal,
    SignalKind,
    Source,
    Subcategory,
    Visibility,
)
from storage import bulk, messages, themes, tickets, workspaces

HERE = "T1"
RECEIPT = Receipt("burst", 5, 0.4, 0, 2, 24.0, 30.0, None, 0.001, "5 in 24 h", "fewer than 5", ("note",))


def workspace(session: Session, name: str = HERE) -> str:
    workspaces.ensure(session, name, NOW)
    return name


def ticket(
    session: Session, key: str, text: str = "It does not work", *, at: datetime = NOW, place: str = HERE, **values: Any
) -> int:
    """A ticket with a ref and one customer message of the same key."""
    made = tickets.open_ticket(session, place, tickets.NewTicket(Source.SLACK, at, **values), NOW)
    tickets.add_ref(session, place, Source.SLACK, key, made)
    say(
        session, made, key, text, at=at, place=place, channel=values.get("channel"), visibility=values.get("visibility")
    )
    return made


def many_tickets(session: Session, told: Iterable[tuple[str, str, datetime, dict[str, Any]]]) -> list[int]:
    """`ticket` for many at once (key, text, time, more values): what takes weeks of them is filled in one statement."""
    whole = [
        bulk.WholeTicket(
            tickets.NewTicket(Source.SLACK, at, **values),
            key,
            (
                messages.NewMessage(
                    Source.SLACK,
                    key,
                    Role.CUSTOMER,
                    text,
                    at,
                    "U1",
                    channel=values.get("channel"),
                    visibility=values.get("visibility") or Visibility.PUBLIC,
                ),
            ),
        )
        for key, text, at, values in told
    ]
    return bulk.open_tickets(session, HERE, whole, NOW)


def say(
    session: Session,
    ticket_id: int,
    key: str,
    text: str,
    *,
    role: Role = Role.CUSTOMER,
    at: datetime = NOW,
    place: str = HERE,
    channel: str | None = None,
    visibility: Visibility | None = None,
) -> int | None:
    new = messages.NewMessage(
        Source.SLACK, key, role, text, at, "U1", channel=channel, visibility=visibility or Visibility.PUBLIC
    )
    return messages.add(session, place, ticket_id, new, NOW)


def theme(session: Session, title: str = "Login fails", place: str = HERE) -> int:
    return themes.give_birth(session, place, NOW, first_at=NOW - timedelta(days=1), title=title)


def analysis(**changed: Any) -> Analysis:
    values: dict[str, Any] = {
        "primary": PrimaryCategory.BUG_REPORT,
        "subcategory": Subcategory.FUNCTIONAL_BUG,
        "confidence": 0.9,
        "sub_confidence": 0.7,
        "unsure": False,
        "alternatives": (),
        "area": "login",
        "frustration": Level.HIGH,
        "urgency": Level.LOW,
        "churn_risk": ChurnRisk.LOW,
        "satisfaction": Satisfaction.UNKNOWN,
        "loyalty": ("long_time_customer",),
        "cause": CauseKind.RELEASE,
        "cause_phrase": "since the update",
        "goal": None,
        "signals": (Signal(SignalKind.BUG_PATTERN, 0.8, {"symptom": "blank page"}),),
        "evidence": (Evidence("does not work", "primary", "1.0"),),
        "critical": False,
        "analyzer": "local",
        "model": "m",
        "prompt_version": "",
        "drivers": ("work",),
    }
    return Analysis(**{**values, **changed})

"""What a fault has cost: messages that were acknowledged and are lost, work done twice, alerts told twice.

Every fault test writes its counts as one line of a table into the file that SOAK_COUNTS names; `make soak` prints it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from bot_process import Town

from intelligence.model import AlertState
from storage.engine import Database
from storage.tables import AlertRow, AnalysisRow, MessageRow, TicketRefRow

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
LONG = SECONDS >= 120
TROUBLES = (
    "The export to Excel stops at row {n} of my monthly report",
    "Invoice {n} shows the wrong amount, we were charged twice",
    "How can I invite {n} colleagues to our project?",
    "The mobile app closes when I open board number {n}",
    "Webhook {n} has not been delivered since yesterday, our sync is broken",
)


def trouble(number: int) -> str:
    """A request that no other number makes in the same words."""
    return f"{TROUBLES[number % len(TROUBLES)].format(n=number)}, please help (case {number})"


@dataclass(frozen=True, slots=True)
class Counts:
    acknowledged: int
    lost: int
    doubled: int
    alerts: int
    alerts_doubled: int


def acknowledged(here: Town) -> set[str]:
    """The messages of people that the bot has acknowledged, as "channel/ts"."""
    return {
        f"{here.support}/{delivery.event['ts']}"
        for delivery in list(here.pg.deliveries)
        if delivery.name == "message"
        and delivery.event.get("channel") == here.support
        and delivery.outcome == "acknowledged"
    }


def said(here: Town) -> dict[str, str]:
    """What the support channel shows: every message of a person, threads included."""
    shown = here.pg.all_messages(here.support)
    return {
        f"{here.support}/{message['ts']}": message["text"]
        for message in shown
        if message.get("user") in here.customers and message.get("subtype") != "tombstone"
    }


def count(here: Town) -> Counts:
    """Look into the database and the channel of alerts."""
    known = acknowledged(here)
    stored, doubled, open_alerts = count_stored(here.bot.db)
    posted = [m for m in here.pg.all_messages(here.product) if m.get("user") == here.pg.bot_user_id]
    keys = [m["metadata"]["event_payload"]["key"] for m in posted if m.get("metadata")]
    return Counts(
        len(known),
        len(known - stored),
        doubled,
        sum(key.endswith(":post") for key in keys),
        more_than_once(keys) + more_than_once(open_alerts),
    )


def count_stored(db: Database) -> tuple[set[str], int, list[int]]:
    """Every stored message, how much is there twice, and the themes of the alerts that are open."""
    with db.read() as session:
        messages = list(session.execute(sa.select(MessageRow.external_id)).scalars())
        refs = list(session.execute(sa.select(TicketRefRow.external_id)).scalars())
        current = sa.select(AnalysisRow.ticket_id).where(sa.column("current").is_(True))
        readings = list(session.execute(current).scalars())
        living = sa.select(AlertRow.theme_id).where(  # critical tickets have an alert each
            sa.column("state") == AlertState.OPEN, sa.column("ticket_id").is_(None)
        )
        open_alerts = list(session.execute(living).scalars())
    doubled = more_than_once(messages) + more_than_once(refs) + more_than_once(readings)
    return set(messages), doubled, open_alerts


def more_than_once(values: Iterable[object]) -> int:
    return sum(n - 1 for n in Counter(values).values())


def told(fault: str, runs: int, counts: Counts, record: Callable[[str, object], None]) -> None:
    """Write the line, then insist on its zeros."""
    line = (
        f"| {fault} | {runs} | {counts.acknowledged} | {counts.lost} | {counts.doubled} "
        f"| {counts.alerts} | {counts.alerts_doubled} |"
    )
    record("figures", line)
    if path := os.environ.get("SOAK_COUNTS"):
        with Path(path).open("a") as table:
            table.write(f"{line}\n")
    assert (counts.lost, counts.doubled, counts.alerts_doubled) == (0, 0, 0), line

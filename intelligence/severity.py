"""P0 to P3 by a written rule, with the sentence that says which clause decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intelligence.model import Severity

RULE: Final = (
    "P0: a critical ticket reported by two or more customers, or any report of data loss or a security hole. "
    "P1: one critical ticket, 10 customers within a day, or a quarter of four or more tickets highly frustrated. "
    "P2: 5 customers, a customer likely to leave, or twice the usual number. "
    "P3: everything else."
)


@dataclass(frozen=True, slots=True)
class Impact:
    """What is known of a theme's window: counts of tickets and distinct customers, and how bad they are."""

    tickets: int
    customers: int
    critical: int = 0
    high_frustration: int = 0
    high_churn: int = 0
    data_or_security: int = 0
    customers_last_day: int = 0
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    severity: Severity
    reason: str


def judge(impact: Impact) -> Judgement:
    """Apply RULE, the gravest clause first."""
    if impact.data_or_security:
        return Judgement(Severity.P0, f"{_count(impact.data_or_security, 'ticket')} about data loss or security")
    if impact.critical >= 2 and impact.customers >= 2:
        return Judgement(Severity.P0, f"{impact.critical} critical tickets from {impact.customers} customers")
    if impact.critical:
        return Judgement(Severity.P1, "a critical ticket")
    if impact.customers_last_day >= 10:
        return Judgement(Severity.P1, f"{impact.customers_last_day} customers within a day")
    if impact.tickets >= 4 and impact.high_frustration * 4 >= impact.tickets:
        return Judgement(Severity.P1, f"{impact.high_frustration} of {impact.tickets} tickets highly frustrated")
    if impact.customers >= 5:
        return Judgement(Severity.P2, f"{impact.customers} customers")
    if impact.high_churn:
        return Judgement(Severity.P2, f"{_count(impact.high_churn, 'customer')} likely to leave")
    if impact.ratio is not None and impact.ratio >= 2:
        return Judgement(Severity.P2, f"{impact.ratio:.1f} times the usual")
    return Judgement(Severity.P3, f"{_count(impact.tickets, 'ticket')}, none urgent")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

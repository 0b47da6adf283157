"""What a ticket may mention: facts of the writer and their account, and made-up figures, the same within a ticket."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from bot.demo.story.banks import bank
from bot.demo.story.company import PRODUCT, Account, Person

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS: dict[str, Callable[[Random], str]] = {
    "few": lambda rng: str(rng.randint(3, 9)),
    "dozen": lambda rng: str(rng.randint(11, 46)),
    "secs": lambda rng: str(rng.randint(14, 75)),
    "mins": lambda rng: str(rng.choice((15, 20, 25, 30, 35, 40, 45, 50, 90))),
    "pct": lambda rng: str(rng.randint(3, 18)),
    "rows": lambda rng: f"{rng.randint(18, 990) * 100:,}",
    "rows_small": lambda rng: str(rng.randint(12, 95) * 10),
    "money": lambda rng: f"€{rng.randint(410_000, 960_000):,}",
    "money_small": lambda rng: f"€{rng.randint(80, 4900)}.{rng.randint(0, 99):02d}",
    "invoice": lambda rng: f"CP-{rng.randint(20_000, 39_999)}",
    "error_id": lambda rng: f"{rng.choice('abcdef')}{rng.randint(100, 999)}-{rng.randint(10_000, 99_999)}",
}

_SHORT_OF = {"money2": "money", "rows2": "rows"}
"""Figures that ought to equal another one and fall a little short of it."""


class Facts:
    """Fills the slots of one conversation; a slot asked twice gives the same words."""

    def __init__(self, person: Person, account: Account | None, at: datetime, rng: Random) -> None:
        self._rng = rng
        self._known = {
            "product": PRODUCT,
            "first": person.first_name,
            "today": _WEEKDAYS[at.weekday()],
            "good_day": "Good morning" if at.hour < 12 else "Good afternoon" if at.hour < 18 else "Good evening",
        }
        if account is not None:
            self._known |= {
                "account": account.name,
                "plan": account.plan,
                "seats": str(account.seats),
                "idp": account.identity_provider or "our directory",
            }

    def __call__(self, slot: str) -> str:
        """The words for a slot; KeyError where there is no such fact."""
        if slot not in self._known:
            self._known[slot] = self._make(slot)
        return self._known[slot]

    def _make(self, slot: str) -> str:
        if slot in _SHORT_OF:
            whole = int(self(_SHORT_OF[slot]).lstrip("€").replace(",", ""))
            sign = "€" if slot.startswith("money") else ""
            return f"{sign}{round(whole * self._rng.uniform(0.9, 0.99)):,}"
        if slot in _NUMBERS:
            return _NUMBERS[slot](self._rng)
        options = bank("values").sections[slot]
        return self._rng.choice(options)

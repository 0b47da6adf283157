"""Who writes a ticket: a customer of the right kind of account who has not written lately."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from bot.demo.story.arcs import SSO, Segment
from bot.demo.story.company import Account, Company, Person
from bot.demo.story.plan import PlannedTicket

_REST = timedelta(hours=20)
_REPEAT = timedelta(days=12)
_TRIES = 60


class Cast:
    """Picks authors in time order; keeps the shares that segments ask for."""

    def __init__(self, company: Company, rng: Random) -> None:
        self._rng = rng
        self._accounts = {account.name: account for account in company.accounts}
        self._people = company.customers
        self._weights = [rng.choice((1, 1, 1, 2, 3)) for _ in self._people]
        self._last: dict[str, datetime] = {}
        self._last_about: dict[tuple[str, str], datetime] = {}
        self._owed: defaultdict[str, float] = defaultdict(float)
        self._pools: dict[tuple[str, bool], tuple[list[Person], list[int]]] = {}

    def account_of(self, person: Person) -> Account:
        """The customer's account."""
        return self._accounts[person.account or ""]

    def author(self, ticket: PlannedTicket) -> Person:
        """Somebody who may write this ticket. Where everybody has written lately, whoever has waited longest."""
        people, weights = self._pool(ticket)
        tried = self._rng.choices(people, weights, k=_TRIES)
        author = next((person for person in tried if self._rested(person, ticket)), None)
        author = author or min(people, key=lambda person: (self._last_time(person), person.key))
        self._last[author.key] = ticket.at
        self._last_about[author.key, ticket.intent] = ticket.at
        return author

    def colleague(self, person: Person) -> Person | None:
        """Somebody else of the same account, where there is one."""
        others = [other for other in self._people if other.account == person.account and other != person]
        return self._rng.choice(others) if others else None

    def _rested(self, person: Person, ticket: PlannedTicket) -> bool:
        last, last_about = self._last.get(person.key), self._last_about.get((person.key, ticket.intent))
        return (last is None or ticket.at - last >= _REST) and (last_about is None or ticket.at - last_about >= _REPEAT)

    def _last_time(self, person: Person) -> float:
        last = self._last.get(person.key)
        return last.timestamp() if last else 0.0

    def _pool(self, ticket: PlannedTicket) -> tuple[list[Person], list[int]]:
        """Those inside or outside the intent's segment, so that the share comes out as told."""
        segment = ticket.segment
        inside = segment is not None and self._turn(ticket.intent, segment)
        key = (ticket.intent, inside)
        if key not in self._pools:
            chosen = [
                (person, weight)
                for person, weight in zip(self._people, self._weights, strict=True)
                if self._fits(self.account_of(person), ticket.intent, segment, inside=inside)
            ]
            self._pools[key] = ([person for person, _ in chosen], [weight for _, weight in chosen])
        return self._pools[key]

    def _turn(self, intent: str, segment: Segment) -> bool:
        """Whether the next ticket is the segment's: evenly spread, with a random start."""
        owed = self._owed.setdefault(intent, self._rng.random()) + segment.share
        self._owed[intent] = owed % 1
        return owed >= 1

    @staticmethod
    def _fits(account: Account, intent: str, segment: Segment | None, *, inside: bool) -> bool:
        if intent == SSO and not (account.identity_provider and account.version == "4.2"):
            return False
        return segment is None or (getattr(account, segment.attribute) == segment.value) is inside

"""Customers' own words for showing: an exact part of a stored message, checked first and masked after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.answers import Quote
from intelligence.clean import template
from intelligence.model import Evidence, QuotePolicy, Role, Ticket, Visibility
from intelligence.redact import KnownPeople, redact
from intelligence.telling import Telling

LENGTH = 220
_SPACES = re.compile(r"\s+")


def shorten(text: str, length: int = LENGTH) -> str:
    """A text cut at a word, with an ellipsis that marks the cut."""
    flat = _SPACES.sub(" ", text).strip()
    if len(flat) <= length:
        return flat
    return flat[:length].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def masked(text: str, region: str, people: KnownPeople | None = None) -> str:
    """A text as it may be shown: personal data masked."""
    return redact(text, people=people, region=region).text


def excerpt(ticket: Ticket, region: str, people: KnownPeople | None = None) -> str:
    """The start of what the customer said, masked and cut."""
    said = next((m.text for m in ticket.messages if m.role is Role.CUSTOMER and m.text.strip()), ticket.subject)
    return shorten(masked(said, region, people), 160)


def headline(
    ticket: Ticket, policies: Mapping[str, QuotePolicy], region: str, people: KnownPeople | None = None
) -> str | None:
    """The same for showing elsewhere; None where the ticket's source shares counts only."""
    if policies.get(ticket.channel or "", QuotePolicy.MASKED) is QuotePolicy.COUNTS:
        return None
    return excerpt(ticket, region, people)


def who_of(ticket: Ticket) -> str:
    """The account's name, else "a customer": people are never named to others."""
    return ticket.account.name if ticket.account else "a customer"


def link_of(ticket: Ticket) -> str | None:
    """Where the ticket can be read."""
    if ticket.url:
        return ticket.url
    return next((m.permalink for m in ticket.messages if m.permalink), None)


def choose(
    tickets: Iterable[Ticket],
    evidence: Mapping[int, Sequence[Evidence]],
    policies: Mapping[str, QuotePolicy],
    *,
    region: str,
    people: KnownPeople | None = None,
    limit: int = 2,
) -> tuple[tuple[Quote, ...], int]:
    """Up to `limit` quotes of different customers, the most telling, and how many more were held back by policy.

    A source whose policy is "counts" gives no quotes; private and shared channels without a choice give masked ones.
    """
    open_ones: list[Ticket] = []
    held_back = 0
    for ticket in tickets:
        if _policy(ticket, policies) is QuotePolicy.COUNTS:
            held_back += 1
        else:
            open_ones.append(ticket)
    telling = Telling(open_ones)
    found = [
        (told[0], ticket, told[1])
        for ticket in open_ones
        if (told := telling.best(ticket, [e.quote for e in evidence.get(ticket.id, ()) if len(e.quote) >= 20]))
    ]
    if limit < len(found):  # where all cannot be shown, the most telling are; the order given breaks ties
        found.sort(key=lambda item: -item[0])
    chosen: dict[str, Quote] = {}
    words: set[str] = set()  # the same form of words twice shows nothing new
    for _, ticket, quote in found:
        speaker = ticket.account.key if ticket.account else (ticket.customer.ref if ticket.customer else str(ticket.id))
        form = template(quote)
        if speaker in chosen or form in words or len(chosen) == limit:
            continue
        words.add(form)
        open_to_all = _policy(ticket, policies) is QuotePolicy.ALL and ticket.visibility is Visibility.PUBLIC
        shown = quote if open_to_all else masked(quote, region, people)
        chosen[speaker] = Quote(shown, who_of(ticket), ticket.at, link_of(ticket), ticket.id)
    return tuple(chosen.values()), held_back


def _policy(ticket: Ticket, policies: Mapping[str, QuotePolicy]) -> QuotePolicy:
    return policies.get(ticket.channel or "", QuotePolicy.MASKED)

"""Customers' own words for showing: an exact part of a stored message, checked first and masked after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.answers import Quote
from intelligence.model import Evidence, QuotePolicy, Role, Ticket, Visibility
from intelligence.redact import KnownPeople, redact

LENGTH = 220
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
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
    """Up to `limit` quotes of different customers in the order given, and how many more were held back by policy.

    A source whose policy is "counts" gives no quotes; private and shared channels without a choice give masked ones.
    """
    chosen: list[Quote] = []
    held_back = 0
    speakers: set[str] = set()
    for ticket in tickets:
        policy = policies.get(ticket.channel or "", QuotePolicy.MASKED)
        if policy is QuotePolicy.COUNTS:
            held_back += 1
            continue
        speaker = ticket.account.key if ticket.account else (ticket.customer.ref if ticket.customer else str(ticket.id))
        quote = _best(ticket, evidence.get(ticket.id, ()))
        if quote is None or speaker in speakers or len(chosen) == limit:
            continue
        speakers.add(speaker)
        open_to_all = policy is QuotePolicy.ALL and ticket.visibility is Visibility.PUBLIC
        shown = quote if open_to_all else masked(quote, region, people)
        chosen.append(Quote(shown, who_of(ticket), ticket.at, link_of(ticket), ticket.id))
    return tuple(chosen), held_back


def _best(ticket: Ticket, evidence: Sequence[Evidence]) -> str | None:
    """The quote an analysis gave, if it still stands in a message; else the first telling sentence of the customer."""
    texts = [m.text for m in ticket.messages if m.role is Role.CUSTOMER and not m.private_note]
    for item in evidence:
        if len(item.quote) >= 20 and any(item.quote in text for text in texts):
            return item.quote if len(item.quote) <= LENGTH else None
    for text in texts:
        for sentence in _SENTENCE.split(text):
            clean = sentence.strip()
            if 25 <= len(clean) <= LENGTH and clean in text:
                return clean
    whole = texts[0].strip() if texts else ""
    return whole if 0 < len(whole) <= LENGTH else None

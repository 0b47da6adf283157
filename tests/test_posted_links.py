"""Which addresses a theme's card says agents answer with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answers import PostedLink
from bot.flows.cards import posted_links
from intelligence.model import Message, Role, Source, Ticket

AT = datetime(2025, 1, 1, tzinfo=UTC)
GUIDE = "https://docs.acme.example/sso"


def ticket(number: int, answer: str, *, private: bool = False) -> Ticket:
    asked = Message(Role.CUSTOMER, f"see {GUIDE}?", AT)
    return Ticket(number, "w", Source.SLACK, AT, (asked, Message(Role.AGENT, answer, AT, private_note=private)))


@pytest.mark.parametrize(
    ("linked", "others", "said"),
    [(1, 0, False), (2, 0, True), (2, 6, True), (2, 7, False), (2, 20, False), (6, 18, True)],
)
def test_an_address_in_a_quarter_of_the_answered_tickets_is_what_agents_answer_with(
    linked: int, others: int, said: bool
) -> None:
    found = [ticket(n, f"Read {GUIDE}." if n < linked else "Done") for n in range(linked + others)]
    assert posted_links(found) == ((PostedLink(GUIDE, linked, len(found)),) if said else ())


def test_an_address_in_a_private_note_is_no_answer() -> None:
    assert posted_links([ticket(n, f"Read {GUIDE}", private=True) for n in range(4)]) == ()

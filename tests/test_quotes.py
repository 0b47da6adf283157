"""A quote is an exact part of a stored message, and says what is wrong or wanted."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.flows.quotes import choose
from intelligence.model import Evidence, Message, QuotePolicy, Role, Source, Ticket
from intelligence.telling import Telling

AT = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = st.text(st.sampled_from("abc xyz.?!\n,'é😀 "), max_size=80)


def ticket(number: int, *texts: str, role: Role = Role.CUSTOMER, private: bool = False) -> Ticket:
    messages = tuple(Message(role, text, AT, private_note=private) for text in texts)
    return Ticket(number, "w", Source.SLACK, AT, messages, channel="C1")


OKTA = (
    ticket(
        1, "Hi team,\nI hope you are well. Please let me say thanks. Okta login fails with AUTH-4012 since the update."
    ),
    ticket(2, "Please call me. Our Okta users can't get past the login page this morning. Thank you!"),
    ticket(3, "Hello. After the update the Okta login page keeps sending us back. Any help appreciated."),
)


def test_the_problem_is_quoted_and_not_the_manners():
    shown, held_back = choose(OKTA, {}, {"C1": QuotePolicy.ALL}, region="US", limit=3)
    assert held_back == 0
    assert [quote.text for quote in shown] == [
        "Okta login fails with AUTH-4012 since the update.",
        "Our Okta users can't get past the login page this morning.",
        "After the update the Okta login page keeps sending us back.",
    ]


def test_agents_and_private_notes_are_never_quoted():
    hidden = [ticket(4, "The Okta login fails for us.", role=Role.AGENT), ticket(5, "Okta login fails.", private=True)]
    assert choose([*hidden], {}, {}, region="US", limit=3) == ((), 0)


def test_a_quote_that_no_message_holds_is_not_shown():
    invented = {1: [Evidence("The whole company is on fire because of your login", "x", "")]}
    shown, _ = choose(OKTA[:1], invented, {"C1": QuotePolicy.ALL}, region="US")
    assert "fire" not in shown[0].text


def test_a_source_of_counts_gives_none():
    assert choose(OKTA, {}, {"C1": QuotePolicy.COUNTS}, region="US") == ((), 3)


@given(st.lists(st.lists(TEXT, min_size=1, max_size=3), min_size=1, max_size=5), st.lists(TEXT, max_size=3))
def test_always_an_exact_part_of_a_stored_message(threads: list[list[str]], given_quotes: list[str]):
    tickets = [ticket(number, *texts) for number, texts in enumerate(threads, 1)]
    telling = Telling(tickets)
    for one in tickets:
        found = telling.best(one, given_quotes)
        assert found is None or any(found[1] in message.text for message in one.messages)


def test_one_quote_for_each_customer():
    same = [ticket(1, *[m.text for m in t.messages]) for t in OKTA]
    assert len(choose(same, {}, {}, region="US", limit=3)[0]) == 1


def test_the_same_words_are_quoted_once_and_a_trackers_header_never():
    said = "The Okta login fails for all of us since {} this morning."
    copies = [ticket(n, f"New ticket #{n} from Ann (Lee): Okta login fails\n{said.format(n)}") for n in range(1, 4)]
    shown, _ = choose(copies, {}, {"C1": QuotePolicy.ALL}, region="US", limit=3)
    assert [quote.text for quote in shown] == [said.format(1)]

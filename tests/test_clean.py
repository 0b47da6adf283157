"""Text preparation: what of a conversation reaches the encoder."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.clean import fingerprint, normalise, problem_text, template
from intelligence.model import Message, Role

AT = datetime(2026, 1, 5, tzinfo=UTC)


def said(*texts: str, role: Role = Role.CUSTOMER) -> list[Message]:
    return [Message(role, text, AT) for text in texts]


@pytest.mark.parametrize(
    ("mail", "problem"),
    [
        ("Hi team,\n\nthe export is empty.\n\nBest regards,\nAnn Lee\nHead of Finance | Acme", "the export is empty."),
        ("Hello! I hope you are well. Login fails with Okta.", "Login fails with Okta."),
        ("Dear Support,\nlogin fails\n-- \nAnn\n+1 415 555 2671", "login fails"),
        ("login fails\n\nSent from my iPhone", "login fails"),
        ("It fails.\n\nOn Mon, 3 Jan 2026 at 10:01, Bob <bob@x.com> wrote:\n> did you try\n> again?", "It fails."),
        ("Still broken\n\n-----Original Message-----\nFrom: Bob\nold text", "Still broken"),
        ("Still broken\nFrom: Bob <b@x.com>\nSent: Monday\nold text", "Still broken"),
        ("Am 03.01.2026 um 10:00 schrieb Bob:\n> nur Zitat", "Am 03.01.2026 um 10:00 schrieb Bob:"),
        ("Export fails\n\nThis email is confidential and intended solely for the addressee.", "Export fails"),
        ("See https://x.com/a/b?utm_source=mail&token=1#top please", "See https://x.com/a/b please"),
        ("Broken [cid:image001.png@01D7] here", "Broken here"),
        ("Thanks for your answer, but it is still empty", "Thanks for your answer, but it is still empty"),
        ("[image] The export is empty", "The export is empty"),
        ("Hi", "Hi"),
        ("Best practices for exports?\nWe have many.", "Best practices for exports?\nWe have many."),
        ("Thanks,\nAnn\n\nPS: does it also work in Safari?", "Thanks,\nAnn\n\nPS: does it also work in Safari?"),
    ],
)  # fmt: skip
def test_a_mail_becomes_its_problem(mail: str, problem: str) -> None:
    assert problem_text(said(mail)) == problem


def test_only_the_customer_is_heard() -> None:
    talk = [*said("Export fails"), *said("Have you tried CSV?", role=Role.AGENT), *said("bot", role=Role.BOT)]
    assert problem_text([*talk, *said("CSV works, Excel does not", "Thank you so much!")]) == (
        "Export fails\n\nCSV works, Excel does not"
    )
    assert problem_text(said("hello", role=Role.AGENT)) == ""


def test_repeated_messages_count_once() -> None:
    assert problem_text(said("Export fails", "Export fails")) == "Export fails"


def test_normalise() -> None:
    assert normalise("a\u200bb\u202e\x00 \u00a0c\r\nd\n\n\n\ne\u0301") == "ab c\nd\n\n\u00e9"
    assert normalise("\U0001f468\u200d\U0001f469 ok") == "\U0001f468\u200d\U0001f469 ok"


def test_copies_of_a_form_letter_have_one_fingerprint() -> None:
    first = "Invoice #4711 for ann@x.com: payment failed at 10:31, see https://pay.x.com/i/4711"
    second = "invoice #99 for bob.lee@y.org: Payment failed at 23:05, see https://pay.x.com/i/99"
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first) != fingerprint("Invoice #4711 for ann@x.com: payment received")
    assert template("Job 550e8400-e29b-41d4-a716-446655440000 FAILED") == "job id failed"


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert bool(problem_text(said(text))) == bool(once)
    assert template(template(text)) == template(text)
    assert len(fingerprint(text)) == 16


@pytest.mark.parametrize(
    "unit",
    [
        "> a\n",
        "\n",
        "On 1 ",
        "Hi ",
        "thanks ",
        "[cid:",
        "http://a?",
        "-- \n",
        "Thanks,\n",
        "_",
        "from: a\n",
        "a@",
        "1a-",
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = (unit * (40_000 // len(unit) + 1))[:40_000]
    started = time.process_time()
    problem_text(said(text))
    fingerprint(text)
    assert time.process_time() - started < 2

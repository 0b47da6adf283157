"""An answer that only notes a wish is no workaround."""

from __future__ import annotations

import pytest

from intelligence.advice import Answer, given_again, tells_what_to_do


@pytest.mark.parametrize(
    "text",
    [
        "Not available today, I'm afraid. I've added your vote.",
        "You haven't overlooked anything: CSV, PDF and PNG are the only formats. Noted your request.",
        "There are no plans for this at the moment, sorry.",
        "We are looking into it and I will get back to you.",
        "I'll let you know here if it gets picked up.",
        "Sorry, the mail queue was backed up this morning. It's empty now.",
    ],
)
def test_what_declines_or_promises_helps_nobody(text: str) -> None:
    assert not tells_what_to_do(text)


@pytest.mark.parametrize(
    "text",
    [
        "Not available yet: for now you can export the CSV and import it with the wizard.",
        "A copy of it was still active. I've removed it.",
        "Clear the cookies of the sign-in page and log in again.",
        "I'm afraid that is by design. Instead, share the folder with the group.",
    ],
)
def test_what_says_a_way_helps(text: str) -> None:
    assert tells_what_to_do(text)


CLEAR = "Please clear the cookies of the sign-in page and log in again, {}."
SPLIT = "Splitting the dashboard into two tabs usually helps: each tab loads alone, {}."


def test_a_question_back_is_no_advice() -> None:
    assert not tells_what_to_do("Is that for one workspace or for all of yours, and since when?")


def test_the_answer_that_satisfied_most_customers_is_counted_alone() -> None:
    given = [
        Answer(1, SPLIT.format("Ann"), True),
        Answer(2, CLEAR.format("Ben"), True),
        Answer(3, CLEAR.format("dear Cleo"), False),
        Answer(3, CLEAR.format("once more"), False),
        Answer(4, CLEAR.format("Dan"), True),
        Answer(5, SPLIT.format("Eve"), False),
    ]
    advice = given_again(given)
    assert advice is not None
    assert advice.answer == given[1]
    assert (advice.threads, advice.confirmed) == (3, 2)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [Answer(1, CLEAR.format("Ann"), True)],
        [Answer(1, CLEAR.format("Ann"), True), Answer(1, CLEAR.format("Ben"), True)],
        [Answer(1, CLEAR.format("Ann"), False), Answer(2, CLEAR.format("Ben"), False)],
        [Answer(1, CLEAR.format("Ann"), True), Answer(2, SPLIT.format("Ben"), True)],
        [Answer(1, "Fixed now!", True), Answer(2, "Fixed now!", True)],
    ],
)
def test_what_was_said_once_or_satisfied_nobody_is_no_advice(given: list[Answer]) -> None:
    assert given_again(given) is None

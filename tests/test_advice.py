"""An answer that only notes a wish is no workaround."""

from __future__ import annotations

import pytest

from intelligence.advice import tells_what_to_do


@pytest.mark.parametrize(
    "text",
    [
        "Not available today, I'm afraid. I've added your vote.",
        "You haven't overlooked anything: CSV, PDF and PNG are the only formats. Noted your request.",
        "There are no plans for this at the moment, sorry.",
        "We are looking into it and I will get back to you.",
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

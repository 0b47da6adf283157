"""A model may write, but nothing that the values do not say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting import SLOW, SSO, report, theme

from intelligence.changes import change_of
from intelligence.reports.prose import checked, sentences
from intelligence.reports.volume_values import Volume

REPORT = report()


@pytest.mark.parametrize(
    "sentence",
    [
        "Volume was 847 tickets, up 12% on last week.",
        "847 tickets came from 351 known customers.",
        "TI-1 Export to Excel rose to 89 tickets, up 46%.",
        "TI-2 SSO login fails is new with 67 tickets from 41 customers; Okta (sso) 61% of this theme, 9% of all tickets.",
        "Dashboard loads slowly is about as before with 54 tickets.",
        "Feature requests were asked for in 34 tickets, most for Dark mode (12).",
        'A customer says "We need a real Excel file, not CSV" about TI-1.',
        "TI-5 Sync stops came back.",
    ],
)
def test_what_the_values_say_is_kept(sentence: str) -> None:
    assert checked(sentence, REPORT).kept == (sentence,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Volume was 848 tickets.",
        "Volume was 8470 tickets.",
        "Volume was 84 tickets.",
        "TI-1 Export to Excel has 67 tickets.",  # another theme's figure
        "Export to Excel grew to 54 tickets.",
        "TI-99 is new.",
        "Volume was up 14%.",
        "Volume was down 12%.",  # the right figure, the wrong way
        "TI-3 Dashboard loads slowly rose to 54 tickets.",  # within noise
        "Tickets doubled.",
        "About half of all tickets are bugs.",
        "Twelve customers asked for it.",
        "Dozens of customers are angry.",
        "TI-2 was caused by release 4.2.",
        'A customer says "this is the worst product ever".',
        "A customer says “we will leave next week” about TI-1.",
        "There were ８４７ tickets.",
        "There were ٨٤٧ tickets.",
        "TI-1 has 89.5 tickets.",
        "See <https://evil.example|this>.",
    ],
)
def test_what_no_value_bears_out_is_dropped(sentence: str) -> None:
    found = checked(f"847 tickets came in. {sentence}", REPORT)
    assert sentence not in found.kept
    assert found.dropped >= 1
    assert found.kept[0] == "847 tickets came in."


@given(st.integers(0, 10**7))
def test_no_other_figure_of_the_volume_passes(number: int) -> None:
    volume = REPORT.volume
    real = {volume.tickets, volume.change.before, volume.customers, REPORT.theme_count, 12, 13, 700, 790, 5, 2026}
    real |= {share.tickets for share in volume.categories}
    assert bool(checked(f"There were {number:,} tickets.", REPORT).kept) == (number in real)


@given(st.text(max_size=300))
def test_any_text_is_checked_without_a_fault(text: str) -> None:
    found = checked(text, REPORT)
    assert all(sentence in text for sentence in found.kept)
    assert len(found.kept) <= 6


@given(
    st.integers(0, 5000),
    st.integers(0, 5000),
    st.integers(0, 900),
    st.integers(0, 900),
    st.booleans(),
    st.sampled_from(["Export to Excel", "Error 500 in 3 regions", "Can't log in?", "Wish no 1", "100% CPU"]),
)
def test_our_own_sentences_hold(before: int, now: int, was: int, tickets: int, new: bool, title: str) -> None:
    """What is computed passes the check that a model's words must pass, whatever the values are."""
    volume = replace(REPORT.volume, change=change_of(before, now), comparable=None)
    moved = theme(title=title, tickets=tickets, change=change_of(0 if new else was, tickets), new=new)
    made = replace(REPORT, volume=volume, themes=(moved, SSO, SLOW))
    for sentence in sentences(made):
        assert checked(sentence, made).dropped == 0, sentence


def test_a_week_without_tickets_says_so() -> None:
    empty = Volume(change_of(0, 0), None, None, (), (), (), 0, 0, 0, 0, 0)
    assert sentences(replace(REPORT, volume=empty)) == ("No tickets came in.",)

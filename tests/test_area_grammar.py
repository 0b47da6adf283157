"""What people type after `areas`: read in many forms, kept in one, refused with what to type instead."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import area_grammar
from bot.errors import BadInput
from bot.grammar import Request, parse, render

PIECES = st.one_of(
    st.sampled_from(
        [
            *area_grammar.ACTIONS,
            *("Billing", "Data sources", '"Data sources"', ":", ",", ";", "confirm", "yes", "to", "to do", "none"),
            *("@U0ANN", "<@U0ANN|ann>", "#help", "<#C12345|help>", "30d", "17", "a&amp;b", "&lt;b&gt;", "“", '"'),
            *("invoice, refund", "invoice,", "->", "\u200b", "ß", "\n", "log in, sign in"),
        ]
    ),
    st.text(max_size=12),
)
LINES = st.tuples(st.sampled_from(list(area_grammar.ACTIONS)), st.lists(PIECES, max_size=7)).map(
    lambda found: " ".join(["areas", found[0], *found[1]])
)


@given(LINES)
@settings(max_examples=1500)
def test_whatever_is_understood_is_written_so_that_it_is_understood_again(line: str) -> None:
    try:
        request = parse(line)
    except BadInput as problem:
        assert problem.sentence
        assert len(problem.sentence) < 700
        return
    assert parse(render(request)) == request


NAMES = (
    st.text("abcXYZ ßé7&-", min_size=2, max_size=12)
    .map(lambda s: " ".join(s.split()))
    .filter(lambda s: len(s) >= 2 and any(c.isalnum() for c in s) and s.casefold() not in area_grammar.RESERVED)
)
MARKS = st.lists(
    st.text("abcxyz -/", min_size=2, max_size=10)
    .map(str.strip)
    .filter(lambda s: len(s.split()) and len(s) > 1 and any(c.isalpha() for c in s)),
    min_size=1,
    max_size=6,
)


@given(NAMES, MARKS, st.booleans())
def test_a_name_before_a_colon_and_in_quotes_says_the_same(name: str, marks: list[str], confirmed: bool) -> None:
    flag = " confirm" if confirmed else ""
    value = ", ".join(marks)
    typed, quoted = (
        line.replace("&", "&amp;")
        for line in (f"areas words {name}: {value}{flag}", f'areas words "{name}" {value}{flag}')
    )
    assert parse(typed) == parse(quoted)
    found = parse(typed)
    assert found.args["area"] == name
    assert set(area_grammar.words_of(found.args["value"])) == {" ".join(m.split()) for m in marks} or len(
        {m.casefold() for m in marks}
    ) < len(marks)
    assert ("confirm" in found.filters) is confirmed


@pytest.mark.parametrize(
    ("line", "args", "confirmed"),
    [
        ("areas", {}, False),
        ("area", {}, False),
        ("areas suggest", {"action": "propose"}, False),
        ("areas add", {"action": "add"}, False),
        ("areas add Billing", {"action": "add", "area": "Billing"}, False),
        ("areas add  confirm", {"action": "add", "area": "confirm"}, False),
        (
            "areas new Data sources: Sync, sync; real  time confirm",
            {"action": "add", "area": "Data sources", "value": "Sync, real time"},
            True,
        ),
        ("areas words Auth: sign in, log in", {"action": "words", "area": "Auth", "value": "sign in, log in"}, False),
        ("areas words Shop: please confirm,", {"action": "words", "area": "Shop", "value": "please confirm,,"}, False),
        (
            "areas words Shop: please confirm, confirm,, confirm",
            {"action": "words", "area": "Shop", "value": "please confirm, confirm,,"},
            True,
        ),
        ('areas words "Shop" : : dash, :bug:', {"action": "words", "area": "Shop", "value": "dash, :bug:"}, False),
        ("areas rename Billing to Payments", {"action": "rename", "area": "Billing", "value": "Payments"}, False),
        ("areas rename Billing Payments", {"action": "rename", "area": "Billing", "value": "Payments"}, False),
        (
            'areas rename "Data sources" to "Data in"',
            {"action": "rename", "area": "Data sources", "value": "Data in"},
            False,
        ),
        ("areas owner Data sources <@U0ANN|ann>", {"action": "owner", "area": "Data sources", "value": "U0ANN"}, False),
        ("areas owner Billing none", {"action": "owner", "area": "Billing", "value": "none"}, False),
        ("areas channel Billing <#C12345|bill>", {"action": "channel", "area": "Billing", "value": "C12345"}, False),
        ("areas map #support Data sources", {"action": "map", "area": "Data sources", "value": "#support"}, False),
        ("areas map Billing #support yes", {"action": "map", "area": "Billing", "value": "#support"}, True),
        ("areas map #support none", {"action": "map", "area": "none", "value": "#support"}, False),
        ("areas delete Billing confirm", {"action": "remove", "area": "Billing"}, True),
        ("areas reassign", {"action": "reassign", "value": "30d"}, False),
        ("areas reassign 90 days", {"action": "reassign", "value": "90d"}, False),
        ("areas undo 017", {"action": "undo", "value": "17"}, False),
        (
            'areas words "Billing: invoice, refund"',
            {"action": "words", "area": "Billing", "value": "invoice, refund"},
            False,
        ),
        (
            "areas examples Billing: I was charged twice; where is my invoice",
            {"action": "examples", "area": "Billing", "value": "I was charged twice; where is my invoice"},
            False,
        ),
    ],
)
def test_reads_what_people_type(line: str, args: dict[str, str], confirmed: bool) -> None:
    assert parse(line) == Request("areas", args, {"confirm": "yes"} if confirmed else {})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("areas wrods Billing: a", "Did you mean `areas words`?"),
        ("areas frobnicate", "There are propose, add"),
        ("areas words Billing invoice", "Put a colon between"),
        ("areas words Billing: i", "2 to 40 characters"),
        (f"areas words Billing: {', '.join(f'word{n}' for n in range(21))}", "at most 20"),
        ("areas add X: one", "2 to 40 characters"),
        ("areas add unassigned", "cannot be an area's name"),
        ("areas owner Billing ann", "nobody I know"),
        ("areas channel Billing bills", "is no channel"),
        ("areas map Billing", "needs an area and what to set"),
        ("areas reassign forever", "no number of days"),
        ("areas undo last", "a number"),
        ("areas propose now", "takes nothing more"),
        ("areas rename Billing", "old name from the new one"),
    ],
)
def test_refuses_with_what_to_type_instead(line: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(line)
    assert says in caught.value.sentence

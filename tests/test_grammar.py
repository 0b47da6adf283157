"""Commands as people type them: normal forms, friendly refusals, and nothing that breaks the parser."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadInput, UnknownVerb
from bot.grammar import Request, help_for, help_on, parse, render
from bot.verbs.filters import FILTERS
from bot.verbs.parts import Persona, Where
from bot.verbs.table import BY_WORD, VERBS

WORDS = [
    *BY_WORD,
    *("7d", "0d", "30 days", "2026-W02", "2026-w2", "month", "page:2", "page", "mine", "state:new", "rising"),
    *("area:billing", 'area:"single sign on"', "area:“single sign on”", "plan:", "kind:bug", "kind:how-to", 'a"b'),
    *("TI-42", "ti 42", "42", "#17", "ticket 17", "<#C123456|help>", "support", "4.2", '"Spring 26"', "at"),
    *("words", "owner", "Billing:", "Data sources: sync, live;", "“a b”", "confirm", "yes,", "<@U0ANN>", "to", "none"),
    *("2026-01-03 14:00", "&amp;", "&lt;b&gt;", "<https://a.b/c|a.b>", "<!channel>", "\u200b", "\u202e", "🙂", "\x00"),
]
LINES = st.one_of(
    st.text(max_size=80),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=8).map(" ".join),
    st.tuples(st.sampled_from([v.name for v in VERBS]), st.lists(st.sampled_from(WORDS), max_size=5)).map(
        lambda pair: " ".join([pair[0], *pair[1]])
    ),
)


@given(LINES)
@settings(max_examples=600)
def test_any_line_is_a_request_or_one_of_two_errors(line: str) -> None:
    try:
        request = parse(line)
    except (BadInput, UnknownVerb) as error:
        assert error.sentence
        assert len(error.sentence) < 700
        return
    assert parse(render(request)) == request


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("", Request("")),
        ("  \u200b ", Request("")),
        ("/ticket-intel", Request("")),
        ("Themes", Request("themes")),
        (
            "themes 7d area:“single sign on” PAGE:2",
            Request("themes", {"period": "7d"}, {"area": "single sign on"}, page=2),
        ),
        ("top last 30 days kind:how-to", Request("themes", {"period": "30d"}, {"kind": "how_to"})),
        ("themes mine rising 2026-w2", Request("themes", {"period": "2026-W02"}, {"state": "rising", "mine": "yes"})),
        ("themes area: billing", Request("themes", {}, {"area": "billing"})),
        ("themes since:24h", Request("themes", {"period": "24h"})),
        ("TI 42", Request("theme", {"theme": "TI-42"})),
        ("theme ti-042", Request("theme", {"theme": "TI-42"})),
        ("theme TI – 42", Request("theme", {"theme": "TI-42"})),
        ("42", Request("theme", {"theme": "TI-42"})),
        ("why 42", Request("why", {"subject": "TI-42"})),
        ("why ticket 17", Request("why", {"subject": "ticket 17"})),
        ("why #17", Request("why", {"subject": "ticket 17"})),
        ("resolve TI-42 in 4.2", Request("resolve", {"theme": "TI-42", "release": "4.2"})),
        ('release "Spring 26" 3 Jan 2026', Request("release", {"name": "Spring 26", "at": "2026-01-03T00:00:00"})),
        ("release 4.2 at 2026-01-03 14:00", Request("release", {"name": "4.2", "at": "2026-01-03T14:00:00"})),
        ("channel <#C12345|help> support", Request("channel", {"channel": "C12345", "role": "support"})),
        ("channel off", Request("channel", {"role": "nothing"})),
        ("known: &lt;b&gt; &amp; <https://a.b|a.b>", Request("known", {"text": "<b> & a.b"})),
        ('search "sso login"', Request("search", {"text": "sso login"})),
        ("HELP!", Request("help")),
        ("?", Request("help")),
        ("help top", Request("help", {"verb": "themes"})),
    ],
)
def test_reads_what_people_type(line: str, request_: Request) -> None:
    assert parse(line) == request_
    assert parse(render(request_)) == request_


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("tehmes", "Did you mean `themes`?"),
        ("halp", "Did you mean `help`?"),
        ("okta login loops", "type `known` before them"),
        ("theme billing", "TI-42"),
        ("known", "needs words"),
        ("themes billing", "kind:billing or area:billing"),
        ("themes state:nwe", "Did you mean state:new?"),
        ("themes kind:banana", "bug_report"),
        ("themes page:0", "page:2"),
        ("themes 7d since:8d area:a area:b", "area is there twice"),
        ("themes since:soon", "2026-W02"),
        ("theme TI-42 area:x", "takes no area:"),
        ("release", "For example: `release 4.2`"),
        ("release 4.2 tomorrow", "2026-01-03 14:00"),
        (f"themes area:{'x' * 200}", "at most 80 characters"),
        ("import tickets.csv", "ticket-intel import"),
    ],
)
def test_refuses_with_what_to_type_instead(line: str, says: str) -> None:
    with pytest.raises((BadInput, UnknownVerb)) as caught:
        parse(line)
    assert says in caught.value.sentence


@pytest.mark.parametrize(
    "unit", ["a", "a:", '"', 'x:"', "<", "<a|", "&amp;", "themes ", "7 ", "ti ", "\u200b", "area:x "]
)
@pytest.mark.parametrize("verb", ["", "themes ", "known ", "release "])
def test_forty_kilobytes_are_read_at_once(unit: str, verb: str) -> None:
    line = verb + unit * (40_000 // len(unit))
    started = time.perf_counter()
    try:
        parse(line)
    except (BadInput, UnknownVerb) as error:
        assert len(error.sentence) < 700
    assert time.perf_counter() - started < 0.5


def test_the_command_line_takes_text_as_it_is() -> None:
    assert parse("known &lt;b&gt; shows", where=Where.CLI).args["text"] == "&lt;b&gt; shows"


def test_words_mean_one_verb_and_short_forms_mean_values() -> None:
    words = [word for verb in VERBS for word in (verb.name, *verb.aliases)]
    assert len(words) == len(set(words))
    assert all(word == word.casefold() for word in words)
    for entry in FILTERS.values():
        assert all(value in entry.choices for value in entry.choices.values()) if entry.choices else True


@pytest.mark.parametrize("verb", [v for v in VERBS if v.where is not Where.CLI], ids=lambda v: v.name)
def test_each_example_is_a_request_for_its_verb(verb: object) -> None:
    assert parse(verb.example).verb == verb.name  # type: ignore[attr-defined]


@pytest.mark.parametrize("persona", Persona)
def test_the_bare_command_shows_four_verbs(persona: Persona) -> None:
    shown = help_for(persona).lines
    assert len(shown) == 4


def test_help_knows_every_verb_and_one_in_detail() -> None:
    everything = help_on()
    assert {line.name for line in everything.lines} == {verb.name for verb in VERBS if verb.where is not Where.CLI}
    assert help_on("themes").lines[0].filters
    assert "import" in {line.name for line in help_on(where=Where.CLI).lines}

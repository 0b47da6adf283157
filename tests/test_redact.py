"""Masking: recall on a corpus, silence on look-alikes, idempotence and linear time on anything."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intelligence.redact import find_spans, redact
from intelligence.redaction.rule import Kind
from tests.redaction_corpus import LEFT_ALONE, MASKED

CASES = [(Kind(kind), text) for kind, texts in MASKED.items() for text in texts]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_masked(kind: Kind, text: str) -> None:
    assert kind in {span.kind for span in find_spans(text)}, text


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert redact(text).text == text


def test_same_value_same_number() -> None:
    text = "Ann@x.com and bob@x.com, again ann@x.com; call +1 415-555-2671 or +1 (415) 555 2671"
    masked = redact(text).text
    assert masked == "[email 1] and [email 2], again [email 1]; call [phone 1] or [phone 1]"


def test_numbers_go_on_after_earlier_masks() -> None:
    assert redact("[email 3] wrote to a@b.com").text == "[email 3] wrote to [email 4]"


def test_a_secret_keeps_its_surroundings() -> None:
    assert redact("Where do I put password: hunter2, please?").text == "Where do I put password: [key 1], please?"
    link = "https://app.acme.com/cb?access_token=abc123def&page=2"
    assert redact(link).text == "https://app.acme.com/cb?access_token=[link secret 1]&page=2"


def test_connection_string_is_one_key() -> None:
    assert redact("use postgres://app:s3cret@db.acme.com:5432/app now").text == "use [key 1] now"


def test_what_a_mask_lays_bare_is_masked_too() -> None:
    result = redact("write to x@y.com4155552671 now")
    assert "4155552671" not in result.text


def test_spans_point_into_the_original() -> None:
    text = "a@b.com, then 203.0.113.7 and x@y.com4155552671"
    for span in redact(text).spans:
        assert text[span.start : span.end] in {"a@b.com", "203.0.113.7", "x@y.com", "4155552671"}


def test_region_decides_national_numbers() -> None:
    assert not find_spans("91 123 45 67", region="US")
    assert [span.kind for span in find_spans("91 123 45 67", region="ES")] == [Kind.PHONE]


def test_known_people_become_pseudonyms() -> None:
    people = {"Ann Smith": "[customer 1]", "Ann": "[customer 1]", "Will": "[agent 1]", "ann@x.com": "[customer 1]"}
    text = "Ann Smith said ANN will ask Will; will Annabel come?"
    assert redact(text, people=people).text == "[customer 1] said [customer 1] will ask [agent 1]; will Annabel come?"


def test_a_pseudonym_is_not_masked_again() -> None:
    people = {"Ann": "Ann S", "S": "x"}
    once = redact("Ann called", people=people)
    assert once.text == "Ann S called"
    assert redact(once.text, people=people).text == once.text


def test_region_of_the_truncated_private_key_ends_with_its_lines() -> None:
    block = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"
    assert redact(f"{block}is what I pasted, and nothing works").text == "[key 1]\nis what I pasted, and nothing works"


SNIPPETS = st.sampled_from([text for _, text in CASES] + LEFT_ALONE)
GLUE = st.sampled_from(
    ["", " ", "\n", ",", "-", ".", ":", "/", "=", "@", "'", '"', "[", "]", "+", "1", "a", "password: "]
)
MIXED = st.lists(st.one_of(SNIPPETS, GLUE, st.text(max_size=12)), max_size=8).map("".join)


@settings(max_examples=150, deadline=None)
@given(MIXED)
def test_idempotent_and_consistent(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text
    ends = [0, *(span.end for span in once.spans)]
    assert all(end <= span.start < span.end <= len(text) for end, span in zip(ends, once.spans, strict=False))
    # A mask is at most a label and a number longer than what it hides.
    assert len(once.text) <= len(text) + 20 * len(once.spans)


@settings(max_examples=100, deadline=None)
@given(MIXED, st.dictionaries(st.sampled_from(["Ann", "Bob Lee", "O'Neil", "Ümit"]), st.just("[customer 7]")))
def test_idempotent_with_people(text: str, people: dict[str, str]) -> None:
    once = redact(f"{text} Ann O'Neil", people=people)
    assert redact(once.text, people=people).text == once.text


UNITS = [
    "a", "a@", "a.", "1 ", "1-", "0 2 ", "020 7946 0959 ", "password ", "password:", "https://", "://a:", "eyJ", "?a=",
    "-----BEGIN PRIVATE KEY-----", ":", "DE89 ", "token is ", "a at ", "passport ", "x@y.com4155552671", "curl -u ",
    "\n", "[email 1]", "secret-", "key ", "[", "@a@", "%40a.", "4242 ", "ip-1-", "\u202e", "A1b2",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = (unit * (40_000 // len(unit) + 1))[:40_000]
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 3

"""Who may be woken: critical tickets by figures on two written sets, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.local.alarms import without_sender
from intelligence.urgency import critical_chance, driving_sentence, is_critical, looks_critical, stake

SETS = Path(__file__).parent.parent / "benchmarks" / "sets"


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    # The first set meets the target (0.8 at 0.7); the second is small: other voices, written before its half was learned.
    [("critical.jsonl", 0.80, 0.70), ("critical_voices.jsonl", 0.80, 0.65)],
)
def test_precision_and_recall_on_written_sets(name: str, precision: float, recall: float) -> None:
    rows = [json.loads(line) for line in (SETS / name).read_text("utf-8").splitlines()]
    vectors = MiniLMEncoder().encode([row["text"] for row in rows])
    said = [is_critical(row["text"], vector) for row, vector in zip(rows, vectors, strict=True)]
    hits = sum(row["critical"] for row, yes in zip(rows, said, strict=True) if yes)
    assert hits / sum(said) >= precision
    assert hits / sum(row["critical"] for row in rows) >= recall


def test_the_learned_rows_are_not_in_the_sets() -> None:
    learned = (SETS.parent.parent / "intelligence" / "examples" / "critical_train.jsonl").read_text("utf-8")
    texts = {json.loads(line)["text"] for line in learned.splitlines()}
    for path in SETS.glob("critical*.jsonl"):
        assert not texts & {json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()}


@pytest.mark.parametrize(
    "calm",
    [
        "If somebody hacked our workspace, how would we notice?",
        "Yesterday's outage is over, everybody can sign in again. Thank you!",
        "All of us want a dark theme, it's urgent!",
        "False alarm: the records weren't lost, my filter was on.",
        "I can't log in on my old phone, colleagues are fine.",
        "New ticket #4711 from Ann Lee (Lee & Sons): Where do I find the invoices?",
    ],
)
def test_calm_words_stay_calm(calm: str) -> None:
    assert not looks_critical(calm)


def test_the_senders_size_is_no_scope() -> None:
    assert "41" not in without_sender("The sync is late. For context, we're 41 users at Dawn Medical. What now?")
    assert without_sender("We're 41 users at Dawn Medical. What now?").endswith("What now?")
    assert without_sender("New ticket #12 from Ann (Lee): login fails").strip() == "login fails"
    assert without_sender("310 people can't log in") == "310 people can't log in"


def test_the_driving_sentence_is_the_alarming_one() -> None:
    said = [
        "Hi team, I hope that you're well.",
        "Another company's invoices show up in our account, with names and bank details.",
        "Please let me know.",
    ]
    assert driving_sentence(said) == said[1]
    assert driving_sentence([]) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Another customer's invoices are visible to us", "data may be visible to others"),
        ("Someone has hijacked our admin account", "somebody may have broken in"),
        ("All records of our patients vanished", "data may be lost"),
        ("Nobody can log in", "work has stopped for many"),
        ("Which plan has dark mode?", None),
    ],
)
def test_what_is_at_stake_is_named(text: str, told: str | None) -> None:
    assert stake(text) == told


@given(st.text(max_size=200))
def test_any_text_has_a_chance(text: str) -> None:
    assert 0.0 <= critical_chance(text) <= 1.0
    assert driving_sentence([text]) == text
    stake(text)


def test_a_headline_is_no_fragment() -> None:
    said = [
        "Good afternoon everybody,",
        "Nobody in our company can log in since 9 this morning.",
        "All of us.",
        "Regards, Ann",
    ]
    assert driving_sentence(said) == said[1]
    assert driving_sentence(["All of us.", "Help!"]) in {"All of us.", "Help!"}

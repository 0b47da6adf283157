"""The local analyzer reads roles, quotes exactly, stays consistent with the tree and learns from corrections."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.gate import judge
from intelligence.local import LocalAnalyzer
from intelligence.local.analyzer import shipped_weights
from intelligence.local.corrections import Correction, adapt
from intelligence.local.extract import error_strings, goal_phrase, sentences
from intelligence.local.grams import Vocabulary, plain, word_grams
from intelligence.local.model import load, save
from intelligence.model import (
    Analysis,
    Area,
    Level,
    Message,
    PrimaryCategory,
    RequestVerdict,
    Role,
    Satisfaction,
    SignalKind,
    Subcategory,
)
from intelligence.ports import Conversation
from intelligence.taxonomy import primary_of
from intelligence.urgency import looks_critical

AT = datetime(2025, 1, 1, tzinfo=UTC)
ENCODER = MiniLMEncoder()
ANALYZER = LocalAnalyzer(ENCODER)


def told(*texts: str, areas: tuple[Area, ...] = (), area: str | None = None) -> Conversation:
    """A conversation in which customer and agent take turns."""
    roles = (Role.CUSTOMER, Role.AGENT)
    messages = tuple(Message(roles[i % 2], text, AT, key=f"m{i}") for i, text in enumerate(texts))
    return Conversation(messages, areas=areas, area=area)


def read(*texts: str) -> Analysis:
    return ANALYZER.analyze([told(*texts)])[0]


def test_answers_one_for_one_and_in_order() -> None:
    asked = [told("I was charged twice for March"), told("The export fails with an error since the update")]
    together = ANALYZER.analyze(asked)
    alone = [ANALYZER.analyze([one])[0] for one in asked]
    assert together == alone
    assert together[0].primary is PrimaryCategory.ACCOUNT_BILLING
    assert together[1].primary is PrimaryCategory.BUG_REPORT
    assert ANALYZER.analyze([]) == []


@pytest.mark.parametrize("text", ["", " ", "?", "😀", "a" * 40_000, "<!channel> *x*", "\u202eabc\u200b"])
def test_survives_any_text(text: str) -> None:
    found = read(text)
    assert primary_of(found.subcategory) is found.primary
    assert 0 <= found.sub_confidence <= found.confidence <= 1.0001


def test_evidence_is_an_exact_part_of_its_message() -> None:
    conversation = told(
        'Export is broken.\n\nI was trying to download the report and got "Error 504: upstream timed out". Since the update '
        "last week it fails every time!",
        "Sorry! This was caused by a full queue on our side.",
    )
    found = ANALYZER.analyze([conversation])[0]
    texts = {message.key: message.text for message in conversation.messages}
    assert found.evidence
    assert all(e.quote in texts[e.message_key] for e in found.evidence)
    assert found.goal is not None and found.goal in conversation.messages[0].text


def test_an_agents_words_are_never_the_customers_frustration() -> None:
    question = "How do I rename a folder?"
    calm = read(question, "Click the three dots.")
    sorry = read(question, "I am so sorry, this is terrible, awful and unacceptable, you must be furious!")
    assert calm.frustration is sorry.frustration is Level.LOW


def test_what_an_agent_answered_decides_as_well() -> None:
    asked = "The weekly report is not in my mailbox."
    explained = "Switch the mails on under Settings, then Notifications; they are off for new members."
    broken = "A defect of ours since yesterday's deployment, the engineers are on it and will ship a fix today."
    alone, told_how, told_why = ANALYZER.read([told(asked), told(asked, explained), told(asked, broken)])
    chances = [
        sum(p for sub, p in reading.subcategories().items() if primary_of(sub) is PrimaryCategory.BUG_REPORT)
        for reading in (told_how, alone, told_why)
    ]
    assert chances == sorted(chances)
    assert chances[2] - chances[0] > 0.2
    assert [bool(reading.read.answer.any()) for reading in (alone, told_how)] == [False, True]


def test_a_private_note_is_no_answer() -> None:
    asked, note = told("Can I rename a folder?", "This is a bug of ours").messages
    [reading] = ANALYZER.read([Conversation((asked, replace(note, private_note=True)))])
    assert not reading.read.answer.any()


class Elsewhere:
    """An embedder of another size, as a network's are, that keeps what it was asked."""

    model = "elsewhere"
    dim = 8

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.ones((len(texts), self.dim), np.float32)

    def reads(self, text: str) -> bool:
        return True


def test_answers_go_to_no_embedder_whose_vectors_the_weights_do_not_know() -> None:
    elsewhere = Elsewhere()
    [reading] = LocalAnalyzer(elsewhere).read([told("Can I rename a folder?", "Click the three dots.")])
    assert not any("dots" in text for text in elsewhere.asked)
    assert not reading.read.answer.any()


def test_satisfaction_needs_an_answer() -> None:
    assert read("Thanks, great app! How do I export?").satisfaction is Satisfaction.UNKNOWN
    happy = read("How do I export?", "File, then Export.", "Perfect, that worked, thank you so much!")
    assert happy.satisfaction is Satisfaction.SATISFIED


def test_a_language_it_cannot_read_is_never_labelled_with_confidence() -> None:
    found = read("Warum kann ich mich nicht anmelden und wie bekomme ich ein neues Passwort für mein Konto?")
    assert not found.reads
    assert found.unsure


def test_areas() -> None:
    areas = (Area("Reporting", ("export", "dashboard")), Area("Authentication", ("login", "sso")))
    assert ANALYZER.analyze([told("SSO login fails", areas=areas)])[0].area == "Authentication"
    assert ANALYZER.analyze([told("SSO login fails", areas=areas, area="Billing")])[0].area == "Billing"
    assert ANALYZER.analyze([told("Lovely weather in the mountains", areas=areas)])[0].area is None


def test_drivers_are_words_of_the_ticket_or_named_cues() -> None:
    text = "I was charged twice for my subscription, please refund the second payment"
    found = read(text)
    assert found.drivers
    assert all(d.startswith("cue: ") or all(word in text.lower() for word in d.split()) for d in found.drivers)


def test_feature_gap_says_what_is_wanted() -> None:
    found = read(
        "Feature request: please add an option to schedule reports on weekdays only. Right now I do it by hand."
    )
    gap = next(s for s in found.signals if s.kind is SignalKind.FEATURE_GAP)
    assert "schedule reports" in gap.fields["capability"]
    assert "by hand" in gap.fields["workaround"]


def test_phrases_are_verbatim() -> None:
    said = sentences(told('I am trying to import contacts but get "Invalid header in row 1". Help?').messages)
    assert goal_phrase(said) == "import contacts"
    assert error_strings(said) == ["Invalid header in row 1"]


def test_weights_survive_a_round_trip(tmp_path: Path) -> None:
    weights = shipped_weights()
    save(weights, tmp_path / "w.npz")
    again = load(tmp_path / "w.npz")
    assert again.heads == weights.heads
    assert np.array_equal(again.blocks["words"], weights.blocks["words"])


def test_vocabulary_gives_unit_vectors() -> None:
    vocabulary = Vocabulary.learn(["a b", "a c", "a b"], word_grams, min_texts=2, size=10)
    assert vocabulary.grams == ("a", "a b", "b")
    _, values = vocabulary.vector(plain("A b!"))
    assert float(np.linalg.norm(values)) == pytest.approx(1.0)
    assert len(vocabulary.vector("zzz")[0]) == 0


@pytest.mark.parametrize("answers", [(), ("I have asked my colleagues.",)])
def test_corrections_of_one_confusion_carry_over_to_tickets_like_them(answers: tuple[str, ...]) -> None:
    texts = [
        f"Where do I {verb} the {noun}?"
        for verb in ("see", "change", "open")
        for noun in (
            "kiosk badge",
            "turnstile log",
            "visitor kiosk",
            "gate schedule",
            "badge reader",
            "kiosk screen",
            "gate log",
        )
    ]
    asked = [told(text, *answers) for text in texts]
    readings = ANALYZER.read(asked)
    wanted = Subcategory.INTEGRATION_REQUEST
    adapted = adapt(shipped_weights(), [Correction(r.read, wanted) for r in readings[:14]])
    changed = LocalAnalyzer(ENCODER, adapted).analyze(asked[14:])
    assert [a.subcategory for a in changed].count(wanted) >= 6
    elsewhere = LocalAnalyzer(ENCODER, adapted).analyze([told("I was charged twice for March, refund please")])[0]
    assert elsewhere.subcategory is Subcategory.TECHNICAL_BILLING_ISSUE


def test_one_correction_moves_only_what_resembles_it() -> None:
    [reading] = ANALYZER.read([told("The carousel spins too quickly on our landing screen")])
    adapted = LocalAnalyzer(
        ENCODER, adapt(shipped_weights(), [Correction(reading.read, Subcategory.UI_UX_IMPROVEMENT)])
    )
    before, after = (
        a.read([told("The carousel spins too quickly on our landing screen")])[0] for a in (ANALYZER, adapted)
    )
    assert after.subcategories()[Subcategory.UI_UX_IMPROVEMENT] > before.subcategories()[Subcategory.UI_UX_IMPROVEMENT]
    assert adapt(shipped_weights(), []) is shipped_weights()


@pytest.mark.parametrize("text", ["thanks!", "", "👍", "lunch at 12?", "deployed v2 to staging"])
def test_gate_keeps_chatter_out(text: str) -> None:
    assert judge(text).verdict is not RequestVerdict.REQUEST


@pytest.mark.parametrize("text", ["How do I export my report?", "I can't log in since this morning, please help"])
def test_gate_lets_requests_in(text: str) -> None:
    assert judge(text).verdict is RequestVerdict.REQUEST


def test_critical_needs_stake_and_scope() -> None:
    assert looks_critical("Nobody can log in, production is down for all of our 2,000 users since 10 minutes")
    assert not looks_critical("URGENT: how do I change my avatar?")
    assert not looks_critical("")


def test_examples_are_well_formed() -> None:
    from intelligence.train import labelled_examples

    folder = Path(__file__).parent.parent / "intelligence" / "examples"
    assert len(labelled_examples(folder)) > 1_000
    rows = [json.loads(line) for line in (folder / "critical_train.jsonl").read_text("utf-8").splitlines()]
    assert all(isinstance(row["text"], str) and isinstance(row["critical"], bool) for row in rows)

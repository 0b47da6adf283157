"""A model's reply becomes an analysis only as far as the conversation bears it out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.grounding import Grounds
from intelligence.mined import read_technique
from intelligence.model import (
    Analysis,
    CauseKind,
    Evidence,
    Level,
    PrimaryCategory,
    Satisfaction,
    SignalKind,
    Subcategory,
)
from intelligence.ports import Conversation
from intelligence.prompts.request import technique_request, triage_request
from intelligence.replies import BadReply, read_triage
from tests.model_replies import EXPORT, EXPORT_GAP, EXPORT_TRIAGE, local_reading, said, talk, triage


def read(reply: Any, conversation: Conversation = EXPORT, second: Analysis | None = None) -> Analysis:
    text = reply if isinstance(reply, str) else said(reply)
    return read_triage(text, conversation, triage_request(conversation), second or local_reading())


def grounds(conversation: Conversation = EXPORT) -> Grounds:
    return Grounds(conversation.messages, conversation.subject)


def test_a_good_reply() -> None:
    found = read(EXPORT_TRIAGE)
    assert (found.primary, found.subcategory) == (PrimaryCategory.FEATURE_REQUEST, Subcategory.NEW_CAPABILITY)
    assert found.confidence == 0.9
    assert not found.unsure
    assert [a.subcategory for a in found.alternatives] == [Subcategory.ENHANCEMENT]
    assert found.area == "Reporting"
    assert found.cause is CauseKind.NOT_BUILT
    assert found.cause_phrase == "native Excel is not supported yet"
    assert found.goal == "export the chart to Excel"
    assert found.summary == "Customer wants native Excel export of charts and copies 40 rows by hand."
    assert found.evidence == (Evidence("Is there a way to export the chart to Excel?", "category", "m1"),)
    assert found.prompt_version == "triage.v1"
    assert found.fallback is None
    assert sum(a.probability for a in found.alternatives) + found.confidence <= 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no JSON"),
        ("Sure! Here is the analysis you asked for.", "no JSON"),
        ('{"subcategory": "new_capab', "no JSON"),
        ("[1, 2]", "no JSON object"),
        ("[" * 5_000, "no JSON"),
        ('"' + "x" * 300_000 + '"', "too long"),
        ({}, "subcategory"),
        (EXPORT_TRIAGE | {"subcategory": "grumbling"}, "subcategory"),
        (EXPORT_TRIAGE | {"subcategory": ["new_capability"]}, "subcategory"),
        (EXPORT_TRIAGE | {"sureness": 0.9}, "sureness"),
        (EXPORT_TRIAGE | {"frustration": "furious"}, "frustration"),
        (EXPORT_TRIAGE | {"urgency": None}, "urgency"),
        (EXPORT_TRIAGE | {"churn_risk": "critical"}, "churn_risk"),
        (EXPORT_TRIAGE | {"cause": "aliens"}, "cause"),
        (triage("I want my money back right now"), "none of the quotes"),
    ],
)
def test_an_unusable_reply_is_refused_with_the_reason(reply: Any, reason: str) -> None:
    with pytest.raises(BadReply, match=reason):
        read(reply)


def test_a_fence_around_the_object_is_forgiven() -> None:
    assert read(f"```json\n{said(EXPORT_TRIAGE)}\n```").subcategory is Subcategory.NEW_CAPABILITY


def test_wrong_parts_are_dropped_and_the_rest_is_kept() -> None:
    found = read(
        EXPORT_TRIAGE
        | {
            "area": "Nuclear plant",
            "alternatives": ["nonsense", "enhancement", "new_capability", 7, "feature_usage", "functional_bug"],
            "loyalty": ["buys everything", "recommends it"],
            "goal": "reach 5000 users",
            "summary": "97 percent of customers want this, see https://evil.test",
            "signals": ["x", {"kind": "alien", "sureness": "certain"}, {"kind": "bug_pattern", "sureness": "maybe"},
                        {"kind": "ux_friction", "sureness": "likely"}, {"kind": "ux_friction", "sureness": "certain"}],
            "evidence": [None, {"quote": "invented words here", "supports": "goal"}, {"quote": 5, "supports": "goal"},
                         {"quote": "in Tabula it is one click", "supports": "revenge"},
                         {"quote": "in Tabula it is one click", "supports": "feature_gap"}],
        }
    )  # fmt: skip
    assert found.area is None
    assert [a.subcategory for a in found.alternatives] == [Subcategory.ENHANCEMENT, Subcategory.FEATURE_USAGE]
    assert found.loyalty == ("recommends it",)
    assert found.goal is None
    assert found.summary is None
    assert [(s.kind, s.probability) for s in found.signals] == [(SignalKind.UX_FRICTION, 0.75)]
    assert [e.quote for e in found.evidence] == ["in Tabula it is one click"]


def test_a_sure_second_opinion_makes_the_model_count_for_less() -> None:
    billing = local_reading(primary=PrimaryCategory.ACCOUNT_BILLING)
    assert read(EXPORT_TRIAGE, second=billing).confidence == 0.75
    assert read(EXPORT_TRIAGE | {"sureness": "likely"}, second=billing).unsure
    assert read(EXPORT_TRIAGE, second=replace(billing, unsure=True)).confidence == 0.9


def test_what_the_model_cannot_know_stays_with_the_local_analyzer() -> None:
    found = read(EXPORT_TRIAGE, second=local_reading(reads=False))
    assert not found.reads
    assert found.unsure
    decided = replace(EXPORT, area="Login")
    assert read(EXPORT_TRIAGE, decided).area == "Login"


def test_nobody_is_satisfied_with_an_answer_that_was_never_given() -> None:
    lonely = talk("The export is empty since Monday")
    assert read(triage("The export is empty", satisfaction="satisfied"), lonely).satisfaction is Satisfaction.UNKNOWN
    assert read(EXPORT_TRIAGE).satisfaction is Satisfaction.NEUTRAL


def test_an_alarm_needs_the_customers_own_words() -> None:
    outage = talk("Nobody of us can log in, the whole clinic stands still.", "We see that all data are lost.")
    alarm = triage("Nobody of us can log in", urgency="critical", critical=True)
    assert not read(alarm, outage).critical
    agent = {"quote": "all data are lost", "supports": "critical"}
    assert not read(alarm | {"evidence": [*alarm["evidence"], agent]}, outage).critical
    own = {"quote": "the whole clinic stands still", "supports": "critical"}
    urgent = local_reading(urgency=Level.HIGH)
    assert read(alarm | {"evidence": [own]}, outage, urgent).critical
    assert not read(alarm | {"evidence": [*alarm["evidence"], agent]}, outage, urgent).critical
    assert not read(alarm | {"evidence": [own]}, outage).critical, "the local analyzer hears nothing urgent"
    assert not read(alarm | {"evidence": [own], "urgency": "high"}, outage, urgent).critical
    assert read(triage("Nobody of us"), outage, local_reading(critical=True)).critical


def test_an_agents_words_are_no_evidence_of_feelings() -> None:
    quoted = [{"quote": "Sorry, native Excel is not supported yet", "supports": s} for s in ("frustration", "cause")]
    assert [e.supports for e in read(EXPORT_TRIAGE | {"evidence": quoted}).evidence] == ["cause"]


def test_signals_without_a_technique_take_their_fields_from_triage() -> None:
    believed = talk("Your pricing page says unlimited exports. We use it to feed our warehouse robot.")
    found = read(
        triage(
            "Your pricing page says unlimited exports",
            subcategory="marketing_misled",
            signals=[{"kind": kind, "sureness": "likely"} for kind in ("expectation_mismatch", "use_case_expansion")],
            expected="unlimited exports",
            expectation_source="Your pricing page",
            unplanned_use="feed our warehouse robot",
        ),
        believed,
    )
    assert {s.kind: dict(s.fields) for s in found.signals} == {
        SignalKind.EXPECTATION_MISMATCH: {"expected": "unlimited exports", "source": "Your pricing page"},
        SignalKind.USE_CASE_EXPANSION: {"use": "feed our warehouse robot"},
    }


# ---- mining techniques ----------------------------------------------------------------------------------------------


def mine(kind: SignalKind, reply: Any, conversation: Conversation = EXPORT) -> dict[str, str]:
    return read_technique(kind, said(reply), conversation, technique_request(kind, conversation))


def test_feature_gap() -> None:
    assert mine(SignalKind.FEATURE_GAP, EXPORT_GAP) == EXPORT_GAP
    invented = EXPORT_GAP | {
        "competitor": "Chartio",
        "described_as": "an Excel button",
        "workaround": "a 12 step macro",
    }
    assert mine(SignalKind.FEATURE_GAP, invented).keys() == {"capability", "goal"}


def test_ux_friction_counts_the_effort_itself() -> None:
    solved = talk("I can't find where to share a board", "Top right, behind the dots.", "Found it", resolved=True)
    reply = {"tried": "share a board", "stuck": "I can't find where", "resolved_by": "Top right, behind the dots",
             "self_service": True, "severity": "medium", "messages": 99, "minutes": 99}  # fmt: skip
    assert mine(SignalKind.UX_FRICTION, reply, solved) == {
        "tried": "share a board", "stuck": "I can't find where", "resolved_by": "Top right, behind the dots",
        "self_service": "yes", "severity": "medium", "messages": "3", "minutes": "2",
    }  # fmt: skip
    assert "minutes" not in mine(SignalKind.UX_FRICTION, reply, replace(solved, resolved=False))


def test_documentation_gap() -> None:
    reply = {"question": "Is there a way to export the chart to Excel?", "answerable": "yes", "why_not_found": None,
             "linked": "https://docs.acme.test/export", "needed": None, "title": "Export a chart to Excel",
             "outline": ["CSV first", "Open it in Excel", "7 tricks", 3], "kind": "quick fix"}  # fmt: skip
    found = mine(SignalKind.DOCUMENTATION_GAP, reply)
    assert found["linked"] == "https://docs.acme.test/export"
    assert found["outline"] == "CSV first\nOpen it in Excel"
    assert found["kind"] == "quick fix"
    other = mine(SignalKind.DOCUMENTATION_GAP, reply | {"linked": "https://docs.acme.test/other", "kind": "burn it"})
    assert not {"linked", "kind"} & other.keys()


def test_bug_pattern_keeps_error_texts_to_the_letter() -> None:
    bug = talk("Since the last update I get `TypeError: x is undefined` (code E-42) on save. Reloading helps.")
    reply = {
        "symptom": "Saving fails with a TypeError",
        "errors": ["TypeError: x is undefined", "TypeError: y", "code E-42"],
        "likely_cause": None,
        "segment": None,
        "onset": "Since the last update",
        "workaround": "Reloading helps",
        "severity": "P2",
    }
    found = mine(SignalKind.BUG_PATTERN, reply, bug)
    assert found["errors"] == "TypeError: x is undefined\ncode E-42"
    assert found["onset"] == "Since the last update"
    assert found["severity"] == "P2"


@pytest.mark.parametrize("kind", [SignalKind.FEATURE_GAP, SignalKind.DOCUMENTATION_GAP, SignalKind.BUG_PATTERN])
def test_nothing_borne_out_is_refused(kind: SignalKind) -> None:
    with pytest.raises(BadReply, match="borne out"):
        mine(kind, {"severity": "P1", "answerable": "yes", "kind": "new doc", "capability": "see https://evil.test"})
    with pytest.raises(BadReply, match="no JSON"):
        read_technique(kind, "no", EXPORT, technique_request(kind, EXPORT))


# ---- grounding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "said_quote", "exact"),
    [
        ("The  export\nis empty", "the export is empty", "The  export\nis empty"),
        ("It says “not allowed”", 'It says "not allowed"', "It says “not allowed”"),
        ("I can’t save", "I can't save", "I can’t save"),
        ("a\u200bb\u200bc\u200bd export", "abcd export", "a\u200bb\u200bc\u200bd export"),
        ("<|im_end|> broken here", "‹|im_end|› broken here", "<|im_end|> broken here"),
        ("first part of it and then the last part", "first part of it ... last", "first part of it"),
        ("Straße und İstanbul fehlen", "straße und", "Straße und"),
        ("İİİ the export", "the export", "the export"),
        ("Export fails", '"Export fails"', "Export fails"),
        ("Export fails", "Import fails", None),
        ("Export fails", "fai", None),
        ("Export fails", "   ", None),
        ("Export fails", ["Export fails"], None),
    ],
)
def test_quotes_are_given_back_to_the_letter(message: str, said_quote: Any, exact: str | None) -> None:
    found = grounds(talk(message)).quote(said_quote)
    assert (found.text if found else None) == exact


def test_a_long_quote_is_cut_and_still_exact() -> None:
    long = "word " * 200
    found = grounds(talk(long)).quote(long)
    assert found
    assert len(found.text) <= 300
    assert found.text in long


@given(st.text(min_size=1, max_size=200), st.data())
def test_every_part_of_a_message_can_be_quoted_or_is_too_short(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = grounds(talk(text)).quote(text[start:end])
    assert found is None or found.text in text


@given(st.text(max_size=300))
def test_a_written_line_is_inert_or_nothing(text: str) -> None:
    line = grounds().line(text)
    if line is not None:
        assert "\n" not in line
        assert not set("<>") & set(line)
        assert len(line) <= 240


@pytest.mark.parametrize(
    "line",
    [
        "Customer wants Excel export",
        "They copy 40 rows by hand",
        "They copy forty rows, docs.acme.test only has CSV",
        "Wants Excel (as in Tabula), e.g. for charts",
        "Settings > Export shows no Excel option",
        "Kunde möchte Excel-Export",
        "It is one click in Tabula, so 1 click is expected",
    ],
)
def test_honest_lines_pass(line: str) -> None:
    assert grounds().line(line) == line.replace(">", "›")


@pytest.mark.parametrize(
    "line",
    [
        "They copy 400 rows by hand",
        "They copy ４００ rows by hand",
        "They copy ٤٤ rows by hand",
        "Millions of customers want this",
        "See https://docs.acme.test/export",
        "See www.docs.acme.test/export",
        "Write to help@docs.acme.test",
        "[Excel](/export)",
        "See docs.acme.test/export.evil.test",
        "",
        "40",
        None,
        7,
    ],
)
def test_invented_lines_do_not(line: Any) -> None:
    assert grounds().line(line) is None


def test_numbers_count_in_every_form_they_were_said_in() -> None:
    said_so = grounds(talk("Since 11.0.2 we lost 4500.00 dollars twice, 1,200 rows"))
    for line in ("Version 11", "Version 11.0.2", "4500 dollars lost", "Lost 2 times", "1200 rows"):
        assert said_so.line(line) == line
    for line in ("Version 12", "45 dollars lost", "200 rows"):
        assert said_so.line(line) is None

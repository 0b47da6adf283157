"""The evaluation figures on tiny inputs whose answers are known by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.eval_commands import eval_app
from intelligence.intervals import wilson
from intelligence.labels import Labelled, read_labelled
from intelligence.model import Analysis, CauseKind, ChurnRisk, Level, Satisfaction, Signal, SignalKind, Subcategory
from intelligence.redact import Span
from intelligence.redaction.rule import Kind
from intelligence.scoring_filters import score_gate, score_redaction
from intelligence.scoring_labels import (
    Guess,
    expected_calibration_error,
    recall_at_precision,
    score_labels,
)
from intelligence.taxonomy import primary_of

ROW = {
    "messages": [{"role": "user", "text": "Charged twice"}],
    "primary_category": "account_billing",
    "subcategory": "technical_billing_issue",
    "also_acceptable": ["functional_bug"],
    "signals": ["bug_pattern"],
    "frustration": "high",
    "urgency": "low",
    "churn_risk": "low",
    "resolution_satisfaction": "unknown",
    "feature_wanted": None,
    "doc_needed": "refund page",
    "draw": "random",
}


def truth(**changes: object) -> Labelled:
    rows, bad = read_labelled([json.dumps({**ROW, **changes})])
    assert not bad
    return rows[0]


def analysis(sub: Subcategory = Subcategory.TECHNICAL_BILLING_ISSUE) -> Analysis:
    return Analysis(
        primary=primary_of(sub), subcategory=sub, confidence=0.9, sub_confidence=0.8, unsure=False, alternatives=(),
        area=None, frustration=Level.HIGH, urgency=Level.LOW, churn_risk=ChurnRisk.LOW,
        satisfaction=Satisfaction.UNKNOWN, loyalty=(), cause=CauseKind.UNKNOWN, cause_phrase=None, goal=None,
        signals=(Signal(SignalKind.BUG_PATTERN, 0.9, {"doc": "x"}),), evidence=(), critical=False, analyzer="test",
        model="", prompt_version="",
    )  # fmt: skip


def guess(sub: Subcategory = Subcategory.TECHNICAL_BILLING_ISSUE, frustration: float = 0.9) -> Guess:
    return Guess(analysis(sub), frustration, 0.1, True)


def test_perfect() -> None:
    found = score_labels([truth()], [guess()])
    for name in (
        "primary_accuracy",
        "subcategory_accuracy",
        "subcategory_acceptable",
        "macro_f1",
        "churn_macro_f1",
        "frustration_macro_f1",
        "frustration_high_recall",
        "signals_micro_f1",
        "doc_needed_f1",
    ):
        assert found[name] == 1.0, name
    assert found["urgency_high_recall"] is None
    assert found["feature_wanted_f1"] is None
    assert found["selective"]["primary"]["coverage"] == 1.0
    assert found["random_draw"]["n"] == 1
    assert found["ece"] == pytest.approx(0.1)
    json.dumps(found, allow_nan=False)


def test_wrong_but_acceptable() -> None:
    found = score_labels([truth(), truth()], [guess(), guess(Subcategory.FUNCTIONAL_BUG)])
    assert found["primary_accuracy"] == 0.5
    assert found["subcategory_acceptable"] == 1.0
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert {"level": "primary", "truth": "account_billing", "found": "bug_report", "n": 1} in found["confusions"]


def test_nothing_to_score() -> None:
    found = score_labels([], [])
    assert found["n"] == 0
    assert found["primary_accuracy"] is found["ece"] is found["signals_micro_f1"] is found["random_draw"] is None


def test_a_missing_label_leaves_only_its_own_metric() -> None:
    bare = replace(truth(), urgency=None, signals=None)
    found = score_labels([bare], [guess()])
    assert found["urgency_macro_f1"] is found["signals_micro_f1"] is None
    assert found["primary_accuracy"] == 1.0


def test_random_ranking_has_the_recall_of_the_base_rate() -> None:
    assert recall_at_precision([True, False], [0.5, 0.5], 0.6) == 0.0
    assert recall_at_precision([True, True, False], [0.9, 0.2, 0.5], 0.6) == 1.0
    assert recall_at_precision([True, True, False, False], [0.9, 0.1, 0.5, 0.4], 0.6) == 0.5
    assert recall_at_precision([False], [0.5], 0.6) is None


def test_calibration() -> None:
    assert expected_calibration_error([0.5] * 10, [True, False] * 5) == pytest.approx(0.5)
    assert expected_calibration_error([1.0], [True]) == 0.0
    assert expected_calibration_error([], []) is None


def test_wilson_is_known() -> None:
    low, high = wilson(5, 10) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.237, 0.763)
    assert wilson(0, 0) is None


def test_gate_counts_unsure_as_not_let_in() -> None:
    found = score_gate([True, True, False], [True, False, False], [False, True, False])
    assert (found["precision"], found["recall"]) == (1.0, 0.5)
    assert found["unsure"] == pytest.approx(1 / 3)
    assert score_gate([], [], [])["precision"] is None


def test_redaction_counts_whole_spans() -> None:
    truths = [[Span(0, 5, Kind.EMAIL), Span(10, 15, Kind.CARD)]]
    found = score_redaction(truths, [[Span(0, 6, Kind.EMAIL), Span(10, 13, Kind.CARD), Span(20, 22, Kind.IP)]])
    assert found["recall"] == 0.5
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["by_kind"]["CARD"]["recall"] == 0.0


def test_bootstrap_is_seeded() -> None:
    rows = [truth(), truth(frustration="low")] * 4
    guesses = [guess(frustration=float(x)) for x in np.linspace(0, 1, 8)]
    assert score_labels(rows, guesses, seed=3)["intervals"] == score_labels(rows, guesses, seed=3)["intervals"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "messages must be"),
        ('{"messages": [{"role": "ghost", "text": "x"}]}', "role must be one of"),
        ('{"text": "x", "frustration": "huge"}', "unknown label"),
        ('{"text": "x", "primary_category": "how_to", "subcategory": "enhancement"}', "belongs to"),
    ],
)
def test_bad_rows_are_named_by_line(line: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + line + "\n")
    ran = CliRunner().invoke(eval_app, ["analyze", str(file), "--json"])
    assert ran.exit_code == 2
    assert "line 2" in ran.stderr and reason in " ".join(ran.stderr.split())
    assert ran.stdout == ""


def test_empty_and_missing_files_exit_2(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert CliRunner().invoke(eval_app, ["gate", str(empty)]).exit_code == 2
    assert CliRunner().invoke(eval_app, ["redact", str(tmp_path / "none.jsonl")]).exit_code == 2


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(ROW) + "\n" + json.dumps({"text": "How do I export?"}) + "\n")
    ran = CliRunner().invoke(eval_app, ["analyze", str(file), "--json"])
    assert ran.exit_code == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["n"] == 2
    assert {"tickets_per_second", "seconds", "per_class", "ece", "random_draw"} <= found.keys()


def test_tables_are_printed(tmp_path: Path) -> None:
    file = tmp_path / "gate.jsonl"
    file.write_text(json.dumps({"text": "thanks", "request": False}) + "\n")
    ran = CliRunner().invoke(eval_app, ["gate", str(file)])
    assert ran.exit_code == 0
    assert "precision" in ran.stdout


def test_techniques_have_precision_and_recall_with_intervals() -> None:
    told = score_labels([truth(), truth()], [guess(), guess()])["techniques"]
    assert set(told) == {*map(str, SignalKind), "feature_wanted", "doc_needed"}
    for row in told.values():
        assert row["precision"] is None or row["precision_95"][0] <= row["precision"] <= row["precision_95"][1]
        assert row["recall"] is None or row["recall_95"][0] <= row["recall"] <= row["recall_95"][1]
    assert told["doc_needed"]["n"] == told["doc_needed"]["found"] == 2
    assert told["doc_needed"]["precision"] == told["doc_needed"]["recall"] == told["doc_needed"]["f1"] == 1.0
    assert told["use_case_expansion"]["recall"] is None

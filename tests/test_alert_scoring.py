"""Alerts against a known truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.streams import StreamSettings, generate
from intelligence.alert_scoring import Incident, Raised, score_alerts

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TIMES = {n: START + n * DAY / 10 for n in range(281)}
INCIDENT = Incident("a", "spike", 3.0, START + 10 * DAY, START + 12 * DAY, frozenset(range(100, 121)))


def test_a_hit_a_repetition_and_a_false_alarm():
    raised = [
        Raised(START + DAY, frozenset({1})),  # during the warm-up
        Raised(START + 11 * DAY, frozenset({101, 102, 103, 5, 6})),
        Raised(START + 12 * DAY, frozenset({101, 102})),
        Raised(START + 13 * DAY, frozenset({101, 5, 6})),
        Raised(START + 15 * DAY, frozenset({101, 102})),
    ]
    score = score_alerts(raised, [INCIDENT], TIMES, START + 7 * DAY)
    assert score.alerts == 4
    assert score.false_alarms == 2
    assert score.false_alarms_per_week == pytest.approx(2 / 3)
    kind = score.by_kind["spike3x"]
    assert (kind.n, kind.recall.value, kind.delay_hours, kind.delay_tickets) == (1, 1.0, 24.0, 11)


def test_nothing_raised_and_nothing_to_find():
    score = score_alerts([], [INCIDENT], TIMES, START)
    assert (score.recall.value, score.false_alarms_per_week) == (0.0, 0.0)
    assert score.by_kind["spike3x"].delay_hours is None
    assert score_alerts([], [], {}, START).by_kind == {}


def test_a_generated_stream_knows_its_truth():
    texts = {f"subject {n}": [f"text {n} {k}" for k in range(5)] for n in range(44)}
    stream = generate(texts, np.random.default_rng(3), StreamSettings(per_day=60))
    again = generate(texts, np.random.default_rng(3), StreamSettings(per_day=60))
    assert stream == again
    assert [one.kind for one in stream.incidents].count("new") == 4
    truth = stream.truth()
    by_id = {row.id: row for row in stream.rows}
    for incident, told in zip(stream.incidents, truth["incidents"], strict=True):
        assert all(by_id[ticket].label == incident.label for ticket in told["ticket_ids"])
    with pytest.raises(ValueError, match="labels are needed"):
        generate({"one": ["text"]}, np.random.default_rng(1))

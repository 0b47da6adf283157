"""Levels from low to high: a head that asks "at least this?" at each step."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.local.analyzer import Reading, decided
from intelligence.local.model import Head, Weights, at_least, load, save

LEVELS = ("low", "medium", "high", "critical")
logits = st.lists(st.floats(-20, 20, width=32), min_size=4, max_size=4)


def _weights(thresholds: tuple[float, ...] = (0.0, 0.5, 0.5, 0.5)) -> Weights:
    head = Head("urgency", LEVELS, 0, False, thresholds, ordinal=True)
    blocks = {"cues": np.zeros((2, 4), np.float32), "vector": np.zeros((3, 4), np.float32)}
    return Weights({"urgency": head}, {}, blocks, np.zeros(4, np.float32), {})


def _level(chances: list[float], weights: Weights) -> str:
    p = np.clip(np.array(chances, np.float32), 1e-6, 1 - 1e-6)
    unused = cast("Any", None)
    return decided(Reading(unused, unused, np.log(p / (1 - p)), weights), "urgency")


@given(logits)
def test_probabilities_of_steps_are_probabilities(found: list[float]) -> None:
    read = np.array([30.0, *found[1:]], np.float32)
    shares = _weights().probabilities(read, "urgency")
    assert (shares >= -1e-6).all()
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert shares[2:].sum() == pytest.approx(float(at_least(read)[2]), abs=1e-5)


@pytest.mark.parametrize(
    ("chances", "level"),
    [
        ([1.0, 0.2, 0.1, 0.0], "low"),
        ([1.0, 0.9, 0.6, 0.1], "high"),
        ([1.0, 0.9, 0.8, 0.7], "critical"),
        ([1.0, 0.3, 0.9, 0.9], "low"),  # a step that is not reached holds back those above it
    ],
)
def test_the_highest_step_reached_is_the_level(chances: list[float], level: str) -> None:
    assert _level(chances, _weights()) == level


def test_thresholds_are_of_steps() -> None:
    assert _level([1.0, 0.9, 0.45, 0.0], _weights((0.0, 0.5, 0.4, 0.6))) == "high"


def test_ordinal_heads_survive_being_saved(tmp_path: Any) -> None:
    save(_weights(), tmp_path / "weights.npz")
    assert load(tmp_path / "weights.npz").heads["urgency"].ordinal

"""How well each mining technique finds its tickets: precision and recall of signals, and of what was wanted or needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from intelligence.intervals import wilson
from intelligence.labels import Labelled
from intelligence.model import Analysis, SignalKind

ANSWERS: Final = ("feature_wanted", "doc_needed")
_DOC_FIELDS: Final = ("doc", "title")

Judged = tuple[Labelled, Analysis]
Bools = NDArray[np.bool_]


def techniques(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """For each signal, and for a capability wanted and a document needed (present or absent): tickets that have it,
    tickets that were said to, precision and recall with Wilson's 95% intervals, and F1. None where nothing was counted.
    """
    true, found = signal_matrix(judged)
    told = {kind.value: (true[:, place].tolist(), found[:, place].tolist()) for place, kind in enumerate(SignalKind)}
    for name in ANSWERS:
        pairs = answers(judged, name)
        told[name] = ([t for t, _ in pairs], [g for _, g in pairs])
    return {name: _scored(*both) for name, both in told.items()}


def signal_matrix(judged: Sequence[Judged]) -> tuple[Bools, Bools]:
    """(rows, kinds) of what is true and what was found, of the rows whose signals are labelled."""
    told = [(t.signals, {s.kind for s in analysis.signals}) for t, analysis in judged if t.signals is not None]
    true = np.array([[kind in signals for kind in SignalKind] for signals, _ in told], bool)
    found = np.array([[kind in signals for kind in SignalKind] for _, signals in told], bool)
    return true.reshape(-1, len(SignalKind)), found.reshape(-1, len(SignalKind))


def answers(judged: Sequence[Judged], name: str) -> list[tuple[bool, bool]]:
    """(true, found) of "feature_wanted" or "doc_needed", of the rows that are labelled for it."""
    if name == "feature_wanted":
        return [(t.wants_feature, _wants_feature(a)) for t, a in judged if t.wants_feature is not None]
    return [(t.needs_doc, _needs_doc(a)) for t, a in judged if t.needs_doc is not None]


def _wants_feature(analysis: Analysis) -> bool:
    """Whether some signal names a wanted capability."""
    return any(signal.fields.get("capability") for signal in analysis.signals)


def _needs_doc(analysis: Analysis) -> bool:
    """Whether some signal names a document to write or mend."""
    return any(signal.fields.get(name) for signal in analysis.signals for name in _DOC_FIELDS)


def _scored(true: Sequence[bool], found: Sequence[bool]) -> dict[str, Any]:
    hits = sum(t and f for t, f in zip(true, found, strict=True))
    has, said = sum(true), sum(found)
    return {
        "n": has,
        "found": said,
        "precision": hits / said if said else None,
        "precision_95": wilson(hits, said),
        "recall": hits / has if has else None,
        "recall_95": wilson(hits, has),
        "f1": 2 * hits / (has + said) if has + said else None,
    }

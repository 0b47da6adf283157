"""What is let in and what is masked: the figures of `eval gate` and `eval redact`, as JSON-ready dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intelligence.redact import Span
from intelligence.redaction.rule import Kind
from intelligence.scoring_labels import Figure, share


def score_gate(truths: Sequence[bool], requests: Sequence[bool], unsure: Sequence[bool]) -> dict[str, Any]:
    """Precision and recall of "this is a request". An unsure verdict counts as not let in, and is counted."""
    hits = sum(t and f for t, f in zip(truths, requests, strict=True))
    precision = share([t for t, f in zip(truths, requests, strict=True) if f])
    recall = share([f for t, f in zip(truths, requests, strict=True) if t])
    seen = sum(truths) + sum(requests)
    return {
        "n": len(truths),
        "precision": precision.value,
        "recall": recall.value,
        "f1": 2 * hits / seen if seen else None,
        "accuracy": share([t == f for t, f in zip(truths, requests, strict=True)]).value,
        "unsure": share(list(unsure)).value,
        "intervals": {"precision": precision.interval, "recall": recall.interval},
    }


def score_redaction(truths: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> dict[str, Any]:
    """A true span counts as found when every character of it is masked, whatever the mask is called; a mask counts as
    right when it touches a true span. `by_kind` holds the recall of each kind of truth.
    """
    masked = [(span.kind.value, _covered(span, hidden)) for s, hidden in zip(truths, found, strict=True) for span in s]
    right = [_touches(span, s) for s, hidden in zip(truths, found, strict=True) for span in hidden]
    precision, recall = share(right), share([hit for _, hit in masked])
    kinds: Mapping[str, Figure] = {
        kind: share([hit for other, hit in masked if other == kind]) for kind in sorted({kind for kind, _ in masked})
    }
    return {
        "n": len(truths),
        "precision": precision.value,
        "recall": recall.value,
        "by_kind": {
            kind: {"recall": figure.value, "interval": figure.interval, "n": sum(k == kind for k, _ in masked)}
            for kind, figure in kinds.items()
        },
        "intervals": {"precision": precision.interval, "recall": recall.interval},
    }


def _covered(span: Span, hidden: Sequence[Span]) -> bool:
    """A secret link is safe when its secret is masked: the address around it may stay."""
    if span.kind is Kind.URL_SECRET and any(span.start <= h.start and h.end <= span.end for h in hidden):
        return True
    return all(any(h.start <= i < h.end for h in hidden) for i in range(span.start, span.end))


def _touches(span: Span, truths: Sequence[Span]) -> bool:
    return any(span.start < truth.end and truth.start < span.end for truth in truths)

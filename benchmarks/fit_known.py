"""Fit the weights of "is this known?" on rows {group, product, text} and measure them by cross-validation.

    uv run python -m benchmarks.fit_known rows.jsonl --write intelligence/weights/known.json

Each group is a theme, each row without a group a theme of one ticket; a row asks with itself removed, among the rows of
its product. Folds leave out a whole group, so that no figure comes from a group that was fitted on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from intelligence import scoring
from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.known import FEATURES, Member, phrase_keys, theme_features

FOLDS_OF_SINGLES = 4
STRENGTH = 10.0


@dataclass(frozen=True, slots=True)
class Question:
    fold: str
    grouped: bool
    themes: list[int]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def questions(path: Path) -> list[Question]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    vectors = MiniLMEncoder().encode([row["text"] for row in rows])
    names = [row["group"] or f"single {place}" for place, row in enumerate(rows)]
    theme = {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
    asked: list[Question] = []
    for place, row in enumerate(rows):
        others = [i for i, other in enumerate(rows) if i != place and other["product"] == row["product"]]
        members = [Member(theme[names[i]], float(vectors[i] @ vectors[place]), rows[i]["text"]) for i in others]
        sizes = {m.theme: sum(other.theme == m.theme for other in members) for m in members}
        described = theme_features(phrase_keys(row["text"]), members, sizes)
        own = theme[names[place]]
        fold = row["group"] or f"{row['product']} {place % FOLDS_OF_SINGLES}"
        right = np.array([candidate == own for candidate in described])
        asked.append(Question(fold, row["group"] is not None, list(described), np.array([*described.values()]), right))
    return asked


def fit(asked: list[Question]) -> LogisticRegression:
    rows, right = np.vstack([q.features for q in asked]), np.concatenate([q.right for q in asked])
    return LogisticRegression(C=STRENGTH, max_iter=5_000).fit(rows, right)


def cross_validated(asked: list[Question]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probability of each question's best candidate, and whether that candidate is right."""
    scores, right = np.zeros(len(asked)), np.zeros(len(asked), np.bool_)
    for fold in {q.fold for q in asked}:
        model = fit([q for q in asked if q.fold != fold])
        for place, question in enumerate(asked):
            if question.fold == fold:
                chances = model.predict_proba(question.features)[:, 1]
                best = int(chances.argmax())
                scores[place], right[place] = chances[best], question.right[best]
    return scores, right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    asked = questions(chosen.rows)
    scores, right = cross_validated(asked)
    grouped = np.array([q.grouped for q in asked])
    print(f"recall@1 {scoring.wilson(int(right[grouped].sum()), int(grouped.sum()))}")
    print(f"auc {scoring.auc(scores, grouped):.3f}  ece {scoring.calibration_error(scores, right):.3f}")
    print(f"recall at precision 0.95 {scoring.recall_at_precision(scores, right, int(grouped.sum()), 0.95):.3f}")
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.8, 0.9):
        said = scores >= threshold
        print(f"  from {threshold}: precision {right[said].mean():.3f} recall {right[said].sum() / grouped.sum():.3f}")
    if chosen.write:
        model = fit(asked)
        stored = {
            "coefficients": dict(zip(FEATURES, model.coef_[0].round(3).tolist(), strict=True)),
            "intercept": round(float(model.intercept_[0]), 3),
            "known": 0.8,
            "probably": 0.45,
        }
        chosen.write.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

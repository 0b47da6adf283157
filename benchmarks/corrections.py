"""Do corrections teach? Labelled conversations play the people: what the analyzer reads wrongly, they correct.

    uv run python -m benchmarks.corrections rows.jsonl             # rows as for `eval analyze`

Every row is judged by a lesson that did not know it (five folds; tickets in the order of a seeded shuffle):

- "words on all": people confirm what is right and correct what is wrong, as in `review`. What they would have corrected
  must become right more often, and what was right must stay so.
- "one confusion": only the commonest change of category is corrected, beside all that is confirmed.
- "errors alone": the same as the first, without the confirmed ones: why `learn` takes them as well.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.intervals import wilson
from intelligence.labels import read_labelled
from intelligence.local import LocalAnalyzer
from intelligence.local.corrections import Correction, learn, says, taught
from intelligence.local.model import Weights
from intelligence.model import Subcategory
from intelligence.taxonomy import primary_of

FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what the shipped model says of it, and what it says after learning from the other folds."""

    correction: Correction
    before: Subcategory
    after: Subcategory

    @property
    def truth(self) -> Subcategory:
        return self.correction.subcategory


def judge(weights: Weights, rows: Sequence[Correction], learned_from: Callable[[Correction], bool]) -> list[Judged]:
    """Every row by a lesson from those of the other folds that are learned from."""
    judged: list[Judged] = []
    for fold in range(FOLDS):
        lesson = learn(weights, [row for n, row in enumerate(rows) if n % FOLDS != fold and learned_from(row)])
        changed = weights if lesson is None else taught(weights, lesson)
        judged += [Judged(row, says(weights, row.read), says(changed, row.read)) for row in rows[fold::FOLDS]]
    return judged


def report(title: str, judged: Sequence[Judged]) -> None:
    """Print shares with Wilson's 95% intervals, before and after."""
    print(f"\n{title}")
    wrong = [j for j in judged if j.before is not j.truth]
    other = [j for j in judged if primary_of(j.before) is not primary_of(j.truth)]
    for name, part, same in (
        ("sub-category", judged, lambda a, b: a is b),
        ("category", judged, lambda a, b: primary_of(a) is primary_of(b)),
        ("sub-category, of those read wrongly", wrong, lambda a, b: a is b),
        ("category, of those read wrongly", other, lambda a, b: primary_of(a) is primary_of(b)),
    ):
        before = sum(same(j.before, j.truth) for j in part)
        after = sum(same(j.after, j.truth) for j in part)
        print(f"  {name:<38} {_share(before, len(part))} -> {_share(after, len(part))}")


def _share(hits: int, n: int) -> str:
    low, high = wilson(hits, n) or (0.0, 0.0)
    return f"{hits:>3} of {n:<3} ({hits / max(1, n):.2f}, {low:.2f}-{high:.2f})"


def commonest(weights: Weights, rows: Sequence[Correction]) -> tuple[str, str]:
    """The change of category that is made most often: (what was read, what it is)."""
    changes = Counter((primary_of(says(weights, row.read)).value, primary_of(row.subcategory).value) for row in rows)
    return max((change for change in changes if change[0] != change[1]), key=lambda change: changes[change])


def main() -> None:
    """Read the rows once, then judge them three times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with options.file.open(encoding="utf-8") as lines:
        labelled = [row for row in read_labelled(lines)[0] if row.subcategory is not None]
    analyzer = LocalAnalyzer(MiniLMEncoder())
    readings = analyzer.read([row.conversation for row in labelled])
    rows = [Correction(r.read, row.subcategory) for r, row in zip(readings, labelled, strict=True) if row.subcategory]
    rows = [rows[n] for n in np.random.default_rng(options.seed).permutation(len(rows))]
    weights = analyzer.weights
    report(f"words on all {len(rows)} rows", judge(weights, rows, lambda _: True))
    was, really = commonest(weights, rows)

    def confused(row: Correction) -> bool:
        return (primary_of(says(weights, row.read)).value, primary_of(row.subcategory).value) == (was, really)

    def kept(row: Correction) -> bool:
        return confused(row) or says(weights, row.read) is row.subcategory

    judged = judge(weights, rows, kept)
    report(f"one confusion: {was} that was {really}", [j for j in judged if confused(j.correction)])
    report("errors alone", judge(weights, rows, lambda row: says(weights, row.read) is not row.subcategory))


if __name__ == "__main__":
    main()

# /// script
# requires-python = ">=3.11"
# dependencies = ["bertopic", "hdbscan", "scikit-learn", "ticket-intel", "umap-learn"]
# [tool.uv]
# override-dependencies = ["sentence-transformers ; python_version < '3'"]
# [tool.uv.sources]
# ticket-intel = { path = "..", editable = true }
# ///
"""The same work by what a team would otherwise take, side by side with ours in one run.

    uv run --script benchmarks/peers.py themes rows.csv          # columns text,label
    uv run --script benchmarks/peers.py categories rows.jsonl    # labelled conversations

uv brings the peers into an environment of their own; they are no part of the product. Every method runs in a process of
its own, so that seconds and memory are its own; the texts' vectors come from the bundled encoder and are made before the
clock starts, for the peers only: our figure holds encoding, storage and naming as well. BERTopic gets our vectors (its
own encoder is never called), UMAP and HDBSCAN at its defaults; k-means alone is told the number of labels. A row
without a group is a group of its own, as in `ticket-intel eval themes`.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intelligence import scoring

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]

EXAMPLES = Path(__file__).resolve().parents[1] / "intelligence" / "examples"
NOT_CONVERSATIONS = {"gate.jsonl", "critical_train.jsonl"}
SEED = 0


def bertopic(texts: Sequence[str], vectors: Vectors, _k: int) -> Labels:
    from bertopic import BERTopic

    return np.array(BERTopic(embedding_model=None).fit_transform(list(texts), vectors)[0], np.int64)


def hdbscan(_texts: Sequence[str], vectors: Vectors, _k: int) -> Labels:
    from hdbscan import HDBSCAN

    return HDBSCAN(min_cluster_size=10).fit_predict(vectors.astype(np.float64))


def hdbscan_after_umap(_texts: Sequence[str], vectors: Vectors, _k: int) -> Labels:
    from hdbscan import HDBSCAN
    from umap import UMAP

    small = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED).fit_transform(
        vectors
    )
    return HDBSCAN(min_cluster_size=10).fit_predict(np.asarray(small, np.float64))


def kmeans_told_k(_texts: Sequence[str], vectors: Vectors, k: int) -> Labels:
    from sklearn.cluster import KMeans

    return KMeans(k, n_init=4, random_state=SEED).fit_predict(vectors).astype(np.int64)


GROUPERS: tuple[tuple[str, Callable[[Sequence[str], Vectors, int], Labels]], ...] = (
    ("BERTopic, defaults, our vectors", bertopic),
    ("UMAP + HDBSCAN", hdbscan_after_umap),
    ("HDBSCAN", hdbscan),
    ("k-means, told k", kmeans_told_k),
)


def _encode(texts: Sequence[str]) -> Vectors:
    from intelligence.encoder.minilm import MiniLMEncoder

    return np.asarray(MiniLMEncoder().encode(list(texts)), np.float32)


def _measure(place: int, texts: Sequence[str], vectors: Vectors, truth: Labels, answer: Any) -> None:
    """In a process of its own: what one peer finds, in how long, with how much memory beside what it was given."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    found = GROUPERS[place][1](texts, vectors, int(truth.max()) + 1)
    seconds = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    alone = scoring.encoded(scoring.alone(found + 1))  # from -1 for "none" to 0
    answer.send(
        {
            "k_found": len(np.unique(found[found >= 0])),
            "nmi": scoring.nmi(truth, alone),
            "ari": scoring.ari(truth, alone),
            "accuracy": scoring.hungarian_accuracy(truth, alone),
            "assigned": float((found >= 0).mean()),
            "seconds": seconds,
            "peak_rss_mb": grown,
        }
    )


def themes(path: Path) -> None:
    """One line a method: groups found, agreement with the labels, share that was grouped, time and memory."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    texts, truth = [row["text"] for row in rows], scoring.encoded([row["label"] for row in rows])
    print(f"{path}: {len(texts)} texts, {int(truth.max()) + 1} labels\n")
    print("| method | groups | NMI | ARI | accuracy | grouped | seconds | memory, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    ours = _ours("themes", path)
    _line("Ticket Intel, streamed, with storage and names", ours)
    started = time.perf_counter()
    vectors = _encode(texts)
    encoding = time.perf_counter() - started
    context = multiprocessing.get_context("spawn")
    for place, (name, _) in enumerate(GROUPERS):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_measure, args=(place, texts, vectors, truth, there))
        process.start()
        there.close()
        try:
            _line(name, here.recv())
        except EOFError:
            print(f"| {name} | ended without an answer |")
        process.join()
    print(f"\nEncoding the texts took {encoding:.1f} s; it is part of our time and not of the peers'.")


def _ours(what: str, path: Path) -> dict[str, Any]:
    told = subprocess.run(
        ["ticket-intel", "eval", what, str(path), "--json"], stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(told.stdout)


def _line(name: str, of: dict[str, Any]) -> None:
    scores = " | ".join(f"{of[figure]:.3f}" for figure in ("nmi", "ari", "accuracy", "assigned"))
    print(f"| {name} | {of['k_found']} | {scores} | {of['seconds']:.1f} | {of['peak_rss_mb']:.0f} |", flush=True)


def categories(path: Path) -> None:
    """Accuracy of the category and of the sub-category (right only with its category), learnt from the same examples."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    train = [
        row
        for file in sorted(EXAMPLES.rglob("*.jsonl"))
        if file.name not in NOT_CONVERSATIONS
        for row in _conversations(file)
    ]
    test = _conversations(path)
    words = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
    )
    given, asked = [_said(row) for row in train], [_said(row) for row in test]
    print(f"{path}: {len(test)} conversations; peers learn from the same {len(train)} examples\n")
    print("| method | category | sub-category | seconds |")
    print("|---|---:|---:|---:|")
    ours = _ours("analyze", path)
    print(
        f"| Ticket Intel, local analyzer, all fields | {ours['primary_accuracy']:.3f} | {ours['subcategory_accuracy']:.3f} "
        f"| {ours['seconds']:.1f} |"
    )
    peers: tuple[tuple[str, Any, Any, Any], ...] = (
        ("TF-IDF + logistic regression", make_pipeline(words, LogisticRegression(C=10, max_iter=2000)), given, asked),
        ("our vectors + logistic regression", LogisticRegression(C=10, max_iter=2000), _encode(given), _encode(asked)),
    )
    for name, model, known, new in peers:
        started = time.perf_counter()
        found = {
            label: model.fit(known, [row[label] for row in train]).predict(new)
            for label in ("primary_category", "subcategory")
        }
        seconds = time.perf_counter() - started
        right = [row["primary_category"] == guess for row, guess in zip(test, found["primary_category"], strict=True)]
        both = [
            good and row["subcategory"] == guess
            for row, guess, good in zip(test, found["subcategory"], right, strict=True)
        ]
        print(f"| {name} | {np.mean(right):.3f} | {np.mean(both):.3f} | {seconds:.1f} |")


def _conversations(path: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [row for row in rows if row.get("primary_category") and row.get("subcategory") and row.get("messages")]


def _said(row: dict[str, Any]) -> str:
    return "\n".join(message["text"] for message in row["messages"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=("themes", "categories"))
    parser.add_argument("rows", type=Path)
    chosen = parser.parse_args()
    (themes if chosen.work == "themes" else categories)(chosen.rows)


if __name__ == "__main__":
    sys.exit(main())

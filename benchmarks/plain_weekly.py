# /// script
# requires-python = ">=3.11"
# dependencies = ["pandas", "scikit-learn"]
# ///
"""The weekly look at tickets as a team would script it: pandas and scikit-learn over an export, all of it each time.

    uv run --script benchmarks/plain_weekly.py tickets.csv [more.csv ...]      # columns id,created_at,body

TF-IDF of the words, k-means (the square root of half the tickets, a common rule of thumb), the largest groups of the last week against the
week before, and their three commonest words. It has no memory: groups are new at each run, nothing is quoted, told or kept.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd
from sklearn.cluster import MiniBatchKMeans
from sklearn.feature_extraction.text import TfidfVectorizer


def weekly(path: str) -> tuple[int, float, pd.DataFrame]:
    """Tickets, CPU seconds, and the table that the script prints."""
    began = time.process_time()
    rows = pd.read_csv(path, parse_dates=["created_at"])
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2, max_features=20_000)
    words = vectorizer.fit_transform(rows["body"])
    groups = max(2, int(np.sqrt(len(rows) / 2)))
    rows["theme"] = MiniBatchKMeans(groups, random_state=0, n_init=3).fit_predict(words)
    week = rows["created_at"].max() - pd.to_timedelta(7, "D")
    now = rows[rows["created_at"] > week].groupby("theme").size()
    before = rows[(rows["created_at"] <= week) & (rows["created_at"] > week - pd.to_timedelta(7, "D"))]
    table = pd.DataFrame({"now": now, "before": before.groupby("theme").size()}).fillna(0).nlargest(10, "now")
    names = vectorizer.get_feature_names_out()
    table["words"] = [
        " ".join(names[np.asarray(words[(rows["theme"] == theme).to_numpy()].sum(axis=0)).ravel().argsort()[-3:]])
        for theme in table.index
    ]
    return len(rows), time.process_time() - began, table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    for path in parser.parse_args().files:
        count, seconds, table = weekly(path)
        print(
            f"{count:,} tickets: {seconds:.2f} CPU s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )
        print(table.head(3).to_string())


if __name__ == "__main__":
    main()

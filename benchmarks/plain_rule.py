"""The plain rule as a peer of our detectors: twice the usual day and five tickets, or five tickets on a new subject.

The rule is given what nobody has in service, the true subject of every ticket, so that it is measured at its best. It is
scored as `ticket-intel eval alerts` scores: evidence, grace, cool-down and weeks are the same.

    uv run python -m benchmarks.plain_rule rows.csv DIR...      # rows.csv: text,label; DIR: STREAM.jsonl and TRUTH.json
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bot.flows.evaluate_alerts import figures, read_stream, read_truth
from intelligence.alert_scoring import Raised, score_alerts
from intelligence.alerts import COOL_DOWN

_DAY = timedelta(days=1)
_USUAL_DAYS = 28
_NEW_DAYS = 7
_LEAST = 5
_TIMES = 2.0

Row = tuple[int, datetime, str]  # place, time, subject


def alarms(rows: Sequence[Row]) -> list[Raised]:
    """What the rule would have sent, looked at whenever a ticket comes (rows in order of time)."""
    held: dict[str, deque[tuple[int, datetime]]] = {}
    first: dict[str, datetime] = {}
    last_seen: dict[str, datetime] = {}
    sent: list[Raised] = []
    for place, at, subject in rows:
        mine = held.setdefault(subject, deque())
        mine.append((place, at))
        while at - mine[0][1] > (_USUAL_DAYS + 1) * _DAY:
            mine.popleft()
        born = first.setdefault(subject, at)
        evidence = _evidence(mine, at, born, rows[0][1])
        if evidence:
            if subject not in last_seen or at - last_seen[subject] > COOL_DOWN:
                sent.append(Raised(at, frozenset(evidence)))
            last_seen[subject] = at
    return sent


def _evidence(mine: deque[tuple[int, datetime]], at: datetime, born: datetime, start: datetime) -> list[int]:
    """The tickets of the rule that fires, none where neither does."""
    if born - start > _NEW_DAYS * _DAY and at - born <= _NEW_DAYS * _DAY:
        return [place for place, _ in mine] if len(mine) >= _LEAST else []
    today = [place for place, when in mine if at - when < _DAY]
    days = min((at - start) / _DAY - 1, _USUAL_DAYS)
    usual = (len(mine) - len(today)) / days if days > 1 else float("inf")
    return today if len(today) >= max(_LEAST, _TIMES * usual) else []


def measure(labels: dict[str, str], folder: Path) -> dict[str, object]:
    """The figures of one stream, as `eval alerts` prints them."""
    stream = read_stream(folder / "STREAM.jsonl")
    warm_until, incidents = read_truth(folder / "TRUTH.json", {row.key: place for place, row in enumerate(stream)})
    sent = alarms([(place, row.at, labels[row.text]) for place, row in enumerate(stream)])
    score = score_alerts(sent, incidents, {place: row.at for place, row in enumerate(stream)}, warm_until)
    return figures(score, len(incidents), (stream[-1].at - warm_until) / timedelta(weeks=1))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("rows", type=Path)
    asked.add_argument("folders", type=Path, nargs="+")
    given = asked.parse_args()
    with given.rows.open(encoding="utf-8", newline="") as file:
        labels = {row["text"]: row["label"] for row in csv.DictReader(file)}
    found, counted = Counter[str](), Counter[str]()
    weeks = false_alarms = 0.0
    for folder in given.folders:
        told = measure(labels, folder)
        print(json.dumps({"stream": folder.name, **told}))
        weeks += told["weeks"]  # type: ignore[operator]
        false_alarms += told["false_alarms_per_week"] * told["weeks"]  # type: ignore[operator]
        for kind, of_kind in told["by_kind"].items():  # type: ignore[attr-defined]
            counted[kind] += of_kind["n"]
            found[kind] += round((of_kind["recall"] or 0.0) * of_kind["n"])
    recall = {kind: f"{found[kind]} of {counted[kind]}" for kind in counted}
    print(json.dumps({"streams": len(given.folders), "false_alarms_per_week": false_alarms / weeks, "recall": recall}))


if __name__ == "__main__":
    main()

"""Ticket streams with known incidents, to measure alerts on: STREAM.jsonl and TRUTH.json for `eval alerts`.

A stream is 60 days of a help desk: 40 background subjects of unequal size (Zipf), a week's and a day's profile, days
that are busier than chance allows (negative binomial), and on top the incidents that a detector should find: subjects
never seen before, spikes of 2x, 3x and 5x, slow ramps to 3x. Two distractors should stay silent: some days on which
everything grows, and subjects that come mostly on one weekday.

    uv run python -m benchmarks.streams rows.csv OUT_DIR --seed 1        # rows.csv: columns text,label
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_WEEK = np.array([1.15, 1.2, 1.15, 1.1, 1.05, 0.6, 0.5])
_NIGHT_AND_MORNING = (0.2, 0.15, 0.1, 0.1, 0.15, 0.25, 0.5, 0.9, 1.5, 2.0, 2.1, 2.0)
_AFTERNOON = (1.7, 1.7, 1.8, 1.8, 1.6, 1.3, 1.0, 0.8, 0.7, 0.6, 0.4, 0.3)
_DAY = np.array([*_NIGHT_AND_MORNING, *_AFTERNOON])
_START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The help desk: `per_day` tickets on an ordinary day; `theme_cv` and `day_cv` are how unsteady themes and days are
    (coefficient of variation of a gamma factor on the rate)."""

    days: int = 60
    warm_up_days: int = 21
    per_day: float = 120.0
    subjects: int = 40
    new_subjects: int = 4
    theme_cv: float = 0.25
    day_cv: float = 0.10
    growth: float = 1.6
    weekday_subjects: int = 4
    spikes: tuple[float, ...] = (2.0, 2.0, 3.0, 3.0, 5.0, 5.0)
    ramps: int = 3
    ramp_factor: float = 3.0
    ramp_days: int = 14


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a detector should find; hours count from the start of the stream."""

    kind: str
    label: str
    factor: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    at: datetime
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Stream:
    rows: tuple[Row, ...]
    incidents: tuple[Incident, ...]
    warm_up_until: datetime

    def truth(self) -> dict[str, object]:
        return {
            "warmup_until": self.warm_up_until.isoformat(),
            "incidents": [self._incident(number, one) for number, one in enumerate(self.incidents, 1)],
        }

    def _incident(self, number: int, incident: Incident) -> dict[str, object]:
        start, end = (_START + timedelta(hours=hour) for hour in (incident.start, incident.end))
        tickets = [row.id for row in self.rows if row.label == incident.label and start <= row.at <= end]
        return {
            "id": f"incident-{number}",
            "kind": incident.kind,
            "factor": incident.factor,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "ticket_ids": tickets,
        }


def generate(
    texts: dict[str, Sequence[str]], rng: np.random.Generator, settings: StreamSettings | None = None
) -> Stream:
    """One stream from texts by label. Raises ValueError where there are too few labels for the settings."""
    settings = settings or StreamSettings()
    wanted = settings.subjects + settings.new_subjects
    if len(texts) < wanted:
        raise ValueError(f"{wanted} labels are needed, the file has {len(texts)}")
    labels = [str(label) for label in rng.permutation(sorted(texts))[:wanted]]
    background, fresh = labels[: settings.subjects], labels[settings.subjects :]
    rates = _zipf_rates(background, settings, rng)
    weekdays = _weekday_subjects(background, settings, rng)
    incidents = _spikes_and_ramps(rates, weekdays, settings, rng) + _new_subjects(fresh, settings, rng)
    hourly = _hourly_rates(rates, weekdays, fresh, incidents, settings, rng)
    rows = _draw(hourly, texts, rng)
    return Stream(tuple(rows), tuple(incidents), _START + timedelta(days=settings.warm_up_days))


def _zipf_rates(labels: list[str], settings: StreamSettings, rng: np.random.Generator) -> dict[str, float]:
    weights = 1 / np.arange(1, len(labels) + 1) ** 0.8
    rates = settings.per_day * weights / weights.sum()
    rng.shuffle(rates)
    return dict(zip(labels, rates.tolist(), strict=True))


def _weekday_subjects(
    labels: list[str], settings: StreamSettings, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    profiles: dict[str, NDArray[np.float64]] = {}
    for label in rng.choice(labels, settings.weekday_subjects, replace=False):
        profile = np.full(7, 0.55)
        profile[int(rng.integers(0, 5))] = 3.7
        profiles[str(label)] = profile / profile.mean()
    return profiles


def _spikes_and_ramps(
    rates: dict[str, float],
    weekdays: dict[str, NDArray[np.float64]],
    settings: StreamSettings,
    rng: np.random.Generator,
) -> list[Incident]:
    candidates = [label for label, rate in rates.items() if rate >= 1.0 and label not in weekdays]
    rng.shuffle(candidates)
    end = settings.days * 24
    incidents: list[Incident] = []
    for factor, label in zip(settings.spikes, candidates, strict=False):
        start = int(rng.integers(settings.warm_up_days + 1, settings.days - 6)) * 24 + int(rng.integers(0, 24))
        incidents.append(Incident("spike", label, factor, start, min(end, start + int(rng.integers(3, 6)) * 24)))
    for label in candidates[len(settings.spikes) :][: settings.ramps]:
        start = int(rng.integers(settings.warm_up_days + 1, settings.days - settings.ramp_days)) * 24
        incidents.append(Incident("ramp", label, settings.ramp_factor, start, start + settings.ramp_days * 24))
    return incidents


def _new_subjects(labels: list[str], settings: StreamSettings, rng: np.random.Generator) -> list[Incident]:
    """Subjects never seen before; their factor is the tickets a day they bring (2, 4 or 8)."""
    incidents: list[Incident] = []
    for label in labels:
        start = int(rng.integers(settings.warm_up_days + 1, settings.days - 7)) * 24 + int(rng.integers(0, 24))
        incidents.append(
            Incident("new", label, float(rng.choice([2.0, 4.0, 8.0])), start, min(settings.days * 24, start + 14 * 24))
        )
    return incidents


def _hourly_rates(
    rates: dict[str, float],
    weekdays: dict[str, NDArray[np.float64]],
    fresh: list[str],
    incidents: list[Incident],
    settings: StreamSettings,
    rng: np.random.Generator,
) -> dict[str, NDArray[np.float64]]:
    hours = np.arange(settings.days * 24)
    profile = (_WEEK / _WEEK.mean())[hours // 24 % 7] * (_DAY / _DAY.sum())[hours % 24]
    busy_days = _gamma(settings.day_cv, settings.days, rng)
    growth = np.ones(len(hours))
    first = int(rng.integers(settings.warm_up_days + 5, settings.days - 12)) * 24
    growth[first : first + int(rng.integers(6, 12)) * 24] = settings.growth
    by_label = {one.label: one for one in incidents}
    result: dict[str, NDArray[np.float64]] = {}
    for label in [*rates, *fresh]:
        noise = np.repeat(busy_days * _gamma(settings.theme_cv, settings.days, rng), 24)
        factor = _incident_factor(by_label.get(label), len(hours), base=rates.get(label))
        weekday = weekdays[label][hours // 24 % 7] if label in weekdays else 1.0
        result[label] = factor * profile * weekday * noise * growth
    return result


def _gamma(cv: float, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.gamma(1 / cv**2, cv**2, size)


def _incident_factor(incident: Incident | None, hours: int, base: float | None) -> NDArray[np.float64]:
    """Tickets a day in each hour: the base rate, times what the incident adds; a new subject has no base."""
    rate = np.full(hours, base or 0.0)
    if incident is None:
        return rate
    during = slice(incident.start, incident.end)
    if incident.kind == "new":
        rate[during] = incident.factor
    elif incident.kind == "ramp":
        climbed = np.minimum(1.0, np.arange(incident.end - incident.start) / (10 * 24))
        rate[during] *= 1 + (incident.factor - 1) * climbed
    else:
        rate[during] *= incident.factor
    return rate


def _draw(
    hourly: dict[str, NDArray[np.float64]], texts: dict[str, Sequence[str]], rng: np.random.Generator
) -> list[Row]:
    """Tickets at random minutes; a label's texts are dealt like cards and shuffled anew when they run out."""
    drawn: list[tuple[datetime, str, str]] = []
    for label, rates in hourly.items():
        counts = rng.poisson(rates)
        seconds = np.repeat(np.arange(len(rates)) * 3600.0, counts) + rng.uniform(0, 3600, int(counts.sum()))
        deck: list[str] = []
        for second in np.sort(seconds):
            if not deck:
                deck = [str(text) for text in rng.permutation(list(texts[label]))]
            drawn.append((_START + timedelta(seconds=float(second)), deck.pop(), label))
    return [Row(number, at, text, label) for number, (at, text, label) in enumerate(sorted(drawn), 1)]


def read_texts(path: Path) -> dict[str, Sequence[str]]:
    """Texts by label of a CSV file with the columns text and label."""
    texts: dict[str, list[str]] = {}
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            texts.setdefault(row["label"], []).append(row["text"])
    return dict(texts)


def write(stream: Stream, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "STREAM.jsonl").open("w", encoding="utf-8") as lines:
        for row in stream.rows:
            print(json.dumps({"id": row.id, "at": row.at.isoformat(), "text": row.text}), file=lines)
    (folder / "TRUTH.json").write_text(json.dumps(stream.truth(), indent=1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, help="CSV with the columns text and label")
    parser.add_argument("folder", type=Path, help="where STREAM.jsonl and TRUTH.json go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-day", type=float, default=StreamSettings().per_day)
    chosen = parser.parse_args()
    settings = StreamSettings(per_day=chosen.per_day)
    stream = generate(read_texts(chosen.rows), np.random.default_rng(chosen.seed), settings)
    write(stream, chosen.folder)
    print(f"{len(stream.rows)} tickets, {len(stream.incidents)} incidents in {chosen.folder}")


if __name__ == "__main__":
    main()

"""Measure the production code on labelled files: what `ticket-intel eval analyze|gate|redact` runs.

A file is read row by row with the same redaction, problem text, encoder, analyzer and thresholds that a live ticket
meets. Nothing is stored, and corrections take part only where the caller adapted the analyzer with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from bot.errors import BadInput, FileUnreadable
from intelligence.clean import problem_text
from intelligence.gate import judge
from intelligence.labels import BadRow, BadRowError, Labelled, read_labelled, read_object
from intelligence.local import LocalAnalyzer
from intelligence.model import Analysis, Level, RequestVerdict
from intelligence.ports import Analyzer, Conversation, Embedder
from intelligence.redact import Span, find_spans, redact, without_masks
from intelligence.redaction.rule import Kind
from intelligence.scoring_filters import score_gate, score_redaction
from intelligence.scoring_labels import Guess, score_labels

_CHUNK: Final = 64  # conversations read at once: enough to keep the encoder busy, few enough to show progress
_SUB_SURE: Final = 0.5  # for analyzers that ship no threshold of their own
_RANKS: Final = {Level.LOW: 0.0, Level.MEDIUM: 1 / 3, Level.HIGH: 2 / 3, Level.CRITICAL: 1.0}
_NAMED: Final = 5  # bad rows spelled out before the rest is only counted

Row = TypeVar("Row")
Progress = Callable[[int], None]


def evaluate_analyze(
    path: Path,
    analyzer: Analyzer,
    embedder: Embedder,
    *,
    seed: int = 0,
    region: str = "US",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score an analyzer on labelled conversations; `progress` hears how many were read.

    Raises:
        FileUnreadable: the file cannot be read.
        BadInput: a row is bad (named by its line), or there are no rows.
    """
    rows = _checked(path, *read_labelled(_lines(path)))
    started = time.perf_counter()
    guesses: list[Guess] = []
    for at in range(0, len(rows), _CHUNK):
        guesses += _guesses([_prepared(row, embedder, region) for row in rows[at : at + _CHUNK]], analyzer)
        if progress:
            progress(len(guesses))
    return score_labels(rows, guesses, seed=seed) | _timing(started, len(rows), "tickets_per_second")


def evaluate_gate(path: Path) -> dict[str, Any]:
    """Score the request gate on {text, request} rows.

    Raises:
        FileUnreadable: the file cannot be read.
        BadInput: a row is bad (named by its line), or there are no rows.
    """
    rows = _checked(path, *_parsed(_lines(path), _gate_row))
    started = time.perf_counter()
    verdicts = [judge(row.text).verdict for row in rows]
    timing = _timing(started, len(rows), "texts_per_second")
    said = [verdict is RequestVerdict.REQUEST for verdict in verdicts]
    return score_gate([row.request for row in rows], said, [v is RequestVerdict.UNSURE for v in verdicts]) | timing


def evaluate_redact(path: Path, *, region: str = "US") -> dict[str, Any]:
    """Score redaction on {text, spans} rows.

    Raises:
        FileUnreadable: the file cannot be read.
        BadInput: a row is bad (named by its line), or there are no rows.
    """
    rows = _checked(path, *_parsed(_lines(path), _redaction_row))
    started = time.perf_counter()
    found = [find_spans(row.text, region=region) for row in rows]
    timing = _timing(started, len(rows), "texts_per_second")
    return score_redaction([row.spans for row in rows], found) | timing


@dataclass(frozen=True, slots=True)
class _GateRow:
    text: str
    request: bool


@dataclass(frozen=True, slots=True)
class _RedactionRow:
    text: str
    spans: tuple[Span, ...]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise FileUnreadable(path=path, reason=f"it is not UTF-8 text ({error})", fix="Save it as UTF-8.") from error
    except OSError as error:
        raise FileUnreadable(path=path, reason=error.strerror or error, fix="Check the path.") from error


def _parsed(lines: Iterable[str], parse: Callable[[dict[str, Any]], Row]) -> tuple[list[Row], list[BadRow]]:
    rows: list[Row] = []
    bad: list[BadRow] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(parse(read_object(line)))
        except BadRowError as error:
            bad.append(BadRow(number, str(error)))
    return rows, bad


def _checked(path: Path, rows: list[Row], bad: Sequence[BadRow]) -> list[Row]:
    if bad:
        named = "; ".join(f"line {row.line}: {row.reason}" for row in bad[:_NAMED])
        more = f"; and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        raise BadInput(problem=f"{path} has {len(bad)} bad rows: {named}{more}.", fix="Mend or remove them.")
    if not rows:
        raise BadInput(problem=f"{path} has no rows.", fix="Give one JSON object per line.")
    return rows


def _gate_row(row: dict[str, Any]) -> _GateRow:
    text, request = row.get("text"), row.get("request")
    if not isinstance(text, str):
        raise BadRowError("text is not a string")
    if not isinstance(request, bool):
        raise BadRowError("request is not true or false")
    return _GateRow(text, request)


def _redaction_row(row: dict[str, Any]) -> _RedactionRow:
    text, spans = row.get("text"), row.get("spans")
    if not isinstance(text, str):
        raise BadRowError("text is not a string")
    if not isinstance(spans, list):
        raise BadRowError("spans is not a list")
    return _RedactionRow(text, tuple(_span(text, item) for item in spans))


def _span(text: str, item: object) -> Span:
    if not isinstance(item, dict):
        raise BadRowError("a span is not an object")
    start, end, kind = item.get("start"), item.get("end"), item.get("kind")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise BadRowError(f"a span is outside the text: {start} to {end}")
    try:
        return Span(start, end, Kind(kind))
    except ValueError as error:
        raise BadRowError(f"unknown kind {kind!r}") from error


def _prepared(row: Labelled, embedder: Embedder, region: str) -> Conversation:
    """The conversation as the analyzer meets it in production: masked, with the vector of the problem text."""
    shown = row.conversation
    messages = tuple(replace(m, text=redact(m.text, region=region).text) for m in shown.messages)
    text = without_masks(problem_text(messages) or redact(shown.subject, region=region).text)
    return replace(shown, messages=messages, vector=embedder.encode([text])[0])


def _guesses(conversations: Sequence[Conversation], analyzer: Analyzer) -> list[Guess]:
    analyses = analyzer.analyze(conversations)
    if not isinstance(analyzer, LocalAnalyzer):
        return [_ranked(analysis) for analysis in analyses]
    sure = analyzer.weights.numbers["sub_unsure_below"]
    return [
        Guess(
            analysis,
            reading.chance_of("frustration", Level.HIGH, Level.CRITICAL),
            reading.chance_of("urgency", Level.HIGH, Level.CRITICAL),
            analysis.sub_confidence >= sure and not analysis.unsure,
        )
        for analysis, reading in zip(analyses, analyzer.read(conversations), strict=True)
    ]


def _ranked(analysis: Analysis) -> Guess:
    """A model that answers labels without probabilities ranks rows by the label alone."""
    sure = analysis.sub_confidence >= _SUB_SURE and not analysis.unsure
    return Guess(analysis, _RANKS[analysis.frustration], _RANKS[analysis.urgency], sure)


def _timing(started: float, n: int, rate: str) -> dict[str, float]:
    seconds = time.perf_counter() - started
    return {"seconds": seconds, rate: n / max(seconds, 1e-9)}

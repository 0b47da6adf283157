"""`ticket-intel eval themes|known|alerts`: what is measured over whole streams of tickets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.eval_tables import print_result, refusals

AnalyzerName = Literal["local", "openai"]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
AnalyzerOption = Annotated[AnalyzerName, typer.Option(help="Who reads the tickets.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the rows' order and of the bootstrap intervals.")]
Progress = Callable[[int], None]


def register(app: typer.Typer) -> None:
    """Mount the commands."""
    app.command()(themes)
    app.command()(known)
    app.command()(alerts)


def themes(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns text,label and perhaps at.")],
    analyzer: AnalyzerOption = "local",
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Groups against labels, and whether themes keep their tickets when more come."""
    from bot.flows.evaluate_themes import evaluate_themes

    with _at_work(quiet=as_json) as progress:
        result = evaluate_themes(file, analyzer=analyzer, seed=seed, progress=progress)
    print_result(result, as_json=as_json)


def known(
    file: Annotated[Path, typer.Argument(help="A JSONL file of {group, product, text}; group null: no duplicate.")],
    analyzer: AnalyzerOption = "local",
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """The question "is this known?" against groups of reports of the same thing."""
    from bot.flows.evaluate_known import evaluate_known

    with _at_work(quiet=as_json) as progress:
        result = evaluate_known(file, analyzer=analyzer, seed=seed, progress=progress)
    print_result(result, as_json=as_json)


def alerts(
    stream: Annotated[Path, typer.Argument(help="A JSONL file of {id, at, text} and perhaps segment.")],
    truth: Annotated[Path, typer.Argument(help="A JSON file of {warmup_until, incidents}.")],
    analyzer: AnalyzerOption = "local",
    seed: Annotated[int, typer.Option(help="For the sake of the other commands: a replay has nothing random.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """New patterns, spikes and ramps against known incidents, on a replayed stream."""
    from bot.flows.evaluate_alerts import evaluate_alerts

    del seed
    with _at_work(quiet=as_json) as progress:
        result = evaluate_alerts(stream, truth, analyzer=analyzer, progress=progress)
    print_result(result, as_json=as_json)


@contextmanager
def _at_work(*, quiet: bool) -> Iterator[Progress]:
    """A counter on stderr while rows are measured; refusals as sentences; the log on stderr, warnings only."""
    from bot import logging
    from bot.terminal import progress_bar

    logging.configure("warning")
    with refusals(), progress_bar(quiet=quiet) as report:
        yield lambda done: report("measured", done)

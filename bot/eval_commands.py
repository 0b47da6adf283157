"""`ticket-intel eval ...`: measure the product on your own labelled files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import eval_more
from bot.eval_tables import print_result, refusals

eval_app = typer.Typer(name="eval", help="Measure the product on your own labelled files.", no_args_is_help=True)


class AnalyzerName(StrEnum):
    LOCAL = "local"
    OPENAI = "openai"


FileArgument = Annotated[Path, typer.Argument(help="A JSONL file: one JSON object per line.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the bootstrap intervals.")]
AnalyzerOption = Annotated[AnalyzerName, typer.Option(help="Who reads the tickets.")]


@eval_app.command()
def analyze(
    file: FileArgument,
    analyzer: AnalyzerOption = AnalyzerName.LOCAL,
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Categories, tone and signals against labelled conversations."""
    from bot.flows.evaluate import evaluate_analyze
    from bot.settings import load_settings
    from intelligence.encoder.minilm import MiniLMEncoder

    with refusals():
        settings = load_settings()
        embedder = MiniLMEncoder()
        with _built(analyzer, embedder, settings) as reader:
            result = evaluate_analyze(file, reader, embedder, seed=seed, region=settings.phone_region)
    print_result(result, as_json=as_json)


@eval_app.command()
def gate(file: FileArgument, as_json: JsonOption = False) -> None:
    """The request gate against {text, request} rows."""
    from bot.flows.evaluate import evaluate_gate

    with refusals():
        result = evaluate_gate(file)
    print_result(result, as_json=as_json)


@eval_app.command()
def redact(file: FileArgument, as_json: JsonOption = False) -> None:
    """Redaction against {text, spans: [{start, end, kind}]} rows."""
    from bot.flows.evaluate import evaluate_redact
    from bot.settings import load_settings

    with refusals():
        result = evaluate_redact(file, region=load_settings().phone_region)
    print_result(result, as_json=as_json)


@contextmanager
def _built(name: AnalyzerName, embedder: Any, settings: Any) -> Iterator[Any]:
    """The chosen analyzer over a throw-away database: an evaluation never touches the product's own."""
    from bot.compose import build_analyzer
    from storage import schema
    from storage.engine import Database

    with tempfile.TemporaryDirectory(prefix="ticket-intel-eval-") as folder:
        db = Database(f"sqlite:///{folder}/eval.db")
        try:
            schema.migrate(db)
            yield build_analyzer(settings.model_copy(update={"analyzer": name.value}), embedder, db)
        finally:
            db.close()


eval_more.register(eval_app)

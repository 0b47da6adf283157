"""`ticket-intel eval ...`: measure the product on your own labelled files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from bot.errors import TicketIntelError

eval_app = typer.Typer(name="eval", help="Measure the product on your own labelled files.", no_args_is_help=True)

BAD_INPUT: Final = 2


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

    with _refusals():
        settings = load_settings()
        embedder = MiniLMEncoder()
        with _built(analyzer, embedder, settings) as reader:
            result = evaluate_analyze(file, reader, embedder, seed=seed, region=settings.phone_region)
    _print(result, as_json)


@eval_app.command()
def gate(file: FileArgument, as_json: JsonOption = False) -> None:
    """The request gate against {text, request} rows."""
    from bot.flows.evaluate import evaluate_gate

    with _refusals():
        result = evaluate_gate(file)
    _print(result, as_json)


@eval_app.command()
def redact(file: FileArgument, as_json: JsonOption = False) -> None:
    """Redaction against {text, spans: [{start, end, kind}]} rows."""
    from bot.flows.evaluate import evaluate_redact
    from bot.settings import load_settings

    with _refusals():
        result = evaluate_redact(file, region=load_settings().phone_region)
    _print(result, as_json)


@contextmanager
def _refusals() -> Iterator[None]:
    """Bad input ends with its sentence on stderr and exit code 2."""
    try:
        yield
    except TicketIntelError as error:
        typer.echo(error.sentence, err=True)
        raise typer.Exit(BAD_INPUT) from error


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


def _print(result: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result))
        return
    from rich.console import Console

    console = Console()
    console.print(_figures(result))
    for name, value in result.items():
        if name != "intervals" and isinstance(value, dict | list) and value:
            console.print(_nested(name, cast("Any", value)))


def _figures(result: Mapping[str, Any]) -> Any:
    from rich.table import Table

    table = Table("figure", "value", "95% interval")
    intervals = cast("Mapping[str, Any]", result.get("intervals", {}))
    for name, value in result.items():
        if not isinstance(value, dict | list):
            table.add_row(name, _shown(value), _range(intervals.get(name)))
    return table


def _nested(name: str, value: Mapping[str, Any] | list[Mapping[str, Any]]) -> Any:
    from rich.table import Table

    rows = value if isinstance(value, list) else _rows_of(value)
    columns = [key for key in rows[0] if key not in ("interval", "intervals")]
    table = Table(*columns, title=name, title_justify="left")
    for row in rows:
        table.add_row(*(_shown(row.get(column)) for column in columns))
    return table


def _rows_of(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        {"": key, **(inner if isinstance(inner, dict) else {"value": inner})}
        for key, inner in value.items()
        if key != "intervals"
    ]


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _range(interval: tuple[float, float] | None) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else ""

"""How evaluation commands speak: tables for people or one JSON object, and bad input as a sentence with exit code 2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, cast

import typer

from bot.errors import TicketIntelError

BAD_INPUT: Final = 2


@contextmanager
def refusals() -> Iterator[None]:
    """Bad input ends with its sentence on stderr and exit code 2."""
    try:
        yield
    except TicketIntelError as error:
        typer.echo(error.sentence, err=True)
        raise typer.Exit(BAD_INPUT) from error


def print_result(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures as tables, with the intervals that `result["intervals"]` holds by name, or as one JSON object."""
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
    if isinstance(value, tuple):
        return _range(cast("tuple[float, float]", value))
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _range(interval: tuple[float, float] | None) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else ""

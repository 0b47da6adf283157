"""`ticket-intel installations ...`: where the app is installed, and the keys that seal its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.verbs.table import BY_NAME

if TYPE_CHECKING:
    from bot.deps import Deps
    from bot.flows.installing import Shown

installations_app = typer.Typer(help=BY_NAME["installations"].says, no_args_is_help=True, rich_markup_mode=None)


@installations_app.command("list")
def listing(as_json: Annotated[bool, typer.Option("--json", help="Print values instead of a table.")] = False) -> None:
    """Workspaces that installed the app, and what each grants."""
    from bot.flows.installing import shown
    from bot.terminal import show

    with _deps() as deps:
        found = shown(deps)
    show(found, as_json=True) if as_json else _table(found)


def _table(found: list[Shown]) -> None:
    from rich.console import Console
    from rich.table import Table

    from bot.terminal import say

    if not found:
        say("No workspace installed the app. Open PUBLIC_URL/slack/install in a browser.")
        return
    table = Table("workspace", "name", "since (UTC)", "by", "is", "not granted", box=None, pad_edge=False)
    for one in found:
        state = f"gone since {one.gone_at:%Y-%m-%d}: {one.gone_because}" if one.gone_at else "installed"
        missing = ", ".join(one.missing) or "-"
        table.add_row(one.workspace, one.name, f"{one.installed_at:%Y-%m-%d}", one.installed_by or "-", state, missing)
    Console().print(table, markup=False)


@installations_app.command("new-key")
def new_key() -> None:
    """Print a fresh key for SECRETS_KEY."""
    from bot.sealing import new_key as fresh
    from bot.terminal import say

    say(fresh())


@installations_app.command("reseal")
def reseal() -> None:
    """Seal every token with the first key of SECRETS_KEY, so that the others may go."""
    from bot.flows.installing import seal_again
    from bot.sealing import seal_of
    from bot.terminal import say
    from bot.words import count

    with _deps() as deps:
        changed, whole = seal_again(deps, seal_of(deps.settings))
    say(f"{count(changed, 'token')} of {whole} sealed anew; all are under the first key now.")


@contextmanager
def _deps() -> Iterator[Deps]:
    from bot.terminal import at_work

    with at_work() as desk:
        yield desk.deps

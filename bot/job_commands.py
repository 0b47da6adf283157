"""`ticket-intel jobs ...`: waiting work, listed, tried again or given up."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.verbs.table import BY_NAME

jobs_app = typer.Typer(help=BY_NAME["jobs"].says, no_args_is_help=True, rich_markup_mode=None)

JobId = Annotated[int, typer.Argument(help="A job's number, from `jobs list`.")]


@jobs_app.command("list")
def jobs_list(
    state: Annotated[str | None, typer.Option(help="queued, running, dead, done or dropped.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print values as JSON.")] = False,
) -> None:
    """Jobs that wait, run or gave up."""
    from bot.terminal import print_jobs

    print_jobs(state, limit, as_json=as_json)


@jobs_app.command("retry")
def jobs_retry(job: JobId) -> None:
    """Let a dead job run again."""
    from bot.terminal import retry_job, say

    say(retry_job(job))


@jobs_app.command("drop")
def jobs_drop(job: JobId) -> None:
    """Give a dead or waiting job up for good."""
    from bot.terminal import drop_job, say

    say(drop_job(job))

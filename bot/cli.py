"""`ticket-intel ...`: parses, calls a flow, prints.

The verbs of the table in bot/verbs/ take the same words here as behind `/ticket-intel` in Slack and go through the
same grammar and flows. Whatever is slow to import is imported by the command that needs it, so that `--help` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import BadInput, TicketIntelError
from bot.installation_commands import installations_app
from bot.job_commands import jobs_app
from bot.verbs.parts import ArgKind, Verb, Where
from bot.verbs.table import BY_NAME, VERBS

FAULT = 1

app = typer.Typer(
    name="ticket-intel",
    help="Turns support conversations into product intelligence. Words are the same as in Slack.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # boxes and colours would double the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(jobs_app, name="jobs")
app.add_typer(installations_app, name="installations")

AsJson = Annotated[bool, typer.Option("--json", help="Print values as JSON.")]
Words = Annotated[list[str] | None, typer.Argument(help="The same words as in Slack.", show_default=False)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and leave with its exit code: 0 done, 1 a fault, 2 input that cannot be used."""
    try:
        app(list(arguments) if arguments is not None else None, prog_name="ticket-intel")
    except TicketIntelError as error:
        from bot.terminal import complain

        sys.exit(complain(error))
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - said in one sentence, logged in full with LOG_LEVEL=debug
        from bot.terminal import complain

        sys.exit(complain(error))


@app.command(help=BY_NAME["run"].says)
def run(
    role: Annotated[
        str, typer.Option(help="all, listen (Socket Mode), work (jobs, clock) or web (HTTP); any number of each.")
    ] = "all",
) -> None:
    from bot.app import Role
    from bot.app import run as run_bot
    from bot.terminal import settings_for

    if role not in {known.value for known in Role}:
        raise BadInput(problem=f'"{role[:40]}" is no role.', fix=f"There are {', '.join(Role)}.")
    run_bot(settings_for("service"), Role(role))


@app.command(help=BY_NAME["demo"].says)
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page on this machine.")] = 8080,
    seed: Annotated[int, typer.Option(help="Another seed tells the same story in other words.")] = 7,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    scale: Annotated[
        float, typer.Option(min=0.05, max=10, help="How many tickets: 0.33 makes about 640, 1.0 about 1,900.")
    ] = 0.8,
) -> None:
    from bot.demo.run import run_demo
    from bot.terminal import say, settings_for

    settings_for("demo")
    run_demo(port=port, seed=seed, open_browser=browser, scale=scale, say=say)


@app.command(help=BY_NAME["connect"].says)
def connect() -> None:
    from bot.connect import connect as connect_workspace

    connect_workspace()


@app.command(help=BY_NAME["doctor"].says)
def doctor(
    live: Annotated[str | None, typer.Option(metavar="#CHANNEL", help="Post a sample of everything there.")] = None,
    as_json: AsJson = False,
) -> None:
    from bot.doctor import examine
    from bot.terminal import print_findings, settings_for

    findings = examine(settings_for("once"), live=live)
    print_findings(findings, as_json=as_json)
    raise typer.Exit(FAULT if any(not finding.ok for finding in findings) else 0)


@app.command("import", help=BY_NAME["import"].says)
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file, JSON Lines or a JSON array.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="field=Column", help="Which column holds what; repeatable.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check the file, store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    from bot.flows.importing import import_file
    from bot.terminal import at_work, progress_bar, show

    with at_work() as desk, progress_bar(quiet=as_json) as progress:
        report = import_file(desk.deps, desk.workspace, file, mapping=mapping or (), dry_run=dry_run, progress=progress)
    show(report, as_json=as_json)


@app.command(help=BY_NAME["customers"].says)
def customers(
    file: Annotated[Path, typer.Argument(help="A CSV or JSON Lines file with id, email or account.")],
    source: Annotated[str, typer.Option(help="Whose ids they are where a row does not say.")] = "slack",
    past: Annotated[bool, typer.Option("--past", help="Fill what earlier tickets do not know.")] = False,
    as_json: AsJson = False,
) -> None:
    from bot.mining_commands import bring_customers

    bring_customers(file, source, past=past, as_json=as_json)


@app.command(help=BY_NAME["backfill"].says)
def backfill(
    helpdesk: Annotated[str, typer.Argument(help="zendesk, intercom, or openai: read again by the model.")],
    since: Annotated[str, typer.Option(metavar="90d", help="How many days back.")] = "90d",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count the tickets, store nothing.")] = False,
) -> None:
    from bot.backfill_command import backfill_command

    backfill_command(helpdesk, since, dry_run=dry_run)


@app.command(help=BY_NAME["mcp"].says)
def mcp(
    http: Annotated[bool, typer.Option("--http", help="Listen on WEB_HOST and WEB_PORT; needs API_TOKEN.")] = False,
) -> None:
    from bot.mcp_command import mcp_command

    mcp_command(http=http)


@app.command(help=BY_NAME["migrate"].says)
def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only compare the schema with this version's.")] = False,
) -> None:
    from bot.terminal import migrate_database, say

    say(migrate_database(check=check))


@app.command(help=BY_NAME["backup"].says)
def backup(file: Annotated[Path, typer.Argument(help="Where the copy is written; it must not be there.")]) -> None:
    from bot.backup_command import back_up_database
    from bot.terminal import say

    say(back_up_database(file))


@app.command(help=BY_NAME["copy"].says)
def copy(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="URL of the database that is left.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="URL of an empty one; its tables are made.")],
    as_json: AsJson = False,
) -> None:
    from bot.copy_command import copy_command

    copy_command(source, target, as_json=as_json)


@app.command(
    "eval",
    help=BY_NAME["eval"].says,
    add_help_option=False,
    context_settings={
        "ignore_unknown_options": True,
        "allow_extra_args": True,
        "allow_interspersed_args": False,
    },
)
def evaluate(context: typer.Context) -> None:
    from bot.eval_commands import eval_app

    eval_app(context.args or ["--help"], prog_name="ticket-intel eval")


def report(
    words: Words = None,
    html: Annotated[str | None, typer.Option(metavar="FILE", help="One page with its charts; - prints it.")] = None,
    markdown: Annotated[str | None, typer.Option(metavar="FILE", help="As Markdown; - prints it.")] = None,
    csv: Annotated[str | None, typer.Option(metavar="FILE", help="Its themes as a table; - prints it.")] = None,
    evidence: Annotated[
        str | None, typer.Option(metavar="FILE", help="Evidence for the roadmap, a row a quote.")
    ] = None,
    png: Annotated[str | None, typer.Option(metavar="FOLDER", help="Its charts as pictures.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Count again and say what changed and why.")] = False,
    as_json: AsJson = False,
) -> None:
    from bot.report_command import Files, report_command

    line = _line(BY_NAME["report"], [*(words or []), *(["fresh"] if fresh else [])])
    report_command(line, Files(html, markdown, csv, evidence, png), as_json=as_json)


_WITH_OPTIONS: dict[str, Callable[..., None]] = {"report": report}


def _mines(verb: Verb) -> Callable[..., None]:
    def command(
        words: Words = None,
        export: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Write all of it to a .md, .csv or .json file.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        line = _line(verb, words or [])
        if verb.name == "docs" and words and words[0] == "import":
            from bot.mining_commands import bring_docs

            bring_docs(_one_path(words[1:]), as_json=as_json)
        elif export is not None:
            from bot.mining_commands import export_answer

            export_answer(line, export)
        else:
            from bot.terminal import answer

            answer(line, as_json=as_json)

    return command


def _one_path(words: Sequence[str]) -> Path:
    if len(words) != 1:
        raise BadInput(problem="I need one file or folder.", fix="For example: ticket-intel docs import help.csv")
    return Path(words[0])


_WITH_OPTIONS |= {verb.name: _mines(verb) for verb in VERBS if verb.mined}


def _asks(verb: Verb) -> Callable[..., None]:
    def command(words: Words = None, as_json: AsJson = False) -> None:
        from bot.terminal import answer

        answer(_line(verb, words or []), as_json=as_json)

    return command


def _line(verb: Verb, words: Sequence[str]) -> str:
    """The words as one line of the grammar; what the shell kept together stays together."""
    free_text = bool(verb.args) and verb.args[-1].kind is ArgKind.TEXT and verb.args[-2:][0].kind is not ArgKind.AREA
    if free_text and verb.args[0].kind is ArgKind.TEXT and list(words) == ["-"]:
        words = [sys.stdin.read()]
    return " ".join([verb.name, *(words if free_text else map(_quoted, words))])


def _quoted(word: str) -> str:
    if '"' in word or not any(character.isspace() for character in word):
        return word
    name, colon, value = word.partition(":")
    return f'{name}:"{value}"' if colon and name.isidentifier() else f'"{word}"'


for _verb in VERBS:
    if _verb.where is not Where.CLI:
        _help = f"{_verb.says}. For example: ticket-intel {_verb.example}"
        app.command(_verb.name, help=_help, short_help=_verb.says)(_WITH_OPTIONS.get(_verb.name) or _asks(_verb))

"""`ticket-intel` as people call it: quick help, answers, JSON, exit codes, sentences instead of tracebacks."""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from bot import cli
from bot.scopes import SCOPES
from bot.sealing import Seal
from bot.settings import Settings
from bot.verbs.parts import Where
from bot.verbs.table import VERBS
from storage import installations
from storage.engine import Database
from storage.installations import Granted

ROOT = Path(__file__).parent.parent
HEAVY = ("numpy", "sqlalchemy", "sqlmodel", "alembic", "onnxruntime", "slack_sdk", "fastapi", "sklearn", "openai")
ROWS = [
    "Cannot log in with Okta since this morning, the login page keeps loading",
    "Okta login hangs for all of us, the page never finishes loading",
    "Our team cannot sign in through Okta, endless loading on the login page",
    "Login with Okta is broken, it keeps loading and nobody gets in",
    "Since today the Okta login page loads forever and we are locked out",
    "Please add a dark mode to the dashboard",
]


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ran]]:
    """Run a command line in an empty folder, without the settings of whoever runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    handlers, level = logging.root.handlers[:], logging.root.level

    def ran(*arguments: str) -> Ran:
        code = 0
        try:
            cli.main(arguments)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    yield ran
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


def write_tickets(path: Path) -> Path:
    start = datetime.now(UTC) - timedelta(days=2)
    lines = [
        json.dumps(
            {
                "id": str(number),
                "created_at": (start + timedelta(hours=number)).isoformat(),
                "subject": "",
                "body": text,
                "requester_email": f"person{number}@company{number}.example",
            }
        )
        for number, text in enumerate(ROWS)
    ]
    path.write_text("\n".join([*lines, '{"id": "9", "created_at": "never", "body": ""}']) + "\n", encoding="utf-8")
    return path


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = f"import sys, bot.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    times: list[float] = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        shown = subprocess.run(
            [sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.5
    for verb in VERBS:
        assert f"\n  {verb.name} " in shown.stdout, verb.name


def test_import_to_themes_to_why(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = write_tickets(tmp_path / "tickets.jsonl")
    looked = run("import", str(file), "--dry-run", "--json")
    assert (looked.code, looked.json["dry_run"], looked.json["rejected"]) == (0, True, 1)
    assert run("themes", "--json").json["total_tickets"] == 0

    report = run("import", str(file), "--json").json
    assert (report["stored"], report["rejected"], report["duplicates"]) == (6, 1, 0)
    assert "never" in Path(report["rejected_file"]).read_text(encoding="utf-8")
    again = run("import", str(file), "--json").json
    assert (again["stored"], again["duplicates"]) == (0, 6)

    listed = run("themes", "7d", "--json")
    [line] = listed.json["lines"]
    assert (line["tickets"], line["customers"], line["theme"]["key"]) == (5, 5, "TI-1")
    assert "TI-1" in run("themes", "7d").out
    assert run("theme", "ti", "1", "--json").json["tickets"] == 5
    assert "Okta" in run("theme", "TI-1").out
    assert run("known", "Okta", "login", "keeps", "loading", "--json").json["best"]["theme"]["key"] == "TI-1"
    assert run("search", "dark mode", "--json").json["hits"][0]["theme_key"] is None
    assert run("why", "TI-1", "--json").json["lines"]
    assert run("why", "ticket", "1", "--json").json["reading"]["analysis"]["primary"]
    assert run("health", "--json").json["themes"] == 1
    assert run("release", "4.2", "--json").json["text"].startswith("Release 4.2")
    assert "TI-1" in run("resolve", "TI-1", "4.2").out
    assert run("theme", "TI-1", "--json").json["theme"]["state"] == "verifying"
    assert run("themes", 'area:"single sign on"').code == 0
    assert run("themes", "area:single sign on").code == 0


def test_known_reads_a_ticket_from_a_pipe(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("The export\nto Excel is empty -v --json"))
    answer = run("known", "-", "--json")
    assert answer.json["verdict"] in {"new", "not_enough_text"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["theme", "TI-9"], "There is no theme TI-9 here."),
        (["why", "ticket", "77"], "There is no ticket 77 here."),
        (["themes", "colour:red"], "colour"),
        (["themes", "7d", "state:purple"], "purple"),
        (["known"], "needs words"),
        (["backtest"], "no rule alerts on fewer than 5"),
        (["backtest", "spike=0"], "from 1.2 to 20"),
        (["import", "missing.csv"], "missing.csv cannot be read"),
        (["jobs", "retry", "5"], "Job 5 is not dead."),
        (["jobs", "drop", "5"], "neither waits nor is dead"),
        (["jobs", "list", "--state", "lost"], "is no state"),
        (["no-such-command"], "No such command"),
        (["themes", "--no-such-option"], "No such option"),
    ],
)
def test_bad_input_gets_a_sentence_and_two(run: Callable[..., Ran], arguments: list[str], said: str) -> None:
    run("migrate")
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_bad_settings_are_named_all_at_once(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Mars/Olympus")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xapp-swapped")
    answer = run("themes")
    assert answer.code == 2
    assert "TIMEZONE" in answer.err
    assert "SLACK_BOT_TOKEN" in answer.err
    assert "swapped" not in answer.err


def test_a_fault_is_one_sentence_unless_debugging(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database, whatever its name says" * 100)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///broken.db")
    answer = run("themes")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.count("\n") == 1
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert "Traceback" in run("themes").err


def test_an_old_schema_says_what_to_run(run: Callable[..., Ran]) -> None:
    answer = run("jobs", "list")
    assert (answer.code, "ticket-intel migrate" in answer.err) == (1, True)
    assert run("migrate", "--check").code == 1
    assert run("migrate").code == 0
    assert run("migrate", "--check").out.startswith("The database is at revision")
    assert run("jobs", "list").out == "No jobs wait.\n"
    assert run("jobs", "list", "--json").json == []


def test_dead_jobs_are_listed_retried_and_dropped(run: Callable[..., Ran], tmp_path: Path) -> None:
    from storage import queue
    from storage.engine import Database

    run("migrate")
    db, now = Database("sqlite:///ticket-intel.db"), datetime.now(UTC)
    with db.write() as session:
        queue.enqueue(session, "send", {"letter": 1}, key="letter:1", now=now)
        [job] = queue.claim(session, now)
        queue.fail(session, job, now, "channel [bold]gone[/bold]", final=True)
    db.close()
    assert "[bold]gone" in run("jobs", "list").out
    [listed] = run("jobs", "list", "--state", "dead", "--json").json
    assert (listed["key"], listed["state"]) == ("letter:1", "dead")
    assert run("jobs", "retry", str(job.id)).code == 0
    assert run("jobs", "drop", str(job.id)).out == f"Job {job.id} is dropped.\n"
    assert run("jobs", "list").out == "No jobs wait.\n"


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    code = "import sys; from bot.cli import main; main(['help'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()
    process.wait(30)
    assert "Traceback" not in errors


def test_every_verb_of_the_table_is_a_command() -> None:
    names = {command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback}
    groups = {group.name for group in cli.app.registered_groups}
    assert {verb.name for verb in VERBS if verb.where is not Where.SLACK} == names | groups


def test_installations_are_listed_and_sealed_anew(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (run("installations", "new-key").out.strip() for _ in range(2))
    assert old != new
    assert "No workspace installed the app" in run("installations", "list").out
    refused = run("installations", "reseal")
    assert (refused.code, "SECRETS_KEY" in refused.err) == (2, True)
    granted = Granted("Acme", "", "A1", "U1", "B1", frozenset(SCOPES) - {"commands"}, "", "U2")
    db = Database(f"sqlite:///{tmp_path / 'ticket-intel.db'}")
    now = datetime.now(UTC)
    with db.write() as session:
        sealed = Seal(SecretStr(old)).seal("xoxb-1", about="T1")
        installations.install(session, "T1", replace(granted, token=sealed), now)
    assert "commands" in run("installations", "list").out
    (listed,) = run("installations", "list", "--json").json
    assert (listed["workspace"], listed["missing"]) == ("T1", ["commands"])
    assert sealed not in str(listed)
    for keys, code, said in (
        (new, 1, "cannot be opened"),
        (f"{new},{old}", 0, "1 token of 1"),
        (new, 0, "0 tokens of 1"),
    ):
        monkeypatch.setenv("SECRETS_KEY", keys)
        ran = run("installations", "reseal")
        assert ran.code == code
        assert said in ran.out + ran.err
    with db.read() as session:
        stored = installations.get(session, "T1")
    assert stored is not None
    assert Seal(SecretStr(new)).open(stored.token or "", about="T1").get_secret_value() == "xoxb-1"
    db.close()

"""`eval themes`, `eval known` and `eval alerts` on small files with known answers."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.clock import SimulatedClock
from bot.eval_commands import eval_app
from bot.flows import evaluate_alerts, evaluate_known, evaluate_themes
from bot.flows.evaluate_alerts import figures
from bot.flows.evaluate_known import Outcome
from bot.throw_away import throw_away
from intelligence.alert_scoring import score_alerts
from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.model import Verdict
from intelligence.scoring import poisson_rate

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
THINGS = ("report", "dashboard", "invoice list", "customer list", "weekly summary", "chart", "audit log", "roadmap")
SUBJECTS = {
    "export": "The Excel export of my {} stops at half and the file is broken",
    "login": "I cannot log in with single sign-on to see the {}, it says access denied",
    "refund": "Please refund the double charge on my credit card for the {} add-on",
    "dark": "It would be great to have a dark mode for the {} because my eyes hurt at night",
}


@pytest.fixture(scope="module")
def encoder() -> MiniLMEncoder:
    return MiniLMEncoder()


def texts(subject: str) -> list[str]:
    return [SUBJECTS[subject].format(thing) for thing in THINGS]


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(eval_app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_jsonl(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


# ---- themes


def test_themes_of_clear_subjects_are_found_and_kept(tmp_path: Path, encoder: MiniLMEncoder) -> None:
    rows = [{"text": text, "label": subject} for subject in SUBJECTS for text in texts(subject)]
    found = evaluate_themes.evaluate_themes(write_csv(tmp_path / "rows.csv", rows), embedder=encoder)
    assert (found["n"], found["k_true"], found["k_found"]) == (32, 4, 4)
    assert found["nmi"] == found["ari"] == pytest.approx(1.0)
    assert found["accuracy"] == found["assigned"] == found["stability"] == 1.0
    assert found["intervals"]["stability"][0] > 0.85


def test_the_same_seed_gives_the_same_figures_and_the_environment_none(
    tmp_path: Path, encoder: MiniLMEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/mine.db")
    monkeypatch.setenv("SPIKE_RATIO", "not a number")
    rows = [{"text": text, "label": subject} for subject in ("export", "login") for text in texts(subject)]
    path = write_csv(tmp_path / "rows.csv", rows)
    first, second = (evaluate_themes.evaluate_themes(path, seed=3, embedder=encoder) for _ in range(2))
    for found in (first, second):
        found.pop("seconds")
        found.pop("peak_rss_mb")
    assert first == second
    assert not (tmp_path / "mine.db").exists()


def test_rows_with_times_come_in_their_order() -> None:
    rows = [evaluate_themes.LabelledText("x", "a", START + timedelta(days=-n)) for n in range(3)]
    found = evaluate_themes.in_order(rows, np.random.default_rng(0))
    assert [row.at for row in found] == [START - timedelta(days=n) for n in (2, 1, 0)]


def test_rows_without_times_fill_one_day() -> None:
    rows = [evaluate_themes.LabelledText(str(n), "a") for n in range(48)]
    found = evaluate_themes.in_order(rows, np.random.default_rng(0))
    assert {b.at - a.at for a, b in pairwise(found)} == {timedelta(minutes=30)}
    assert [row.text for row in found] != [row.text for row in rows]


def test_scores_of_random_homes_are_near_zero() -> None:
    rng = np.random.default_rng(1)
    labels = [str(n % 5) for n in range(500)]
    homes = rng.integers(1, 6, 500)
    found = evaluate_themes.score(labels, homes, homes, rng)
    assert abs(found["ari"]) < 0.02
    assert found["accuracy"] < 0.35
    assert found["stability"] == 1.0


def test_a_lost_theme_is_not_kept_and_a_waiting_ticket_is_alone() -> None:
    before, after = np.array([1, 1, 2, 2, 0]), np.array([1, 1, 3, 0, 0])
    found = evaluate_themes.score(["a", "a", "b", "b", "b"], before, after, np.random.default_rng(0))
    assert found["stability"] == 0.5
    assert found["assigned"] == 0.6
    assert found["accuracy"] == 0.6
    assert found["k_found"] == 2


@pytest.mark.parametrize("rows", [[("one text", "a")], [("one text", "a"), ("another text", "a")]])
def test_one_row_or_one_class_is_no_trouble(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = write_csv(tmp_path / "rows.csv", [{"text": text, "label": label} for text, label in rows])
    code, out, _ = run("themes", path, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["k_true"], found["k_found"], found["stability"]) == (1, 0, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('text,label\nfine,a\n ,b\n"two\nlines",\n', ["line 3: text", "line 5: label"]),
        ("text,label,at\nfine,a,2026-01-01\nfine,b,yesterday\n", ["line 3: at is not an ISO 8601 time: 'yesterday'"]),
        ("text,label,at\nfine,a,2026-01-01\nfine,b,\n", ["1 rows have no time"]),
        ("words,label\nfine,a\n", ["no column text"]),
        ("text,label\n", ["no rows"]),
        ("", ["no column text and no column label"]),
    ],
)
def test_bad_rows_of_themes_are_named(tmp_path: Path, content: str, said: list[str]) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("themes", path, "--json")
    assert (code, out) == (2, "")
    assert all(part in err for part in said), err


# ---- known


def test_known_finds_groups_of_the_same_product(tmp_path: Path, encoder: MiniLMEncoder) -> None:
    rows = [
        {"group": subject, "product": product, "text": text}
        for product in ("Web", "App")
        for subject in ("export", "login")
        for text in texts(subject)[:4]
    ]
    rows.append({"group": None, "product": "Web", "text": "How do I add a colleague from accounting to our workspace?"})
    found = evaluate_known.evaluate_known(write_jsonl(tmp_path / "rows.jsonl", rows), embedder=encoder)
    assert (found["n"], found["grouped"]) == (17, 16)
    assert found["recall_at_1"] == 1.0
    assert found["auc"] == 1.0
    assert found["recall"] == 1.0
    assert sum(found["verdicts"].values()) == 17


def test_scores_of_known_by_hand() -> None:
    outcomes = [
        Outcome(True, True, 0.9, Verdict.KNOWN),
        Outcome(True, False, 0.8, Verdict.PROBABLY),
        Outcome(True, True, 0.4, Verdict.NEW),
        Outcome(False, False, 0.1, Verdict.NEW),
    ]
    found = evaluate_known.score(outcomes, np.random.default_rng(0))
    assert (found["recall_at_1"], found["precision"], found["recall"]) == (2 / 3, 1 / 2, 1 / 3)
    assert (found["auc"], found["recall_at_precision_95"]) == (1.0, 1 / 3)
    assert found["verdicts"] == {"known": 1, "probably": 1, "new": 2, "not_enough_text": 0}


def test_singletons_alone_have_no_recall(tmp_path: Path) -> None:
    rows = [{"group": None, "product": "Web", "text": texts("export")[0]}]
    code, out, _ = run("known", write_jsonl(tmp_path / "rows.jsonl", rows), "--json")
    found = json.loads(out)
    assert code == 0
    assert [found[name] for name in ("recall_at_1", "auc", "recall", "precision")] == [None] * 4


def test_bad_rows_of_known_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"product": "Web", "text": "x"}\n\nnot json\n{"group": "a", "product": "", "text": "x"}\n', "utf-8"
    )
    code, out, err = run("known", path)
    assert (code, out) == (2, "")
    assert all(f"line {line}:" in err for line in (1, 3, 4))
    assert run("known", tmp_path / "missing.jsonl")[0] == 2


# ---- alerts


@pytest.fixture
def stream(tmp_path: Path) -> tuple[Path, Path]:
    """Two quiet days, then a subject that nobody has seen comes every half hour."""
    rows = [
        {"id": f"old{n}", "at": (START + timedelta(hours=6 * n)).isoformat(), "text": text}
        for n, text in enumerate(text for pair in zip(texts("export"), texts("login"), strict=True) for text in pair)
    ]
    begin = START + timedelta(days=2, hours=1)
    fresh = [
        {"id": n, "at": (begin + timedelta(minutes=30 * n)).isoformat(), "text": text, "segment": "pro"}
        for n, text in enumerate(texts("refund"))
    ]
    incident = {
        "id": "i1",
        "kind": "new",
        "factor": 8,
        "start": begin.isoformat(),
        "end": (begin + timedelta(days=1)).isoformat(),
        "ticket_ids": [row["id"] for row in fresh],
    }
    truth = tmp_path / "TRUTH.json"
    truth.write_text(json.dumps({"warmup_until": (START + timedelta(days=2)).isoformat(), "incidents": [incident]}))
    return write_jsonl(tmp_path / "STREAM.jsonl", [*rows, *fresh]), truth


def test_a_new_subject_raises_one_alert_with_its_fifth_ticket(stream: tuple[Path, Path]) -> None:
    code, out, _ = run("alerts", *stream, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["n"] == 24
    assert found["recall"] == 1.0
    new = found["by_kind"]["new"]
    assert (new["n"], new["delay_tickets"]) == (1, 5.0)
    assert new["delay_hours"] == pytest.approx(2.0 + 1 / 60)


def test_nothing_is_counted_before_its_time(stream: tuple[Path, Path], encoder: MiniLMEncoder) -> None:
    rows = evaluate_alerts.read_stream(stream[0])
    clock = SimulatedClock(rows[0].at)
    with throw_away(clock, embedder=encoder) as deps:
        found = evaluate_alerts.raised(deps, clock, rows)
    fresh = [place for place, row in enumerate(rows) if row.segments]
    (alarm,) = [one for one in found if not one.evidence.isdisjoint(fresh)]
    assert alarm.evidence == set(fresh[:5])
    assert all(max(rows[place].at for place in one.evidence) < one.at for one in found)


def test_tables_are_printed_for_people(stream: tuple[Path, Path]) -> None:
    code, out, _ = run("alerts", *stream)
    assert code == 0
    assert "false_alarms_per_week" in out
    assert "spike3x" in out


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("kind", "flood", "incident 1: kind is none of"),
        ("ticket_ids", ["nobody"], "incident 1: 1 ticket_ids are not in the stream"),
        ("start", "soon", "incident 1: start is not an ISO 8601 time"),
        ("ticket_ids", "all", "incident 1: ticket_ids is not a list"),
    ],
)
def test_a_bad_truth_is_named(stream: tuple[Path, Path], field: str, value: object, said: str) -> None:
    rows, truth = stream
    told = json.loads(truth.read_text())
    told["incidents"][0][field] = value
    truth.write_text(json.dumps(told))
    code, out, err = run("alerts", rows, truth, "--json")
    assert (code, out) == (2, "")
    assert said in err


def test_a_bad_stream_is_named(stream: tuple[Path, Path], tmp_path: Path) -> None:
    rows = tmp_path / "bad.jsonl"
    rows.write_text('{"id": 1, "at": "2026-01-01", "text": "x"}\n{"at": "2026-01-01", "text": "x"}\n[]\n', "utf-8")
    code, _, err = run("alerts", rows, stream[1])
    assert code == 2
    assert "line 2: id" in err
    assert "line 3: not a JSON object" in err
    rows.write_text('{"id": 1, "at": "2026-01-01", "text": "x"}\n' * 2, "utf-8")
    assert "ids that come twice: 1" in run("alerts", rows, stream[1])[2]


def test_the_interval_of_a_rate_is_garwoods() -> None:
    rate = poisson_rate(2, 2.0)
    assert rate.value == 1.0
    assert (rate.low * 2, rate.high * 2) == (pytest.approx(0.2422, abs=1e-4), pytest.approx(7.2247, abs=1e-4))
    assert poisson_rate(0, 4.0).low == 0.0


def test_what_was_not_counted_is_null() -> None:
    score = score_alerts([], [], {0: START}, START)
    found = figures(score, 0, 0.0)
    assert (found["recall"], found["false_alarms_per_week"], found["alerts"]) == (None, None, 0)
    assert set(found["by_kind"]) == {"new", "spike2x", "spike3x", "spike5x", "ramp"}
    assert found["by_kind"]["ramp"]["recall"] is None

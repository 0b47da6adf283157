"""`backtest`: past tickets under another rule, beside what was sent in truth; nothing of the workspace is touched."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from databases import NOW
from hypothesis import given
from hypothesis import strategies as st
from slack_world import encoder
from stored import RECEIPT, analysis, ticket

from bot.answers_alerts import Backtest
from bot.blocks import backtest as drawn
from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import alert_care, assign, preferences, resolve, rules
from bot.flows.ask import Asker, ask
from bot.flows.backtest import Asked, backtest
from bot.flows.replay import UNSENT, ReplayEvent, replay
from bot.grammar import Request, parse, render
from bot.jobs import build_registry
from bot.messenger import ConsoleMessenger
from bot.printing.show import show
from bot.rules import Rule, read, rule_of
from bot.settings import load_settings
from bot.verbs.filters import FILTERS, RULE
from intelligence.model import ChannelRole, PatternKind, Scope
from intelligence.replayed import Told, pairs
from intelligence.similarity import unit
from storage import alerts, analyses, vectors, workspaces

pytestmark = pytest.mark.timeout(900)  # three weeks with every night, once for the module

HERE = "T1"
SCOPE = Scope(HERE)
DAYS = 22
BEGAN = NOW - timedelta(days=DAYS)
VOLUME = {PatternKind.NEW, PatternKind.SPIKE, PatternKind.RAMP}


@dataclass
class Shop:
    """A workspace that lived through three weeks, known by vectors alone: two steady subjects, one
    that is new on day 15, a rise of one on day 19. Its alerts were raised by the flows of production as the tickets came.
    """

    deps: Deps
    clock: SimulatedClock
    said: ConsoleMessenger
    keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def come(self, subject: int, *, history: bool = False, **place: object) -> None:
        key, now = next(self.keys), self.clock.now()
        around = np.eye(self.deps.embedder.dim, dtype=np.float32)[subject]
        noise = self.rng.normal(0, 0.02, self.deps.embedder.dim).astype(np.float32)
        vector = unit((around + noise)[np.newaxis])[0]
        with self.deps.db.write() as session:
            made = ticket(session, f"k{key}", "", at=now, history=history, **place)
            analyses.store(session, HERE, made, analysis(evidence=(), critical=False, area=None), f"c{made}", now)
            vectors.store(session, HERE, made, self.deps.embedder.model, f"h{made}", vector)
        assign.assign_tickets(self.deps, HERE, [made])

    def live(self, **place: object) -> None:
        events: list[ReplayEvent] = []
        for day in range(DAYS):
            counts = {0: 4 if day < 19 or day > 20 else 24, 1: 3, 2: 5 if day == 15 else 0}
            for subject, count in counts.items():
                hours = np.linspace(4, 20, count) if count else []
                for hour in hours:
                    at = BEGAN + timedelta(days=day, hours=float(hour), minutes=subject)
                    events.append(ReplayEvent(at, partial(self.come, subject, **place)))
        registry = {**build_registry(self.deps), "send": UNSENT}
        events.sort(key=lambda event: event.at)
        replay(self.deps, events, self.clock, registry, workspace=HERE, until=NOW, step=timedelta(hours=1))

    def episodes(self) -> list[alerts.Episode]:
        with self.deps.db.read() as session:
            return [one for one in alerts.since(session, HERE, BEGAN) if one.kind in VOLUME]

    def asked(self, line: str, scope: Scope = SCOPE) -> Backtest:
        answer = ask(self.deps, Asker(scope, "operator"), parse(line))
        assert isinstance(answer, Backtest)
        return answer

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        with self.deps.db.engine.connect() as connection:
            names = sa.inspect(connection).get_table_names()
            return {name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")] for name in names}


def a_shop(folder: Path, template: Path) -> Shop:
    clock, said = SimulatedClock(BEGAN), ConsoleMessenger()
    shutil.copy(template, folder / "shop.db")
    settings = load_settings(None, database_url=f"sqlite:///{folder}/shop.db", workspace=HERE, admins="U0ADMIN")
    deps = build_deps(settings, clock=clock, messenger=said, embedder=encoder())
    with deps.db.write() as session:
        workspaces.ensure(session, HERE, BEGAN)
        workspaces.update(session, HERE, shadow=False)
        workspaces.put_channel(session, HERE, "CENG", name="eng", member=True)
        workspaces.choose_channel(session, HERE, "CENG", role=ChannelRole.ENGINEERING, by="U0", now=BEGAN)
    return Shop(deps, clock, said)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The database file after the three weeks."""
    folder = tmp_path_factory.mktemp("lived")
    shop = a_shop(folder, sqlite_template)
    shop.live()
    shop.deps.close()
    with sa.create_engine(f"sqlite:///{folder}/shop.db").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "shop.db"


@pytest.fixture
def shop(tmp_path: Path, lived: Path) -> Iterator[Shop]:
    made = a_shop(tmp_path, lived)
    made.clock.set(NOW)
    yield made
    made.deps.close()


@pytest.fixture(scope="module")
def judged(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backtest]:
    """A stricter rule over the days on which people had judged alerts and resolved a theme."""
    shop = a_shop(tmp_path_factory.mktemp("judged"), lived)
    shop.clock.set(NOW)
    spike = next(one for one in shop.episodes() if one.kind is PatternKind.SPIKE)
    new = next(one for one in shop.episodes() if one.kind is PatternKind.NEW and one.theme_id == 3)
    alert_care.useful(shop.deps, HERE, spike.id, "U0ANN")
    alert_care.own(shop.deps, HERE, spike.id, "U0ANN")
    alert_care.not_useful(shop.deps, HERE, new.id, "U0ANN", "noise")
    resolve.resolve_theme(shop.deps, SCOPE, "TI-1", "4.2", by="U0ANN")
    yield shop.asked("backtest 30d new=9 budget=0.1")
    shop.deps.close()


def test_the_rule_in_force_gives_the_alerts_that_were_sent(shop: Shop) -> None:
    before = shop.rows()
    sent = shop.episodes()
    assert {PatternKind.NEW, PatternKind.SPIKE} <= {one.kind for one in sent}
    shown = shop.asked("backtest 30d")
    assert len(shown.alerts) == len(sent)
    assert all(one.sent and one.present for one in shown.alerts)
    assert [one.kind for one in shown.alerts] == [one.kind for one in reversed(sent)]
    for ours, theirs in zip(shown.alerts, reversed(sent), strict=True):
        assert ours.theme is not None
        assert ours.theme.id == theirs.theme_id
        assert abs(ours.at - theirs.opened_at) <= timedelta(hours=1)
    assert (shown.lost, shown.rule) == ((), shown.present)
    assert not shown.adopt
    assert any("in the first 14 days only new patterns" in note for note in shown.notes)
    assert any("No alert of these days was marked" in note for note in shown.notes)
    assert shop.rows() == before, "nothing of the workspace changes"


def test_a_stricter_rule_gives_fewer_and_says_what_is_missing(judged: Backtest) -> None:
    found = judged.comparison
    assert 0 < len(judged.alerts) < found.present
    assert found.asked == len(judged.alerts)
    assert all(one.sent and one.present for one in (*judged.alerts, *judged.lost))
    assert len(judged.alerts) + len(judged.lost) == found.present
    assert (PatternKind.NEW, "TI-3") in {(one.kind, one.theme.key) for one in judged.lost if one.theme}
    assert (judged.rule, judged.present) == ("spike=2 new=9 budget=0.1", "spike=2 new=5 budget=2")


def test_what_people_said_is_laid_beside_and_counted(judged: Backtest) -> None:
    found = judged.comparison
    assert (found.useful, found.useful_kept, found.not_useful, found.not_useful_kept) == (1, 1, 1, 0)
    kept = next(one for one in judged.alerts if one.kind is PatternKind.SPIKE)
    assert (kept.fate.verdict, kept.fate.owner, kept.fate.release) == ("useful", "U0ANN", "4.2")
    gone = next(one for one in judged.lost if one.theme and one.theme.key == "TI-3")
    assert (gone.fate.verdict, gone.fate.reason) == ("not_useful", "noise")
    shown = str(drawn.backtest(judged).blocks)
    assert "1 of 1 marked useful kept, 1 of 1 marked not useful gone" in shown
    assert "owned by <@U0ANN>" in shown and "resolved 12 Jan 2026 in 4.2" in shown
    assert not any("you must judge" in note for note in judged.notes)


def test_the_terminal_prints_every_part(judged: Backtest, capsys: pytest.CaptureFixture[str]) -> None:
    show(judged)
    out = capsys.readouterr().out
    assert "spike=2 new=9 budget=0.1" in out and "would be missing" in out and "settings rule" in out


def test_an_admin_takes_the_rule_and_gives_it_back(shop: Shop) -> None:
    done = preferences.change(shop.deps, HERE, "rule", "spike=3 budget=1", by="U0ADMIN")
    assert done.text == "Rule: spike=3 budget=1."
    assert done.details == ("Before: as the operator set it; `settings rule none` takes it back",)
    with shop.deps.db.read() as session:
        assert rules.in_force(shop.deps, session, HERE) == Rule(3.0, 5, 1.0)
        assert workspaces.audit_trail(session, HERE)[0].subject == "rule"
    again = preferences.change(shop.deps, HERE, "rule", "new=7", by="U0ADMIN")
    assert again.details == ("Before: spike=3 budget=1; `settings rule spike=3 budget=1` takes it back",)
    preferences.change(shop.deps, HERE, "rule", "none", by="U0ADMIN")
    with shop.deps.db.read() as session:
        assert rules.in_force(shop.deps, session, HERE) == Rule(2.0, 5, 2.0)


def test_a_window_is_warmed_up_by_the_days_before_it_under_the_rule_that_was_taken(shop: Shop) -> None:
    preferences.change(shop.deps, HERE, "rule", "new=9 budget=0.1", by="U0ADMIN")
    shown = shop.asked("backtest 8d")
    assert shown.before > 0
    assert shown.rule == shown.present == "spike=2 new=9 budget=0.1"
    assert [one.kind for one in shown.alerts] == [PatternKind.SPIKE]
    assert shown.alerts[0].expected is not None
    assert shown.weeks == pytest.approx(8 / 7)


def test_history_would_alert_here_and_is_said_never_to_have_done_so_live(shop: Shop) -> None:
    with shop.deps.db.write() as session:
        session.execute(sa.text("UPDATE tickets SET history = 1"))
        session.execute(sa.text("DELETE FROM alerts"))
    shown = shop.asked("backtest 30d")
    assert shown.alerts and not any(one.sent for one in shown.alerts)
    assert any("came as history, which never alerted live" in note for note in shown.notes)


def test_tickets_of_closed_places_are_for_those_who_see_them(shop: Shop) -> None:
    with shop.deps.db.write() as session:
        session.execute(sa.text("UPDATE tickets SET visibility = 'private', channel_id = 'CSECRET'"))
    outside = Scope(HERE, "U0OUT", frozenset())
    with pytest.raises(BadInput, match="I have read 0 tickets"):
        backtest(shop.deps, outside, Asked("30d"), by="U0OUT")
    for _ in range(6):
        shop.come(5)
    shop.clock.advance(timedelta(minutes=1))
    few = backtest(shop.deps, outside, Asked("30d"), by="U0OUT")
    assert few.tickets == 6
    assert few.lost == ()
    assert {one.theme.key for one in few.alerts if one.theme} <= {"TI-4"}
    assert any("in places that you may not see are left out" in note for note in few.notes)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("backtest 999d", "too long for a backtest"),
        ("backtest 2030-W02", "no rule alerts on fewer than 5"),
    ],
)
def test_a_period_that_tells_nothing_is_refused(shop: Shop, line: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        shop.asked(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("backtest spike=1", "from 1.2 to 20"),
        ("backtest spike=nan", "spike=nan"),
        ("backtest new=5.5", "a whole number from 3 to 50"),
        ("backtest budget=-1", "budget=-1"),
        ("backtest budget=", "needs a value"),
        ("backtest spike=2 spike=3", "spike is there twice"),
        ("backtest ratchet=2", "It takes `backtest"),
        ("themes spike=2", "I do not understand"),
    ],
)
def test_bad_numbers_are_named_with_their_range(line: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(line)
    assert said in caught.value.sentence


@pytest.mark.parametrize("text", ["spike", "spike=2 ratio=3", "colour=2", "", "spike=99", "new=4.5", "spike==2"])
def test_a_rule_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


def _amount(name: str) -> st.SearchStrategy[str]:
    allowed = FILTERS[name].number
    assert allowed is not None
    if allowed.whole:
        return st.integers(int(allowed.least), int(allowed.most)).map(str)
    digits = st.decimals(str(allowed.least), str(allowed.most), places=2, allow_nan=False).map(str)
    return st.one_of(digits, digits.map(lambda text: text.replace(".", ",")))


NUMBERS = st.fixed_dictionaries({}, optional={name: _amount(name) for name in RULE})


@given(NUMBERS, st.sampled_from(["", "90d", "2026-W02"]), st.sampled_from("=:"), st.randoms())
def test_the_numbers_may_stand_anywhere_and_mean_the_same(said, period: str, sign: str, random) -> None:
    words = [*(f"{name}{sign}{value}" for name, value in said.items()), *([period] if period else [])]
    random.shuffle(words)
    request = parse(" ".join(["backtest", *words]))
    assert request.verb == "backtest"
    assert {name: float(value) for name, value in request.filters.items()} == {
        name: float(value.replace(",", ".")) for name, value in said.items()
    }
    assert request.args == ({"period": period} if period else {})
    assert parse(render(request)) == request


@given(NUMBERS)
def test_a_rule_reads_what_it_writes(said) -> None:
    settings = load_settings(None)
    rule = rule_of(settings, {name: float(value.replace(",", ".")) for name, value in said.items()})
    assert rule_of(settings, read(str(rule))) == rule
    line = f"settings rule {rule}"
    assert parse(line) == Request("settings", {"name": "rule", "value": str(rule)})
    assert parse(render(parse(line))) == parse(line)


TOLD = st.builds(
    Told,
    st.just(PatternKind.SPIKE),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 2, 1)),  # noqa: DTZ001
    st.frozensets(st.integers(1, 12), min_size=1, max_size=8),
    st.just(RECEIPT),
)


@given(st.lists(TOLD, max_size=8), st.lists(TOLD, max_size=8))
def test_pairs_are_one_to_one_and_the_same_both_ways(ours: list[Told], theirs: list[Told]) -> None:
    found = pairs(ours, theirs)
    assert len(set(found.values())) == len(found)
    assert pairs(ours, ours) == {place: place for place in range(len(ours))} or len(set(ours)) < len(ours)
    for here, there in found.items():
        assert ours[here].tickets & theirs[there].tickets

"""Several identical processes on one database: what one changes the others see, and what each would ring rings once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import numpy as np
import pytest
from databases import NOW
from slack_world import encoder
from sqlmodel import Session
from stored import analysis, ticket, workspace

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import analyze, ingest, preferences, rules
from bot.flows.assign import assign_tickets
from bot.schedule import TICKS, Schedule
from bot.settings import load_settings
from intelligence.model import Area, Source
from intelligence.similarity import unit
from storage import analyses, areas, lessons, memberships, messages, queue, themes, tickets, turns, vectors
from storage.engine import Database

HERE = "T1"


@pytest.fixture
def processes(database_url: str) -> Iterator[tuple[Deps, Deps, Deps]]:
    """Three processes' worth of Deps: nothing is shared between them but the database and the encoder."""
    settings = load_settings(None, database_url=database_url, workspace=HERE, timezone="Europe/Berlin")
    with ExitStack() as ends:
        made = [build_deps(settings, clock=SimulatedClock(NOW), embedder=encoder()) for _ in range(3)]
        for one in made:
            ends.callback(one.close)
        with made[0].db.write() as session:
            workspace(session)
        yield made[0], made[1], made[2]


def alike_ticket(deps: Deps, key: str) -> int:
    """A read ticket whose vector is the same as that of every other."""
    flat = unit(np.ones((1, deps.embedder.dim), np.float32))[0]
    with deps.db.write() as session:
        made = ticket(session, key)
        analyses.store(session, HERE, made, analysis(evidence=()), f"c{made}", NOW)
        vectors.store(session, HERE, made, deps.embedder.model, f"h{made}", flat)
    return made


def assigned(deps: Deps, *ticket_ids: int) -> set[int]:
    return set(assign_tickets(deps, HERE, ticket_ids, alerts=False, names=False).values())


def remembered(deps: Deps) -> set[int]:
    """The tickets of the picture that an assignment in this process would decide on."""
    with deps.memory.open(deps.db, HERE, NOW, birth=lambda _: 0) as (_, picture):
        return set(picture.rows.members().ticket_ids.tolist())


def test_a_theme_born_in_one_process_takes_the_tickets_of_the_others(processes: tuple[Deps, Deps, Deps]) -> None:
    one, other, third = processes
    assert assigned(other, *(alike_ticket(other, f"a{n}") for n in range(4))) == set()
    born = assigned(one, *(alike_ticket(one, f"b{n}") for n in range(4)))
    assert len(born) == 1
    for number, process in enumerate((other, third, one, other)):
        assert assigned(process, alike_ticket(process, f"c{number}")) == born
    with one.db.read() as session:
        assert len(themes.load(session, HERE)) == 1


def test_what_goes_in_one_process_is_gone_in_the_others(processes: tuple[Deps, Deps, Deps]) -> None:
    """A message deleted in Slack takes its ticket out of every process's picture."""
    one, other, _ = processes
    made = [alike_ticket(one, f"k{n}") for n in range(2)]
    assert remembered(one) == remembered(other) == set(made)
    with one.db.write() as session:
        known = messages.find(session, HERE, Source.SLACK, "k0")
        assert known is not None
        ingest.forget_message(one, session, HERE, "k0", known)
    assert remembered(other) == remembered(one) == {made[1]}


def test_two_processes_decide_on_a_workspace_one_after_the_other(processes: tuple[Deps, Deps, Deps]) -> None:
    """Both begin at once with a picture of the same age: the second one sees what the first one decided."""
    one, other, _ = processes
    assert remembered(one) == remembered(other) == set()
    first = [alike_ticket(one, f"a{n}") for n in range(5)]
    late = alike_ticket(other, "late")
    inside, homes = threading.Event(), list[set[int]]()

    def second() -> None:
        inside.wait(10)
        homes.append(assigned(other, late))

    thread = threading.Thread(target=second)
    thread.start()
    with one.memory.open(one.db, HERE, NOW, birth=_birth) as (session, picture):
        inside.set()
        found = vectors.of(session, one.embedder.model, first)
        decided = picture.index.assign_batch(
            np.stack([found[t] for t in first]), np.full(len(first), NOW.timestamp()), np.array(first, np.int64)
        )
        born = {d.theme for d in decided if hasattr(d, "theme")}
        thread.join(0.3)  # it waits for us
        assert homes == []
        memberships.place_many(session, HERE, [(t, next(iter(born)), 1.0) for t in first], NOW)
    thread.join(10)
    assert homes == [born]


def _birth(session: Session) -> int:
    return themes.give_birth(session, HERE, NOW, first_at=NOW, title="born")


def test_three_alarm_clocks_make_each_tick_one_job(processes: tuple[Deps, Deps, Deps]) -> None:
    woken: list[int] = []
    clocks = [Schedule(deps, lambda _tick: [HERE], lambda: woken.append(1)) for deps in processes]
    for hours in range(30):  # over a day, 02:00 included
        for deps in processes:
            deps.clock.set(  # pyright: ignore[reportAttributeAccessIssue]
                NOW + timedelta(hours=hours)
            )
        ringing = [threading.Thread(target=clock.ring_missed) for clock in clocks]
        for thread in ringing:
            thread.start()
        for thread in ringing:
            thread.join(20)
    with processes[0].db.read() as session:
        rung = [job for job in queue.listing(session, limit=1000) if job.key.startswith("schedule:")]
    by_name = {tick.job: sum(job.job == tick.job for job in rung) for tick in TICKS}
    assert by_name == {tick.job: 30 if tick.hour == "*" else 2 for tick in TICKS}
    assert len(woken) == len(rung)


def test_a_lesson_learned_in_one_process_reads_in_the_others(processes: tuple[Deps, Deps, Deps]) -> None:
    one, other, _ = processes
    before = other.readers.of(HERE)
    assert other.readers.of(HERE) is before
    with one.db.write() as session:
        lessons.store(session, HERE, None, [], before=0, after=0, now=NOW)
    assert other.readers.of(HERE) is not before


def test_preferences_and_areas_of_one_process_hold_in_the_others(processes: tuple[Deps, Deps, Deps]) -> None:
    one, other, _ = processes
    with other.db.read() as session:
        assert rules.in_force(other, session, HERE).spike != 3.5
        assert areas.load(session, HERE) == ()
    preferences.change(one, HERE, "rule", "spike=3.5", by="U1")
    with one.db.write() as session:
        areas.save(session, HERE, [Area("Billing", words=("invoice",))], by="U1", now=NOW)
    with other.db.read() as session:
        assert rules.in_force(other, session, HERE).spike == 3.5
        assert [area.name for area in areas.load(session, HERE)] == ["Billing"]


def test_a_ticket_that_two_processes_read_at_once_is_read_once(processes: tuple[Deps, Deps, Deps]) -> None:
    one, other, _ = processes
    with one.db.write() as session:
        made = [ticket(session, f"k{n}", f"The export stops at row {n}") for n in range(3)]
    ours, theirs = (analyze.gather(process, HERE, made) for process in (one, other))
    assert analyze.conclude(one, HERE, ours) == analyze.conclude(other, HERE, theirs) == 3
    with one.db.read() as session:
        assert analyses.readings(session, HERE) == 3


def test_two_messages_at_once_make_one_person_and_one_thread_one_ticket(postgres_database: Database) -> None:
    """Looking whether something is there and making it is one step, as with SQLite's single writer."""
    waited: list[bool] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with postgres_database.write() as session:
            turns.take_turn(session, turns.arrivals(HERE))
            waited.append(tickets.find(session, HERE, Source.SLACK, "C1/1.0") is not None)

    thread = threading.Thread(target=second)
    with postgres_database.write() as session:
        workspace(session)
        turns.take_turn(session, turns.arrivals(HERE))
        thread.start()
        inside.set()
        thread.join(0.3)
        assert waited == []
        ticket(session, "C1/1.0")
    thread.join(10)
    assert waited == [True]

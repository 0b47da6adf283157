"""Whoever looks at everything lets others write meanwhile; what was found is written in short transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from office import HERE, Office, an_office
from sqlmodel import Session
from test_detect_flow import embed_all, history

from bot.flows import assign, detect, naming, nightly
from bot.memory import ThemeMemory
from intelligence import patterns
from intelligence.similarity import unit
from intelligence.themes.index import ThemeIndex
from storage import alerts, memberships, queue, themes, vectors, workspaces
from storage.engine import Database


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as found:
        history(found, "admin")
        embed_all(found)
        yield found


class Watched:
    """A database that knows whether a transaction of ours holds its one writer."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.writing = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.writing += 1
        try:
            with self._db.write() as session:
                yield session
        finally:
            self.writing -= 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def test_detection_over_the_archive_thinks_outside_of_a_transaction(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(office.deps.db)
    deps = replace(office.deps, db=watched)  # pyright: ignore[reportArgumentType]
    thought: list[str] = []

    def outside(name: str) -> None:
        real = getattr(detect, name)

        def think(*values: Any, **named: Any) -> Any:
            assert not watched.writing, f"{name} holds the writer"
            with office.deps.db.intake() as session:  # a delivery is stored meanwhile: it raises where it may not
                queue.enqueue(session, "ingest", {}, key=f"meanwhile:{name}", now=office.clock.now())
            thought.append(name)
            return real(*values, **named)

        monkeypatch.setattr(detect, name, think)

    for name in ("detect", "concentrations", "rising_pairs"):
        outside(name)
    assert detect.detect is not patterns.detect
    with office.deps.db.write() as session:
        workspaces.put_state(session, HERE, nightly.TIDIED, {"at": office.clock.now().isoformat(), "tickets": 9999},
                             office.clock.now())  # fmt: skip
    nightly.nightly(deps, HERE)
    assert thought == ["detect", "concentrations", "rising_pairs"]
    with office.deps.db.read() as session:
        assert len(alerts.since(session, HERE, office.clock.now())) == 1  # and what it found is told


def test_the_picture_of_all_themes_is_built_outside_of_a_transaction(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a start, a night or an edit; where somebody changes a theme meanwhile, what they did is in it."""
    watched = Watched(office.deps.db)
    real, built = ThemeIndex.build, list[bool]()

    def build(*values: Any, **named: Any) -> ThemeIndex:
        if not built:
            with office.deps.db.intake() as session:
                memberships.touched(session, HERE)
        built.append(bool(watched.writing))
        return real(*values, **named)

    monkeypatch.setattr(ThemeIndex, "build", build)
    memory = ThemeMemory(office.deps.embedder)
    for expected in ([False, True], [], [False]):  # changed meanwhile; nothing changed; changed before
        before = len(built)
        with memory.open(watched, HERE, office.clock.now(), birth=lambda _: 0):  # pyright: ignore[reportArgumentType]
            pass
        assert built[before:] == expected
        if not expected:
            with office.deps.db.write() as session:
                memberships.touched(session, HERE)


def test_what_arrives_is_looked_at_outside_of_a_transaction(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(office.deps.db)
    deps = replace(office.deps, db=watched)  # pyright: ignore[reportArgumentType]
    looked: list[bool] = []
    real = detect.detect

    def look(*values: Any, **named: Any) -> Any:
        looked.append(bool(watched.writing))
        return real(*values, **named)

    monkeypatch.setattr(detect, "detect", look)
    with office.deps.db.write() as session:
        made = office.ticket(session)
        vectors.store(
            session, HERE, made, deps.embedder.model, "h", unit(np.ones((1, deps.embedder.dim), np.float32))[0]
        )
    assign.assign_tickets(deps, HERE, [made])
    assert looked == [False]


@pytest.mark.parametrize("changed", [False, True])
def test_a_newborn_theme_is_named_outside_of_a_transaction(
    office: Office, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    """Where a word may have gone meanwhile it is thought again within, over what is left."""
    watched = Watched(office.deps.db)
    deps = replace(office.deps, db=watched)  # pyright: ignore[reportArgumentType]
    thought: list[bool] = []
    real = naming.name_themes

    def think(*values: Any, **named: Any) -> Any:
        if not thought:
            with office.deps.db.intake() as session:  # a delivery is stored meanwhile: it raises where it may not
                queue.enqueue(session, "ingest", {}, key="meanwhile", now=office.clock.now())
                if changed:
                    memberships.touched(session, HERE)
        thought.append(bool(watched.writing))
        return real(*values, **named)

    monkeypatch.setattr(naming, "name_themes", think)
    with office.deps.db.write() as session:
        made = [office.ticket(session, text="The invoice export stops at page nine") for _ in range(8)]
        one = unit(np.ones((1, deps.embedder.dim), np.float32))[0]
        for ticket in made:
            vectors.store(session, HERE, ticket, deps.embedder.model, "h", one)
    finished: list[bool] = []
    homes = assign.assign_tickets(
        deps, HERE, made, alerts=False, finish=lambda _: finished.append(bool(watched.writing))
    )
    assert len(set(homes.values())) == 1
    assert finished == [True]
    assert thought == ([False, True] if changed else [False])
    with office.deps.db.read() as session:
        assert themes.titles(session, HERE)[homes[made[0]]][0] != naming.UNNAMED


def test_a_theme_whose_naming_was_interrupted_is_named_at_the_next_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.deps.db.write() as session:
        made = [office.ticket(session, text="The invoice export stops at page nine") for _ in range(5)]
        one = unit(np.ones((1, office.deps.embedder.dim), np.float32))[0]
        for ticket in made:
            vectors.store(session, HERE, ticket, office.deps.embedder.model, "h", one)

    def dies(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(naming, "name_themes", dies)
        with pytest.raises(KeyboardInterrupt):
            assign.assign_tickets(office.deps, HERE, made)
    homes = assign.assign_tickets(office.deps, HERE, made)
    assert len(set(homes.values())) == 1
    with office.deps.db.read() as session:
        assert themes.titles(session, HERE)[homes[made[0]]][0] != naming.UNNAMED

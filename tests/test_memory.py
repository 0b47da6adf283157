"""The pictures of themes: who forgets one within a transaction never waits for who builds one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from office import HERE, an_office
from sqlmodel import Session

from storage import memberships, themes, workspaces

OTHER = "T2"


def test_forgetting_within_a_transaction_does_not_wait_for_a_picture_that_waits_for_the_database(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with an_office(tmp_path, sqlite_template) as office:
        deps, now = office.deps, office.clock.now()

        def birth(session: Session) -> int:
            return themes.give_birth(session, HERE, now, first_at=now, title="Born")

        opened: list[object] = []

        def build() -> None:
            with deps.memory.open(deps.db, HERE, now, birth=birth) as (_session, picture):
                opened.append(picture)

        build()
        building = threading.Thread(target=build)
        with deps.db.write() as session:
            session.connection()  # takes the database's lock
            building.start()
            deadline = time.monotonic() + 5
            while deps.memory._lock(HERE).acquire(blocking=False) and time.monotonic() < deadline:
                deps.memory._lock(HERE).release()
                time.sleep(0.005)
            forgetting = threading.Thread(target=deps.memory.forget, args=(HERE,), daemon=True)
            forgetting.start()
            forgetting.join(5)
            assert not forgetting.is_alive()
        building.join(10)
        assert len(opened) == 2
        assert opened[0] is not opened[1], "what was forgotten is built anew"


def test_pictures_of_two_workspaces_are_open_at_once_with_births_of_their_own(
    tmp_path: Path, sqlite_template: Path
) -> None:
    with an_office(tmp_path, sqlite_template) as office:
        deps, now = office.deps, office.clock.now()
        with deps.db.write() as session:
            workspaces.ensure(session, OTHER, now)
        with (
            deps.memory._lock(HERE),
            deps.memory.open(deps.db, OTHER, now, birth=lambda _session: 7) as (_session, _picture),
        ):
            assert deps.memory._next_theme(OTHER) == 7
        with deps.db.read() as session:
            assert memberships.version(session, OTHER) == 1

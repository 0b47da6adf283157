"""A backup is one moment of the database, complete, also while others write; and a restored one goes on."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from databases import NOW
from stored import HERE, ticket, workspace

from bot.cli import main
from storage import outbox, schema
from storage.backup import back_up
from storage.engine import Database


@pytest.fixture
def db(tmp_path: Path, sqlite_template: Path) -> Database:
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    made = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    with made.write() as session:
        workspace(session)
    yield made
    made.close()


def test_a_copy_made_under_load_is_one_moment_of_it(db: Database, tmp_path: Path) -> None:
    over, written = threading.Event(), [0]

    def load() -> None:
        while not over.is_set():
            with db.write() as session:
                for _ in range(5):  # five tickets a transaction: no copy may hold a part of one
                    written[0] += 1
                    ticket(session, f"k{written[0]}")

    writer = threading.Thread(target=load)
    writer.start()
    try:
        while written[0] < 20:
            over.wait(0.01)
        before = written[0] - 5
        back_up(db, tmp_path / "copy.db")
    finally:
        over.set()
        writer.join()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        count = copy.execute("SELECT count(*) FROM tickets").fetchone()[0]
        assert copy.execute("SELECT count(*) FROM messages").fetchone()[0] == count
    assert count % 5 == 0
    assert before <= count <= written[0]
    restored = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    assert schema.revision(restored) == schema.head()
    with restored.write() as session:
        ticket(session, "after the restore")
    restored.close()
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0, "nobody else may read words of customers"


def test_a_letter_that_waited_is_looked_up_before_it_is_sent_again(db: Database, tmp_path: Path) -> None:
    with db.write() as session:
        made = outbox.write(session, HERE, "alert:1:post", lane="C1", method="alert.post", payload={}, now=NOW)
    back_up(db, tmp_path / "copy.db")
    assert made is not None
    for place, attempts in ((db, 0), (Database(f"sqlite:///{tmp_path / 'copy.db'}"), 1)):
        with place.read() as session:
            letter = outbox.get(session, made)
        assert letter is not None
        assert letter.attempts == attempts
        place.close()


def test_the_command_says_what_was_copied_and_what_is_wrong(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", db.url)
    for words, code, says in (
        (["backup", "copy.db"], 0, "is copied to copy.db"),
        (["backup", "copy.db"], 2, "copy.db is there already"),
        (["backup", "nowhere/copy.db"], 2, "No such file"),
    ):
        with pytest.raises(SystemExit) as left:
            main(words)
        shown = capsys.readouterr()
        assert (left.value.code or 0) == code
        assert says in shown.out + shown.err
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SystemExit) as left:
        main(["backup", "other.db"])
    assert left.value.code == 1
    assert not (tmp_path / "other.db").exists()

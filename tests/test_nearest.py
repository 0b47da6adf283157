"""The nearest tickets: the same from memory, from pgvector one by one and from its index, and by the right one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from databases import NOW
from numpy.typing import NDArray
from sqlmodel import Session, col
from stored import ticket, workspace

from intelligence.model import DecidedBy, RequestVerdict, Scope, Source, TicketState, Visibility
from intelligence.similarity import unit
from storage import memberships, nearest, schema, themes, vectors
from storage.engine import Database
from storage.nearest import Among, Near
from storage.tables import TicketRow, VectorRow

HERE, MODEL, DIM = "T1", "m", 384
HALF = 0.002  # what rounding to float16 may change in a similarity
AMONG = Among(HERE, MODEL)


def directions(count: int, seed: int) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32))


QUESTION = directions(1, 99)[0]
HIDDEN = set[int]()  # tickets of a channel that the asker is not in


def near_the_question(count: int, seed: int) -> NDArray[np.float32]:
    """Vectors of all similarities to the question, most of them low."""
    share = np.linspace(0.0, 0.95, count, dtype=np.float32)[:, None]
    return unit(share * QUESTION + np.sqrt(1 - share**2) * directions(count, seed))


def fill(session: Session, count: int, *, homes: int = 4) -> list[int]:
    """Tickets an hour apart, each second one in one of the themes."""
    workspace(session, HERE)
    places = [themes.give_birth(session, HERE, NOW, first_at=NOW, title=f"theme {n}") for n in range(homes)]
    plain = {"workspace_id": HERE, "source": Source.SLACK, "state": TicketState.OPEN, "visibility": Visibility.PUBLIC,
             "request": RequestVerdict.REQUEST, "request_by": DecidedBy.MACHINE, "updated_at": NOW, "subject": "", "segments": {}}  # fmt: skip
    rows = [plain | {"at": NOW - timedelta(hours=number)} for number in range(count)]
    numbered = sa.insert(TicketRow).returning(col(TicketRow.id), sort_by_parameter_order=True)
    made = list(session.execute(numbered, rows).scalars())
    kept = zip(made, near_the_question(count, 7), strict=True)
    stored = [
        {"workspace_id": HERE, "ticket_id": one, "model": MODEL, "text_hash": "h", "embedding": v} for one, v in kept
    ]
    session.execute(sa.insert(VectorRow), stored)
    homes_of = [(one, places[number // 2 % homes], 1.0) for number, one in enumerate(made) if number % 2]
    memberships.place_many(session, HERE, homes_of, NOW)
    return made


def by_hand(session: Session, among: Among) -> list[Near]:
    rows = vectors.members(session, among.workspace, among.model, DIM)
    scores = rows.vectors @ QUESTION
    found = [
        Near(int(one), int(theme), float(score))
        for one, theme, at, score in zip(rows.ticket_ids, rows.theme_ids, rows.times, scores, strict=True)
        if (among.themes is None or theme in among.themes)
        and (not among.themed or theme)
        and one != among.without
        and (among.seen_by is None or one not in HIDDEN)
        and (among.since is None or at >= among.since.timestamp())
    ]
    return sorted(found, key=lambda near: -near.similarity)


def same(found: list[Near], expected: list[Near]) -> None:
    assert [near.theme_id for near in found] == [near.theme_id for near in expected]
    assert [near.ticket_id for near in found] == [near.ticket_id for near in expected]
    assert np.allclose([n.similarity for n in found], [n.similarity for n in expected], atol=HALF)


def test_every_question_has_the_answer_that_comparing_by_hand_gives(database: Database) -> None:
    with database.write() as session:
        made = fill(session, 60)
        HIDDEN.clear()
        HIDDEN.update(made[::3])
        closed = {"visibility": Visibility.PRIVATE, "channel_id": "CCLOSED"}
        session.execute(sa.update(TicketRow).where(col(TicketRow.id).in_(HIDDEN)).values(closed))
        other = ticket(session, "other model", "x", place=HERE)
        vectors.store(session, HERE, other, "another model", "h", np.ones(4, np.float32) / 2)
        workspace(session, "T2")
        foreign = ticket(session, "k", "x", place="T2")
        vectors.store(session, "T2", foreign, MODEL, "h", QUESTION)
    with database.read() as session:
        some = sorted({near.theme_id for near in by_hand(session, AMONG) if near.theme_id})[:2]
        for among in (
            AMONG,
            replace(AMONG, themed=True),
            replace(AMONG, without=made[-1]),
            replace(AMONG, themes=some),
            replace(AMONG, themes=[]),
            replace(AMONG, since=NOW - timedelta(hours=20), themed=True),
            replace(AMONG, seen_by=Scope(HERE, "U1", frozenset({"COPEN"}))),
        ):
            expected = by_hand(session, among)
            same(nearest.nearest(session, among, QUESTION, limit=10), expected[:10])
            assert nearest.how_many(session, among) == len(expected)
            close = [near for near in expected if near.similarity >= 0.5]
            same(nearest.alike(session, among, QUESTION, at_least=0.5), close)
            few = [
                near for place, near in enumerate(close) if [n.theme_id for n in close[:place]].count(near.theme_id) < 2
            ]
            assert not among.themes or len(few) < len(close)
            same(nearest.alike(session, among, QUESTION, at_least=0.5, each=2), few)
            ranked = list(dict.fromkeys(near.theme_id for near in expected if near.theme_id))
            assert nearest.themes_by_nearest(session, among, QUESTION) == ranked


def test_vectors_stand_in_the_order_they_were_asked_for(database: Database) -> None:
    with database.write() as session:
        made = fill(session, 12)
        bare = ticket(session, "without a vector", "x", place=HERE)
    with database.read() as session:
        known = vectors.of(session, MODEL, made)
        asked = [made[5], bare, made[0], made[11]]
        rows = vectors.matrix(session, MODEL, asked, DIM)
        expected = [known.get(one, np.zeros(DIM)).tolist() for one in asked]
        assert rows.tolist() == expected
        assert vectors.matrix(session, MODEL, [], DIM).shape == (0, DIM)


def explained(session: Session, among: Among, *, limit: int = 10) -> str:
    query = nearest.plan(session, among, QUESTION, limit=limit)
    compiled = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    processed = compiled.construct_params()
    for name, process in compiled._bind_processors.items():
        processed[name] = process(processed[name])
    lines = session.connection().exec_driver_sql(f"EXPLAIN {compiled}", processed).scalars()
    return "\n".join(lines)


@pytest.fixture
def many(postgres_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Beyond the number from which the index answers, which is low here."""
    monkeypatch.setattr(nearest, "EXACT_BELOW", 100)
    with postgres_database.write() as session:
        fill(session, 1500)
    with postgres_database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return postgres_database


def test_few_are_compared_one_by_one_and_many_by_the_index_with_the_same_answers(many: Database) -> None:
    with many.read() as session:
        theme = next(near.theme_id for near in by_hand(session, AMONG) if near.theme_id)
        young = replace(AMONG, since=NOW - timedelta(hours=90))
        assert "CTE Scan on found" in explained(session, young)
        assert "hnsw_vectors_384" not in explained(session, young)
        for among in (AMONG, replace(AMONG, themed=True), replace(AMONG, themes=[theme])):
            assert "Index Scan using hnsw_vectors_384" in explained(session, among)
            found, exact = nearest.nearest(session, among, QUESTION, limit=20), by_hand(session, among)[:20]
            shared = {near.ticket_id for near in found} & {near.ticket_id for near in exact}
            assert len(found) == 20
            assert len(shared) >= 19  # the index is approximate
            assert [n.similarity for n in found] == sorted((n.similarity for n in found), reverse=True)
        same(nearest.nearest(session, young, QUESTION, limit=20), by_hand(session, young)[:20])


def test_vectors_stored_before_are_the_same_bits_after_the_migration(postgres_database: Database) -> None:
    kept = near_the_question(5, 3)
    with postgres_database.write() as session:
        workspace(session, HERE)
        made = [ticket(session, f"k{n}", "x", place=HERE) for n in range(5)]
        for one, vector in zip(made, kept, strict=True):
            vectors.store(session, HERE, one, MODEL, "h", vector)
    with postgres_database.read() as session:
        before = vectors.of(session, MODEL, made)
    _move(postgres_database, "0003_helpdesk_notes")
    with postgres_database.engine.connect() as connection:
        stored = connection.execute(sa.text("SELECT embedding FROM vectors ORDER BY ticket_id")).scalars().all()
    assert [np.frombuffer(b, "<f2").tolist() for b in stored] == [before[one].tolist() for one in made]
    schema.migrate(postgres_database)
    with postgres_database.read() as session:
        after = vectors.of(session, MODEL, made)
    assert {one: v.tolist() for one, v in after.items()} == {one: v.tolist() for one, v in before.items()}
    assert schema.differences(postgres_database) == []


def _move(db: Database, revision: str) -> None:
    from alembic import command

    with db.engine.begin() as connection:
        command.downgrade(schema.config(connection), revision)

"""Themes, alert episodes, releases, inbox and outbox on both engines."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from databases import NOW
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import HERE, RECEIPT, theme, ticket, workspace

from intelligence.model import (
    AlertState,
    Audience,
    DecidedBy,
    MembershipKind,
    PatternKind,
    Scope,
    Severity,
    ThemeState,
    Verdict,
)
from storage import (
    alerts,
    inbox,
    memberships,
    outbox,
    people,
    releases,
    theme_events,
    theme_links,
    theme_volumes,
    themes,
    tickets,
    watches,
)
from storage.engine import Database

EVERYTHING = Scope(HERE)
DAY = timedelta(days=1)


def mention(session, ticket_id: int, theme_id: int) -> None:
    from storage.tables import MembershipRow

    session.add(
        MembershipRow(
            ticket_id=ticket_id,
            theme_id=theme_id,
            workspace_id=HERE,
            kind=MembershipKind.MENTION,
            decided_by=DecidedBy.MACHINE,
            quote="also the export",
            at=NOW,
        )
    )
    session.flush()


def test_numbers_are_never_used_twice(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        workspace(session, "T2")
        first, second = theme(session), theme(session)
        themes.absorb(session, HERE, first, second)
        third, elsewhere = theme(session), theme(session, place="T2")
        session.expire_all()
        found = [themes.get(session, HERE, made) for made in (first, second, third)]
        assert [t.number for t in found if t] == [1, 2, 3]
        assert themes.get(session, HERE, elsewhere) is None
        other = themes.get(session, "T2", elsewhere)
    assert other is not None
    assert other.key == "TI-1"
    with pytest.raises(RuntimeError), database.write() as session:
        theme(session)
        raise RuntimeError
    with database.write() as session:  # a birth that was rolled back leaves no gap either
        made = themes.get(session, HERE, theme(session))
    assert made is not None
    assert made.number == 4


def test_absorbing_moves_all_that_belongs_to_a_theme(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        kept, gone, older = theme(session), theme(session), theme(session)
        only, home_there, home_here = (ticket(session, key) for key in "abc")
        memberships.place(session, HERE, only, gone, NOW, similarity=0.8)
        memberships.place(session, HERE, home_there, gone, NOW, similarity=0.7, by=DecidedBy.PERSON, who="U1")
        mention(session, home_there, kept)
        memberships.place(session, HERE, home_here, kept, NOW, similarity=0.9)
        mention(session, home_here, gone)
        for user in ("U1", "U2"):
            watches.watch(session, HERE, gone, user, "fixed", NOW)
        watches.watch(session, HERE, kept, "U1", "fixed", NOW)
        theme_links.link(session, HERE, only, gone, must=True, by="U1", now=NOW)
        theme_links.link(session, HERE, home_here, gone, must=False, by="U1", now=NOW)
        theme_links.link(session, HERE, home_here, kept, must=True, by="U2", now=NOW)
        alert = alerts.open_episode(
            session, HERE, "k", kind=PatternKind.NEW, audience=Audience.PRODUCT, receipt=RECEIPT, now=NOW, theme_id=gone
        )
        themes.absorb(session, HERE, gone, older)
        assert themes.absorb(session, HERE, kept, gone) == 2
        assert themes.absorb(session, HERE, kept, kept) == 0
        session.expire_all()

        assert memberships.homes(session, [only, home_there, home_here]) == dict.fromkeys(
            (only, home_there, home_here), kept
        )
        assert memberships.home_of(session, home_there) == (kept, 0.7, DecidedBy.PERSON)
        assert theme_volumes.counts(session, EVERYTHING, NOW, NOW + DAY)[kept].tickets == 3
        assert sorted(watches.watchers(session, HERE, kept, "fixed")) == ["U1", "U2"]
        assert sorted(theme_links.links(session, HERE)) == [(only, kept, True), (home_here, kept, True)]
        living = alerts.living(session, HERE, kept)
        assert living is not None
        assert living.id == alert
        for number in (1, 2, 3):
            found = themes.by_number(session, HERE, number)
            assert found is not None
            assert found.id == kept
        assert set(themes.load(session, HERE)) == {kept}
        assert themes.by_number(session, HERE, 9) is None


def test_placing_many_respects_people_and_turns_a_mention_into_a_home(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        here, there = theme(session), theme(session)
        pinned, free, waiting, mentioned = (ticket(session, key) for key in "abcd")
        memberships.place(session, HERE, pinned, here, NOW, similarity=1.0, by=DecidedBy.PERSON, who="U1")
        memberships.place(session, HERE, free, here, NOW, similarity=0.5)
        memberships.place(session, HERE, waiting, here, NOW, similarity=0.5)
        mention(session, mentioned, there)
        homes = [(pinned, there, 0.9), (free, there, 0.9), (waiting, None, 0.0), (mentioned, there, 0.9)]
        memberships.place_many(session, HERE, homes, NOW)
        memberships.place_many(session, HERE, homes, NOW)  # a job may run twice
        assert memberships.homes(session, [pinned, free, waiting, mentioned]) == {
            pinned: here,
            free: there,
            mentioned: there,
        }
        memberships.place(session, HERE, pinned, there, NOW, similarity=0.9)
        assert memberships.home_of(session, pinned) == (here, 1.0, DecidedBy.PERSON)
        assert memberships.pinned(session, HERE) == {pinned}
        memberships.place_many(session, HERE, [], NOW)


placed = st.lists(
    st.tuples(
        st.integers(0, 2),  # theme
        st.sampled_from(["", "acme", "globex"]),  # account
        st.sampled_from(["", "ann", "bob"]),  # person
        st.integers(-3, 3),  # day
        st.booleans(),  # mentions the next theme too
        st.booleans(),  # redacted
    ),
    max_size=14,
)


@settings(max_examples=20, deadline=None)
@given(rows=placed)
def test_counts_equal_a_naive_recount(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, str, int, bool, bool]]
) -> None:
    path = tmp_path_factory.mktemp("counts") / "counts.db"
    shutil.copyfile(sqlite_template, path)
    db = Database(f"sqlite:///{path}")
    start, end = NOW - DAY * 2, NOW + DAY * 2
    tickets_of: Counter[int] = Counter()
    unknown: Counter[int] = Counter()
    who: dict[int, set[str]] = {}
    with db.write() as session:
        workspace(session)
        made = [theme(session) for _ in range(3)]
        for position, (which, account, person, day, also, redacted) in enumerate(rows):
            one = ticket(
                session,
                str(position),
                at=NOW + DAY * day,
                account_id=people.account_id(session, HERE, account, NOW) if account else None,
                customer_id=people.customer_id(session, HERE, "slack", person, NOW) if person else None,  # pyright: ignore
            )
            memberships.place(session, HERE, one, made[which], NOW, similarity=1.0)
            if also:
                mention(session, one, made[(which + 1) % 3])
            if redacted:
                tickets.update(session, one, NOW, redacted_at=NOW)
            if redacted or not start <= NOW + DAY * day < end:
                continue
            for theme_id in {made[which]} | ({made[(which + 1) % 3]} if also else set()):
                tickets_of[theme_id] += 1
                name = f"a{account}" if account else f"p{person}" if person else None
                unknown[theme_id] += name is None
                who.setdefault(theme_id, set()).update({name} - {None})
        counted = theme_volumes.counts(session, EVERYTHING, start, end)
        assert {t: (c.tickets, c.customers, c.unknown) for t, c in counted.items()} == {
            t: (n, len(who[t]), unknown[t]) for t, n in tickets_of.items()
        }
        for theme_id in made:
            members = memberships.members(session, EVERYTHING, theme_id, start=start, end=end)
            assert len(members) == tickets_of[theme_id]
            assert len({m.who for m in members} - {None}) == len(who.get(theme_id, set()))
    db.close()


def test_lineage_versions_and_extent(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = theme(session)
        theme_events.happened(session, HERE, made, "born", "machine", {"n": 5}, NOW)
        theme_events.happened(session, HERE, made, "resolved", "U1", {"text": "resolved in 4.2"}, NOW)
        assert [(kind, data) for _, kind, _, data, _, _ in theme_events.lineage(session, made)] == [
            ("born", {"n": 5}),
            ("resolved", {"text": "resolved in 4.2"}),
        ]
        assert memberships.touched(session, HERE) == memberships.version(session, HERE) == 1
        for day, history in ((0, True), (2, False)):
            one = ticket(session, str(day), at=NOW + DAY * day, history=history)
            memberships.place(session, HERE, one, made, NOW, similarity=1.0)
        assert theme_volumes.extents(session, [made, 9999]) == {
            made: theme_volumes.Extent(NOW, NOW + DAY * 2, history=False)
        }
        assert [(t, h) for _, t, _, h in theme_volumes.arrivals(session, HERE, NOW)] == [(made, True), (made, False)]
        themes.update(session, made, state=ThemeState.VERIFYING, severity=Severity.P1, resolved_at=NOW)
        session.expire_all()
        [facts] = themes.facts(session, HERE)
        assert (facts.state, facts.resolved_at) == (ThemeState.VERIFYING, NOW)


def test_an_episode_is_opened_once_and_remembers_everything(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = theme(session)

        def open_it(key: str) -> int | None:
            return alerts.open_episode(
                session,
                HERE,
                key,
                kind=PatternKind.NEW,
                audience=Audience.PRODUCT,
                receipt=RECEIPT,
                now=NOW,
                theme_id=made,
                ticket_ids=(3, 4),
                count=2,
            )

        alert = open_it("new:1")
        assert alert is not None
        assert open_it("new:1") is None
        assert open_it("new:2") is not None
        found = alerts.get(session, HERE, alert)
        assert found is not None
        assert (found.receipt, found.ticket_ids, found.state) == (RECEIPT, (3, 4), AlertState.OPEN)
        assert alerts.get(session, "T2", alert) is None
        alerts.update(
            session, alert, NOW, state=AlertState.SNOOZED, snooze={"until_tickets": 9}, channel_id="C1", ts="1.2"
        )
        alerts.feedback(session, HERE, alert, "U1", "not_useful", "noise", NOW)
        session.expire_all()
        again = alerts.get(session, HERE, alert)
        assert again is not None
        assert (again.snooze, again.channel, again.ts) == ({"until_tickets": 9}, "C1", "1.2")
        assert [e.id for e in alerts.in_state(session, HERE, AlertState.SNOOZED)] == [alert]
        assert alerts.dismissed_since(session, HERE, made, NOW - DAY) == "noise"
        assert alerts.dismissed_since(session, HERE, made, NOW + DAY) is None
        assert alerts.feedback_since(session, HERE, NOW) == [(alert, "not_useful", "noise")]
        alerts.silenced(session, HERE, PatternKind.SPIKE, "within noise", RECEIPT, NOW, made)
        assert alerts.silences(session, HERE, NOW) == [(made, PatternKind.SPIKE, "within noise", NOW)]


def test_a_public_answer_is_remembered_and_replaced(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = theme(session)
        assert alerts.answered(session, HERE, "C1", "1.0") is None
        for ts in ("2.0", "3.0"):
            alerts.answer(
                session, HERE, "C1", "1.0", ts=ts, theme_id=made, verdict=Verdict.KNOWN, asked_by="U1", at=NOW
            )
            session.expire_all()
        assert alerts.answered(session, HERE, "C1", "1.0") == ("3.0", made)


def test_releases_are_known_once(database: Database) -> None:
    with database.write() as session:
        assert releases.add(session, HERE, "4.2", NOW, by="U1")
        assert not releases.add(session, HERE, "4.2", NOW + DAY, by="U1")
        assert releases.add(session, HERE, "4.1", NOW - DAY, by=None)
        assert [r.name for r in releases.between(session, HERE, NOW - DAY * 2, NOW + DAY)] == ["4.1", "4.2"]
        newest = releases.latest(session, HERE)
        assert newest is not None
        assert (newest.name, newest.at) == ("4.2", NOW)
        assert releases.latest(session, "T2") is None


def test_a_delivery_is_stored_once_and_loses_its_text_when_done(database: Database) -> None:
    with database.intake() as session:
        first = inbox.receive(session, HERE, "Ev1", "event", {"event": {"text": "hello"}}, NOW)
        assert first is not None
        assert inbox.receive(session, HERE, "Ev1", "event", {}, NOW) is None
        assert inbox.receive(session, "T2", "Ev1", "event", {}, NOW) is not None
        found = inbox.get(session, first)
        assert found is not None
        assert found.payload == {"event": {"text": "hello"}}
        assert inbox.waiting(session) == (2, NOW)
    with database.write() as session:
        inbox.processed(session, first, NOW, refusal="a deploy note")
        session.expire_all()
        done = inbox.get(session, first)
        assert done is not None
        assert (done.payload, done.processed_at) == ({}, NOW)
        assert inbox.refused(session, HERE) == [("event", "a deploy note", NOW)]
        assert inbox.waiting(session)[0] == 1


def test_a_letter_is_written_once_and_loses_its_text_when_sent(database: Database) -> None:
    def write(session, key: str) -> int | None:
        return outbox.write(
            session, HERE, key, lane="C1", method="post", payload={"text": "hi"}, now=NOW, subject="a:1"
        )

    with database.write() as session:
        first, second = write(session, "1"), write(session, "2")
        assert first is not None
        assert second is not None
        assert write(session, "1") is None
        assert outbox.waiting(session, HERE) == 2
        assert outbox.tried(session, first) == 0
        session.expire_all()
        letter = outbox.get(session, first)
        assert letter is not None
        assert (letter.attempts, letter.payload) == (1, {"text": "hi"})
        outbox.sent(session, first, {"ts": "1.0"}, NOW)
        outbox.refused(session, second, "channel_not_found", NOW)
        session.expire_all()
        assert outbox.get(session, first) is None
        assert outbox.state_of(session, HERE, "1") == ("sent", {"ts": "1.0"})
        assert outbox.refusals(session, HERE) == [("post", "C1", "channel_not_found")]
        assert outbox.waiting(session) == 0
        assert write(session, "1") is None


def test_a_locked_database_fails_the_intake_before_slack_gives_up(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "locked.db"
    shutil.copyfile(sqlite_template, path)
    busy, intake = Database(f"sqlite:///{path}"), Database(f"sqlite:///{path}")
    import time

    from sqlalchemy.exc import OperationalError

    with busy.write() as session:
        workspace(session)
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked") as caught, intake.intake() as other:
            inbox.receive(other, HERE, "Ev1", "event", {"text": "secret words"}, NOW)
        assert time.monotonic() - began < 2.5
        assert "secret words" not in str(caught.value)
    with intake.intake() as other:
        assert inbox.receive(other, HERE, "Ev1", "event", {}, NOW) is not None
    busy.close()
    intake.close()

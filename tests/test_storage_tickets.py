"""Tickets, messages, people, readings and vectors on both engines."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from databases import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import HERE, analysis, say, theme, ticket, workspace

from intelligence.model import (
    ChannelRole,
    DecidedBy,
    QuotePolicy,
    RequestVerdict,
    Role,
    Scope,
    SignalKind,
    Source,
    TicketState,
    Visibility,
)
from storage import (
    analyses,
    memberships,
    messages,
    people,
    rereadings,
    segments,
    theme_volumes,
    ticket_volumes,
    tickets,
    vectors,
    workspaces,
)
from storage.engine import Database
from storage.filters import ticket_conditions

EVERYTHING = Scope(HERE)
DAY = timedelta(days=1)


def test_refs_and_messages_are_stored_once(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = ticket(session, "C1/1.0")
        assert not tickets.add_ref(session, HERE, Source.SLACK, "C1/1.0", made)
        assert tickets.add_ref(session, HERE, Source.ZENDESK, "17", made, url="https://x.example/17")
        assert say(session, made, "C1/1.0", "again") is None
        assert say(session, made, "C1/1.1", "more", at=NOW + DAY) is not None
    with database.read() as session:
        assert tickets.find(session, HERE, Source.ZENDESK, "17") == made
        assert tickets.find(session, "T2", Source.ZENDESK, "17") is None
        found = tickets.one(session, EVERYTHING, made)
    assert found is not None
    assert [m.text for m in found.messages] == ["It does not work", "more"]
    assert found.at == NOW
    assert found.at.tzinfo is not None


def test_an_earlier_customer_message_moves_the_ticket_back(database: Database) -> None:
    with database.write() as session:
        made = ticket(session, "1")
        say(session, made, "0", "hello", at=NOW - DAY)
        say(session, made, "a", "answer", at=NOW - DAY * 2, role=Role.AGENT)
        found = tickets.one(session, EVERYTHING, made)
    assert found is not None
    assert found.at == NOW - DAY


def test_an_edit_keeps_a_revision_and_a_deletion_forgets_everything(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = ticket(session, "1", "old")
        message = messages.find(session, HERE, Source.SLACK, "1")
        assert message is not None
        assert messages.revise(session, message.id, "new", NOW)
        assert not messages.revise(session, message.id, "new", NOW)
        analyses.store(session, HERE, made, analysis(), "k", NOW)
        vectors.store(session, HERE, made, "m", "h", np.ones(4, np.float32) / 2)
        memberships.place(session, HERE, made, theme(session), NOW, similarity=0.9)
        assert messages.redact(session, message.id, NOW) == made
        assert messages.redact(session, message.id, NOW) is None
        assert not messages.revise(session, message.id, "back", NOW)
    with database.read() as session:
        assert messages.customer_text(session, made) == ""
        assert analyses.current(session, EVERYTHING, [made]) == {}
        assert vectors.of(session, "m", [made]) == {}
        assert memberships.home_of(session, made) is None
        assert ticket_volumes.span(session, HERE)[0] == 0
    with database.engine.connect() as connection:
        dump = [
            str(row)
            for table in ("messages", "message_revisions", "analyses", "signals")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert not any("old" in row or "new" in row for row in dump)


def test_a_deletion_of_one_of_two_messages_leaves_the_ticket_to_be_read_again(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = ticket(session, "1", "first")
        say(session, made, "2", "second", at=NOW + DAY)
        analyses.store(session, HERE, made, analysis(), "k", NOW)
        first = messages.find(session, HERE, Source.SLACK, "1")
        assert first is not None
        messages.redact(session, first.id, NOW)
        assert rereadings.unread(session, HERE) == [made]
        found = tickets.one(session, EVERYTHING, made)
    assert found is not None
    assert (found.at, [m.text for m in found.messages]) == (NOW + DAY, ["second"])


def test_a_deletion_before_its_message_keeps_the_message_out(database: Database) -> None:
    with database.write() as session:
        messages.remember_deleted(session, HERE, Source.SLACK, "C1/9", NOW)
        other = ticket(session, "other")
        assert say(session, other, "C1/9", "too late") is None
        stored = messages.find(session, HERE, Source.SLACK, "C1/9")
    assert stored is not None
    assert stored.deleted


def test_merged_tickets_redirect_for_ever_and_never_in_a_circle(database: Database) -> None:
    with database.write() as session:
        a, b, c = (ticket(session, key, at=NOW - DAY * n) for n, key in enumerate("abc"))
        tickets.merge(session, HERE, a, b, NOW)
        tickets.merge(session, HERE, c, a, NOW)
        tickets.merge(session, HERE, b, c, NOW)  # they are one already
        for key in "abc":
            assert tickets.find(session, HERE, Source.SLACK, key) == c
        assert tickets.surviving(session, b) == c
        found = tickets.one(session, EVERYTHING, c)
        assert ticket_volumes.span(session, HERE)[0] == 1
    assert found is not None
    assert len(found.messages) == 3
    assert found.at == NOW - DAY * 2


def test_resolving_and_reopening(database: Database) -> None:
    with database.write() as session:
        made = ticket(session, "1")
        assert tickets.resolve(session, made, NOW)
        assert not tickets.resolve(session, made, NOW)
        assert tickets.reopen(session, made, NOW)
        assert not tickets.reopen(session, made, NOW)
        assert tickets.gone_quiet(session, HERE, NOW + DAY) == [made]
        found = tickets.one(session, EVERYTHING, made)
    assert found is not None
    assert found.state is TicketState.OPEN


def test_a_machine_never_overrules_a_person_about_a_request(database: Database) -> None:
    with database.write() as session:
        made = ticket(session, "1")
        assert tickets.set_request(session, made, RequestVerdict.NOT_REQUEST, DecidedBy.PERSON, NOW)
        assert not tickets.set_request(session, made, RequestVerdict.REQUEST, DecidedBy.MACHINE, NOW)
        session.expire_all()
        assert tickets.request_of(session, made) is RequestVerdict.NOT_REQUEST


channels = st.sampled_from(["C1", "C2", "C3"])
places = st.lists(st.tuples(channels, st.sampled_from(list(Visibility)), st.booleans()), min_size=1, max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=places, member_of=st.frozensets(channels))
def test_nothing_of_a_channel_that_the_asker_may_not_see(
    database: Database, places: list[tuple[str, Visibility, bool]], member_of: frozenset[str]
) -> None:
    """Every query that answers people, against the rule applied by hand."""
    with database.write() as session:
        space = workspace(session, f"W{len(workspaces.all_ids(session))}")
        number = theme(session, place=space)
        allowed: dict[int, bool] = {}
        words: dict[int, bool] = {}
        for position, (channel, visibility, hidden_reply) in enumerate(places):
            made = ticket(session, f"{position}", place=space, channel=channel, visibility=visibility)
            memberships.place(session, space, made, number, NOW, similarity=1.0)
            analyses.store(session, space, made, analysis(), "k", NOW)
            allowed[made] = visibility is Visibility.PUBLIC or channel in member_of
            if hidden_reply:  # words of another, private channel, as after a merge
                say(session, made, f"{position}r", "hidden", place=space, channel="C3", visibility=Visibility.PRIVATE)
            words[made] = hidden_reply and "C3" in member_of
        scope = Scope(space, "U9", member_of)
        seen = {made for made, may in allowed.items() if may}
        start, end = NOW - DAY, NOW + DAY
        loaded = tickets.load(session, scope, list(allowed))
        assert set(loaded) == seen
        for made, found in loaded.items():
            assert any(m.text == "hidden" for m in found.messages) == words[made]
        assert {m.ticket_id for m in memberships.members(session, scope, number)} == seen
        assert set(analyses.current(session, scope, list(allowed))) == seen
        assert set(analyses.labels(session, scope, list(allowed))) == seen
        assert set(segments.by_ticket(session, scope, start, end)) == seen
        for theme_id in (None, number):
            assert sum(n for _, n in segments.shared(session, scope, start, end, theme_id=theme_id)) == len(seen)
        assert ticket_volumes.totals(session, scope, start, end)[0] == len(seen)
        assert theme_volumes.covered(session, scope, start, end) == len(seen)
        assert analyses.uncertainty(session, scope, start, end)[0] == len(seen)
        assert analyses.signal_counts(session, scope, start, end).get(SignalKind.BUG_PATTERN, 0) == len(seen)
        counted = theme_volumes.counts(session, scope, start, end).get(number)
        assert (counted.tickets if counted else 0) == len(seen)
        elsewhere = Scope(f"{space}-other", "U9", member_of)
        assert tickets.load(session, elsewhere, list(allowed)) == {}


def test_readings_replace_each_other_and_come_back(database: Database) -> None:
    with database.write() as session:
        made = ticket(session, "1")
        assert analyses.store(session, HERE, made, analysis(), "first", NOW) is not None
        assert analyses.store(session, HERE, made, analysis(critical=True, signals=()), "second", NOW) is not None
        assert analyses.store(session, HERE, made, analysis(), "first", NOW) is None
        session.expire_all()
        assert analyses.current(session, EVERYTHING, [made]) == {made: analysis()}
        assert analyses.content_keys(session, HERE, [made]) == {made: "first"}
        assert analyses.critical_of(session, HERE, [made]) == []


@pytest.mark.parametrize("filters", [{"kind": "bug"}, {"area": "LOGIN"}, {"plan": "Pro"}, {"source": "slack"}])
def test_filters_narrow_what_is_counted(database: Database, filters: dict[str, str]) -> None:
    with database.write() as session:
        workspace(session)
        pro = people.account_id(session, HERE, "acme.com", NOW, plan="pro")
        fits = ticket(session, "1", account_id=pro)
        other = tickets.open_ticket(session, HERE, tickets.NewTicket(Source.IMPORT, NOW, area="other"), NOW)
        number = theme(session)
        for made in (fits, other):
            memberships.place(session, HERE, made, number, NOW, similarity=1.0)
        analyses.store(session, HERE, fits, analysis(), "k", NOW)
        everything = theme_volumes.counts(session, EVERYTHING, NOW, NOW + DAY)
        narrowed = theme_volumes.counts(session, EVERYTHING, NOW, NOW + DAY, *ticket_conditions(filters))
        none = theme_volumes.counts(session, EVERYTHING, NOW, NOW + DAY, *ticket_conditions({"source": "no such"}))
    assert everything[number].tickets == 2
    assert narrowed[number].tickets == 1
    assert none == {}


def test_vectors_come_back_within_float16(database: Database) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5, 384)).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    with database.write() as session:
        workspace(session)
        made = [ticket(session, str(n), at=NOW + DAY * n) for n in range(5)]
        for ticket_id, vector in zip(made, values, strict=True):
            vectors.store(session, HERE, ticket_id, "m", "hash", vector)
        vectors.store(session, HERE, made[0], "m", "hash2", values[0])
        home = theme(session)
        memberships.place(session, HERE, made[2], home, NOW, similarity=1.0)
        found = vectors.members(session, HERE, "m", 384)
        assert vectors.known_hashes(session, "m", made)[made[0]] == "hash2"
        late = vectors.members(session, HERE, "m", 384, since=NOW + DAY * 3)
        none = vectors.members(session, HERE, "another", 384)
    assert found.ticket_ids.tolist() == made
    assert found.theme_ids.tolist() == [0, 0, home, 0, 0]
    assert found.times.tolist() == [(NOW + DAY * n).timestamp() for n in range(5)]
    assert found.vectors.dtype == np.float32
    assert np.array_equal(found.vectors, values.astype(np.float16).astype(np.float32))
    assert float(np.max(np.abs(np.sum(found.vectors * values, axis=1) - 1))) < 5e-4
    assert late.ticket_ids.tolist() == made[3:]
    assert none.vectors.shape == (0, 384)


def test_one_person_under_many_refs(database: Database) -> None:
    with database.write() as session:
        acme = people.account_id(session, HERE, "acme.com", NOW, name="Acme", attributes={"region": "EU"})
        assert people.account_id(session, HERE, "acme.com", NOW, plan="pro", attributes={"seats": "9"}) == acme
        ann = people.customer_id(session, HERE, Source.SLACK, "U1", NOW, name="Ann", email="ann@acme.com")
        same = people.customer_id(session, HERE, Source.IMPORT, "77", NOW, email="ann@acme.com", account=acme)
        other = people.customer_id(session, HERE, Source.IMPORT, "78", NOW)
        assert ann == same != other
        assert people.customer_of(session, HERE, Source.IMPORT, "77") == ann
        assert people.customer_of(session, "T2", Source.IMPORT, "77") is None
        found = people.load(session, HERE, {ann})[ann]
        assert people.segments(session, acme) == {"plan": "pro", "region": "EU", "seats": "9"}
        assert people.segments(session, None) == {}
    assert (found.name, found.email) == ("Ann", "ann@acme.com")
    assert found.account is not None
    assert (found.account.name, found.account.plan) == ("Acme", "pro")


def test_a_channel_keeps_what_a_person_chose(database: Database) -> None:
    with database.write() as session:
        workspaces.put_channel(session, HERE, "C1", name="support", visibility=Visibility.PRIVATE)
        workspaces.choose_channel(
            session, HERE, "C1", role=ChannelRole.SUPPORT, by="U1", now=NOW, quotes=QuotePolicy.COUNTS
        )
        session.expire_all()
        found = workspaces.put_channel(session, HERE, "C1", name="support-eu")
        assert (found.name, found.role, found.visibility) == ("support-eu", ChannelRole.SUPPORT, Visibility.PRIVATE)
        assert workspaces.read_up_to(session, HERE, "C1", "20.1")
        assert not workspaces.read_up_to(session, HERE, "C1", "19.9")
        assert [c.id for c in workspaces.channels(session, HERE, ChannelRole.SUPPORT)] == ["C1"]
        assert [e.action for e in workspaces.audit_trail(session, HERE)] == ["channel"]


def test_settings_and_usage(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        for value in ([1, {"a": None}], None, "x"):
            workspaces.set_setting(session, HERE, "areas", value, by="U1", now=NOW)
            session.expire_all()
            assert workspaces.setting(session, HERE, "areas", "default") == value
        assert workspaces.setting(session, HERE, "other", 3) == 3
        for _ in range(2):
            workspaces.add_usage(session, HERE, "2026-01-12", "gpt", 10, 5)
        assert workspaces.tokens_used(session, HERE, "2026-01-12") == 30
        assert workspaces.tokens_used(session, HERE, "2026-01-13") == 0


def test_segments_are_counted_where_they_are_stored(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        number = theme(session)
        given = [{"plan": "pro"}, {"plan": "pro"}, {"plan": "frée", "idp": "Okta"}, {}]
        made = [ticket(session, f"s{place}", segments=values) for place, values in enumerate(given)]
        for one in made[:3]:
            memberships.place(session, HERE, one, number, NOW, similarity=1.0)
        period = (Scope(HERE), NOW - DAY, NOW + DAY)
        everything = segments.shared(session, *period)
        inside = segments.shared(session, *period, theme_id=number)
    assert sorted((sorted(values.items()), n) for values, n in everything) == [
        ([], 1),
        ([("idp", "Okta"), ("plan", "frée")], 1),
        ([("plan", "pro")], 2),
    ]
    assert sum(n for _, n in inside) == 3

"""Notes on helpdesks' tickets and our own issues, on both engines."""

from __future__ import annotations

from datetime import timedelta

from databases import NOW
from stored import HERE, theme, ticket, workspace

from intelligence.model import Source
from storage import helpdesk_notes, memberships, own_issues, tickets, tracked_issues
from storage.engine import Database

MARK = "ticket-intel:" + "ab" * 16


def test_candidates_are_open_tickets_of_the_helpdesk_with_a_theme_or_a_note(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        found = theme(session)
        made = [ticket(session, f"k{number}") for number in range(4)]
        for number, one in enumerate(made):
            tickets.add_ref(session, HERE, Source.ZENDESK, f"zendesk/acme/{number}", one)
        memberships.place_many(session, HERE, [(one, found, 1.0) for one in made[:3]], NOW)
        tickets.resolve(session, made[2], NOW)
    since = NOW - timedelta(days=1)
    with database.write() as session:
        first, *_ = listed = helpdesk_notes.candidates(session, HERE, [Source.ZENDESK], since)
        assert [(one.ticket_id, one.theme_id, one.note) for one in listed] == [(one, found, None) for one in made[:2]]
        assert helpdesk_notes.candidates(session, HERE, [Source.INTERCOM], since) == []
        assert helpdesk_notes.candidates(session, HERE, [Source.ZENDESK], NOW + timedelta(days=1)) == []
        for said in ("one", "two"):
            helpdesk_notes.want(session, HERE, first, mark=MARK, said=said, tag="t", now=NOW)
    place = (HERE, first.source, first.external_id)
    with database.write() as session:
        before = helpdesk_notes.begin(session, *place)
        assert before is not None
        assert (before.said, before.attempts, before.tag, before.retagged) == ("two", 0, None, "t")
        helpdesk_notes.written(session, *place, "another mark", "two", NOW)
    with database.write() as session:
        again = helpdesk_notes.begin(session, *place)
        assert again is not None
        assert again.attempts == 1
        helpdesk_notes.written(session, *place, MARK, "three", NOW)
    with database.write() as session:
        assert helpdesk_notes.begin(session, *place) is None
        memberships.place(session, HERE, first.ticket_id, None, NOW, similarity=0.0)
    with database.read() as session:
        (alone,) = [one for one in helpdesk_notes.candidates(session, HERE, [Source.ZENDESK], since) if one.note]
        assert alone.note is not None
        assert (alone.theme_id, alone.note.state, alone.note.said, alone.note.tag) == (None, "written", "three", "t")


def test_our_own_issues_are_those_that_we_opened(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        tracked_issues.want(session, HERE, theme(session), MARK, "Login Fails", by="U1", now=NOW)
        assert not own_issues.being_opened(session, HERE, "Login fails")
        (row,) = [one for one in [tracked_issues.of_theme(session, HERE, 1)] if one]
        tracked_issues.update(session, row.id, attempts=1)
        assert own_issues.being_opened(session, HERE, "login fails")
        url = "https://acme.atlassian.net/browse/ENG-12"
        tracked_issues.update(session, row.id, state=tracked_issues.OPENED, url=url)
        assert own_issues.addresses(session, HERE, "ENG-12") == [url]
        assert own_issues.addresses(session, HERE, "ENG_12") == own_issues.addresses(session, "T2", "ENG-12") == []
        assert not own_issues.being_opened(session, HERE, "Login fails")
        tracked_issues.update(session, row.id, attempts=0)  # a person tied it
        assert own_issues.addresses(session, HERE, "ENG-12") == []

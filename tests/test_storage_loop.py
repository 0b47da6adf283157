"""Issues of themes and drafts to reporters when two themes become one, on both engines."""

from __future__ import annotations

from databases import NOW
from sqlmodel import Session
from stored import HERE, theme, ticket, workspace

from storage import loop_drafts, themes, tracked_issues
from storage.engine import Database


def waiting(session: Session) -> list[tuple[int, str]]:
    return [(draft.theme_id, draft.person) for draft in loop_drafts.waiting(session, HERE)]


def test_nobody_is_told_twice_after_two_themes_became_one(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        kept, absorbed, one = theme(session), theme(session), ticket(session, "1")
        for home, person in ((kept, "p1"), (kept, "p2"), (absorbed, "p1"), (absorbed, "p2"), (absorbed, "p3")):
            assert loop_drafts.add(session, HERE, home, "4.2", person, one, NOW)
            assert not loop_drafts.add(session, HERE, home, "4.2", person, one, NOW)
        told = next(d for d in loop_drafts.waiting(session, HERE) if (d.theme_id, d.person) == (absorbed, "p1"))
        assert loop_drafts.decide(session, told.id, loop_drafts.SENT, by="U1", now=NOW)
        before = loop_drafts.states_of(session, absorbed)
        themes.absorb(session, HERE, kept, absorbed)
        assert waiting(session) == [(kept, "p2"), (kept, "p3")]
        loop_drafts.give_back(session, before, absorbed)
        assert sorted(waiting(session)) == [(kept, "p2"), (absorbed, "p2"), (absorbed, "p3")]


def test_an_issue_follows_where_the_other_theme_has_none(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        kept, absorbed, third = theme(session), theme(session), theme(session)
        for home, state in ((kept, tracked_issues.REFUSED), (absorbed, tracked_issues.OPENED)):
            assert tracked_issues.want(session, HERE, home, f"m{home}", "Login", by="U1", now=NOW)
            row = tracked_issues.of_theme(session, HERE, home)
            assert row is not None
            tracked_issues.update(session, row.id, state=state, key="ENG-1", url="https://t.example/1")
        assert tracked_issues.want(session, HERE, third, "m3", "Login", by="U1", now=NOW)
        issues = tracked_issues.ids_of(session, absorbed)
        themes.absorb(session, HERE, kept, absorbed)
        themes.absorb(session, HERE, kept, third)  # nobody opened its issue yet: it is not wanted any more
        assert tracked_issues.ids_of(session, kept) == issues
        assert tracked_issues.ids_of(session, third) == ()
        found = themes.get(session, HERE, kept)
        assert found is not None
        assert found.issue_key == "ENG-1"
        assert tracked_issues.give_back(session, issues, kept, absorbed)
        assert tracked_issues.ids_of(session, absorbed) == issues

"""Themes renamed, merged, split and moved by people: every edit can be taken back, and no night undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from office import HERE, SCOPE, Office, an_office
from slack_world import LOGIN
from sqlmodel import select

from bot.errors import BadInput, ChangedMeanwhile, TicketNotFound
from bot.flows import cards, merge, move, naming, nightly, parts, proposals, proposed, rename, split, undo
from intelligence.model import AlertState, PatternKind
from intelligence.themes.naming import ThemeName
from storage import inbox, memberships, theme_edits, theme_events, theme_links, themes, vectors, watches
from storage.tables import MembershipRow, ThemeLinkRow, ThemePairRow, ThemeRow, WatchRow

ANN, BEN = "U0ANN", "U0BEN"
EXPORT = (
    "The export to Excel gives us a CSV file with broken columns",
    "We need an export to a real Excel file, not CSV",
    "Exporting the monthly report to xlsx is not possible, only CSV",
    "Please add Excel export, our finance team cannot open the CSV",
    "CSV export loses our number formats, we need Excel",
)


def themed(office: Office, texts: tuple[str, ...], title: str) -> tuple[str, int, tuple[int, ...]]:
    """A theme with a title and a ticket of each text, with vectors; its key, id and tickets."""
    deps = office.deps
    with deps.db.write() as session:
        made = themes.give_birth(session, HERE, deps.clock.now(), first_at=deps.clock.now(), title=title)
        tickets = tuple(office.ticket(session, text) for text in texts)
        memberships.place_many(session, HERE, [(one, made, 0.9) for one in tickets], deps.clock.now())
        for one, text in zip(tickets, texts, strict=True):
            vectors.store(session, HERE, one, deps.embedder.model, f"h{one}", deps.embedder.encode([text])[0])
        theme = themes.get(session, HERE, made)
    assert theme is not None
    return theme.key, made, tickets


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as office:
        yield office


@pytest.fixture
def two(office: Office) -> Iterator[tuple[Office, str, str]]:
    login, _, _ = themed(office, LOGIN, "Okta login loops")
    export, _, _ = themed(office, EXPORT, "Export to Excel")
    yield office, login, export


def rows(office: Office) -> dict[str, list[tuple]]:
    """Everything that an edit may change, as it stands."""
    with office.deps.db.read() as session:
        return {
            "homes": sorted(
                (r.ticket_id, r.theme_id, r.kind, r.decided_by, r.decided_who, r.similarity)
                for r in session.exec(select(MembershipRow))
            ),
            "words": sorted((r.ticket_id, r.theme_id, r.must, r.by) for r in session.exec(select(ThemeLinkRow))),
            "pairs": sorted((r.one_id, r.other_id) for r in session.exec(select(ThemePairRow))),
            "watches": sorted((r.theme_id, r.user_id, r.reason) for r in session.exec(select(WatchRow))),
            "themes": sorted(
                (r.number, r.title, r.title_by, r.state, r.roadmap, r.merged_into)
                for r in session.exec(select(ThemeRow))
            ),
        }


def event_of(done) -> int:
    return int(done.undo.removeprefix("event:"))


def home(office: Office, ticket: int) -> str | None:
    with office.deps.db.read() as session:
        found = memberships.home_of(session, ticket)
        theme = themes.get(session, HERE, found[0]) if found else None
    return theme.key if theme else None


def test_a_wrong_merge_is_taken_back_exactly(two) -> None:
    office, login, export = two
    with office.deps.db.write() as session:
        first, second = (themes.by_number(session, HERE, n).id for n in (1, 2))
        watches.watch(session, HERE, second, ANN, "watch", office.clock.now())
        watches.watch(session, HERE, first, BEN, "fixed", office.clock.now())
    before = rows(office)
    preview = merge.preview(office.deps, SCOPE, login, export)
    assert (preview.tickets, preview.stays_out, preview.watchers) == (5, 0, 1)
    done = merge.merge_themes(office.deps, SCOPE, login, export, by=ANN, seen=preview.version)
    assert "10 tickets" in done.text
    with office.deps.db.read() as session:
        assert themes.by_number(session, HERE, 2).key == login  # the number redirects
        assert watches.watchers(session, HERE, first, "watch") == [ANN]
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    assert rows(office) == before
    with pytest.raises(BadInput, match="taken back before"):
        undo.undo(office.deps, SCOPE, event_of(done), by=ANN)


def test_a_ticket_of_which_somebody_said_no_stays_out_of_a_merge(two) -> None:
    office, login, export = two
    with office.deps.db.write() as session:
        first, second = (themes.by_number(session, HERE, n).id for n in (1, 2))
        refused = theme_edits.at_home(session, second)[0]
        theme_links.link(session, HERE, refused, first, must=False, by=BEN, now=office.clock.now())
    before = rows(office)
    assert merge.preview(office.deps, SCOPE, login, export).stays_out == 1
    done = merge.merge_themes(office.deps, SCOPE, login, export, by=ANN)
    assert home(office, refused) is None
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    assert rows(office) == before


def test_alerts_follow_a_merge_and_come_back(office: Office) -> None:
    kept, tickets = office.theme()
    other, more = office.theme()
    one = office.raised(kept, tickets)
    two = office.raised(other, more, PatternKind.SPIKE)
    done = merge.merge_themes(office.deps, SCOPE, "1", "2", by=ANN)
    assert office.episode(two).state is AlertState.CLOSED
    assert {office.episode(one).theme_id, office.episode(two).theme_id} == {kept}
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    assert office.episode(two).state is AlertState.OPEN
    assert office.episode(two).theme_id == other


def test_a_wrong_merge_is_split_and_stays_so_through_the_nights(two) -> None:
    office, login, export = two
    merge.merge_themes(office.deps, SCOPE, login, export, by=ANN)
    preview = split.preview(office.deps, SCOPE, login)
    assert preview.parts[0].title == "Export to Excel"  # what it was before
    assert preview.parts[0].tickets == 5
    assert len(preview.parts[0].quotes) == 2
    done = split.split_theme(office.deps, SCOPE, login, 1, by=ANN, event=preview.event, seen=preview.version)
    assert done.theme.key == "TI-3"
    before = rows(office)["homes"]
    for _ in range(3):
        office.clock.advance(timedelta(days=8))
        with office.deps.db.write() as session:
            office.ticket(session, "Something else entirely about invoices")
        nightly.tidy(office.deps, HERE)
        nightly.nightly(office.deps, HERE)
    kept = {row[0] for row in before}
    assert [row for row in rows(office)["homes"] if row[0] in kept] == before
    with office.deps.db.read() as session:
        assert proposed.waiting(session, HERE) == ()


def test_parts_are_found_by_meaning(office: Office) -> None:
    mixed, theme, _ = themed(office, (*LOGIN, *EXPORT), "Mixed")
    preview = split.preview(office.deps, SCOPE, mixed)
    assert {part.tickets for part in preview.parts} == {5}
    again = split.preview(office.deps, SCOPE, mixed)
    assert again.event == preview.event  # looking twice leaves one trace
    before = rows(office)
    done = split.split_theme(office.deps, SCOPE, mixed, 2, by=ANN, event=preview.event)
    undo.undo(office.deps, SCOPE, event_of(done), by=BEN)
    after = rows(office)
    assert {k: v for k, v in after.items() if k != "themes"} == {k: v for k, v in before.items() if k != "themes"}
    assert after["themes"][0] == before["themes"][0]
    with office.deps.db.read() as session:
        assert themes.by_number(session, HERE, 2).id == theme  # its number leads back for ever


def test_while_parts_are_sought_deliveries_are_stored(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed, _, _ = themed(office, (*LOGIN, *EXPORT), "Mixed")
    sought = parts.groups
    stored: list[int | None] = []

    def meanwhile(deps, session, theme):
        with office.deps.db.intake() as delivery:  # gives up after 1.5 s where somebody holds the database
            key = f"delivery {len(stored)}"
            stored.append(inbox.receive(delivery, HERE, key, "event", {}, office.clock.now()))
        return sought(deps, session, theme)

    monkeypatch.setattr(parts, "groups", meanwhile)
    split.preview(office.deps, SCOPE, mixed)
    split.split_theme(office.deps, SCOPE, mixed, 1, by=ANN)
    assert len(stored) == 2
    assert all(stored)


def test_a_split_that_somebody_built_on_is_not_taken_back(office: Office) -> None:
    mixed, _, _ = themed(office, (*LOGIN, *EXPORT), "Mixed")
    done = split.split_theme(office.deps, SCOPE, mixed, 1, by=ANN)
    rename.rename_theme(office.deps, SCOPE, done.theme.key, "Excel for finance", by=BEN)
    with pytest.raises(BadInput, match=f"renamed from .* by <@{BEN}>. Take that back first"):
        undo.undo(office.deps, SCOPE, event_of(done), by=ANN)


def test_a_theme_of_one_subject_has_no_parts(office: Office) -> None:
    one, _, _ = themed(office, LOGIN[:2], "Okta")
    with pytest.raises(BadInput, match="I see no parts"):
        split.preview(office.deps, SCOPE, one)


def test_a_moved_ticket_never_returns(two) -> None:
    office, login, export = two
    with office.deps.db.read() as session:
        ticket = theme_edits.at_home(session, themes.by_number(session, HERE, 1).id)[0]
    before = rows(office)
    form = move.form(office.deps, SCOPE, ticket)
    assert form.home.key == login
    assert [theme.key for theme in form.nearest] == [export]
    done = move.move_ticket(office.deps, SCOPE, ticket, export, by=ANN, seen_home=form.home.id)
    office.clock.advance(timedelta(days=6))
    nightly.tidy(office.deps, HERE)
    assert home(office, ticket) == export
    assert login not in [theme.key for theme in move.form(office.deps, SCOPE, ticket).nearest]
    with pytest.raises(ChangedMeanwhile, match=f"ticket {ticket} was moved to {export} by <@{ANN}>"):
        move.move_ticket(office.deps, SCOPE, ticket, "new", by=BEN, seen_home=form.home.id)
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    assert home(office, ticket) == login
    assert rows(office)["words"] == before["words"]


def test_a_ticket_starts_a_theme_of_its_own_and_goes_back(two) -> None:
    office, login, _ = two
    with office.deps.db.read() as session:
        ticket = theme_edits.at_home(session, themes.by_number(session, HERE, 1).id)[0]
    done = move.move_ticket(office.deps, SCOPE, ticket, "new", by=ANN)
    assert done.theme.key == "TI-3"
    assert done.theme.title != naming.UNNAMED
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    assert home(office, ticket) == login
    with office.deps.db.read() as session:
        assert themes.by_number(session, HERE, 3).key == login
    with pytest.raises(TicketNotFound):
        move.move_ticket(office.deps, SCOPE, 999, "new", by=ANN)


def test_two_editors_the_second_is_told_and_loses_nothing(two) -> None:
    office, login, _ = two
    form = rename.form(office.deps, SCOPE, login)
    rename.rename_theme(office.deps, SCOPE, login, "Okta sends people in circles", by=ANN, seen=form.version)
    with pytest.raises(ChangedMeanwhile) as told:
        rename.rename_theme(office.deps, SCOPE, login, "SSO loop", by=BEN, seen=form.version)
    assert f"by <@{ANN}>" in told.value.sentence
    assert told.value.details["redo"] == f"rename {login} SSO loop"
    with pytest.raises(ChangedMeanwhile):
        split.split_theme(office.deps, SCOPE, login, 1, by=BEN, seen=form.version)
    rename.rename_theme(office.deps, SCOPE, login, "SSO loop", by=BEN)  # on the fresh state


def test_a_persons_title_outlives_the_naming(two) -> None:
    office, login, _ = two
    done = rename.rename_theme(office.deps, SCOPE, login, "  Okta   <!channel> loop ", by=ANN)
    assert done.theme.title == "Okta !channel loop"
    with office.deps.db.write() as session:
        naming.rename(office.deps, session, HERE, [done.theme.id])
        assert themes.get(session, HERE, done.theme.id).title == "Okta !channel loop"
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    with office.deps.db.read() as session:
        assert themes.get(session, HERE, done.theme.id).title == "Okta login loops"


def test_names_decided_before_a_person_named_the_theme_or_took_the_title_are_not_given(two) -> None:
    office, login, _ = two
    with office.deps.db.read() as session:
        named = {title: theme for theme, (title, _, _) in themes.titles(session, HERE).items()}
        theme_id, other_id = named["Okta login loops"], named["Export to Excel"]
        decided = naming.decide(office.deps, session, HERE, [theme_id])
        apart = {other_id: naming.Given(ThemeName("Okta by Ann", "", ()), None)}
    rename.rename_theme(office.deps, SCOPE, login, "Okta by Ann", by=ANN)
    with office.deps.db.write() as session:
        before = themes.titles(session, HERE)[other_id][0]
        assert naming.give(session, HERE, decided) == 0
        assert naming.give(session, HERE, apart) == 0
        assert themes.get(session, HERE, theme_id).title == "Okta by Ann"
        assert themes.titles(session, HERE)[other_id][0] == before


def test_a_plan_is_set_cleared_and_put_back(two) -> None:
    office, login, _ = two
    rename.plan_theme(office.deps, SCOPE, login, "Q2", by=ANN)
    done = rename.plan_theme(office.deps, SCOPE, login, "none", by=ANN)
    assert done.theme.roadmap is None
    assert "planned for Q2" in undo.undo(office.deps, SCOPE, event_of(done), by=ANN).text


def test_after_a_week_an_edit_stands(two) -> None:
    office, login, _ = two
    done = rename.rename_theme(office.deps, SCOPE, login, "SSO loop", by=ANN)
    office.clock.advance(timedelta(days=8))
    with pytest.raises(BadInput, match="7 days"):
        undo.undo(office.deps, SCOPE, event_of(done), by=ANN)


def test_the_lineage_tells_who_did_what(two) -> None:
    office, login, export = two
    rename.rename_theme(office.deps, SCOPE, login, "SSO loop", by=ANN)
    done = merge.merge_themes(office.deps, SCOPE, login, export, by=BEN)
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    with office.deps.db.read() as session:
        told = cards.lineage(session, done.theme.id)
        other = cards.lineage(session, themes.by_number(session, HERE, 2).id)
    assert [(entry.actor, entry.undone) for entry in told] == [(ANN, False), (BEN, True), (ANN, False)]
    assert told[0].text == "renamed from “Okta login loops” to “SSO loop”"
    assert [(entry.text, entry.undone) for entry in other] == [(f"merged into {login}", True)]


def propose(office: Office, data: dict) -> int:
    with office.deps.db.write() as session:
        theme = themes.by_number(session, HERE, 1)
        return theme_events.happened(session, HERE, theme.id, "proposal", "machine", data, office.clock.now())


def waiting(office: Office) -> tuple:
    with office.deps.db.read() as session:
        return proposed.waiting(session, HERE)


def test_a_proposed_merge_is_accepted_or_dismissed_for_good(two) -> None:
    office, _, export = two
    other = 2
    event = propose(office, {"text": "proposal to merge: near", "other": other, "similarity": 0.9})
    (proposal,) = waiting(office)
    assert (proposal.other.key, proposal.tickets, proposal.reason) == (export, 5, "near")
    done = proposals.dismiss(office.deps, SCOPE, event, by=ANN)
    propose(office, {"text": "proposal to merge: nearer", "other": other, "similarity": 0.95})
    assert waiting(office) == ()
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    (proposal,) = waiting(office)
    done = proposals.accept(office.deps, SCOPE, proposal.event, by=ANN)
    assert waiting(office) == ()
    with pytest.raises(BadInput, match="settled"):
        proposals.accept(office.deps, SCOPE, proposal.event, by=ANN)
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    assert len(waiting(office)) == 1


def test_a_proposed_split_is_accepted_or_dismissed_for_good(office: Office) -> None:
    _, _, tickets = themed(office, (*LOGIN, *EXPORT), "Mixed")
    event = propose(office, {"text": "proposal to split into 2: two", "parts": [list(tickets[5:])]})
    assert [proposal.tickets for proposal in waiting(office)] == [5]
    done = proposals.dismiss(office.deps, SCOPE, event, by=ANN)
    later = propose(office, {"text": "proposal to split into 2: again", "parts": [list(tickets[5:9])]})
    assert waiting(office) == ()
    undo.undo(office.deps, SCOPE, event_of(done), by=ANN)
    made = proposals.accept(office.deps, SCOPE, later, by=ANN)
    assert home(office, tickets[5]) == made.theme.key
    assert home(office, tickets[9]) == "TI-1"

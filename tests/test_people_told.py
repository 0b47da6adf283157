"""Who asked is told, what was done can be taken back, and nobody reads what is not theirs: flows over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases import NOW
from office import HERE, SCOPE, Office, an_office
from stored import analysis

from bot.blocks import alerts as drawn
from bot.errors import BadInput
from bot.flows import alert, alert_care, alert_view, channels, recognize, resolve, routing, tell, undo
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from bot.messenger import Posted
from bot.verbs.parts import Where
from intelligence.model import AlertState, ChannelRole, PatternKind, QuotePolicy, ThemeState, Visibility
from storage import alerts, analyses, memberships, theme_events, theme_links, themes, workspaces

SECRET = "Our finance export has shown the salaries of everybody since Monday"


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def test_who_asked_is_told_once_that_it_is_fixed_and_who_did_it_is_not(office: Office) -> None:
    theme, _ = office.theme()
    for user in ("UANN", "UBOB"):
        tell.when_fixed(office.deps, SCOPE, "TI-1", user=user)
    tell.watch(office.deps, SCOPE, "TI-1", user="UANN")
    told = resolve.resolve_theme(office.deps, SCOPE, "TI-1", "4.2", by="UBOB")
    assert "telling the 1 person who asked" in told.text
    office.work()
    assert office.letters("UANN") == ["TI-1 (Login fails) is marked as fixed in 4.2."]
    assert office.letters("UBOB") == []
    assert office.standing(theme).state is ThemeState.VERIFYING


def test_a_watcher_hears_of_the_alert_and_of_each_rise_once(office: Office) -> None:
    theme, tickets = office.theme()
    assert "I will tell you" in tell.watch(office.deps, SCOPE, "TI-1", user="UANN").text
    assert "already promised" in tell.watch(office.deps, SCOPE, "TI-1", user="UANN").text
    made = office.raised(theme, tickets)
    office.again(made, theme, tickets, PatternKind.NEW, graver=False)
    for _ in range(2):
        office.again(made, theme, tickets, PatternKind.REGRESSION, graver=True)
    office.work()
    assert office.letters("UANN") == [
        "TI-1 (Login fails) has an alert: it is a new pattern.",
        "TI-1 (Login fails) is back after a fix.",
    ]
    assert any("is back after a fix" in m.text for m in office.posted("CENG") if m.thread_ts)
    assert office.standing(theme).state is ThemeState.REGRESSED


def test_in_shadow_watchers_hear_nothing_until_it_is_posted(office: Office) -> None:
    with office.deps.db.write() as session:
        workspaces.update(session, HERE, shadow=True)
    theme, tickets = office.theme()
    tell.watch(office.deps, SCOPE, "TI-1", user="UANN")
    made = office.raised(theme, tickets)
    office.work()
    assert office.letters("UANN") == []
    alert_care.release_from_shadow(office.deps, HERE, made, "UADMIN")
    office.work()
    assert len(office.letters("UANN")) == 1


def test_a_fix_that_was_taken_back_tells_nobody_and_all_stands_as_before(office: Office) -> None:
    theme, tickets = office.theme()
    made = office.raised(theme, tickets)
    office.work()
    tell.when_fixed(office.deps, SCOPE, "TI-1", user="UANN")
    before = office.standing(theme)
    told = resolve.resolve_theme(office.deps, SCOPE, "TI-1", None, by="UBOB")
    assert office.episode(made).state is AlertState.CLOSED
    event = int(told.undo.split(":")[1])
    assert undo.done_by(office.deps, HERE, event) == "UBOB"
    assert "alert is open again" in undo.undo(office.deps, SCOPE, event, by="UBOB").text
    office.work()
    assert office.letters("UANN") == []
    assert office.standing(theme) == before
    assert office.episode(made).state is AlertState.OPEN
    with office.deps.db.read() as session:
        assert [undone for _, kind, *_, undone in theme_events.lineage(session, theme) if kind == undo.RESOLVED] == [
            True
        ]
    with pytest.raises(BadInput, match="taken back before"):
        undo.undo(office.deps, SCOPE, event, by="UBOB")


def test_a_newer_fix_is_not_undone_by_the_button_of_an_older_one(office: Office) -> None:
    theme, _ = office.theme()
    first = resolve.resolve_theme(office.deps, SCOPE, "TI-1", None, by="UBOB")
    office.clock.advance(timedelta(days=1))
    resolve.resolve_theme(office.deps, SCOPE, "TI-1", "4.2", by="UANN")
    with pytest.raises(BadInput, match="changed after"):
        undo.undo(office.deps, SCOPE, int(first.undo.split(":")[1]), by="UBOB")
    assert office.standing(theme).resolved_release == "4.2"


@pytest.mark.parametrize("at_home", [True, False])
def test_a_word_about_a_ticket_is_taken_back_with_what_it_moved(office: Office, at_home: bool) -> None:
    theme, tickets = office.theme()
    with office.deps.db.write() as session:
        other = themes.give_birth(session, HERE, NOW, first_at=NOW, title="Export")
        if not at_home:
            memberships.place_many(session, HERE, [(tickets[0], other, 0.5)], NOW)
        stood = memberships.home_of(session, tickets[0])
    said = recognize.not_this if at_home else recognize.same
    told = said(office.deps, SCOPE, tickets[0], "TI-1", by="UBOB")
    with office.deps.db.read() as session:
        assert memberships.home_of(session, tickets[0]) != stood
        assert theme_links.word_of(session, tickets[0], theme) is not at_home
    undo.undo(office.deps, SCOPE, int(told.undo.split(":")[1]), by="UBOB")
    with office.deps.db.read() as session:
        assert memberships.home_of(session, tickets[0]) == stood
        assert theme_links.word_of(session, tickets[0], theme) is None


def test_watching_needs_slack(office: Office) -> None:
    office.theme()
    told = ask(office.deps, Asker(SCOPE, "UANN", where=Where.SLACK), parse("watch TI-1"))
    assert "I will tell you" in told.text
    with pytest.raises(BadInput, match="only tell people in Slack"):
        ask(office.deps, Asker(SCOPE, "operator"), parse("watch TI-1", where=Where.CLI))


def test_after_a_fix_a_regression_is_an_alert_of_its_own(office: Office) -> None:
    theme, tickets = office.theme()
    made = office.raised(theme, tickets)
    office.work()
    resolve.resolve_theme(office.deps, SCOPE, "TI-1", None, by="UBOB")
    office.clock.advance(timedelta(days=1))
    office.again(made, theme, tickets, PatternKind.REGRESSION, graver=True)
    office.work()
    parents = [m for m in office.posted("CENG") if m.thread_ts is None]
    assert len(parents) == 2
    assert office.standing(theme).state is ThemeState.REGRESSED


# ---- who may read what ----------------------------------------------------------------------------------------------


def test_alerts_never_go_to_a_channel_that_customers_read(office: Office) -> None:
    theme, tickets = office.theme()
    with office.deps.db.write() as session:
        workspaces.put_channel(session, HERE, "CSHARED", name="acme", visibility=Visibility.SHARED, member=True)
    with pytest.raises(BadInput, match="Customers read #acme"):
        channels.choose(office.deps, HERE, "CSHARED", ChannelRole.ENGINEERING, by="UADMIN")
    made = office.raised(theme, tickets)
    with office.deps.db.write() as session:  # it is shared with another company before the message is on its way
        workspaces.put_channel(session, HERE, "CENG", visibility=Visibility.SHARED)
    office.work()
    assert office.said.sent == []
    with office.deps.db.read() as session:
        assert routing.place(session, HERE, office.episode(made).audience, None) == (AlertState.SHADOW, None)
        view = alert_view.view(office.deps, session, HERE, made)
    assert view is not None
    assert (view.tickets, view.quotes, view.accounts, view.held_back) == (0, (), (), 0)


@pytest.mark.parametrize(
    ("policy", "shown", "held_back"),
    [(QuotePolicy.COUNTS, 0, 5), (QuotePolicy.MASKED, 1, 0), (QuotePolicy.ALL, 1, 0)],
)
def test_quotes_of_a_private_channel_obey_its_choice(office: Office, policy, shown, held_back) -> None:
    with office.deps.db.write() as session:
        workspaces.choose_channel(session, HERE, "CINTERNAL", role=ChannelRole.SUPPORT, by="U0", now=NOW, quotes=policy)
    text = "Please write to ann.smith@example.com, the login page comes back again"
    theme, tickets = office.theme(text=text, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    made = office.raised(theme, tickets)
    office.work()
    (message,) = office.posted("CENG")
    words = str(message.blocks)
    assert "5 tickets" in message.text
    assert "ann.smith@example.com" not in words
    assert ("the login page comes back" in words) is (shown > 0)
    with office.deps.db.read() as session:
        view = alert_view.view(office.deps, session, HERE, made)
    assert view is not None
    assert view.held_back == held_back


# ---- critical tickets -----------------------------------------------------------------------------------------------


def critical(office: Office, theme: int | None, text: str = SECRET, **values: object) -> int:
    with office.deps.db.write() as session:
        made = office.ticket(session, text, **values)
        analyses.store(session, HERE, made, analysis(critical=True, evidence=()), f"critical{made}", office.clock.now())
        if theme is not None:
            memberships.place_many(session, HERE, [(made, theme, 1.0)], office.clock.now())
    for _ in range(2):  # a job that ran twice
        with office.deps.db.write() as session:
            alert.critical_tickets(office.deps, session, HERE, [made])
    return made


def test_a_critical_ticket_is_one_message_to_engineering_that_shows_its_owner(office: Office) -> None:
    theme, _ = office.theme(2)
    critical(office, theme, f"{SECRET}, write to ann.smith@example.com")
    office.work()
    (message,) = office.said.sent
    assert message.channel == "CENG"
    assert "salaries" in message.text
    assert "1 ticket," in message.text  # of itself, not of its theme
    assert "ann.smith" not in str(message)
    with office.deps.db.read() as session:
        (episode,) = alerts.since(session, HERE, NOW - timedelta(days=1))
    assert (episode.kind, episode.ts) == (PatternKind.CRITICAL, "1.000000")
    alert_care.own(office.deps, HERE, episode.id, "UOWNER")
    office.work()
    at, edited = office.said.edits[-1]
    assert at == Posted("CENG", "1.000000")
    assert "<@UOWNER>" in str(edited.blocks)


def test_a_critical_ticket_of_a_source_that_shares_counts_shows_no_words(office: Office) -> None:
    with office.deps.db.write() as session:
        workspaces.choose_channel(
            session, HERE, "CINTERNAL", role=ChannelRole.SUPPORT, by="U0", now=NOW, quotes=QuotePolicy.COUNTS
        )
    critical(office, None, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    office.work()
    (message,) = office.said.sent
    assert "Critical ticket" in message.text
    assert "salaries" not in str(message)


def test_others_who_report_the_same_make_the_themes_own_alert_and_the_thread_says_so(office: Office) -> None:
    theme, tickets = office.theme(4)
    first = critical(office, theme)
    with office.deps.db.read() as session:
        (single,) = alerts.all_living(session, HERE, theme)
        assert alerts.living(session, HERE, theme) is None
    alert_care.own(office.deps, HERE, single.id, "UOWNER")
    office.work()
    made = office.raised(theme, (*tickets, first))
    office.work()
    assert office.episode(made).owner == "UOWNER"
    assert len([m for m in office.posted("CENG") if m.thread_ts is None]) == 2
    assert [m.text for m in office.posted("CENG") if m.thread_ts == "1.000000"] == [
        "*Others report the same*: it is TI-1 now, which has an alert of its own."
    ]
    critical(office, theme)  # the next critical one belongs to the episode that people have
    office.work()
    assert len([m for m in office.posted("CENG") if m.thread_ts is None]) == 2
    notes = [m.text for m in office.posted("CENG") if m.thread_ts not in {None, "1.000000"}]
    assert [note.split(":")[0] for note in notes] == ["*One ticket of TI-1 was read as critical*"]


def test_every_note_that_a_flow_writes_can_be_drawn(office: Office) -> None:
    theme, tickets = office.theme()
    made = office.raised(theme, tickets)
    with office.deps.db.read() as session:
        view = alert_view.view(office.deps, session, HERE, made)
    assert view is not None
    for about in ("grown", "graver", "awake", "critical", "joined"):
        assert drawn.note(view, about).text

"""The rule for issues: what it counts, whom it asks, and that it opens nothing that a person would not have opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from databases import NOW
from hypothesis import given
from hypothesis import strategies as st
from office import HERE, SCOPE, Office, an_office
from rich.console import Console
from tracker_vendors import REPOSITORY, GitHubVendor, Vendor, serving

from bot.blocks import issue_rules as drawn
from bot.errors import BadInput
from bot.flows import issue_preview, issue_rules, nightly, rename, resolve, tracking
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from bot.issue_rule_words import fate
from bot.messenger import TryLater
from bot.printing.show import show
from integrations.trackers.github import GitHub
from intelligence.issue_rules import MOST_A_DAY, WINDOW, IssueMode, IssueRule, Standing, Step, crossings, decide
from intelligence.model import Scope, Visibility
from storage import memberships, queue, tracked_issues, workspaces

AUTO = IssueRule(IssueMode.AUTO, 10, NOW)
STANDS = Standing(tickets=12, before=3)


@pytest.mark.parametrize(
    ("rule", "stands", "step"),
    [
        (AUTO, STANDS, Step.OPEN),
        (replace(AUTO, mode=IssueMode.PROPOSE), STANDS, Step.PROPOSE),
        (replace(AUTO, mode=IssueMode.OFF), STANDS, Step.NOTHING),
        (AUTO, replace(STANDS, tickets=9), Step.NOTHING),
        (AUTO, replace(STANDS, has_issue=True), Step.NOTHING),
        (AUTO, replace(STANDS, over=True), Step.NOTHING),
        (AUTO, replace(STANDS, before=10), Step.PROPOSE),
        (AUTO, replace(STANDS, public=False), Step.PROPOSE),
        (AUTO, replace(STANDS, live=False), Step.PROPOSE),
        (AUTO, replace(STANDS, opened=MOST_A_DAY), Step.PROPOSE),
        (AUTO, replace(STANDS, opened=MOST_A_DAY, proposed=MOST_A_DAY), Step.NOTHING),
        (AUTO, replace(STANDS, asked=7), Step.NOTHING),
        (AUTO, replace(STANDS, asked=6), Step.PROPOSE),
    ],
)
def test_what_the_rule_does(rule: IssueRule, stands: Standing, step: Step) -> None:
    assert decide(rule, stands)[0] is step


@given(st.lists(st.integers(0, 200), max_size=40).map(sorted), st.integers(1, 6), st.integers(0, 100))
def test_a_crossing_is_the_first_moment_with_so_many(days: list[int], tickets: int, start: int) -> None:
    times = [NOW + timedelta(days=day) for day in days]
    begun = NOW + timedelta(days=start)
    plain = [at for at in times if at >= begun and sum(at - WINDOW < other <= at for other in times) >= tickets]
    found = crossings(times, tickets, begun)
    assert (found is None) == (not plain)
    assert found is None or found == plain[0]


@pytest.fixture
def vendor() -> Iterator[GitHubVendor]:
    with serving(GitHubVendor()) as played:
        played.alike = False
        yield played


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path, vendor: Vendor) -> Iterator[Office]:
    github = GitHub(REPOSITORY, "t", base_url=vendor.url, timeout=2.0)
    with an_office(tmp_path, sqlite_template) as made:
        made.deps = replace(made.deps, tracker=github)
        yield made
    github.close()


def choose(office: Office, line: str) -> Any:
    return ask(office.deps, Asker(SCOPE, "UADA"), parse(f"settings issues {line}"))


def switch_on(office: Office, tickets: int = 5) -> None:
    choose(office, f"auto {tickets}")
    choose(office, f"auto {tickets} confirm")
    office.clock.advance(timedelta(minutes=1))


def arrived(office: Office, theme: int) -> None:
    """As detection says it: a ticket has come to this theme; then everything that is due is done."""
    with office.deps.db.write() as session:
        issue_rules.wake(office.deps, session, HERE, [theme], next(office.numbers))
    for _ in range(4):
        office.clock.advance(timedelta(seconds=10))
        office.work()


def told(office: Office) -> list[str]:
    return [m.text for m in office.posted("CENG")]


def test_off_until_somebody_says_otherwise(office: Office, vendor: Vendor) -> None:
    theme, _ = office.theme(20)
    arrived(office, theme)
    assert (vendor.sent, office.said.sent) == ([], [])


def test_a_theme_over_the_volume_is_proposed_once_and_again_when_it_doubled(office: Office, vendor: Vendor) -> None:
    done = choose(office, "propose 5")
    assert done.text == "Issues: proposed for themes from 5 tickets in 30 days."
    theme, _ = office.theme(6)
    for _ in range(2):
        arrived(office, theme)
    assert told(office) == ["TI-1 (Login fails) has no issue: 6 tickets in 30 days; the rule asks from 5."]
    assert vendor.sent == []  # nothing is asked of the tracker before a click
    buttons = [b["text"]["text"] for b in office.posted("CENG")[0].blocks[-1]["elements"]]
    assert buttons == ["Create issue", "Not now", "Open"]

    assert "from 12 tickets" in issue_rules.decline(office.deps, SCOPE, "TI-1", by="UPIA").text
    with office.deps.db.write() as session:
        more = [office.ticket(session) for _ in range(6)]
        memberships.place_many(session, HERE, [(one, theme, 1.0) for one in more], office.clock.now())
    arrived(office, theme)
    assert len(told(office)) == 2
    tracking.request(office.deps, SCOPE, "TI-1", "Login fails", by="UPIA")
    arrived(office, theme)
    assert len(told(office)) == 2


def test_a_proposal_that_somebody_was_faster_than_is_not_sent(office: Office) -> None:
    choose(office, "propose 5")
    theme, _ = office.theme(6)
    issue_rules.consider(office.deps, HERE, theme, live=True)
    tracking.request(office.deps, SCOPE, "TI-1", "Login fails", by="UPIA")
    for _ in range(3):
        office.work()
    assert told(office) == []


def test_automatic_mode_is_switched_on_after_its_preview_alone(office: Office, vendor: Vendor) -> None:
    with pytest.raises(BadInput, match="Nobody has looked"):
        choose(office, "auto 5 confirm")
    theme, _ = office.theme(6)
    shown = choose(office, "auto 5")
    assert [(line.theme.id, line.waits, line.public) for line in shown.lines] == [(theme, True, True)]
    with pytest.raises(BadInput, match="Nobody has looked"):
        choose(office, "auto 6 confirm")
    out = StringIO()
    show(shown, Console(file=out, width=200))
    said = drawn.preview(shown)
    for text in (out.getvalue(), str(said.blocks)):
        assert "From 5 tickets in 30 days, 1 issue would have been opened in the last 90 days" in text
        assert "Over it now, so proposed and not opened: TI-1." in text
        assert "settings issues auto 5 confirm" in text
    office.clock.advance(timedelta(days=2))
    with pytest.raises(BadInput, match="Nobody has looked"):  # what was seen is old
        choose(office, "auto 5 confirm")
    switch_on(office)
    arrived(office, theme)  # it was over the volume before: a person decides
    assert "over the volume before" in str(office.posted("CENG")[0].blocks)
    assert vendor.sent == []


def test_a_preview_counts_what_the_asker_may_see_and_says_what_is_left_out(office: Office) -> None:
    office.theme(5, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    shown = issue_preview.preview(office.deps, Scope(HERE, channels=frozenset()), IssueMode.AUTO, 5)
    assert (shown.lines, shown.unseen) == ((), 5)


def test_a_preview_knows_what_became_of_themes(office: Office) -> None:
    first, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, "TI-1", "Login fails", by="UPIA")
    for _ in range(3):
        office.work()
    office.clock.advance(timedelta(days=40))
    office.theme(5, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    shown = choose(office, "auto 5")
    said = [(line.theme.key, fate(line)) for line in shown.lines]
    assert said == [
        ("TI-2", "5 tickets in 30 days now, only proposed: its title may be made of private words"),
        ("TI-1", "0 tickets in 30 days now, has acme/app#1 (open)"),
    ]
    assert first == shown.lines[1].theme.id


def test_what_is_new_is_opened_by_itself_once_and_said(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    theme, _ = office.theme(5)
    for _ in range(2):
        arrived(office, theme)
    assert [one["title"] for one in vendor.issues] == ["Login fails"]
    assert told(office) == ["TI-1 (Login fails) has the issue acme/app#1 now, opened by the rule."]
    with office.deps.db.read() as session:
        row = tracked_issues.of_theme(session, HERE, theme)
        assert row is not None
        assert (row.by, row.state) == ("machine", tracked_issues.OPENED)


def test_where_the_tracker_knows_something_like_it_a_person_is_asked(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    theme, _ = office.theme(5)
    vendor.alike = True
    there = {"number": 7, "html_url": f"https://github.com/{REPOSITORY}/issues/7", "state": "open"}
    vendor.issues.append(there | {"title": "Login page loops", "state_reason": None})
    arrived(office, theme)
    assert len(vendor.issues) == 1
    assert "https://github.com/acme/app/issues/7|acme/app#7" in str(office.posted("CENG")[0].blocks)
    assert "Login page loops" not in str(office.posted("CENG")[0].blocks)  # nothing of the tracker's words is kept


def test_a_tracker_that_is_away_is_asked_again_and_one_that_refuses_is_a_matter_of_people(
    office: Office, vendor: Vendor
) -> None:
    switch_on(office)
    theme, _ = office.theme(5)
    vendor.fail = [503]
    with pytest.raises(TryLater):
        issue_rules.consider(office.deps, HERE, theme, live=True)
    assert office.said.sent == []
    vendor.fail = [403]
    issue_rules.consider(office.deps, HERE, theme, live=True)
    for _ in range(2):
        office.work()
    assert "could not be searched" in str(office.posted("CENG")[0].blocks)
    assert vendor.issues == []


def test_an_automatic_issue_that_is_refused_is_told_where_the_theme_is(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    theme, _ = office.theme(5)
    issue_rules.consider(office.deps, HERE, theme, live=True)
    vendor.fail = [422]
    for _ in range(3):
        office.work()
    assert ["should have an issue by the rule, but GitHub answered with 422" in text for text in told(office)] == [True]
    arrived(office, theme)  # it is not tried again by itself
    assert vendor.issues == []


def test_private_words_never_leave_without_a_click(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    theme, _ = office.theme(5)
    with office.deps.db.write() as session:
        hidden = office.ticket(session, channel="CINTERNAL", visibility=Visibility.PRIVATE)
        memberships.place(session, HERE, hidden, theme, office.clock.now(), similarity=1.0)
    arrived(office, theme)
    assert vendor.sent == []
    assert "private channels" in str(office.posted("CENG")[0].blocks)


def test_a_title_that_a_person_gave_may_leave(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    theme, _ = office.theme(5, channel="CINTERNAL", visibility=Visibility.PRIVATE)
    rename.rename_theme(office.deps, SCOPE, "TI-1", "Login via Okta", by="UPIA")
    arrived(office, theme)
    assert [one["title"] for one in vendor.issues] == ["Login via Okta"]
    assert "login page comes back" not in vendor.issues[0]["body"]


def test_more_than_five_a_day_are_proposed_and_the_night_goes_on(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    made = [office.theme(5)[0] for _ in range(MOST_A_DAY * 2 + 2)]
    for theme in made:
        arrived(office, theme)
    assert len(vendor.issues) == MOST_A_DAY
    assert len([text for text in told(office) if "has no issue" in text]) == MOST_A_DAY
    office.clock.advance(timedelta(days=1))
    with office.deps.db.write() as session:
        issue_rules.sweep(office.deps, session, HERE)
    for _ in range(4):
        office.clock.advance(timedelta(seconds=10))
        office.work()
    assert len(vendor.issues) == MOST_A_DAY  # what had to wait is proposed
    assert len([text for text in told(office) if "has no issue" in text]) == MOST_A_DAY + 2


def test_what_is_fixed_or_noise_has_no_issue(office: Office, vendor: Vendor) -> None:
    switch_on(office)
    theme, _ = office.theme(5)
    resolve.resolve_theme(office.deps, SCOPE, "TI-1", None, by="UPIA")
    arrived(office, theme)
    assert vendor.sent == []


def test_the_night_looks_too(office: Office) -> None:
    choose(office, "propose 5")
    theme, _ = office.theme(5)
    nightly.nightly(office.deps, HERE)
    with office.deps.db.read() as session:
        assert queue.counts(session).get("queued")
    for _ in range(3):
        office.clock.advance(timedelta(seconds=10))
        office.work()
    assert len(told(office)) == 1, theme


@pytest.mark.parametrize("line", ["auto", "auto 2", "auto 5000", "often 5", "propose", "propose five"])
def test_a_rule_that_is_none_is_refused(office: Office, line: str) -> None:
    with pytest.raises(BadInput, match="no rule for issues"):
        choose(office, line)


def test_without_a_tracker_there_is_no_rule(office: Office) -> None:
    office.deps = replace(office.deps, tracker=None)
    with pytest.raises(BadInput, match="No tracker is connected"):
        choose(office, "propose 5")
    assert choose(office, "off").text == "Issues: off: a person clicks."


def test_the_rule_in_force_counts_from_when_it_was_set(office: Office) -> None:
    choose(office, "propose 5")
    with office.deps.db.read() as session:
        rule = issue_rules.rule_of(session, HERE)
        since = workspaces.set_by(session, HERE, "issues")
    assert since is not None
    assert rule == IssueRule(IssueMode.PROPOSE, 5, since[1])

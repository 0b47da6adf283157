"""GitHub Issues in: who is who, what is no ticket, what moved, and our own issues, which never come back as tickets."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import NOW
from helpdesk_vendors import HERE, Reply, Vendor, announced, captured, deps_with, polled, serving, stored, work

from bot.deps import Deps
from bot.errors import BadSettings
from bot.flows import helpdesk
from bot.helpdesks import build_helpdesks
from bot.settings import load_settings
from integrations.helpdesks.github import GitHubIssues
from integrations.helpdesks.port import Forged, Nothing, NotThere, Unavailable
from integrations.marks import hidden
from intelligence.model import RequestVerdict, Role, Source, TicketState
from storage import themes, tracked_issues, workspaces

REF = "github/acme/app/7"
PLACE = "/repos/acme/app/issues/7"
MARK = "ticket-intel:" + "0123456789abcdef" * 2
ANN = {"login": "ann", "id": 31, "type": "User"}
BO = {"login": "bo", "id": 32, "type": "User"}


def issue(number: int = 7, *, user: Any = ANN, role: str = "NONE", minute: int = 30, **more: Any) -> dict[str, Any]:
    repository = more.pop("repository", "acme/app")
    return {
        "number": number, "title": "Export stops at half", "body": "<!-- describe -->\nThe export stops at 50% every time",
        "html_url": f"https://github.com/{repository}/issues/{number}", "state": "open", "user": user,
        "repository_url": f"https://api.github.com/repos/{repository}", "author_association": role,
        "created_at": "2026-01-12T08:00:00Z", "updated_at": f"2026-01-12T08:{minute}:00Z",
    } | more  # fmt: skip


def comment(key: int, user: Any, body: str, role: str = "NONE") -> dict[str, Any]:
    at = f"2026-01-12T08:{key:02}:00Z"
    url = f"https://github.com/acme/app/issues/7#issuecomment-{key}"
    return {"id": key, "user": user, "body": body, "author_association": role, "created_at": at, "html_url": url}


COMMENTS = [
    comment(1, {"login": "triage[bot]", "id": 9, "type": "Bot"}, "Thanks for the report"),
    comment(2, BO, "Which version is it?", "MEMBER"),
    comment(3, None, "It is 2.4 here too"),
    comment(4, BO, f"TI-4 now: 12 tickets.\n\n{hidden(MARK)}", "MEMBER"),
]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as played:
        played.answers = {PLACE: issue(), f"{PLACE}/comments": COMMENTS}
        yield played


@pytest.fixture
def desk(vendor: Vendor) -> Iterator[GitHubIssues]:
    made = GitHubIssues(["Acme/App", "acme/web"], "tok", secret="s", base_url=vendor.url, timeout=5)
    yield made
    made.close()


@pytest.fixture
def deps(tmp_path: Path, sqlite_template: Path, desk: GitHubIssues) -> Iterator[Deps]:
    with deps_with(tmp_path, sqlite_template, desk) as made:
        yield made


def delivery(desk: GitHubIssues, action: str = "opened", event: str = "issues", **more: Any) -> Any:
    payload = {"action": action, "issue": issue(), "repository": {"full_name": "Acme/App"}} | more
    return desk.read({"x-github-event": event}, payload)


def test_a_delivery_is_proved_by_its_secret(desk: GitHubIssues) -> None:
    body = b'{"action": "opened"}'
    right = "sha256=" + hmac.digest(b"s", body, "sha256").hex()
    assert desk.verify({"x-hub-signature-256": right}, body, NOW)
    for headers, content in (({}, body), ({"x-hub-signature-256": right}, body + b" ")):
        with pytest.raises(Forged):
            desk.verify(headers, content, NOW)
    unsigned = GitHubIssues(["acme/app"], "tok")
    assert not unsigned.takes_webhooks
    with pytest.raises(Forged):
        unsigned.verify({"x-hub-signature-256": right}, body, NOW)
    unsigned.close()


def test_what_a_delivery_is_about(desk: GitHubIssues) -> None:
    assert delivery(desk).external_id == REF
    assert delivery(desk, "deleted").deleted
    assert not delivery(desk, "deleted", "issue_comment", comment=comment(1, ANN, "x")).deleted
    for none in (
        delivery(desk, event="ping"),
        delivery(desk, repository={"full_name": "acme/other"}),
        delivery(desk, issue=issue(pull_request={"url": "x"})),
        delivery(desk, issue=issue(body=f"Evidence\n\n{hidden(MARK)}")),
        delivery(desk, "created", "issue_comment", comment=COMMENTS[3]),
        delivery(desk, issue=issue() | {"number": 8}),
    ):
        assert isinstance(none, Nothing)
        assert none.reason


def test_an_issue_with_agents_bots_ghosts_and_our_own_comment(desk: GitHubIssues, vendor: Vendor) -> None:
    first = {"link": f'<{vendor.url}{PLACE}/more>; rel="next", <{vendor.url}{PLACE}/more>; rel="last"'}
    vendor.answers[f"{PLACE}/comments"] = Reply(COMMENTS[:2], headers=first)
    vendor.answers[f"{PLACE}/more"] = COMMENTS[2:]
    ticket = desk.fetch(REF)
    assert ticket is not None
    assert [(said.role, said.author, said.text) for said in ticket.messages] == [
        (Role.CUSTOMER, "ann", "The export stops at 50% every time"),
        (Role.BOT, "triage[bot]", "Thanks for the report"),
        (Role.AGENT, "bo", "Which version is it?"),
        (Role.CUSTOMER, "ghost", "It is 2.4 here too"),
    ]
    assert (ticket.subject, ticket.solved, ticket.whole, ticket.internal) == (
        "Export stops at half",
        False,
        True,
        False,
    )
    assert ticket.requester is not None
    assert (ticket.requester.external_id, ticket.requester.name) == ("31", "ann")
    assert vendor.headers[0]["authorization"] == "Bearer tok"
    vendor.answers[PLACE] = issue(body=None, state="closed")
    closed = desk.fetch(REF)
    assert closed is not None
    assert (closed.solved, closed.messages[0].text) == (True, "Export stops at half")


def test_what_is_not_there_was_deleted_moved_or_hidden(desk: GitHubIssues, vendor: Vendor) -> None:
    vendor.statuses = {PLACE: 404}
    with pytest.raises(NotThere):
        desk.fetch(REF)
    vendor.statuses = {PLACE: 410}
    assert desk.fetch(REF) is None
    vendor.statuses = {}
    for refused in ("github/acme/other/7", "github/acme/app/../../user", "zendesk/acme/7"):
        with pytest.raises(NotThere):
            desk.fetch(refused)
    vendor.answers[PLACE] = issue(pull_request={"url": "x"})
    with pytest.raises(NotThere, match="pull request"):
        desk.fetch(REF)
    for broken in (issue(8), issue(created_at=None), issue(html_url="x"), [], issue(repository_url=None)):
        vendor.answers[PLACE] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)
    vendor.answers[PLACE] = issue()
    for broken in ({}, [{"body": "x"}], ["x"]):
        vendor.answers[f"{PLACE}/comments"] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)
    there = f"{vendor.url}/repositories/5/issues/3"
    vendor.answers[PLACE] = Reply({}, 301, {"location": there})
    vendor.answers["/repositories/5/issues/3"] = issue(3, repository="acme/elsewhere")
    with pytest.raises(NotThere, match="not read"):
        desk.fetch(REF)


def test_a_moved_issue_stays_one_ticket_whichever_is_heard_of_first(deps: Deps, vendor: Vendor) -> None:
    helpdesk.fetch_ticket(deps, HERE, Source.GITHUB, REF)
    vendor.answers[PLACE] = Reply({}, 301, {"location": f"{vendor.url}/repositories/5/issues/3"})
    moved = issue(3, repository="acme/web", minute=40)
    vendor.answers |= dict.fromkeys(("/repositories/5/issues/3", "/repos/acme/web/issues/3"), moved)
    vendor.answers["/repos/acme/web/issues/3/comments"] = COMMENTS[:2]
    helpdesk.fetch_ticket(deps, HERE, Source.GITHUB, "github/acme/web/3")
    helpdesk.fetch_ticket(deps, HERE, Source.GITHUB, REF)
    old, new = (stored(deps, Source.GITHUB, ref) for ref in (REF, "github/acme/web/3"))
    assert old.id == new.id
    assert [m.author for m in new.messages] == ["ann", "triage[bot]", "bo"]


def test_polling_asks_for_what_changed_since_the_last_entry_and_counts_pages_within_a_second(
    desk: GitHubIssues, vendor: Vendor
) -> None:
    api = captured("github/api.github.com.issues-slice.json")["paths"]["/repos/{owner}/{repo}/issues"]["get"]
    allowed = {one.get("name") or one["$ref"].rpartition("/")[2].replace("-", "_") for one in api["parameters"]}
    more = {"link": f'<{vendor.url}/x>; rel="next"'}
    told = [issue(1, minute=20), issue(2, minute=30, pull_request={}), issue(3, body=hidden(MARK))]
    vendor.answers["/repos/acme/app/issues"] = lambda query, _: (
        Reply(told, headers=more) if query["page"] == "1" else Reply([issue(4)])
    )
    vendor.answers["/repos/acme/web/issues"] = [issue(5, repository="acme/web")]
    cursor, seen, asked = None, [], 0
    while asked < 9:
        page = desk.changes_since(NOW - timedelta(hours=9), cursor)
        seen += [change.external_id for change in page.changes]
        cursor, asked = page.more, asked + 1
        if cursor is None:
            break
    assert cursor is None
    assert seen == [f"github/acme/{tail}" for tail in ("app/1", "app/1", "app/4", "web/5")]
    asked_for = [(query["since"][11:], query["page"]) for _, _, query, _ in vendor.sent]
    assert asked_for == [("00:00:00Z", "1"), ("08:29:59Z", "1"), ("08:29:59Z", "2"), ("00:00:00Z", "1")]
    for _, _, query, _ in vendor.sent:
        assert set(query) <= allowed
        assert query["since"].endswith("Z")
    assert desk.changes_since(NOW, "9|1|2026-01-12T08:00:00+00:00").changes  # a cursor of other settings begins anew


def test_the_way_of_an_issue_edits_and_deletions_followed(deps: Deps, vendor: Vendor) -> None:
    vendor.answers["/repos/acme/app/issues"] = lambda _query, _: [vendor.answers[PLACE]]
    vendor.answers["/repos/acme/web/issues"] = []
    polled(deps, "1")
    polled(deps, "2")
    ticket = stored(deps, Source.GITHUB, REF)
    assert (ticket.customer.name, len(ticket.messages)) == ("ann", 4)
    assert ticket.messages[0].permalink == "https://github.com/acme/app/issues/7"
    fetches = [path for _, path, _, _ in vendor.sent if path == PLACE]
    assert len(fetches) == 1
    vendor.answers[PLACE] = issue(body="The export stops", minute=45, state="closed")
    vendor.answers[f"{PLACE}/comments"] = COMMENTS[:2]
    polled(deps, "3")
    ticket = stored(deps, Source.GITHUB, REF)
    assert [m.text for m in ticket.messages][::2] == ["The export stops", "Which version is it?"]
    assert ticket.state is TicketState.RESOLVED
    desk = deps.helpdesks.desk(Source.GITHUB)
    assert desk is not None
    gone = {"action": "deleted", "issue": issue(), "repository": {"full_name": "acme/app"}}
    helpdesk.receive(deps, HERE, desk, "d1", {"x-github-event": "issues"}, gone)
    work(deps)
    assert stored(deps, Source.GITHUB, REF).messages == ()


def test_the_teams_own_issue_is_no_ticket_until_a_customer_speaks(deps: Deps, vendor: Vendor) -> None:
    vendor.answers[PLACE] = issue(user=BO, role="OWNER")
    vendor.answers[f"{PLACE}/comments"] = COMMENTS[:2]
    assert helpdesk.fetch_ticket(deps, HERE, Source.GITHUB, REF).ticket_id is None
    vendor.answers[f"{PLACE}/comments"] = [*COMMENTS[:2], comment(5, ANN, "The export stops for us as well")]
    helpdesk.fetch_ticket(deps, HERE, Source.GITHUB, REF)
    ticket = stored(deps, Source.GITHUB, REF)
    assert (ticket.customer.name, ticket.request) == ("ann", RequestVerdict.REQUEST)


def test_a_notification_in_slack_joins_the_issue_and_one_of_the_team_is_not_counted(deps: Deps, vendor: Vendor) -> None:
    url = "https://github.com/Acme/App/issues/7"
    assert announced(deps, url, "Export stops at half").new_ticket
    ticket = stored(deps, Source.GITHUB, REF)
    assert ticket.messages[0].text == "The export stops at 50% every time"
    assert len(ticket.messages) == 4
    vendor.answers["/repos/acme/app/issues/8"] = issue(8, user=BO, role="MEMBER")
    vendor.answers["/repos/acme/app/issues/8/comments"] = []
    announced(deps, "https://github.com/acme/app/issues/8", "Rewrite the exporter")
    assert stored(deps, Source.GITHUB, "github/acme/app/8").request is RequestVerdict.NOT_REQUEST


def test_an_issue_that_we_opened_is_never_a_ticket(deps: Deps, vendor: Vendor) -> None:
    vendor.answers[PLACE] = issue(body=f"12 tickets\n\n{hidden(MARK)}")
    assert helpdesk.fetch_ticket(deps, HERE, Source.GITHUB, REF).ticket_id is None
    with deps.db.write() as session:
        workspaces.ensure(session, HERE, NOW)
        theme = themes.give_birth(session, HERE, NOW, first_at=NOW, title="Export stops")
        tracked_issues.want(session, HERE, theme, MARK, "Export stops at half", by="U1", now=NOW)
        row = tracked_issues.of_theme(session, HERE, theme)
        assert row is not None
        tracked_issues.update(session, row.id, attempts=1)
    url = "https://github.com/acme/app/issues/7"
    assert (
        announced(deps, url, "Export stops at half").refusal == "an issue that we opened"
    )  # before we know its number
    with deps.db.write() as session:
        tracked_issues.update(session, row.id, state=tracked_issues.OPENED, url=url)
    for title in ("Export stops", "closed"):
        assert announced(deps, url, title).refusal == "an issue that we opened"
    assert stored(deps, Source.GITHUB, REF) is None
    vendor.answers["/repos/acme/app/issues/70"] = issue(70)
    vendor.answers["/repos/acme/app/issues/70/comments"] = []
    assert announced(deps, "https://github.com/acme/app/issues/70", "Another one").new_ticket
    with deps.db.write() as session:
        tracked_issues.update(session, row.id, attempts=0)  # a person tied the theme to a customer's issue
    assert announced(deps, url, "Export stops half way").new_ticket


def test_settings_that_make_it_and_what_the_doctor_says(desk: GitHubIssues, vendor: Vendor) -> None:
    made = build_helpdesks(load_settings(None, github_repositories="acme/app, acme/web", github_token="t"))
    assert list(made.desks) == [Source.GITHUB]
    assert made.webhooks() == []
    made.close()
    with pytest.raises(BadSettings, match="GITHUB_TOKEN"):
        build_helpdesks(load_settings(None, github_repositories="acme/app"))
    for bad in ("acme", "acme/app/x", "https://github.com/acme/app", "acme/.."):
        with pytest.raises(BadSettings, match="GITHUB_REPOSITORIES"):
            load_settings(None, github_repositories=bad)
    for bad in ("http://evil.example", "https://u@evil.example", "https://x.example/?a"):
        with pytest.raises(BadSettings, match="GITHUB_API_URL"):
            load_settings(None, github_api_url=bad)
    for name in ("app", "web"):
        vendor.answers[f"/repos/acme/{name}"] = {"has_issues": True}
        vendor.answers[f"/repos/acme/{name}/issues"] = []
    assert desk.check() == "issues of acme/app, acme/web"
    vendor.answers["/repos/acme/web"] = {"has_issues": False}
    with pytest.raises(NotThere, match="off in acme/web"):
        desk.check()
    vendor.answers["/repos/acme/app"] = Reply({}, 301, {"location": f"{vendor.url}/repositories/5"})
    with pytest.raises(NotThere, match="another name"):
        desk.check()

"""Jira Service Management in: who sees a comment, who speaks, the account's clock, and what moved or is ours."""

from __future__ import annotations

import copy
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from databases import NOW
from helpdesk_vendors import (
    HERE,
    Vendor,
    announced,
    captured,
    deps_with,
    mutated,
    polled,
    serving,
    stored,
    work,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.deps import Deps
from bot.errors import BadSettings
from bot.flows import helpdesk
from bot.helpdesks import build_helpdesks
from bot.settings import load_settings
from integrations.helpdesks.jira import ServiceManagement
from integrations.helpdesks.port import Change, Forged, Nothing, NotThere, Unavailable
from integrations.marks import label
from intelligence.model import Role, Source, TicketState

REF = "jira/acme.atlassian.net/SUP-7"
PLACE = "/rest/api/3/issue/SUP-7"
MARK = "ticket-intel:" + "0123456789abcdef" * 2
ANN = {"accountId": "qm:1", "accountType": "customer", "displayName": "Ann", "emailAddress": "Ann@acme.example"}
BO = {"accountId": "5c", "accountType": "atlassian", "displayName": "Bo"}
BOT = {"accountId": "557058", "accountType": "app", "displayName": "Automation for Jira"}
ORGANISATIONS = {
    "customfield_10002": {"type": "array", "custom": "com.atlassian.servicedesk:sd-customer-organizations"}
}


def request(key: str = "SUP-7", *, minute: int = 30, done: bool = False, **more: Any) -> dict[str, Any]:
    fields = {
        "summary": "Cannot print", "reporter": ANN, "labels": [], "project": {"key": key.partition("-")[0]},
        "created": "2026-01-12T09:00:00.000+0100", "updated": f"2026-01-12T09:{minute}:00.000+0100",
        "status": {"name": "Open", "statusCategory": {"key": "done" if done else "new"}},
        "description": {"type": "doc", "version": 1, "content": []}, "customfield_10002": [{"id": "1", "name": "Acme"}],
    } | more  # fmt: skip
    rendered = {"description": "<p>The page prints <b>twice</b> since Monday</p>"}
    return {"id": "10040", "key": key, "fields": fields, "renderedFields": rendered, "schema": ORGANISATIONS}


def comment(key: int, author: Any, text: str, *, public: Any = True, **more: Any) -> dict[str, Any]:
    at = f"2026-01-12T09:{key:02}:00.000+0100"
    return {
        "id": str(key),
        "author": author,
        "renderedBody": f"<p>{text}</p>",
        "created": at,
        "jsdPublic": public,
    } | more


COMMENTS = [
    comment(1, BOT, "We got your request"),
    comment(2, BO, "SECRET-NOTE", public=False),
    comment(3, BO, "SECRET of a role", visibility={"type": "role", "value": "Administrators"}),
    comment(4, BO, "Which printer?"),
    comment(5, ANN, "The one on the second floor"),
    comment(6, BO, "TI-4 now: 12", properties=[{"key": "ticket-intel", "value": {"marker": MARK}}]),
]


def listed(comments: list[dict[str, Any]]) -> Any:
    """Two a page, whatever is asked for."""

    def answer(query: dict[str, str], _: Any) -> dict[str, Any]:
        start = int(query["startAt"])
        return {"comments": comments[start : start + 2], "total": len(comments), "startAt": start}

    return answer


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as played:
        played.answers = {
            PLACE: request(), f"{PLACE}/comment": listed(COMMENTS),
            "/rest/api/3/myself": {"displayName": "Cy", "timeZone": "Europe/Berlin"},
        }  # fmt: skip
        yield played


@pytest.fixture
def desk(vendor: Vendor) -> Iterator[ServiceManagement]:
    made = ServiceManagement(
        "acme", ["HELP", "SUP"], "cy@us.example", "tok", secret="s", base_url=vendor.url, timeout=5
    )
    yield made
    made.close()


@pytest.fixture
def deps(tmp_path: Path, sqlite_template: Path, desk: ServiceManagement) -> Iterator[Deps]:
    with deps_with(tmp_path, sqlite_template, desk) as made:
        yield made


def test_a_delivery_is_proved_and_named_by_its_identifier(desk: ServiceManagement) -> None:
    body = b'{"webhookEvent": "comment_created"}'
    right = {"x-hub-signature": "sha256=" + hmac.digest(b"s", body, "sha256").hex()}
    assert desk.verify(right | {"x-atlassian-webhook-identifier": "w-1"}, body, NOW) == "w-1"
    digest = desk.verify(right, body, NOW)
    assert len(digest) == 64
    assert desk.verify(right | {"x-atlassian-webhook-identifier": "é\n" * 300}, body, NOW) == digest
    for headers, content in (({}, body), (right, body + b" "), ({"x-atlassian-webhook-identifier": "w-1"}, body)):
        with pytest.raises(Forged):
            desk.verify(headers, content, NOW)
    unsigned = ServiceManagement("acme", ["SUP"], "cy@us.example", "tok")
    assert not unsigned.takes_webhooks
    with pytest.raises(Forged):
        unsigned.verify(right, body, NOW)
    unsigned.close()


def test_what_a_delivery_is_about(desk: ServiceManagement) -> None:
    told = {"webhookEvent": "jira:issue_updated", "timestamp": 5, "issue": request()}
    assert desk.read({}, told) == Change(REF, "5")
    assert desk.read({}, told | {"webhookEvent": "jira:issue_deleted"}) == Change(REF, "5", deleted=True)
    assert desk.read({}, told | {"webhookEvent": "comment_deleted"}) == Change(REF, "5")
    for none in (
        told | {"webhookEvent": "jira:worklog_updated"},
        told | {"issue": request("ENG-7")},
        told | {"issue": request(project={"key": "ENG"})},
        told | {"issue": request(labels=["ticket-intel", label(MARK)])},
        told | {"issue": {"key": "SUP-7 OR 1"}},
        {},
    ):
        read = desk.read({}, none)
        assert isinstance(read, Nothing)
        assert read.reason


def test_a_request_with_internal_comments_machines_and_our_own(desk: ServiceManagement, vendor: Vendor) -> None:
    found = desk.fetch(REF)
    assert found is not None
    assert [(one.role, one.private, one.author, one.text) for one in found.messages] == [
        (Role.CUSTOMER, False, "Ann", "The page prints twice since Monday"),
        (Role.BOT, False, "Automation for Jira", "We got your request"),
        (Role.AGENT, True, "Bo", "SECRET-NOTE"),
        (Role.AGENT, True, "Bo", "SECRET of a role"),
        (Role.AGENT, False, "Bo", "Which printer?"),
        (Role.CUSTOMER, False, "Ann", "The one on the second floor"),
    ]
    who = found.requester
    assert who is not None
    assert (who.name, who.email, who.organisation) == ("Ann", "ann@acme.example", "Acme")
    assert found.at == datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
    assert (found.subject, found.solved, found.url) == (
        "Cannot print",
        False,
        "https://acme.atlassian.net/browse/SUP-7",
    )
    assert [query["startAt"] for _, path, query, _ in vendor.sent if path.endswith("comment")] == ["0", "2", "4"]
    colleague = request(done=True, reporter=BO, description=None)  # an employee may ask the helpdesk too
    vendor.answers[PLACE] = colleague | {"renderedFields": {"description": None}}
    asked = desk.fetch(REF)
    assert asked is not None
    assert (asked.messages[0].text, asked.messages[4].role, asked.solved) == ("Cannot print", Role.CUSTOMER, True)
    api = captured("jira/swagger-v3.v3.json")["paths"]
    for _, path, query, _ in vendor.sent:
        known = api[path.replace("SUP-7", "{issueIdOrKey}")]["get"]["parameters"]
        assert set(query) <= {one["name"] for one in known}


def test_what_is_hidden_moved_or_half(desk: ServiceManagement, vendor: Vendor) -> None:
    vendor.statuses = {PLACE: 404}
    for hidden in (
        REF,
        "jira/acme.atlassian.net/ENG-7",
        "jira/other.atlassian.net/SUP-7",
        "jira/acme.atlassian.net/../x",
    ):
        with pytest.raises(NotThere):
            desk.fetch(hidden)
    vendor.statuses = {}
    vendor.answers[PLACE] = request("ENG-9")
    with pytest.raises(NotThere, match="not read"):
        desk.fetch(REF)
    for broken in (
        request(key="x"),
        request(created=None),
        [],
        {k: v for k, v in request().items() if k != "renderedFields"},
    ):
        vendor.answers[PLACE] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)
    vendor.answers[PLACE] = request()
    for broken in ({}, {"comments": []}, {"comments": [], "total": 3}, {"comments": [{"id": "1"}], "total": 1}):
        vendor.answers[f"{PLACE}/comment"] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_answer_is_read_or_refused_and_no_note_gets_out(
    desk: ServiceManagement, vendor: Vendor, data: st.DataObject
) -> None:
    whole = {"issue": request(), "comments": copy.deepcopy(COMMENTS)}
    changed, path = mutated(data, whole)
    comments = changed.get("comments")
    vendor.answers[PLACE] = changed.get("issue")
    vendor.answers[f"{PLACE}/comment"] = {"comments": comments, "total": len(COMMENTS)}
    try:
        found = desk.fetch(REF)
    except (Unavailable, NotThere):
        return
    assert found is not None
    assert found.external_id == REF or path[-1] == "key"
    for one in found.messages:
        one.text.encode()
        assert "SECRET" not in one.text or one.private or path[-1] in {"jsdPublic", "visibility"}


def test_searches_are_what_the_openapi_wants_in_the_clock_of_the_account(
    desk: ServiceManagement, vendor: Vendor
) -> None:
    vendor.answers["/rest/api/3/search/jql"] = lambda _query, body: {
        "issues": [request(), request("SUP-8", labels=[label(MARK)]), request("ENG-1"), {"key": 7}],
        "nextPageToken": None if body.get("nextPageToken") == "t2" else "t2" if body.get("nextPageToken") else "t1",
    }
    cursor, seen = None, []
    for _ in range(9):
        page = desk.changes_since(NOW - timedelta(hours=1), cursor)
        seen += [change.external_id for change in page.changes]
        cursor = page.more
        if cursor is None:
            break
    assert cursor is None
    assert seen == [REF] * 3
    bodies = [body for _, path, _, body in vendor.sent if path.endswith("jql")]
    assert {body["jql"] for body in bodies} == {
        'project in ("HELP", "SUP") AND updated >= "2026-01-12 09:00" ORDER BY updated ASC'
    }
    api = captured("jira/swagger-v3.v3.json")
    schema = {"$ref": "#/components/schemas/SearchAndReconcileRequestBean", "components": api["components"]}
    for body in bodies:
        jsonschema.validate(body, schema)
        for broken in (body | {"maxResult": 1}, body | {"jql": 7}, body | {"fields": "updated"}):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(broken, schema)
    twice = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)  # 02:20 in Berlin for the second time
    desk.changes_since(twice)
    assert '"2026-10-25 02:20"' in vendor.sent[-1][3]["jql"]
    desk.changes_since(twice - timedelta(hours=1))
    assert '"2026-10-25 01:20"' in vendor.sent[-1][3]["jql"]
    vendor.answers["/rest/api/3/myself"] = {"timeZone": "../etc"}
    with pytest.raises(Unavailable, match="time zone"):
        desk.changes_since(NOW)


def test_the_way_of_a_request_moved_solved_and_out_again(deps: Deps, vendor: Vendor, desk: ServiceManagement) -> None:
    told = captured("jira/webhook-examples/webhook-cloud-comment-created.json")
    told["issue"] |= {"key": "SUP-7", "fields": {"project": {"key": "SUP"}}}
    for _ in range(2):
        helpdesk.receive(deps, HERE, desk, "w-1", {}, told)
        work(deps)
    found = stored(deps, Source.JIRA, REF)
    assert [m.private_note for m in found.messages] == [False, False, True, True, False, False]
    assert (found.customer.email, found.account.name) == ("ann@acme.example", "Acme")
    moved = "jira/acme.atlassian.net/HELP-3"
    vendor.answers |= {place: request("HELP-3", minute=40, done=True) for place in (PLACE, "/rest/api/3/issue/HELP-3")}
    vendor.answers["/rest/api/3/issue/HELP-3/comment"] = listed(COMMENTS[:5])
    vendor.answers["/rest/api/3/search/jql"] = {"issues": [request("HELP-3", minute=40)]}
    polled(deps, "1")
    helpdesk.fetch_ticket(deps, HERE, Source.JIRA, REF)
    new = stored(deps, Source.JIRA, moved)
    assert new.id == stored(deps, Source.JIRA, REF).id
    assert [m.key.partition("#")[0] for m in new.messages] == [moved] * 6
    assert new.state is TicketState.RESOLVED
    deleted = json.loads(json.dumps(told).replace("SUP-7", "HELP-3").replace('"SUP"', '"HELP"'))
    helpdesk.receive(deps, HERE, desk, "w-2", {}, deleted | {"webhookEvent": "jira:issue_deleted"})
    work(deps)
    assert stored(deps, Source.JIRA, moved).messages == ()


def test_a_notification_in_slack_joins_the_request(deps: Deps, vendor: Vendor) -> None:
    assert announced(deps, "https://acme.atlassian.net/servicedesk/customer/portal/3/SUP-7", "Cannot print").new_ticket
    announced(deps, "https://acme.atlassian.net/browse/SUP-7", "Cannot print again", "Somebody answered")
    found = stored(deps, Source.JIRA, REF)
    assert found.customer.email == "ann@acme.example"
    assert [m.text for m in found.messages].count("The page prints twice since Monday") == 1
    vendor.answers["/rest/api/3/issue/SUP-8"] = request("SUP-8", labels=[label(MARK)])
    assert helpdesk.fetch_ticket(deps, HERE, Source.JIRA, "jira/acme.atlassian.net/SUP-8").ticket_id is None


def test_settings_that_make_it_and_what_the_doctor_says(desk: ServiceManagement, vendor: Vendor) -> None:
    given_ = {"jira_site": "acme", "jira_projects": "sup,HELP", "jira_email": "cy@us.example", "jira_token": "t"}
    scoped = "https://api.atlassian.com/ex/jira/12-ab"
    made = build_helpdesks(load_settings(None, **given_, jira_api_url=scoped))
    assert list(made.desks) == [Source.JIRA]
    assert made.desks[Source.JIRA].owns("jira/acme.atlassian.net/HELP-1")
    made.close()
    with pytest.raises(BadSettings, match="JIRA_PROJECTS"):
        build_helpdesks(load_settings(None, **given_ | {"jira_projects": ""}))
    for name, bad in (("jira_site", "acme.atlassian.net"), ("jira_projects", 'SUP") OR ("A'),
                      ("jira_api_url", "https://evil.example/ex/jira/1"), ("jira_api_url", "https://api.atlassian.com/")):  # fmt: skip
        with pytest.raises(BadSettings, match=name.upper()):
            load_settings(None, **{name: bad})
    for project in ("SUP", "HELP"):
        vendor.answers[f"/rest/api/3/project/{project}"] = {"key": project}
    assert desk.check() == "HELP, SUP of acme.atlassian.net as Cy"
    del vendor.answers["/rest/api/3/project/HELP"]
    with pytest.raises(NotThere, match="project HELP"):
        desk.check()

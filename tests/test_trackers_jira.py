"""Jira as the tracker: what is sent against its own OpenAPI and document schema, and the way of an issue against a
local server."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from answer_values import WORDS
from databases import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import HERE, SCOPE, Office, an_office
from tracker_vendors import SECRET, JiraVendor, hears, serving

from bot.blocks.markdown import words
from bot.flows import following, loop, tracking
from bot.messenger import TryLater
from integrations.helpdesks.port import AccessDenied, Forged, HelpdeskError, NotThere, Rejected, Unavailable
from integrations.trackers.adf import document
from integrations.trackers.jira import Jira
from integrations.trackers.port import IssueDraft, IssueState
from storage import tracked_issues

SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas"


@pytest.fixture
def vendor() -> Iterator[JiraVendor]:
    with serving(JiraVendor()) as played:
        yield played


@pytest.fixture
def jira(vendor: JiraVendor) -> Iterator[Jira]:
    made = Jira("acme", "ENG", "a@acme.example", "t", base_url=vendor.url, secret=SECRET, timeout=2.0)
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path, jira: Jira) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        made.deps = replace(made.deps, tracker=jira)
        yield made


@cache
def openapi() -> Any:
    file = SCHEMAS / "jira" / "swagger-v3.v3.json"
    if not file.exists():
        pytest.skip("Jira's OpenAPI is not beside the checkout")
    return json.loads(file.read_text())


@cache
def adf() -> jsonschema.Draft4Validator:
    file = SCHEMAS / "adf" / "adf-v1-full.schema.json"
    if not file.exists():
        pytest.skip("the schema of Atlassian's documents is not beside the checkout")
    return jsonschema.Draft4Validator(json.loads(file.read_text()))


def body_validator(path: str, method: str) -> jsonschema.Draft4Validator:
    """By the path as the OpenAPI writes it, with names for ids."""
    template = path.partition("?")[0]
    if "/comment" in template:
        template = "/rest/api/3/issue/{issueIdOrKey}/comment" + ("/{id}" if method == "PUT" else "")
    content = openapi()["paths"][template][method.lower()]["requestBody"]["content"]["application/json"]
    return jsonschema.Draft4Validator(content["schema"] | {"components": openapi()["components"]})


def documents(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if value.get("type") == "doc":
            yield value
        for entry in value.values():
            yield from documents(entry)


DRAFT = IssueDraft(
    "Login fails\nfor everybody",
    "# Login fails\n\n5 tickets, 4 customers.\n\n`▁▂█` 1 a day\n\n## Who is different\n- Okta \\*61%\\*\n- EU\n\n"
    "## What customers say\n> It &lt;loops&gt; (\\[x\\])\n>\n> Acme, 2026-01-12 ([open](https://slack.test/p%281%29))\n\nTI-1",
)


def test_what_is_sent_is_what_the_openapi_wants(vendor: JiraVendor, jira: Jira) -> None:
    made = jira.create(DRAFT, "ticket-intel:1")
    jira.search("Login fails")
    found = jira.find("ticket-intel:1")
    assert (found and found.ref, found and found.stage) == (made.ref, "To Do")
    note = jira.update_count(made.ref, "5 tickets", "ticket-intel:1", None)
    jira.update_count(made.ref, "6 tickets", "ticket-intel:1", note)
    checked = 0
    for method, path, body in vendor.sent:
        if body is None:
            continue
        validator = body_validator(path, method)
        assert [error.message for error in validator.iter_errors(body)] == []
        for name in body:
            broken = copy.deepcopy(body) | {name: 7 if name != "maxResults" else "many"}
            if name != "body":  # any JSON to the OpenAPI; the schema of documents refuses it below
                assert not validator.is_valid(broken), name
        for found in documents(body):
            assert [error.message for error in adf().iter_errors(found)] == []
            for name in ("type", "version", "content"):
                assert not adf().is_valid(found | {name: "surprise"})
        checked += 1
    assert checked == 5


def test_our_markdown_as_a_document() -> None:
    made = document(DRAFT.body)
    assert [node["type"] for node in made["content"]] == [
        "heading", "paragraph", "paragraph", "heading", "bulletList", "heading", "blockquote", "paragraph",
    ]  # fmt: skip
    said = json.dumps(made, ensure_ascii=False)
    assert '"It <loops> ([x])"' in said
    assert '"Okta *61%*"' in said
    assert {"type": "link", "attrs": {"href": "https://slack.test/p%281%29"}} in [
        mark for node in made["content"][6]["content"][1]["content"] for mark in node.get("marks", ())
    ]
    assert document("")["content"] == [{"type": "paragraph", "content": []}]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example, HealthCheck.data_too_large],
    deadline=None,
)
@given(st.lists(st.one_of(WORDS, WORDS.map(words), WORDS.map(lambda said: f"- {said}"), st.just("> "))))
def test_whatever_is_said_makes_a_document(lines: list[str]) -> None:
    made = document("\n".join(lines)[:20_000])
    assert [error.message for error in adf().iter_errors(made)] == []
    for link in (mark for mark in marks(made) if mark["type"] == "link"):
        assert link["attrs"]["href"].startswith(("http://", "https://"))


def marks(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.get("marks", ())
        for entry in value.get("content", ()):
            yield from marks(entry)


def test_an_issue_is_opened_followed_done_and_reopened(office: Office, vendor: JiraVendor) -> None:
    theme, _ = office.theme(7, thread_ts="1.000100")
    tracking.request(office.deps, SCOPE, office.standing(theme).key, "Login fails", by="UPIA")
    office.work()
    office.work()
    assert (office.standing(theme).issue_key, office.standing(theme).issue_url) == (
        "ENG-1",
        "https://acme.atlassian.net/browse/ENG-1",
    )
    assert ["7 tickets" in json.dumps(one["body"]) for one in vendor.comments] == [True]
    for resolution, waiting in (("Won't Do", 0), ("Duplicate", 0), ("Done", 7)):
        vendor.close(1, resolution=resolution)
        assert hears(office, vendor.issues[0]["id"], resolution)
        office.work()
        assert loop.review(office.deps, SCOPE).waiting == waiting
    assert office.standing(theme).state == "verifying"
    vendor.issues[0]["fields"]["status"] = {"name": "In Progress", "statusCategory": {"key": "indeterminate"}}
    following.poll(office.deps, HERE, due=NOW.replace(minute=3))
    office.work()
    assert (office.standing(theme).state, loop.review(office.deps, SCOPE).waiting) == ("new", 0)
    assert len(vendor.comments) == 1


def test_a_crash_after_the_issue_was_made_opens_it_once(office: Office, vendor: JiraVendor) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, office.standing(theme).key, "Login fails", by="UPIA")
    with office.deps.db.read() as session:
        row = tracked_issues.of_theme(session, HERE, theme)
    assert row is not None
    vendor.lose = True
    with pytest.raises(TryLater):
        tracking.open_issue(office.deps, HERE, row.id)
    tracking.open_issue(office.deps, HERE, row.id)
    assert len(vendor.issues) == 1
    assert office.standing(theme).issue_key == "ENG-1"


def test_a_comment_is_written_once_and_again_when_it_was_deleted(vendor: JiraVendor, jira: Jira) -> None:
    vendor.lose = True
    with pytest.raises(Unavailable):
        jira.update_count("10001", "5 tickets", "m", None)
    note = jira.update_count("10001", "6 tickets", "m", None)
    assert len(vendor.comments) == 1
    assert "6 tickets" in json.dumps(vendor.comments)
    vendor.comments.clear()
    jira.update_count("10001", "7 tickets", "m", note)
    assert len(vendor.comments) == 1


def test_a_search_is_made_of_words_alone(vendor: JiraVendor, jira: Jira) -> None:
    jira.search('Login" OR project = "SECRET\\" -- fails \u202e')
    assert (
        vendor.sent[0][2]["jql"]
        == 'project = "ENG" AND (text ~ "Login" OR text ~ "project" OR text ~ "SECRET" OR text ~ "fails")'
    )
    assert jira.search("? ! a") == []
    assert len(vendor.sent) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotThere),
        (409, Rejected),
        (429, Unavailable),
        (503, Unavailable),
    ],
)
def test_what_jira_refuses_has_a_name(vendor: JiraVendor, jira: Jira, status: int, error: type[Exception]) -> None:
    vendor.fail = [status]
    with pytest.raises(error):
        jira.status("ENG-1")


@pytest.mark.parametrize("answer", [{}, {"id": 1}, {"id": "1", "key": "A-1", "fields": []}, [], 7, None, "x"])
def test_an_answer_that_is_none_is_refused(
    vendor: JiraVendor, jira: Jira, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(vendor, "reply", lambda *_: (200, answer))
    with pytest.raises(HelpdeskError):
        jira.status("ENG-1")


def signed(jira: Jira, body: bytes, *, secret: str = SECRET) -> Any:
    mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return jira.parse_webhook({"x-hub-signature": f"sha256={mac}"}, body, NOW)


def test_captured_deliveries_name_their_issue(jira: Jira) -> None:
    files = sorted((SCHEMAS / "jira" / "webhook-examples").glob("*.json"))
    if not files:
        pytest.skip("Jira's captures are not beside the checkout")
    seen: list[str] = []
    for file in files:
        payload = json.loads(file.read_text())
        event = str(payload.get("webhookEvent"))
        wanted = payload["issue"]["id"] if event.startswith("jira:issue_") else None
        assert signed(jira, file.read_bytes()).ref == wanted
        seen.append(event)
        for name in payload:
            for value in (None, 7, [], {}, "x"):
                assert signed(jira, json.dumps(payload | {name: value}).encode()).ref in (wanted, None)
        with pytest.raises(Forged):
            signed(jira, file.read_bytes(), secret="another")
    assert "jira:issue_updated" in seen


def test_an_issue_is_called_as_people_call_it(jira: Jira) -> None:
    made = jira.create(DRAFT, "m")
    assert made.title == "Login fails for everybody"
    for typed in ("ENG-1", made.ref, "https://acme.atlassian.net/browse/ENG-1", " ENG-1 "):
        assert jira.status(typed).state is IssueState.OPEN
    for typed in ("#1", "ENG", "../ENG-1", "", "ENG-1?x=1", "https://evil.example/ENG-1"):
        with pytest.raises(NotThere):
            jira.status(typed)


def test_the_check_names_what_is_missing(vendor: JiraVendor, jira: Jira) -> None:
    assert jira.check() == "project ENG as Ada"
    assert all(one.startswith("Basic ") for one in vendor.credentials)
    vendor.types = ("Bug", "Story")
    with pytest.raises(NotThere, match="no type Task, only Bug, Story"):
        jira.check()
    vendor.granted = False
    with pytest.raises(AccessDenied, match="may not BROWSE_PROJECTS, CREATE_ISSUES"):
        jira.check()

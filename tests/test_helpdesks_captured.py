"""Deliveries that vendors captured: each names its ticket, and a damaged copy the same one or none, with the reason."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from helpdesk_vendors import HERE, captured, deps_with, mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.bodies import Bodies
from bot.deps import Deps
from bot.senders import Senders
from bot.webhooks import add_webhooks
from integrations.helpdesks.freshdesk import Freshdesk
from integrations.helpdesks.github import GitHubIssues
from integrations.helpdesks.intercom import Intercom
from integrations.helpdesks.jira import ServiceManagement
from integrations.helpdesks.port import Change, Helpdesk, Nothing
from integrations.helpdesks.zendesk import Zendesk
from intelligence.model import Source


@dataclass(frozen=True)
class Capture:
    """A captured payload, of whom, and the ticket that it names (None: none). `inside` leads to a payload in a list of
    deliveries; `ids` are the keys that name the ticket: another value there names another one.
    """

    file: str
    make: Callable[[], Helpdesk]
    ref: str | None
    headers: tuple[tuple[str, str], ...] = ()
    inside: int | None = None
    ids: tuple[str, ...] = ("id",)

    def payload(self) -> Any:
        found = _read(self.file)
        return found if self.inside is None else found[self.inside]["body"]

    def desk(self) -> Helpdesk:
        return _made(self)

    def __str__(self) -> str:
        return self.file.rpartition("/")[2]


_read = cache(captured)


@cache
def _made(one: Capture) -> Helpdesk:
    """One for all examples: a client reads the machine's certificates when it is made."""
    made = one.make()
    _MADE.append(made)
    return made


_MADE: list[Helpdesk] = []


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    for desk in _MADE:
        desk.close()


def github(file: str, repository: str, number: int | None, event: str = "issues", inside: int | None = None) -> Capture:
    ref = f"github/{repository.lower()}/{number}" if number else None
    headers = (("x-github-event", event),)
    return Capture(f"github/{file}", lambda: GitHubIssues([repository], "t"), ref, headers, inside)


def jira(file: str, site: str, key: str | None) -> Capture:
    project = (key or "TES-4").partition("-")[0]
    ref = f"jira/{site}.atlassian.net/{key}" if key else None
    path = f"jira/webhook-examples/webhook-{file}.json"
    return Capture(path, lambda: ServiceManagement(site, [project], "a@b.example", "t"), ref)


def intercom(file: str, workspace: str, key: str) -> Capture:
    path = f"intercom/webhook-examples/{file}.json"
    return Capture(path, lambda: Intercom(workspace, "t"), f"intercom/{workspace}/{key}")


SOME, EXAMPLES = "some-instance-test", "webhook-examples"
CAPTURES = [
    Capture(
        "zendesk/event.ticket.agent_assignment_changed.json", lambda: Zendesk("acme", "a@b.example", "t"),
        "zendesk/acme/5158",
    ),
    intercom("conversation_user_replied.v1-2019", "i6wc9ipe", "21322009097"),
    intercom("conversation_admin_closed.v1-2019", "i6wc9ipe", "21322009097"),
    intercom("ticket_closed.v2-2026.ABRIDGED", "abc123def", "215472629311235"),
    github(f"{EXAMPLES}/integrations-slack.issue_comment.json", "github-slack/test", 23, "issue_comment"),
    github(f"{EXAMPLES}/integrations-slack.issues.closed.json", "github-slack/public-test", 1),
    github(f"{EXAMPLES}/integrations-slack.issues.opened.json", "github-slack/public-test", 1),
    github(f"{EXAMPLES}/octokit.issue_comment.created.json", "Codertocat/Hello-World", 1, "issue_comment"),
    github(f"{EXAMPLES}/octokit.issues.opened.json", "Codertocat/Hello-World", 1),
    github(f"{EXAMPLES}/octokit.issues.reopened.json", "Codertocat/Hello-World", 1),
    github(f"{EXAMPLES}/octokit.issues.transferred.json", "octo-org/octo-repo", None),  # a pull request
    github(f"{EXAMPLES}/octokit.discussion.created.json", "octo-org/octo-repo", None, "discussion"),
    github(f"{EXAMPLES}/octokit.discussion.answered.json", "Codertocat/Hello-World", None, "discussion"),
    github("webhook-examples-emulator-0.12.2.deliveries.json", "octocat/product", 1, inside=0),
    Capture(
        "freshdesk/status_changed.json", lambda: Freshdesk("test1234zzz", "t"), "freshdesk/test1234zzz/11",
        ids=("ticket_id", "ticket_url"),
    ),
    jira("cloud-comment-created", SOME, "TES-41"),
    jira("cloud-issue-created-many-fields", "mmtest", "KT-22"),
    jira("cloud-issue-updated-custom-field", "mmtest", "TES-14"),
    jira("issue-updated-reopened", SOME, "TES-41"),
    jira("issue-updated-resolved-one-changelog", SOME, "TES-41"),
    jira("issue-updated-resolved", SOME, "TES-41"),
    jira("server-issue-updated-closed", SOME, "TES-4"),
]  # fmt: skip


@pytest.mark.parametrize("one", CAPTURES, ids=str)
def test_a_captured_delivery_names_its_ticket(one: Capture) -> None:
    desk, payload = one.desk(), one.payload()
    read = desk.read(dict(one.headers), payload)
    if one.ref is None:
        assert isinstance(read, Nothing)
    else:
        assert isinstance(read, Change)
        assert (read.external_id, read.deleted, read.ticket) == (one.ref, False, None)
        assert desk.owns(read.external_id)


@pytest.mark.parametrize("one", CAPTURES, ids=str)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_key_deleted_or_mutated_names_the_same_ticket_or_none(one: Capture, data: st.DataObject) -> None:
    desk = one.desk()
    changed, path = mutated(data, one.payload())
    read = desk.read(dict(one.headers), changed)
    if isinstance(read, Nothing):
        assert read.reason
        return
    assert not read.deleted
    assert read.ticket is None  # a delivery is never believed: the ticket is asked for
    names = {"key", "number"} | set(one.ids)
    if one.ref is None:
        assert path[-1] in {"pull_request", "html_url"}
    else:
        assert read.external_id == one.ref or path[-1] in names


SECRET = "s3cret"


def proof(source: Source, body: bytes) -> dict[str, str]:
    mac = hmac.digest(SECRET.encode(), body, "sha256").hex()
    return {
        Source.GITHUB: {"x-hub-signature-256": f"sha256={mac}", "x-github-event": "issues"},
        Source.JIRA: {"x-hub-signature": f"sha256={mac}", "x-atlassian-webhook-identifier": mac[:12]},
        Source.FRESHDESK: {"x-webhook-secret": SECRET},
    }[source]


@dataclass
class Here:
    """As much of the running bot as its routes need."""

    deps: Deps
    home: str = HERE

    def wake(self) -> None: ...


@pytest.fixture
def client(tmp_path: Path, sqlite_template: Path) -> Iterator[TestClient]:
    desks: list[Helpdesk] = [
        GitHubIssues(["Codertocat/Hello-World"], "t", secret=SECRET), Freshdesk("test1234zzz", "t", secret=SECRET),
        ServiceManagement("mmtest", ["KT"], "a@b.example", "t", secret=SECRET), Intercom("i6wc9ipe", "t"),
    ]  # fmt: skip
    web = FastAPI()
    with deps_with(tmp_path, sqlite_template, *desks) as deps:
        add_webhooks(web, Here(deps), Bodies(), Senders(600, deps.clock))
        yield TestClient(web)
    for desk in desks:
        desk.close()


FILES = {
    Source.GITHUB: "github/webhook-examples/octokit.issues.opened.json",
    Source.FRESHDESK: "freshdesk/status_changed.json",
    Source.JIRA: "jira/webhook-examples/webhook-cloud-issue-created-many-fields.json",
}


def test_routes_take_what_is_proved_once_and_are_there_with_their_secret_alone(client: TestClient) -> None:
    for source, file in FILES.items():
        body = json.dumps(captured(file)).encode()
        where, headers = f"/webhooks/{source}", proof(source, body)
        assert client.post(where, content=body, headers=headers).json() == {"status": "accepted"}
        if source is not Source.FRESHDESK:  # which tells nothing by which a second delivery is known
            assert client.post(where, content=body, headers=headers).json() == {"status": "duplicate"}
            assert client.post(where, content=body + b" ", headers=headers).status_code == 401
        assert client.post(where, content=body).status_code == 401
        assert client.post(where, content=b"[]", headers=proof(source, b"[]")).status_code == 400
    assert client.post("/webhooks/intercom", content=b"{}").status_code == 404


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), source=st.sampled_from(list(FILES)))
def test_no_proved_delivery_is_answered_with_a_fault(client: TestClient, data: st.DataObject, source: Source) -> None:
    changed, _ = mutated(data, captured(FILES[source]))
    body = json.dumps(changed).encode()
    answer = client.post(f"/webhooks/{source}", content=body, headers=proof(source, body))
    assert answer.status_code in {200, 400}
    assert answer.json()


def test_another_account_of_the_vendor_takes_none_of_them() -> None:
    others: list[Helpdesk] = [
        GitHubIssues(["other/one"], "t"), ServiceManagement("other", ["OTH"], "a@b.example", "t"),
        Freshdesk("other", "t"), Intercom("other", "t"),
    ]  # fmt: skip
    for other in others:
        for one in CAPTURES:
            assert isinstance(other.read(dict(one.headers), one.payload()), Nothing)
            assert one.ref is None or not other.owns(one.ref)
        other.close()

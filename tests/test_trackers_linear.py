"""Linear as the tracker: its operations against its own schema, and the way of an issue against a local server."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from databases import NOW
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from office import HERE, SCOPE, Office, an_office
from tracker_vendors import SECRET, LinearVendor, hears, serving

from bot.flows import following, loop, tracking
from bot.messenger import TryLater
from bot.settings import load_settings
from integrations.helpdesks.port import AccessDenied, Forged, HelpdeskError, NotThere, Rejected, Unavailable
from integrations.trackers import linear as adapter
from integrations.trackers import linear_needs
from integrations.trackers.linear import Linear, made_of
from integrations.trackers.port import IssueDraft, IssueState, Need
from storage import memberships, people, tracked_issues

SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas" / "linear"
OPERATIONS = (
    adapter.SEARCH,
    adapter.ISSUE,
    adapter.CREATE,
    adapter.COMMENT,
    adapter.COMMENT_CREATE,
    adapter.COMMENT_UPDATE,
    adapter.TEAM,
)


@pytest.fixture
def vendor() -> Iterator[LinearVendor]:
    with serving(LinearVendor()) as played:
        yield played


@pytest.fixture
def linear(vendor: LinearVendor) -> Iterator[Linear]:
    made = Linear("ENG", "lin_api_x", base_url=vendor.url, secret=SECRET, timeout=2.0)
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path, linear: Linear) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        made.deps = replace(made.deps, tracker=linear)
        yield made


@cache
def sdl() -> GraphQLSchema:
    file = SCHEMAS / "schema.graphql"
    if not file.exists():
        pytest.skip("Linear's SDL is not beside the checkout")
    return build_schema(file.read_text(), assume_valid=True, no_location=True)


def problems(operation: str, variables: Any) -> list[str]:
    """What Linear's schema has against an operation and its variables."""
    document = parse(operation)
    found = [error.message for error in validate(sdl(), document)]
    if found:
        return found
    definition: Any = document.definitions[0]
    read = get_variable_values(sdl(), definition.variable_definitions, variables)
    return [error.message for error in read] if isinstance(read, list) else []


def test_every_operation_is_one_that_linear_knows() -> None:
    for operation in OPERATIONS:
        assert [error.message for error in validate(sdl(), parse(operation))] == []
        broken = operation.replace("id", "idd", 1) if "{ id" in operation else operation.replace("(id:", "(idd:")
        assert validate(sdl(), parse(broken))


def test_what_is_sent_is_what_the_schema_wants(vendor: LinearVendor, linear: Linear) -> None:
    made = linear.create(IssueDraft("Login fails", "5 tickets"), "ticket-intel:1")
    linear.search("Login fails")
    assert linear.find("ticket-intel:1") == linear.status("ENG-1") == made
    note = linear.update_count(made.ref, "5 tickets", "ticket-intel:1", None)
    linear.update_count(made.ref, "6 tickets", "ticket-intel:1", note)
    assert len(vendor.sent) >= 7
    for _, path, body in vendor.sent:
        assert path == "/graphql"
        assert problems(body["query"], body["variables"]) == []
        for name, value in body["variables"].items():
            surprise = {**value, "surprise": 1} if isinstance(value, dict) else {"surprise": 1}
            assert problems(body["query"], {**body["variables"], name: surprise})


def test_an_issue_is_opened_followed_done_and_reopened(office: Office, vendor: LinearVendor) -> None:
    theme, _ = office.theme(7, thread_ts="1.000100")
    tracking.request(office.deps, SCOPE, office.standing(theme).key, "Login fails", by="UPIA")
    office.work()
    office.work()
    assert office.standing(theme).issue_key == "ENG-1"
    assert ["7 tickets" in one["body"] for one in vendor.comments] == [True]
    for kind, state, waiting in (
        ("canceled", "new", 0),
        ("duplicate", "new", 0),
        ("started", "new", 0),
        ("completed", "verifying", 7),
        ("started", "new", 0),
    ):
        vendor.issues[0]["state"] = {"type": kind}
        assert hears(office, vendor.issues[0]["id"], f"{kind}{waiting}{len(vendor.sent)}")
        office.work()
        assert (office.standing(theme).state, loop.review(office.deps, SCOPE).waiting) == (state, waiting), kind
    assert len(vendor.comments) == 1


def test_accounts_that_wait_are_told_once_if_the_operator_wants(office: Office, vendor: LinearVendor) -> None:
    with office.deps.db.write() as session:
        accounts = {name: people.account_id(session, HERE, name.lower(), NOW, name=name) for name in ("Acme", "Globex")}
    theme, _ = office.theme(2, account_id=accounts["Acme"])
    with office.deps.db.write() as session:
        hidden = office.ticket(session, channel="CINTERNAL", visibility="private", account_id=accounts["Globex"])
        memberships.place(session, HERE, hidden, theme, NOW, similarity=1.0)
    tracking.request(office.deps, SCOPE, office.standing(theme).key, "Login fails", by="UPIA")
    office.work()
    office.work()
    assert vendor.needs == []
    office.deps = replace(office.deps, settings=load_settings(None, tracker_customers=True))
    vendor.customers.append({"id": "c-9", "name": "ACME"})  # the name is known there
    for due in range(3):
        following.poll(office.deps, HERE, due=NOW.replace(minute=0) + timedelta(hours=due))
        office.work()
    said = "2 tickets in TI-1 so far.\n\n> The login page comes back again and again"
    assert [(one["customerId"], one["body"]) for one in vendor.needs] == [("c-9", said)]
    assert [one["name"] for one in vendor.customers] == ["ACME"]  # and Globex wrote where few may read


def test_a_request_of_a_customer_is_written_once(vendor: LinearVendor, linear: Linear) -> None:
    need = Need("ticket-intel-T1-7", "Globex", "2 tickets in TI-1 so far.")
    linear.check()
    vendor.lose = True  # the customer is made, and the answer lost
    with pytest.raises(Unavailable):
        linear.add_need("i", need, "m:7")
    vendor.lose = False
    assert linear.add_need("i", need, "m:7") == linear.add_need("i", need, "m:7") == made_of("m:7")
    assert ([one["name"] for one in vendor.customers], len(vendor.needs)) == (["Globex"], 1)
    for _, _, body in vendor.sent:
        assert problems(body["query"], body["variables"]) == []
        for name, value in body["variables"].items():
            surprise = {**value, "surprise": 1} if isinstance(value, dict) else {"surprise": 1}
            assert problems(body["query"], {**body["variables"], name: surprise})
    for operation in (linear_needs.CUSTOMER, linear_needs.UPSERT, linear_needs.NEED, linear_needs.CREATE):
        assert validate(sdl(), parse(operation.replace("{ id }", "{ idd }")))


def test_a_crash_after_the_issue_was_made_opens_it_once(office: Office, vendor: LinearVendor, linear: Linear) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, office.standing(theme).key, "Login fails", by="UPIA")
    with office.deps.db.read() as session:
        row = tracked_issues.of_theme(session, HERE, theme)
    assert row is not None
    assert linear.search("warm") == []  # the team's id is known now
    vendor.lose = True
    with pytest.raises(TryLater):
        tracking.open_issue(office.deps, HERE, row.id)
    tracking.open_issue(office.deps, HERE, row.id)
    assert [one["id"] for one in vendor.issues] == [made_of(row.marker)]


def test_a_comment_is_written_once_and_again_when_it_was_deleted(vendor: LinearVendor, linear: Linear) -> None:
    made = linear.create(IssueDraft("Login fails", ""), "m")
    vendor.lose = True
    with pytest.raises(Unavailable):
        linear.update_count(made.ref, "5 tickets", "m", None)
    note = linear.update_count(made.ref, "6 tickets", "m", None)
    assert [one["body"] for one in vendor.comments] == ["6 tickets"]
    vendor.comments.clear()
    assert linear.update_count(made.ref, "7 tickets", "m", note) != note
    assert [one["body"] for one in vendor.comments] == ["7 tickets"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotThere),
        (409, Rejected),
        (429, Unavailable),
        (502, Unavailable),
    ],
)
def test_what_linear_refuses_has_a_name(
    vendor: LinearVendor, linear: Linear, status: int, error: type[Exception]
) -> None:
    vendor.fail = [status]
    with pytest.raises(error):
        linear.status("ENG-1")


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        ("AUTHENTICATION_ERROR", "Authentication required", AccessDenied),
        ("FORBIDDEN", "no", AccessDenied),
        ("RATELIMITED", "slower", Unavailable),
        ("INPUT_ERROR", "Entity not found: Issue", NotThere),
        ("INPUT_ERROR", "Argument Validation Error", Rejected),
        (None, 7, Rejected),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_errors_within_an_answer_have_names_too(
    vendor: LinearVendor,
    linear: Linear,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: Any,
    message: Any,
    error: type[HelpdeskError],
) -> None:
    told = {"errors": [{"message": message, "extensions": {"code": code}}]}
    monkeypatch.setattr(vendor, "reply", lambda *_: (status, told))
    with pytest.raises(error):
        linear.status("ENG-1")


@pytest.mark.parametrize(
    "answer", [{}, {"data": None}, {"data": {"issue": None}}, {"data": {"issue": []}}, [], 7, None]
)
def test_an_answer_that_is_none_is_refused(
    vendor: LinearVendor, linear: Linear, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(vendor, "reply", lambda *_: (200, answer))
    with pytest.raises(HelpdeskError):
        linear.status("ENG-1")


def signed(linear: Linear, payload: Any, now: datetime, *, secret: str = SECRET) -> Any:
    body = json.dumps(payload).encode()
    mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return linear.parse_webhook({"linear-signature": mac}, body, now)


def test_only_fresh_signed_deliveries_count(linear: Linear) -> None:
    ours = {"type": "Issue", "data": {"id": LinearVendor.TEAM}, "webhookTimestamp": int(NOW.timestamp() * 1000)}
    assert signed(linear, ours, NOW).ref == LinearVendor.TEAM
    assert signed(linear, ours, NOW + timedelta(seconds=59)).ref == LinearVendor.TEAM
    assert signed(linear, ours | {"type": "Comment"}, NOW).ref is None
    assert signed(linear, ours | {"data": {"id": "../../x"}}, NOW).ref is None
    for late in (timedelta(seconds=61), timedelta(seconds=-61), timedelta(days=400)):
        with pytest.raises(Forged):
            signed(linear, ours, NOW + late)
    for told in (None, "soon", True, 10**30, -1, [1]):
        with pytest.raises(Forged):
            signed(linear, ours | {"webhookTimestamp": told}, NOW)
    with pytest.raises(Forged):
        signed(linear, ours, NOW, secret="another")


def test_captured_deliveries_name_their_issue(linear: Linear) -> None:
    if not SCHEMAS.exists():
        pytest.skip("Linear's captures are not beside the checkout")
    captured = [json.loads((SCHEMAS / "webhook-examples" / "issue_update.capture-2023.json").read_text())]
    emulated = json.loads((SCHEMAS / "webhook-examples" / "emulator-0.12.2.deliveries.json").read_text())
    captured += [one["body"] for one in emulated]
    for payload in captured:
        then = datetime.fromtimestamp(payload["webhookTimestamp"] / 1000, UTC)
        wanted = payload["data"]["id"] if payload["type"] == "Issue" else None
        assert signed(linear, payload, then).ref == wanted
        for name in payload:
            for value in (None, 7, [], {}, "x"):
                try:
                    assert signed(linear, payload | {name: value}, then).ref in (wanted, None)
                except Forged:
                    assert name == "webhookTimestamp"


def test_an_issue_is_called_as_people_call_it(vendor: LinearVendor, linear: Linear) -> None:
    made = linear.create(IssueDraft("Login fails", ""), "m")
    for typed in ("ENG-1", made.ref, "https://linear.app/acme/issue/ENG-1/login-fails", " ENG-1 "):
        assert linear.status(typed).state is IssueState.OPEN
    for typed in ("#1", "ENG", "../ENG-1", "", "https://linear.app/acme/project/ENG-1"):
        with pytest.raises(NotThere):
            linear.status(typed)
    vendor.issues[0]["trashed"] = True
    with pytest.raises(NotThere):
        linear.status("ENG-1")


def test_the_check_names_the_team_and_who_we_are(vendor: LinearVendor, linear: Linear) -> None:
    assert linear.check() == "team Engineering (ENG) as Ada"
    assert set(vendor.credentials) == {"lin_api_x"}
    other = Linear("OPS", "lin_api_x", base_url=vendor.url)
    with pytest.raises(NotThere, match="OPS"):
        other.check()
    with pytest.raises(NotThere, match="OPS"):
        other.create(IssueDraft("x", ""), "m")
    other.close()

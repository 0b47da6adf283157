"""Intercom in: its signature, its captured notifications, its API's traps, and the way to a ticket."""

from __future__ import annotations

import copy
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from databases import NOW
from helpdesk_vendors import HERE, Vendor, captured, deps_with, mutated, serving, stored, work
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.deps import Deps
from bot.errors import BadSettings
from bot.flows import helpdesk
from bot.helpdesks import build_helpdesks, polls
from bot.settings import load_settings
from integrations.helpdesks.intercom import Intercom
from integrations.helpdesks.port import Change, Forged, Nothing, NotThere, Rejected, Unavailable
from intelligence.model import Role, Source, TicketState

REF = "intercom/i6wc9ipe/21322009097"
REPLIED = "intercom/webhook-examples/conversation_user_replied.v1-2019.json"
CLOSED = "intercom/webhook-examples/conversation_admin_closed.v1-2019.json"
TICKET = "intercom/webhook-examples/ticket_closed.v2-2026.ABRIDGED.json"
BEGAN = int(NOW.timestamp()) - 3600
ANN = {"type": "user", "id": "c1", "name": "Ann", "email": "Ann@acme.example"}
BO = {"type": "admin", "id": "8", "name": "Bo", "email": "bo@us.example"}
FIN = {"type": "bot", "id": "9", "name": "Fin"}


def part(number: int, author: Any, body: str | None, kind: str = "comment", **more: Any) -> dict[str, Any]:
    at = BEGAN + 60 * number
    told = {"type": "conversation_part", "id": number, "part_type": kind, "body": body, "author": author}
    return told | {"created_at": at, "updated_at": at, "redacted": False} | more


PARTS = [
    part(1, FIN, "<p>You will get replies here</p>"),
    part(2, BO, "<p>SECRET-NOTE</p>", "note"),
    part(3, BO, "SECRET for Cy", "assignment"),
    part(4, BO, "<p>Please clear your cookies</p>"),
    part(5, ANN, "That did not help"),
    part(6, BO, None, "close"),
]


def conversation(parts: list[dict[str, Any]], *, state: str = "open", **more: Any) -> dict[str, Any]:
    source = {"type": "conversation", "id": "700", "delivered_as": "customer_initiated", "subject": "<p>Login</p>",
              "body": "<p>I cannot log in since the release, it loops</p>", "author": ANN, "redacted": False}  # fmt: skip
    return {
        "type": "conversation", "id": 21322009097, "created_at": BEGAN, "updated_at": BEGAN + 600, "state": state,
        "title": None, "source": source, "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1"}]},
        "conversation_parts": {"conversation_parts": parts, "total_count": len(parts)},
    } | more  # fmt: skip


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as played:
        yield played


@pytest.fixture
def desk(vendor: Vendor) -> Iterator[Intercom]:
    made = Intercom("i6wc9ipe", "tok", secret="s", base_url=vendor.url, timeout=5)
    yield made
    made.close()


@pytest.fixture
def deps(tmp_path: Path, sqlite_template: Path, desk: Intercom) -> Iterator[Deps]:
    with deps_with(tmp_path, sqlite_template, desk) as made:
        yield made


def test_a_notification_is_proved_by_the_client_secret(desk: Intercom) -> None:
    body = b'{"topic": "ping"}'
    right = "sha1=" + hmac.digest(b"s", body, "sha1").hex()
    assert desk.verify({"x-hub-signature": right}, body, NOW)
    for headers, content in (({}, body), ({"x-hub-signature": right}, body + b" "), ({"x-hub-signature": "é"}, body)):
        with pytest.raises(Forged):
            desk.verify(headers, content, NOW)
    unsigned = Intercom("i6wc9ipe", "tok")
    assert not unsigned.takes_webhooks
    with pytest.raises(Forged):
        unsigned.verify({"x-hub-signature": right}, body, NOW)
    unsigned.close()


def test_deletions_are_told_and_redacted_parts_name_their_conversation(desk: Intercom) -> None:
    item = {"type": "conversation", "id": "21322009097"}
    told = {"topic": "conversation.deleted", "app_id": "i6wc9ipe", "id": "n1", "data": {"item": item}}
    assert desk.read({}, told) == Change(REF, "n1", deleted=True)
    inner = {"type": "conversation_part", "id": "4", "conversation_id": 21322009097}
    redacted = told | {"topic": "conversation_part.redacted", "data": {"item": inner}}
    assert desk.read({}, redacted) == Change(REF, "n1")
    internal = {"type": "ticket", "id": "5", "ticket_type": {"category": "Back-office"}}
    assert isinstance(desk.read({}, told | {"topic": "ticket.created", "data": {"item": internal}}), Nothing)
    assert isinstance(desk.read({}, told | {"topic": "user.created"}), Nothing)


def test_a_conversation_with_notes_bots_and_redactions(desk: Intercom, vendor: Vendor) -> None:
    vendor.answers["/conversations/21322009097"] = conversation([*PARTS, part(7, ANN, "my key", redacted=True)])
    ticket = desk.fetch(REF)
    assert ticket is not None
    said = [(message.role, message.private, message.text) for message in ticket.messages]
    assert said == [
        (Role.CUSTOMER, False, "I cannot log in since the release, it loops"),
        (Role.BOT, False, "You will get replies here"),
        (Role.AGENT, True, "SECRET-NOTE"),
        (Role.AGENT, True, "SECRET for Cy"),
        (Role.AGENT, False, "Please clear your cookies"),
        (Role.CUSTOMER, False, "That did not help"),
        (Role.CUSTOMER, False, ""),
    ]
    assert ticket.messages[-1].erased
    assert (ticket.subject, ticket.solved, ticket.whole) == ("Login", False, True)
    assert ticket.requester is not None
    assert (ticket.requester.name, ticket.requester.email) == ("Ann", "ann@acme.example")
    assert vendor.headers[0]["authorization"] == "Bearer tok"
    cut = conversation(PARTS) | {"conversation_parts": {"conversation_parts": PARTS, "total_count": 501}}
    vendor.answers["/conversations/21322009097"] = cut
    again = desk.fetch(REF)
    assert again is not None
    assert not again.whole  # Intercom shows the newest 500: what is missing was not deleted


def test_a_captured_ticket_is_read_by_its_id(vendor: Vendor) -> None:
    item = captured(TICKET)["data"]["item"]
    desk = Intercom("abc123def", "tok", base_url=vendor.url)
    vendor.answers["/tickets/215472629311235"] = item
    ticket = desk.fetch("intercom/abc123def/215472629311235")
    assert ticket is not None
    assert [message.role for message in ticket.messages] == [Role.CUSTOMER, Role.BOT]
    assert ticket.subject.startswith("Unclear user message")
    assert ticket.solved is True
    item["ticket_type"]["category"] = "Back-office"
    with pytest.raises(NotThere):
        desk.fetch("intercom/abc123def/215472629311235")
    desk.close()


def test_what_is_not_shown_is_no_deletion_and_half_an_answer_none(desk: Intercom, vendor: Vendor) -> None:
    with pytest.raises(NotThere):
        desk.fetch(REF)
    with pytest.raises(NotThere):
        desk.fetch("intercom/i6wc9ipe/../../admins")
    place = "/conversations/21322009097"
    vendor.answers[place] = {"id": "21322009097", "object": "conversation", "deleted": True}
    assert desk.fetch(REF) is None
    for broken in (conversation([]) | {"id": "9"}, conversation([]) | {"created_at": None},
                   conversation([]) | {"conversation_parts": None}, [], conversation([{"body": "x"}])):  # fmt: skip
        vendor.answers[place] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)
    vendor.answers["/me"] = {"email": "bo@us.example", "app": {"id_code": "i6wc9ipe"}}
    assert desk.check() == "workspace i6wc9ipe as bo@us.example"
    vendor.answers["/me"] = {"app": {"id_code": "other"}}
    with pytest.raises(Rejected, match="other"):
        desk.check()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_answer_is_read_or_refused(desk: Intercom, data: st.DataObject) -> None:
    whole = conversation(copy.deepcopy(PARTS))
    changed, path = mutated(data, whole)
    try:
        ticket = desk._ticket(REF, "21322009097", changed)
    except Unavailable:
        return
    assert ticket.external_id == REF
    for said in ticket.messages:
        said.text.encode()
        if "SECRET" in said.text and path[-1] not in {"part_type", "type", "author", "from_ai_agent"}:
            assert said.private


def test_search_asks_for_conversations_then_tickets_and_never_in_circles(desk: Intercom, vendor: Vendor) -> None:
    vendor.answers["/conversations/search"] = lambda _query, body: {
        "conversations": [{"id": "1", "updated_at": 5}],
        "pages": {"next": {"starting_after": "c1"}} if "starting_after" not in body["pagination"] else None,
    }
    circle = {"tickets": [{"id": "2", "updated_at": 6}, {"id": None}], "pages": {"next": {"starting_after": "t1"}}}
    vendor.answers["/tickets/search"] = circle
    cursor, seen = None, []
    for _ in range(9):
        page = desk.changes_since(NOW, cursor)
        seen += [change.external_id for change in page.changes]
        cursor = page.more
        if cursor is None:
            break
    assert cursor is None
    assert seen == ["intercom/i6wc9ipe/1"] * 2 + ["intercom/i6wc9ipe/2"] * 2


def test_searches_are_what_the_openapi_wants(desk: Intercom, vendor: Vendor) -> None:
    api = captured("intercom/intercom-2.16-slice.json")
    for kind in ("conversations", "tickets"):
        vendor.answers[f"/{kind}/search"] = {kind: []}
    desk.changes_since(NOW, desk.changes_since(NOW, "conversations:c1").more)
    for _method, path, _query, body in vendor.sent:
        schema = api["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        # A single filter also fits the looser form for many: judged against the form that we mean.
        closed = schema | {"components": strict(api["components"])}
        jsonschema.validate(body, closed)
        for broken in ({}, body | {"query": {"field": 7}}, body | {"query": body["query"] | {"operator": ">=>"}},
                       body | {"pagination": {"per_page": "many"}}):  # fmt: skip
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(broken, closed)
    versions = api["components"]["schemas"]["intercom_version"]["enum"]
    assert all(headers["intercom-version"] in versions for headers in vendor.headers)


def strict(components: Any) -> Any:
    """Intercom's schema names no required keys, which lets everything pass: its filters need theirs."""
    made = copy.deepcopy(components)
    made["schemas"]["single_filter_search_request"]["required"] = ["field", "operator", "value"]
    made["schemas"]["multiple_filter_search_request"]["required"] = ["operator", "value"]
    return made


def test_the_way_of_a_notification_to_its_ticket_and_out_again(deps: Deps, vendor: Vendor, desk: Intercom) -> None:
    payload = captured(REPLIED)
    vendor.answers["/conversations/21322009097"] = conversation(PARTS)
    for _ in range(2):
        helpdesk.receive(deps, HERE, desk, "d1", {}, payload)
        work(deps)
    ticket = stored(deps, Source.INTERCOM, REF)
    assert [message.private_note for message in ticket.messages] == [False, False, True, True, False, False]
    assert (ticket.customer.email, ticket.account.name) == ("ann@acme.example", "acme.example")
    redacted = [part(5, ANN, None, redacted=True) if one["id"] == 5 else one for one in PARTS]
    vendor.answers["/conversations/21322009097"] = conversation(redacted, state="closed")
    helpdesk.receive(deps, HERE, desk, "d2", {}, captured(CLOSED))
    work(deps)
    ticket = stored(deps, Source.INTERCOM, REF)
    assert "That did not help" not in [message.text for message in ticket.messages]
    assert ticket.state is TicketState.RESOLVED
    gone = payload | {"topic": "conversation.deleted", "id": "n9"}
    helpdesk.receive(deps, HERE, desk, "d3", {}, gone)
    work(deps)
    assert stored(deps, Source.INTERCOM, REF).messages == ()


def test_a_notification_in_slack_names_the_same_ticket(desk: Intercom) -> None:
    from integrations.slack import ticket_ref

    for address in ("https://app.intercom.com/a/inbox/i6wc9ipe/inbox/conversation/21322009097",
                    captured(REPLIED)["data"]["item"]["links"]["conversation_web"]):  # fmt: skip
        ref = ticket_ref(address)
        assert ref is not None
        assert desk.owns("/".join(ref.key))
        assert "/".join(ref.key) == REF


def test_settings_that_make_it() -> None:
    given_ = {"intercom_workspace": "i6wc9ipe", "intercom_token": "tok"}
    made = build_helpdesks(load_settings(None, **given_))
    assert list(made.desks) == [Source.INTERCOM]
    assert made.webhooks() == []
    made.close()
    assert polls(load_settings(None, **given_))
    assert not polls(load_settings(None, intercom_token="tok"))
    with pytest.raises(BadSettings, match="INTERCOM_WORKSPACE"):
        build_helpdesks(load_settings(None, intercom_webhook_secret="s"))
    for bad in ("a/b", "a.b", "https://x"):
        with pytest.raises(BadSettings, match="INTERCOM_WORKSPACE"):
            load_settings(None, intercom_workspace=bad)

"""Freshdesk in: its secret header, who speaks in a conversation, what was deleted, and the way to a ticket."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import NOW
from helpdesk_vendors import (
    HERE,
    Reply,
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
from bot.helpdesks import build_helpdesks, polls
from bot.settings import load_settings
from integrations.helpdesks.freshdesk import Freshdesk
from integrations.helpdesks.port import Change, Forged, Nothing, NotThere, Unavailable
from intelligence.model import Role, Source, TicketState

REF = "freshdesk/test1234zzz/11"
PLACE = "/api/v2/tickets/11"
CAPTURE = "freshdesk/status_changed.json"


def ticket(*, minute: int = 30, **more: Any) -> dict[str, Any]:
    return {
        "id": 11, "subject": "Invoice wrong", "description": "<div>The invoice shows the <b>old</b> price</div>",
        "description_text": "The invoice shows the old price every month", "status": 2, "source": 2, "spam": False,
        "created_at": "2026-01-12T08:00:00Z", "updated_at": f"2026-01-12T08:{minute}:00Z", "requester_id": 71,
        "requester": {"id": 71, "name": "Ann", "email": "Ann@acme.example"},
        "company_id": 9, "company": {"id": 9, "name": "Acme"},
    } | more  # fmt: skip


def said(key: int, user: int | None, text: str, **more: Any) -> dict[str, Any]:
    told = {"id": key, "user_id": user, "body": f"<div>{text}</div>", "body_text": text, "incoming": False}
    return told | {"private": False, "created_at": f"2026-01-12T08:{key:02}:00Z"} | more


CONVERSATIONS = [
    said(1, 80, "We got your ticket", auto_response=True),
    said(2, 80, "SECRET-NOTE", private=True),
    said(3, 80, "SECRET by mail from outside", private=True, incoming=True),
    said(4, 80, "Please send us the invoice"),
    said(5, 72, "Here it is", incoming=True, from_email="cy@acme.example"),
    said(6, 71, "And mine"),
]


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as played:
        company = {"id": 9, "name": "Acme", "account_tier": "Premium", "custom_fields": {"region": "eu", "n": None}}
        played.answers = {
            PLACE: ticket(), f"{PLACE}/conversations": CONVERSATIONS, "/api/v2/companies/9": company,
        }  # fmt: skip
        yield played


@pytest.fixture
def desk(vendor: Vendor) -> Iterator[Freshdesk]:
    made = Freshdesk("test1234zzz", "key", secret="s3cret", base_url=vendor.url, timeout=5)
    yield made
    made.close()


@pytest.fixture
def deps(tmp_path: Path, sqlite_template: Path, desk: Freshdesk) -> Iterator[Deps]:
    with deps_with(tmp_path, sqlite_template, desk) as made:
        yield made


def test_a_delivery_is_proved_by_the_secret_header(desk: Freshdesk) -> None:
    right = {"x-webhook-secret": "s3cret"}
    first = desk.verify(right, b"{}", NOW)
    assert first == desk.verify(right, b"{}", NOW)
    assert first != desk.verify(right, b"{}", NOW + timedelta(seconds=1))  # the same words may tell of another change
    for wrong in ({}, {"x-webhook-secret": ""}, {"x-webhook-secret": "S3cret"}, {"x-webhook-secret": "é"}):
        with pytest.raises(Forged):
            desk.verify(wrong, b"{}", NOW)
    open_ = Freshdesk("test1234zzz", "key")
    assert not open_.takes_webhooks
    with pytest.raises(Forged):
        open_.verify({"x-webhook-secret": ""}, b"{}", NOW)
    open_.close()


def test_what_a_delivery_names(desk: Freshdesk) -> None:
    assert desk.read({}, {"ticket_id": 11}) == Change(REF)
    own = {"ticket_id": "11", "ticket_url": "https://help.acme.example/a/tickets/11"}  # an address of one's own
    assert desk.read({}, own) == Change(REF)
    other = {"ticket_id": "11", "ticket_url": "https://other.freshdesk.com/a/tickets/11"}
    for none in ({}, other, own | {"ticket_id": "12"}, own | {"ticket_url": 7}, {"ticket_id": "11 OR 1"}):
        read = desk.read({}, none)
        assert isinstance(read, Nothing)
        assert read.reason


def test_a_ticket_with_notes_machines_and_a_colleague_of_the_customer(desk: Freshdesk, vendor: Vendor) -> None:
    following = {"link": f'<{vendor.url}{PLACE}/more>; rel="next"'}
    vendor.answers[f"{PLACE}/conversations"] = Reply(CONVERSATIONS[:3], headers=following)
    vendor.answers[f"{PLACE}/more"] = CONVERSATIONS[3:]
    found = desk.fetch(REF)
    assert found is not None
    assert [(one.role, one.private, one.author, one.text) for one in found.messages] == [
        (Role.CUSTOMER, False, "Ann", "The invoice shows the old price every month"),
        (Role.BOT, False, "80", "We got your ticket"),
        (Role.AGENT, True, "80", "SECRET-NOTE"),
        (Role.AGENT, True, "80", "SECRET by mail from outside"),
        (Role.AGENT, False, "80", "Please send us the invoice"),
        (Role.CUSTOMER, False, "cy@acme.example", "Here it is"),
        (Role.CUSTOMER, False, "Ann", "And mine"),
    ]
    who = found.requester
    assert who is not None
    assert (who.email, who.organisation, who.plan, who.attributes) == (
        "ann@acme.example", "Acme", "Premium", {"region": "eu"},
    )  # fmt: skip
    assert (found.solved, found.whole, found.url) == (False, True, "https://test1234zzz.freshdesk.com/a/tickets/11")
    assert vendor.headers[0]["authorization"].startswith("Basic ")
    vendor.answers[PLACE] = ticket(source=10, status=5, description_text="", description="")
    vendor.statuses = {"/api/v2/companies/9": 403}
    sent = desk.fetch(REF)
    assert sent is not None
    assert (sent.messages[0].role, sent.messages[0].text, sent.solved) == (Role.AGENT, "Invoice wrong", True)
    assert sent.requester is not None
    assert (sent.requester.organisation, sent.requester.plan) == ("Acme", "")


def test_what_is_deleted_hidden_or_half(desk: Freshdesk, vendor: Vendor) -> None:
    for gone in ({"deleted": True}, {"spam": True}):
        vendor.answers[PLACE] = ticket(**gone)
        assert desk.fetch(REF) is None
    vendor.statuses = {PLACE: 404}
    for hidden in (REF, "freshdesk/test1234zzz/../agents", "freshdesk/other/11"):
        with pytest.raises(NotThere):
            desk.fetch(hidden)
    vendor.statuses = {}
    for broken in (ticket(id=12), ticket(created_at=None), []):
        vendor.answers[PLACE] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)
    vendor.answers[PLACE] = ticket()
    for broken in ({}, [{"body": "x"}], [7]):
        vendor.answers[f"{PLACE}/conversations"] = broken
        with pytest.raises(Unavailable):
            desk.fetch(REF)
    vendor.answers[f"{PLACE}/conversations"] = Reply({}, 429, {"retry-after": "7"})
    with pytest.raises(Unavailable) as caught:
        desk.fetch(REF)
    assert caught.value.after == timedelta(seconds=7)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_answer_is_read_or_refused_and_no_note_gets_out(
    desk: Freshdesk, vendor: Vendor, data: st.DataObject
) -> None:
    whole = {"ticket": ticket(), "conversations": copy.deepcopy(CONVERSATIONS)}
    changed, path = mutated(data, whole)
    vendor.answers[PLACE] = changed.get("ticket")
    vendor.answers[f"{PLACE}/conversations"] = changed.get("conversations")
    try:
        found = desk.fetch(REF)
    except Unavailable:
        return
    if found is None:
        assert path[-1] in {"spam", "deleted"}
        return
    assert found.external_id == REF
    for one in found.messages:
        one.text.encode()
        assert "SECRET" not in one.text or one.private or path[-1] == "private"


def test_polling_lists_what_stands_what_was_deleted_and_spam(desk: Freshdesk, vendor: Vendor) -> None:
    lists: dict[str, list[Any]] = {
        "": [ticket(), {"id": None}, 7], "deleted": [{"id": 12, "updated_at": "2026-01-12T08:40:00Z"}], "spam": [],
    }  # fmt: skip
    vendor.answers["/api/v2/tickets"] = lambda query, _: lists[query.get("filter", "")]
    cursor, seen = None, []
    for _ in range(9):
        page = desk.changes_since(NOW - timedelta(hours=1), cursor)
        seen += [(change.external_id[-2:], change.deleted) for change in page.changes]
        cursor = page.more
        if cursor is None:
            break
    assert cursor is None
    assert seen == [("11", False), ("12", True)]
    asked = vendor.sent[0][2]
    assert (asked["updated_since"], asked["order_by"], asked["order_type"]) == (
        "2026-01-12T08:00:00Z", "updated_at", "asc",
    )  # fmt: skip


def test_the_way_of_a_delivery_to_its_ticket_and_out_again(deps: Deps, vendor: Vendor, desk: Freshdesk) -> None:
    payload = captured(CAPTURE)
    for _ in range(2):
        helpdesk.receive(deps, HERE, desk, "d1", {}, payload)
        work(deps)
    found = stored(deps, Source.FRESHDESK, REF)
    assert [m.private_note for m in found.messages] == [False, False, True, True, False, False, False]
    assert (found.customer.email, found.account.name, found.account.plan) == ("ann@acme.example", "Acme", "Premium")
    assert found.segments["region"] == "eu"
    vendor.answers[PLACE] = ticket(status=4, minute=40)
    vendor.answers[f"{PLACE}/conversations"] = CONVERSATIONS[:5]
    lists: dict[str, list[Any]] = {"": [ticket(minute=40)], "deleted": [], "spam": []}
    vendor.answers["/api/v2/tickets"] = lambda query, _: lists[query.get("filter", "")]
    polled(deps, "1")
    found = stored(deps, Source.FRESHDESK, REF)
    assert "And mine" not in [m.text for m in found.messages]
    assert found.state is TicketState.RESOLVED
    lists |= {"": [], "deleted": [ticket(minute=50)]}
    polled(deps, "2")
    assert stored(deps, Source.FRESHDESK, REF).messages == ()


def test_a_notification_in_slack_joins_the_ticket(deps: Deps) -> None:
    assert announced(deps, "https://test1234zzz.freshdesk.com/a/tickets/11", "Invoice wrong").new_ticket
    found = stored(deps, Source.FRESHDESK, REF)
    assert len(found.messages) == 7
    assert found.customer.email == "ann@acme.example"


def test_settings_that_make_it(desk: Freshdesk, vendor: Vendor) -> None:
    given_ = {"freshdesk_subdomain": "acme", "freshdesk_api_key": "k"}
    made = build_helpdesks(load_settings(None, **given_))
    assert list(made.desks) == [Source.FRESHDESK]
    assert made.webhooks() == []
    made.close()
    assert polls(load_settings(None, **given_))
    with pytest.raises(BadSettings, match="FRESHDESK_API_KEY"):
        build_helpdesks(load_settings(None, freshdesk_webhook_secret="s"))
    for bad in ("acme.freshdesk.com", "evil.example/", "a@b"):
        with pytest.raises(BadSettings, match="FRESHDESK_SUBDOMAIN"):
            load_settings(None, freshdesk_subdomain=bad)
    vendor.answers["/api/v2/agents/me"] = {"contact": {"email": "bo@us.example"}}
    assert desk.check() == "test1234zzz.freshdesk.com as bo@us.example"

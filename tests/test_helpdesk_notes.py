"""Internal notes on helpdesks' tickets: what the vendors' schemas allow, written once, renewed, never public."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from databases import NOW
from helpdesk_vendors import HERE, Reply, Vendor, captured, deps_with, serving, work

from bot.clock import SimulatedClock
from bot.deps import Deps
from bot.flows import helpdesk, helpdesk_notes
from bot.helpdesk_check import examine_helpdesks
from bot.messenger import TryLater
from bot.schedule import NOTES, ticks_of
from bot.settings import load_settings
from integrations.helpdesks.github import GitHubIssues
from integrations.helpdesks.intercom import Intercom
from integrations.helpdesks.port import Helpdesk, TakesNotes
from integrations.helpdesks.zendesk import Zendesk
from integrations.marks import hidden, marked, new_mark, noted, shown
from intelligence.model import Source, ThemeState
from storage import memberships, themes, tickets
from storage.tables import HelpdeskNoteRow

ADMIN = {"id": "8", "email": "bo@us.example"}


@dataclass
class Desk:
    """A helpdesk played by a server that keeps the notes and tags it is given."""

    vendor: Vendor
    desk: Helpdesk
    source: Source
    ref: str
    notes: list[dict[str, Any]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)

    def sent(self, *methods: str) -> list[tuple[str, str, Any]]:
        return [(method, path, body) for method, path, _, body in self.vendor.sent if method in methods]


def zendesk(vendor: Vendor) -> Desk:
    made = Desk(
        vendor, Zendesk("acme", "a@acme.example", "t", base_url=vendor.url, timeout=5), Source.ZENDESK, "zendesk/acme/1"
    )
    users = [{"id": 7, "name": "Ann", "role": "end-user"}, {"id": 8, "name": "Bo", "role": "agent"}]

    def comments(number: int) -> Any:
        first = {"id": number, "author_id": 7, "plain_body": "I cannot log in since the release, it loops",
                 "public": True, "created_at": "2026-01-12T08:01:00Z"}  # fmt: skip
        return lambda _query, _body: {"comments": [first, *(made.notes if number == 1 else [])], "users": users}

    def note(_query: Any, body: Any) -> Any:
        told = body["ticket"]["comment"]
        at = {"id": 100 + len(made.notes), "author_id": 8, "created_at": "2026-01-12T08:50:00Z"}
        made.notes.append(at | told | {"plain_body": told["html_body"].replace("</p><p>", "\n").strip("</p>")})
        return {"ticket": {"id": 1}}

    for number in (1, 2):
        place = f"/api/v2/tickets/{number}"
        ticket = {"id": number, "subject": "Cannot log in", "status": "open", "requester_id": 7,
                  "created_at": "2026-01-12T08:00:00Z", "updated_at": "2026-01-12T08:30:00Z"}  # fmt: skip
        vendor.answers[f"GET {place}.json"] = {"ticket": ticket, "users": users}
        vendor.answers[f"{place}/comments.json"] = comments(number)
        vendor.answers[f"PUT {place}/tags.json"] = lambda _, body: made.tags.update(body["tags"]) or {"tags": []}
        vendor.answers[f"DELETE {place}/tags.json"] = lambda _, body: (
            made.tags.difference_update(body["tags"]) or Reply(None, 204)
        )
        vendor.answers[f"PUT {place}.json"] = note if number == 1 else {"ticket": {"id": 2}}
    return made


def intercom(vendor: Vendor) -> Desk:
    made = Desk(vendor, Intercom("abc", "tok", base_url=vendor.url, timeout=5), Source.INTERCOM, "intercom/abc/1")
    began, ann = int(NOW.timestamp()) - 3600, {"type": "user", "id": "c1", "name": "Ann"}
    names = {"55": "ticket-intel-ti-1", "56": "ticket-intel-ti-2"}

    def conversation(number: int) -> Any:
        source = {"id": "70", "body": "I cannot log in since the release, it loops", "author": ann}
        return lambda _query, _body: {
            "type": "conversation", "id": str(number), "created_at": began, "updated_at": began, "state": "open",
            "source": source, "contacts": {"contacts": [{"id": "c1"}]},
            "conversation_parts": {"conversation_parts": made.notes if number == 1 else []},
        }  # fmt: skip

    def note(_query: Any, body: Any) -> Any:
        at = {"id": str(len(made.notes)), "part_type": "note", "author": {"type": "admin", "name": "Bo"}}
        made.notes.append(
            at | {"created_at": began + 60, "body": body["body"], "public": body["message_type"] != "note"}
        )
        return {"type": "conversation"}

    vendor.answers["/me"] = ADMIN
    vendor.answers["POST /tags"] = lambda _, body: {
        "id": next(key for key, name in names.items() if name == body["name"])
    }
    for number in (1, 2):
        place = f"/conversations/{number}"
        vendor.answers[f"GET {place}"] = conversation(number)
        vendor.answers[f"POST {place}/reply"] = note if number == 1 else {"type": "conversation"}
        vendor.answers[f"POST {place}/tags"] = lambda _, body: made.tags.add(names[body["id"]]) or {"type": "tag"}
        for key, name in names.items():
            vendor.answers[f"DELETE {place}/tags/{key}"] = lambda _q, _b, name=name: made.tags.discard(name) or {}
    return made


@pytest.fixture(params=[zendesk, intercom])
def played(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with serving(Vendor()) as vendor:
        made = request.param(vendor)
        yield made
        made.desk.close()


@pytest.fixture
def deps(tmp_path: Path, sqlite_template: Path, played: Desk) -> Iterator[Deps]:
    with deps_with(tmp_path, sqlite_template, played.desk, helpdesk_notes=True) as made:
        yield made


def theme_of_both(deps: Deps, played: Desk, title: str = "Login <loops>") -> int:
    """A theme that people have seen, with both tickets."""
    for number in ("1", "2"):
        helpdesk.fetch_ticket(deps, HERE, played.source, played.ref[:-1] + number)
    with deps.db.write() as session:
        theme = themes.give_birth(session, HERE, NOW, first_at=NOW, title=title)
        found = [tickets.find(session, HERE, played.source, played.ref[:-1] + number) for number in "12"]
        memberships.place_many(session, HERE, [(one, theme, 1.0) for one in found if one], NOW)
        themes.update(session, theme, provisional=False)
    return theme


def planned(deps: Deps, *, hours: float = 0) -> int:
    """A tick of the plan, with all that follows."""
    assert isinstance(deps.clock, SimulatedClock)
    deps.clock.advance(timedelta(hours=hours))
    found = helpdesk_notes.plan(deps, HERE)
    work(deps)
    return found


def test_a_ticket_gets_one_note_and_tag_that_follow_its_theme(deps: Deps, played: Desk) -> None:
    theme = theme_of_both(deps, played)
    assert planned(deps) == 2
    assert [planned(deps), planned(deps, hours=30)] == [0, 0]
    assert played.tags == {"ticket-intel-ti-1"}
    (note,) = played.notes
    assert note["public"] is False
    said = note.get("html_body") or note["body"]
    assert "Part of TI-1: Login &lt;loops&gt;" in said
    assert "2 tickets" in said
    helpdesk.fetch_ticket(deps, HERE, played.source, played.ref)
    with deps.db.write() as session:
        ticket = tickets.find(session, HERE, played.source, played.ref)
        assert ticket is not None
        assert len(tickets.load(session, helpdesk_notes.Scope(HERE), [ticket])[ticket].messages) == 1  # ours is none
        themes.update(session, theme, state=ThemeState.VERIFYING, title="Another title")
    assert planned(deps) == 2  # the fix is worth a note; a title alone is not
    assert "It is fixed" in str(played.notes[-1])
    with deps.db.write() as session:
        themes.update(session, theme, state=ThemeState.STEADY)
    assert planned(deps) == 0  # twice a day is too often
    with deps.db.write() as session:
        other = themes.give_birth(session, HERE, NOW, first_at=NOW, title="SSO")
        themes.update(session, other, provisional=False)
        pair = [tickets.find(session, HERE, played.source, played.ref[:-1] + number) for number in "12"]
        memberships.place_many(session, HERE, [(one, other, 1.0) for one in pair if one], NOW)
    assert planned(deps) == 2  # but another theme is told at once
    assert played.tags == {"ticket-intel-ti-2"}
    with deps.db.write() as session:
        memberships.place(session, HERE, ticket, None, NOW, similarity=0.0)
    assert planned(deps) == 1
    assert "No longer part of TI-2" in str(played.notes[-1])
    assert len(played.notes) == 4


def test_what_nobody_has_seen_or_is_solved_gets_none(deps: Deps, played: Desk) -> None:
    theme = theme_of_both(deps, played)
    with deps.db.write() as session:
        themes.update(session, theme, provisional=True)
    assert planned(deps) == 0
    with deps.db.write() as session:
        themes.update(session, theme, provisional=False)
        for number in "12":
            found = tickets.find(session, HERE, played.source, played.ref[:-1] + number)
            assert found is not None
            tickets.resolve(session, found, NOW)
    assert planned(deps) == 0
    assert played.sent("PUT") == []


def test_a_crash_after_the_note_was_written_writes_it_once(deps: Deps, played: Desk) -> None:
    theme_of_both(deps, played)
    helpdesk_notes.plan(deps, HERE)
    played.vendor.lose = True
    with pytest.raises(TryLater):
        helpdesk_notes.write(deps, HERE, played.source, played.ref)
    assert len(played.notes) == 1
    assert helpdesk_notes.write(deps, HERE, played.source, played.ref)
    assert not helpdesk_notes.write(deps, HERE, played.source, played.ref)
    assert len(played.notes) == 1
    assert played.tags == {"ticket-intel-ti-1"}


def test_what_the_helpdesk_refuses_is_tried_again_after_a_day(deps: Deps, played: Desk) -> None:
    theme_of_both(deps, played)
    place = "/api/v2/tickets/1.json" if played.source is Source.ZENDESK else "/conversations/1/reply"
    played.vendor.statuses[place] = 422
    assert planned(deps) == 2
    assert planned(deps, hours=1) == 0
    with deps.db.read() as session:
        row = session.get(HelpdeskNoteRow, (HERE, played.source, played.ref))
        assert row is not None
        assert (row.state, "422" in str(row.error), row.tag) == ("refused", True, None)
    played.vendor.statuses.clear()
    assert planned(deps, hours=24) == 1
    assert len(played.notes) == 1
    played.vendor.statuses[place] = 429
    with deps.db.write() as session:
        themes.update(session, 1, state=ThemeState.FIXING)
    assert planned(deps, hours=24) == 2
    with pytest.raises(TryLater):
        helpdesk_notes.write(deps, HERE, played.source, played.ref)


def closed(components: Any, *names: str) -> Any:
    """The vendor's schemas, without room for what they do not name, and without what is only read."""
    made = copy.deepcopy(components)
    for name in names:
        schema = made["schemas"][name]
        schema["additionalProperties"] = False
        schema["properties"] = {key: one for key, one in schema["properties"].items() if not one.get("readOnly")}
    return made


def test_bodies_are_what_the_openapi_wants(deps: Deps, played: Desk) -> None:
    theme_of_both(deps, played)
    planned(deps)
    if played.source is Source.ZENDESK:
        api = captured("zendesk/zendesk-support-slice.json")
        names = ("TicketUpdateRequest", "TicketUpdateInput", "TicketCommentObject", "TagsByObjectIdResponse")
        parts, end, wanted = closed(api["components"], *names), "/1.json", "TicketUpdateRequest"
        broken = [
            {"ticket": {"comments": {}}},
            {"ticket": {"comment": {"public": "no"}}},
            {"ticket": {"comment": {"text": "x"}}},
        ]
    else:
        api = captured("intercom/intercom-2.16-slice.json")
        parts, end, wanted = (
            closed(api["components"], "admin_reply_conversation_request"),
            "/1/reply",
            "admin_reply_conversation_request",
        )
        broken = [
            {},
            {"message_type": "notes", "type": "admin", "admin_id": "8"},
            {"message_type": "note", "type": "admin"},
        ]
    schema = {"$ref": f"#/components/schemas/{wanted}", "components": parts}
    (body,) = [body for _, path, body in played.sent("PUT", "POST") if path.endswith(end)]
    jsonschema.validate(body, schema)
    for wrong in broken:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
    tags = [body for _, path, body in played.sent("PUT", "POST") if "/1/tags" in path]
    if played.source is Source.ZENDESK:
        tagging = {"$ref": "#/components/schemas/TagsByObjectIdResponse", "components": parts}
        for tag in tags:
            jsonschema.validate(tag, tagging)
    else:  # not in the slice: what the vendor's reference tells
        assert tags == [{"id": "55", "admin_id": "8"}]
    assert tags


def test_our_marks() -> None:
    mark = new_mark()
    assert marked(f"text\n\n{hidden(mark)}")
    assert noted(f"Part of TI-1\n{shown(mark)} ")
    for text in ("", "[ticket-intel:12]", f"{shown(mark)} and more", "]", f"see {mark}"):
        assert not noted(text)
        assert not marked(text)


def test_off_by_default_and_what_the_doctor_says(played: Desk) -> None:
    desk = {"zendesk_subdomain": "acme", "zendesk_email": "a@b.example", "zendesk_api_token": "t"}
    assert NOTES not in ticks_of(load_settings(None, **desk))
    assert NOTES in ticks_of(load_settings(None, **desk, helpdesk_notes=True))
    assert isinstance(played.desk, TakesNotes)
    with serving(Vendor()) as vendor:
        told = examine_helpdesks(
            load_settings(
                None, github_repositories="a/b", github_token="t", github_api_url=vendor.url, helpdesk_notes=True,
                github_webhook_secret="s",
            )
        )  # fmt: skip
        found = [(one.name, one.ok) for one in told]
        assert found == [("github", False), ("github webhook", False), ("helpdesk notes", False)]
    other = GitHubIssues(["a/b"], "t")
    assert not isinstance(other, TakesNotes)
    other.close()

"""From a theme to an issue and back: the real flows against a local server that plays GitHub by its own OpenAPI."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from databases import NOW
from office import HERE, SCOPE, Office, an_office
from tracker_vendors import REPOSITORY, SECRET, GitHubVendor, Vendor, hears, serving

from bot.blocks.theme import theme_card
from bot.errors import BadInput
from bot.flows import cards, following, loop, merge, nightly, resolve, tracking, undo
from bot.messenger import TryLater
from integrations.helpdesks.port import AccessDenied, Forged, NotThere, Rejected, Unavailable
from integrations.trackers.github import GitHub
from integrations.trackers.port import IssueDraft, IssueState
from intelligence.model import DecidedBy, PatternKind
from storage import memberships, themes, tracked_issues

SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas"


@pytest.fixture
def vendor() -> Iterator[GitHubVendor]:
    with serving(GitHubVendor()) as played:
        yield played


@pytest.fixture
def github(vendor: Vendor) -> Iterator[GitHub]:
    made = GitHub(REPOSITORY, "t", base_url=vendor.url, secret=SECRET, timeout=2.0)
    yield made
    made.close()


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path, github: GitHub) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        made.deps = replace(made.deps, tracker=github)
        yield made


def tracked(office: Office, theme: int) -> Any:
    with office.deps.db.read() as session:
        return tracked_issues.of_theme(session, HERE, theme)


def key_of(office: Office, theme: int) -> str:
    return office.standing(theme).key


def test_an_issue_is_opened_followed_done_and_reopened(office: Office, vendor: Vendor) -> None:
    theme, _made = office.theme(7, thread_ts="1.000100")
    told = tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    assert "GitHub" in told.text
    office.work()
    office.work()
    assert office.standing(theme).issue_key == "acme/app#1"
    assert len(vendor.issues) == len(vendor.comments) == 1
    assert "7 tickets" in vendor.comments[0]["body"]
    with pytest.raises(BadInput):
        tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")

    vendor.issues[0] |= {"state": "closed", "state_reason": "completed"}
    assert hears(office, "1", "d1")
    assert not hears(office, "1", "d1")  # a replay
    office.work()
    assert office.standing(theme).state == "verifying"
    assert loop.review(office.deps, SCOPE).waiting > 0

    vendor.issues[0] |= {"state": "open", "state_reason": "reopened"}
    hears(office, "1", "d2")
    office.work()
    assert office.standing(theme).state != "verifying"
    assert loop.review(office.deps, SCOPE).waiting == 0


def test_what_is_cancelled_tells_nobody(office: Office, vendor: Vendor) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    office.work()
    vendor.issues[0] |= {"state": "closed", "state_reason": "not_planned"}
    hears(office, "1", "d1")
    office.work()
    assert tracked(office, theme).status == "cancelled"
    card = cards.card(office.deps, SCOPE, key_of(office, theme))
    assert "acme/app#1> (cancelled)" in str(theme_card(card).blocks)
    vendor.issues.clear()  # it was deleted
    hears(office, "1", "d2")
    office.work()
    card = cards.card(office.deps, SCOPE, key_of(office, theme))
    assert "acme/app#1> (cannot be read)" in str(theme_card(card).blocks)
    assert office.standing(theme).state != "verifying"
    assert loop.review(office.deps, SCOPE).waiting == 0


def test_a_crash_after_the_issue_was_made_opens_it_once(office: Office, vendor: Vendor) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    vendor.lose = True
    with pytest.raises(TryLater) as later:
        tracking.open_issue(office.deps, HERE, tracked(office, theme).id)
    assert later.value.after == tracking.LOOK_AGAIN  # a tracker's search may be behind
    tracking.open_issue(office.deps, HERE, tracked(office, theme).id)
    assert len(vendor.issues) == 1
    assert tracked(office, theme).key == "acme/app#1"


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refusal_is_kept_and_may_be_tried_again(office: Office, vendor: Vendor, status: int) -> None:
    theme, _ = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    vendor.fail = [status]
    tracking.open_issue(office.deps, HERE, tracked(office, theme).id)
    assert str(status) in tracked(office, theme).error
    office.work()
    assert [str(status) in text for text in office.letters("UPIA")] == [True]
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    tracking.open_issue(office.deps, HERE, tracked(office, theme).id)
    assert len(vendor.issues) == 1


def test_each_draft_is_sent_once_by_a_click(office: Office) -> None:
    theme, _ = office.theme(5, thread_ts="1.000100")
    with office.deps.db.write() as session:
        themes.update(session, theme, state="verifying", resolved_at=office.clock.now())
        assert loop.begin(office.deps, session, office.standing(theme), "4.2") == 5
        assert loop.begin(office.deps, session, office.standing(theme), "4.2") == 0
    draft = loop.review(office.deps, SCOPE).shown[0]
    assert "login page" in draft.text
    assert "others" not in draft.text  # four others are too few to be counted
    loop.decide(office.deps, SCOPE, draft.id, loop.Word.SEND, by="UGUS")
    with pytest.raises(BadInput):
        loop.decide(office.deps, SCOPE, draft.id, loop.Word.SEND, by="UPIA")
    office.work()
    assert [m.thread_ts for m in office.posted("CSUPPORT")] == ["1.000100"]
    office.work()
    assert len(office.posted("CSUPPORT")) == 1


def test_reporters_are_announced_once_for_a_fix_and_withdrawn_when_it_is_back(office: Office) -> None:
    theme, made = office.theme(5, thread_ts="1.000100")
    alert = office.raised(theme, made)
    office.work()
    resolve.resolve_theme(office.deps, SCOPE, key_of(office, theme), "4.2", by="UPIA")
    office.work()
    told = [m for m in office.posted("CENG") if "can be told" in m.text]
    assert [m.text for m in told] == ["TI-1 (Login fails) is marked as fixed in 4.2. 5 reporters can be told."]
    assert told[0].thread_ts == office.episode(alert).ts
    office.again(alert, theme, made, PatternKind.REGRESSION, graver=True)
    assert loop.review(office.deps, SCOPE).waiting == 0


def test_a_fix_that_held_is_said_once_with_numbers(office: Office) -> None:
    theme, made = office.theme(5, thread_ts="1.000100")
    alert = office.raised(theme, made)
    office.work()
    resolve.resolve_theme(office.deps, SCOPE, key_of(office, theme), "4.2", by="UPIA")
    office.clock.advance(timedelta(days=15))
    for _ in range(2):
        with office.deps.db.write() as session:
            nightly.move_states(office.deps, session, HERE)
    office.work()
    told = [m for m in office.posted("CENG") if "the fix held" in m.text]
    said = "TI-1 (Login fails): the fix held. 5 tickets in the 14 days before, 0 in the 14 after."
    assert [(m.text, m.thread_ts) for m in told] == [(said, office.episode(alert).ts)]
    assert office.standing(theme).state == "quiet"
    draft = loop.review(office.deps, SCOPE).shown[0]  # it may still be told
    assert draft.problem is None


def test_an_owner_hears_of_drafts_alone_and_not_of_what_they_did(office: Office) -> None:
    theme, _ = office.theme(5, thread_ts="1.000100")
    with office.deps.db.write() as session:
        themes.update(session, theme, owner="UPIA")
    done = resolve.resolve_theme(office.deps, SCOPE, key_of(office, theme), None, by="UPIA")
    office.work()
    assert office.letters("UPIA") == []
    undo.undo(office.deps, SCOPE, int(str(done.undo).split(":")[-1]), by="UPIA")
    resolve.resolve_theme(office.deps, SCOPE, key_of(office, theme), None, by="machine")
    office.work()
    assert ["5 reporters can be told" in text for text in office.letters("UPIA")] == [True]


def test_issue_and_drafts_follow_a_merge_and_its_undo(office: Office, vendor: Vendor) -> None:
    kept, _ = office.theme(3, thread_ts="1.000100")
    absorbed, _ = office.theme(4, thread_ts="1.000200")
    tracking.request(office.deps, SCOPE, key_of(office, absorbed), "Login fails", by="UPIA")  # not opened yet
    resolve.resolve_theme(office.deps, SCOPE, key_of(office, absorbed), "4.2", by="UPIA")
    first = loop.review(office.deps, SCOPE).shown[0].id
    merged = merge.merge_themes(office.deps, SCOPE, key_of(office, kept), key_of(office, absorbed), by="UPIA")
    office.work()
    assert office.standing(kept).issue_key == "acme/app#1"
    drafts = loop.review(office.deps, SCOPE).shown
    assert {draft.theme.id for draft in drafts} == {kept}
    assert all("is not marked as fixed" in str(draft.problem) for draft in drafts)  # the other half is not fixed
    undo.undo(office.deps, SCOPE, int(str(merged.undo).split(":")[-1]), by="UPIA")
    assert office.standing(kept).issue_key is None
    assert tracked(office, absorbed).key == "acme/app#1"
    loop.decide(office.deps, SCOPE, first, loop.Word.SEND, by="UGUS")


def test_two_issues_of_one_theme_are_both_told_and_one_decides(office: Office, vendor: Vendor) -> None:
    kept, absorbed = office.theme(3)[0], office.theme(4)[0]
    for theme in (kept, absorbed):
        tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
        office.work()
        office.work()
    merge.merge_themes(office.deps, SCOPE, key_of(office, kept), key_of(office, absorbed), by="UPIA")
    vendor.issues[1] |= {"state": "closed", "state_reason": "completed"}
    following.poll(office.deps, HERE, due=NOW.replace(minute=3))
    office.work()
    assert ["TI-1 now: 7 tickets" in one["body"] for one in vendor.comments] == [True, True]
    assert office.standing(kept).state != "verifying"


def test_a_poll_asks_what_may_have_changed(office: Office, vendor: Vendor) -> None:
    theme, made = office.theme(5)
    tracking.request(office.deps, SCOPE, key_of(office, theme), "Login fails", by="UPIA")
    office.work()
    office.work()

    def asked(minute: int) -> int:
        before = len(vendor.sent)
        following.poll(office.deps, HERE, due=office.clock.now().replace(minute=minute))
        office.work()
        return len(vendor.sent) - before

    assert (asked(3), asked(33)) == (1, 0)  # there is a webhook
    with office.deps.db.write() as session:
        memberships.place(session, HERE, made[0], None, office.clock.now(), similarity=0.0, by=DecidedBy.PERSON)
    assert (asked(38), asked(43)) == (2, 0)
    assert "4 tickets" in vendor.comments[0]["body"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotThere),
        (409, Rejected),
        (422, Rejected),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_what_github_refuses_has_a_name(vendor: Vendor, github: GitHub, status: int, error: type[Exception]) -> None:
    vendor.fail = [status]
    with pytest.raises(error):
        github.status("1")


def test_outgoing_bodies_are_what_the_openapi_wants(vendor: Vendor, github: GitHub) -> None:
    file = SCHEMAS / "github" / "api.github.com.issues-slice.json"
    if not file.exists():
        pytest.skip("GitHub's OpenAPI is not beside the checkout")
    api = json.loads(file.read_text())
    made = github.create(IssueDraft("Login fails", "5 tickets"), "m")
    note = github.update_count(made.ref, "5 tickets", "m", None)
    github.update_count(made.ref, "6 tickets", "m", note)  # an edit's body is that of a new comment
    paths = {"/issues": "/repos/{owner}/{repo}/issues", "/comments": None}
    checked = 0
    for method, path, body in vendor.sent:
        if body is None:
            continue
        tail = "/comments" if "/comments" in path else "/issues"
        place = paths[tail] or "/repos/{owner}/{repo}/issues/{issue_number}/comments"
        assert method in {"POST", "PATCH"}
        schema = api["paths"][place]["post"]["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(body, schema | {"components": api["components"]})
        for name in body:
            broken = copy.deepcopy(body)
            if name in schema["required"]:
                del broken[name]
            else:
                broken[name] = {"surprise": 1}
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(broken, schema | {"components": api["components"]})
        checked += 1
    assert checked == 3


def signed(github: GitHub, body: bytes, event: str = "issues") -> Any:
    right = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return github.parse_webhook({"x-hub-signature-256": f"sha256={right}", "x-github-event": event}, body, NOW)


def test_only_signed_deliveries_about_our_issues_count(github: GitHub) -> None:
    ours = {"action": "closed", "issue": {"number": 7}, "repository": {"full_name": "Acme/App"}}
    assert signed(github, json.dumps(ours).encode()).ref == "7"
    assert signed(github, json.dumps(ours | {"repository": {"full_name": "evil/app"}}).encode()).ref is None
    assert signed(github, json.dumps(ours | {"issue": [7]}).encode()).ref is None
    with pytest.raises(Forged):
        github.parse_webhook({"x-hub-signature-256": "sha256=00", "x-github-event": "issues"}, b"{}", NOW)
    vector = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"  # GitHub's documentation
    with pytest.raises(ValueError):  # the signature is right, the body is no object
        github.parse_webhook({"x-hub-signature-256": vector}, b"Hello, World!", NOW)


def test_captured_deliveries_name_their_issue() -> None:
    files = sorted((SCHEMAS / "github" / "webhook-examples").glob("*.issue*.json"))
    if not files:
        pytest.skip("GitHub's captures are not beside the checkout")
    for file in files:
        payload = json.loads(file.read_text())
        here = GitHub(payload["repository"]["full_name"], "t", base_url="http://127.0.0.1:1", secret=SECRET)
        event = file.name.split(".")[1]
        wanted = str(payload["issue"]["number"]) if event == "issues" else None
        assert signed(here, json.dumps(payload).encode(), event).ref == wanted
        for name in payload:
            for value in (None, 7, [], {}, "x", {"number": True}, {"number": "../1"}, {"number": 10**30}):
                assert signed(here, json.dumps(payload | {name: value}).encode(), event).ref in (wanted, None)
        here.close()


def test_a_token_that_may_not_set_labels_is_named(vendor: GitHubVendor, github: GitHub) -> None:
    assert github.check() == "issues of acme/app"
    vendor.may = False
    with pytest.raises(AccessDenied, match="labels"):
        github.check()


def test_an_issue_is_called_as_people_call_it(vendor: Vendor, github: GitHub) -> None:
    github.create(IssueDraft("Login fails", ""), "m")
    for typed in ("1", "#1", "acme/app#1", "https://github.com/acme/app/issues/1"):
        assert github.status(typed).state is IssueState.OPEN
    for typed in ("other/app#1", "ENG-1", "../1", ""):
        with pytest.raises(NotThere):
            github.status(typed)

"""Reading other apps' Slack messages: recorded payloads of real apps, layouts of others, and damaged JSON."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.slack.content import flatten
from integrations.slack.notifications import parse_notification
from integrations.slack.tickets import ticket_ref

FIXTURES = Path(__file__).parent / "fixtures" / "slack"


def github_messages() -> list[tuple[str, dict[str, Any]]]:
    snapshots: dict[str, Any] = {}
    for name in ("github-app.Issue.json", "github-app.notifications.json"):
        snapshots |= json.loads((FIXTURES / name).read_text())
    return [(name, value) for name, value in snapshots.items() if isinstance(value, dict) and "attachments" in value]


def jira_message() -> dict[str, Any]:
    return json.loads((FIXTURES / "jira-datacenter.transitioned.RECONSTRUCTED.json").read_text())["message"]


def linked_issue(message: dict[str, Any]) -> tuple[str, str] | None:
    attachments = message["attachments"]
    first = (json.loads(attachments) if isinstance(attachments, str) else attachments)[0]
    match = re.search(r"github\.com/([^/]+/[^/]+)/issues/(\d+)", first.get("title_link") or "")
    return (match[1], match[2]) if match else None


def test_the_recorded_messages_are_all_there() -> None:
    assert len(github_messages()) == 37
    assert sum(linked_issue(message) is not None for _, message in github_messages()) == 17


@pytest.mark.parametrize(("name", "message"), github_messages())
def test_github_app(name: str, message: dict[str, Any]) -> None:
    notification, expected = parse_notification(message), linked_issue(message)
    if expected is None:
        assert notification is None
        return
    assert notification is not None
    assert (notification.provider, notification.tenant, notification.external_id) == ("github", *expected)
    assert notification.title in {
        "Needs content",
        "Consider re-licensing to AL v2.0, as RocksDB has just done",
    }
    assert notification.refs[0] == notification.ref


def test_github_app_fields() -> None:
    opened = parse_notification(dict(github_messages())["Issue rendering works for notification messages 1"])
    assert opened is not None
    assert (opened.status, opened.requester) == ("open", "wilhelmklopp")
    assert opened.fields["labels"] == "enhancement, question, wontfix"
    assert opened.body == "This repo needs some content, as currently, it does not have **any**."
    closed = parse_notification(dict(github_messages())["Issue rendering works for minor notifications 1"])
    assert closed is not None and closed.status == "closed"


def test_jira() -> None:
    notification = parse_notification(jira_message())
    assert notification is not None
    assert (notification.provider, notification.tenant) == ("jira", "jira.example.org")
    assert notification.external_id == "HELP-14937"
    assert notification.title == "blah my test ticket"
    assert (notification.status, notification.priority) == ("Done", "High")
    assert notification.fields["assignee"] == "Ann"


def test_ticket_linked_in_the_text() -> None:
    notification = parse_notification(
        {
            "bot_id": "B1",
            "text": "New ticket <https://acme.zendesk.com/agent/tickets/4711|#4711 Cannot export &amp; share>\n"
            "*Requester:* Ann Lee\n*Organization:* Acme Ltd\n*Priority:* Urgent",
        }
    )
    assert notification is not None
    assert (notification.provider, notification.tenant, notification.external_id) == ("zendesk", "acme", "4711")
    assert notification.title == "Cannot export & share"
    assert (notification.requester, notification.organisation) == ("Ann Lee", "Acme Ltd")
    assert notification.priority == "Urgent"


def test_block_kit_with_fields_and_button() -> None:
    notification = parse_notification(
        {
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Login loops"}},
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "I am sent back to the login page."},
                    "fields": [
                        {"type": "mrkdwn", "text": "*Status:*\nOpen"},
                        {"type": "mrkdwn", "text": "*Reporter*\n<mailto:ann@x.com|Ann>"},
                    ],
                },
                {
                    "type": "actions",
                    "elements": [{"type": "button", "url": "https://linear.app/acme/issue/SUP-12/login"}],
                },
            ]
        }
    )
    assert notification is not None
    assert notification.external_id == "SUP-12"
    assert (notification.title, notification.body) == ("Login loops", "I am sent back to the login page.")
    assert (notification.status, notification.requester) == ("Open", "Ann")


def test_form_without_address_is_a_ticket() -> None:
    notification = parse_notification({"text": "*Name:* Ann\n*Email:* ann@x.com\n*Message:* The export is empty"})
    assert notification is not None and notification.ref is None
    assert (notification.requester, notification.body) == ("Ann", "The export is empty")


@pytest.mark.parametrize(
    "text", ["Deployed v4.2 to production", "Build <https://ci.example.com/builds/7|#7> failed", ""]
)
def test_other_announcements_are_not_tickets(text: str) -> None:
    assert parse_notification({"bot_id": "B1", "text": text}) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.zendesk.com/agent/tickets/12", ("zendesk", "acme", "12")),
        ("https://acme.zendesk.com/hc/en-us/requests/12", ("zendesk", "acme", "12")),
        ("https://app.intercom.com/a/inbox/ab12/inbox/shared/all/conversation/99", ("intercom", "ab12", "99")),
        ("https://acme.freshdesk.com/a/tickets/7", ("freshdesk", "acme", "7")),
        ("https://secure.helpscout.net/conversation/123/456", ("helpscout", "", "123")),
        ("https://app.frontapp.com/open/cnv_1a2b", ("front", "", "cnv_1a2b")),
        ("https://app-eu1.hubspot.com/contacts/55/ticket/77", ("hubspot", "55", "77")),
        ("https://acme.atlassian.net/browse/SUP-1", ("jira", "acme.atlassian.net", "SUP-1")),
        ("https://linear.app/acme/issue/ENG-812/title", ("linear", "acme", "ENG-812")),
        ("https://github.com/acme/web/issues/5#issuecomment-1", ("github", "acme/web", "5")),
        ("https://gitlab.com/acme/web/-/issues/5", ("gitlab", "gitlab.com/acme/web", "5")),
        ("https://acme.pagerduty.com/incidents/Q1W2", ("pagerduty", "acme", "Q1W2")),
        ("https://support.acme.com/app/tickets/view/1234", ("other", "support.acme.com", "1234")),
    ],
)
def test_ticket_addresses(url: str, expected: tuple[str, str, str]) -> None:
    ref = ticket_ref(url)
    assert ref is not None and (ref.provider, ref.tenant, ref.external_id) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/web/pull/5",
        "https://example.com/",
        "https://docs.acme.com/tickets",
        "ftp://x/tickets/1",
    ],
)
def test_other_addresses(url: str) -> None:
    assert ticket_ref(url) is None


def test_flatten_says_everything_once() -> None:
    message = {
        "text": "*Export* fails for &lt;all&gt; users",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Export* fails for &lt;all&gt; users"}},
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": "Since <today>, see "},
                            {"type": "link", "url": "https://x.com", "text": "log"},
                            {"type": "user", "user_id": "U1"},
                        ],
                    }
                ],
            },
        ],
        "attachments": [{"fields": [{"title": "Plan", "value": 3}], "fallback": "not said again"}],
    }
    assert flatten(message, {"U1": "ann"}) == "*Export* fails for <all> users\nSince <today>, see log@ann\nPlan: 3"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["<https://x.zendesk.com/tickets/1|a>"]),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=10,
)
RECORDED = [jira_message(), *(message for _, message in github_messages())]


def mutated(value: Any, draw: st.DrawFn) -> Any:
    """The value with some keys deleted or replaced by other JSON."""
    if isinstance(value, dict):
        kept = {key: child for key, child in value.items() if draw(st.integers(0, 9)) > 0}
        return {key: mutated(child, draw) if draw(st.integers(0, 9)) > 0 else draw(JSON) for key, child in kept.items()}
    if isinstance(value, list):
        return [mutated(child, draw) for child in value]
    return value


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    message = dict(draw(st.sampled_from(RECORDED)))
    if isinstance(message.get("attachments"), str):
        message["attachments"] = json.loads(message["attachments"])
    return mutated(message, draw)


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_damaged_messages_never_raise(message: Any) -> None:
    flatten(message)
    notification = parse_notification(message)
    assert notification is None or notification.title is not None


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "files"]), JSON, max_size=4))
def test_any_json_never_raises(message: Any) -> None:
    flatten(message)
    parse_notification(message)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("New ticket #1 from Ann Lee (Acme): The export stays empty", "#1 The export stays empty"),
        ("A new conversation 77 was created", "Export"),
        ("Ann Lee opened: The export stays empty", "The export stays empty"),
    ],
)
def test_the_line_that_announces_a_ticket_is_not_the_customers(line: str, title: str) -> None:
    attachment = {
        "title": title,
        "title_link": "https://acme.zendesk.com/agent/tickets/1",
        "text": "Since noon the file has no rows.",
    }
    found = parse_notification({"text": line, "attachments": [attachment]})
    assert found is not None
    assert found.body == "Since noon the file has no rows."


def test_the_line_that_announces_a_ticket_stays_where_nothing_else_is_said() -> None:
    line = "New ticket #1 from Ann Lee: The export stays empty"
    attachment = {"title": "The export stays empty", "title_link": "https://acme.zendesk.com/agent/tickets/1"}
    found = parse_notification({"text": line, "attachments": [attachment]})
    assert found is not None
    assert found.body == line

"""An admin forgets a customer in Slack: a preview with counts, one button, and nobody else may press it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_world import LOGIN, SlackWorld, slack_world

from intelligence.model import Source
from storage import people, ticket_volumes, workspaces


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[SlackWorld]:
    with slack_world(tmp_path) as world:
        yield world


def told(world: SlackWorld, user: str, words: str) -> dict:
    return world.until(lambda: next((m for m in world.whispered(user) if words in m["text"]), None))


def test_an_admin_sees_what_would_go_and_forgets(slack: SlackWorld) -> None:
    ann = slack.customers[0]
    for customer, text in zip(slack.customers, LOGIN, strict=False):
        slack.pg.say(customer, slack.support, text)
    slack.settle()
    slack.pg.slash(slack.agent, slack.product, "/ticket-intel", f"forget <@{ann}>")
    told(slack, slack.agent, "Only admins")
    slack.pg.slash(slack.admin, slack.product, "/ticket-intel", f"forget <@{ann}>")
    seen = told(slack, slack.admin, "Forget this customer: 1 ticket with all that was said in them")
    slack.pg.click(slack.admin, slack.product, seen["ts"], "forget.do", ephemeral=True)
    told(slack, slack.admin, "I am forgetting this customer: 1 ticket")
    slack.settle()
    with slack.running.deps.db.read() as session:
        assert people.customer_of(session, slack.workspace, Source.SLACK, ann) is None
        assert ticket_volumes.span(session, slack.workspace)[0] == len(LOGIN) - 1
        assert "forget" in {entry.action for entry in workspaces.audit_trail(session, slack.workspace)}
    slack.pg.slash(slack.admin, slack.product, "/ticket-intel", f"forget <@{ann}>")
    told(slack, slack.admin, "I know no customer of this name")
    assert slack.pg.problems == []

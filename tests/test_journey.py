"""The whole way of a problem, against local servers: helpdesk ticket, theme, issue, done, reporters told, verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from journey_world import IN_HELPDESK, IN_SLACK, Journey, a_journey


def asks(it: Journey, user: str, line: str) -> dict[str, Any]:
    it.world.pg.reload(user)
    it.world.pg.slash(user, it.world.product, "/ticket-intel", line)
    return it.world.until(lambda: it.world.whispered(user))[-1]


def buttons(message: dict[str, Any], action: str) -> int:
    return json.dumps(message["blocks"]).count(f'"action_id": "{action}"')


def test_from_a_helpdesk_ticket_to_a_fix_that_held(tmp_path: Path) -> None:
    with a_journey(tmp_path) as it:
        world = it.world
        it.reports()
        assert it.theme.issue_key is None

        # An issue with evidence, by a click, after a look for duplicates
        world.pg.click(world.pm, world.product, it.alert["ts"], "issue.open")
        view: Any = world.until(lambda: (v := world.pg.view_of(world.pm)) and v["callback_id"] == "issue_open" and v)
        world.pg.submit(world.pm, view["id"], {"title": {"title": "SSO login via Okta loops"}})
        world.until(lambda: it.theme.issue_key)
        world.settle()
        issue = it.github.issues[0]
        assert issue["title"] == "SSO login via Okta loops"
        assert "6 tickets, 6 customers" in issue["body"]
        assert "## What customers say" in issue["body"]
        assert "6 tickets" in it.github.comments[0]["body"]

        # An agent answers one of them in Slack, so that it is their matter too
        world.pg.say(world.agent, world.support, "We are looking into it", thread_ts=root_of(it, IN_SLACK[0]))
        world.settle()

        # Done: whoever reported it can be told, and the team hears that they can
        it.done()
        assert [text for text in it.thread if "6 reporters can be told" in text]
        world.until(lambda: [m for m in directs(it, world.agent) if "You answered people who reported it" in m["text"]])
        waiting = asks(it, world.agent, "loop")
        assert "6 reporters can be told" in waiting["text"]
        assert (buttons(waiting, "loop.send"), buttons(waiting, "loop.told")) == (len(IN_SLACK), len(IN_HELPDESK))
        assert "you and 5 others" in json.dumps(waiting["blocks"], ensure_ascii=False)

        # In Slack by a click; in the helpdesk by a person, who says so here
        world.pg.click(world.agent, world.product, waiting["ts"], "loop.send", ephemeral=True)
        world.until(lambda: told_in_slack(it))
        world.settle()
        rest = world.whispered(world.agent)[-1]
        world.pg.click(world.agent, world.product, rest["ts"], "loop.told", ephemeral=True)
        world.until(lambda: "4 reporters can be told" in world.whispered(world.agent)[-1]["text"])
        assert len(told_in_slack(it)) == 1

        # Two weeks later: it held, with the tickets before and after
        it.two_weeks_later()
        world.until(lambda: [text for text in it.thread if "the fix held" in text])
        assert "6 tickets in the 14 days before, 0 in the 14 after" in it.thread[-1]
        card = asks(it, world.pm, "theme TI-1")
        assert "acme/app#1> (done)" in json.dumps(card["blocks"])
        assert world.pg.problems == []


def root_of(it: Journey, text: str) -> str:
    return next(m["ts"] for m in it.world.pg.messages(it.world.support) if m["text"] == text)


def directs(it: Journey, user: str) -> list[dict[str, Any]]:
    return it.world.posted(it.world.pg.open_im(user))


def told_in_slack(it: Journey) -> list[dict[str, Any]]:
    roots = [m["ts"] for m in it.world.pg.messages(it.world.support)]
    return [m for ts in roots for m in it.world.posted(it.world.support, ts) if "This is fixed" in m["text"]]

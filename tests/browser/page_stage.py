"""A workspace with one of everything the page draws, and a small Bolt app that answers in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import page_blocks as blocks
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from playground.playground import Playground

HOUR = 3600


@dataclass
class Stage:
    """Ids by name, so that tests read like the story."""

    playground: Playground
    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> WebClient:
        return WebClient(self.playground.bot_token, base_url=self.playground.api_url)

    def url(self, person: str, channel: str = "support") -> str:
        return f"{self.playground.url}?user={self.people[person]}#/{self.channels[channel]}"


def build(playground: Playground, now: float | None = None) -> Stage:
    """Fill an empty workspace."""
    stage = Stage(playground)
    _people(stage)
    _rooms(stage)
    _support_history(stage, now or time.time())
    _alerts(stage)
    _notifications(stage)
    playground.add_command("/ticket-intel", "Themes, alerts and answers from your tickets", HINT)
    playground.add_shortcut("Is this a known pattern?", "known_pattern")
    playground.add_shortcut("This label is wrong", "wrong_label")
    playground.panel(PANEL)
    return stage


HINT = "[themes [7d|30d] | theme TI-42 | known <text> | report [week|month] | help]"
PANEL = {
    "title": "Ten minutes",
    "steps": [
        {"text": "Read the alert in *#product-alerts*", "done": True},
        {"text": "Press *Evidence* under it", "done": False},
        {"text": "Post `Okta login loops` in *#support*", "done": False},
        {"text": "Ask: _is this a known pattern?_", "done": False},
        {"text": "Run `/ticket-intel themes`", "done": False},
    ],
    "buttons": [
        {"label": "Five posts about something new", "action": "five"},
        {"label": "Connect your Slack", "action": "connect"},
    ],
}


def _people(stage: Stage) -> None:
    for key, name, kind, title in (
        ("ana", "Ana Ribeiro", "customer", "Head of Ops, Fjordkraft"),
        ("tom", "Tom Okafor", "customer", "IT admin, Lumen Foods"),
        ("maya", "Maya Chen", "agent", "Support agent"),
        ("jonas", "Jonas Weber", "agent", "Support lead"),
        ("priya", "Priya Nair", "product", "Product manager"),
        ("sam", "Sam Hill", "admin", "Workspace admin"),
    ):
        stage.people[key] = stage.playground.add_user(name.lower().replace(" ", "."), name, kind=kind, title=title)
    stage.people["bot"] = stage.playground.bot_user_id


def _rooms(stage: Stage) -> None:
    everyone = list(stage.people.values())
    team = [stage.people[key] for key in ("maya", "jonas", "priya", "sam", "bot")]
    add = stage.playground.add_channel
    stage.channels["support"] = add(
        "support", members=everyone, topic="Questions from customers. One thread a ticket.", shared=True
    )
    stage.channels["alerts"] = add("product-alerts", members=team, topic="What rises, with proof")
    stage.channels["tickets"] = add("helpdesk-feed", members=team)
    stage.channels["eng"] = add("eng-oncall", private=True, members=team)
    stage.channels["random"] = add("random", members=everyone)


def _support_history(stage: Stage, now: float) -> None:
    who, room = stage.people, stage.channels["support"]
    lines = [
        (
            50 * HOUR,
            "tom",
            "Morning! Since the update our people land in a *login loop* with Okta. 40 users locked out :warning:",
        ),
        (
            49.9 * HOUR,
            "tom",
            "Steps:\n1. open <https://app.northbeam.example>\n2. choose _Sign in with SSO_\n"
            "3. back at step 1, every time",
        ),
        (
            26 * HOUR,
            "ana",
            "Is there any way to get a real Excel file? CSV breaks our `€` columns :sob:\n"
            "&gt; Export &gt; CSV\nis all I can find.",
        ),
        (
            25 * HOUR,
            "maya",
            "Thanks Ana, I hear you. For now: Data → From text/CSV → UTF-8 keeps the signs. I have passed it on to <@"
            + who["priya"]
            + ">.",
        ),
        (
            3 * HOUR,
            "ana",
            "```SELECT region, sum(amount)\nFROM exports\nGROUP BY 1```\n"
            "and this query took ~40 s~ *two minutes* in the dashboard",
        ),
        (2 * HOUR, "jonas", "<!channel> release 4.2 is out, please watch for sign-in questions in <#" + room + ">"),
    ]
    messages = [{"ts": f"{now - ago:.6f}", "user": who[key], "text": text} for ago, key, text in lines]
    stage.marks["loop"], stage.marks["excel"] = messages[0]["ts"], messages[2]["ts"]
    replies = [
        {
            "ts": f"{now - 49.5 * HOUR:.6f}",
            "user": who["maya"],
            "text": "Sorry Tom! Which browser?",
            "thread_ts": messages[0]["ts"],
        },
        {
            "ts": f"{now - 49.2 * HOUR:.6f}",
            "user": who["tom"],
            "text": "All of them. Chrome, Edge, Safari.",
            "thread_ts": messages[0]["ts"],
        },
    ]
    stage.playground.load(room, [*messages, *replies])
    stage.playground.react(who["maya"], room, messages[0]["ts"], "eyes")
    stage.playground.react(who["jonas"], room, messages[0]["ts"], "eyes")
    stage.playground.react(who["maya"], room, messages[0]["ts"], "white_check_mark")


def _alerts(stage: Stage) -> None:
    client, room = stage.client, stage.channels["alerts"]
    card = client.chat_postMessage(
        channel=room,
        text="Try these five: read the alert, press Evidence, post, ask, list",
        blocks=blocks.try_these_five(),
    )
    stage.playground.pin(room, card["ts"])
    alert = client.chat_postMessage(
        channel=room, text="SSO login fails for Okta users: 23 tickets", blocks=blocks.alert()
    )
    stage.marks["alert"] = alert["ts"]
    client.chat_postMessage(
        channel=room, thread_ts=alert["ts"], text="Now 23 tickets from 17 customers (was 20 from 15)."
    )
    stage.marks["table"] = client.chat_postMessage(channel=room, text="Themes, last 7 days", blocks=blocks.themes())[
        "ts"
    ]
    client.chat_postMessage(channel=room, text="Elements", blocks=blocks.elements())
    client.chat_postMessage(channel=room, text="A summary", blocks=[{"type": "markdown", "text": blocks.MARKDOWN}])


def _notifications(stage: Stage) -> None:
    helpdesk = stage.playground.add_app("Helpdesk", classic=True)
    stage.playground.post_as_app(
        helpdesk, stage.channels["tickets"], "New ticket", attachments=[blocks.ticket_attachment()]
    )


def sample_app(stage: Stage) -> SocketModeHandler:
    """The app: a command, buttons, a modal that refuses once, a shortcut, a home tab. Call connect() and close()."""
    app = App(client=stage.client, signing_secret="unused", token_verification_enabled=False)
    _commands(app)
    _actions(app)
    _views(app)
    return SocketModeHandler(
        app, "xapp-playground", web_client=WebClient("xapp-playground", base_url=stage.playground.api_url)
    )


def _commands(app: App) -> None:
    @app.command("/ticket-intel")
    def command(ack: Any, respond: Any, command: dict[str, str]) -> None:
        ack()
        respond(text=f"Heard: {command['text']}", blocks=blocks.answer(command["text"]))

    @app.shortcut("known_pattern")
    def known(ack: Any, client: WebClient, shortcut: dict[str, Any]) -> None:
        ack()
        channel, message = shortcut["channel"]["id"], shortcut["message"]
        client.chat_postEphemeral(
            channel=channel,
            user=shortcut["user"]["id"],
            text="Known pattern",
            blocks=blocks.known(message["text"]),
            thread_ts=message.get("thread_ts"),
        )

    @app.event("app_mention")
    def mention(event: dict[str, Any], client: WebClient) -> None:
        client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event.get("thread_ts") or event["ts"],
            text="Known: TI-2",
            blocks=blocks.known(event["text"]),
        )

    @app.event("app_home_opened")
    def home(event: dict[str, Any], client: WebClient) -> None:
        if event.get("tab", "home") == "home":
            client.views_publish(user_id=event["user"], view=blocks.home())

    @app.event("message")
    def message() -> None:
        """Heard and left alone."""


def _actions(app: App) -> None:
    @app.action("evidence")
    def evidence(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=blocks.issue_modal())

    @app.action("own")
    def own(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="Owned",
            blocks=blocks.alert(owner=body["user"]["id"]),
        )

    @app.action("deeper")
    def deeper(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=blocks.second_modal())

    @app.options("owner_search")
    def search(ack: Any, payload: dict[str, Any]) -> None:
        names = ["Platform team", "Identity team", "Exports team"]
        hits = [name for name in names if payload["value"].lower() in name.lower()]
        ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in hits])

    @app.action({"type": "block_actions"})
    def others(ack: Any) -> None:
        ack()


def _views(app: App) -> None:
    @app.view("issue")
    def submitted(ack: Any, client: WebClient, view: dict[str, Any], body: dict[str, Any]) -> None:
        title = view["state"]["values"]["title"]["title"]["value"]
        if len(title) < 10:
            ack(response_action="errors", errors={"title": "Say a little more: at least ten characters."})
            return
        ack()
        direct = client.conversations_open(users=body["user"]["id"])["channel"]["id"]
        client.chat_postMessage(channel=direct, text=f"Created: {title}")

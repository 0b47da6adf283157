"""A small, real Bolt app with one listener of each kind, and the two ways to connect it to a playground."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.socket_client import change_quickly, close
from playground import Playground


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "press", value: str = "1", text: str = "Press") -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(text)}


def actions(*elements: dict[str, Any], block_id: str = "row") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def field(block_id: str = "note", **element: Any) -> dict[str, Any]:
    entry = {"type": "plain_text_input", "action_id": "text", **element}
    return {"type": "input", "block_id": block_id, "label": plain("Note"), "element": entry}


def modal(*blocks: dict[str, Any], callback_id: str = "form", **fields: Any) -> dict[str, Any]:
    inputs = blocks or (field(),)
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Form"),
        "submit": plain("Save"),
        "blocks": list(inputs),
        **fields,
    }


class Seen:
    """What the app's listeners were called with, for the tests to look at."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.bodies: list[dict[str, Any]] = []
        self.retries: list[str | None] = []
        self.submit_reply: dict[str, Any] = {}
        self.block_ack = threading.Event()
        self.block_ack.set()

    def of(self, type: str, subtype: str | None = None) -> list[dict[str, Any]]:
        return [e for e in self.events if e["type"] == type and e.get("subtype") == subtype]


class Listeners(ThreadPoolExecutor):
    """Bolt's listener threads, which can be waited for.

    Bolt hands an event to them and then acknowledges it: an event that was acknowledged may not have been heard yet.
    """

    def __init__(self) -> None:
        super().__init__(5)
        self._calls: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        call = super().submit(fn, *args, **kwargs)
        self._calls.append(call)
        return call

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until every listener that was called has returned. Raises TimeoutError."""
        if wait(self._calls, timeout).not_done:
            raise TimeoutError(f"a listener has not returned after {timeout} s")


def settle(pg: Playground, app: App) -> None:
    """Wait until nothing is on its way to the app and all that arrived was heard."""
    pg.settle()
    app.listener_runner.listener_executor.settle()  # type: ignore[attr-defined]


def build_app(pg: Playground, seen: Seen) -> App:
    client = WebClient(token=pg.bot_token, base_url=pg.api_url)
    app = App(client=client, signing_secret=pg.signing_secret, listener_executor=Listeners())

    @app.middleware
    def before_the_ack(body, req, next):  # the place where a bot stores what must not be lost
        if body.get("type") == "event_callback":
            seen.retries.append((req.headers.get("x-slack-retry-num") or [None])[0])
            if "hold" in str(body["event"].get("text")):
                seen.block_ack.wait(5)
        return next()

    def keep(event, body):
        seen.events.append(event)
        seen.bodies.append(body)

    for name in ("app_mention", "reaction_added", "reaction_removed", "member_joined_channel", "member_left_channel"):
        app.event(name)(keep)
    for name in ("channel_archive", "channel_unarchive", "channel_rename", "group_archive"):
        app.event(name)(keep)

    @app.event("message")
    def on_message(event, body, say):
        keep(event, body)
        if event.get("text") == "buttons please":
            say(text="Here", blocks=[actions(button())])

    @app.event("app_home_opened")
    def on_home(event, client):
        home = {"type": "home", "blocks": [{"type": "section", "text": plain(f"Hello {event['user']}")}]}
        client.views_publish(user_id=event["user"], view=home)

    register_interactions(app, seen)
    return app


def register_interactions(app: App, seen: Seen) -> None:
    @app.command("/echo")
    def echo(ack, respond, command):
        ack()
        seen.bodies.append(command)
        respond(f"you said {command['text']}")

    @app.command("/ack-text")
    def ack_text(ack):
        ack("answered in the acknowledgement")

    @app.command("/ack-nonsense")
    def ack_nonsense(ack):
        ack(blocks=[{"type": "section"}])

    @app.command("/late")
    def late(ack):
        seen.block_ack.wait(5)
        ack("too late")

    @app.action("press")
    def press(ack, body, client):
        ack()
        seen.bodies.append(body)
        client.views_open(trigger_id=body["trigger_id"], view=modal(notify_on_close=True))

    @app.action("answer")
    def answer(ack, body, respond):
        ack()
        seen.bodies.append(body)
        kind = body["actions"][0].get("value")
        if kind == "delete":
            respond(delete_original=True)
        else:
            respond(text="replaced", replace_original=True)

    @app.action("choose")
    def choose(ack, body):
        ack()
        seen.bodies.append(body)

    @app.options("find")
    def find(ack, payload):
        ack(options=[{"text": plain(payload["value"].upper()), "value": payload["value"]}])

    @app.view("form")
    def form(ack, body):
        seen.bodies.append(body)
        ack(**seen.submit_reply)

    @app.view_closed("form")
    def closed(ack, body):
        ack()
        seen.bodies.append(body)

    @app.shortcut("look_up")
    def look_up(ack, shortcut, respond):
        ack()
        seen.bodies.append(shortcut)
        if shortcut["type"] == "message_action":
            respond(f"looked up {shortcut['message']['text']}")


@contextmanager
def socket_app(pg: Playground, app: App) -> Iterator[SocketModeHandler]:
    """The app over Socket Mode; the playground is stopped on the way out."""
    handler = SocketModeHandler(app, pg.app_token, ping_interval=1)
    change_quickly(handler.client)
    handler.connect()
    pg.wait_until_connected()
    try:
        yield handler
    finally:
        close(handler.client)
        pg.stop()
        close_pools(app)


@contextmanager
def http_app(pg: Playground, app: App) -> Iterator[None]:
    """The app behind a small HTTP server that hands every request to Bolt as it came."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name: [value] for name, value in self.headers.items()}
            answer = app.dispatch(BoltRequest(body=body, headers=headers))
            self.send_response(answer.status)
            for name, value in answer.first_headers().items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    pg.http_target = f"http://127.0.0.1:{server.server_port}/slack/events"
    try:
        yield
    finally:
        pg.stop()
        server.shutdown()
        server.server_close()
        thread.join()
        close_pools(app)


def close_pools(app: App) -> None:
    app.listener_runner.listener_executor.shutdown()
    app.listener_runner.lazy_listener_runner.executor.shutdown()  # type: ignore[attr-defined]

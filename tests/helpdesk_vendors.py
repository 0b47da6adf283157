"""Helpdesks played by a local HTTP server, and payloads that vendors captured, for tests."""

from __future__ import annotations

import copy
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from databases import NOW
from hypothesis import strategies as st
from slack_world import encoder

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import helpdesk_pages, ingest, notifications
from bot.helpdesks import Helpdesks
from bot.jobs import build_registry
from bot.settings import load_settings
from bot.worker import Worker
from integrations.helpdesks.port import Helpdesk
from integrations.slack import Change, SlackMessage
from intelligence.model import ChannelRole, QuotePolicy, Scope, Source, Visibility
from storage import tickets, workspaces

HERE = "T1"

SCHEMAS = Path(__file__).resolve().parents[2] / "shared" / "schemas"
Answer = Callable[[dict[str, str], Any], Any]


@dataclass(frozen=True)
class Reply:
    """An answer with its headers and status, where the body alone does not say it."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Vendor:
    """Answers by path: a value, a Reply, or a function of query and body that gives one of both. A path without an
    answer is 404; `statuses` names other answers. `sent` is every request (method, path, query, body); `lose` closes
    the connection after the next change was made, before it is told.
    """

    answers: dict[str, Any | Answer] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    lose: bool = False

    def reply(self, method: str, target: str, body: Any) -> Reply:
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.sent.append((method, parts.path, query, body))
        if parts.path in self.statuses:
            return Reply({}, self.statuses[parts.path])
        found = self.answers.get(f"{method} {parts.path}", self.answers.get(parts.path, Reply({}, 404)))
        found = found(query, body) if callable(found) else found
        return found if isinstance(found, Reply) else Reply(found)


@contextmanager
def serving(vendor: Vendor) -> Iterator[Vendor]:
    """The vendor behind a port of this machine; its address is in `url`."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            vendor.headers.append({key.lower(): value for key, value in self.headers.items()})
            answer = vendor.reply(self.command, self.path, body)
            if vendor.lose and self.command != "GET":
                vendor.lose, self.close_connection = False, True
                return
            told = json.dumps(answer.body).encode() if answer.status != 204 else b""
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = do_DELETE = _do

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def deps_with(folder: Path, template: Path, *desks: Helpdesk, **overrides: Any) -> Iterator[Deps]:
    """The product over a database of its own, with these helpdesks and a clock that stands still."""
    shutil.copy(template, folder / "t.db")
    options = load_settings(None, database_url=f"sqlite:///{folder / 't.db'}", debounce_seconds=0, **overrides)
    built = build_deps(options, clock=SimulatedClock(NOW), embedder=encoder(), migrate=False)
    yield replace(built, helpdesks=Helpdesks({desk.source: desk for desk in desks}))
    built.close()


def work(deps: Deps) -> None:
    """Do what is due."""
    Worker(deps, build_registry(deps), threads=1).run_due()


def stored(deps: Deps, source: Source, ref: str) -> Any:
    """The ticket of a ref, or None."""
    with deps.db.read() as session:
        found = tickets.find(session, HERE, source, ref)
        return tickets.one(session, Scope(HERE), found) if found is not None else None


def polled(deps: Deps, tick: str) -> None:
    """Ask every helpdesk what changed, and do all that follows."""
    helpdesk_pages.start_poll(deps, HERE, because=tick)
    work(deps)


def announced(deps: Deps, url: str, title: str, text: str = "It fails") -> ingest.Taken:
    """Another app's message in a Slack channel tells of a ticket; what follows is done."""
    payload = {"bot_id": "B1", "text": f"*<{url}|{title}>*\n{text}"}
    policy = (ChannelRole.SUPPORT, QuotePolicy.MASKED, None, True, None, None, None)
    channel = workspaces.Channel("C1", "support", Visibility.PUBLIC, *policy)
    ts = f"{1_768_208_400 + len(title)}.000100"
    message = SlackMessage(Change.POSTED, "C1", ts, NOW, text=text, bot_id="B1", payload=payload)
    with deps.db.write() as session:
        workspaces.ensure(session, HERE, NOW)
        taken = notifications.take(deps, session, HERE, channel, message, live=True)
    work(deps)
    return taken


def captured(path: str) -> Any:
    """A payload from ../shared/schemas, or a skipped test where that is not there."""
    file = SCHEMAS / path
    if not file.exists():
        pytest.skip(f"{path}: the vendors' captured payloads are kept beside the checkout")
    return json.loads(file.read_text(encoding="utf-8"))


def paths_of(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of a JSON value, as the way to it."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*here, key)
        yield from paths_of(entry, (*here, key))


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.just([]), st.just({}),
    st.just("\x00\ud800"), st.just(10**40), st.just([{"id": []}]),
)  # fmt: skip


def mutated(data: st.DataObject, payload: Any) -> tuple[Any, tuple[Any, ...]]:
    """A copy with one key deleted or replaced by any value, and which."""
    changed = copy.deepcopy(payload)
    path = data.draw(st.sampled_from(list(paths_of(changed))))
    parent: Any = changed
    for key in path[:-1]:
        parent = parent[key]
    if data.draw(st.booleans()):
        del parent[path[-1]]
    else:
        parent[path[-1]] = data.draw(VALUES)
    return changed, path

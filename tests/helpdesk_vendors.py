"""Helpdesks played by a local HTTP server, and payloads that vendors captured, for tests."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import strategies as st

SCHEMAS = Path(__file__).resolve().parents[2] / "shared" / "schemas"
Answer = Callable[[dict[str, str], Any], Any]


@dataclass
class Vendor:
    """Answers by path: a value, or a function of query and body. A path without an answer is 404; `statuses` names
    other answers. `sent` is every request (method, path, query, body).
    """

    answers: dict[str, Any | Answer] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def reply(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        self.sent.append((method, parts.path, query, body))
        if parts.path in self.statuses:
            return self.statuses[parts.path], {}
        if parts.path not in self.answers:
            return 404, {}
        found = self.answers[parts.path]
        return 200, found(query, body) if callable(found) else found


@contextmanager
def serving(vendor: Vendor) -> Iterator[Vendor]:
    """The vendor behind a port of this machine; its address is in `url`."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            vendor.headers.append({key.lower(): value for key, value in self.headers.items()})
            status, answer = vendor.reply(self.command, self.path, body)
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = _do

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

"""A server on this machine that speaks the parts of OpenAI's API that the product uses: chat, files, batches, models.

A test says how to answer by a function from the request's body to a `Said`. Nothing sleeps: a slow answer waits on an
event that `close` sets.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-4f9a2c7713be4d0a"


@dataclass
class Said:
    """One HTTP answer. `body` is JSON unless it is bytes; `slow` keeps the client waiting until the server closes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False


Answer = Callable[[dict[str, Any]], Said]


def chat(
    content: str | None, *, tokens: tuple[int, int] | None = (100, 20), finish: str = "stop", **message: Any
) -> Said:
    """A chat completion with this content."""
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model-2026",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
        ],
    }
    if tokens:
        body["usage"] = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    return Said(body=body)


def calling(name: str, arguments: Any, *, number: int = 1) -> Said:
    """A chat completion that asks for a tool; arguments that are no text are written as JSON."""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": written}}
    return chat(None, finish="tool_calls", tool_calls=[call])


def wrong(status: int, message: str, *, code: str | None = None, param: str | None = None, **headers: str) -> Said:
    """An error in the API's form; header names are written with underscores."""
    body = {"error": {"message": message, "type": "error", "code": code, "param": param}}
    return Said(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def asked(body: Mapping[str, Any]) -> str:
    """What a request asks: "triage" or the technique's name, by its schema or its instructions."""
    form = body.get("response_format", {})
    if form.get("type") == "json_schema":
        return form["json_schema"]["name"]
    system = body["messages"][0]["content"]
    names = {"feature gaps": "feature_gaps", "UX friction": "ux_friction", "documentation needs": "documentation_gaps"}
    names["bug patterns"] = "bug_patterns"
    return next((name for words, name in names.items() if f"for {words}" in system[:120]), "triage")


def conversation_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The conversation that a request shows the model."""
    data = body["messages"][1]["content"]
    found = re.fullmatch(r"<(data-[0-9a-f]{12})>\n(.*)\n</\1>", data, re.DOTALL)
    assert found, data[:200]
    return json.loads(found[2])


class ModelServer:
    """The server, started. `requests` holds the bodies of chat requests in order of arrival."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.offers_batches = True
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def respond(self, method: str, path: str, key: str, raw: bytes) -> Said:
        with self._lock:
            self.keys.append(key)
        if key != f"Bearer {KEY}":
            return wrong(401, f"Incorrect API key provided: {key}", code="invalid_api_key")
        if path == "/v1/chat/completions":
            body = json.loads(raw)
            with self._lock:
                self.requests.append(body)
            return self.answer(body)
        if not self.offers_batches:
            return wrong(404, "Unknown request URL")
        if method == "POST" and path == "/v1/files":
            return self._upload(raw)
        if method == "POST" and path == "/v1/batches":
            return self._start(json.loads(raw))
        if found := re.fullmatch(r"/v1/batches/([\w-]+)(/cancel)?", path):
            return self._move(found[1], cancel=bool(found[2]))
        if found := re.fullmatch(r"/v1/files/([\w-]+)/content", path):
            return Said(body=self.files[found[1]])
        return wrong(404, "Unknown request URL")

    def _upload(self, raw: bytes) -> Said:
        boundary = raw[: raw.index(b"\r\n")]
        part = next(p for p in raw.split(boundary) if b'name="file"' in p)
        content = part.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n", 1)[0]
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        return Said(body={"id": name, "object": "file", "bytes": len(content), "created_at": 1, "filename": "x.jsonl",
                          "purpose": "batch", "status": "processed"})  # fmt: skip

    def _start(self, asked: dict[str, Any]) -> Said:
        name = f"batch-{len(self.batches) + 1}"
        self.batches[name] = {
            "id": name, "object": "batch", "endpoint": asked["endpoint"], "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"], "created_at": 1, "status": "validating",
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }  # fmt: skip
        return Said(body=self.batches[name])

    def _move(self, name: str, *, cancel: bool) -> Said:
        """Each look moves a batch one state on."""
        batch = self.batches[name]
        if cancel:
            batch["status"] = "cancelled"
        elif batch["status"] == "validating":
            batch["status"] = "in_progress"
        elif batch["status"] == "in_progress":
            self._run(batch)
        return Said(body=batch)

    def _run(self, batch: dict[str, Any]) -> None:
        good, bad = [], []
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        for line in lines:
            said = self.answer(line["body"])
            answered = {"status_code": said.status, "request_id": "r", "body": said.body}
            (good if said.status == 200 else bad).append({"custom_id": line["custom_id"], "response": answered})
        for kind, found in (("output_file_id", good), ("error_file_id", bad)):
            if found:
                batch[kind] = f"file-{len(self.files) + 1}"
                # Answers come in any order.
                self.files[batch[kind]] = b"\n".join(json.dumps(line).encode() for line in reversed(found))
        batch["request_counts"] = {"total": len(lines), "completed": len(good), "failed": len(bad)}
        batch["status"] = "completed"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                self._say(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def do_GET(self) -> None:
                self._say(b"")

            def _say(self, raw: bytes) -> None:
                said = server.respond(self.command, self.path, self.headers.get("Authorization", ""), raw)
                if said.slow:
                    server.closing.wait()
                    self.close_connection = True
                    return
                content = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        return Handler

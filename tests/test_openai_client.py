"""The model client against a real HTTP server: what it sends, how it tries again, and how it names what goes wrong."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.openai import ChatModel
from integrations.openai_errors import (
    BrokenReply,
    Late,
    ModelError,
    RateLimited,
    Refusal,
    Rejected,
    Unreachable,
    WrongKey,
)
from intelligence.prompts.request import triage_request
from tests.model_replies import EXPORT
from tests.model_server import KEY, Answer, ModelServer, Said, chat, wrong

REQUEST = triage_request(EXPORT)
Make = Callable[..., tuple[ChatModel, ModelServer, list[float]]]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[tuple[ChatModel, ModelServer]] = []

    def build(answer: Answer, *, key: str = KEY, **options: Any) -> tuple[ChatModel, ModelServer, list[float]]:
        server = ModelServer(answer)
        waits: list[float] = []
        model = ChatModel(
            key=SecretStr(key),
            base_url=server.base_url,
            model="gpt-test",
            wait=waits.append,
            **{"timeout": 5.0} | options,
        )
        made.append((model, server))
        return model, server, waits

    yield build
    for model, server in made:
        model.close()
        server.close()


def in_turn(*answers: Said) -> Answer:
    """These answers one after the other, the last one for ever."""
    rest = list(answers)
    return lambda body: rest.pop(0) if len(rest) > 1 else rest[0]


def test_a_good_reply_with_its_cost(make: Make) -> None:
    model, server, waits = make(in_turn(chat('{"a": 1}', tokens=(321, 45))))
    reply = model.complete(REQUEST)
    assert (reply.text, reply.usage.tokens_in, reply.usage.tokens_out) == ('{"a": 1}', 321, 45)
    assert reply.model == "test-model-2026"
    body = server.requests[0]
    assert body["model"] == "gpt-test"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert "tools" not in body
    assert waits == []


def test_a_server_that_counts_nothing(make: Make) -> None:
    model, _, _ = make(in_turn(chat("{}", tokens=None)))
    assert model.complete(REQUEST).usage.total == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (chat(None, refusal="I cannot help with that"), Refusal),
        (chat("x", finish="content_filter"), Refusal),
        (chat('{"a": ', finish="length"), BrokenReply),
        (chat("  "), BrokenReply),
        (chat(None), BrokenReply),
        (Said(body=b"<html>hello</html>"), BrokenReply),
        (Said(body=b""), BrokenReply),
        (Said(body=b"[" * 100_000), BrokenReply),
        (Said(body={"choices": []}), BrokenReply),
        (Said(body={"choices": "none", "usage": "many"}), BrokenReply),
        (Said(body=["a", "list"]), BrokenReply),
        (Said(body={"choices": [{"message": "hi"}]}), BrokenReply),
        (wrong(404, "The model `gpt-test` does not exist", code="model_not_found"), Rejected),
        (wrong(400, "This model's maximum context length is 8192 tokens"), Rejected),
        (wrong(403, "Project does not have access"), WrongKey),
    ],
)  # fmt: skip
def test_what_goes_wrong_has_a_name_and_is_not_tried_again(make: Make, answer: Said, error: type[ModelError]) -> None:
    model, server, waits = make(in_turn(answer))
    with pytest.raises(error):
        model.complete(REQUEST)
    assert len(server.requests) == 1
    assert waits == []


def test_a_refusal_keeps_what_it_cost(make: Make) -> None:
    model, _, _ = make(in_turn(chat(None, refusal="no", tokens=(70, 3))))
    with pytest.raises(Refusal) as caught:
        model.complete(REQUEST)
    assert caught.value.usage.total == 73


def test_retry_after_is_obeyed(make: Make) -> None:
    model, server, waits = make(in_turn(wrong(429, "slow down", Retry_After="7"), chat("{}")))
    assert model.complete(REQUEST).text == "{}"
    assert waits == [7.0]
    assert len(server.requests) == 2


def test_milliseconds_are_read_too(make: Make) -> None:
    model, _, waits = make(in_turn(wrong(429, "slow down", retry_after_ms="2500"), chat("{}")))
    model.complete(REQUEST)
    assert waits == [2.5]


def test_nobody_waits_longer_than_the_answer_is_wanted(make: Make) -> None:
    model, server, waits = make(in_turn(wrong(429, "slow down", Retry_After="600")))
    with pytest.raises(RateLimited) as caught:
        model.complete(REQUEST)
    assert caught.value.retry_after == 600
    assert waits == []
    assert len(server.requests) == 1


def test_an_empty_account_is_not_asked_again(make: Make) -> None:
    model, server, _ = make(in_turn(wrong(429, "You exceeded your quota", code="insufficient_quota")))
    with pytest.raises(RateLimited, match="quota"):
        model.complete(REQUEST)
    assert len(server.requests) == 1


def test_a_server_error_passes_or_not(make: Make) -> None:
    model, _, waits = make(in_turn(wrong(500, "oops"), wrong(503, "still"), chat("{}")))
    assert model.complete(REQUEST).text == "{}"
    assert len(waits) == 2
    assert waits[0] < waits[1]
    model, server, waits = make(in_turn(wrong(500, "oops")))
    with pytest.raises(Unreachable, match="HTTP 500"):
        model.complete(REQUEST)
    assert len(server.requests) == 3


def test_a_slow_answer_is_late_and_asked_once(make: Make) -> None:
    model, server, waits = make(in_turn(Said(slow=True)), timeout=0.2)
    with pytest.raises(Late):
        model.complete(REQUEST)
    assert len(server.requests) == 1
    assert waits == []


def test_a_dead_server(make: Make) -> None:
    model, server, waits = make(in_turn(chat("{}")))
    server.close()
    with pytest.raises(Unreachable, match="cannot be reached"):
        model.complete(REQUEST)
    assert len(waits) == 2


def test_a_wrong_key_is_said_once_and_shown_nowhere(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    secret = "sk-live-9b1f0c44aa02d7e8"
    with caplog.at_level(logging.DEBUG):
        model, server, _ = make(in_turn(chat("{}")), key=secret)
        with pytest.raises(WrongKey) as caught:
            model.complete(REQUEST)
    assert server.keys == [f"Bearer {secret}"]
    assert secret not in str(caught.value)
    assert secret not in caplog.text
    assert secret not in repr(vars(model))


def test_json_schema_then_json_object_then_words(make: Make) -> None:
    def answer(body: dict[str, Any]) -> Said:
        if body.get("response_format", {}).get("type") == "json_schema":
            return wrong(
                400, "response_format type 'json_schema' is not supported by this model", param="response_format"
            )
        if "response_format" in body and poor:
            return wrong(400, "Unknown field: response_format")
        return chat("{}")

    poor = False
    model, server, _ = make(answer)
    model.complete(REQUEST)
    model.complete(REQUEST)
    assert [b["response_format"]["type"] for b in server.requests] == ["json_schema", "json_object", "json_object"]
    assert json.dumps(REQUEST.schema) in server.requests[1]["messages"][0]["content"]
    poor = True
    model.complete(REQUEST)
    assert "response_format" not in server.requests[-1]
    assert model.dialect.format == "none"


def test_parameters_that_a_model_refuses_are_left_out(make: Make) -> None:
    def answer(body: dict[str, Any]) -> Said:
        if "temperature" in body:
            return wrong(400, "'temperature' does not support 0 with this model", param="temperature")
        if "max_completion_tokens" in body:
            return wrong(400, "Unrecognized request argument supplied: max_completion_tokens. Use max_tokens.")
        return chat("{}")

    model, server, _ = make(answer)
    model.complete(REQUEST)
    assert len(server.requests) == 3
    assert server.requests[-1]["max_tokens"] > 0
    model.complete(REQUEST)
    assert len(server.requests) == 4, "what was learnt is kept"


def test_threads_learn_a_dialect_together(make: Make) -> None:
    def answer(body: dict[str, Any]) -> Said:
        form = body["response_format"]["type"]
        return chat("{}") if form == "json_object" else wrong(400, "json_schema is not supported")

    model, _, _ = make(answer)
    with ThreadPoolExecutor(8) as pool:
        assert [r.text for r in pool.map(lambda _: model.complete(REQUEST), range(16))] == ["{}"] * 16
    assert model.dialect.format == "json_object"


def test_no_more_than_allowed_are_under_way(make: Make) -> None:
    lock, full = threading.Lock(), threading.Event()
    under_way, most = 0, 0

    def answer(body: dict[str, Any]) -> Said:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
            if under_way == 3:
                full.set()
        assert full.wait(5), "three requests run at once"
        with lock:
            under_way -= 1
        return chat("{}")

    model, _, _ = make(answer, in_flight=3)
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(lambda _: model.complete(REQUEST), range(9)))
    assert most == 3

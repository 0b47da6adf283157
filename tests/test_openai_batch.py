"""The Batch API against the same server: submit, poll, collect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

import integrations.openai_batch as batches
from integrations.openai import ModelReply
from integrations.openai_batch import BatchModel, BatchState
from integrations.openai_errors import BrokenReply, Rejected, Unsupported, WrongKey
from intelligence.prompts.request import triage_request
from tests.model_replies import talk
from tests.model_server import KEY, ModelServer, Said, chat, conversation_of, wrong


def answer(body: dict[str, Any]) -> Said:
    text = conversation_of(body)["messages"][0]["text"]
    if text == "too long":
        return wrong(400, "maximum context length")
    return chat("", tokens=(9, 1)) if text == "empty" else chat(json.dumps({"echo": text}), tokens=(9, 1))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    made = ModelServer(answer)
    yield made
    made.close()


@pytest.fixture
def model(server: ModelServer) -> Iterator[BatchModel]:
    made = BatchModel(key=SecretStr(KEY), base_url=server.base_url, model="gpt-test")
    yield made
    made.close()


def questions(*texts: str) -> dict[str, Any]:
    return {f"ticket-{n}": triage_request(talk(text)) for n, text in enumerate(texts)}


def test_submit_poll_collect(model: BatchModel, server: ModelServer) -> None:
    batch_id = model.submit(questions("one", "zwei 🎈", "too long", "empty"))
    lines = [json.loads(line) for line in server.files["file-1"].splitlines()]
    assert [line["custom_id"] for line in lines] == [f"ticket-{n}" for n in range(4)]
    assert lines[0]["url"] == server.batches[batch_id]["endpoint"] == "/v1/chat/completions"
    assert lines[0]["body"]["model"] == "gpt-test"
    first = model.status(batch_id)
    assert (first.state, first.ended) == (BatchState.IN_PROGRESS, False)
    assert model.collect(first) == {}
    status = model.status(batch_id)
    assert (status.ended, status.total, status.done, status.failed) == (True, 4, 3, 1)
    found = model.collect(status)
    assert found.keys() == {f"ticket-{n}" for n in range(4)}
    second = found["ticket-1"]
    assert isinstance(second, ModelReply)
    assert (json.loads(second.text), second.usage.total) == ({"echo": "zwei 🎈"}, 10)
    assert isinstance(found["ticket-2"], Rejected)
    broken = found["ticket-3"]
    assert isinstance(broken, BrokenReply)
    assert broken.usage.total == 10


def test_spoilt_lines_are_questions_without_an_answer(model: BatchModel, server: ModelServer) -> None:
    batch_id = model.submit(questions("one", "two"))
    model.status(batch_id)
    status = model.status(batch_id)
    assert status.output_file
    good = server.files[status.output_file].splitlines()[0]
    server.files[status.output_file] = b"\n".join([b"{half", b"[]", b'{"custom_id": 5}', b'{"custom_id": "x"}', good])
    found = model.collect(status)
    assert isinstance(found.pop("x"), Rejected)
    assert len(found) == 1


def test_cancel(model: BatchModel) -> None:
    batch_id = model.submit(questions("one"))
    model.cancel(batch_id)
    assert model.status(batch_id).state is BatchState.CANCELLED


def test_a_server_without_batches(model: BatchModel, server: ModelServer) -> None:
    server.offers_batches = False
    with pytest.raises(Unsupported):
        model.submit(questions("one"))


def test_a_wrong_key(server: ModelServer) -> None:
    model = BatchModel(key=SecretStr("sk-other"), base_url=server.base_url, model="m")
    with pytest.raises(WrongKey):
        model.submit(questions("one"))
    model.close()


def test_files_keep_the_apis_limits(model: BatchModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_REQUESTS", 2)
    parts = list(model.files_of(questions("a", "b", "c", "d", "e")))
    assert [ids for ids, _ in parts] == [["ticket-0", "ticket-1"], ["ticket-2", "ticket-3"], ["ticket-4"]]
    assert all(len(content.splitlines()) == len(ids) for ids, content in parts)
    monkeypatch.setattr(batches, "MAX_BYTES", 10)
    assert len(list(model.files_of(questions("a", "b")))) == 2
    assert list(model.files_of({})) == []
    with pytest.raises(ValueError, match="2 batches"):
        model.submit(questions("a", "b"))

"""Chat Completions of OpenAI or any server that speaks its API: one question in, one reply out, errors with names.

Servers differ in what they accept. The client starts with the strictest form (a JSON Schema) and, when a server refuses
a parameter, leaves it out from then on: json_schema, then json_object, then the schema in words only. Replies are
checked by `intelligence.replies` in every case.
"""

from __future__ import annotations

import copy
import json
import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx2
import openai
from pydantic import SecretStr

from integrations import outgoing
from integrations.openai_errors import (
    BrokenReply,
    Late,
    ModelError,
    RateLimited,
    Rejected,
    Unreachable,
    Usage,
    WrongKey,
)
from integrations.openai_tools import ToolTurn, refused, tool_body, turn_of
from intelligence.prompts.request import ModelRequest
from intelligence.prompts.tools import ToolRequest

ATTEMPTS: Final = 3
MAX_ANSWER_TOKENS: Final = 1_500
_FIRST_PAUSE: Final = 0.5
_OPTIONAL: Final = ("temperature", "max_completion_tokens", "max_tokens", "tool_choice", "parallel_tool_calls")
_TRY_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_WRONG_KEY: Final = frozenset({401, 403})

Wait = Callable[[float], object]
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelReply:
    """What the model said, and what it cost."""

    text: str
    usage: Usage
    model: str


class Dialect:
    """What a server has shown to understand. Shared by threads: each flag only ever goes from richer to poorer."""

    _FORMATS: Final = ("json_schema", "json_object", "none")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._format = 0
        self._left_out: set[str] = set()

    @property
    def format(self) -> str:
        """How the form of an answer is asked for: json_schema, json_object or none."""
        return self._FORMATS[self._format]

    def body(self, request: ModelRequest, model: str) -> Body:
        """The request as the server can take it."""
        written = json.dumps(request.schema, ensure_ascii=False)
        instructions = request.instructions
        if self.format != "json_schema":
            instructions += f"\n\nThe JSON object must fit this JSON Schema:\n{written}"
        body: Body = {
            "model": model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": request.data}],
            "temperature": 0,
            "max_completion_tokens": MAX_ANSWER_TOKENS,
        }
        if self.format == "json_schema":
            form = {"name": request.name, "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self.format == "json_object":
            body["response_format"] = {"type": "json_object"}
        return self._fitted(body)

    def tools_body(self, request: ToolRequest, model: str) -> Body:
        """A turn with tools as the server can take it."""
        return self._fitted(
            {"model": model, "temperature": 0, "max_completion_tokens": MAX_ANSWER_TOKENS, **tool_body(request)}
        )

    def _fitted(self, body: Body) -> Body:
        if "max_completion_tokens" in self._left_out:
            body["max_tokens"] = body["max_completion_tokens"]
        for tool in body.get("tools", ()) if "strict" in self._left_out else ():
            tool["function"].pop("strict")
        return {name: value for name, value in body.items() if name not in self._left_out}

    def learn(self, refused: Body, complaint: str) -> bool:
        """Note what a 400 complains of. True if the next body will differ from the refused one."""
        complaint = complaint.lower()
        form = refused.get("response_format", {}).get("type")
        with self._lock:
            if form and any(word in complaint for word in ("response_format", "json_schema", "json_object", "schema")):
                self._format = max(self._format, self._FORMATS.index(form) + 1)
                return True
            named = [name for name in _OPTIONAL if name in complaint]
            # "Use max_completion_tokens instead of max_tokens" names both: only what was sent can have been refused.
            sent = [name for name in named if name in refused]
            if "strict" in complaint and "tools" in refused and "strict" not in self._left_out:
                sent.append("strict")
            self._left_out.update(sent)
            return bool(sent)


class ChatModel:
    """A model behind an address. Safe to share between threads; at most `in_flight` requests run at a time.

    `timeout` is the longest wait for one answer in seconds, `patience` (default twice that) for all attempts together,
    the pauses between them included. `wait` sleeps; an event's `wait` can be given so that a shutdown ends the pauses.
    """

    def __init__(
        self,
        *,
        key: SecretStr,
        base_url: str,
        model: str,
        timeout: float = 30.0,
        patience: float | None = None,
        in_flight: int = 8,
        wait: Wait | None = None,
        client: openai.OpenAI | None = None,
        private_hosts: Collection[str] = (),
    ) -> None:
        self.model = model
        self.dialect = Dialect()
        self._client = client or client_for(key, base_url, timeout, private_hosts)
        self._patience = 2 * timeout if patience is None else patience
        self._wait = wait or threading.Event().wait
        self._places = threading.BoundedSemaphore(in_flight)
        self._siblings: dict[str, ChatModel] = {model: self}

    def called(self, model: str) -> ChatModel:
        """Another model at the same address: with its own dialect, over the same connections and within the same
        number of requests at a time. The same name gives the same model again.
        """
        if (known := self._siblings.get(model)) is not None:
            return known
        made = copy.copy(self)
        made.model, made.dialect = model, Dialect()
        return self._siblings.setdefault(model, made)

    def complete(self, request: ModelRequest) -> ModelReply:
        """Ask once, trying again after faults that pass. Raises a ModelError that says what is wrong."""
        content = self._patiently(lambda: self.dialect.body(request, self.model))
        return reply_of(content, self.model)

    def turn(self, request: ToolRequest) -> ToolTurn:
        """One turn of a talk in which the model may look things up; patient in the same way. Raises a ModelError."""
        message, usage, _ = _message_of(self._patiently(lambda: self.dialect.tools_body(request, self.model)))
        return turn_of(message, usage, len(request.done))

    def _patiently(self, made: Callable[[], Body]) -> bytes:
        pauses = _pauses(self._patience)
        while True:
            try:
                with self._places:
                    return self._ask(made)
            except (RateLimited, Unreachable) as error:
                pause = next(pauses, None)
                if not error.passing or pause is None:
                    raise
                # A server that says when to come back is believed, as long as the answer would still be wanted.
                pause = max(pause, error.retry_after or 0.0)
                if pause > self._patience:
                    raise
                self._wait(pause)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, made: Callable[[], Body]) -> bytes:
        body = made()
        try:
            answer = self._client.chat.completions.with_raw_response.create(**body)
        except openai.BadRequestError as error:
            if self.dialect.learn(body, complaint(error)):
                return self._ask(made)
            raise named(error) from None
        except openai.OpenAIError as error:
            raise named(error) from None
        return answer.http_response.content


def client_for(key: SecretStr, base_url: str, timeout: float, private_hosts: Collection[str] = ()) -> openai.OpenAI:
    """The openai package's client without retries of its own, which could sleep for minutes in a worker's thread, and
    without redirects, which would take the key and the words along.
    """
    patience = httpx2.Timeout(timeout, connect=min(timeout, 10.0))
    return openai.OpenAI(
        api_key=key.get_secret_value(),
        base_url=base_url,
        timeout=patience,
        max_retries=0,
        http_client=outgoing.client(base_url, private_hosts=private_hosts, timeout=patience),
    )


def reply_of(content: bytes, model: str) -> ModelReply:
    """A Chat Completions object. Raises Refusal or BrokenReply, which keep what it cost."""
    message, usage, said = _message_of(content)
    text = message.get("content")
    if not isinstance(text, str) or not text.strip():
        raise BrokenReply("the reply is empty", usage=usage)
    return ModelReply(text, usage, said if isinstance(said, str) and said else model)


def _message_of(content: bytes) -> tuple[Mapping[str, Any], Usage, object]:
    """The message, what it cost, and which model the server says it is from."""
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError):
        raise BrokenReply("the server answered with something that is no JSON") from None
    completion = _record(found)
    usage = usage_of(completion.get("usage"))
    choices = completion.get("choices")
    choice = _record(choices[0]) if isinstance(choices, list) and choices else {}
    message = _record(choice.get("message"))
    refused(message, choice.get("finish_reason"), usage)
    return message, usage, completion.get("model")


def usage_of(value: object) -> Usage:
    """Tokens as the server counted them; zero where it does not say."""
    counted = _record(value)
    tokens = (counted.get(name) for name in ("prompt_tokens", "completion_tokens"))
    return Usage(*(n if isinstance(n, int) and n > 0 else 0 for n in tokens))


def named(error: openai.OpenAIError) -> ModelError:
    """The package's error as one of ours, without the server's message: it can repeat ticket text or a key."""
    if isinstance(error, openai.APITimeoutError):
        return Late("the model did not answer in time")
    if isinstance(error, openai.APIConnectionError):
        return Unreachable("the model's server cannot be reached")
    if not isinstance(error, openai.APIStatusError):
        return BrokenReply("the server's answer cannot be read")
    status = error.status_code
    if status in _WRONG_KEY:
        return WrongKey(f"the server does not accept the API key (HTTP {status})")
    if status == 429:
        quota = error.code == "insufficient_quota"
        sentence = "the account has no quota left" if quota else "the server's rate limit is reached"
        return RateLimited(sentence, retry_after=_retry_after(error.response.headers), passing=not quota)
    if status in _TRY_AGAIN or status >= 500:
        return Unreachable(
            f"the model's server failed (HTTP {status})", retry_after=_retry_after(error.response.headers)
        )
    return Rejected(f"the server rejected the request (HTTP {status})")


def complaint(error: openai.APIStatusError) -> str:
    """The words of a 400, to find the parameter it is about; never shown or logged."""
    return f"{error.param or ''} {error.code or ''} {error.message}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / divisor
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    return None


def _pauses(patience: float) -> Iterator[float]:
    """Growing pauses with jitter, so that threads do not come back in step; none beyond `patience` seconds in all."""
    spent = 0.0
    for attempt in range(ATTEMPTS - 1):
        pause = _FIRST_PAUSE * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it
        spent += pause
        if spent > patience:
            return
        yield pause


def _record(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}

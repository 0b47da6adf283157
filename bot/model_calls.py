"""Calls to a model behind an address: within the day's tokens, counted, and not while the server is known to be out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from bot.clock import Clock
from bot.learning import NotRead as NotRead
from bot.token_budget import CapReached, TokenBudget
from integrations.openai import MAX_ANSWER_TOKENS, ChatModel, ModelReply
from integrations.openai_errors import (
    BrokenReply,
    Late,
    ModelError,
    RateLimited,
    Refusal,
    Unreachable,
    Usage,
    WrongKey,
)
from integrations.openai_tools import ToolTurn
from intelligence.ports import Conversation
from intelligence.prompts.request import ModelRequest
from intelligence.prompts.tools import ToolRequest
from intelligence.redact import find_spans, redact

_Reply = TypeVar("_Reply", ModelReply, ToolTurn)
_CHARACTERS_A_TOKEN: Final = 3  # a careful estimate: English has about four
_PAUSE: Final = timedelta(seconds=60)
_LATE_IN_A_ROW: Final = 4
_PAUSE_WRONG_KEY: Final = timedelta(minutes=10)


class Calls:
    """The calls that one conversation makes: within the budget, counted, not while the server is known to be out."""

    def __init__(self, model: ChatModel, budget: TokenBudget, breaker: Breaker) -> None:
        self._model = model
        self._budget = budget
        self._breaker = breaker
        self.usage = Usage()

    def ask(self, request: ModelRequest) -> ModelReply:
        """One reply. Raises NotRead."""
        return self._counted(request.characters, lambda: self._model.complete(request), lambda reply: len(reply.text))

    def turn(self, request: ToolRequest) -> ToolTurn:
        """One turn of a talk with tools. Raises NotRead."""

        def said(turn: ToolTurn) -> int:
            return len(turn.text) + len(turn.call.arguments if turn.call else "")

        return self._counted(request.characters, lambda: self._model.turn(request), said)

    def _counted(self, characters: int, send: Callable[[], _Reply], length: Callable[[_Reply], int]) -> _Reply:
        if reason := self._breaker.reason():
            raise NotRead(reason)
        estimate = characters // _CHARACTERS_A_TOKEN
        try:
            with self._budget.spend(estimate + MAX_ANSWER_TOKENS, name=f"openai:{self._model.model}") as spent:
                cost = Usage()
                try:
                    reply = send()
                    self._breaker.answered()
                    # A server that does not count is counted by length: the cap must hold there too.
                    cost = reply.usage if reply.usage.total else Usage(estimate, length(reply) // _CHARACTERS_A_TOKEN)
                except ModelError as error:
                    self._breaker.note(error)
                    cost = error.usage
                    raise NotRead(str(error), answered=isinstance(error, BrokenReply | Refusal)) from error
                finally:
                    spent.tokens_in, spent.tokens_out = cost.tokens_in, cost.tokens_out
                    self.usage += cost
        except CapReached:
            raise NotRead("the day's tokens are used up") from None
        return reply


class Breaker:
    """Remembers that asking is useless for a while, so that a thousand tickets do not each wait for a dead server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None
        self._reason = ""
        self._late = 0

    def reason(self) -> str | None:
        """Why not to ask now, or None. A time further ahead than any pause was set by a clock that went back since."""
        left = self._until - self._clock.now() if self._until is not None else timedelta(0)
        return self._reason if timedelta(0) < left <= _PAUSE_WRONG_KEY else None

    def answered(self) -> None:
        """The server is there and in time."""
        self._late = 0

    def _late_again(self) -> bool:
        # One late answer says little of the next; several in a row would hold a batch of tickets beyond its job's lease.
        self._late += 1
        return self._late >= _LATE_IN_A_ROW

    def note(self, error: ModelError) -> None:
        """Learn from an error. Only those count that the next ticket would meet as well."""
        if isinstance(error, WrongKey):
            pause = _PAUSE_WRONG_KEY
        elif isinstance(error, RateLimited | Unreachable):
            pause = timedelta(seconds=error.retry_after) if error.retry_after else _PAUSE
        elif isinstance(error, Late) and self._late_again():
            pause = _PAUSE
        else:
            return
        self._until, self._reason = self._clock.now() + min(pause, _PAUSE_WRONG_KEY), str(error)


def masked(conversation: Conversation, region: str) -> Conversation:
    """The conversation with personal data masked once more, whoever masked it before. Raises NotRead if any is left.

    Private notes are cut away: they are not part of what the customer and the agent said to each other.
    """
    messages = tuple(
        replace(m, text=redact(m.text, region=region).text, author="", permalink=None)
        for m in conversation.messages
        if not m.private_note
    )
    subject = redact(conversation.subject, region=region).text
    if any(find_spans(text, region=region) for text in (subject, *(m.text for m in messages))):
        raise NotRead("personal data could not be masked")
    return replace(conversation, messages=messages, subject=subject)

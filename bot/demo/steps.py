"""Which of the things to try a visitor has really done, seen from what changes in the workspace."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from bot.blocks import ids
from bot.demo.stage import Stage
from bot.words import KIND_WORDS
from intelligence.model import ChannelRole, PatternKind
from playground.workspace import Change

READ = frozenset({ChannelRole.SUPPORT.value})
TOLD = frozenset({ChannelRole.PRODUCT.value, ChannelRole.ENGINEERING.value, ChannelRole.DOCS.value})


class Step(StrEnum):
    """What a visitor can do in the first ten minutes."""

    EVIDENCE = "evidence"
    COUNTED = "counted"
    ASKED = "asked"
    THEMES = "themes"
    KNOWN = "known"
    NEW_ALERT = "new_alert"
    OWN_TICKETS = "own_tickets"


class StepWatch:
    """Hears every change of the workspace and ticks the step that it completes.

    An answer ticks a step, never the question: an alert's count that changed after a post, a reply of the bot under
    a mention, an answer to a command.
    """

    def __init__(self, stage: Stage, tick: Callable[[Step], None]) -> None:
        self._playground = stage.playground
        self._tick = tick
        self._people = frozenset(stage.users.values())
        self._read_channels = _with_role(stage, READ)
        self._told_channels = _with_role(stage, TOLD)
        self._posted = False
        self._mentioned: set[str] = set()
        self._handlers: dict[str, Callable[[Change], Step | None]] = {
            "view": self._view,
            "message": self._message,
            "message_changed": self._edited,
            "ephemeral": self._answer,
        }

    def start(self) -> None:
        """Hear what happens from now on."""
        self._playground.workspace.listen(self._hear)

    def _hear(self, change: Change) -> None:
        handler = self._handlers.get(change.kind)
        step = handler(change) if handler else None
        if step is not None:
            self._tick(step)

    def _view(self, change: Change) -> Step | None:
        return Step.EVIDENCE if change.data["view"].get("callback_id") == ids.EVIDENCE_VIEW else None

    def _message(self, change: Change) -> Step | None:
        message = change.data["message"]
        root = message.get("thread_ts")
        if message.get("user") in self._people and change.channel in self._read_channels:
            self._posted = self._posted or root is None
            if f"<@{self._playground.bot_user_id}>" in message.get("text", ""):
                self._mentioned.add(root or message["ts"])
        elif message.get("user") == self._playground.bot_user_id:
            return self._said(change.channel, message, root)
        return None

    def _said(self, channel: str, message: dict[str, Any], root: str | None) -> Step | None:
        if root in self._mentioned:
            return Step.ASKED
        is_alert = channel in self._told_channels and root is None and self._posted
        return Step.NEW_ALERT if is_alert and KIND_WORDS[PatternKind.NEW] in str(message.get("blocks")) else None

    def _edited(self, change: Change) -> Step | None:
        now, before = change.data["message"], change.data["previous"]
        is_alert = now.get("user") == self._playground.bot_user_id and change.channel in self._told_channels
        return Step.COUNTED if is_alert and self._posted and now.get("text") != before.get("text") else None

    def _answer(self, change: Change) -> Step | None:
        """What only one person sees answers their question in that thread, else the command that they gave last."""
        if change.data["message"].get("thread_ts") in self._mentioned:
            return Step.ASKED
        commands = (
            delivery.payload.get("text", "")
            for delivery in reversed(self._playground.deliveries)
            if delivery.kind == "slash" and delivery.payload.get("user_id") == change.data["user"]
        )
        words = next(commands, "").split()
        return {"themes": Step.THEMES, "known": Step.KNOWN}.get(words[0].lower()) if words else None


def _with_role(stage: Stage, roles: frozenset[str]) -> frozenset[str]:
    return frozenset(stage.channels[channel.name] for channel in stage.story.channels if channel.role in roles)

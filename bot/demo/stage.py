"""Puts the story on the playground's stage: people, channels and apps, then event after event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.demo.story import EventKind, PersonRole, Story, StoryEvent
from playground import App, Playground

KINDS = {
    PersonRole.CUSTOMER: "customer",
    PersonRole.AGENT: "agent",
    PersonRole.PRODUCT_MANAGER: "product",
    PersonRole.ENGINEER: "product",
    PersonRole.DOCS_WRITER: "product",
    PersonRole.ADMIN: "admin",
}
PARTNER_TEAM = "T0PARTNER"


@dataclass
class Stage:
    """The story's people and places in the playground, by their story keys."""

    playground: Playground
    story: Story
    users: dict[str, str] = field(default_factory=dict[str, str])
    channels: dict[str, str] = field(default_factory=dict[str, str])
    apps: dict[str, App] = field(default_factory=dict[str, App])
    posted: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def build(self) -> None:
        """Add everybody and every channel; the bot is a member where the story has work for it."""
        outside = {
            person.key for person in self.story.company.customers if person.account == _shared_account(self.story)
        }
        for person in self.story.company.people:
            if person.role is PersonRole.APP:
                self.apps[person.key] = self.playground.add_app(person.name)
                continue
            self.users[person.key] = self.playground.add_user(
                person.key.replace("-", "."),
                person.name,
                KINDS[person.role],  # pyright: ignore[reportArgumentType]
                team_id=PARTNER_TEAM if person.key in outside else None,
                title=person.title,
            )
        everybody = list(self.users.values())
        for channel in self.story.channels:
            members = everybody if channel.role == "general" else [*everybody, self.playground.bot_user_id]
            self.channels[channel.name] = self.playground.add_channel(
                channel.name, channel.private, channel.shared, members, channel.topic
            )

    def play(self, event: StoryEvent) -> list[Mapping[str, Any]]:
        """Let one event happen; the Slack envelopes that it caused, exactly as an app would get them.

        Nobody listens yet, so the playground sends them nowhere; the caller hands them to the bot's intake.
        """
        before = len(self.playground.deliveries)
        handler = {
            EventKind.MESSAGE: self._say,
            EventKind.REPLY: self._say,
            EventKind.NOTIFICATION: self._notify,
            EventKind.REACTION: self._react,
            EventKind.EDIT: self._edit,
            EventKind.DELETE: self._delete,
        }.get(event.kind)
        if handler is not None:
            handler(event)
        return [delivery.payload for delivery in self.playground.deliveries[before:]]

    def _say(self, event: StoryEvent) -> None:
        channel = self.channels[event.channel]
        thread = self._thread(event)
        if event.author in self.apps:
            message = self.playground.post_as_app(self.apps[event.author], channel, event.text, thread_ts=thread)
        else:
            message = self.playground.say(self.users[event.author], channel, event.text, thread_ts=thread)
        self.posted[event.key] = (channel, message["ts"])

    def _thread(self, event: StoryEvent) -> str | None:
        """The root of the thread that the event replies in; None for a root or where the root is gone."""
        place = self.posted.get(event.parent or "")
        if place is None:
            return None
        message = self.playground.message(*place)
        return message.get("thread_ts") or place[1]

    def _notify(self, event: StoryEvent) -> None:
        channel = self.channels[event.channel]
        attachments: Any = event.extra.get("attachments")
        message = self.playground.post_as_app(
            self.apps[event.author], channel, event.text, attachments=attachments, thread_ts=self._thread(event)
        )
        self.posted[event.key] = (channel, message["ts"])

    def _react(self, event: StoryEvent) -> None:
        if (place := self.posted.get(event.parent or "")) is not None:
            self.playground.react(self.users[event.author], *place, str(event.extra["reaction"]))

    def _edit(self, event: StoryEvent) -> None:
        if (place := self.posted.get(event.parent or "")) is not None:
            self.playground.edit(self.users[event.author], *place, event.text)

    def _delete(self, event: StoryEvent) -> None:
        if (place := self.posted.pop(event.parent or "", None)) is not None:
            self.playground.delete(self.users[event.author], *place)


def _shared_account(story: Story) -> str:
    """The account whose people write from their own workspace: it is named in the shared channel's name."""
    shared = next((c.name for c in story.channels if c.shared), "")
    return next((a.name for a in story.company.accounts if a.name.lower().replace(" ", "-") in shared), "")

"""The guide beside the channels: what to try, what was done, and the visitor's own tickets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.blocks import ids
from bot.blocks.parts import inline
from bot.demo.own_tickets import ACCEPT, OwnTickets
from bot.demo.stage import Stage
from bot.demo.steps import Step
from bot.demo.story import Suggestion
from bot.errors import TicketIntelError
from bot.words import count

log = structlog.get_logger(__name__)

#: The story's five suggestions in their order, and the step that each of them is.
SUGGESTED = (Step.EVIDENCE, Step.COUNTED, Step.ASKED, Step.THEMES, Step.KNOWN)
POST_FIVE = "post_five"
CONNECT = "connect"
IMPORT = "import"
CONNECTING = (
    "In a terminal: `ticket-intel connect`. It opens Slack's own page with the app filled in, asks for two tokens, "
    "checks them and writes .env. About ten minutes."
)


@dataclass
class Guide:
    """Draws the side panel; a step is ticked when the workspace shows that it was done, not when it is announced."""

    stage: Stage
    own: OwnTickets | None = None
    done: set[Step] = field(default_factory=set[Step])
    results: dict[str, Any] | None = None
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def show(self) -> None:
        """Draw the panel as things stand; before the bot is live, there is nothing to press."""
        self.stage.playground.panel(
            {
                "title": "Your first ten minutes",
                "text": self._text(),
                "steps": [{"text": text, "done": step in self.done} for step, text in self._steps()],
                "buttons": self._buttons() if self._is_live else [],
                "results": self.results,
            }
        )

    def go_live(self, own: OwnTickets) -> None:
        """The history is in: steps count from now on, and the visitor's own tickets can be read."""
        self.own = own
        self.show()

    @property
    def _is_live(self) -> bool:
        return self.own is not None

    def _text(self) -> str:
        name = self.stage.story.company.name
        if not self._is_live:
            return f"{name}'s last eight weeks of support are being replayed. You can read along."
        return (
            f"You are at *{name}*. The bot has read their support channels as they happened; it knows nothing of how "
            "this story was written. Change who you are at the top."
        )

    def _steps(self) -> list[tuple[Step, str]]:
        suggested = zip(SUGGESTED, self.stage.story.try_these, strict=True)
        return [
            *((step, self._described(suggestion)) for step, suggestion in suggested),
            (Step.NEW_ALERT, "Post five tickets about something new, in like words, and wait for the alert"),
            (Step.OWN_TICKETS, "Let the bot read tickets of your own"),
        ]

    def _described(self, suggestion: Suggestion) -> str:
        name = self._newest_alert() if not suggestion.text and self._is_live else None
        name = name or suggestion.channel
        where = self.stage.channels.get(name)
        place = f" in <#{where}|{name}>" if where else ""
        said = f": `{suggestion.text}`" if suggestion.text else ""
        return f"{suggestion.title}{place}{said}"

    def _newest_alert(self) -> str | None:
        """The channel in which the newest alert about a theme stands: which one it is, only the history tells."""
        found = [
            (str(message["ts"]), name)
            for name, channel in self.stage.channels.items()
            for message in self.stage.playground.messages(channel)
            if ids.ALERT_OWN in (shown := str(message.get("blocks"))) and "/ticket-intel why" in shown
        ]
        return max(found)[1] if found else None

    def _buttons(self) -> list[dict[str, str]]:
        return [
            {"label": "Post five tickets for me", "action": POST_FIVE, "style": "primary"},
            {"label": "Read my own tickets", "action": IMPORT, "accept": ACCEPT},
            {"label": "Connect your Slack", "action": CONNECT},
        ]

    def tick(self, step: Step) -> None:
        """Mark a step as done and draw again."""
        if step not in self.done:
            self.done.add(step)
            self.show()

    def pressed(self, user: str, action: str, value: Any) -> None:
        """A button of the panel was pressed by this person; `value` is what the button carries (a file: name, text)."""
        pressed: dict[str, Callable[[], None]] = {
            POST_FIVE: self._post_five,
            CONNECT: lambda: self.stage.playground.toast(CONNECTING, user=user),
            IMPORT: lambda: self._read(user, value),
        }
        if action in pressed:
            pressed[action]()

    def _post_five(self) -> None:
        for post in self.stage.story.visitor_topic:
            self.stage.playground.say(self.stage.users[post.author], self.stage.channels[post.channel], post.text)

    def _read(self, user: str, value: Any) -> None:
        """Read a file of tickets into a workspace of its own; one at a time, and what went wrong is said."""
        playground = self.stage.playground
        if self.own is None or not isinstance(value, dict):
            return
        if not self._reading.acquire(blocking=False):
            playground.toast("Your last file is still being read.", "warning", user)
            return
        try:
            report = self.own.read(str(value.get("name", "")), str(value.get("text", "")))
        except TicketIntelError as error:
            log.info("own_tickets_refused", reason=error.sentence)
            playground.toast(error.sentence, "warning", user)
            return
        finally:
            self._reading.release()
        lines = [f"*{inline(line.theme.title)}* · {count(line.tickets, 'ticket')}" for line in report.themes]
        told = f"{count(report.read, 'row')} read, {count(report.stored, 'new ticket')}"
        self.results = {"title": "Your largest themes", "text": told, "lines": lines}
        self.show()
        if report.themes:
            self.tick(Step.OWN_TICKETS)


def pinned_text(stage: Stage) -> str:
    """The pinned message that says what to try."""
    lines = ["*Try these five*"]
    for number, suggestion in enumerate(stage.story.try_these, 1):
        said = f": `{suggestion.text}`" if suggestion.text else ""
        lines.append(f"{number}. {suggestion.title}{said}")
    return "\n".join(lines)

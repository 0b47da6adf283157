"""The guide beside the channels: five things to try, ticked when they happen, and the visitor's own pattern."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.demo.stage import Stage

POST_FIVE = "post_five"
CONNECT = "connect"
IMPORT = "import"


@dataclass
class Guide:
    """Draws the side panel and ticks a step when the workspace shows that it was done."""

    stage: Stage
    done: set[str] = field(default_factory=set[str])

    def show(self, *, ready: bool) -> None:
        """Draw the panel as things stand; before the history is in, there is nothing to press."""
        self.stage.playground.panel(
            {
                "title": "Your first ten minutes",
                "text": self._text(ready=ready),
                "steps": [{"text": text, "done": key in self.done} for key, text in self._steps()],
                "buttons": self._buttons() if ready else [],
            }
        )

    def _text(self, *, ready: bool) -> str:
        company = self.stage.story.company
        if not ready:
            return f"{company.name}'s last eight weeks of support are being replayed. You can read along."
        return (
            f"You are at *{company.name}*. The bot has read their support channels as they happened; it knows nothing "
            "of how this story was written. Change who you are at the top left."
        )

    def _steps(self) -> list[tuple[str, str]]:
        steps = [(suggestion.title, self._described(suggestion)) for suggestion in self.stage.story.try_these]
        return [*steps, (POST_FIVE, "Post five tickets about something new, and wait for the alert")]

    def _described(self, suggestion: Any) -> str:
        where = self.stage.channels.get(suggestion.channel)
        place = f" in <#{where}|{suggestion.channel}>" if where else ""
        if suggestion.text:
            return f"{suggestion.title}{place}: `{suggestion.text}`"
        return f"{suggestion.title}{place}"

    def _buttons(self) -> list[dict[str, str]]:
        return [
            {"label": "Post five tickets for me", "action": POST_FIVE, "style": "primary"},
            {"label": "Read my own tickets", "action": IMPORT},
            {"label": "Connect your Slack", "action": CONNECT},
        ]

    def tick(self, step: str) -> None:
        """Mark a step as done and draw again."""
        if step not in self.done:
            self.done.add(step)
            self.show(ready=True)

    def pressed(self, user: str, action: str, _value: Any) -> None:
        """A button of the panel was pressed by this person."""
        if action == POST_FIVE:
            self._post_five()
        elif action == CONNECT:
            self.stage.playground.toast(
                "In a terminal: `ticket-intel connect`. It opens Slack's own page with the app filled in, asks for two "
                "tokens, checks them and writes .env. About ten minutes.",
                user=user,
            )
        elif action == IMPORT:
            self.stage.playground.toast(
                "In a terminal: `ticket-intel import tickets.csv`. Any CSV or JSON Lines file with a text column works; "
                "your five largest themes are printed at the end.",
                user=user,
            )

    def _post_five(self) -> None:
        for post in self.stage.story.visitor_topic:
            self.stage.playground.say(self.stage.users[post.author], self.stage.channels[post.channel], post.text)
        self.tick(POST_FIVE)


def pinned_text(stage: Stage) -> str:
    """The pinned message that says what to try."""
    lines = ["*Try these five*"]
    for number, suggestion in enumerate(stage.story.try_these, 1):
        said = f" `{suggestion.text}`" if suggestion.text else ""
        lines.append(f"{number}. {suggestion.title}{said}")
    return "\n".join(lines)

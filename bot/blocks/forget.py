"""What forgetting a customer would take with it, and the one button that does it."""

from __future__ import annotations

from bot.answers_privacy import ForgetPreview
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import actions, button, context, section
from bot.privacy_words import FINAL, forgetting


def preview(answer: ForgetPreview) -> Rendered:
    """The customer's name is not repeated: the message may stand where others read."""
    lines = forgetting(answer)
    button_row = actions(
        button("Forget for good", ids.FORGET_DO, f"subject:{answer.handle.replace(':', '-')}", style="danger"),
        button("Cancel", ids.EDIT_CANCEL, "edit:nothing"),
    )
    blocks = [
        section(f"*{lines[0]}*"),
        section("\n".join(f"• {line}" for line in lines[1:])),
        context(FINAL),
        button_row,
    ]
    return rendered(lines[0], blocks)

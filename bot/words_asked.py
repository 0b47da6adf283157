"""What is said where few tickets speak: the same sentence under every list and every answer."""

from __future__ import annotations

from typing import Final

from bot.words import count

ENOUGH: Final = 10  # tickets: of 9, a share of one half has a 95% interval (Wilson) of 23% to 77%


def cannot_tell(tickets: int) -> str | None:
    """That so few tickets show no more than themselves; None for enough of them, and for none at all."""
    if not 0 < tickets < ENOUGH:
        return None
    told = count(tickets, "ticket")
    return f"I cannot tell from {told} what is usual: below {ENOUGH}, take this as what they say, no more."

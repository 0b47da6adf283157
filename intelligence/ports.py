"""What thinking needs from outside, as protocols: implemented in integrations/ or here, chosen in bot/app.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from intelligence.model import Analysis, Area, Message


@dataclass(frozen=True, slots=True)
class Conversation:
    """What an analyzer reads: redacted messages in time order, the workspace's areas, and the vector of the problem
    text.

    `vector` has shape (dim,) and unit length, zeros for text without content, or None where the analyzer should encode.
    `area` is set when an import or a channel mapping already decided it. `resolved` tells whether the ticket is closed.
    """

    messages: tuple[Message, ...]
    subject: str = ""
    areas: tuple[Area, ...] = ()
    area: str | None = None
    vector: NDArray[np.float32] | None = None
    resolved: bool = False


class Embedder(Protocol):
    """Text to unit vectors."""

    @property
    def model(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts to shape (len(texts), dim), unit length; an empty text gives zeros."""
        ...

    def reads(self, text: str) -> bool:
        """Whether the model reads this text's language well enough to group it."""
        ...


class Analyzer(Protocol):
    """Conversations to analyses, one for one and in order; never raises for a conversation's content."""

    @property
    def name(self) -> str: ...

    def analyze(self, conversations: Sequence[Conversation]) -> list[Analysis]: ...

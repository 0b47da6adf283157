"""Whether an agent's answer tells the customer what to do, or only that it was heard."""

from __future__ import annotations

import re
from typing import Final

_DECLINES: Final = re.compile(
    r"\b(?:not (?:available|possible|supported|planned|yet)|(?:isn'?t|aren'?t) (?:available|possible|supported|there)"
    r"|no plans?|afraid not|i'?m afraid|(?:added|counted|noted|logged|recorded) (?:your|it|this|the)\b"
    r"|on (?:our|the) (?:list|roadmap|wish ?list)|passed (?:it|this|your)|are the only|feature request"
    r"|(?:i|we)(?:'ll| will) (?:ask|check|get back|look)|(?:looking|look) into|investigating)\b",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(
    r"\b(?:for now|meanwhile|in the meantime|until then|as a workaround|instead|you can|you could|please try|try"
    r"|click|go to|open the|switch|choose|select|set (?:the|it)|turn (?:on|off)|clear|use the|the (?:easiest )?(?:route|way) is)\b",
    re.IGNORECASE,
)


def tells_what_to_do(text: str) -> bool:
    """False for an answer that declines, promises or notes a wish and offers no way round.

    "Not available today, I've added your vote." helps nobody who has the same problem; "Not available yet: for now you can
    export the CSV" does.
    """
    return _TELLS.search(text) is not None or _DECLINES.search(text) is None

"""Which sentence of a customer tells the problem: the one to quote, word for word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from intelligence.clean import problem_text
from intelligence.known import phrase_keys
from intelligence.local.extract import sentences
from intelligence.model import Role, Ticket

SHORTEST, LONGEST = 6, 35  # words of a quote that reads well
_COMMON: Final = 0.15  # share of the tickets from which a word is one of what they have in common
_LEAST: Final = 2
_SHARED: Final = 4  # shared words that count

_SYMPTOM_OR_WISH: Final = re.compile(
    r"n't\b|\b(?:not|no|cannot|never|nothing|nobody|none|fail\w*|error\w*|broken?|wrong|missing|lost|gone|slow\w*|stop\w*"
    r"|refus\w*|stuck|lock\w*|crash\w*|empty|late|twice|instead|unable|denied|keeps?|freez\w*|frozen|takes|hang\w*"
    r"|want\w*|need\w*|wish\w*|would|could you (?:add|build|make|support)|let us|let me choose|support for|is there"
    r"|how (?:do|can|to)|where (?:do|can|is)|possible|lack\w*|promised|advertis\w*|charged|differ\w*|see (?:some|an)\w*)\b",
    re.IGNORECASE,
)
_MANNERS: Final = re.compile(
    r"^\W*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks?|thank you|many thanks|cheers|regards|best|kind"
    r"|sincerely|sent from|happy \w+day)\b(?:\W+\w+){0,3}\W*$"
    r"|\bplease (?:call|advise|help|let me)|\blet me (?:know|say)|any help|appreciated|look(?:ing)? forward|get back to"
    r"|\b(?:available|attached?) (?:if|on|is|are)|in advance|who can help|any (?:news|update)\b|same (?:in|here|for)"
    r"|^new ticket #|^case \d+ opened|^\W*\((?:[^)]*)\)|rather sort|on behalf of|me again|thank(?:s| you)\b",
    re.IGNORECASE,
)


class Telling:
    """Judges sentences by what the tickets around them have in common."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        read = [phrase_keys(problem_text(ticket.messages)) for ticket in tickets]
        counts = Counter(key for keys in read for key in keys)
        least = max(_LEAST, _COMMON * len(read))
        self._common = frozenset(key for key, count in counts.items() if count >= least)

    def best(self, ticket: Ticket, given: Sequence[str] = ()) -> tuple[float, str] | None:
        """The most telling sentence of the customer and its score; an exact part of a message that others may read.

        `given` are quotes that a reading of the ticket already holds: they count a little more than another sentence.
        """
        heard = [m for m in ticket.messages if m.role is Role.CUSTOMER and not m.private_note]
        found = [s.text for s in sentences(heard)]
        found += [quote for quote in given if any(quote in message.text for message in heard)]
        scored = [(self.score(text) + 0.5 * (text in given), -place, text) for place, text in enumerate(found)]
        if not scored:
            return None
        score, _, text = max(scored)
        return score, text

    def score(self, sentence: str) -> float:
        """How much a sentence tells: what it shares with the others, whether it says what is wrong or wanted."""
        words = len(sentence.split())
        shared = min(_SHARED, len(self._common & phrase_keys(sentence)))
        total = shared + 1.5 * bool(_SYMPTOM_OR_WISH.search(sentence)) - 3.0 * bool(_MANNERS.search(sentence))
        return total + (1.0 if SHORTEST <= words <= LONGEST else -1.5 if words < SHORTEST else 0.0)

"""How a person writes: greeting, sign-off, lower case, typos, how much they tell."""

import re
from dataclasses import dataclass
from random import Random

_GREETINGS = {"": 0.42, "casual": 0.3, "formal": 0.16, "chatty": 0.12}
_CLOSINGS = {"": 0.48, "casual": 0.28, "formal": 0.14, "bare": 0.1}
_TYPO_WORD = re.compile(r"(?<![\w/.@:-])[a-z]{5,}(?![\w/.@:-])")
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] )|(?<=\n))[A-Z](?=[a-z' ])")


@dataclass(frozen=True)
class Voice:
    """Somebody's habits. `greeting` and `closing` name sections of the voice bank, empty for none."""

    greeting: str
    closing: str
    lower_case: bool
    typo_rate: float
    talkative: float

    def write(self, text: str, rng: Random) -> str:
        """The text as this person would type it."""
        if self.lower_case:
            text = _SENTENCE_START.sub(lambda match: match.group().lower(), text)
        if rng.random() < self.typo_rate:
            text = mistype(text, rng)
        return text


def voice_of(rng: Random) -> Voice:
    """Habits drawn for one person."""
    lower_case = rng.random() < 0.16
    greeting = rng.choices(list(_GREETINGS), list(_GREETINGS.values()))[0]
    closing = rng.choices(list(_CLOSINGS), list(_CLOSINGS.values()))[0]
    if lower_case:
        greeting = "" if greeting in {"formal", "chatty"} else greeting
        closing = "" if closing == "formal" else closing
    typo_rate = rng.choices((0.0, 0.12, 0.45), (0.6, 0.28, 0.12))[0]
    return Voice(greeting, closing, lower_case, typo_rate, rng.choice((0.15, 0.4, 0.4, 0.65, 0.9)))


def mistype(text: str, rng: Random) -> str:
    """The text with one slip of the finger: two letters swapped, one dropped or one doubled."""
    words = list(_TYPO_WORD.finditer(text))
    if not words:
        return text
    match = rng.choice(words)
    word = match.group()
    at = rng.randrange(1, len(word) - 1)
    slip = rng.choice((word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :]))
    if rng.random() < 0.25:
        slip = word[:at] + word[at] * 2 + word[at + 1 :]
    return text[: match.start()] + slip + text[match.end() :]

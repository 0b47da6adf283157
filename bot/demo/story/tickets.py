"""Writing a ticket: a phrase of its intent, in its author's voice, with details, and never twice the same."""

import re
from dataclasses import dataclass
from random import Random

from bot.demo.story.banks import bank
from bot.demo.story.facts import Facts
from bot.demo.story.intents import Deck, Intent, intents
from bot.demo.story.template import render
from bot.demo.story.voice import Voice

MIN_WORDS, MAX_WORDS = 6, 120
_GREETED = re.compile(r"(?i)^(hi|hello|hey|morning|good|urgent|security|quick one)\b")
_WORDY = 42
_TRIES = 40


@dataclass(frozen=True)
class Wording:
    """A ticket's text, and its language where that is not English."""

    text: str
    language: str = "en"


class TicketWriter:
    """Writes the tickets of one story and remembers every text."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._decks = {name: Deck(intent.phrases("tickets"), rng) for name, intent in intents().items()}
        self._foreign = {name: list(intent.foreign) for name, intent in intents().items()}
        self._written: set[str] = set()

    def write(self, intent: Intent, voice: Voice, facts: Facts) -> Wording:
        """A new text about this intent; ValueError where the bank has run out of new ones."""
        foreign = self._foreign[intent.id]
        if foreign and self._rng.random() < 0.05:
            language, template = foreign.pop(self._rng.randrange(len(foreign)))
            return Wording(self._keep(render(template, facts, self._rng)), language)
        for _ in range(_TRIES):
            text = self._compose(intent, voice, facts)
            if text not in self._written:
                return Wording(self._keep(text))
        raise ValueError(f"no new wording for {intent.id} after {_TRIES} tries")

    def _keep(self, text: str) -> str:
        self._written.add(text)
        return text

    def _compose(self, intent: Intent, voice: Voice, facts: Facts) -> str:
        rng = self._rng
        body = [render(self._decks[intent.id].deal(), facts, rng)]
        extras = self._extras(intent, facts)
        talkative = voice.talkative * (0.4 if _words(body[0]) > _WORDY else 1.0)
        while extras and (rng.random() < talkative or _words(" ".join(body)) < MIN_WORDS):
            body.append(extras.pop())
            talkative *= 0.45
        text = _joined(body, voice, rng)
        whole = self._greeted(text, voice, facts)
        whole = self._closed(whole, voice, facts)
        return voice.write(whole if _words(whole) <= MAX_WORDS else body[0], rng)

    def _extras(self, intent: Intent, facts: Facts) -> list[str]:
        """Some sentences that fit any ticket of the intent, in random order."""
        rng = self._rng
        phrases = [
            *intent.phrases("details"),
            *rng.sample(bank("voice").templates(f"context_{intent.mood}"), 1),
        ]
        return [render(phrase, facts, rng) for phrase in rng.sample(phrases, min(3, len(phrases)))]

    def _greeted(self, text: str, voice: Voice, facts: Facts) -> str:
        if not voice.greeting or _GREETED.match(text) or self._rng.random() < 0.25:
            return text
        greeting = render(self._rng.choice(bank("voice").templates(f"greet_{voice.greeting}")), facts, self._rng)
        gap = "\n" if voice.greeting == "formal" or self._rng.random() < 0.15 else " "
        return f"{greeting}{gap}{text}"

    def _closed(self, text: str, voice: Voice, facts: Facts) -> str:
        if not voice.closing or self._rng.random() < 0.3:
            return text
        closing = render(self._rng.choice(bank("voice").templates(f"close_{voice.closing}")), facts, self._rng)
        gap = "\n" if voice.closing != "casual" or self._rng.random() < 0.3 else " "
        return f"{_stopped(text)}{gap}{closing}"


def subject(intent: Intent, facts: Facts, rng: Random) -> str:
    """The subject line of a mail about this intent."""
    return render(rng.choice(intent.phrases("subjects")), facts, rng)


def _joined(sentences: list[str], voice: Voice, rng: Random) -> str:
    """Sentences as one text, now and then one a line."""
    gap = "\n" if len(sentences) > 1 and voice.talkative > 0.6 and rng.random() < 0.2 else " "
    return gap.join([*(_stopped(sentence) for sentence in sentences[:-1]), sentences[-1]])


def _stopped(text: str) -> str:
    """Text that ends like a sentence."""
    return text if text[-1] in ".!?):" else f"{text}."


def _words(text: str) -> int:
    return len(text.split())

"""Writing a ticket: a phrase of its intent, in its author's voice, with details, and never twice the same."""

import re
from dataclasses import dataclass
from random import Random

from bot.demo.story.banks import bank
from bot.demo.story.facts import Facts
from bot.demo.story.intents import Deck, Exchange, Intent, Opening, intents
from bot.demo.story.template import Template, render, slots
from bot.demo.story.voice import Voice

MIN_WORDS, MAX_WORDS = 6, 120
_GREETED = re.compile(r"(?i)^(hi|hello|hey|morning|good|urgent|security|quick one)\b")
_WORDY = 42
_TRIES = 40
_EXTRAS = 3
_OPENING = re.compile(
    r"^(Is|Are|How|Can|Could|Do|Does|Where|What|Which|When|Why|Would|The|There|We|Our|My|It|Any|Please|Looking|"
    r"After|Since|Every|Has|Who|For|If|On|In|Some|A|Only|Just|Still|Right)\b"
)


@dataclass(frozen=True)
class Wording:
    """A ticket's text, its language, and the agent's answer to just that where there is one."""

    text: str
    language: str = "en"
    answer: Exchange | None = None


class TicketWriter:
    """Writes the tickets of one story and remembers every text."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._decks = {name: Deck(intent.openings, rng) for name, intent in intents().items()}
        self._foreign = {name: list(intent.foreign) for name, intent in intents().items()}
        self._written: set[str] = set()

    def write(self, intent: Intent, voice: Voice, facts: Facts) -> Wording:
        """A new text about this intent; ValueError where the bank has run out of new ones."""
        foreign = self._foreign[intent.id]
        if foreign and self._rng.random() < 0.05:
            language, template = foreign.pop(self._rng.randrange(len(foreign)))
            return Wording(self._keep(render(template, facts, self._rng)), language)
        for _ in range(_TRIES):
            opening = self._decks[intent.id].deal()
            text = self._compose(opening, intent, voice, facts)
            if text not in self._written:
                return Wording(self._keep(text), answer=opening.answer)
        raise ValueError(f"no new wording for {intent.id} after {_TRIES} tries")

    def _keep(self, text: str) -> str:
        self._written.add(text)
        return text

    def _compose(self, opening: Opening, intent: Intent, voice: Voice, facts: Facts) -> str:
        rng = self._rng
        body = [render(opening.template, facts, rng)]
        extras = self._extras(intent, slots(opening.template))
        talkative = voice.talkative * (0.4 if _words(body[0]) > _WORDY else 1.0)
        while extras and (rng.random() < talkative or _words(" ".join(body)) < MIN_WORDS):
            body.append(render(extras.pop(), facts, rng))
            talkative *= 0.45
        text = _joined(body, voice, rng)
        whole = self._closed(self._greeted(text, voice, facts), voice, facts)
        return voice.write(whole if _words(whole) <= MAX_WORDS else body[0], rng)

    def _extras(self, intent: Intent, told: set[str]) -> list[Template]:
        """Some sentences that fit any ticket of the intent and tell no fact twice, in random order."""
        context = self._rng.choice(bank("voice").templates(f"context_{intent.mood}"))
        candidates = [*intent.phrases("details"), context]
        self._rng.shuffle(candidates)
        chosen: list[Template] = []
        for candidate in candidates:
            if told.isdisjoint(slots(candidate)):
                told |= slots(candidate)
                chosen.append(candidate)
        return chosen[:_EXTRAS]

    def _greeted(self, text: str, voice: Voice, facts: Facts) -> str:
        if not voice.greeting or _GREETED.match(text) or self._rng.random() < 0.25:
            return text
        greeting = render(self._rng.choice(bank("voice").templates(f"greet_{voice.greeting}")), facts, self._rng)
        gap = "\n" if voice.greeting == "formal" or self._rng.random() < 0.15 else " "
        if greeting[-1] in ",:" and gap == " ":
            text = _OPENING.sub(lambda match: match.group().lower(), text)
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

"""What people write about: each intent's title, category and phrases."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Generic, TypeVar

from bot.demo.story.banks import bank, intent_banks
from bot.demo.story.template import Template, parse

Card = TypeVar("Card")

_OWN_ANSWER, _ANSWERS, _OR = " >> ", " => ", " | "
_UNHAPPY = "! "
_PLAIN = ("details", "subjects", "fixes")


@dataclass(frozen=True)
class Words:
    """Something to say, and whether it is said by somebody who is content."""

    template: Template
    content: bool = True


@dataclass(frozen=True)
class Exchange:
    """What an agent says, and what a customer may say to just that."""

    said: Template
    answers: tuple[Words, ...]


def exchange(line: str) -> Exchange:
    """An exchange written as `said => answer | answer`, the answers being optional."""
    said, _, answers = line.partition(_ANSWERS)
    return Exchange(parse(said), tuple(words(answer) for answer in answers.split(_OR) if answer))


@dataclass(frozen=True)
class Opening:
    """The core of a ticket, and the agent's answer to just that where there is one."""

    template: Template
    answer: Exchange | None = None


def opening(line: str) -> Opening:
    """An opening written as `ticket >> answer`, the answer being optional."""
    text, _, answer = line.partition(_OWN_ANSWER)
    return Opening(parse(text), exchange(answer) if answer else None)


def words(line: str) -> Words:
    """Words, marked with a leading `! ` where the customer is not content."""
    return Words(parse(line.removeprefix(_UNHAPPY)), not line.startswith(_UNHAPPY))


@dataclass(frozen=True)
class Intent:
    """One subject of tickets. `mood` names the context sentences that go with it; `sections` are its plain phrases."""

    id: str
    title: str
    category: str
    subcategory: str
    area: str
    mood: str
    openings: tuple[Opening, ...]
    sections: dict[str, tuple[Template, ...]]
    replies: tuple[Exchange, ...]
    last_words: tuple[Words, ...]
    foreign: tuple[tuple[str, Template], ...]

    def phrases(self, section: str) -> tuple[Template, ...]:
        """The phrases of a section, maybe none."""
        return self.sections.get(section, ())


@cache
def intents() -> dict[str, Intent]:
    """All intents by id."""
    return {name: _intent(name) for name in intent_banks()}


class Deck(Generic[Card]):
    """Things dealt without repeats until all have been used, then shuffled again."""

    def __init__(self, cards: Sequence[Card], rng: Random) -> None:
        self._cards = cards
        self._rng = rng
        self._left: list[Card] = []

    def deal(self) -> Card:
        """The next one."""
        if not self._left:
            self._left = list(self._cards)
            self._rng.shuffle(self._left)
        return self._left.pop()


def _intent(name: str) -> Intent:
    source = intent_banks()[name]
    category, _, subcategory = source.head["category"].partition("/")
    return Intent(
        id=name,
        title=source.head["title"],
        category=category,
        subcategory=subcategory,
        area=source.head["area"],
        mood=source.head["mood"],
        openings=tuple(opening(line) for line in source.lines("tickets")),
        sections={section: source.templates(section) for section in _PLAIN},
        replies=tuple(exchange(line) for line in source.lines("replies")),
        last_words=tuple(words(line) for line in source.lines("thanks")),
        foreign=tuple(_foreign(name)),
    )


def _foreign(name: str) -> list[tuple[str, Template]]:
    """Whole tickets in other languages, written as `[de] text`."""
    return [(line[1:3], parse(line[5:])) for line in bank("languages").lines(name)]

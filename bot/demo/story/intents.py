"""What people write about: each intent's title, category and phrases."""

from dataclasses import dataclass
from functools import cache
from random import Random

from bot.demo.story.banks import bank, intent_banks
from bot.demo.story.template import Template, parse


@dataclass(frozen=True)
class Intent:
    """One subject of tickets. `mood` names the context sentences that go with it; `sections` are its phrases."""

    id: str
    title: str
    category: str
    subcategory: str
    area: str
    mood: str
    sections: dict[str, tuple[Template, ...]]
    foreign: tuple[tuple[str, Template], ...]

    def phrases(self, section: str) -> tuple[Template, ...]:
        """The phrases of a section, maybe none."""
        return self.sections.get(section, ())


@cache
def intents() -> dict[str, Intent]:
    """All intents by id."""
    return {name: _intent(name) for name in intent_banks()}


class Deck:
    """Phrases dealt without repeats until all have been used, then shuffled again."""

    def __init__(self, phrases: tuple[Template, ...], rng: Random) -> None:
        self._phrases = phrases
        self._rng = rng
        self._left: list[Template] = []

    def deal(self) -> Template:
        """The next phrase."""
        if not self._left:
            self._left = list(self._phrases)
            self._rng.shuffle(self._left)
        return self._left.pop()


def _intent(name: str) -> Intent:
    source = intent_banks()[name]
    category, _, subcategory = source.head["category"].partition("/")
    sections = {section: source.templates(section) for section in source.sections}
    head = source.head
    return Intent(
        name, head["title"], category, subcategory, head["area"], head["mood"], sections, tuple(_foreign(name))
    )


def _foreign(name: str) -> list[tuple[str, Template]]:
    """Whole tickets in other languages, written as `[de] text`."""
    lines = bank("languages").lines(name)
    return [(line[1:3], parse(line[5:])) for line in lines]

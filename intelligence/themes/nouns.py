"""Noun phrases of one clause: where they begin, where they end, and what prepositions add to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from intelligence.themes.tagging import Tagged
from intelligence.themes.vocabulary import HOLLOW, UNITS, Part

MODIFIERS: Final = frozenset({Part.NOUN, Part.ADJECTIVE, Part.ING})
SKIPPED: Final = frozenset({Part.ADVERB, Part.POINTER})
_JOINTS: Final = 2  # prepositions that hold a phrase together: "Price list for annual prepayment of seats"
_TELLING: Final = frozenset({Part.VERB, Part.LINK, Part.MODAL, Part.DO, Part.PAST})


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a phrase, in order, and where in the clause they end (the place of the next word)."""

    words: tuple[str, ...]
    keys: tuple[str, ...]
    end: int

    def __add__(self, other: Piece) -> Piece:
        return Piece((*self.words, *other.words), (*self.keys, *other.keys), other.end)


class Nouns:
    """One tagged clause, read from any of its places."""

    def __init__(self, words: list[Tagged]) -> None:
        self.words = words

    def part(self, place: int) -> Part | None:
        return self.words[place].part if 0 <= place < len(self.words) else None

    def noun(self, place: int, *, least: int = 0) -> Piece | None:
        """The longest run of modifiers and nouns from here; None if it does not end in a noun that means something."""
        words: list[str] = []
        keys: list[str] = []
        named = -1
        while self.part(place) in SKIPPED:
            place += 1
        start = place
        while self.part(place) in MODIFIERS or (self.part(place) is Part.ADVERB and words and self._goes_on(place)):
            word = self.words[place]
            if word.part is not Part.ADVERB:
                words.append(word.text)
                keys += [word.key] if word.content else []
            if word.part is Part.NOUN or (word.part is Part.ING and word.verb not in HOLLOW):
                named = place
            place += 1
        if named != place - 1 or place - start <= least or not keys or not self._leads(start):
            return None
        if self.part(place) is Part.PARTICLE and self.words[named].verb is not None:  # "the top up", "a log out"
            return Piece((*words, self.words[place].text), tuple(keys), place + 1)
        return Piece(tuple(words), tuple(keys), place)

    def _leads(self, place: int) -> bool:
        """Whether the first word is worth its place: not "problem", "help", "thing"."""
        return self.words[place].content or self.part(place) is Part.ADJECTIVE

    def _goes_on(self, place: int) -> bool:
        return self.part(place + 1) in MODIFIERS and self.part(place - 1) is Part.ADJECTIVE

    def joined(self, piece: Piece) -> Iterator[Piece]:
        """The phrase, and the phrase with what its prepositions and its "and" add."""
        yield piece
        for _ in range(_JOINTS):
            joint = self.part(piece.end)
            if joint not in {Part.PREPOSITION, Part.TO, Part.JOIN} or (joint is Part.JOIN and self._tells(piece.end)):
                return
            added = self.noun(piece.end + 1)
            if added is None or self.when(added):
                return
            word = self.words[piece.end]
            piece = piece + Piece((word.text.lower(),), (), piece.end + 1) + added
            yield piece

    def _tells(self, place: int) -> bool:
        """Whether a new sentence begins after this "and"."""
        after = self.noun(place + 1)
        return after is None or self.part(after.end) in _TELLING

    @staticmethod
    def when(piece: Piece) -> bool:
        return piece.words[-1].lower() in UNITS and len(piece.words) < 3

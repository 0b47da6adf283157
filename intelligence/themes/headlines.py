"""Headlines out of customers' sentences: stretches that can stand alone, from where a phrase begins to where it ends.

"Since yesterday I can't open the shared folder" holds "Cannot open shared folder" and "Shared folder";
"why doesn't my password reset mail arrive" holds "Password reset mail does not arrive".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from intelligence.themes.nouns import MODIFIERS, SKIPPED, Nouns, Piece
from intelligence.themes.phrases import LONGEST, Token
from intelligence.themes.tagging import Tagged, begins_well, tagged
from intelligence.themes.vocabulary import CRUDE, GIVING, HOLLOW, HOLLOW_STATES, Part, third_person

STATEMENT: Final = 1.0  # what, and what is wrong with it
REFUSED: Final = 1.0  # what customers cannot do
QUESTION: Final = 0.93  # a statement made of a question
ACTION: Final = 0.93  # what they want to do
PAST: Final = 0.88  # what they did
NAMED: Final = 0.85  # what it is about, in two words or more
BARE: Final = 0.45  # one word
_HOLLOW: Final = 0.75  # "report mail came", "limits exist": a verb that says little, and nothing after it
_GOVERNING: Final = frozenset(  # a phrase behind these is no subject of its own
    {Part.PREPOSITION, Part.TO, Part.DO, Part.MODAL, Part.LINK, Part.VERB}
)
_DESCRIBING: Final = frozenset({Part.PAST, Part.ADJECTIVE})
_PREDICATES: Final = frozenset({Part.PAST, Part.ADJECTIVE, Part.ING})


@dataclass(frozen=True, slots=True)
class Headline:
    """A candidate title, the words in it that mean something (folded), and what its shape is worth."""

    text: str
    keys: tuple[str, ...]
    shape: float


def headlines(clause: Sequence[Token]) -> list[Headline]:
    """Every headline of one clause; none has more than eight words."""
    reader = _Clause(tagged(clause))
    return [
        Headline(text, piece.keys, shape)
        for piece, shape in reader.candidates()
        if (text := _written(piece.words)) and len(piece.words) <= LONGEST and piece.keys and not CRUDE.search(text)
    ]


def _written(words: Sequence[str]) -> str:
    text = " ".join(words).strip(" .,'’-")
    loud = sum(word.isupper() and len(word) > 1 for word in words)
    if loud > 2 or (loud > 1 and loud == len(words) and max(map(len, words)) > 4):
        text = text.lower()
    return text[:1].upper() + text[1:]


class _Clause(Nouns):
    """One tagged clause, read for headlines from each of its places."""

    def candidates(self) -> Iterator[tuple[Piece, float]]:
        for place in range(len(self.words)):
            yield from self._named(place)
            yield from self._told(place)
            yield from self._asked(place)
            yield from self._done(place)

    def _starts(self, place: int) -> bool:
        """Whether a phrase can begin here: never inside a run of nouns, unless three words of it are left."""
        return self.part(place) in MODIFIERS and self.part(place - 1) not in MODIFIERS

    def _named(self, place: int) -> Iterator[tuple[Piece, float]]:
        if self.part(place) not in MODIFIERS:
            return
        inside = self.part(place - 1) in MODIFIERS
        piece = self.noun(place, least=1 if inside else 0)
        if piece is None or (self.when(piece) and len(piece.keys) < 2):
            return
        for whole in self.joined(piece):
            yield whole, NAMED if len(whole.words) > 1 else BARE

    # -- statements -------------------------------------------------------------------------------------------------

    def _told(self, place: int) -> Iterator[tuple[Piece, float]]:
        """A subject and what happens to it: "login page loops", "password link not accepted"."""
        if not self._starts(place) or self._before(place) in _GOVERNING or self._relative(place):
            return
        subject = self.noun(place)
        if subject is None:
            return
        for whole in self.joined(subject):
            if self._disagrees(subject, whole.end):
                continue
            for predicate in self.predicate(whole.end):
                yield whole + predicate, STATEMENT * self._told_by(predicate)

    def _disagrees(self, subject: Piece, place: int) -> bool:
        """Whether a verb in its plain form follows a single thing: "(will the) payment go through" was cut in two."""
        while self.part(place) is Part.ADVERB:
            place += 1
        if self.part(place) is not Part.VERB:
            return False
        word = self.words[place]
        return word.text.lower() == word.verb and not subject.words[-1].lower().endswith("s")

    def _before(self, place: int) -> Part | None:
        """What stands before a phrase and its article."""
        place -= 1
        while self.part(place) in SKIPPED:
            place -= 1
        return self.part(place)

    def _relative(self, place: int) -> bool:
        """Whether "which" or "what" stands before: "sliders, which finance misses" says nothing of finance."""
        while self.part(place - 1) in SKIPPED:
            place -= 1
        return place > 0 and self.words[place - 1].text.lower() in {"which", "what", "who", "whom", "whose", "how"}

    def predicate(self, place: int) -> Iterator[Piece]:
        while self.part(place) is Part.ADVERB:
            place += 1
        part = self.part(place)
        if part in {Part.LINK, Part.DO, Part.MODAL}:
            yield from self._helped(place)
        elif part is Part.VERB or part is Part.PAST:
            yield from self.finished(Piece((self.words[place].text,), self._key(place), place + 1))

    def _told_by(self, predicate: Piece) -> float:
        """What a predicate is worth: less where its last word is a verb that says little, denied or not."""
        last = self.words[predicate.end - 1]
        if last.part is Part.PARTICLE:
            last = self.words[predicate.end - 2]
        if "not" in predicate.keys:
            return 1.0
        empty = last.text.lower() in HOLLOW_STATES
        verbal = last.verb in HOLLOW and last.part in {Part.VERB, Part.PAST, Part.ING} and len(predicate.words) < 3
        return _HOLLOW if empty or verbal else 1.0

    def _key(self, place: int) -> tuple[str, ...]:
        word = self.words[place]
        return (word.key,) if word.content else ()

    def _helped(self, place: int) -> Iterator[Piece]:
        """ "has not been updated" becomes "not updated", "doesn't load" "does not load", "can't be opened" "cannot be"."""
        helper = self.words[place]
        denied, after = helper.denied, place + 1
        linked = helper.part is Part.LINK
        while self.part(after) in {Part.NOT, Part.ADVERB, Part.LINK}:
            denied |= self.part(after) is Part.NOT
            linked |= self.part(after) is Part.LINK
            after += 1
        if after >= len(self.words):
            return
        told = self.words[after]
        lead = ("not",) if denied else ()
        if helper.part is Part.MODAL or (helper.part is Part.DO and not linked):
            if not denied or (told.part is not Part.VERB and not linked):
                return
            lead = (_spelled(helper),) + (("be",) if linked else ())
        elif told.part not in _PREDICATES or not linked:
            return
        keys = (("not",) if denied else ()) + self._key(after)
        passive = helper.part is Part.LINK
        yield from self.finished(Piece((*lead, told.text), keys, after + 1), passive=passive)

    def finished(self, piece: Piece, *, passive: bool = False) -> Iterator[Piece]:
        """A verb with what belongs to it, wherever it is complete. After "was updated" stands no object."""
        verb = self.words[piece.end - 1]
        if self.part(piece.end) is Part.PARTICLE or self._stranded(piece.end):
            piece = piece + Piece((self.words[piece.end].text,), (), piece.end + 1)
        if self.part(piece.end) is Part.MANNER:
            piece = piece + Piece((self.words[piece.end].text,), self._key(piece.end), piece.end + 1)
        goal = self.noun(piece.end)
        if goal is not None and (self.when(goal) or (passive and verb.part in _DESCRIBING and verb.verb not in GIVING)):
            if verb.part is not Part.ADJECTIVE and self.when(goal):
                yield piece
        elif goal is not None:
            if self.part(goal.end) not in {Part.VERB, Part.LINK, Part.MODAL, Part.DO}:
                yield from (piece + one for one in self._ended(goal))
        elif self.part(piece.end) not in {*MODIFIERS, Part.POINTER, Part.PAST}:
            yield from self._ended(piece)
        elif verb.part is Part.VERB and self._lone_adjective(piece.end):
            yield piece + Piece((self.words[piece.end].text,), self._key(piece.end), piece.end + 1)

    def _lone_adjective(self, place: int) -> bool:
        """ "arrives late", "looks different": an adjective with nothing behind it that it describes."""
        return self.part(place) is Part.ADJECTIVE and self.part(place + 1) not in MODIFIERS

    def _stranded(self, place: int) -> bool:
        """Whether this "through" belongs to the verb: "did not go through"."""
        alone = self.part(place + 1) in {None, Part.BREAK, Part.JOIN}
        return alone and self.part(place) is Part.PREPOSITION and self.words[place].text.lower() == "through"

    def _ended(self, piece: Piece) -> Iterator[Piece]:
        for whole in self.joined(piece):
            end = whole.end
            if self.part(end) is Part.MANNER:
                whole = whole + Piece((self.words[end].text,), self._key(end), end + 1)
            yield whole

    # -- questions --------------------------------------------------------------------------------------------------

    def _asked(self, place: int) -> Iterator[tuple[Piece, float]]:
        """ "why does the export not open" as a statement: the helper goes back behind its subject."""
        helper = self.words[place]
        if helper.part not in {Part.LINK, Part.DO, Part.MODAL} or self.part(place - 1) in {*MODIFIERS, Part.PRONOUN}:
            return
        subject = self.noun(place + 1)
        if subject is None:
            return
        for whole in self.joined(subject):
            place = whole.end
            denied = helper.denied
            while self.part(place) in {Part.NOT, Part.ADVERB}:
                denied |= self.part(place) is Part.NOT
                place += 1
            if place >= len(self.words):
                return
            for told in self._put_back(helper, place, denied=denied):
                yield whole + told, (STATEMENT if denied else QUESTION) * self._told_by(told)

    def _put_back(self, helper: Tagged, place: int, *, denied: bool) -> Iterator[Piece]:
        word = self.words[place]
        keys = (("not",) if denied else ()) + self._key(place)
        if helper.part is Part.LINK:
            if word.part in _PREDICATES:
                piece = Piece((*(("not",) if denied else ()), word.text), keys, place + 1)
                yield from self.finished(piece, passive=True)
        elif word.verb is not None and word.text.lower() == word.verb:
            if denied:
                yield from self.finished(Piece((_spelled(helper), word.text), keys, place + 1))
            elif helper.text.lower() == "does":
                yield from self.finished(Piece((third_person(word.verb),), keys, place + 1))
            elif helper.text.lower() == "do":
                yield from self.finished(Piece((word.text,), keys, place + 1))

    # -- what customers do or cannot do -----------------------------------------------------------------------------

    def _done(self, place: int) -> Iterator[tuple[Piece, float]]:
        word = self.words[place]
        before = self.part(place - 1)
        if word.part is Part.VERB and word.verb == word.text.lower() and begins_well(word):
            refused = self._refused(place)
            lead = Piece(("cannot",), ("not",), place) if refused else Piece((), (), place)
            if before not in {Part.DO, Part.NOT} or refused:
                for whole in self.finished(Piece((word.text,), self._key(place), place + 1)):
                    if len(whole.words) > 1:
                        yield lead + whole, REFUSED if refused else ACTION
        elif word.part is Part.PAST and self._of_customer(place) and begins_well(word):
            for whole in self.finished(Piece((word.text,), self._key(place), place + 1)):
                if len(whole.words) > 1 and not self._denied_before(place):
                    yield whole, STATEMENT if before is Part.LINK else PAST

    def _of_customer(self, place: int) -> bool:
        """Whether "I", "we have" or "I was" stands before this verb."""
        place -= 1
        while self.part(place) in {Part.LINK, Part.ADVERB}:
            place -= 1
        return self.part(place) is Part.PRONOUN

    def _denied_before(self, place: int) -> bool:
        return any(word.denied or word.part is Part.NOT for word in self.words[max(0, place - 3) : place])

    def _refused(self, place: int) -> bool:
        """Whether "I can't", "unable to", "not able to" or "fail to" stands before this verb."""
        before = self.words[max(0, place - 4) : place]
        while before and before[-1].part is Part.ADVERB:
            before = before[:-1]
        if not before:
            return False
        last = before[-1]
        if last.part is Part.MODAL:
            return last.denied and last.text[:1].lower() != "w"
        told = " ".join(word.text.lower() for word in before)
        return told.endswith(("unable to", "not able to", "not possible to", "impossible to", "can not", "couldn't"))


def _spelled(helper: Tagged) -> str:
    """ "doesn't" -> "does not", "can't" -> "cannot"."""
    stem = helper.text.lower().replace("’", "'").removesuffix("n't")
    full = {"ca": "cannot", "cannot": "cannot", "cant": "cannot", "can": "cannot", "wo": "will not", "wont": "will not"}
    short = {"dont": "do not", "doesnt": "does not", "didnt": "did not", "couldnt": "could not"}
    return {**full, **short}.get(stem, f"{stem} not")

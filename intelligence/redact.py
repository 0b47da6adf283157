"""Mask personal data and secrets before a text leaves or is stored for reading by a model.

Best effort by design: forms with a shape (addresses, numbers, keys) are found by rules and check digits, names only
when somebody says who the known people are. `intelligence.redaction` holds the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from intelligence.redaction.addresses import EMAILS, IPS
from intelligence.redaction.identities import IDENTITIES
from intelligence.redaction.keys import KEYS
from intelligence.redaction.links import LINKS
from intelligence.redaction.money import MONEY
from intelligence.redaction.names import NameIndex
from intelligence.redaction.phones import find_phones
from intelligence.redaction.rule import Kind, Region, Rule, Screen, folded

# Earlier rules win where two overlap: a connection string holds what looks like an address.
RULES: Final[tuple[Rule, ...]] = (*LINKS, *KEYS, *EMAILS, *MONEY, *IDENTITIES, *IPS)

_LABELS: Final = {
    Kind.EMAIL: "email",
    Kind.PHONE: "phone",
    Kind.CARD: "card",
    Kind.IBAN: "iban",
    Kind.IP: "ip",
    Kind.KEY: "key",
    Kind.IDNUM: "id number",
    Kind.URL_SECRET: "link secret",
}
_KINDS: Final = {label: kind for kind, label in _LABELS.items()}
_PLACEHOLDER: Final = re.compile(rf"\[(?P<label>{'|'.join(_KINDS)}) (?P<number>\d{{1,9}})\]")
# Every mask: what rules found, and the pseudonyms that stand for known people.
MASK: Final = re.compile(rf"\[(?:{'|'.join(_KINDS)}|customer|agent) \d{{1,9}}\]")
_BEFORE_MARKS: Final = re.compile(r"[^\S\n]*\([^\S\n]*\)|[^\S\n]+(?=[,.;:!?)])|(?<=[(])[^\S\n]+")
_GAPS: Final = re.compile(r"[^\S\n]{2,}")
_COMPARED_BY_CHARACTERS: Final = frozenset({Kind.PHONE, Kind.CARD, Kind.IBAN, Kind.IDNUM})


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text, and what they are."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with its masks in place. `spans` are the masked regions of the *original* text, in order."""

    text: str
    spans: tuple[Span, ...]


def find_spans(text: str, *, region: str = "US") -> list[Span]:
    """Return what should be masked in `text`, in order and without overlaps; earlier masks are left alone.

    `region` is the country (ISO 3166 alpha-2) whose phone numbers are written without a prefix.
    """
    return _find(text, region, (match.span() for match in _PLACEHOLDER.finditer(text)))


class KnownPeople:
    """Names of known persons with their pseudonyms, prepared once for many texts."""

    def __init__(self, pseudonyms: Mapping[str, str] | None = None) -> None:
        given = pseudonyms or {}
        self.names = NameIndex(given)
        self.pseudonyms = NameIndex({pseudonym: pseudonym for pseudonym in given.values()})


NOBODY: Final = KnownPeople()


def redact(text: str, *, people: Mapping[str, str] | KnownPeople | None = None, region: str = "US") -> Redacted:
    """Mask personal data and secrets: "[email 1]", "[key 2]", the same value with the same number within one call.

    `people` maps the names of known persons to the pseudonyms to write instead (as KnownPeople for many texts). Masking is idempotent: redacting the
    result again changes nothing.
    """
    known = people if isinstance(people, KnownPeople) else KnownPeople(people) if people else NOBODY
    names, pseudonyms = known.names, known.pseudonyms
    masks = _Masks(text)
    # A mask can lay bare what its neighbour hid ("x@y.com4155552671"), so look until nothing new is seen.
    while True:
        shown = masks.render()
        kept = [*masks.shown_regions(), *(match.span() for match in _PLACEHOLDER.finditer(shown))]
        kept += [(start, end) for start, end, _ in pseudonyms.find(shown)]
        spans = _find(shown, region, kept)
        kept += [(span.start, span.end) for span in spans]
        people_found = list(_outside(names.find(shown), kept, len(shown)))
        if not spans and not people_found:
            return Redacted(shown, masks.spans())
        masks.add(spans, people_found)


def without_masks(text: str) -> str:
    """The words of a masked text: what an encoder should read, for two texts are not alike because both hide a name.

    A text without masks is returned as it is; so is one that holds nothing but masks.
    """
    if not MASK.search(text):
        return text
    words = _GAPS.sub(" ", _BEFORE_MARKS.sub("", MASK.sub(" ", text)))
    words = "\n".join(line.strip() for line in words.split("\n")).strip()
    return words if any(character.isalnum() for character in words) else text


def _find(text: str, region: str, kept: Iterable[Region]) -> list[Span]:
    text = folded(text)
    taken = _Taken(len(text), kept)
    screen = Screen.of(text)
    rules = [*filter(screen.admits, RULES), Rule(Kind.PHONE, "phone number", lambda text: find_phones(text, region))]
    spans = [Span(*place, rule.kind) for rule in rules for place in rule.find(text) if taken.claim(*place)]
    return sorted(spans, key=lambda span: span.start)


def _outside(
    found: Iterable[tuple[int, int, str]], kept: Iterable[Region], length: int
) -> Iterator[tuple[int, int, str]]:
    taken = _Taken(length, kept)
    return (place for place in found if taken.claim(place[0], place[1]))


class _Taken:
    """Which characters belong to somebody already."""

    def __init__(self, length: int, regions: Iterable[Region]) -> None:
        self._marks = bytearray(length)
        for start, end in regions:
            self._mark(start, end)

    def claim(self, start: int, end: int) -> bool:
        """Take [start, end) unless it is empty or a character of it is taken."""
        if start >= end or self._marks.find(1, start, end) != -1:
            return False
        self._mark(start, end)
        return True

    def _mark(self, start: int, end: int) -> None:
        self._marks[start:end] = b"\x01" * (end - start)


@dataclass(frozen=True, slots=True)
class _Mask:
    span: Span
    replacement: str


class _Masks:
    """The masks laid on one text so far, in original coordinates."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._masks: list[_Mask] = []
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._last_number = dict.fromkeys(_LABELS, 0)
        for match in _PLACEHOLDER.finditer(text):
            kind = _KINDS[match["label"]]
            self._last_number[kind] = max(self._last_number[kind], int(match["number"]))

    def render(self) -> str:
        pieces: list[str] = []
        position = 0
        for mask in self._masks:
            pieces += [self._text[position : mask.span.start], mask.replacement]
            position = mask.span.end
        return "".join(pieces) + self._text[position:]

    def shown_regions(self) -> list[Region]:
        """Where the replacements stand in the rendered text."""
        regions: list[Region] = []
        shift = 0
        for mask in self._masks:
            start = mask.span.start + shift
            regions.append((start, start + len(mask.replacement)))
            shift += len(mask.replacement) - (mask.span.end - mask.span.start)
        return regions

    def spans(self) -> tuple[Span, ...]:
        return tuple(mask.span for mask in self._masks)

    def add(self, spans: Iterable[Span], people: Iterable[tuple[int, int, str]]) -> None:
        """Add masks found in the rendered text; none of them touches an earlier replacement."""
        places = [(span.start, span.end, span.kind, "") for span in spans]
        places += [(start, end, Kind.PERSON, pseudonym) for start, end, pseudonym in people]
        origins = self._origins()
        found: list[_Mask] = []
        for start, end, kind, pseudonym in sorted(places):
            while len(origins) > 1 and origins[1][0] <= start:
                origins.pop(0)
            shift = origins[0][1]
            span = Span(start + shift, end + shift, kind)
            found.append(_Mask(span, pseudonym or self._placeholder(span)))
        self._masks = sorted([*self._masks, *found], key=lambda mask: mask.span.start)

    def _origins(self) -> list[tuple[int, int]]:
        """(rendered position, shift to the original position) from which each shift holds, in order."""
        origins = [(0, 0)]
        for mask, (_, end) in zip(self._masks, self.shown_regions(), strict=True):
            origins.append((end, mask.span.end - end))
        return origins

    def _placeholder(self, span: Span) -> str:
        value = self._text[span.start : span.end]
        if span.kind in _COMPARED_BY_CHARACTERS:
            value = re.sub(r"[\W_]", "", value)
        key = (span.kind, value if span.kind in {Kind.KEY, Kind.URL_SECRET} else value.casefold())
        if key not in self._placeholders:
            self._last_number[span.kind] += 1
            self._placeholders[key] = f"[{_LABELS[span.kind]} {self._last_number[span.kind]}]"
        return self._placeholders[key]

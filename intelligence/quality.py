"""How often readings are right, measured by people: which tickets they are asked about, and what follows from it.

A tenth of the tickets is drawn at random, whatever was read in them: only these words estimate accuracy. Uncertain
readings are drawn beside them, because correcting those teaches most; they would make any estimate look worse.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from intelligence.intervals import Interval, wilson
from intelligence.model import Draw, PrimaryCategory, Review, ReviewVerdict, Subcategory
from intelligence.taxonomy import primary_of

UNCERTAIN: Final = 10  # cards a week beside the random ones
BLIND: Final = 0.1  # share of the random cards that a second person reads


@dataclass(frozen=True, slots=True)
class Ranked:
    """A ticket that may be drawn, with how sure its reading is."""

    ticket_id: int
    confidence: float
    unsure: bool


def place(seed: str, ticket_id: int) -> int:
    """A ticket's place in the draw of `seed`: as good as random, and the same for whoever draws, whenever."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{ticket_id}".encode(), digest_size=8).digest())


def draw(
    tickets: Sequence[Ranked], seed: str, *, share: float, most: int, drawn: int = 0, uncertain: int = 0
) -> list[tuple[int, Draw]]:
    """Draw a week's cards from its tickets that were not drawn yet: a share at random, then the most uncertain.

    `drawn` and `uncertain` say how many were drawn before, so that the sample grows with the week. `share` is of all
    tickets, those drawn before included; at least one is drawn where there is any, at most `most`.
    """
    wanted = min(most, math.ceil(share * (len(tickets) + drawn + uncertain))) - drawn
    by_lot = sorted(tickets, key=lambda ticket: place(seed, ticket.ticket_id))
    random = by_lot[: max(0, wanted)]
    rest = [ticket for ticket in by_lot[len(random) :] if ticket.unsure]
    rest.sort(key=lambda ticket: (ticket.confidence, ticket.ticket_id))
    doubtful = rest[: max(0, UNCERTAIN - uncertain)]
    return [(t.ticket_id, Draw.RANDOM) for t in random] + [(t.ticket_id, Draw.UNCERTAIN) for t in doubtful]


def second_readers(random: Sequence[int], seed: str, already: int) -> list[int]:
    """Those of the randomly drawn tickets that a second person reads blind, `already` of them chosen before."""
    wanted = math.ceil(BLIND * len(random))
    return sorted(random, key=lambda ticket: place(f"{seed}:blind", ticket))[already:wanted]


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n` with Wilson's 95% interval."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else math.nan

    @property
    def interval(self) -> Interval | None:
        return wilson(self.hits, self.n)


@dataclass(frozen=True, slots=True)
class Confusion:
    """A label that people changed into another, and how often."""

    was: Subcategory
    said: Subcategory
    n: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two people on the same tickets: how often they chose the same, and Cohen's kappa, which takes chance out.

    `kappa` is None where it says nothing: no pair, or everybody always chose the same label.
    """

    same: int
    n: int
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What the random sample says. `by_category` is keyed by what the machine had said: "when it says bug report, it
    is right so often".
    """

    primary: Share
    subcategory: Share
    by_category: tuple[tuple[PrimaryCategory, Share], ...]


def accuracy(reviews: Iterable[Review]) -> Accuracy:
    """Accuracy from the words on randomly drawn tickets; flags, uncertain cards and second readings are left out."""
    told = [r for r in reviews if r.draw is Draw.RANDOM and not r.blind and r.verdict is not ReviewVerdict.CANNOT_TELL]
    kinds = [(p, [r for r in told if primary_of(r.was.subcategory) is p]) for p in PrimaryCategory]
    return Accuracy(
        _share(told, _right_primary),
        _share(told, _right_sub),
        tuple((primary, _share(found, _right_primary)) for primary, found in kinds),
    )


def _share(reviews: Sequence[Review], right: Callable[[Review], bool]) -> Share:
    return Share(sum(map(right, reviews)), len(reviews))


def _right_sub(review: Review) -> bool:
    return (review.said or review.was).subcategory is review.was.subcategory


def _right_primary(review: Review) -> bool:
    return primary_of((review.said or review.was).subcategory) is primary_of(review.was.subcategory)


def agreement(reviews: Iterable[Review]) -> Agreement:
    """First and blind second readers on the same cards, by primary category."""
    told = [r for r in reviews if r.draw is Draw.RANDOM and r.said is not None]
    second = {r.ticket_id: r for r in told if r.blind}
    pairs = [
        (primary_of(r.said.subcategory), primary_of(other.said.subcategory))
        for r in told
        if not r.blind and r.said and (other := second.get(r.ticket_id)) and other.said
    ]
    return Agreement(sum(a is b for a, b in pairs), len(pairs), cohens_kappa(pairs))


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa (1960): (observed - expected) / (1 - expected) agreement; None where chance explains everything."""
    n = len(pairs)
    if n == 0:
        return None
    observed = sum(a == b for a, b in pairs) / n
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(left[label] * right[label] for label in left) / (n * n)
    return None if expected >= 1 else (observed - expected) / (1 - expected)


def confusions(reviews: Iterable[Review], *, most: int = 5) -> tuple[Confusion, ...]:
    """The corrections that people made most often, from all that they looked at; a confusion made once says little."""
    told = Counter((r.was.subcategory, r.said.subcategory) for r in reviews if r.said is not None and not r.blind)
    wrong = [(n, was, said) for (was, said), n in told.items() if was is not said]
    return tuple(Confusion(was, said, n) for n, was, said in sorted(wrong, key=lambda c: (-c[0], c[1], c[2]))[:most])

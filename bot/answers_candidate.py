"""What `candidate` answers: what reads now, what was tried beside it, and definitions that could be sharpened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intelligence.definitions import Proposal
from intelligence.model import Subcategory
from intelligence.trials import Comparison


@dataclass(frozen=True, slots=True)
class Sharpened:
    """A definition that a candidate changes."""

    label: Subcategory
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A ticket that the two readers read differently. `excerpt` is None where its source shares counts only."""

    ticket_id: int
    excerpt: str | None
    said: Subcategory
    live: Subcategory
    candidate: Subcategory
    link: str | None


@dataclass(frozen=True, slots=True)
class CandidateCard:
    """A candidate with what came of trying it. `changes` says what differs from the live reader; `refusal` why it is not
    switched on without force, None where it may be. `failure` is why it could not be tried, `unmeasured` why it cannot be.
    """

    number: int
    changes: tuple[str, ...]
    sharpened: tuple[Sharpened, ...]
    by: str
    at: datetime
    live: bool
    stale: bool
    comparison: Comparison | None
    words: int
    unasked: int
    unusable: tuple[int, int]
    tokens: int
    cases: tuple[ChangedCase, ...]
    hidden: int
    refusal: str | None
    failure: str | None
    unmeasured: str | None

    @property
    def waiting(self) -> bool:
        """Whether it is being tried."""
        return self.comparison is None and self.failure is None and self.unmeasured is None


@dataclass(frozen=True, slots=True)
class CandidateList:
    """What reads now (`number` None: what is shipped), the newest candidates, and proposals. `model` is None where the
    local analyzer reads, which asks nothing.
    """

    model: str | None
    reads_with: tuple[str, ...]
    number: int | None
    candidates: tuple[CandidateCard, ...]
    proposals: tuple[Proposal, ...]
    words: int

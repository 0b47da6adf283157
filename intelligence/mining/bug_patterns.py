"""Bug patterns: the same issue hits several users.

Works on the tickets of a theme. A model answers `prompts/bug_patterns.v1.md` for each; without one the symptom and the
error texts are the customers' own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from intelligence.mining.mention import Mention, Phrase, lines, phrases, tally
from intelligence.model import CauseKind, ChurnRisk, Level
from intelligence.severity import Impact, Judgement, judge


@dataclass(frozen=True, slots=True)
class BugFacts:
    """Symptom, exact error texts, likely cause, how bad (with the clause that decided), and what people did about it.

    `causes` are kinds of cause by tickets, `said` the words that name one. Onset and suspects are in the item.
    """

    judgement: Judgement
    symptoms: tuple[Phrase, ...]
    errors: tuple[Phrase, ...]
    causes: tuple[tuple[str, int], ...]
    said: tuple[Phrase, ...]
    workarounds: tuple[Phrase, ...]


def aggregate(mentions: Sequence[Mention], now: datetime, *, ratio: float | None = None) -> BugFacts:
    """One bug report from its tickets; `ratio` is the volume against the usual."""
    return BugFacts(
        judge(impact(mentions, now, ratio=ratio)),
        phrases(mentions, "symptom"),
        lines(mentions, "errors", limit=5),
        tally(m.cause for m in mentions if m.cause is not CauseKind.UNKNOWN)[:3],
        phrases(mentions, "likely_cause"),
        phrases(mentions, "workaround"),
    )


def impact(mentions: Sequence[Mention], now: datetime, *, ratio: float | None = None) -> Impact:
    """What the rule of severity asks about these tickets."""
    day = now - timedelta(days=1)
    return Impact(
        tickets=len(mentions),
        customers=len({m.who for m in mentions if m.who is not None}),
        critical=sum(m.critical for m in mentions),
        high_frustration=sum(m.frustration in {Level.HIGH, Level.CRITICAL} for m in mentions),
        high_churn=len({m.who for m in mentions if m.churn_risk is ChurnRisk.HIGH}),
        customers_last_day=len({m.who for m in mentions if m.who is not None and m.at >= day}),
        ratio=ratio,
    )

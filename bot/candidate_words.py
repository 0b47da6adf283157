"""How candidates and what came of them are said: the same words in Slack and on the command line. No markup."""

from __future__ import annotations

from bot.answers_candidate import CandidateCard
from bot.words import count, percent
from intelligence.definitions import Proposal
from intelligence.prompts.edition import Edition
from intelligence.taxonomy import DEFINITIONS
from intelligence.trials import ENOUGH, Comparison, Figure, Outcome

LOCAL = "The local analyzer reads tickets, and it asks no model."
UNMEASURED = (
    "The effect on readings cannot be measured here: the local analyzer learns from people's words themselves and reads no "
    "definitions. Only reviewers see it, when they choose a label. With ANALYZER=openai it can be tried."
)
FORCED = "Switched on against what its trial says."
CAVEAT = (
    "Each word counts once, newest first. Words that corrected a reading are what the live reader got wrong: on them anything "
    "else looks better. The line of random cards has none of that."
)


def number_of(name: str) -> int | None:
    """The number in an edition's name; None for the shipped one."""
    return int(name.removeprefix("r")) if name else None


def edition(name: str) -> str:
    number = number_of(name)
    return "what is shipped" if number is None else f"candidate {number}"


def trying(number: int, most: int) -> str:
    return (
        f"I am trying candidate {number} beside what reads now, on up to {most} tickets that people spoke about. "
        "I will write to you when it is over."
    )


def switched(number: int) -> str:
    return f"Candidate {number} reads from now on; what was read before stays as it is."


def taken_back(number: int, base: str) -> str:
    again = "What is shipped reads" if not base else f"Candidate {number_of(base)} reads"
    return f"Candidate {number} is taken back. {again} again."


def changes(base: Edition, candidate: Edition, usual: str) -> tuple[str, ...]:
    """What differs: "triage.v2 in place of triage.v1", "model gpt-4o in place of gpt-4o-mini"."""
    told: list[str] = []
    before, after = base.model or usual, candidate.model or usual
    if before != after:
        told.append(f"Model {after} in place of {before}")
    for name, file in candidate.prompts.items():
        old = base.prompts.get(name)
        if old != file:
            told.append(f"{name}.v{file.number} in place of {base.prompt(name).version}")
    for label, text in candidate.definitions.items():
        if base.definitions.get(label) != text:
            told.append(f"A sharper definition of {DEFINITIONS[label].title}")
    return tuple(told)


def refusal(comparison: Comparison | None, failure: str | None) -> str | None:
    """Why a candidate is not switched on without force; None where nothing speaks against it."""
    if failure is not None:
        return f"It could not be tried: {failure}."
    if comparison is None:
        return "It was not tried yet."
    match comparison.outcome:
        case Outcome.FEW:
            return f"Only {count(comparison.n, 'ticket')} could be compared, and {ENOUGH} are needed to tell better from worse."
        case Outcome.WORSE:
            return f"It reads worse, by more than chance explains: {figure(comparison.worse[0])}."
        case _:
            return None


def figure(value: Figure) -> str:
    """ "category 81% → 88% (+7 points, 95% CI -2 to +15; 9 tickets gained, 4 lost; n=64)"."""
    if not value.live.n or value.difference is None:
        return f"{value.name}: nothing to compare"
    low, high = value.difference
    shift = round((value.candidate.value - value.live.value) * 100)
    return (
        f"{value.name} {percent(value.live.value)} → {percent(value.candidate.value)} ({shift:+d} points, 95% CI "
        f"{low * 100:+.0f} to {high * 100:+.0f}; {value.gained} gained, {value.lost} lost; n={value.live.n})"
    )


def verdict(card: CandidateCard) -> str:
    """What came of it, in one line."""
    if card.unmeasured:
        return "Not measured"
    if card.failure:
        return f"Could not be tried: {card.failure}"
    if card.comparison is None:
        return "Is being tried"
    return {
        Outcome.BETTER: "Better, by more than chance explains",
        Outcome.SAME: "No difference that chance could not explain",
        Outcome.WORSE: "Worse, by more than chance explains",
        Outcome.FEW: f"Too few tickets to say: {card.comparison.n} of {ENOUGH}",
    }[card.comparison.outcome]


def standing(card: CandidateCard) -> str:
    """Where it stands."""
    if card.live:
        return "reads now"
    return "made beside another reader than today's" if card.stale else "not switched on"


def counted(card: CandidateCard) -> str:
    """What the figures are made of."""
    if card.comparison is None:
        return ""
    told = [f"{count(card.comparison.n, 'ticket')} compared, {card.comparison.fixed} of them corrected by people"]
    if card.unasked:
        told.append(f"{card.unasked} left out because the model could not be asked")
    live, candidate = card.unusable
    told.append(f"answers that could not be used: {live} of the live reader, {candidate} of the candidate")
    told.append(f"{card.tokens:,} tokens")
    return "; ".join(told)


def proposal(value: Proposal) -> str:
    """ "Feature usage: found it, cannot use it; …" with why."""
    titles = (DEFINITIONS[value.was].title, DEFINITIONS[value.said].title)
    return f"{titles[1]} was taken for {titles[0]} {count(value.tickets, 'time')}"

"""How labels, shares and figures of quality are said: the same words in Slack and on the command line. No markup."""

from __future__ import annotations

from bot.answers_review import AlertQuality, Progress, Quality, Taught
from bot.words import count, percent
from intelligence.model import LabelSet
from intelligence.quality import Agreement, Share
from intelligence.taxonomy import DEFINITIONS, PRIMARY_TITLES

UNASSIGNED = "unassigned"


def category(labels: LabelSet) -> str:
    """ "How-to question: Feature usage"."""
    found = DEFINITIONS[labels.subcategory]
    return f"{PRIMARY_TITLES[found.primary]}: {found.title}"


def others(labels: LabelSet) -> str:
    """ "area reporting, frustration low, urgency medium"."""
    return f"area {labels.area or UNASSIGNED}, frustration {labels.frustration}, urgency {labels.urgency}"


def changes(was: LabelSet, said: LabelSet) -> str:
    """What a person changed: "Feature location, not Feature usage; urgency high, not low"."""
    told: list[str] = []
    if was.subcategory is not said.subcategory:
        told.append(f"{DEFINITIONS[said.subcategory].title}, not {DEFINITIONS[was.subcategory].title}")
    for name in ("area", "frustration", "urgency"):
        before, after = getattr(was, name), getattr(said, name)
        if before != after:
            told.append(f"{name} {after or UNASSIGNED}, not {before or UNASSIGNED}")
    return "; ".join(told) or DEFINITIONS[said.subcategory].title


def progress(value: Progress) -> str:
    """ "3 of 12"."""
    return f"{min(value.done + 1, value.total)} of {value.total}"


def share(value: Share, *, enough: int) -> str:
    """ "87% (95% CI 81–92, n=140)"; where too few were looked at, that."""
    if value.n < enough or value.interval is None:
        return f"not yet reviewed here ({value.n} of {enough} cards)"
    low, high = value.interval
    return f"{percent(value.value)} (95% CI {low * 100:.0f}–{high * 100:.0f}, n={value.n})"


def agreement(value: Agreement) -> str:
    """How far two people agree; few pairs are said to be few."""
    if not value.n:
        return "Agreement of two readers: no card was read twice yet"
    told = f"Agreement of two readers: {value.same} of {count(value.n, 'card')}"
    few = ", too few to lean on" if value.n < 10 else ""
    return f"{told}, kappa {value.kappa:.2f}{few}" if value.kappa is not None else f"{told}{few}"


def helpful(value: Share) -> str:
    """What people said of answers to "is this known?"; "" where nobody said anything."""
    if not value.n:
        return ""
    return f"Answers to “is this known?”: {value.hits} of {count(value.n, 'rating')} helpful"


def alert_lines(value: AlertQuality) -> tuple[str, ...]:
    """Alert precision, the aim against what happened, and whether anybody acted."""
    if not value.sent:
        return ("No alert was sent yet",)
    rate = value.false_alarms / value.weeks
    judged = (
        f"Useful: {value.useful.hits} of {value.useful.n} that people judged, {share(value.useful, enough=1)}"
        if value.useful.n
        else "Useful: nobody has judged an alert yet (I own this, Useful or Not useful)"
    )
    lines = [
        f"{count(value.sent, 'alert')} in {value.weeks:.0f} weeks" if value.weeks >= 2 else count(value.sent, "alert"),
        judged,
        f"False alarms: aim {value.aim:g} a week, actual {rate:.1f} ({value.false_alarms} marked noise or wrong group)",
    ]
    if value.acted.n:
        lines.append(f"Acted on within {value.act_days} days: {value.acted.hits} of {value.acted.n}")
    if value.missed:
        lines.append(f"Missed patterns that people told me of: {value.missed}")
    return tuple(lines)


def taught(value: Taught | None) -> str | None:
    """What corrections taught, if anything."""
    if value is None or not value.n:
        return None
    return (
        f"Learned from {count(value.n, 'ticket')} that people spoke about: {value.before} read rightly before, "
        f"{value.after} after (each judged without its own word)"
    )


def category_lines(value: Quality) -> tuple[str, ...]:
    """Accuracy by what the machine had said; categories that nobody looked at are left out."""
    return tuple(
        f"{PRIMARY_TITLES[primary]}: {share(found, enough=value.enough_each)}"
        for primary, found in value.accuracy.by_category
        if found.n
    )


def confusion_lines(value: Quality) -> tuple[str, ...]:
    """The commonest corrections."""
    return tuple(
        f"{DEFINITIONS[c.was].title} was {DEFINITIONS[c.said].title}: {count(c.n, 'time')}" for c in value.confusions
    )

"""The sentences at the head of a report, and the check that lets none pass whose figures no value bears out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from intelligence.changes import Change
from intelligence.claims import CAUSAL, DOWN, KEY, NUMBER, ODD_DIGIT, SENTENCE, UNCHECKABLE, UP, figure, flat, quoted
from intelligence.reports.values import BacklogPart, Report, ThemeEntry

_SECTION_WORDS: Final = {
    "features": ("feature", "request", "wish"),
    "docs": ("documentation", "docs", "page"),
    "friction": ("friction", "stuck"),
    "bugs": ("bug",),
}
MOST_SENTENCES: Final = 6
MOST_CHARACTERS: Final = 320


@dataclass(frozen=True, slots=True)
class Checked:
    """The sentences that hold, and how many were dropped."""

    kept: tuple[str, ...]
    dropped: int


def sentences(report: Report) -> tuple[str, ...]:
    """The report's head in plain sentences computed from its values."""
    volume = report.volume
    if not volume.tickets:
        return ("No tickets came in.",)
    told = [f"{_tickets(volume.tickets)} from {_customers(volume.customers)}, {_moved(volume.change)}."]
    if volume.comparable is not None:
        told.append(f"Without the days on which a source was silent: {_moved(volume.comparable)}.")
    rising = [theme for theme in report.themes if theme.rises]
    told += [_theme_sentence(theme) for theme in rising[:3]]
    told += [_backlog_sentence(part) for part in report.backlogs[:2] if part.tickets and part.entries]
    if report.fixed:
        told.append(f"Fixed: {', '.join(f'{one.key} {one.title}' for one in report.fixed[:3])}.")
    return tuple(told)


def _theme_sentence(theme: ThemeEntry) -> str:
    if theme.climbs and theme.onset is None and theme.change.within_noise:
        told = f"{theme.key} {theme.title} rises week by week, from {theme.weeks[0]:,} to {theme.weeks[-1]:,}"
        return f"{told} in {len(theme.weeks)} weeks."
    what = "is new" if theme.new or theme.change.percent is None else f"is {_moved(theme.change)}"
    tail = f"; {theme.segment}" if theme.segment else ""
    return f"{theme.key} {theme.title} {what} with {_tickets(theme.tickets)}{tail}."


def _backlog_sentence(part: BacklogPart) -> str:
    noun = {"features": "feature requests", "docs": "documentation gaps", "friction": "friction", "bugs": "bugs"}
    first = part.entries[0]
    named = noun.get(part.name, part.name)
    return f"Most asked among {part.tickets:,} {named}: {first.title} ({first.tickets:,})."


def _tickets(count: int) -> str:
    return f"{count:,} ticket{'' if count == 1 else 's'}"


def _customers(count: int) -> str:
    return f"{count:,} known customer{'' if count == 1 else 's'}"


def _moved(change: Change) -> str:
    if change.within_noise:
        return "about as before"
    if change.percent is None:
        return "none before"
    return f"{'up' if change.percent >= 0 else 'down'} {abs(change.percent):,.0f}%"


# ---- the check ------------------------------------------------------------------------------------------------------


def checked(text: str, report: Report) -> Checked:
    """Keep the sentences of a model that say only what the report's values say.

    A sentence goes when it has a figure that no value of its subject has (a sentence that names themes may use these
    themes' figures and the volume's, no other theme's), a figure in words, a quote that stands in no stored quote or
    title, a theme that is not in the report, a claim of cause, or digits of another script.
    """
    parts = [part.strip() for part in SENTENCE.split(text.strip()) if part.strip()]
    kept = [part for part in parts if _holds(part, report)][:MOST_SENTENCES]
    return Checked(tuple(kept), len(parts) - len(kept))


def _holds(sentence: str, report: Report) -> bool:
    plain = _without_titles(KEY.sub(" ", sentence), report)
    if len(sentence) > MOST_CHARACTERS or UNCHECKABLE.search(plain) or CAUSAL.search(plain):
        return False
    if any(c.isnumeric() for c in ODD_DIGIT.findall(sentence)) or "<" in sentence:
        return False
    named = _named(sentence, report)
    if named is None or not _quotes_hold(sentence, report):
        return False
    if not _direction_holds(plain, named, report):
        return False
    allowed = _figures(sentence, named, report)
    return all(figure(found) in allowed for found in NUMBER.findall(plain))


def _direction_holds(sentence: str, named: tuple[ThemeEntry, ...], report: Report) -> bool:
    """Whether something that the sentence speaks of really rose, or fell, beyond noise."""
    changes = [theme.change for theme in named] or [
        change for change in (report.volume.change, report.volume.comparable) if change is not None
    ]
    real = [change for change in changes if not change.within_noise]
    rose = any(change.percent is None or change.percent > 0 for change in real) or any(t.climbs for t in named)
    fell = any(change.percent is not None and change.percent < 0 for change in real)
    return (rose or not UP.search(sentence)) and (fell or not DOWN.search(sentence))


def _named(sentence: str, report: Report) -> tuple[ThemeEntry, ...] | None:
    """The themes that a sentence speaks of, by key or title; None where a key is not in the report."""
    known = {theme.key.upper(): theme for theme in report.themes}
    known_elsewhere = {one.key.upper() for one in (*report.fixed, *report.regressed)}
    keys = {f"TI-{number}" for number in KEY.findall(sentence)}
    if keys - known.keys() - known_elsewhere:
        return None
    lower = sentence.lower()
    return tuple(theme for key, theme in known.items() if key in keys or theme.title.lower() in lower)


def _quotes_hold(sentence: str, report: Report) -> bool:
    said = [quote.text for theme in report.themes for quote in theme.quotes]
    said += [theme.helped.text for theme in report.themes if theme.helped]
    said += _titles(report)
    return all(any(flat(quote) in flat(text) for text in said) for quote in quoted(sentence))


def _titles(report: Report) -> list[str]:
    titles = [theme.title for theme in report.themes]
    titles += [entry.title for part in report.backlogs for entry in part.entries]
    return titles + [one.title for one in (*report.fixed, *report.regressed)]


def _without_titles(sentence: str, report: Report) -> str:
    """The sentence without names: a figure in a title ("error 500") is no claim."""
    names = [*_titles(report), *(theme.segment for theme in report.themes if theme.segment), report.span.name]
    for name in sorted(names, key=len, reverse=True):
        sentence = re.sub(re.escape(name), " ", sentence, flags=re.IGNORECASE) if len(name) > 3 else sentence
    return sentence


def _figures(sentence: str, named: tuple[ThemeEntry, ...], report: Report) -> frozenset[str]:
    """The figures that a sentence may use, as `figure` writes them."""
    found: set[str] = set()
    lower = sentence.lower()
    for theme in named:
        found |= _of_theme(theme)
    parts = [part for part in report.backlogs if any(word in lower for word in _SECTION_WORDS.get(part.name, ()))]
    for part in parts:
        found |= {str(part.tickets)} | {str(entry.tickets) for entry in part.entries if entry.title.lower() in lower}
        found |= {str(len(part.entries))} if "entr" in lower else set()
    if not named and not parts:
        found |= _of_volume(report)
    return frozenset(found | _of_dates((report.span.start, report.span.end)))


def _of_theme(theme: ThemeEntry) -> set[str]:
    found = {str(theme.tickets), str(theme.customers), str(theme.unknown)} | _of_change(theme.change)
    if theme.climbs:
        found |= {str(theme.weeks[0]), str(theme.weeks[-1]), str(len(theme.weeks))}
    if theme.helped:
        found |= {str(theme.helped.threads), str(theme.helped.confirmed)}
    return found


def _of_change(change: Change) -> set[str]:
    found = {str(change.now), str(change.before)}
    if change.percent is not None and not change.within_noise:
        found |= {f"{abs(change.percent):.0f}"}
    return found


def _of_volume(report: Report) -> set[str]:
    volume = report.volume
    found = _of_change(volume.change) | {str(volume.customers), str(report.theme_count)}
    found |= _of_change(volume.comparable) if volume.comparable else set()
    return found | {str(one.tickets) for one in volume.categories if one.tickets}


def _of_dates(moments: Iterable[datetime | date]) -> set[str]:
    return {str(part) for at in moments for part in (at.day, at.year)}

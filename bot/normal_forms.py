"""Normal forms of the words in a command: "ti 42" is TI-42, "7 days" is 7d, "3 Jan 2026" is a moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from difflib import get_close_matches

from bot.errors import BadInput, UnknownVerb
from bot.verbs.filters import FILTERS, ROLES, Filter, Number
from bot.verbs.parts import ArgKind, Verb
from bot.verbs.table import BY_WORD

_THEME = re.compile(r"(?:ti)?[ \-‐‑–—#]{0,3}([0-9]{1,9})", re.IGNORECASE)
_TICKET = re.compile(r"(?:ticket|t|#)[ \-#]{0,3}([0-9]{1,12})", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{1,3}) ?(h|d|w|hours?|days?|weeks?)", re.IGNORECASE)
_REPORT = re.compile(r"[0-9]{4}-(?:W[0-9]{2}(?:-W[0-9]{2})?|Q[1-4]|[0-9]{2})")
_WEEK = re.compile(r"([0-9]{4})-?w([0-9]{1,2})", re.IGNORECASE)
_CHANNEL = re.compile(r"#?([CG][A-Z0-9]{5,20})|#([\w.-]{1,80})")
_NAMED_PERIODS = {"today": "today", "day": "24h", "week": "week", "month": "month", "quarter": "quarter"}
_NAMED_REPORTS = {
    "week": "week",
    "weekly": "week",
    "month": "month",
    "monthly": "month",
    "quarter": "quarter",
    "quarterly": "quarter",
    "agenda": "agenda",
    "review": "agenda",
    "fortnight": "agenda",
}
_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,4})?")
_MOMENTS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d %b %Y", "%d %b %Y %H:%M")
MOST_PAGES = 9999
MOST_VALUE = 80  # characters of a filter or a name: nobody types more by hand, and buttons must carry them


def verb_of(word: str) -> Verb | None:
    plain = word.casefold()
    return BY_WORD.get(plain) or BY_WORD.get(plain.strip("?!.,;:/\"'“”"))


def hint(word: str, *, several: bool) -> str:
    near = get_close_matches(word.casefold()[:40], BY_WORD, n=1, cutoff=0.7)
    if near:
        return f"Did you mean `{BY_WORD[near[0]].name}`?"
    if several:
        return "To ask about words from a ticket, type `known` before them. `help` lists all verbs."
    return "`help` lists all verbs."


def short(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:39]}…"


def choice(entry: Filter, value: str) -> str:
    """The normal form of a filter's value. Raises BadInput with the values there are."""
    if entry.flag:
        return "yes"
    if not value:
        raise BadInput(problem=f"{entry.name}: needs a value.", fix=f"Write it as {entry.shown}, without a space.")
    if entry.number is not None:
        return number(entry.name, entry.number, value)
    if entry.choices is None:
        return _bounded(value)
    plain = value.casefold().replace(" ", "_")
    chosen = entry.choices.get(plain) or entry.choices.get(plain.replace("-", "_"))
    if chosen is None:
        near = get_close_matches(plain[:40], entry.choices, n=1, cutoff=0.6)
        hint = f"Did you mean {entry.name}:{near[0]}?" if near else f"There are {_listed(entry.choices.values())}."
        raise BadInput(problem=f'"{short(value)}" is no {entry.name}.', fix=hint)
    return chosen


def number(name: str, allowed: Number, value: str) -> str:
    """The shortest form of a number, with a point or a comma: "2,50" is 2.5. Raises BadInput with the range."""
    kind = "a whole number" if allowed.whole else "a number"
    found = _NUMBER.fullmatch(value)
    amount = float(value.replace(",", ".")) if found else None
    if amount is None or not allowed.least <= amount <= allowed.most or (allowed.whole and not amount.is_integer()):
        fix = f"Give {kind} from {allowed.least:g} to {allowed.most:g}, as in {FILTERS[name].shown}."
        raise BadInput(problem=f'"{name}={short(value)}" is no part of a rule.', fix=fix)
    return f"{amount:g}"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))


def _bounded(value: str) -> str:
    if len(value) > MOST_VALUE:
        raise BadInput(problem=f'"{short(value)}" is too long.', fix=f"Use at most {MOST_VALUE} characters.")
    return value


def _page(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= MOST_PAGES:
        raise BadInput(problem=f'"{short(value)}" is no page.', fix="Pages are numbers from 1, as in page:2.")
    return str(int(value))


def _period(value: str) -> str:
    found = period_or_none(value)
    if found is None:
        raise BadInput(
            problem=f'"{short(value)}" is no period.', fix="Use 24h, 7d, 30d, a week like 2026-W02, or month."
        )
    return found


def period_or_none(value: str) -> str | None:
    plain = value.casefold()
    if plain in _NAMED_PERIODS:
        return _NAMED_PERIODS[plain]
    if (span := _SPAN.fullmatch(plain)) and int(span[1]) > 0:
        return f"{int(span[1])}{span[2][0]}"
    if (week := _WEEK.fullmatch(plain)) and 1 <= int(week[2]) <= 53:
        return f"{week[1]}-W{int(week[2]):02d}"
    return None


def report_or_none(value: str) -> str | None:
    """What a report is about: "week" (the last whole one), 2026-W02, 2026-01, 2026-Q1, or "7d" (the days until now)."""
    if named := _NAMED_REPORTS.get(value.casefold()):
        return named
    if _REPORT.fullmatch(value.upper()):
        return value.upper()
    found = period_or_none(value)
    return found if found and (found[-1] in "dw" or "-W" in found) and found != "today" else None


def theme_key(value: str) -> str | None:
    found = _THEME.fullmatch(value)
    return f"TI-{int(found[1])}" if found else None


def _subject(value: str) -> str | None:
    """A theme or a ticket: "42" and "TI-42" are themes, "ticket 42" and "#42" tickets."""
    found = _TICKET.fullmatch(value)
    return f"ticket {int(found[1])}" if found else theme_key(value)


def _ticket(value: str) -> str | None:
    found = _TICKET.fullmatch(value)
    return found[1] if found else value if value.isascii() and value.isdigit() and len(value) <= 12 else None


def _target(value: str) -> str | None:
    return "new" if value.casefold() == "new" else theme_key(value)


def _word(value: str) -> str | None:
    return _bounded(value) or None


def _role(value: str) -> str | None:
    return ROLES.get(value.casefold())


def _channel(value: str) -> str | None:
    found = _CHANNEL.fullmatch(value)
    return found and (found[1] or f"#{found[2]}")


def _verb_name(value: str) -> str | None:
    verb = verb_of(value)
    if verb is None:
        raise UnknownVerb(word=short(value), hint=hint(value, several=False))
    return verb.name


def moment(value: str) -> str:
    for form in _MOMENTS:
        try:
            found = datetime.strptime(value, form)  # noqa: DTZ007 (a wall time: the caller knows the team's zone)
        except ValueError:
            continue
        if found.year >= 2000:
            return found.isoformat()
    raise BadInput(problem=f'"{short(value)}" is no time.', fix="Write it as 2026-01-03 or 2026-01-03 14:00.")


NORMAL: dict[str, Callable[[str], str]] = {"page": _page, "period": _period}
THE_REST: dict[ArgKind, Callable[[str], str]] = {ArgKind.MOMENT: moment, ArgKind.REST: _bounded}
IN_SEVERAL_WORDS = frozenset(
    {ArgKind.THEME, ArgKind.SUBJECT, ArgKind.TICKET, ArgKind.TARGET, ArgKind.PERIOD, ArgKind.REPORT}
)
READERS: dict[ArgKind, Callable[[str], str | None]] = {
    ArgKind.THEME: theme_key,
    ArgKind.SUBJECT: _subject,
    ArgKind.TICKET: _ticket,
    ArgKind.TARGET: _target,
    ArgKind.WORD: _word,
    ArgKind.PERIOD: period_or_none,
    ArgKind.REPORT: report_or_none,
    ArgKind.ROLE: _role,
    ArgKind.CHANNEL: _channel,
    ArgKind.VERB: _verb_name,
}

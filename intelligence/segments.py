"""Who is different: attributes of customers that a theme has more often than all tickets have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp, lgamma, log, sqrt
from typing import Final

from intelligence.model import Lift
from intelligence.patterns.significance import discoveries

_LEAST_TICKETS: Final = 3
_LEAST_LIFT: Final = 1.5
FALSE_SHARE: Final = 0.05
_UNKNOWN: Final = frozenset({"", "unknown", "n/a", "none", "null", "-"})


_NO_AMOUNT: Final = re.compile(r"version|release|build|year|date|since|cohort|code|zip|postal|phone", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"[$€£]?\s*(\d{1,12}(?:[ ,']\d{3}){0,4}(?:\.\d{1,6})?)\s*[$€£]?")
_SMALL: Final = 100


Shared = tuple[Mapping[str, str], int]  # attributes, and how many tickets have exactly these


Usual = Mapping[str, Counter[str]]


def lifts_between(everything: Iterable[Shared], theme: Iterable[Shared]) -> list[Lift]:
    """`lifts_against` for attributes counted where they are stored."""
    return lifts_against(usual_of(everything), theme)


def lifts_against(usual: Usual, theme: Iterable[Shared]) -> list[Lift]:
    """Segments over-represented in a theme, strongest first; `usual` counts the theme's tickets too.

    Each attribute is judged among the tickets that know it. The test is the hypergeometric tail (Fisher's exact test,
    one-sided), false discoveries over all segments of the theme are held at 5% (Benjamini and Hochberg 1995), the
    lift's interval is Katz's (1978). At least 3 tickets and 1.5 times the usual share.
    """
    inside = usual_of(theme)
    found: list[Lift] = []
    p_values: list[float] = []
    for attribute in sorted(inside):
        here, overall = inside[attribute], usual[attribute]
        size, known = here.total(), overall.total()
        for value, count in here.items():
            p_value = hypergeometric_tail(count, size, overall[value], known)
            p_values.append(p_value)
            found.append(_lift(attribute, value, count, size, overall[value], known, p_value))
    keep = discoveries(p_values, FALSE_SHARE)
    strong = [
        lift
        for lift, kept in zip(found, keep, strict=True)
        if kept and lift.tickets >= _LEAST_TICKETS and lift.lift >= _LEAST_LIFT
    ]
    return sorted(strong, key=lambda lift: (-lift.low, lift.attribute, lift.value))


def usual_of(groups: Iterable[Shared]) -> Usual:
    """{attribute: {value: tickets}} of those that know the attribute: counted once for all themes of a report."""
    counted: dict[str, Counter[str]] = {}
    for values, tickets in groups:
        for attribute, value in values.items():
            if is_known(value):
                counted.setdefault(attribute, Counter())[value] += tickets
    return counted


def banded(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes as tickets are compared by: amounts from 100 (revenue, seats) by powers of ten, since 10,000 to 99,999
    holds enough customers to be compared and 12,480 holds one. Versions, years and codes only look like amounts.
    """
    return {name: value if _NO_AMOUNT.search(name) else _band(value) for name, value in attributes.items()}


def _band(value: str) -> str:
    found = _AMOUNT.fullmatch(value.strip())
    amount = float(re.sub(r"[ ,']", "", found[1])) if found else 0.0
    if amount < _SMALL:
        return value
    low = 10 ** (len(str(int(amount))) - 1)
    return f"{low:,} to {10 * low - 1:,}"


def is_known(value: str) -> bool:
    """Whether an attribute's value says anything."""
    return value.strip().lower() not in _UNKNOWN


def hypergeometric_tail(hits: int, drawn: int, marked: int, total: int) -> float:
    """Probability of at least `hits` marked ones among `drawn` from `total` that hold `marked`, without return.

    In logarithms: the exact whole numbers have thousands of digits among 15,000 tickets and took seconds a theme.
    """
    ways = _log_comb(total, drawn)
    least = max(hits, drawn - (total - marked))
    logs = (
        _log_comb(marked, k) + _log_comb(total - marked, drawn - k) - ways for k in range(least, min(drawn, marked) + 1)
    )
    return min(1.0, sum(map(exp, logs)))


def _log_comb(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _lift(attribute: str, value: str, count: int, size: int, overall: int, known: int, p_value: float) -> Lift:
    """The theme's share against the share of all; the interval is that of a ratio of two shares."""
    share, base = count / size, overall / known
    ratio = share / base
    spread = 1.96 * sqrt(max(0.0, 1 / count - 1 / size) + max(0.0, 1 / overall - 1 / known))
    low, high = exp(log(ratio) - spread), exp(log(ratio) + spread)
    return Lift(attribute, value, share, base, ratio, low, high, p_value, count)

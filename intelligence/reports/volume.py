"""How the volume changed and why: usual days, silent sources, and a decomposition that adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from intelligence.changes import Change, change_of
from intelligence.patterns.significance import usual_range
from intelligence.reports.volume_values import Day, Decomposition, Gap, Noisy

_WEEKS: Final = 8
_LEAST_WEEKS: Final = 3
_NOISY_SHARE: Final = 0.3
_SURE: Final = 0.99  # a day without tickets is a gap where 99 of 100 such days have some

Asked = tuple[str, str]
"""Who asked, and their plan ("" where unknown)."""


def usual_day(counts: Mapping[date, int], day: date, first: date, *, share: float = 0.9) -> tuple[int, int] | None:
    """The usual range of a day: from the same weekday of the eight weeks before, not before the `first` day of data.

    None with fewer than three such days. Negative binomial with the dispersion of these days (method of moments).
    """
    past = [day - timedelta(weeks=back) for back in range(1, _WEEKS + 1)]
    seen = np.array([counts.get(one, 0) for one in past if one >= first], np.float64)
    if len(seen) < _LEAST_WEEKS:
        return None
    mean = float(seen.mean())
    if mean <= 0:
        return 0, 0
    dispersion = max(0.0, (float(seen.var(ddof=1)) - mean) / mean**2)
    return usual_range(mean, dispersion, share)


def trend(counts: Mapping[date, int], start: date, end: date, first: date) -> tuple[Day, ...]:
    """Every day from start to before end with its usual range."""
    made: list[Day] = []
    for step in range((end - start).days):
        day = start + timedelta(days=step)
        low, high = usual_day(counts, day, first) or (None, None)
        made.append(Day(day, counts.get(day, 0), low, high))
    return tuple(made)


def silent_days(
    sources: Mapping[str, Mapping[date, int]], start: date, end: date, first: Mapping[str, date]
) -> tuple[Gap, ...]:
    """Days on which a source had nothing though such a day of this source hardly ever has nothing."""
    found: list[Gap] = []
    for source, counts in sorted(sources.items()):
        for step in range((end - start).days):
            day = start + timedelta(days=step)
            usual = None if counts.get(day) else usual_day(counts, day, first[source], share=_SURE)
            if usual is not None and usual[0] > 0:
                found.append(Gap(source, day, *usual))
    return tuple(found)


def comparable(
    counts: Mapping[date, int], start: date, end: date, before: date, gaps: Sequence[Gap], first: date
) -> Change | None:
    """The change without the silent days, each dropped with the day that corresponds to it in the period before; None
    where nothing was silent, or nothing is left.
    """
    length = (end - start).days
    silent = {(gap.day - start).days for gap in gaps}
    kept = [step for step in range(length) if step not in silent and before + timedelta(days=step) < start]
    if not silent or not kept or before < first:
        return None
    now = sum(counts.get(start + timedelta(days=step), 0) for step in kept)
    past = sum(counts.get(before + timedelta(days=step), 0) for step in kept)
    return change_of(past, now)


def decompose(before: Sequence[Asked | None], now: Sequence[Asked | None], names: Mapping[str, str]) -> Decomposition:
    """Split a change of the total into parts that add up to it; one entry a ticket, None for an unknown customer.

    The customer with the largest move is taken out first if they alone are beyond noise and at least 30% of the change.
    The rest is customers x tickets a customer, with plans p of weight w and rate r: the change of their number, of their
    mix (sum of dw x mean r) and of their rates (sum of mean w x dr), each at the mean of the other factor (Marshall
    and Edgeworth's midpoints), so that nothing is left over. `names` are how customers are called.
    """
    past, present = _of_customers(before), _of_customers(now)
    unknown = sum(one is None for one in now) - sum(one is None for one in before)
    noisy = _noisy(past, present, len(now) - len(before), names)
    for counts in (past, present):
        for who in [who for who in counts if noisy is not None and who[0] == noisy[0]]:
            del counts[who]
    customers, mix, rate = _parts(past, present)
    return Decomposition(customers, mix, rate, unknown, noisy[1] if noisy else None)


def _of_customers(asked: Sequence[Asked | None]) -> Counter[Asked]:
    """Tickets by customer; a customer whose plan changed within the period counts under the plan of most tickets."""
    plans: dict[str, Counter[str]] = {}
    for one in asked:
        if one is not None:
            plans.setdefault(one[0], Counter())[one[1]] += 1
    return Counter({(who, plan.most_common(1)[0][0]): plan.total() for who, plan in plans.items()})


def _noisy(
    past: Counter[Asked], present: Counter[Asked], delta: int, names: Mapping[str, str]
) -> tuple[str, Noisy] | None:
    before = {who: count for (who, _), count in past.items()}
    after = {who: count for (who, _), count in present.items()}
    moves = {who: after.get(who, 0) - before.get(who, 0) for who in {*before, *after}}
    if not delta or len(moves) < 2:
        return None
    who = max(sorted(moves), key=lambda one: moves[one] * (1 if delta > 0 else -1))
    change = change_of(before.get(who, 0), after.get(who, 0))
    if moves[who] * delta <= 0 or change.within_noise or abs(moves[who]) < _NOISY_SHARE * abs(delta):
        return None
    return who, Noisy(names.get(who, "one customer"), change.before, change.now)


def _parts(past: Counter[Asked], present: Counter[Asked]) -> tuple[float, float, float]:
    """(customers, mix, rate) in tickets."""
    if not past or not present:
        return float(present.total() - past.total()), 0.0, 0.0
    plans = {plan for _, plan in (*past, *present)}
    size = (len(past), len(present))
    heads = [Counter(plan for _, plan in counts) for counts in (past, present)]
    loads: list[Counter[str]] = [Counter(), Counter()]
    for load, counts in zip(loads, (past, present), strict=True):
        for (_, plan), count in counts.items():
            load[plan] += count
    mix = rate = 0.0
    for plan in sorted(plans):
        rates = [load[plan] / head[plan] if head[plan] else None for load, head in zip(loads, heads, strict=True)]
        # A plan that nobody had in one period has no rate of its own there: all its change is mix.
        old = rates[0] if rates[0] is not None else rates[1] or 0.0
        new = rates[1] if rates[1] is not None else old
        weights = [head[plan] / total for head, total in zip(heads, size, strict=True)]
        mix += (weights[1] - weights[0]) * (old + new) / 2
        rate += (new - old) * (weights[0] + weights[1]) / 2
    average, middle = (past.total() / size[0] + present.total() / size[1]) / 2, (size[0] + size[1]) / 2
    return (size[1] - size[0]) * average, mix * middle, rate * middle

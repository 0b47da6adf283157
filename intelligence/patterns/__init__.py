"""Patterns: what is new, rising, or back, with every number that was used to say so.

    history = History.build(times, theme_ids, ticket_ids, start=first_ticket_at, now=now, vectors=vectors)
    patterns = detect(history, now=now, policy=policy, themes=facts)                       # all themes: nightly
    patterns = detect(history, now=now, policy=policy, themes=facts, only={theme})         # what changed only
    patterns = detect(..., only={theme}, arrived=[ticket])                                 # and around what arrived

Rows of the last 36 days are enough, tickets without a theme (0) included: they count as volume and as neighbours. With
`vectors` and `arrived` each arrived ticket is also compared with its own neighbourhood, whatever theme it is in: that
finds what the themes have not separated yet. A pattern's `theme_id` is the home of most of its tickets, 0 if they wait.
The one setting people choose is `Policy.for_budget(alarms_a_week)`. Times are float64 POSIX seconds; ids int64 (n,);
vectors float32 (n, dim) unit.

Three more look at other things: `pairs.rising_pairs` for an area of the product that suffers in many themes at once,
`concentration.concentrations` for a theme that suddenly comes from one group of customers, and `likeness.Likeness` for
evidence about the same under two themes.
"""

from intelligence.patterns.detect import ThemeFacts, detect
from intelligence.patterns.history import History
from intelligence.patterns.policy import Policy

__all__ = ["History", "Policy", "ThemeFacts", "detect"]

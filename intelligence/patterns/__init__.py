"""Patterns: what is new, rising, back, or different, with every number that was used to say so.

    history = History.build(times, theme_ids, ticket_ids, start=first_ticket_at, now=now)     # rows of the last 35 days are enough
    patterns = detect(history, now=now, policy=policy, themes=facts, only=None)     # all themes: nightly
    patterns = detect(history, now=now, policy=policy, themes=facts, only={theme})  # on arrival: what changed only
    burst = Neighbourhood.build(times, vectors, ticket_ids).burst(vector, at, ticket_id, policy=policy)  # no themes needed

A "theme" here is any integer group: call `detect` again with (area, cause) groups encoded as integers. `facts` says for each theme
when it was born, whether history made it known, and whether it was resolved (regression). The one setting people choose is
`Policy.for_budget(alarms_a_week)`. Times are float64 POSIX seconds.
"""

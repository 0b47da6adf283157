"""Themes: lasting groups of tickets about one thing, found online and tidied at night.

`ThemeIndex` (index.py) is the online state of one workspace; it is built from stored rows, kept in memory, and asked
for every ticket in a serial lane. `recluster` (recluster.py) is the nightly pass over the waiting, the incoherent and
the provisional; it returns a `Plan` and changes nothing. `name_themes` (naming.py) gives titles and descriptions.

    index = ThemeIndex.build(ticket_ids, vectors, theme_ids, times, next_theme=counter, links=links, now=now)
    decision = index.assign(vector, at, ticket_id)                  # Joined | Born | Waiting, already in the index
    decisions = index.assign_batch(vectors, times, ticket_ids)      # the same for many, by matrix products: imports
    plan = recluster(snapshot, next_theme=counter)                  # Snapshot -> Plan; deterministic
    names = name_themes({theme_id: [Words(text, similarity), ...]}, taken=titles)   # {theme_id: ThemeName}

Arrays everywhere: ticket_ids int64 (n,), vectors float32 (n, dim) of unit length (a zero row is a text without content
and never joins anything), theme_ids int64 (n,) with 0 for "waiting", times float64 (n,) in POSIX seconds.
`next_theme` is called once for each theme born and must return an id never used before (the workspace's counter).
If the transaction around a decision fails, throw the index away and build it again: 100,000 rows take a second.
"""

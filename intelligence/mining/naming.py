"""Names of backlog items: a few words that the tickets share and the other items do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from intelligence.themes.naming import Words, name_themes


def names_of(groups: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """A short name for each group by its (masked) texts, the most typical text first; no two are the same."""
    words = {key: [Words(text, 1.0 - place / 100) for place, text in enumerate(texts)] for key, texts in groups.items()}
    return {key: name.title for key, name in name_themes(words).items()}

"""Names of backlog items: a few words that the tickets share and the other items do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from intelligence.themes.naming import Words, name_themes
from intelligence.themes.phrases import sentence_case

_ENOUGH: Final = 2  # words that name a wish without the subject that a theme's title puts before them


def names_of(groups: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """A short name for each group by its (masked) texts, the most typical text first; no two are the same."""
    words = {key: [Words(text, 1.0 - place / 100) for place, text in enumerate(texts)] for key, texts in groups.items()}
    titles = {key: name.title for key, name in name_themes(words).items()}
    used = {title.casefold() for title in titles.values()}
    for key, title in titles.items():
        wish = title.split(": ", 1)[-1]
        if wish != title and len(wish.split()) >= _ENOUGH and wish.casefold() not in used:
            titles[key] = sentence_case(wish)
            used.add(wish.casefold())
    return titles

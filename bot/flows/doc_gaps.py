"""The entry of the documentation backlog that a theme stands for: what an issue for docs writers is made of."""

from __future__ import annotations

from typing import Final

from bot.answers_mining import BacklogItem, BacklogKind
from bot.deps import Deps
from bot.flows import periods
from bot.flows.backlog_items import Items
from bot.flows.gathered import Grouped, gather
from bot.flows.techniques import TECHNIQUES
from intelligence.mining.documentation_gaps import DocFacts
from intelligence.model import Scope

DAYS: Final = 90


def of_theme(deps: Deps, scope: Scope, theme_id: int) -> BacklogItem | None:
    """The entry that most of the theme's questions belong to, by what `scope` may see; None without any."""
    period = periods.parse(f"{DAYS}d", deps.clock.now(), deps.settings.zone)
    with deps.db.read() as session:
        found = gather(deps, session, scope, TECHNIQUES[BacklogKind.DOCS], period, {})
        mine = max(found.groups, key=lambda group: _at_home(group, theme_id), default=None)
        if mine is None or _at_home(mine, theme_id) == 0:
            return None
        return Items(deps, session, scope, BacklogKind.DOCS, period, found).item(mine, 1)


def _at_home(group: Grouped, theme_id: int) -> int:
    return sum(reading.theme_id == theme_id for reading, _ in group.now)


def page_of(item: BacklogItem) -> str | None:
    """The help page that should have answered, where there is one."""
    return item.facts.page.url if isinstance(item.facts, DocFacts) and item.facts.page is not None else None

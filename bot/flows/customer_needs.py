"""Which accounts wait for an issue, told to a tracker that keeps such requests: once for each, if the operator wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from bot.answers import ThemeCard
from bot.blocks import markdown
from bot.deps import Deps
from bot.flows import cards
from bot.words import count
from integrations.helpdesks.port import HelpdeskError
from integrations.trackers.port import KeepsNeeds, Need, Tracker
from intelligence.model import Account, Scope, Theme
from storage import memberships, people
from storage.tracked_issues import Tracked

log = structlog.get_logger(__name__)

AT_ONCE: Final = 10  # the rest at the next look: each asks the tracker three times


def tell(deps: Deps, tracker: Tracker, row: Tracked, theme: Theme) -> Mapping[str, str]:
    """Write a request for every account that has none yet; the requests by account id. What the tracker refuses is
    logged and tried again at the next look: it never keeps an issue from being followed.
    """
    told = dict(row.needs)
    if not deps.settings.tracker_customers or not isinstance(tracker, KeepsNeeds) or row.ref is None:
        return told
    waiting = [(account, n) for account, n in _accounts(deps, theme) if str(account.id) not in told][:AT_ONCE]
    card = cards.card(deps, _public(theme), theme.key) if waiting else None
    for account, tickets in waiting:
        need = Need(f"ticket-intel-{theme.workspace}-{account.id}", account.name, _body(theme, account, tickets, card))
        try:
            told[str(account.id)] = tracker.add_need(row.ref, need, f"{row.marker}:{account.id}")
        except HelpdeskError as error:
            log.warning("customer_not_told", issue=row.key, reason=str(error))
            break
    return told


def _public(theme: Theme) -> Scope:
    """The tracker reads what everybody may read."""
    return Scope(theme.workspace, channels=frozenset())


def _accounts(deps: Deps, theme: Theme) -> list[tuple[Account, int]]:
    """Known accounts of the theme's tickets with how many each has, the earliest first."""
    with deps.db.read() as session:
        members = memberships.members(session, _public(theme), theme.id)
        ids = [m.account_id for m in sorted(members, key=lambda m: (m.at, m.ticket_id)) if m.account_id is not None]
        found = people.accounts(session, theme.workspace, set(ids))
    return [(found[one], ids.count(one)) for one in dict.fromkeys(ids) if one in found]


def _body(theme: Theme, account: Account, tickets: int, card: ThemeCard | None) -> str:
    """How many tickets there were when it was told, and their words where the theme's card may show them."""
    said = next((quote.text for quote in (card.quotes if card else ()) if quote.who == account.name), "")
    lines = [f"{count(tickets, 'ticket')} in {theme.key} so far.", f"> {markdown.words(said)}" if said else ""]
    return "\n\n".join(line for line in lines if line)

"""`ticket-intel backfill zendesk --since 90d`: asks the running bot to read a helpdesk's past, and says how far it is.

`ticket-intel backfill openai` has the model read by file what the local analyzer read so far.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.errors import BadInput, HelpdeskRefused
from bot.flows import batches, helpdesk_pages
from bot.terminal import Desk, at_work, say
from integrations.helpdesks.port import Helpdesk, HelpdeskError
from intelligence.model import Source

MOST_DAYS = 3650


def backfill_command(name: str, since: str, *, dry_run: bool) -> None:
    """Preview, start or report a backfill. Raises BadInput or HelpdeskRefused."""
    days = _days(since)
    with at_work() as here:
        if name.lower() == "openai":
            _read_by_model(here, days, dry_run=dry_run)
            return
        desks = here.deps.helpdesks.desks
        source = next((one for one in desks if one.value == name.lower()), None)
        if source is None:
            known = ", ".join(desks) or "none"
            raise BadInput(
                problem=f"{name} is not connected (connected: {known}).", fix="Set it up, see docs/integrations.md."
            )
        start = here.deps.clock.now() - timedelta(days=days)
        if dry_run:
            _preview(desks[source], source, start, days)
            return
        if helpdesk_pages.start_backfill(here.deps, here.workspace, source, start):
            say(f"The last {days} days of {source} will be read by the running bot; ask again to see how far it is.")
            return
        found = helpdesk_pages.progress(here.deps, here.workspace, source)
        if found is not None:
            of = f" of {found.total:,}" if found.total is not None else ""
            say(f"{found.listed:,}{of} tickets of {source} listed, {'all of them' if found.done else 'more to come'}.")


def _read_by_model(here: Desk, days: int, *, dry_run: bool) -> None:
    """Tickets that the local analyzer read, asked about by the Batch API."""
    start = here.deps.clock.now() - timedelta(days=days)
    if dry_run:
        count, tokens = batches.preview(here.deps, here.workspace, start)
        say(
            f"{count:,} tickets of the last {days} days, about {tokens:,} tokens at the price of batches. Nothing was sent."
        )
        return
    if batches.start(here.deps, here.workspace, start):
        say(f"The running bot asks the model about the last {days} days by file; ask again to see how far it is.")
        return
    walk = batches.progress(here.deps, here.workspace)
    if walk is not None:
        waits = f"; {len(walk.asked):,} wait at the server" if walk.asked else ""
        held = f"; held up because {walk.reason}" if walk.reason else ""
        say(f"{walk.read:,} tickets read by the model, {walk.kept:,} keep their reading{waits}{held}.")


def _preview(desk: Helpdesk, source: Source, start: datetime, days: int) -> None:
    try:
        count, whole = helpdesk_pages.preview(desk, start)
    except HelpdeskError as error:
        raise HelpdeskRefused(name=source.value, reason=str(error)) from error
    say(
        f"{'' if whole else 'More than '}{count:,} tickets of {source} changed in the last {days} days. Nothing was stored."
    )


def _days(since: str) -> int:
    found = re.fullmatch(r"(\d{1,4})d", since.strip().lower())
    if found is None or not 1 <= int(found[1]) <= MOST_DAYS:
        raise BadInput(problem=f"{since!r} is no number of days.", fix="Write --since 90d.")
    return int(found[1])

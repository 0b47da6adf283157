"""Walking lists that are sorted by the time of the last change, oldest first, while they change.

Pages by number slip: whatever changes meanwhile moves to the end, and one that nobody has seen moves to a page that was
read. So the walk asks anew for what changed since the last entry, and counts pages only among entries of one second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SECOND: Final = timedelta(seconds=1)  # it is asked again, because no vendor says whether "since" includes its second


@dataclass(frozen=True, slots=True)
class Place:
    """How far a walk is: which of the lists, since when, and the page from there on (the first is 1)."""

    number: int
    since: datetime
    page: int = 1

    def onward(self, lists: Sequence[str], began: datetime, newest: datetime | None, *, more: bool) -> str | None:
        """The cursor of what follows a page whose last change was at `newest`; None at the end of the last list."""
        if more and newest is not None and newest - _SECOND > self.since:
            return _written(Place(self.number, newest - _SECOND))
        if more:
            return _written(Place(self.number, self.since, self.page + 1))
        return _written(Place(self.number + 1, began)) if self.number + 1 < len(lists) else None


def place_of(lists: Sequence[str], since: datetime, cursor: str | None) -> Place:
    """Where a cursor stands. One of lists that are not there any more (other settings) begins anew: twice harms not."""
    if cursor is None:
        return Place(0, since)
    number, _, rest = cursor.partition("|")
    page, _, told = rest.partition("|")
    if not number.isdigit() or not page.isdigit() or int(number) >= len(lists):
        return Place(0, since)
    return Place(int(number), datetime.fromisoformat(told), int(page))


def _written(place: Place) -> str:
    return f"{place.number}|{place.page}|{place.since.isoformat()}"

"""Which proposals of the machine wait for a person: those that still mean something and that nobody has refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from bot.answers import Proposal
from bot.edits import Edit
from intelligence.model import Theme
from storage import theme_edits, themes
from storage.theme_events import Event

KIND: Final = "proposal"
_SAME: Final = 0.5  # share of common tickets from which on a split is the one that was dismissed


def waiting(session: Session, workspace: str, theme_ids: Sequence[int] | None = None) -> tuple[Proposal, ...]:
    """The proposals that nobody has decided on, of these themes or of all; the newest of each kind."""
    events = theme_edits.events_of_kind(session, workspace, [KIND])
    if theme_ids is not None:
        events = [event for event in events if _about(event) & set(theme_ids)]
    if not events:
        return ()
    living = themes.load(session, workspace, set().union(*map(_about, events)))
    refused = theme_edits.apart(session, workspace)
    dismissed = [
        set(e.data.get("tickets", ())) for e in theme_edits.events_of_kind(session, workspace, [Edit.DISMISSED])
    ]
    found: dict[tuple[int, int], Proposal] = {}
    for event in events:
        if event.theme_id not in living:
            continue
        made = _proposal(session, event, living[event.theme_id], living, refused, dismissed)
        key = (event.theme_id, int(event.data.get("other", 0)))
        found.pop(key, None)
        if made is not None:
            found[key] = made
    return tuple(found.values())


def _about(event: Event) -> set[int]:
    """The themes that a proposal would change: one, or two to be merged."""
    return {event.theme_id, int(event.data["other"])} if "other" in event.data else {event.theme_id}


def _proposal(
    session: Session,
    event: Event,
    theme: Theme,
    living: dict[int, Theme],
    refused: frozenset[tuple[int, int]],
    dismissed: Sequence[set[int]],
) -> Proposal | None:
    """The proposal as it stands now; None where it has become pointless or somebody has refused it."""
    reason = str(event.data.get("text", "")).split(": ", 1)[-1]
    if "other" in event.data:
        other = living.get(int(event.data["other"]))
        if other is None or other.id == theme.id or (min(theme.id, other.id), max(theme.id, other.id)) in refused:
            return None
        return Proposal(event.id, theme, reason, len(theme_edits.at_home(session, other.id)), other)
    tickets = leaving(session, event, theme)
    if not tickets or any(len(tickets & was) >= _SAME * len(tickets | was) for was in dismissed if was):
        return None
    return Proposal(event.id, theme, reason, len(tickets))


def leaving(session: Session, event: Event, theme: Theme) -> set[int]:
    """The tickets that would leave, without those of which a person said that they belong here."""
    home = set(theme_edits.at_home(session, theme.id))
    kept = {ticket for ticket, must in theme_edits.words_on(session, theme.id).items() if must}
    away = {int(ticket) for part in event.data.get("parts", ()) for ticket in part} & home
    return away - kept if len(away & kept) * 2 < len(away) and away != home else set()

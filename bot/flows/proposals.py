"""What the machine would do with themes that people stand for: shown once, done or dismissed by one click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.edits import Edit, Proposal
from bot.errors import BadInput
from bot.flows import edits, merge, parts, split
from intelligence.model import Scope, Theme
from storage import theme_edits, themes
from storage.themes import Event

KIND: Final = "proposal"
_SAME: Final = 0.5  # share of common tickets from which on a split is the one that was dismissed


def waiting(session: Session, workspace: str, theme_ids: Sequence[int] | None = None) -> tuple[Proposal, ...]:
    """The proposals that nobody has decided on, of these themes or of all; the newest of each kind."""
    living = themes.load(session, workspace)
    refused = theme_edits.apart(session, workspace)
    dismissed = [
        set(e.data.get("tickets", ())) for e in theme_edits.events_of_kind(session, workspace, [Edit.DISMISSED])
    ]
    found: dict[tuple[int, int], Proposal] = {}
    for event in theme_edits.events_of_kind(session, workspace, [KIND]):
        if event.theme_id not in living:
            continue
        made = _proposal(session, event, living[event.theme_id], living, refused, dismissed)
        key = (event.theme_id, int(event.data.get("other", 0)))
        found.pop(key, None)
        if made is not None:
            found[key] = made
    wanted = None if theme_ids is None else set(theme_ids)
    return tuple(p for p in found.values() if wanted is None or {p.theme.id, p.other.id if p.other else 0} & wanted)


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
    leaving = _leaving(session, event, theme)
    if not leaving or any(len(leaving & was) >= _SAME * len(leaving | was) for was in dismissed if was):
        return None
    return Proposal(event.id, theme, reason, len(leaving))


def _leaving(session: Session, event: Event, theme: Theme) -> set[int]:
    """The tickets that would leave, without those of which a person said that they belong here."""
    home = set(theme_edits.at_home(session, theme.id))
    kept = {ticket for ticket, must in theme_edits.words_on(session, theme.id).items() if must}
    leaving = {int(ticket) for part in event.data.get("parts", ()) for ticket in part} & home
    return leaving - kept if len(leaving & kept) * 2 < len(leaving) and leaving != home else set()


def find(deps: Deps, scope: Scope, event: int) -> Proposal:
    """A proposal that nobody has decided on. Raises BadInput."""
    with deps.db.read() as session:
        found = next((p for p in waiting(session, scope.workspace) if p.event == event), None)
    if found is None:
        raise BadInput(problem="This proposal is settled, or there is a newer one.", fix="See `themes` for what waits.")
    return found


def accept(deps: Deps, scope: Scope, event: int, *, by: str) -> Done:
    """Do what was proposed; it can be taken back. Raises BadInput where it is settled."""
    proposal = find(deps, scope, event)
    if proposal.other is not None:
        return merge.merge_themes(deps, scope, proposal.theme.key, proposal.other.key, by=by)
    with deps.db.write() as session:
        stored = themes.event(session, scope.workspace, event)
        assert stored is not None
        leaving = _leaving(session, stored, proposal.theme)
        kept = parts.keep(deps, session, proposal.theme, [parts.Group(tuple(sorted(leaving)))])
    return split.split_theme(deps, scope, proposal.theme.key, 1, by=by, event=kept)


def dismiss(deps: Deps, scope: Scope, event: int, *, by: str) -> Done:
    """Never propose this again: the themes are not the same, or the tickets belong together."""
    proposal = find(deps, scope, event)
    theme, other = proposal.theme, proposal.other
    with deps.db.write() as session:
        now = deps.clock.now()
        stored = themes.event(session, scope.workspace, event)
        assert stored is not None
        if other is not None:
            theme_edits.keep_apart(session, scope.workspace, theme.id, other.id, by=by, now=now)
            themes.seen(session, [theme.id, other.id])
        data = {
            "text": f"kept apart from {other.key}" if other else "kept together against a proposal to split",
            "tickets": [] if other else sorted(_leaving(session, stored, theme)),
            "other": other.id if other else None,
        }
        twins = {other.id: f"kept apart from {theme.key}"} if other else {}
        noted = edits.note(deps, session, theme, Edit.DISMISSED, by, data, twins=twins)
    told = f"{theme.key} and {other.key} stay apart." if other else f"{theme.key} stays together."
    return Done(f"{told} I will not propose it again.", undo=edits.handle(noted), theme=theme)


def take_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str) -> Done:
    """The proposal waits again."""
    if event.data.get("other") is not None:
        theme_edits.allow_together(session, theme.id, int(event.data["other"]))
    return edits.took_back(deps, session, theme, event, by, f"The proposal about {theme.key} waits again.")

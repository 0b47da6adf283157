"""What the machine would do with themes that people stand for: shown once, done or dismissed by one click."""

from __future__ import annotations

from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.edits import Edit, Proposal
from bot.errors import BadInput
from bot.flows import edits, merge, parts, split
from bot.flows.proposed import leaving, waiting
from intelligence.model import Scope, Theme
from storage import theme_edits, theme_events, themes
from storage.theme_events import Event


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
        stored = theme_events.event(session, scope.workspace, event)
        assert stored is not None
        tickets = leaving(session, stored, proposal.theme)
        kept = parts.keep(deps, session, proposal.theme, [parts.Group(tuple(sorted(tickets)))])
    return split.split_theme(deps, scope, proposal.theme.key, 1, by=by, event=kept)


def dismiss(deps: Deps, scope: Scope, event: int, *, by: str) -> Done:
    """Never propose this again: the themes are not the same, or the tickets belong together."""
    proposal = find(deps, scope, event)
    theme, other = proposal.theme, proposal.other
    with deps.db.write() as session:
        now = deps.clock.now()
        stored = theme_events.event(session, scope.workspace, event)
        assert stored is not None
        if other is not None:
            theme_edits.keep_apart(session, scope.workspace, theme.id, other.id, by=by, now=now)
            themes.seen(session, [theme.id, other.id])
        data = {
            "text": f"kept apart from {other.key}" if other else "kept together against a proposal to split",
            "tickets": [] if other else sorted(leaving(session, stored, theme)),
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

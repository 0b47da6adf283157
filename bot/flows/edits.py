"""What every edit of a theme does: look at it alone, refuse to overwrite what is newer, leave a way back.

The newest edit in a theme's lineage is its version. An edit that was prepared on an older one is refused with what
happened since and by whom, so that two people never undo each other unknowingly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlmodel import Session

from bot.answers import Done
from bot.deps import Deps
from bot.edits import Edit
from bot.errors import BadInput, ChangedMeanwhile
from bot.flows import alert, events
from bot.flows.cards import find_theme
from bot.words import actor_words
from intelligence.model import Theme
from storage import alerts, theme_edits, theme_events, themes, workspaces
from storage.theme_events import Event

UNDO_FOR: Final = timedelta(days=7)
_VERSIONED: Final = frozenset({Edit.RENAMED, Edit.PLANNED, Edit.MERGED, Edit.SPLIT, Edit.TOOK_BACK})
_ABOUT_TICKETS: Final = (Edit.MOVED, "same", "not_this")


def handle(event: int) -> str:
    """What `Done.undo` carries for an event of the lineage."""
    return f"event:{event}"


def theme_to_edit(session: Session, workspace: str, *keys: str) -> list[Theme]:
    """The themes that people call by these keys, which nobody else edits until the transaction ends.

    Raises ThemeNotFound.
    """
    theme_edits.lock(session, [find_theme(session, workspace, key).id for key in keys])
    return [find_theme(session, workspace, key) for key in keys]


def version(session: Session, theme_ids: Collection[int]) -> int:
    """The id of the newest edit of these themes, 0 without any."""
    return max((e.id for e in theme_edits.events(session, theme_ids, kinds=_VERSIONED)), default=0)


def check_unchanged(session: Session, edited: Collection[Theme], seen: int | None, *, by: str, redo: str) -> None:
    """Raise ChangedMeanwhile if somebody else edited one of these themes after the version `seen` (None: no matter).

    `redo` is the request line that does the same on top of the newer state.
    """
    if seen is None:
        return
    newer = theme_edits.events(session, [theme.id for theme in edited], after=seen, kinds=_VERSIONED)
    others = [event for event in newer if event.actor != by]
    if others:
        keys = {theme.id: theme.key for theme in edited}
        told = "; ".join(
            f"{keys[e.theme_id]} was {e.data.get('text', e.kind)} by {actor_words(e.actor)}" for e in others
        )
        raise ChangedMeanwhile(changes=told, redo=redo)


def note(
    deps: Deps,
    session: Session,
    theme: Theme,
    kind: Edit,
    by: str,
    data: Mapping[str, Any],
    *,
    twins: Mapping[int, str],
) -> int:
    """Write an edit into the lineage of its theme, the audit, and (with words of their own) of other themes it touched;
    its event id.
    """
    now = deps.clock.now()
    event = theme_events.happened(session, theme.workspace, theme.id, kind, by, data, now)
    about = {"ticket": data["ticket"]} if "ticket" in data else {}
    for theme_id, text in twins.items():
        theme_events.happened(
            session, theme.workspace, theme_id, kind, by, {"text": text, "twin_of": event, **about}, now
        )
    audited = {"event": event, "text": data["text"]}
    workspaces.audit(session, theme.workspace, by, kind, theme.key, audited, now)
    events.theme_event(deps, session, theme.workspace, theme.id, "theme.changed", because=str(event))
    return event


def redraw_alerts(deps: Deps, session: Session, theme: Theme, because: str) -> None:
    """The messages of a theme's living alerts show it as it is now."""
    for episode in alerts.all_living(session, theme.workspace, theme.id):
        alert.redraw(deps, session, theme.workspace, episode.id, because=because)


def in_time(deps: Deps, event: Event) -> None:
    """Raise BadInput where an edit is too old to be taken back."""
    if deps.clock.now() - event.at > UNDO_FOR:
        raise BadInput(
            problem=f"This is more than {UNDO_FOR.days} days old and stands.",
            fix="`merge`, `split`, `rename` and `move` change what is now.",
        )


def no_later(session: Session, event: Event, theme_ids: Collection[int], kinds: Collection[str], key: str) -> None:
    """Raise BadInput where a later edit of these kinds depends on this one, saying which."""
    found = theme_edits.events(session, theme_ids, after=event.id, kinds=kinds)
    depends = [e for e in found if not e.undone and e.data.get("twin_of") != event.id]
    if depends:
        last = depends[-1]
        raise BadInput(
            problem=f"Later, {key} was {last.data.get('text', last.kind)} by {actor_words(last.actor)}.",
            fix="Take that back first.",
        )


def no_moved_ticket(session: Session, event: Event, theme_ids: Collection[int], tickets: Collection[int]) -> None:
    """Raise BadInput where somebody has since decided about one of the tickets alone."""
    later = theme_edits.events(session, theme_ids, after=event.id, kinds=_ABOUT_TICKETS)
    others = [e for e in later if not e.undone and e.data.get("twin_of") != event.id and "ticket" in e.data]
    decided = {int(e.data["ticket"]) for e in others} & set(tickets)
    if decided:
        raise BadInput(problem=f"Somebody has since decided about ticket {min(decided)}.", fix="Take that back first.")


def took_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str, said: str) -> Done:
    """Mark an edit and its twins as taken back, in the lineage too."""
    now = deps.clock.now()
    for twin in theme_edits.events_of_kind(session, theme.workspace, [event.kind]):
        if twin.data.get("twin_of") == event.id:
            theme_events.undone(session, twin.id, now)
    text = f"put back: it had been {event.data.get('text', event.kind)}"
    theme_events.happened(session, theme.workspace, theme.id, Edit.TOOK_BACK, by, {"text": text, "of": event.id}, now)
    redraw_alerts(deps, session, theme, f"took_back:{event.id}")
    return Done(said, theme=themes.get(session, theme.workspace, theme.id))

"""Two themes are one: the first keeps its number, the other leads to it from now on."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session

from bot.answers import Done, Quote
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.edits import Edit, MergePreview
from bot.errors import BadInput
from bot.flows import alert, edits
from bot.flows.cards import find_theme, read_texts
from bot.words import count
from intelligence.model import AlertState, Scope, Theme, ThemeState
from storage import alerts, memberships, theme_edits, themes, watches
from storage.theme_edits import Snapshot
from storage.theme_events import Event

_DEPENDS: Final = (Edit.MERGED, Edit.SPLIT)


def preview(deps: Deps, scope: Scope, key: str, other: str) -> MergePreview:
    """What a merge of `other` into `key` would do. Raises ThemeNotFound; BadInput where they are one already."""
    with deps.db.read() as session:
        kept, absorbed = (find_theme(session, scope.workspace, name) for name in (key, other))
        _check_two(kept, absorbed, other)
        moving, out = _moving(session, kept, absorbed)
        watching = {
            user
            for reason in ("watch", "fixed")
            for user in watches.watchers(session, kept.workspace, absorbed.id, reason)
        }
        return MergePreview(
            kept,
            absorbed,
            len(moving),
            len(out),
            len(alerts.of_theme(session, scope.workspace, absorbed.id)),
            len(watching),
            _quotes(deps, session, scope, kept),
            _quotes(deps, session, scope, absorbed),
            edits.version(session, [kept.id, absorbed.id]),
        )


def merge_themes(deps: Deps, scope: Scope, key: str, other: str, *, by: str, seen: int | None = None) -> Done:
    """Make two themes one; tickets, alerts and watchers follow, and people's words about tickets stay.

    Raises ThemeNotFound, BadInput where they are one already, ChangedMeanwhile.
    """
    with deps.db.write() as session:
        kept, absorbed = edits.theme_to_edit(session, scope.workspace, key, other)
        _check_two(kept, absorbed, other)
        edits.check_unchanged(session, [kept, absorbed], seen, by=by, redo=f"merge {kept.key} {absorbed.key}")
        moving, out = _moving(session, kept, absorbed)
        about = sorted({*moving, *out, *theme_edits.words_on(session, absorbed.id)})
        before = theme_edits.snapshot(session, scope.workspace, about, [kept.id, absorbed.id])
        closed = _close_doubles(deps, session, kept, absorbed)
        data = {
            "text": f"joined by {absorbed.key} “{clean(absorbed.title)}” with {count(len(moving), 'ticket')}",
            "absorbed": absorbed.id,
            "state": absorbed.state,
            "tickets": moving,
            "before": before.as_json(),
            "apart": theme_edits.allow_together(session, kept.id, absorbed.id),
            "closed": [[one.id, one.state] for one in closed],
        }
        event = edits.note(deps, session, kept, Edit.MERGED, by, data, twins={absorbed.id: f"merged into {kept.key}"})
        theme_edits.send_away(session, out, absorbed.id)
        themes.absorb(session, scope.workspace, kept.id, absorbed.id)
        now = deps.clock.now()
        theme_edits.say_many(session, scope.workspace, moving, kept.id, must=True, by=by, now=now)
        themes.seen(session, [kept.id])
        memberships.touched(session, scope.workspace)
        alert.grown(deps, session, scope.workspace, [kept.id])
        edits.redraw_alerts(deps, session, kept, f"merged:{event}")
        size = memberships.size(session, Scope(scope.workspace), kept.id)
    told = f"{absorbed.key} is part of {kept.key} now, which has {count(size, 'ticket')}. {absorbed.key} leads there."
    return Done(told, undo=edits.handle(event), theme=kept)


def take_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str) -> Done:
    """Both themes stand as they did; what came since stays with the one it came to. Raises BadInput."""
    before = Snapshot.of_json(event.data["before"])
    edits.no_later(session, event, before.themes, _DEPENDS, theme.key)
    edits.no_moved_ticket(session, event, before.themes, before.tickets)
    theme_edits.restore(session, theme.workspace, before)
    theme_edits.unmerge(session, theme.workspace, before, ThemeState(event.data["state"]))
    now = deps.clock.now()
    if event.data["apart"]:
        theme_edits.keep_apart(session, theme.workspace, *before.themes, by=by, now=now)
    for alert_id, state in event.data["closed"]:
        alerts.update(session, alert_id, now, state=AlertState(state), closed_at=None)
    memberships.touched(session, theme.workspace)
    freed = themes.get(session, theme.workspace, before.themes[-1])
    assert freed is not None
    alert.grown(deps, session, theme.workspace, before.themes)
    edits.redraw_alerts(deps, session, freed, f"took_back:{event.id}")
    moved = count(len(event.data["tickets"]), "ticket")
    return edits.took_back(
        deps, session, theme, event, by, f"{freed.key} is a theme of its own again, with its {moved}."
    )


def _check_two(kept: Theme, absorbed: Theme, named: str) -> None:
    if kept.id == absorbed.id:
        raise BadInput(problem=f"{named} is {kept.key} already.", fix=f"See `theme {kept.key}`.")


def _moving(session: Session, kept: Theme, absorbed: Theme) -> tuple[list[int], list[int]]:
    """Tickets that go along, and those of which somebody said that they do not belong to the kept theme."""
    refused = {ticket for ticket, must in theme_edits.words_on(session, kept.id).items() if not must}
    home = theme_edits.at_home(session, absorbed.id)
    return [t for t in home if t not in refused], [t for t in home if t in refused]


def _close_doubles(deps: Deps, session: Session, kept: Theme, absorbed: Theme) -> list[alerts.Episode]:
    """Where both have a living alert, that of the absorbed one is closed: one subject, one message."""
    if alerts.living(session, kept.workspace, kept.id) is None:
        return []
    doubles = alerts.all_living(session, kept.workspace, absorbed.id)
    for episode in doubles:
        now = deps.clock.now()
        alerts.update(session, episode.id, now, state=AlertState.CLOSED, closed_at=now)
        alert.redraw(deps, session, kept.workspace, episode.id, because=f"merged_into:{kept.id}")
    return doubles


def _quotes(deps: Deps, session: Session, scope: Scope, theme: Theme) -> tuple[Quote, ...]:
    members = memberships.members(session, scope, theme.id)
    return read_texts(deps, session, scope, [m.ticket_id for m in members[:20]]).quotes[:2]

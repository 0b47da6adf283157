"""A person says that a pattern was missed: what is there of it, why it was silent, and what happens now."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.answers import Candidate, Done
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import quotes, recognize, tell
from bot.flows.names import pseudonyms
from bot.flows.recognize import Question
from bot.flows.report import search
from bot.words import count
from bot.worker import Finish, nothing
from intelligence.model import Scope, Theme, Verdict
from storage import alerts, missed, themes, tickets, watches, workspaces

NEAR = 0.3  # P(same) from which a theme that is hardly the same is worth naming
ALIKE = 0.5  # cosine from which a ticket is one of the pattern
KEPT = timedelta(days=90)
SILENT = timedelta(days=30)


def report(deps: Deps, scope: Scope, text: str, *, by: str) -> Done:
    """Keep what was missed, link it to its theme if there is one, and say why nothing was said of it."""
    found = recognize.known(deps, scope, Question(text))
    if found.verdict is Verdict.NOT_ENOUGH_TEXT or not found.reads:
        raise BadInput(problem="I cannot tell from these words.", fix="Say what customers write, in a sentence.")
    near = found.candidates[0] if found.candidates else None
    best = near if found.best is not None else None
    alike = [hit for hit in search(deps, scope, text).hits if hit.score >= ALIKE]
    now = deps.clock.now()
    with deps.db.write() as session:
        kept = quotes.masked(text, deps.settings.phone_region, pseudonyms(session, scope.workspace))
        theme_id = best.theme.id if best else None
        missed_id = missed.add(session, scope.workspace, kept, theme_id=theme_id, similar=len(alike), by=by, now=now)
        workspaces.audit(session, scope.workspace, by, "missed", f"missed:{missed_id}", {"theme": theme_id}, now)
        if best is not None:
            themes.seen(session, [best.theme.id])
            watches.watch(session, scope.workspace, best.theme.id, by, tell.WATCH, now)
        told = _known(deps, session, best) if best else _unknown(len(alike), near)
        details = _shown(deps, session, scope, [hit.ticket_id for hit in alike[:3]])
    return Done(told, undo=f"missed:{missed_id}", theme=best.theme if best else None, details=details)


def _known(deps: Deps, session: Session, best: Candidate) -> str:
    theme = best.theme
    size = count(best.tickets, "ticket")
    return (
        f"Noted as missed. It looks like {theme.key} {theme.title} ({size}). {_why_silent(deps, session, theme)} "
        f"It counts in `quality`, the night will not dissolve {theme.key}, and I tell you when it gets an alert."
    )


def _why_silent(deps: Deps, session: Session, theme: Theme) -> str:
    episodes = alerts.of_theme(session, theme.workspace, theme.id)
    if episodes:
        opened = episodes[0].opened_at.astimezone(deps.settings.zone)
        return f"An alert about it was opened on {opened:%-d %b}."
    since = deps.clock.now() - SILENT
    reasons = [why for at, _, why, _ in alerts.silences(session, theme.workspace, since) if at == theme.id]
    if reasons:
        return f"No alert was sent: {reasons[0]}."
    return "No alert was sent: its volume stayed within what is usual."


def _shown(deps: Deps, session: Session, scope: Scope, ids: list[int]) -> tuple[str, ...]:
    """The start of these tickets, masked; those whose source shares counts only are left out."""
    loaded = tickets.load(session, scope, ids)
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    people, region = pseudonyms(session, scope.workspace), deps.settings.phone_region
    told = {i: quotes.headline(loaded[i], policies, region, people) for i in ids if i in loaded}
    return tuple(f"“{text}” (ticket {i})" for i, text in told.items() if text)


def _unknown(alike: int, near: Candidate | None) -> str:
    if alike:
        told = f"I found {count(alike, 'ticket')} like it, but no theme of it: one needs five alike within 14 days."
    else:
        told = "I found no ticket like it in the channels that I read."
    if near is not None and near.probability >= NEAR:
        told += f" The nearest theme is {near.theme.key} {near.theme.title}, which I do not take for the same."
    return f"Noted as missed. {told} It counts in `quality`; every night I look again, and tell you when a theme forms."


def undo(deps: Deps, scope: Scope, missed_id: int, *, by: str) -> Done:
    """Take it back. Raises BadInput if it was before."""
    now = deps.clock.now()
    with deps.db.write() as session:
        if missed.get(session, scope.workspace, missed_id) is None or not missed.undone(session, missed_id, now):
            raise BadInput(problem="This was taken back before.", fix="`missed` with words notes it again.")
        workspaces.audit(session, scope.workspace, by, "undo", f"missed:{missed_id}", {}, now)
    return Done("Taken back: it does not count as missed any more.")


def said_by(deps: Deps, workspace: str, missed_id: int) -> str | None:
    """Who told of it; None if there is no such note."""
    with deps.db.read() as session:
        found = missed.get(session, workspace, missed_id)
    return found.by if found else None


def look_again(deps: Deps, workspace: str, *, finish: Finish = nothing) -> int:
    """Link missed patterns to themes that have formed since, and tell who spoke of them; how many were found."""
    with deps.db.read() as session:
        waiting = missed.without_theme(session, workspace, deps.clock.now() - KEPT)
    linked = 0
    for one in waiting:
        answer = recognize.known(deps, Scope(workspace), Question(one.text))
        if answer.best is None:
            continue
        theme = answer.best.theme
        with deps.db.write() as session:
            if missed.found(session, one.id, theme.id):
                linked += 1
                watches.watch(session, workspace, theme.id, one.by, tell.WATCH, deps.clock.now())
                tell.formed(deps, session, workspace, theme.id, one.id, user=one.by)
    with deps.db.write() as session:
        finish(session)
    return linked

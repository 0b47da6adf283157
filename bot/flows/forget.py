"""Forget a customer: their words, what was made of them and their names, wherever they are stored; and for good.

The work is a job that can be interrupted anywhere: each step finds what the last one left, and what must be known
later (numbers of tickets and themes, never a name) is kept in a state row until the end. Tombstones come first, so that
nothing new of the customer slips in while the old is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlmodel import Session

from bot.answers import Done
from bot.answers_privacy import ForgetPreview
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import forget_traces, learn
from bot.flows.reading import enqueue_reading
from bot.words import count
from bot.worker import Finish, nothing
from intelligence.model import Scope
from storage import erasure, memberships, queue, reports, sweep, themes, tombstones, tracked_issues, workspaces
from storage.erasure import Subject

log = structlog.get_logger(__name__)

JOB = "forget"
CHUNK = 25  # tickets erased in one transaction


def preview(deps: Deps, scope: Scope, words: str) -> ForgetPreview:
    """What would go with a customer. Raises BadInput where nobody, or more than one, is called so."""
    with deps.db.read() as session:
        return _preview(session, scope.workspace, _the_one(session, scope.workspace, words))


def _the_one(session: Session, workspace: str, words: str) -> Subject:
    found = erasure.find(session, workspace, words)
    if not found:
        raise BadInput(
            problem="I know no customer of this name, address or id.",
            fix="Give the e-mail address, the id in Slack or the helpdesk, or the account's domain.",
        )
    if len(found) > 1:
        ways = ", ".join(f"`forget {one.handle}`" for one in found[:5])
        raise BadInput(
            problem=f"{len(found)} customers are called so.",
            fix=f"Give the e-mail address or the id instead, or choose: {ways}.",
        )
    return found[0]


def _preview(session: Session, workspace: str, subject: Subject) -> ForgetPreview:
    own = erasure.tickets_of(session, workspace, subject)
    elsewhere = erasure.words_elsewhere(session, workspace, subject)
    touched = erasure.themes_of(session, [*own, *(ticket for _, ticket in elsewhere)])
    known = themes.load(session, workspace, touched)
    tracked = tracked_issues.of_themes(session, workspace, known)
    issues = [issue for theme in sorted(known) for issue in tracked.get(theme, ())]
    return ForgetPreview(
        subject.handle,
        len(subject.customers),
        subject.handle.startswith("account:"),
        len(own),
        len(elsewhere),
        tuple(known[theme].key for theme in sorted(known)),
        len(erasure.alerts_about(session, workspace, own)),
        len(reports.that_count(session, workspace, own)),
        tuple(sorted({mark.source.value for mark in erasure.marks(session, subject) if mark.source is not None})),
        tuple(issue.url for issue in issues if issue.url),
    )


def start(deps: Deps, scope: Scope, words: str, *, by: str) -> Done:
    """Enqueue the forgetting; again while it runs changes nothing. Raises BadInput."""
    with deps.db.write() as session:
        seen = _preview(session, scope.workspace, _the_one(session, scope.workspace, words))
        now = deps.clock.now()
        args = {"workspace": scope.workspace, "subject": seen.handle, "by": by}
        queue.enqueue(
            session, JOB, args, key=f"{JOB}:{scope.workspace}:{seen.handle}", lane=f"{JOB}:{scope.workspace}", now=now
        )
    return Done(
        f"I am forgetting this customer: {_amount(seen)}. `settings` lists it when it is done.",
        details=_left_outside(seen),
    )


def now(deps: Deps, scope: Scope, words: str, *, by: str) -> Done:
    """The same at once, for a terminal. Raises BadInput."""
    with deps.db.read() as session:
        seen = _preview(session, scope.workspace, _the_one(session, scope.workspace, words))
    carry_out(deps, scope.workspace, seen.handle, by=by)
    return Done(f"This customer is forgotten: {_amount(seen)}.", details=_left_outside(seen))


def _amount(seen: ForgetPreview) -> str:
    parts = [
        count(seen.tickets, "ticket"),
        *([count(seen.elsewhere, "message") + " elsewhere"] if seen.elsewhere else []),
    ]
    return " and ".join(parts)


def _left_outside(seen: ForgetPreview) -> tuple[str, ...]:
    """What only people can take back."""
    told = ["Messages in Slack and the helpdesk's own tickets stay where they are: delete them there."]
    told += [f"Look through issues that quote tickets: {', '.join(seen.outside[:5])}."] if seen.outside else []
    return tuple(told)


@dataclass(frozen=True, slots=True)
class _Progress:
    """What was done so far, as numbers; `titles` are names that themes lost, each with its new one."""

    tickets: tuple[int, ...] = ()
    themes: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    messages: int = 0
    reviews: int = 0
    reports: int = 0


def carry_out(deps: Deps, workspace: str, handle: str, *, by: str, finish: Finish = nothing) -> None:
    """Forget whom the handle names; does nothing when that is done already."""
    with deps.db.read() as session:
        subject = erasure.by_handle(session, workspace, handle)
    if subject is None:
        with deps.db.write() as session:
            _drop_progress(session, workspace, handle)
            finish(session)
        return
    with deps.db.write() as session:
        tombstones.bury(session, workspace, erasure.marks(session, subject), deps.clock.now())
    _erase_own(deps, workspace, subject)
    _erase_elsewhere(deps, workspace, subject)
    done = _mend_themes(deps, workspace, subject)
    forget_traces.mend_alerts(deps, workspace, done.tickets, because=handle)
    done = _note(deps, workspace, subject, reports=forget_traces.recount_reports(deps, workspace, done.tickets))
    forget_traces.sweep_words(deps, workspace, subject, done.tickets, dict(done.titles), but=JOB)
    deps.db.vacuum()
    with deps.db.write() as session:
        erasure.erase_people(session, workspace, subject)
        _drop_progress(session, workspace, handle)
        if done.reviews:
            sweep.drop_lessons(session, workspace)
            learn.enqueue(deps, session, workspace, because=f"forgotten:{deps.clock.now().isoformat()}")
        told = {"tickets": len(done.tickets), "messages": done.messages, "reports": done.reports}
        workspaces.audit(session, workspace, by, JOB, "a customer", told, deps.clock.now())
        finish(session)
    deps.db.vacuum()
    log.info("customer_forgotten", **told)


def _erase_own(deps: Deps, workspace: str, subject: Subject) -> None:
    """Their tickets, a chunk in a transaction."""
    while True:
        with deps.db.write() as session:
            chunk = erasure.tickets_of(session, workspace, subject, limit=CHUNK)
            if not chunk:
                return
            _erase_tickets(deps, session, workspace, subject, chunk)
            memberships.touched(session, workspace)


def _erase_tickets(deps: Deps, session: Session, workspace: str, subject: Subject, chunk: Sequence[int]) -> None:
    now = deps.clock.now()
    tombstones.bury(session, workspace, erasure.marks_of_tickets(session, chunk), now)
    touched = erasure.themes_of(session, chunk)
    erased = erasure.erase_tickets(session, chunk, now)
    done = _progress(session, workspace, subject.handle)
    fresh = replace(
        done,
        tickets=(*done.tickets, *chunk),
        themes=tuple(sorted({*done.themes, *touched})),
        messages=done.messages + erased.messages,
        reviews=done.reviews + erased.reviews,
    )
    _keep(deps, session, workspace, subject, fresh)


def _erase_elsewhere(deps: Deps, workspace: str, subject: Subject) -> None:
    """Their words in tickets of others, which are read again without them."""
    with deps.db.read() as session:
        found = erasure.words_elsewhere(session, workspace, subject)
    for message_id, ticket_id in found:
        with deps.db.write() as session:
            touched = erasure.themes_of(session, [ticket_id])
            erased = erasure.erase_message(session, message_id)
            if erased is None:
                continue
            mark, words_left = erased
            tombstones.bury(session, workspace, [mark], deps.clock.now())
            done = _progress(session, workspace, subject.handle)
            done = replace(done, themes=tuple(sorted({*done.themes, *touched})), messages=done.messages + 1)
            _keep(deps, session, workspace, subject, done)
            if not words_left:
                _erase_tickets(deps, session, workspace, subject, [ticket_id])
            else:
                because = f"forgotten:{message_id}"
                enqueue_reading(deps, session, workspace, ticket_id, because=because, text="", at_once=True)
            memberships.touched(session, workspace)


def _mend_themes(deps: Deps, workspace: str, subject: Subject) -> _Progress:
    """Name the touched themes from what is left; each once, in a transaction of its own."""
    while True:
        with deps.db.write() as session:
            done = _progress(session, workspace, subject.handle)
            waiting = [theme for theme in done.themes if theme not in done.named]
            if not waiting:
                return done
            renamed = forget_traces.mend_theme(deps, session, workspace, waiting[0])
            titles = (*done.titles, *([renamed] if renamed else []))
            fresh = replace(done, named=(*done.named, waiting[0]), titles=titles)
            _keep(deps, session, workspace, subject, fresh)


def _note(deps: Deps, workspace: str, subject: Subject, **values: Any) -> _Progress:
    with deps.db.write() as session:
        fresh = replace(_progress(session, workspace, subject.handle), **values)
        _keep(deps, session, workspace, subject, fresh)
    return fresh


def _state(handle: str) -> str:
    return f"{JOB}:{handle}"


def _progress(session: Session, workspace: str, handle: str) -> _Progress:
    stored: Mapping[str, Any] = workspaces.setting(session, workspace, _state(handle)) or {}
    return _Progress(
        tuple(stored.get("tickets", ())),
        tuple(stored.get("themes", ())),
        tuple(stored.get("named", ())),
        tuple((old, new) for old, new in stored.get("titles", ())),
        stored.get("messages", 0),
        stored.get("reviews", 0),
        stored.get("reports", 0),
    )


def _keep(deps: Deps, session: Session, workspace: str, subject: Subject, done: _Progress) -> None:
    told = {name: getattr(done, name) for name in done.__slots__}
    workspaces.put_state(session, workspace, _state(subject.handle), told, deps.clock.now())


def _drop_progress(session: Session, workspace: str, handle: str) -> None:
    workspaces.drop_state(session, workspace, _state(handle))

"""Closing the loop: who reported what is fixed now is told in their own thread, by a person's click, once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from bot.answers import Done
from bot.answers_tracking import Draft, Drafts
from bot.blocks import loop as drawn
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import quotes, rules
from bot.flows.names import pseudonyms
from bot.messenger import Outgoing
from bot.words import count
from intelligence.model import MembershipKind, Scope, Source, Theme, ThemeState, Ticket
from storage import loop_drafts, memberships, outbox, queue, themes, tickets, tracked_issues, workspaces
from storage.loop_drafts import LoopDraft
from storage.outbox import Letter
from storage.tracked_issues import DOCS, Tracked

METHOD: Final = "loop.tell"


class Word(StrEnum):
    """What a person says of a draft."""

    SEND = "send"
    TOLD = "told"
    SKIP = "skip"


_SAID: Final = {
    Word.SEND: "I am telling them in their thread.",
    Word.TOLD: "Noted: they are told, once for this fix.",
    Word.SKIP: "Nobody is told.",
}
FEWEST_OTHERS: Final = 5  # a smaller number could tell who they are
_SHOWN: Final = 20


def begin(deps: Deps, session: Session, theme: Theme, release: str | None) -> int:
    """A draft for every reporter whom nobody told of this fix: their newest home ticket; how many are new."""
    made = 0
    for member in memberships.members(session, Scope(theme.workspace), theme.id):
        if member.kind is MembershipKind.HOME:
            person = f"customer:{member.customer_id}" if member.customer_id else f"ticket:{member.ticket_id}"
            place = (theme.workspace, theme.id, release or "", person, member.ticket_id)
            made += loop_drafts.add(session, *place, deps.clock.now())
    return made


def withdraw(deps: Deps, session: Session, theme_id: int) -> int:
    """It is not fixed after all: nobody is told what was not sent; how many."""
    return loop_drafts.withdraw(session, theme_id, deps.clock.now())


def review(deps: Deps, scope: Scope) -> Drafts:
    """The drafts that wait and that this person may see."""
    with deps.db.read() as session:
        waiting = loop_drafts.waiting(session, scope.workspace)
        shown = [found for draft in waiting[:_SHOWN] if (found := _draft(deps, session, scope, draft)) is not None]
    return Drafts(tuple(shown), len(waiting))


def decide(deps: Deps, scope: Scope, draft_id: int, word: Word, *, by: str) -> Done:
    """Send it, skip it, or take a person's word that they were told where we cannot write.

    Raises BadInput where it was decided before or a check forbids it.
    """
    now = deps.clock.now()
    with deps.db.write() as session:
        row = loop_drafts.get(session, scope.workspace, draft_id)
        draft = _draft(deps, session, scope, row) if row else None
        if row is None or draft is None:
            raise BadInput(problem="This draft is not here any more.", fix="See `loop` for those that wait.")
        _check(draft, word)
        state = loop_drafts.SKIPPED if word is Word.SKIP else loop_drafts.SENT
        if not loop_drafts.decide(session, row.id, state, by=by, now=now):
            raise BadInput(problem="Somebody decided this before.", fix="See `loop` for those that wait.")
        if word is Word.SEND:
            _post(session, row, now)
        workspaces.audit(session, scope.workspace, by, f"loop_{word}", draft.theme.key, {"draft": row.id}, now)
    return Done(_SAID[word], theme=draft.theme)


def _check(draft: Draft, word: Word) -> None:
    """Raises BadInput: nobody is told what is not so, and what was sent here was not told elsewhere."""
    if word is not Word.SKIP and draft.problem:
        raise BadInput(problem=draft.problem, fix="Skip it, or wait until it is so.")
    if word is Word.SEND and draft.copy_only:
        raise BadInput(problem="Its thread is not in Slack.", fix="Copy the text there, then say that they are told.")
    if word is Word.TOLD and not draft.copy_only:
        raise BadInput(problem="Its thread is in Slack.", fix="Send it from here.")


def _post(session: Session, row: LoopDraft, now: datetime) -> None:
    key, payload = f"loop:{row.id}", {"draft": row.id}
    letter = outbox.write(session, row.workspace, key, lane=key, method=METHOD, payload=payload, now=now, subject=key)
    if letter is not None:
        out = f"out:{row.workspace}:{key}"
        queue.enqueue(session, "send", {"letter": letter}, key=f"send:{letter}", lane=out, now=now)


def draw(deps: Deps, session: Session, letter: Letter) -> Outgoing | str:
    """The message as it is true now, or why it is pointless: checked once more before it goes."""
    row = loop_drafts.get(session, letter.workspace, int(letter.payload["draft"]))
    ticket = tickets.one(session, Scope(letter.workspace), row.ticket_id) if row else None
    theme = themes.standing(session, letter.workspace, row.theme_id) if row else None
    if row is None or ticket is None or theme is None or ticket.channel is None or ticket.thread_ts is None:
        return "its ticket is gone"
    if problem := _problem(deps, session, theme, ticket):
        return problem
    shown = drawn.told(_words(deps, session, theme, row, ticket), _page(session, theme))
    return Outgoing(ticket.channel, shown.text, shown.blocks, ticket.thread_ts, letter.key)


def _draft(deps: Deps, session: Session, scope: Scope, row: LoopDraft) -> Draft | None:
    ticket = tickets.one(session, scope, row.ticket_id)
    theme = themes.standing(session, scope.workspace, row.theme_id)
    if ticket is None or theme is None:
        return None
    here = ticket.source is Source.SLACK and ticket.channel is not None and ticket.thread_ts is not None
    text = _words(deps, session, theme, row, ticket)
    problem = _problem(deps, session, theme, ticket)
    return Draft(row.id, theme, text, quotes.link_of(ticket), problem, not here, _page(session, theme))


def _problem(deps: Deps, session: Session, theme: Theme, ticket: Ticket) -> str | None:
    """Nobody hears "fixed" of what is back or reopened, or of a problem that turned out to be another one."""
    home = memberships.home_of(session, ticket.id)
    if home is None or home[0] != theme.id:
        return f"Their ticket is not part of {theme.key} any more."
    since = [m for m in memberships.members(session, Scope(theme.workspace), theme.id) if _after(m, theme.resolved_at)]
    if len(since) >= rules.in_force(deps, session, theme.workspace).policy.regression_tickets:
        return f"{count(len(since), 'ticket')} came since {theme.key} was marked as fixed."
    if theme.resolved_at is None:
        return f"{theme.key} is not marked as fixed."
    if theme.state not in {ThemeState.VERIFYING, ThemeState.QUIET}:
        return f"{theme.key} is not quiet as a fixed theme should be: it is {theme.state}."
    return None


def _after(member: memberships.Member, moment: datetime | None) -> bool:
    return moment is not None and member.at > moment


def _words(deps: Deps, session: Session, theme: Theme, row: LoopDraft, ticket: Ticket) -> str:
    """Their own words, masked, the release, and how many others, counted over everything that is stored."""
    said = quotes.excerpt(ticket, deps.settings.phone_region, pseudonyms(session, row.workspace))
    members = memberships.members(session, Scope(row.workspace), theme.id)
    theirs = {m.who for m in members if m.ticket_id == ticket.id}
    others = len({m.who for m in members if m.who} - theirs)
    whom = f" for you and {others} others" if others >= FEWEST_OTHERS else ""
    if _answered_by(session, theme) is not None:
        told = f"Our help pages answer this now{whom}."
        return f"You asked: “{said}” {told} If something is missing there, please say so here."
    where = f" in {row.release}" if row.release else ""
    return f"You wrote: “{said}” This is fixed{where}{whom}. If it happens again, please answer here."


def _answered_by(session: Session, theme: Theme) -> Tracked | None:
    """The issue for the documentation that is done, where it and no fix decides about the theme."""
    row = tracked_issues.deciding(session, theme.workspace, theme.id)
    return row if row is not None and row.target == DOCS and row.status == "done" else None


def _page(session: Session, theme: Theme) -> str | None:
    row = _answered_by(session, theme)
    return row.page if row else None

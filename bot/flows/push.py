"""One quiet line by itself where a ticket is surely known and there is something to say: per channel, off by default."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlmodel import Session

from bot.blocks import push as drawn
from bot.deps import Deps
from bot.flows import cards, recognize, routing
from bot.flows.recognize import Question
from bot.messenger import Outgoing
from bot.preferences import PUSH
from bot.worker import Finish, nothing
from intelligence.model import Role, Scope, ThemeState, Ticket, Verdict
from storage import outbox, queue, theme_links, themes, tickets, workspaces
from storage.outbox import Letter

JOB: Final = "push"
METHOD: Final = "known.push"
SURE: Final = 0.95  # P(same) from which it is said unasked


def ask(deps: Deps, session: Session, workspace: str, ticket_ids: Collection[int]) -> None:
    """Enqueue a look at live tickets of the channels that want it, once a ticket for ever."""
    wanted = set(workspaces.setting(session, workspace, PUSH, []))
    if not wanted:
        return
    now = deps.clock.now()
    live = tickets.live_of(session, workspace, ticket_ids)
    for ticket in tickets.load(session, Scope(workspace), live).values():
        if ticket.channel in wanted and ticket.thread_ts:
            work = {"workspace": workspace, "ticket": ticket.id}
            queue.enqueue(session, JOB, work, key=f"{JOB}:{workspace}:{ticket.id}", now=now, priority=2)


def consider(deps: Deps, workspace: str, ticket_id: int, *, finish: Finish = nothing) -> bool:
    """Write the line where the verdict is Known, at least 95% sure, with a status, workaround or page; whether it was."""
    with deps.db.read() as session:
        ticket = tickets.one(session, Scope(workspace), ticket_id)
        scope = routing.scope_of(session, workspace, ticket.channel) if ticket else Scope(workspace)
    answer = recognize.known(deps, Scope(workspace), Question(ticket_id=ticket_id)) if ticket is not None else None
    best = answer.best if answer is not None else None
    said = False
    with deps.db.write() as session:
        sure = answer is not None and answer.verdict is Verdict.KNOWN and answer.probability >= SURE
        if ticket is not None and answer is not None and best is not None and sure and _tells(best):
            to = _reader(session, ticket)
            if to is not None:
                payload = {"ticket": ticket.id, "theme": best.theme.id, "sure": answer.probability, "to": to}
                said = _write(deps, session, scope, ticket, payload)
        finish(session)
    return said


def _tells(card: cards.ThemeCard) -> bool:
    """Whether there is anything that spares an agent work."""
    fixing = card.theme.state in {ThemeState.FIXING, ThemeState.VERIFYING} or bool(card.theme.issue_key)
    return fixing or bool(card.theme.roadmap) or card.workaround is not None or recognize.explaining(card) is not None


def _reader(session: Session, ticket: Ticket) -> str | None:
    """The thread (""), or the agent who answers in it where customers read; None where nobody has answered yet."""
    if ticket.channel is not None and not routing.customers_read(session, ticket.workspace, ticket.channel):
        return ""
    return next((m.author for m in reversed(ticket.messages) if m.role is Role.AGENT and m.author[:1] in "UW"), None)


def _write(deps: Deps, session: Session, scope: Scope, ticket: Ticket, payload: dict[str, object]) -> bool:
    now, lane = deps.clock.now(), f"push:{ticket.id}"
    letter = outbox.write(session, scope.workspace, lane, lane=lane, method=METHOD, payload=payload, now=now)
    if letter is not None:
        work = {"letter": letter}
        queue.enqueue(session, "send", work, key=f"send:{letter}", lane=f"out:{scope.workspace}:{lane}", now=now)
    return letter is not None


def draw(deps: Deps, session: Session, letter: Letter) -> Outgoing | str:
    """The line as it is true now, or why it is pointless."""
    ticket = tickets.one(session, Scope(letter.workspace), int(letter.payload["ticket"]))
    theme = themes.get(session, letter.workspace, int(letter.payload["theme"]))
    if ticket is None or ticket.channel is None or theme is None:
        return "the ticket or its theme is gone"
    if ticket.channel not in workspaces.setting(session, letter.workspace, PUSH, []):
        return "the channel does not want it any more"
    if theme_links.word_of(session, ticket.id, theme.id) is False:
        return "a person said that it is another subject"
    card = cards.card_of(deps, session, Scope(letter.workspace), theme)
    shown = drawn.line(card, float(letter.payload["sure"]), ticket.id)
    to = str(letter.payload["to"])
    place, thread = (f"@{to}", None) if to else (ticket.channel, ticket.thread_ts)
    return Outgoing(place, shown.text, shown.blocks, thread, letter.key)

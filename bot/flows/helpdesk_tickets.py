"""A helpdesk's ticket becomes ours, or changes ours: once per ref, once per message, and never more than it shows."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import ingest
from bot.flows.importing import company_domain
from bot.flows.reading import enqueue_reading
from integrations.helpdesks.port import HelpdeskTicket, Person, Said
from integrations.slack import ticket_ref
from intelligence.gate import judge
from intelligence.model import DecidedBy, RequestVerdict, Role, Source, TicketState
from intelligence.segments import banded
from storage import helpdesk_tickets, memberships, messages, people, tickets, tombstones, turns

_SOURCES = {source.value: source for source in Source}
_NONE = RequestVerdict.NOT_REQUEST


def store(deps: Deps, session: Session, workspace: str, ticket: HelpdeskTicket) -> ingest.Taken:
    """Store or change a ticket within the caller's transaction; the same ticket again changes nothing."""
    now = deps.clock.now()
    turns.take_turn(session, turns.arrivals(workspace))
    if _forgotten(session, workspace, ticket, now):
        return ingest.Taken(None, ingest.FORGOTTEN)
    ticket_id, joined = _found(session, workspace, ticket, now)
    fresh = ticket_id is None
    if ticket_id is None:
        if ticket.internal:
            return ingest.Taken(None, "our own issue, or the team's without a word of a customer")
        if not any(said.text and not said.erased for said in ticket.messages):
            return ingest.Taken(None, "a ticket without text")
        ticket_id = _open(session, workspace, ticket, now)
    elif helpdesk_tickets.facts(session, ticket_id).redacted:
        return ingest.Taken(ticket_id, "deleted before")
    _add_refs(session, workspace, ticket, ticket_id)
    customer = _adopt(session, workspace, ticket, ticket_id, now)
    heard = [said for said in ticket.messages if _say(session, workspace, ticket, ticket_id, said, customer, now)]
    changed = _forget_missing(session, ticket, ticket_id, now) or bool(heard) or joined
    helpdesk_tickets.drop_announcements(session, ticket_id, now)
    changed = _follow_state(session, ticket, ticket_id, heard, now) or changed
    if ticket.internal and tickets.set_request(session, ticket_id, _NONE, DecidedBy.MACHINE, now):
        memberships.touched(session, workspace)
    if not changed:
        return ingest.Taken(ticket_id, None if fresh else "nothing changed")
    if not ticket.internal:
        _judge_again(session, ticket_id, now)
    memberships.touched(session, workspace)
    said = "\n".join(one.text for one in heard if one.role is Role.CUSTOMER)
    because = f"{ticket.external_id}@{ticket.as_of.isoformat()}"
    enqueue_reading(deps, session, workspace, ticket_id, because=because, text=said, at_once=bool(ticket.solved))
    return ingest.Taken(ticket_id, new_ticket=fresh)


def erase(deps: Deps, session: Session, workspace: str, source: Source, external_id: str) -> ingest.Taken:
    """The helpdesk deleted a ticket: so do we. One that we never saw is remembered, so that a late delivery of it does
    not bring it back.
    """
    now = deps.clock.now()
    turns.take_turn(session, turns.arrivals(workspace))
    if is_buried(session, workspace, source, external_id):
        return ingest.Taken(None, ingest.FORGOTTEN)
    ticket_id = tickets.find(session, workspace, source, external_id)
    if ticket_id is None:
        new = tickets.NewTicket(source, now, placeholder=True)
        ticket_id = tickets.open_ticket(session, workspace, new, now)
        tickets.add_ref(session, workspace, source, external_id, ticket_id)
    if helpdesk_tickets.facts(session, ticket_id).redacted:
        return ingest.Taken(ticket_id, "deleted before")
    helpdesk_tickets.erase(session, ticket_id, now)
    memberships.touched(session, workspace)
    return ingest.Taken(ticket_id)


def is_buried(session: Session, workspace: str, source: Source, external_id: str) -> bool:
    """Whether this ticket was of a forgotten customer: it is not even asked for again."""
    return bool(tombstones.buried(session, workspace, [tombstones.ticket(source, external_id)]))


def _forgotten(session: Session, workspace: str, ticket: HelpdeskTicket, now: datetime) -> bool:
    """Whether a ticket is of a forgotten customer; one that was never seen is remembered like the others."""
    own = [tombstones.ticket(source, ref) for source, ref in _refs(ticket)]
    person = ticket.requester
    who = [tombstones.person(ticket.source, person.external_id)] if person is not None else []
    who += [tombstones.mail(person.email)] if person is not None and person.email else []
    if not tombstones.refused(session, workspace, ticket.at, [*own, *who]):
        return False
    tombstones.bury(session, workspace, own, now)
    return True


def _found(session: Session, workspace: str, ticket: HelpdeskTicket, now: datetime) -> tuple[int | None, bool]:
    """The ticket behind the helpdesk's own ref, the address that a Slack notification told, or a ref from before it was
    moved; if these are several they become one, which is told.
    """
    refs = (tickets.find(session, workspace, source, ref) for source, ref in _refs(ticket))
    first, *others = [*dict.fromkeys(one for one in refs if one is not None)] or [None]
    for other in others:
        if first is not None and other is not None:
            tickets.merge(session, workspace, first, other, now)
    return first, bool(others)


def _refs(ticket: HelpdeskTicket) -> list[tuple[Source, str]]:
    address = ticket_ref(ticket.url) if ticket.url else None
    told = [(_SOURCES.get(address.provider, Source.NOTIFICATION), "/".join(address.key))] if address else []
    before = [(ticket.source, ref) for ref in ticket.formerly]
    return [(ticket.source, ticket.external_id), *told, *before]


def _add_refs(session: Session, workspace: str, ticket: HelpdeskTicket, ticket_id: int) -> None:
    for source, ref in _refs(ticket):
        tickets.add_ref(session, workspace, source, ref, ticket_id, url=ticket.url)


def _open(session: Session, workspace: str, ticket: HelpdeskTicket, now: datetime) -> int:
    said = "\n".join(m.text for m in ticket.messages if m.role is Role.CUSTOMER and not m.private)
    verdict = judge(f"{ticket.subject}\n{said}").verdict
    new = tickets.NewTicket(
        ticket.source,
        ticket.at,
        subject=ticket.subject,
        # Unless it clearly is none: the helpdesk has already let it in.
        request=verdict if verdict is not RequestVerdict.UNSURE else RequestVerdict.REQUEST,
        segments=ticket.segments,
        area=ticket.area,
        url=ticket.url,
        history=now - ticket.at > ingest.HISTORY_AGE,
    )
    return tickets.open_ticket(session, workspace, new, now)


def _adopt(session: Session, workspace: str, ticket: HelpdeskTicket, ticket_id: int, now: datetime) -> int | None:
    """Note what the helpdesk knows of the ticket; whose it is. Segments are those of the first time we heard."""
    values: dict[str, object] = {"placeholder": False}
    if ticket.subject:
        values["subject"] = ticket.subject
    if ticket.url:
        values["url"] = ticket.url
    customer = None
    if ticket.requester is not None:
        customer, account = _who(session, workspace, ticket.source, ticket.requester, now)
        if helpdesk_tickets.facts(session, ticket_id).customer_id != customer:
            segments = banded({**people.segments(session, account), **ticket.segments})
            values |= {"customer_id": customer, "account_id": account, "segments": segments}
    tickets.update(session, ticket_id, now, **values)
    return customer


def _who(session: Session, workspace: str, source: Source, person: Person, now: datetime) -> tuple[int, int | None]:
    """The requester as a customer, and the account: the organisation, else the mail domain of a company."""
    organisation = person.organisation or company_domain(person.email)
    account = None
    if organisation:
        account = people.account_id(
            session,
            workspace,
            organisation.lower(),
            now,
            name=organisation,
            plan=person.plan or None,
            attributes=person.attributes,
        )
    customer = people.customer_id(
        session,
        workspace,
        source,
        person.external_id,
        now,
        name=person.name,
        email=person.email or None,
        account=account,
    )
    return customer, account or people.account_of(session, customer)


def _say(
    session: Session,
    workspace: str,
    ticket: HelpdeskTicket,
    ticket_id: int,
    said: Said,
    customer: int | None,
    now: datetime,
) -> bool:
    """Add, rewrite or erase one message; False if it is stored like this already."""
    known = messages.find(session, workspace, ticket.source, said.key)
    if known is not None and known.deleted:
        return False
    if said.erased:
        return known is not None and messages.redact(session, known.id, now) is not None
    if known is not None:
        return helpdesk_tickets.rewrite(session, known.id, text=said.text, private=said.private, now=now)
    new = messages.NewMessage(
        ticket.source,
        said.key,
        said.role,
        said.text,
        said.at,
        author=said.author,
        customer_id=customer if said.role is Role.CUSTOMER else None,
        permalink=said.url or ticket.url,
        private_note=said.private,
    )
    return bool(said.text) and messages.add(session, workspace, ticket_id, new, now) is not None


def _forget_missing(session: Session, ticket: HelpdeskTicket, ticket_id: int, now: datetime) -> bool:
    """What is stored and not shown any more was deleted there; only a whole ticket lets us conclude so."""
    if not ticket.whole:
        return False
    shown = {said.key for said in ticket.messages}
    prefixes = tuple(f"{ref}#" for ref in (ticket.external_id, *ticket.formerly))
    stored = helpdesk_tickets.standing(session, ticket_id, ticket.source)
    missing = [found for key, found in stored.items() if key.startswith(prefixes) and key not in shown]
    for message_id in missing:
        messages.redact(session, message_id, now)
    return bool(missing)


def _follow_state(session: Session, ticket: HelpdeskTicket, ticket_id: int, heard: list[Said], now: datetime) -> bool:
    """Solved there is resolved here. Open there reopens what was resolved before: not what has only gone quiet."""
    if ticket.solved:
        return tickets.resolve(session, ticket_id, min(ticket.as_of, now))
    stored = helpdesk_tickets.facts(session, ticket_id)
    if stored.state is not TicketState.RESOLVED or ticket.solved is None:
        return False
    asked_again = any(said.role is Role.CUSTOMER for said in heard)
    if asked_again or (stored.resolved_at is not None and ticket.as_of > stored.resolved_at):
        return tickets.reopen(session, ticket_id, now)
    return False


def _judge_again(session: Session, ticket_id: int, now: datetime) -> None:
    """More words may make a request of what was none, never the other way round."""
    if tickets.request_of(session, ticket_id) is RequestVerdict.REQUEST:
        return
    if judge(messages.customer_text(session, ticket_id)).verdict is RequestVerdict.REQUEST:
        tickets.set_request(session, ticket_id, RequestVerdict.REQUEST, DecidedBy.MACHINE, now)

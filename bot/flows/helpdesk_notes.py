"""What agents read beside a ticket in their helpdesk: of which theme it is, what helps, how the fix stands. Internal notes
and a tag, on by HELPDESK_NOTES, never public; only for themes that people have seen.

Helpdesks cannot change a note, so a new one is added when what it tells has changed: not for a count or a title, and at
most once a day unless the theme is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlmodel import Session

from bot.answers import ThemeCard
from bot.blocks.parts import clean
from bot.deps import Deps
from bot.flows import cards, helpdesk
from bot.words import count, people
from bot.worker import Finish, nothing
from integrations.helpdesks.port import HelpdeskError, TakesNotes, Unavailable
from integrations.marks import new_mark
from intelligence.model import Scope, Source, ThemeState
from storage import helpdesk_notes, queue, themes
from storage.helpdesk_notes import Candidate, Note

log = structlog.get_logger(__name__)

SPOKEN_OF = timedelta(days=30)  # older open tickets are left alone
AGAIN = timedelta(days=1)
MOST = 50  # new notes a tick: helpdesks answer only so many requests a minute
FEWEST = 2  # tickets that make a theme worth telling


@dataclass(frozen=True, slots=True)
class Telling:
    """What a note says (`paragraphs`), the tag beside it, and a digest of what makes it worth a new note."""

    tag: str | None
    said: str
    paragraphs: tuple[str, ...]


def plan(deps: Deps, workspace: str, *, finish: Finish = nothing) -> int:
    """Write the intents for open tickets whose note is missing or old, each with its job; how many."""
    now = deps.clock.now()
    desks = {source: desk for source, desk in deps.helpdesks.desks.items() if isinstance(desk, TakesNotes)}
    with deps.db.read() as session:
        found = helpdesk_notes.candidates(session, workspace, desks, now - SPOKEN_OF)
        mine = [one for one in found if deps.helpdesks.desks[one.source].owns(one.external_id)]
        told = _tellings(deps, session, workspace, mine)
    wanted = [(one, telling) for one in mine if (telling := _wanted(deps, one, told)) is not None][:MOST]
    with deps.db.write() as session:
        for one, telling in wanted:
            mark = new_mark()
            helpdesk_notes.want(session, workspace, one, mark=mark, said=telling.said, tag=telling.tag, now=now)
            queue.enqueue(
                session,
                "helpdesk_note",
                {"workspace": workspace, "source": one.source.value, "external_id": one.external_id},
                key=f"helpdesk_note:{workspace}:{mark}",
                lane=helpdesk.lane(workspace, one.source, one.external_id),
                now=now,
                priority=3,
            )
        finish(session)
    return len(wanted)


def _tellings(deps: Deps, session: Session, workspace: str, found: list[Candidate]) -> dict[int, Telling]:
    """What is to be told of each theme; those that nobody has seen, or that have gone quiet, are not there."""
    told: dict[int, Telling] = {}
    for theme_id in {one.theme_id for one in found if one.theme_id is not None}:
        theme = themes.standing(session, workspace, theme_id)
        if theme is None or theme.provisional or theme.state is ThemeState.QUIET:
            continue
        card = cards.card_of(deps, session, Scope(workspace, channels=frozenset()), theme)
        if card.tickets >= FEWEST:
            told[theme_id] = telling_of(card)
    return told


def telling_of(card: ThemeCard) -> Telling:
    """The note for a ticket of this theme, from public places alone."""
    theme = card.theme
    first = f"Part of {theme.key}: {clean(theme.title)}"
    counts = f"{count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}."
    parts = [first, counts]
    helped = card.workaround.text if card.workaround is not None else ""
    if card.workaround is not None:
        parts.append(f"Workaround, from {count(card.workaround.threads, 'thread')}: {clean(helped)}")
    issue = f"{theme.issue_key} {theme.issue_url or ''}".strip() if theme.issue_key else ""
    if issue:
        parts.append(f"Issue: {issue}")
    stands = {ThemeState.FIXING: "A fix is on its way.", ThemeState.VERIFYING: "It is fixed, and being watched."}
    if theme.state in stands:
        parts.append(stands[theme.state])
    digest = hashlib.blake2b(
        "\x1f".join((theme.key, helped, issue, stands.get(theme.state, ""))).encode(), digest_size=8
    )
    return Telling(f"ticket-intel-{theme.key.lower()}", digest.hexdigest(), tuple(parts))


def _wanted(deps: Deps, one: Candidate, told: Mapping[int, Telling]) -> Telling | None:
    """What to write on a ticket now; None if its note is as it should be, on its way, or of today."""
    telling, note = told.get(one.theme_id) if one.theme_id is not None else None, one.note
    if note is None:
        return telling
    rested = deps.clock.now() - note.at >= AGAIN
    if note.state != helpdesk_notes.WRITTEN:  # on its way, or refused: what did not arrive in a day is tried again
        return telling if rested else None
    if telling is None:
        gone = one.theme_id is None and note.tag is not None
        return _no_more(note) if gone else None
    return telling if note.said != telling.said and (rested or note.tag != telling.tag) else None


def _no_more(note: Note) -> Telling:
    key = (note.tag or "").removeprefix("ticket-intel-").upper()
    return Telling(None, "none", (f"No longer part of {key}.",))


def write(deps: Deps, workspace: str, source: Source, external_id: str, *, finish: Finish = nothing) -> bool:
    """Write a wanted note and its tag, once: after a try whose end nobody knows the note is looked for first. Whether
    it stands there. Raises TryLater.
    """
    with deps.db.write() as session:
        note = helpdesk_notes.begin(session, workspace, source, external_id)
    desk = deps.helpdesks.desk(source)
    if note is None or not isinstance(desk, TakesNotes):
        with deps.db.write() as session:
            finish(session)
        return False
    telling = _telling_now(deps, workspace, note)
    try:
        there = bool(note.attempts) and desk.has_note(external_id, note.mark)
        if not there:
            desk.add_note(external_id, telling.paragraphs, note.mark)
        desk.retag(external_id, note.retagged, note.tag)
    except Unavailable as error:
        raise helpdesk.as_ours(error, source) from error
    except HelpdeskError as error:  # closed, gone, or not allowed: the ticket stays as it is
        log.warning("note_refused", source=source.value, reason=str(error))
        with deps.db.write() as session:
            helpdesk_notes.refused(session, workspace, source, external_id, str(error), deps.clock.now())
            finish(session)
        return False
    with deps.db.write() as session:
        said = note.said if there else telling.said
        helpdesk_notes.written(session, workspace, source, external_id, note.mark, said, deps.clock.now())
        finish(session)
    return True


def _telling_now(deps: Deps, workspace: str, note: Note) -> Telling:
    """What is true now of the theme that the note was wanted for."""
    key = (note.retagged or "").removeprefix("ticket-intel-").upper()
    if not key:
        return _no_more(note)
    return telling_of(cards.card(deps, Scope(workspace, channels=frozenset()), key))

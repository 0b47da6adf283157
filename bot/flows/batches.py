"""Let the model read the past by the Batch API: half the price, within a day, within the day's tokens.

The past was read by the local analyzer, so nothing waits for it. One batch at a time: ask, look every ten minutes, take
the answers over, ask the next. A ticket that changed meanwhile, or whose answer cannot be used, keeps its reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import analyze
from bot.learning import Batchable
from bot.worker import Finish, nothing
from integrations.openai import MAX_ANSWER_TOKENS, ModelReply
from integrations.openai_batch import BatchStatus
from integrations.openai_errors import ModelError, Unsupported
from intelligence.model import Analysis
from intelligence.prompts.request import ModelRequest
from storage import queue, rereadings, workspaces

log = structlog.get_logger(__name__)

JOB: Final = "batch"
KEY: Final = "batch:reading"
LOOK_AGAIN: Final = timedelta(minutes=10)
MOST: Final = 2_000  # tickets of one file
CHUNK: Final = 100
_BY_A_MODEL: Final = "openai:"
_CHARACTERS_A_TOKEN: Final = 3


@dataclass(frozen=True, slots=True)
class Walk:
    """How far it is. `batch` waits at the server with `asked` (ticket ids to content keys), `reserved` tokens of `day`."""

    since: str
    begun: str
    after: int = 0
    step: int = 0
    read: int = 0
    kept: int = 0
    tokens: int = 0
    done: bool = False
    reason: str | None = None
    batch: str | None = None
    edition: str = ""
    asked: Mapping[str, str] = field(default_factory=dict[str, str])
    reserved: int = 0
    day: str = ""


def preview(deps: Deps, workspace: str, since: datetime) -> tuple[int, int]:
    """How many tickets would be read, and about how many tokens that costs. Raises BadInput without a model."""
    reader = _reader(deps, workspace)
    if reader is None:
        raise BadInput(problem="The local analyzer reads tickets, and it asks no model.", fix="Set ANALYZER=openai.")
    tickets = tokens = after = 0
    while found := _next(deps, workspace, since, after):
        asked = _questions(deps, workspace, reader, found)
        tickets, tokens, after = tickets + len(asked), tokens + sum(map(_estimate, asked.values())), found[-1]
    return tickets, tokens


def start(deps: Deps, workspace: str, since: datetime) -> bool:
    """Begin; False while one is under way. Raises BadInput without a model."""
    if _reader(deps, workspace) is None:
        raise BadInput(problem="The local analyzer reads tickets, and it asks no model.", fix="Set ANALYZER=openai.")
    now = deps.clock.now()
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, timezone=deps.settings.timezone)
        before = _walk(session, workspace)
        if before is not None and not before.done:
            return False
        walk = Walk(since.isoformat(), now.isoformat())
        _keep(deps, session, workspace, walk)
        _enqueue(deps, session, workspace, walk)
    return True


def progress(deps: Deps, workspace: str) -> Walk | None:
    """How far the last one is; None where there was none."""
    with deps.db.read() as session:
        return _walk(session, workspace)


def step(deps: Deps, workspace: str, number: int, *, finish: Finish = nothing) -> None:
    """One step: ask, or look and take over; does nothing if it was done before."""
    with deps.db.read() as session:
        walk = _walk(session, workspace)
    reader = _reader(deps, workspace)
    if walk is None or walk.done or walk.step != number:
        after, wait = walk, timedelta(0)
    elif reader is None:
        after, wait = replace(walk, done=True, reason="the local analyzer reads now"), timedelta(0)
    else:
        try:
            after, wait = _look(deps, workspace, reader, walk) if walk.batch else _ask(deps, workspace, reader, walk)
        except Unsupported as error:
            after, wait = replace(walk, done=True, reason=str(error)), timedelta(0)
        except ModelError as error:  # a server that is away for an hour does not end a day's work
            log.warning("batch_later", reason=str(error))
            after, wait = replace(walk, reason=str(error)), LOOK_AGAIN
    with deps.db.write() as session:
        if after is not None and after is not walk:
            _spend(session, workspace, walk, after)
            moved = replace(after, step=number + 1)
            _keep(deps, session, workspace, moved)
            if not moved.done:
                _enqueue(deps, session, workspace, moved, wait=wait)
        finish(session)


def _ask(deps: Deps, workspace: str, reader: Batchable, walk: Walk) -> tuple[Walk, timedelta]:
    """Send the next file: at most half of what is left of the day's tokens, because new tickets come first."""
    now = deps.clock.now()
    day = now.astimezone(UTC).date().isoformat()
    found = _next(deps, workspace, datetime.fromisoformat(walk.since), walk.after)
    if not found:
        return replace(walk, done=True, reason=None), timedelta(0)
    with deps.db.read() as session:
        left = (deps.settings.openai_daily_tokens - workspaces.tokens_of_day(session, day)) // 2
        keys = rereadings.keys_of(session, workspace, found)
    chosen: dict[str, ModelRequest] = {}
    reserved, last = 0, walk.after
    questions = _questions(deps, workspace, reader, found)
    for ticket in found:
        cost = _estimate(questions[ticket]) if ticket in questions else 0
        if reserved + cost > left:
            break
        last, reserved = ticket, reserved + cost
        if ticket in questions:
            chosen[str(ticket)] = questions[ticket]
    if not chosen and last == walk.after:
        tomorrow = (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
        return replace(walk, reason="the day's tokens are used up"), tomorrow - now
    if not chosen:
        return replace(walk, after=last, reason=None), timedelta(0)
    model = reader.batches()
    try:
        batch = model.submit(chosen)
    finally:
        model.close()
    asked = {ticket: keys[int(ticket)] for ticket in chosen}
    name = next(iter(chosen.values())).version
    changed = replace(walk, after=last, batch=batch, edition=name, asked=asked, reserved=reserved, day=day, reason=None)
    return changed, LOOK_AGAIN


def _look(deps: Deps, workspace: str, reader: Batchable, walk: Walk) -> tuple[Walk, timedelta]:
    """Ask how far the file is; take its answers over when it is done, or when the server gave it up."""
    assert walk.batch is not None
    model = reader.batches()
    try:
        status: BatchStatus = model.status(walk.batch)
        if not status.ended:
            return replace(walk, reason=None), LOOK_AGAIN
        answers = model.collect(status)
    finally:
        model.close()
    read = 0
    tickets = [int(ticket) for ticket in walk.asked]
    replies = {int(name): answer for name, answer in answers.items() if name in walk.asked}
    for at in range(0, len(tickets), CHUNK):
        read += _take_over(deps, workspace, reader, walk, tickets[at : at + CHUNK], replies)
    tokens = sum(answer.usage.total for answer in replies.values())
    return (
        replace(
            walk,
            batch=None,
            asked={},
            read=walk.read + read,
            kept=walk.kept + len(tickets) - read,
            tokens=walk.tokens + tokens,
            reason=None,
        ),
        timedelta(0),
    )


def _take_over(
    deps: Deps,
    workspace: str,
    reader: Batchable,
    walk: Walk,
    tickets: Sequence[int],
    replies: Mapping[int, ModelReply | ModelError],
) -> int:
    """Store what the answers to these tickets say, where they still are what was asked about."""
    talks = analyze.conversations(deps, workspace, tickets)
    asked = [ticket for ticket in tickets if ticket in talks and isinstance(replies.get(ticket), ModelReply)]
    seconds = reader.local([talks[ticket] for ticket in asked])
    made: dict[int, Analysis] = {}
    for ticket, second in zip(asked, seconds, strict=True):
        reply, question = replies[ticket], reader.question(talks[ticket])
        same = question is not None and question.version == walk.edition
        found = reader.answered(talks[ticket], second, reply) if same and isinstance(reply, ModelReply) else "changed"
        if not isinstance(found, str):
            made[ticket] = found
    return analyze.improve(deps, workspace, made, {int(ticket): key for ticket, key in walk.asked.items()})


def _questions(deps: Deps, workspace: str, reader: Batchable, tickets: Sequence[int]) -> dict[int, ModelRequest]:
    """What would be asked about these tickets; those without words, or that may not be sent, are left out."""
    talks = analyze.conversations(deps, workspace, tickets)
    asked = {
        ticket: reader.question(talk)
        for ticket, talk in talks.items()
        if any(message.text.strip() for message in talk.messages)
    }
    return {ticket: question for ticket, question in asked.items() if question is not None}


def _estimate(request: ModelRequest) -> int:
    return request.characters // _CHARACTERS_A_TOKEN + MAX_ANSWER_TOKENS


def _next(deps: Deps, workspace: str, since: datetime, after: int) -> list[int]:
    with deps.db.read() as session:
        return rereadings.not_by(session, workspace, since, _BY_A_MODEL, after=after, limit=MOST)


def _reader(deps: Deps, workspace: str) -> Batchable | None:
    reader = deps.readers.of(workspace)
    return reader if isinstance(reader, Batchable) else None


def _spend(session: Session, workspace: str, before: Walk | None, after: Walk) -> None:
    """Reserve a file's tokens when it is sent; when it is back, count what it really cost in their place."""
    if before is None:
        return
    if after.batch and not before.batch:
        workspaces.add_usage(session, workspace, after.day, KEY, after.reserved, 0)
    elif before.batch and not after.batch:
        workspaces.add_usage(session, workspace, before.day, KEY, after.tokens - before.tokens - before.reserved, 0)


def _walk(session: Session, workspace: str) -> Walk | None:
    kept = workspaces.setting(session, workspace, KEY)
    return Walk(**kept) if kept else None


def _keep(deps: Deps, session: Session, workspace: str, walk: Walk) -> None:
    workspaces.put_state(session, workspace, KEY, asdict(walk), deps.clock.now())


def _enqueue(deps: Deps, session: Session, workspace: str, walk: Walk, *, wait: timedelta = timedelta(0)) -> None:
    now = deps.clock.now()
    queue.enqueue(
        session,
        JOB,
        {"workspace": workspace, "step": walk.step},
        key=f"{JOB}:{workspace}:{walk.begun}:{walk.step}",
        lane=f"{JOB}:{workspace}",
        priority=5,
        now=now,
        run_at=now + wait,
    )

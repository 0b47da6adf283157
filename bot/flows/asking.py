"""A question in free words, answered by a model that looks things up with the verbs, read-only and as the asker may see.

Figures, quotes and themes of what it says are held against the records that it names; what none bears out is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from bot.answers_asked import Asked
from bot.deps import Deps
from bot.errors import TicketIntelError
from bot.floor import floored
from bot.flows.ask import Asker, ask
from bot.flows.asking_records import Records
from bot.flows.asking_tools import read_call, tools
from bot.flows.names import pseudonyms
from bot.grammar import render
from bot.learning import NotRead, Talker, Turns
from bot.words_asked import cannot_tell
from intelligence.asking import Statement, held, statements_in, statements_of
from intelligence.prompts import load
from intelligence.prompts.data import fenced, neutral
from intelligence.prompts.tools import ANSWER, ToolCall, ToolRequest
from intelligence.redact import find_spans, redact
from intelligence.replies import BadReply

log = structlog.get_logger(__name__)

MOST_CALLS: Final = 4
MOST_QUESTION: Final = 1_000
PATIENCE: Final = timedelta(seconds=60)  # no further turn after so long: the asker waits


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why the model has no answer, as a clause after "because"."""

    reason: str


def asked(deps: Deps, asker: Asker, question: str, *, customers_read: bool = False) -> Asked | Unanswered | None:
    """The model's checked answer, why there is none, or None where no model is configured. Where customers read along,
    it is told no words that one of them alone said.
    """
    talker = deps.readers.untaught(asker.scope.workspace)
    if not isinstance(talker, Talker):
        return None
    try:
        records = Records(_masks(deps, asker.scope.workspace), floored if customers_read else None)
        said = _talk(deps, asker, talker.calls(), records, _question(deps, records, question))
        return _answer(records, said, talker.name)
    except (NotRead, BadReply) as error:
        log.warning("question_not_answered", workspace=asker.scope.workspace, reason=str(error))
        return Unanswered(str(error))


def _masks(deps: Deps, workspace: str) -> Callable[[str], str]:
    with deps.db.read() as session:
        people = pseudonyms(session, workspace)
    return lambda text: neutral(redact(text, people=people, region=deps.settings.phone_region).text)


def _question(deps: Deps, records: Records, question: str) -> str:
    text = records.masked(question[:MOST_QUESTION])
    if find_spans(text, region=deps.settings.phone_region):
        raise NotRead("personal data in the question could not be masked")
    return fenced({"question": text})


def _talk(deps: Deps, asker: Asker, turns: Turns, records: Records, question: str) -> tuple[Statement, ...]:
    prompt, begun = load("asking"), deps.clock.now()
    request = ToolRequest(prompt.version, prompt.text, question, tools())
    while True:
        turn = turns.turn(request)
        if turn.call is None:
            return statements_in(turn.text)
        if turn.call.name == ANSWER:
            return statements_of(turn.call.arguments)
        if request.last:
            raise NotRead("the model only looked things up and gave no answer")
        if deps.clock.now() - begun > PATIENCE:
            raise NotRead("the model took too long")
        done = (*request.done, (turn.call, _looked_up(deps, asker, records, turn.call)))
        request = replace(request, done=done, last=len(done) >= MOST_CALLS)


def _looked_up(deps: Deps, asker: Asker, records: Records, call: ToolCall) -> str:
    """The result of a call as data, or the sentence that a person would read."""
    try:
        request = read_call(call)
        return fenced(records.told(ask(deps, asker, request), render(request)))
    except TicketIntelError as error:
        return fenced({"error": records.masked(error.sentence)})


def _answer(records: Records, said: tuple[Statement, ...], by: str) -> Asked | Unanswered:
    kept, dropped = held(said, records.facts())
    if dropped:
        log.warning("statements_dropped", dropped=dropped, kept=len(kept))
    if not kept:
        return Unanswered("nothing that it said is borne out by the tickets" if said else "it found no answer")
    used = list(dict.fromkeys(number for one in kept for number in one.evidence))
    places = {number: place for place, number in enumerate(used, 1)}
    statements = tuple(Statement(one.text, tuple(places[n] for n in one.evidence)) for one in kept)
    proofs = tuple(replace(records.proof(number), number=places[number]) for number in used)
    return Asked(statements, proofs, tuple(records.lines), cannot_tell(_speaking(records, used)), by, dropped)


def _speaking(records: Records, used: list[int]) -> int:
    """How many tickets the evidence rests on: the largest count among it, since counts can share tickets."""
    counts = [records.tickets[number] for number in used if number in records.tickets]
    return max(counts, default=len(records.singles.intersection(used)))

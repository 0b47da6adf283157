"""A request line to something that can be posted: grammar -> flow -> blocks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import exports, grammar
from bot.answers_asked import Asked
from bot.answers_evidence import EvidenceList
from bot.answers_mining import Backlog, RiskList
from bot.blocks.message import Rendered
from bot.desk import Desk
from bot.errors import BadInput
from bot.floor import floored
from bot.flows import asking, routing
from bot.flows.ask import Asker, ask
from bot.flows.asking import Unanswered
from bot.grammar import Request
from bot.listeners import drawing
from bot.listeners.places import customers_read, stored_as_shared
from bot.verbs.parts import Where
from intelligence.model import Scope

# without this argument the verb only shows
_TELLING = {"channel": "role", "settings": "name", "areas": "action", "candidate": "act"}
_LOOKING = {"candidate": "show"}  # and with this value of it, too
_ROOMS = frozenset("CG")  # first letters of channels; direct messages are of nobody else's


def private(desk: Desk, user: str, channel: str | None, line: str) -> Rendered:
    """The answer for one person, with what they may see. Raises TicketIntelError."""
    return _answer(desk, user, channel, line, desk.scope(user), shared=False)


def public(desk: Desk, user: str, channel: str | None, line: str) -> Rendered:
    """The answer for everybody in a channel, with what all of them may see. Raises TicketIntelError.

    Where customers read, nobody but the asker is answered: names of themes and counts tell of other customers.
    """
    return _answer(desk, user, channel, line, _everybody(desk, channel), shared=True)


def by_model(desk: Desk, user: str, channel: str | None, words: str, *, shared: bool) -> Asked | Unanswered | None:
    """What the model answers to a question in free words, looking up what the asker, or all in the channel, may see.
    None where there is no model.
    """
    scope = _everybody(desk, channel) if shared else desk.scope(user)
    outside = channel is not None and stored_as_shared(desk, channel)
    return asking.asked(desk.deps, _asker(desk, user, scope), words, customers_read=outside)


def _everybody(desk: Desk, channel: str | None) -> Scope:
    if channel is not None and channel[:1] in _ROOMS and customers_read(desk, channel):
        raise BadInput(problem="Customers read this channel.", fix="Share it in an internal channel instead.")
    with desk.deps.db.read() as session:
        return routing.scope_of(session, desk.workspace, channel)


def _asker(desk: Desk, user: str, scope: Scope) -> Asker:
    return Asker(scope, user, desk.persona(user), connected=True, where=Where.SLACK)


def markdown(desk: Desk, user: str, line: str) -> str:
    """A backlog as Markdown, with what this person may see. Raises TicketIntelError."""
    request = grammar.parse(line)
    desk.check(user, request.verb)
    answer = ask(desk.deps, _asker(desk, user, desk.scope(user)), request)
    if not isinstance(answer, Backlog | RiskList | EvidenceList):
        raise BadInput(problem=f"`{request.verb}` cannot be copied.", fix="Use Share here instead.")
    return exports.as_markdown(answer)


@dataclass(frozen=True, slots=True)
class Found:
    """A request and the value that answers it."""

    request: Request
    answer: object


def found(desk: Desk, user: str, channel: str | None, line: str) -> Found:
    """The value that answers one person, with what they may see. Raises TicketIntelError."""
    return _found(desk, user, channel, line, desk.scope(user))


def drawn(desk: Desk, channel: str | None, found: Found, *, shared: bool = False) -> Rendered:
    """The value as a message."""
    outside = channel is not None and stored_as_shared(desk, channel)
    answer = floored(found.answer) if outside else found.answer
    return drawing.draw(answer, found.request, shared=shared, customers_read=outside)


def _answer(desk: Desk, user: str, channel: str | None, line: str, scope: Scope, *, shared: bool) -> Rendered:
    if shared and grammar.parse(line).verb == "review":
        raise BadInput(problem="Review cards are for one person.", fix="Type `/ticket-intel review` for yours.")
    if shared and grammar.parse(line).verb == "backtest":
        raise BadInput(problem="A backtest is for one person.", fix="Type `/ticket-intel backtest` for yours.")
    return drawn(desk, channel, _found(desk, user, channel, line, scope), shared=shared)


def _found(desk: Desk, user: str, channel: str | None, line: str, scope: Scope) -> Found:
    request = _here(grammar.parse(line), channel)
    if request.verb and _changes(request):
        desk.check(user, request.verb)
    return Found(request, ask(desk.deps, _asker(desk, user, scope), request))


def _changes(request: Request) -> bool:
    """Looking is for everybody, where a verb both shows and changes."""
    telling = _TELLING.get(request.verb)
    if telling is None:
        return True
    if request.verb == "channel" and "quotes" in request.filters:
        return True
    return telling in request.args and request.args[telling].casefold() != _LOOKING.get(request.verb)


def _here(request: Request, channel: str | None) -> Request:
    """`channel` without a name means the one it was typed in."""
    if request.verb == "channel" and channel and channel[:1] in _ROOMS and "channel" not in request.args:
        return replace(request, args={**request.args, "channel": channel})
    return request

"""A request of the grammar, answered: the one switch between verbs and flows.

Slack's and the terminal's own matters (modals, buttons, progress bars, starting the bot) are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import area_grammar
from bot.answers import Period
from bot.answers_mining import BacklogKind
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import (
    area_proposals,
    areas,
    articles,
    backtest,
    candidate,
    channels,
    forget,
    issue_requests,
    merge,
    missed,
    move,
    periods,
    preferences,
    quality,
    rename,
    review,
    split,
    tell,
    tracking,
    undo,
)
from bot.flows.alert_list import list_alerts
from bot.flows.backlogs import backlog
from bot.flows.cards import card
from bot.flows.recognize import Question, known
from bot.flows.report import ThemesRequest, health, list_themes, search
from bot.flows.reports.reporting import ReportRequest, report
from bot.flows.resolve import add_release, resolve_theme
from bot.flows.risk import risk
from bot.flows.roadmap import evidence
from bot.flows.why import why
from bot.grammar import Request
from bot.help import help_for, help_on
from bot.verbs.parts import Persona, Where
from intelligence.model import ChannelRole, QuotePolicy, Scope
from storage import workspaces


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks and what they may see; `connected` is whether Slack is there, `where` from where they ask. `progress` hears
    how far a long answer is.
    """

    scope: Scope
    name: str
    persona: Persona = Persona.ADMIN
    connected: bool = False
    where: Where = Where.CLI
    progress: Callable[[int], None] | None = None


Answer = Callable[[Deps, Asker, Request], object]


def ask(deps: Deps, asker: Asker, request: Request) -> object:
    """The value of bot/answers*.py that answers a request. Raises BadInput, ThemeNotFound, TicketNotFound."""
    if not request.verb:
        return help_for(asker.persona)
    return _ANSWERS[request.verb](deps, asker, request)


def _themes(deps: Deps, asker: Asker, request: Request) -> object:
    wanted = ThemesRequest(request.args.get("period", "7d"), request.filters, request.page)
    return list_themes(deps, asker.scope, wanted)


def _resolve(deps: Deps, asker: Asker, request: Request) -> object:
    return resolve_theme(deps, asker.scope, request.args["theme"], request.args.get("release"), by=asker.name)


def _release(deps: Deps, asker: Asker, request: Request) -> object:
    return add_release(deps, asker.scope, request.args["name"], _moment(deps, request), by=asker.name)


def _watch(deps: Deps, asker: Asker, request: Request) -> object:
    if asker.where is not Where.SLACK:
        raise BadInput(
            problem="I can only tell people in Slack.",
            fix=f"Type `/ticket-intel watch {request.args['theme']}` there.",
        )
    return tell.watch(deps, asker.scope, request.args["theme"], user=asker.name)


def _channel(deps: Deps, asker: Asker, request: Request) -> object:
    """Every channel, one channel, or the change of one."""
    workspace, named, role = asker.scope.workspace, request.args.get("channel"), request.args.get("role")
    with deps.db.read() as session:
        found = workspaces.channels(session, workspace)
    words = request.filters.get("quotes")
    if named is None and role is None and words is None:
        return tuple(channels.view(deps, workspace, channel.id) for channel in found)
    chosen = next((c.id for c in found if named is not None and named.lstrip("#") in {c.id, c.name}), None)
    if chosen is None:
        raise BadInput(
            problem=f"{named or 'A channel'} is not among the channels I know.",
            fix="Invite me there in Slack, or name it: `channel #support support`.",
        )
    shown = QuotePolicy(words) if words else None
    if role is not None:
        return channels.choose(deps, workspace, chosen, ChannelRole(role), by=asker.name, quotes=shown)
    if shown is not None:
        return channels.share_words(deps, workspace, chosen, shown, by=asker.name)
    return channels.view(deps, workspace, chosen)


def _areas(deps: Deps, asker: Asker, request: Request) -> object:
    action, value = request.args.get("action"), request.args.get("value", "")
    if action is None:
        return areas.listing(deps, asker.scope)
    if action == "propose":
        return area_proposals.propose(deps, asker.scope)
    if action == "reassign":
        return areas.reassign(deps, asker.scope, area_grammar.days_of(value), by=asker.name)
    if action == "undo":
        return areas.undo(deps, asker.scope, int(value), by=asker.name)
    return areas.typed(deps, asker.scope, request, by=asker.name)


def _settings(deps: Deps, asker: Asker, request: Request) -> object:
    name = request.args.get("name")
    if name is None:
        return preferences.settings(deps, asker.scope.workspace)
    return issue_requests.setting(deps, asker.scope, name, request.args.get("value"), by=asker.name)


def _review(deps: Deps, asker: Asker, request: Request) -> object:
    answer = request.args.get("answer")
    if answer is None:
        return review.next_card(deps, asker.scope, by=asker.name)
    return review.typed(deps, asker.scope, answer, request.args.get("label"), by=asker.name)


def _candidate(deps: Deps, asker: Asker, request: Request) -> object:
    act, what = request.args.get("act", "").casefold(), request.args.get("what", "")
    match act:
        case "":
            return candidate.overview(deps, asker.scope)
        case "try":
            return candidate.attempt(deps, asker.scope, what, by=asker.name, at_once=asker.where is not Where.SLACK)
        case "show":
            return candidate.show(deps, asker.scope, number(what, "candidate"))
        case "use":
            force = "force" in request.filters
            return candidate.use(deps, asker.scope, number(what, "candidate"), by=asker.name, force=force)
        case "back":
            return candidate.back(deps, asker.scope, by=asker.name)
        case _:
            raise BadInput(
                problem=f'"{act[:40]}" is nothing to do with a candidate.',
                fix="Type `candidate try triage.v2`, `candidate show 3`, `candidate use 3` or `candidate back`.",
            )


def _report(deps: Deps, asker: Asker, request: Request) -> object:
    return report(deps, asker.scope, ReportRequest(request.args.get("period", "week"), "fresh" in request.filters))


def _evidence(deps: Deps, asker: Asker, request: Request) -> object:
    return evidence(deps, asker.scope, _mined_period(deps, request), request.args.get("subject"), page=request.page)


def _article(deps: Deps, asker: Asker, request: Request) -> object:
    """Every article, or a new one."""
    key, url = request.args.get("theme"), request.args.get("url")
    if key is None:
        return articles.listing(deps, asker.scope)
    if url is None:
        raise BadInput(
            problem="An article has an address.", fix=f"For example: `article {key} https://help.example/a`."
        )
    return articles.went_live(deps, asker.scope, key, url, _moment(deps, request), by=asker.name)


def _moment(deps: Deps, request: Request) -> datetime | None:
    """The time that was given, in the team's zone."""
    moment = request.args.get("at")
    at = datetime.fromisoformat(moment) if moment else None
    return at.replace(tzinfo=deps.settings.zone) if at is not None and at.tzinfo is None else at


def _rename(deps: Deps, asker: Asker, request: Request) -> object:
    key, title = request.args["theme"], request.args.get("title")
    return rename.rename_theme(deps, asker.scope, key, title, by=asker.name) if title else _form(deps, asker, key)


def _plan(deps: Deps, asker: Asker, request: Request) -> object:
    key, when = request.args["theme"], request.args.get("when")
    return rename.plan_theme(deps, asker.scope, key, when, by=asker.name) if when else _form(deps, asker, key)


def _form(deps: Deps, asker: Asker, key: str) -> object:
    return rename.form(deps, asker.scope, key)


def _merge(deps: Deps, asker: Asker, request: Request) -> object:
    one, other = request.args["theme"], request.args["other"]
    if "confirm" in request.filters:
        return merge.merge_themes(deps, asker.scope, one, other, by=asker.name)
    return merge.preview(deps, asker.scope, one, other)


def _split(deps: Deps, asker: Asker, request: Request) -> object:
    part = number(request.args["part"], "part") if "part" in request.args else None
    if part is not None and "confirm" in request.filters:
        return split.split_theme(deps, asker.scope, request.args["theme"], part, by=asker.name)
    return split.preview(deps, asker.scope, request.args["theme"], part)


def _move(deps: Deps, asker: Asker, request: Request) -> object:
    ticket, target = int(request.args["ticket"]), request.args.get("target")
    if target is None:
        return move.form(deps, asker.scope, ticket)
    return move.move_ticket(deps, asker.scope, ticket, target, by=asker.name)


def _undo(deps: Deps, asker: Asker, request: Request) -> object:
    return undo.undo(deps, asker.scope, number(request.args["change"], "change"), by=asker.name)


def _forget(deps: Deps, asker: Asker, request: Request) -> object:
    words = request.args["customer"]
    if "confirm" not in request.filters:
        return forget.preview(deps, asker.scope, words)
    act = forget.start if asker.where is Where.SLACK else forget.now
    return act(deps, asker.scope, words, by=asker.name)


def _backtest(deps: Deps, asker: Asker, request: Request) -> object:
    """In Slack the result comes later; a terminal waits for it."""
    asked = backtest.Asked(request.args.get("period", backtest.USUAL), request.filters)
    if asker.where is Where.SLACK:
        return backtest.start(deps, asker.scope, asked, by=asker.name)
    return backtest.backtest(deps, asker.scope, asked, by=asker.name, progress=asker.progress)


def number(word: str, name: str) -> int:
    """A typed number. Raises BadInput."""
    if not (word.isascii() and word.isdigit() and len(word) <= 9):
        raise BadInput(problem=f"A {name} is a number.", fix=f"For example: `{name} 2`.")
    return int(word)


#: What a backlog looks at unless a period is named.
USUAL_PERIODS: Mapping[str, str] = (
    dict.fromkeys((*BacklogKind, "risk"), "30d") | {"bugs": "7d"} | dict.fromkeys(("usecases", "evidence"), "90d")
)


def _backlog(kind: BacklogKind) -> Answer:
    def answer(deps: Deps, asker: Asker, request: Request) -> object:
        period = _mined_period(deps, request)
        with deps.db.read() as session:
            return backlog(deps, session, asker.scope, kind, period, request.filters, page=request.page)

    return answer


def _mined_period(deps: Deps, request: Request) -> Period:
    named = request.args.get("period", USUAL_PERIODS[request.verb])
    return periods.parse(named, deps.clock.now(), deps.settings.zone)


def _risk(deps: Deps, asker: Asker, request: Request) -> object:
    period = _mined_period(deps, request)
    with deps.db.read() as session:
        return risk(deps, session, asker.scope, period, request.filters, page=request.page)


_ANSWERS: Mapping[str, Answer] = {
    "themes": _themes,
    "theme": lambda deps, asker, request: card(deps, asker.scope, request.args["theme"]),
    "known": lambda deps, asker, request: known(deps, asker.scope, Question(request.args["text"])),
    "search": lambda deps, asker, request: search(deps, asker.scope, request.args["text"]),
    "report": _report,
    **{kind.value: _backlog(kind) for kind in BacklogKind},
    "risk": _risk,
    "evidence": _evidence,
    "article": _article,
    "why": lambda deps, asker, request: why(deps, asker.scope, request.args["subject"]),
    "resolve": _resolve,
    "release": _release,
    "rename": _rename,
    "plan": _plan,
    "merge": _merge,
    "split": _split,
    "move": _move,
    "undo": _undo,
    "forget": _forget,
    "watch": _watch,
    "link": lambda deps, asker, request: tracking.link(
        deps, asker.scope, request.args["theme"], request.args["issue"], by=asker.name
    ),
    "issue": lambda deps, asker, request: issue_requests.issue(deps, asker.scope, request, by=asker.name),
    "loop": lambda deps, asker, request: issue_requests.waiting(deps, asker.scope, request, by=asker.name),
    "channel": _channel,
    "areas": _areas,
    "alerts": lambda deps, asker, _request: list_alerts(deps, asker.scope),
    "backtest": _backtest,
    "settings": _settings,
    "review": _review,
    "candidate": _candidate,
    "quality": lambda deps, asker, _request: quality.quality(deps, asker.scope),
    "missed": lambda deps, asker, request: missed.report(deps, asker.scope, request.args["text"], by=asker.name),
    "health": lambda deps, asker, _request: health(deps, asker.scope.workspace, connected=asker.connected),
    "help": lambda _deps, asker, request: help_on(request.args.get("verb"), where=asker.where),
}

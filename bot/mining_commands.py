"""`ticket-intel gaps --export FILE` and `ticket-intel docs import PATH`: what the terminal adds to the verbs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlmodel import Session

from bot import exports, words
from bot.answers import Period
from bot.answers_mining import Backlog, BacklogKind, RiskList
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import periods
from bot.flows.ask import USUAL_PERIODS
from bot.flows.backlogs import backlog
from bot.flows.import_customers import import_customers
from bot.flows.import_docs import import_docs
from bot.flows.risk import risk
from bot.flows.roadmap import evidence
from bot.grammar import Request, parse
from bot.terminal import at_work, progress_bar, say, show
from bot.verbs.parts import Where
from intelligence.model import Scope, Source


def export_answer(line: str, path: Path) -> None:
    """Write the whole backlog, every page of it, to a file. Raises BadInput or FileUnreadable."""
    request = replace(parse(line, where=Where.CLI), page=1)
    if path.suffix.lower() not in exports.ENDINGS:
        raise BadInput(problem=f"{path.name} has no ending I know.", fix="Name it .md, .csv or .json.")
    with at_work() as desk:
        now, zone = desk.deps.clock.now(), desk.deps.settings.zone
        period = periods.parse(request.args.get("period", USUAL_PERIODS[request.verb]), now, zone)
        with desk.deps.db.read() as session:
            found = _whole(desk.deps, session, Scope(desk.workspace), request, period)
    exports.export(found, path)
    rows = len(found.items if isinstance(found, Backlog) else found.lines)
    noun = "customer" if isinstance(found, RiskList) else "item"
    say(f"{path}: {words.count(rows, noun)}, {words.period(period.name)}")


def _whole(deps: Deps, session: Session, scope: Scope, request: Request, period: Period) -> exports.Answer:
    """Every page of an answer at once."""
    if request.verb == "evidence":
        return evidence(deps, scope, period, request.args.get("subject"), size=None)
    if request.verb == "risk":
        return risk(deps, session, scope, period, request.filters, size=None)
    return backlog(deps, session, scope, BacklogKind(request.verb), period, request.filters, size=None)


def bring_customers(path: Path, source: str, *, past: bool, as_json: bool) -> None:
    """Import a customer list, and say what was stored. Raises FileUnreadable, and BadInput for an unknown source."""
    if source not in set(Source):
        raise BadInput(problem=f'"{source[:40]}" is no source.', fix=f"Use {', '.join(Source)}.")
    with at_work() as desk:
        made = import_customers(desk.deps, desk.workspace, path, source=Source(source), past=past)
    if as_json:
        show(made, as_json=True)
        return
    facts = [words.count(made.people, "person", "people"), words.count(made.accounts, "account")]
    facts += [f"{made.unknown:,} in no ticket so far"] if made.unknown else []
    facts += [f"{made.repeated:,} said twice"] if made.repeated else []
    facts += [f"{made.refused:,} refused"] if made.refused else []
    facts += [f"{made.forgotten:,} forgotten and left out"] if made.forgotten else []
    facts += [f"{words.count(made.filled, 'earlier ticket')} filled"] if past else []
    say(f"{made.path}: {', '.join(facts)}")
    for problem in made.problems:
        say(f"  {problem}")


def bring_docs(path: Path, *, as_json: bool) -> None:
    """Import help pages or searches, and say what was stored. Raises FileUnreadable."""
    with at_work() as desk, progress_bar(quiet=as_json) as progress:
        made = import_docs(desk.deps, desk.workspace, path, progress=progress)
    if as_json:
        show(made, as_json=True)
        return
    plural = "searches" if made.what == "search" else "pages"
    facts = [f"{words.count(made.stored, made.what, plural)} stored"]
    facts += [f"{made.known:,} known before"] if made.known else []
    facts += [f"{made.refused:,} refused"] if made.refused else []
    say(f"{made.path}: {', '.join(facts)}")
    for problem in made.problems:
        say(f"  {problem}")

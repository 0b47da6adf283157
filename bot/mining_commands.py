"""`ticket-intel gaps --export FILE` and `ticket-intel docs import PATH`: what the terminal adds to the verbs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot import exports, words
from bot.answers_mining import Backlog, BacklogKind, RiskList
from bot.errors import BadInput
from bot.flows import periods
from bot.flows.ask import USUAL_PERIODS
from bot.flows.backlogs import backlog
from bot.flows.import_docs import import_docs
from bot.flows.risk import risk
from bot.grammar import parse
from bot.terminal import at_work, progress_bar, say, show
from bot.verbs import Where
from intelligence.model import Scope


def export_answer(line: str, path: Path) -> None:
    """Write the whole backlog, every page of it, to a file. Raises BadInput or FileUnreadable."""
    request = replace(parse(line, where=Where.CLI), page=1)
    if path.suffix.lower() not in exports.ENDINGS:
        raise BadInput(problem=f"{path.name} has no ending I know.", fix="Name it .md, .csv or .json.")
    with at_work() as desk:
        now, zone = desk.deps.clock.now(), desk.deps.settings.zone
        period = periods.parse(request.args.get("period", USUAL_PERIODS[request.verb]), now, zone)
        with desk.deps.db.read() as session:
            scope = Scope(desk.workspace)
            found: Backlog | RiskList = (
                risk(desk.deps, session, scope, period, request.filters, size=None)
                if request.verb == "risk"
                else backlog(desk.deps, session, scope, BacklogKind(request.verb), period, request.filters, size=None)
            )
    exports.export(found, path)
    rows = len(found.lines if isinstance(found, RiskList) else found.items)
    say(
        f"{path}: {words.count(rows, 'customer' if isinstance(found, RiskList) else 'item')}, {words.period(period.name)}"
    )


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

"""How backlogs are said: the same short words in Slack, on the command line and in exports. No markup, no escaping."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers_mining import Backlog, BacklogItem, BacklogKind, RiskLine, RiskList
from bot.words import change, count, people, percent, sparkline
from intelligence.mining.bug_patterns import BugFacts
from intelligence.mining.documentation_gaps import DocFacts, DocWork
from intelligence.mining.expectations import ExpectationFacts
from intelligence.mining.feature_gaps import GapFacts
from intelligence.mining.mention import Phrase
from intelligence.mining.use_cases import UseFacts
from intelligence.mining.ux_friction import FrictionFacts
from intelligence.model import ChurnRisk

TITLES: dict[BacklogKind, str] = {
    BacklogKind.GAPS: "Feature gaps",
    BacklogKind.FRICTION: "Where people get stuck",
    BacklogKind.DOCS: "Documentation backlog",
    BacklogKind.BUGS: "Bug patterns",
    BacklogKind.EXPECTATIONS: "Promises that misled",
    BacklogKind.USECASES: "Uses nobody planned",
}
_MEANS: dict[BacklogKind, str] = {
    BacklogKind.GAPS: "ask for what does not exist",
    BacklogKind.FRICTION: "struggle with what works",
    BacklogKind.DOCS: "ask what a page should answer",
    BacklogKind.BUGS: "report something broken",
    BacklogKind.EXPECTATIONS: "expected something else",
    BacklogKind.USECASES: "use it for something else",
}
_RANKED: dict[BacklogKind, str] = {
    BacklogKind.FRICTION: "ranked by frequency and severity",
    BacklogKind.BUGS: "ranked by severity, then customers",
    BacklogKind.DOCS: "ranked by the customers a page would have helped",
}
RISK_WORDS: dict[ChurnRisk, str] = {
    ChurnRisk.HIGH: "likely to leave",
    ChurnRisk.MEDIUM: "may leave",
    ChurnRisk.LOW: "frustrated",
}
Labelled = tuple[str, str]


def totals(answer: Backlog) -> str:
    """ "34 of 847 tickets ask for what does not exist, 21 customers"."""
    told = f"{answer.tickets:,} of {count(answer.of_tickets, 'ticket')} {_MEANS[answer.kind]}"
    return f"{told}, {people(answer.customers, answer.unknown)}"


def below(answer: Backlog) -> str:
    """How the list came about, and what stands in no item."""
    facts = [_RANKED.get(answer.kind, "ranked by customers")]
    if answer.alone:
        facts.append(f"{count(answer.alone, 'ticket')} resembling no other")
    if answer.kind is BacklogKind.DOCS:
        facts.append(
            f"{count(answer.docs_pages, 'help page')} known"
            if answer.docs_pages
            else "no help pages known: `ticket-intel docs import PATH`"
        )
    return " · ".join(facts)


def facts_line(item: BacklogItem) -> list[str]:
    """Tickets, customers, trend, where, and what marks the kind."""
    facts = [count(item.tickets, "ticket"), people(item.customers, item.unknown), change(item.change)]
    facts += [item.area] if item.area else []
    match item.facts:
        case FrictionFacts() as found:
            facts.insert(0, f"{found.severity.value} friction")
        case BugFacts() as found:
            facts.insert(0, str(found.judgement.severity))
        case DocFacts() as found:
            facts.insert(0, found.work.value)
        case _:
            pass
    return facts


def trend(item: BacklogItem) -> str:
    """The period in bars."""
    return sparkline([n for _, n in item.trend])


def details(item: BacklogItem) -> list[Labelled]:
    """What the technique's questions were answered with, a label and words each; what nobody said is absent."""
    told = [*_details(item), *_who(item)]
    return [(label, words) for label, words in told if words]


def _details(item: BacklogItem) -> list[Labelled]:
    match item.facts:
        case GapFacts() as found:
            return [
                ("Goal", _said(found.goals, 2)),
                ("Workaround", _said(found.workarounds, 1)),
                ("Compared with", _tallied(found.competitors)),
            ]
        case FrictionFacts() as found:
            return [
                ("Tried", _said(found.tried, 1)),
                ("Stuck", _said(found.stuck, 1)),
                ("Took", _took(found)),
                ("Resolved by", _said(found.resolved_by, 1)),
            ]
        case DocFacts() as found:
            return [
                ("Asked", _said(found.questions, 2)),
                ("Page", _page(found)),
                ("Not found", found.reason),
                ("Searched", ", ".join(f"{query} ({n}, {lost} in vain)" for query, n, lost in found.searches)),
            ]
        case BugFacts() as found:
            return [
                ("Severity", f"{found.judgement.severity}: {found.judgement.reason}"),
                ("Symptom", _said(found.symptoms, 1)),
                ("Errors", _said(found.errors, 3)),
                ("Since", _since(item)),
                ("Shortly before", ", ".join(item.suspects)),
                ("Cause, as said", _said(found.said, 1)),
                ("Workaround", item.workaround.text if item.workaround else _said(found.workarounds, 1)),
            ]
        case ExpectationFacts() as found:
            return [
                ("Expected", _said(found.expected, 1)),
                ("From", _said(found.sources, 3)),
                ("Compared with", _tallied(found.competitors)),
            ]
        case UseFacts() as found:
            return [("Use", _said(found.uses, 2)), ("Goal", _said(found.goals, 1))]


def todo(item: BacklogItem) -> str:
    """What it would take."""
    theme = item.themes[0] if item.themes else None
    if item.issue is not None:
        name = f"Issue {item.issue.key}" if item.issue.key else "An issue"
        return f"{name} is {item.issue.status or 'open'}"
    if theme is not None and theme.roadmap:
        return f"Planned for {theme.roadmap}"
    match item.facts:
        case GapFacts():
            return f"Decide: build, plan or decline. {count(item.customers, 'customer')} would hear of it"
        case FrictionFacts() as found:
            spared = (
                f": {found.self_service} of {count(item.tickets, 'ticket')} need no person"
                if found.self_service
                else ""
            )
            return f"Make this step clear in {item.area or 'the product'}{spared}"
        case DocFacts() as found:
            return _doc_work(found)
        case BugFacts():
            return f"Open an issue; check {item.suspects[0].split(',')[0]} first" if item.suspects else "Open an issue"
        case ExpectationFacts() as found:
            return (
                f"Correct {found.sources[0].text}" if found.sources else "Say plainly what it does where people choose"
            )
        case UseFacts():
            return f"Ask {count(item.customers, 'customer')} how they do it, then support it or say that it is not"


def _doc_work(found: DocFacts) -> str:
    name = found.page.title or found.page.url if found.page else found.title
    match found.work:
        case DocWork.NEW_DOC:
            outline = "; ".join(part.text for part in found.outline[:3])
            return f"Write “{found.title}”" + (f", answering: {outline}" if outline else "")
        case DocWork.QUICK_FIX:
            return f"Mend “{name}”"
        case DocWork.RESTRUCTURE:
            return f"Make “{name}” findable: title, search words and a link from where people stand"


def _who(item: BacklogItem) -> list[Labelled]:
    if item.lifts:
        return [
            (
                "Stands out",
                ", ".join(
                    f"{lift.value} {percent(lift.share)} here, {percent(lift.base_share)} of all"
                    for lift in item.lifts[:2]
                ),
            )
        ]
    return [("Plans", ", ".join(f"{plan} {n}" for plan, n in item.plans))]


def _said(phrases: Sequence[Phrase], most: int) -> str:
    return " / ".join(f"{p.text} ({p.tickets})" if p.tickets > 1 else p.text for p in phrases[:most])


def _tallied(values: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} ({n})" if n > 1 else name for name, n in values)


def _took(found: FrictionFacts) -> str:
    told = f"{found.messages:.0f} messages" if found.messages != 1 else "1 message"
    if found.minutes is not None:
        told += f", {duration(found.minutes)} until resolved"
    return f"{told} (median){f'; {found.repeated} customers asked again' if found.repeated > 1 else ''}"


def duration(minutes: float) -> str:
    """ "25 min", "3 hours", "2 days"."""
    if minutes < 90:
        return f"{minutes:.0f} min"
    hours = minutes / 60
    return count(round(hours), "hour") if hours < 48 else count(round(hours / 24), "day")


def _page(found: DocFacts) -> str:
    if found.page is None:
        return ""
    linked = f", linked by agents in {count(found.page.linked, 'ticket')}" if found.page.linked else ""
    return f"{found.page.title or found.page.url}{linked}"


def _since(item: BacklogItem) -> str:
    if item.onset is None:
        return ""
    start, end = item.onset
    if start.date() == end.date():
        return f"{start:%Y-%m-%d}, between {start:%H:%M} and {end:%H:%M} UTC"
    return f"between {start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC"


def risk_totals(answer: RiskList) -> str:
    """ "7 of 84 customers"."""
    told = f"{answer.total:,} of {count(answer.of_customers, 'customer')}"
    return f"{told}; {count(answer.unknown, 'ticket')} of unknown customers not counted" if answer.unknown else told


def risk_facts(line: RiskLine) -> list[str]:
    """How bad, how often, and who they are."""
    facts = [RISK_WORDS[line.risk]]
    facts += [f"plan {line.plan}"] if line.plan else []
    facts.append(count(line.tickets, "ticket"))
    for number, word in (
        (line.at_risk, "about leaving"),
        (line.frustrated, "frustrated"),
        (line.dissatisfied, "unsolved to them"),
    ):
        facts += [f"{number} {word}"] if number else []
    return facts

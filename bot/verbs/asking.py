"""Verbs that ask: themes, tickets, the four techniques' backlogs, reports and receipts."""

from __future__ import annotations

from bot.verbs.parts import PERIOD, THEME, Arg, ArgKind, Persona, Verb

_ALL = ("area", "plan", "kind", "state", "mine")


def _mined(name: str, says: str, example: str, aliases: str) -> Verb:
    """A backlog: a period, an area or a plan, a page at a time."""
    also = tuple(aliases.split())
    return Verb(name, says, example, (PERIOD,), ("area", "plan"), paged=True, aliases=also, mined=True)


ASKING: tuple[Verb, ...] = (
    Verb(
        "themes",
        "What people ask about most, by customers",
        "themes 7d area:billing",
        args=(PERIOD,),
        filters=_ALL,
        paged=True,
        aliases=("top", "list", "topics"),
        starts=(Persona.AGENT, Persona.PRODUCT, Persona.ENGINEER, Persona.ADMIN),
    ),
    Verb(
        "theme",
        "Everything about one theme: timeline, who, quotes, what helped",
        "theme TI-42",
        args=(THEME,),
        aliases=("show", "open", "card"),
        starts=(Persona.PRODUCT, Persona.ENGINEER),
    ),
    Verb(
        "known",
        "Is this a known pattern? Verdict, workaround, draft reply",
        "known Okta login loops since Monday",
        args=(Arg("text", ArgKind.TEXT, "<words of the ticket>"),),
        aliases=("seen", "recognise", "recognize"),
        starts=(Persona.AGENT,),
    ),
    Verb(
        "search",
        "Tickets that mean the same, even in other words",
        "search export to excel",
        args=(Arg("text", ArgKind.TEXT, "<words>"),),
        aliases=("find", "lookup"),
        starts=(Persona.AGENT, Persona.PRODUCT),
    ),
    Verb(
        "report",
        "The week, month or quarter in one report; the agenda of the review meeting",
        "report week",
        args=(Arg("period", ArgKind.REPORT, "week|month|quarter|agenda|2026-W02|7d", required=False),),
        filters=("fresh",),
        aliases=("reports", "weekly", "digest"),
        starts=(Persona.PRODUCT,),
    ),
    Verb(
        "why",
        "The receipt: what was counted, compared and decided",
        "why TI-42",
        args=(Arg("subject", ArgKind.SUBJECT, "TI-42|ticket 17"),),
        aliases=("receipt", "explain"),
        starts=(Persona.ENGINEER,),
    ),
    _mined("gaps", "What people ask for that does not exist", "gaps 30d", "features backlog wishes"),
    _mined("friction", "Where people get stuck though it works", "friction 30d area:billing", "ux stuck"),
    _mined("docs", "Pages that would have prevented tickets", "docs 30d", "documentation pages"),
    _mined("bugs", "Bug patterns by severity, with what went out before", "bugs 7d", "defects"),
    _mined("expectations", "Promises that misled, and where they stand", "expectations 30d", "promises"),
    _mined("usecases", "Uses the product was not made for", "usecases 90d", "uses"),
    _mined("risk", "Customers who may leave, and over what", "risk 30d plan:enterprise", "churn"),
    Verb(
        "evidence",
        "What roadmap items can show: tickets, customers, revenue, quotes, trend",
        "evidence TI-42",
        args=(PERIOD, Arg("subject", ArgKind.WORD, "TI-42|ENG-812", required=False)),
        paged=True,
        aliases=("proof", "case"),
        mined=True,
    ),
)

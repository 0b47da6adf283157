"""One theme with everything people ask of it: counts, timeline, who is different, quotes, what helped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.answers import IssueLine, LineageEntry, PostedLink, Quote, ThemeCard, Workaround
from bot.deps import Deps
from bot.errors import ThemeNotFound
from bot.flows import proposed, quotes
from bot.flows.names import pseudonyms
from intelligence.advice import Answer, given_again
from intelligence.model import Level, Lift, QuotePolicy, Role, Satisfaction, Scope, Theme, Ticket
from intelligence.redact import KnownPeople
from intelligence.segments import lifts_between
from intelligence.taxonomy import DEFINITIONS
from storage import analyses, memberships, releases, segments, theme_events, themes, tickets, tracked_issues, workspaces
from storage.tracked_issues import DOCS, Tracked

SHOWN_DAYS = 28
READ_TICKETS = 60  # the newest tickets whose texts are read for quotes, links and workarounds
LIFT_DAYS = 90
LINEAGE_SHOWN = 6
_HIDDEN = frozenset({"parts", proposed.KIND})  # the machine's notes: shown as proposals, not as history
_URL = re.compile(r"https?://[^\s<>|)\]]+")
_LEAST_LINKED = 2  # tickets in which agents gave an address, before it is said that they answer with it
_LINKED_SHARE = 4  # and of how many answered tickets one had it: two of twenty are a coincidence
_THEME_KEY = re.compile(r"^(?:ti-?)?(\d{1,9})$", re.IGNORECASE)


def find_theme(session: Session, workspace: str, key: str) -> Theme:
    """The theme that people call by this key ("TI-42", "42"). Raises ThemeNotFound."""
    found = _THEME_KEY.match(key.strip())
    theme = themes.by_number(session, workspace, int(found[1])) if found else None
    if theme is None:
        raise ThemeNotFound(key=key.upper() if found is None else f"TI-{found[1]}")
    return theme


@dataclass(frozen=True, slots=True)
class Texts:
    """What the newest tickets of a theme say: quotes, links that agents posted, an answer that helped."""

    quotes: tuple[Quote, ...]
    held_back: int
    workaround: Workaround | None
    links: tuple[PostedLink, ...]
    frustrated: int
    categories: tuple[tuple[str, int], ...]
    plans: tuple[tuple[str, int], ...]
    accounts: tuple[str, ...]


def card(deps: Deps, scope: Scope, key: str) -> ThemeCard:
    """The answer to `theme TI-n`. Raises ThemeNotFound."""
    with deps.db.read() as session:
        made = card_of(deps, session, scope, find_theme(session, scope.workspace, key))
        return replace(made, lifts=tuple(theme_lifts(session, scope, made.theme.id, deps.clock.now())))


def card_of(deps: Deps, session: Session, scope: Scope, theme: Theme) -> ThemeCard:
    """Everything about one theme but who stands out, which counts all tickets; within the caller's session."""
    now = deps.clock.now()
    members = memberships.members(session, scope, theme.id)
    issues = tracked_issues.all_of_theme(session, theme.workspace, theme.id)
    decides = tracked_issues.deciding(session, theme.workspace, theme.id)
    who = {m.who for m in members if m.who is not None}
    texts = read_texts(deps, session, scope, [m.ticket_id for m in members])
    days = per_day([m.at for m in members], now, deps)
    return ThemeCard(
        theme,
        len(members),
        len(who),
        sum(m.who is None for m in members),
        days,
        usual_range(days),
        tuple(releases.between(session, scope.workspace, now - timedelta(days=SHOWN_DAYS), now)),
        (),
        texts.categories,
        texts.quotes,
        texts.held_back,
        texts.workaround,
        texts.links,
        lineage(session, theme.id),
        texts.frustrated,
        themes.phrases(session, theme.id),
        proposed.waiting(session, scope.workspace, [theme.id]),
        deps.tracker is not None,
        issue_status(decides),
        next((issue_line(row) for row in issues if row.target == DOCS and row.key and row != decides), None),
        theme.roadmap or _planned(decides),
    )


def issue_status(row: Tracked | None) -> str:
    """How an issue stands: "open, In Progress"; "" where nothing is followed."""
    if row is None or row.status is None:
        return ""
    if row.error:
        return "cannot be read"
    return f"{row.status}, {row.stage}" if row.stage and row.stage.casefold() != row.status else row.status


def issue_line(row: Tracked) -> IssueLine:
    return IssueLine(row.key or "", row.url, issue_status(row))


def _planned(row: Tracked | None) -> str:
    """When the tracker says that it comes; no promise of what is over."""
    return row.planned or "" if row is not None and row.status == "open" and not row.error else ""


def per_day(times: Sequence[datetime], now: datetime, deps: Deps) -> tuple[tuple[date, int], ...]:
    """Tickets a day in the team's zone over the last four weeks, days without any included."""
    today = now.astimezone(deps.settings.zone).date()
    counted = Counter(at.astimezone(deps.settings.zone).date() for at in times)
    window = [today - timedelta(days=back) for back in range(SHOWN_DAYS - 1, -1, -1)]
    return tuple((day, counted[day]) for day in window)


def usual_range(days: Sequence[tuple[date, int]]) -> tuple[int, int] | None:
    """The middle 80% of the daily counts before the last seven days, or None with less than two weeks before them."""
    past = sorted(count for _, count in days[:-7])
    if len(past) < 14 or not any(past):
        return None
    return past[len(past) // 10], past[(len(past) * 9) // 10]


def theme_lifts(session: Session, scope: Scope, theme_id: int, now: datetime) -> list[Lift]:
    """Segments that are over-represented in a theme against all tickets of the last 90 days, strongest first."""
    start = now - timedelta(days=LIFT_DAYS)
    inside = segments.shared(session, scope, start, now, theme_id=theme_id)
    return lifts_between(segments.shared(session, scope, start, now), inside)


def read_texts(deps: Deps, session: Session, scope: Scope, ticket_ids: Sequence[int]) -> Texts:
    """Read the newest tickets of a theme (ids newest first)."""
    ids = list(ticket_ids[:READ_TICKETS])
    loaded = tickets.load(session, scope, ids)
    found = [loaded[i] for i in ids if i in loaded]
    read = analyses.current(session, scope, ids)
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    people = pseudonyms(session, scope.workspace)
    shown, held_back = quotes.choose(
        found,
        {i: a.evidence for i, a in read.items()},
        policies,
        region=deps.settings.phone_region,
        people=people,
    )
    satisfied = {i for i, a in read.items() if a.satisfaction is Satisfaction.SATISFIED}
    categories = Counter(DEFINITIONS[a.subcategory].title for a in read.values() if not a.unsure)
    plans = Counter(t.account.plan for t in found if t.account and t.account.plan)
    accounts = Counter(t.account.name for t in found if t.account)
    return Texts(
        shown,
        held_back,
        workaround(deps, found, satisfied, people, policies),
        posted_links(found),
        sum(a.frustration in {Level.HIGH, Level.CRITICAL} for a in read.values()),
        tuple(categories.most_common(3)),
        tuple(plans.most_common(3)),
        tuple(name for name, _ in accounts.most_common(5)),
    )


def workaround_of(deps: Deps, session: Session, scope: Scope, ticket_ids: Sequence[int]) -> Workaround | None:
    """The answer that helped in these tickets alone, the first of them first."""
    ids = list(ticket_ids[:READ_TICKETS])
    loaded = tickets.load(session, scope, ids)
    read = analyses.current(session, scope, ids)
    return workaround(
        deps,
        [loaded[i] for i in ids if i in loaded],
        {i for i, a in read.items() if a.satisfaction is Satisfaction.SATISFIED},
        pseudonyms(session, scope.workspace),
        {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)},
    )


def workaround(
    deps: Deps,
    found: Sequence[Ticket],
    satisfied: set[int],
    people: KnownPeople,
    policies: Mapping[str, QuotePolicy],
) -> Workaround | None:
    """The answer that agents gave in several of these threads and that satisfied a customer.

    It is somebody's own message, quoted; nothing is composed. A source that shares counts only lends no answer.
    """
    open_ones = [t for t in found if policies.get(t.channel or "", QuotePolicy.MASKED) is not QuotePolicy.COUNTS]
    given = [
        Answer(ticket.id, message.text, ticket.id in satisfied)
        for ticket in open_ones
        for message in ticket.messages
        if message.role is Role.AGENT and not message.private_note
    ]
    advice = given_again(given)
    if advice is None:
        return None
    ticket = next(t for t in open_ones if t.id == advice.answer.ticket)
    shown = quotes.shorten(quotes.masked(advice.answer.text, deps.settings.phone_region, people))
    return Workaround(shown, "an agent", quotes.link_of(ticket), advice.threads, advice.confirmed)


def posted_links(found: Sequence[Ticket]) -> tuple[PostedLink, ...]:
    """Addresses that agents answered with in a quarter of the answered tickets and at least twice, most used first."""
    answered = [t for t in found if any(m.role is Role.AGENT for m in t.messages)]
    used: Counter[str] = Counter()
    for ticket in answered:
        texts = " ".join(m.text for m in ticket.messages if m.role is Role.AGENT and not m.private_note)
        used.update({url.rstrip(".,;:!?") for url in _URL.findall(texts)})
    enough = max(_LEAST_LINKED, len(answered) / _LINKED_SHARE)
    return tuple(PostedLink(url, count, len(answered)) for url, count in used.most_common(2) if count >= enough)


def lineage(session: Session, theme_id: int) -> tuple[LineageEntry, ...]:
    """What happened to a theme: its first event and the newest."""
    told = [
        LineageEntry(at, str(data.get("text") or kind), actor, undone)
        for _, kind, actor, data, at, undone in theme_events.lineage(session, theme_id)
        if kind not in _HIDDEN
    ]
    return tuple(told[:1] + told[1:][-LINEAGE_SHOWN + 1 :])

"""Evidence for the roadmap: what a theme, or all themes of an issue, can show for themselves. Read-only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.answers import Period
from bot.answers_evidence import EvidenceLine, EvidenceList
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows.cards import find_theme, read_texts
from bot.normal_forms import theme_key
from intelligence.model import Scope, Theme
from storage import memberships, people, reports, themes

PAGE: Final = 5
WEEKS: Final = 12
_ACCOUNTS: Final = 10


def evidence(
    deps: Deps, scope: Scope, period: Period, subject: str | None = None, *, page: int = 1, size: int | None = PAGE
) -> EvidenceList:
    """The evidence of a theme ("TI-42") or an issue ("ENG-812", "#812"); without one, of everything that has an issue or
    a plan, most customers first. Raises ThemeNotFound, and BadInput for an issue that no theme is linked to.
    """
    with deps.db.read() as session:
        groups = _named(session, scope, subject) if subject else _decided(session, scope)
        ranked = sorted(groups, key=lambda group: _rank(session, scope, group, period))
        each = size or max(1, len(ranked))
        pages = max(1, math.ceil(len(ranked) / each))
        shown = min(max(1, page), pages)
        here = ranked[(shown - 1) * each : shown * each]
        revenues = reports.revenues(session, scope.workspace)
        lines = tuple(_line(deps, session, scope, group, period, revenues) for group in here)
    note = "No theme has an issue or a plan yet: `link TI-42 ENG-812` or `plan TI-42 Q2`." if not ranked else None
    return EvidenceList(period, lines, len(ranked), shown, pages, note)


def _named(session: Session, scope: Scope, subject: str) -> list[list[Theme]]:
    if theme_key(subject) is not None:
        return [[find_theme(session, scope.workspace, subject)]]
    wanted = subject.lstrip("#").casefold()
    every = themes.load(session, scope.workspace).values()
    found = [theme for theme in every if (theme.issue_key or "").lstrip("#").casefold() == wanted]
    if not found:
        raise BadInput(problem=f"No theme is linked to {subject[:40]}.", fix=f"Link one: `link TI-42 {subject[:40]}`.")
    return [found]


def _decided(session: Session, scope: Scope) -> list[list[Theme]]:
    """Themes by their issue; those with a plan alone are groups of one."""
    by_issue: dict[str, list[Theme]] = {}
    for theme in themes.load(session, scope.workspace).values():
        if theme.issue_key or theme.roadmap:
            by_issue.setdefault(theme.issue_key or theme.key, []).append(theme)
    return list(by_issue.values())


def _members(session: Session, scope: Scope, group: Sequence[Theme], start: datetime, end: datetime):
    """Distinct tickets of all the themes, the newest first."""
    found = {
        m.ticket_id: m for theme in group for m in memberships.members(session, scope, theme.id, start=start, end=end)
    }
    return sorted(found.values(), key=lambda member: member.at, reverse=True)


def _rank(session: Session, scope: Scope, group: Sequence[Theme], period: Period) -> tuple[int, int, int]:
    members = _members(session, scope, group, period.start, period.end)
    return -len({m.who for m in members if m.who}), -len(members), group[0].number


def _line(
    deps: Deps,
    session: Session,
    scope: Scope,
    group: Sequence[Theme],
    period: Period,
    revenues: dict[str, float],
) -> EvidenceLine:
    members = _members(session, scope, group, period.start, period.end)
    who = Counter(m.who for m in members if m.who is not None)
    paying = [one for one in who if one in revenues]
    texts = read_texts(deps, session, scope, [m.ticket_id for m in members])
    first = group[0]
    trend = _members(session, scope, group, period.end - timedelta(weeks=WEEKS), period.end)
    names = people.account_names(session, scope.workspace, [int(one[1:]) for one in who if one[0] == "a"])
    return EvidenceLine(
        first.issue_key or first.key,
        first.title,
        tuple(group),
        first.issue_url,
        next((theme.roadmap for theme in group if theme.roadmap), None),
        len(members),
        len(who),
        sum(m.who is None for m in members),
        sum(revenues[one] for one in paying) if paying else None,
        len(paying),
        _weeks([m.at for m in trend], period.end),
        tuple(names[int(one[1:])] for one, _ in who.most_common() if one[0] == "a" and int(one[1:]) in names)[
            :_ACCOUNTS
        ],
        texts.quotes,
        texts.held_back,
    )


def _weeks(times: Sequence[datetime], end: datetime) -> tuple[int, ...]:
    back = Counter(min(WEEKS - 1, int((end - at) / timedelta(weeks=1))) for at in times)
    return tuple(back[week] for week in range(WEEKS - 1, -1, -1))

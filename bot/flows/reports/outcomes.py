"""What became of the decisions that the last agenda asked for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from intelligence.model import Theme
from intelligence.reports.decisions import outcomes
from intelligence.reports.values import Outcome
from storage import theme_events
from storage.reports import Published
from storage.theme_volumes import ThemeCount

_SAID = {"resolved": "marked as fixed", "not_useful": "left alone"}


def outcomes_since(
    session: Session,
    last: Published | None,
    counts: Mapping[int, ThemeCount],
    living: Mapping[int, Theme],
) -> tuple[Outcome, ...]:
    """The last agenda's decisions about themes with what people decided since; none without a last agenda."""
    if last is None:
        return ()
    before = {theme.key: theme.tickets for theme in last.report.themes}
    before |= {one.key: one.after for one in last.report.regressed if one.key not in before}
    owners = {theme.key: theme.owner for theme in last.report.themes}
    now = {living[theme].key: count.tickets for theme, count in counts.items() if theme in living}
    decided: dict[str, str] = {}
    titles = {theme.key: theme.title for theme in last.report.themes}
    for theme in living.values():
        if theme.key in before:
            titles[theme.key] = theme.title
            if said := _decided(session, theme, last, owners.get(theme.key)):
                decided[theme.key] = said
    return outcomes(last.report.decisions, before, titles, decided, now)


def _decided(session: Session, theme: Theme, last: Published, owner_then: str | None) -> str | None:
    """The newest act of a person on the theme since that agenda, in words; None where nobody did anything."""
    if theme.resolved_at is not None and theme.resolved_at >= last.published_at:
        return f"fixed in {theme.resolved_release}" if theme.resolved_release else "marked as fixed"
    if theme.issue_key:
        return f"issue {theme.issue_key}"
    if theme.roadmap:
        return f"planned for {theme.roadmap}"
    if theme.owner and theme.owner != owner_then:
        return f"owner {theme.owner}"
    acts = [
        _SAID.get(kind, str(data.get("text") or kind))
        for _, kind, actor, data, at, undone in theme_events.lineage(session, theme.id)
        if actor != "machine" and at >= last.published_at and not undone
    ]
    return acts[-1] if acts else None

"""An article went live for a theme: who said so, and the tickets that it spared since, against a control theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import Session

from bot.answers import Done
from bot.answers_evidence import ArticleLine, ArticleList
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import edits
from bot.flows.cards import find_theme
from intelligence.model import Scope, Theme
from intelligence.reports.articles import LEAST_BEFORE, Counts, avoided
from storage import theme_events, theme_volumes, themes, workspaces
from storage.theme_events import Event

WENT_LIVE: Final = "article"
_LEAST_DAYS, _MOST_DAYS = 7, 56  # the stretches that are compared: long enough to count, short enough to be alike


def went_live(deps: Deps, scope: Scope, key: str, url: str, at: datetime | None, *, by: str) -> Done:
    """Note that an article about a theme is live. Raises ThemeNotFound, and BadInput for what is no address or not yet."""
    url = url if "://" in url else f"https://{url}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or "." not in (parts.hostname or ""):
        raise BadInput(problem=f'"{url[:60]}" is no address.', fix="Give the article's https:// address.")
    now = deps.clock.now()
    when = at or now
    if when > now:
        raise BadInput(problem="That is in the future.", fix="Note it once the article can be read.")
    with deps.db.write() as session:
        theme = find_theme(session, scope.workspace, key)
        data = {"text": f"article {url} live", "url": url, "at": when.isoformat()}
        event = theme_events.happened(session, scope.workspace, theme.id, WENT_LIVE, by, data, now)
        themes.update(session, theme.id, provisional=False)
        workspaces.audit(session, scope.workspace, by, WENT_LIVE, theme.key, {"url": url}, now)
    told = f"Noted for {theme.key}. From {_LEAST_DAYS} days on `article` says what it spared."
    return Done(told, undo=edits.handle(event), theme=theme)


def listing(deps: Deps, scope: Scope) -> ArticleList:
    """Every article that went live, with what it spared."""
    with deps.db.read() as session:
        lines = lines_of(session, scope, deps.clock.now())
    note = None if lines else "No article yet. When one is live, say so: `article TI-42 https://help.example/export`."
    return ArticleList(tuple(lines), note)


def lines_of(session: Session, scope: Scope, now: datetime) -> list[ArticleLine]:
    """The same within the caller's session, the newest article first."""
    found = theme_events.events_of_kind(session, scope.workspace, WENT_LIVE)
    living = themes.load(session, scope.workspace)
    written = {event.theme_id for event in found}
    return [
        _line(session, scope, event, living, written, now)
        for event in sorted(found, key=lambda one: str(one.data["at"]), reverse=True)
        if event.theme_id in living
    ]


def _line(
    session: Session,
    scope: Scope,
    event: Event,
    living: Mapping[int, Theme],
    written: set[int],
    now: datetime,
) -> ArticleLine:
    theme, at = living[event.theme_id], datetime.fromisoformat(str(event.data["at"]))
    days = min(_MOST_DAYS, (now - at).days)
    line = ArticleLine(theme, str(event.data["url"]), at, None, None)
    if days < _LEAST_DAYS:
        return _noted(line, f"live for {max(0, days)} days: too early to say")
    width = timedelta(days=days)
    before = theme_volumes.counts(session, scope, at - width, at)
    after = theme_volumes.counts(session, scope, at, at + width)

    def counts(theme_id: int) -> Counts:
        return Counts(*(found[theme_id].tickets if theme_id in found else 0 for found in (before, after)))

    if counts(theme.id).before < LEAST_BEFORE:
        return _noted(line, f"{counts(theme.id).before} tickets in the {days} days before it: too few to compare")
    control = _control(theme, [other for other in living.values() if other.id not in written], counts, at, width)
    found = avoided(counts(theme.id), counts(control.id), days) if control else None
    if control is None or found is None:
        return _noted(line, "no other theme has enough tickets to compare it with")
    return ArticleLine(theme, line.url, at, control, found)


def _noted(line: ArticleLine, note: str) -> ArticleLine:
    return ArticleLine(line.theme, line.url, line.at, None, None, note)


def _control(
    theme: Theme, others: Sequence[Theme], counts: Callable[[int], Counts], at: datetime, width: timedelta
) -> Theme | None:
    """What the theme is compared with: of those that nothing was done about (no article, no fix in the time), that were
    there all along, the one with most tickets before; one of the same area wins.
    """
    quiet = [
        other
        for other in others
        if other.first_at < at - width and not (other.resolved_at and at - width <= other.resolved_at < at + width)
    ]
    enough = [other for other in quiet if counts(other.id).before >= LEAST_BEFORE]
    near = [other for other in enough if theme.area and other.area == theme.area]
    return max(near or enough, key=lambda other: (counts(other.id).before, -other.number), default=None)


def take_back(deps: Deps, session: Session, theme: Theme, event: Event, by: str) -> Done:
    """An article that was noted by mistake."""
    del deps, session, by
    return Done(f"The article {event.data['url']} is not noted for {theme.key} any more.", theme=theme)

"""One theme with everything people ask of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers import IssueLine, PostedLink, ThemeCard, Workaround
from bot.blocks import ids
from bot.blocks.editing import proposal_lines
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import (
    Block,
    actions,
    address,
    button,
    clean,
    context,
    day,
    header,
    inline,
    link,
    moment,
    person,
    quoted,
    quotes,
    rich,
    rich_link,
    rich_section,
    section,
    text,
    timeline,
)
from bot.edits import LineageEntry
from bot.words import STATE_MEANS, STATE_WORDS, count, days_line, joined, lift, people, posted_link
from bot.words import workaround as workaround_words
from intelligence.model import Theme


def theme_card(card: ThemeCard, *, shared: bool = False) -> Rendered:
    """The answer to `theme TI-n`."""
    theme = card.theme
    told = f"{theme.key} {inline(theme.title)}: {count(card.tickets, 'ticket')}, {people(card.customers, card.unknown)}"
    blocks: list[Block | None] = [
        header(f"{theme.key} {theme.title}"),
        section(status_line(card, names=not shared)),
        _description(theme),
        section(_counts(card)),
        timeline(card.days, [(release.at.date(), release.name) for release in card.releases]),
        context(days_line(card.days, card.usual)) if card.days else None,
        *who_is_different(card),
        quotes(card.quotes),
        held_back(card.held_back),
        *what_helped(card.workaround),
        *pages(card.links[:3]),
        *proposal_lines(card.proposals, shared=shared),
        _lineage(card, names=not shared),
        None if shared else _buttons(theme, tracker=card.tracker),
    ]
    return rendered(told, blocks)


def status_line(card: ThemeCard, *, names: bool = True) -> str:
    """State, severity, owner, issue and plan in one line. Without `names` the owner is not mentioned: a mention in a
    message for everybody would call that person each time."""
    theme = card.theme
    facts = [f"*{STATE_WORDS[theme.state]}*, {STATE_MEANS[theme.state]}"]
    facts += [str(theme.severity)] if theme.severity else []
    facts += [f"area {inline(theme.area, 60)}"] if theme.area else []
    facts.append(_owner(theme, names=names))
    if theme.issue_key:
        facts.append(f"issue {issue_line(IssueLine(theme.issue_key, theme.issue_url, card.issue_status))}")
    facts += [f"documentation {issue_line(card.docs_issue)}"] if card.docs_issue else []
    facts += [f"planned for {inline(card.planned, 60)}"] if card.planned else []
    if theme.resolved_at:
        where = f" in {inline(theme.resolved_release, 40)}" if theme.resolved_release else ""
        facts.append(f"fixed{where} on {day(theme.resolved_at)}")
    return " · ".join(facts)


def issue_line(issue: IssueLine) -> str:
    """An issue with a link and how it stands, in the tracker's words."""
    stands = f" ({inline(issue.status, 100)})" if issue.status else ""
    return f"{link(issue.url, issue.key)}{stands}"


def _owner(theme: Theme, *, names: bool) -> str:
    if not theme.owner:
        return "no owner yet"
    return f"owner {person(theme.owner)}" if names else "has an owner"


def _description(theme: Theme) -> Block | None:
    if not clean(theme.description) or clean(theme.description) == clean(theme.title):
        return None
    return context(inline(theme.description, 300))


def _counts(card: ThemeCard) -> str:
    facts = [f"*{count(card.tickets, 'ticket')}*, {people(card.customers, card.unknown)}"]
    facts += [f"{card.frustrated} frustrated"] if card.frustrated else []
    facts.append(f"since {moment(card.theme.first_at)}")
    line = " · ".join(facts)
    kinds = joined([f"{inline(name, 40)} {number}" for name, number in card.categories[:3]], 3)
    return f"{line}\n{kinds}" if kinds else line


def who_is_different(card: ThemeCard) -> list[Block]:
    """The strongest lifts, in words."""
    lines = [f"• {inline(lift(entry), 160)}" for entry in card.lifts[:3]]
    return [section("*Who is different*\n" + "\n".join(lines))] if lines else []


def held_back(number: int) -> Block | None:
    """The quotes that a source's setting keeps inside, or that too few customers said for where customers read."""
    told = "their channels share counts only, or customers read here and few said it"
    return context(f"{count(number, 'quote')} held back: {told}") if number else None


def what_helped(workaround: Workaround | None) -> list[Block]:
    """An agent's own answer, quoted and linked."""
    if workaround is None or not clean(workaround.text):
        return []
    line = [text(workaround_words(workaround), bold=True)]
    if url := address(workaround.link):
        line += [text(" · "), rich_link(url, "open")]
    return [rich(rich_section(*line), quoted(workaround.text, 400))]


def pages(links: Sequence[PostedLink]) -> list[Block]:
    """The pages that agents answered with, counted."""
    lines = [f"{posted_link(entry)} {link(entry.url, _short(entry.url))}" for entry in links if address(entry.url)]
    return [section("\n".join(lines))] if lines else []


def _short(url: str) -> str:
    """An address without its scheme, as people read it."""
    return url.split("://", 1)[-1].rstrip("/")


def _lineage(card: ThemeCard, *, names: bool) -> Block | None:
    lines = [_happened(entry, names=names) for entry in card.lineage[-5:]]
    return context("*History*\n" + "\n".join(lines)) if lines else None


def _happened(entry: LineageEntry, *, names: bool) -> str:
    """One line of a theme's history. In a message for everybody nobody is mentioned."""
    who = "the machine" if entry.actor == "machine" else person(entry.actor) if names else "a person"
    told = f"{day(entry.at)}: {inline(entry.text, 160)}, by {who}"
    return f"~{told}~ (taken back)" if entry.undone else told


def issue_button(theme: Theme | None, value: str, *, tracker: bool) -> Block:
    """Open an issue where a tracker is connected and the theme has none, else its text to copy."""
    if tracker and theme is not None and not theme.issue_key:
        return button("Create issue", ids.ISSUE_OPEN, f"theme:{theme.key}")
    return button("Copy as issue", ids.ALERT_ISSUE, value)


def _buttons(theme: Theme, *, tracker: bool = False) -> Block:
    made = [button("Evidence", ids.ALERT_EVIDENCE, f"theme:{theme.key}")]
    made.append(issue_button(theme, f"theme:{theme.key}", tracker=tracker))
    made.append(button("Notify me when fixed", ids.KNOWN_NOTIFY, f"theme:{theme.key}"))
    made.append(button("Edit", ids.EDIT, f"theme:{theme.key}"))
    made.append(button("Watch", f"{ids.OPEN}:watch", f"watch {theme.key}"))
    made.append(button("Why", ids.OPEN, f"why {theme.key}"))
    made.append(button("Share here", ids.SHARE, f"theme {theme.key}"))
    return actions(*made)

"""Which records of an answer can be pointed at, and what people see where a number points."""

from __future__ import annotations

from dataclasses import dataclass

from bot import answers as a
from bot import answers_alerts as al
from bot import answers_mining as m
from bot import answers_tickets as t
from bot.answers_asked import Proof
from intelligence.model import Theme


@dataclass(frozen=True, slots=True)
class Identity:
    """`key` is the same for the same record in every answer; `names` are what a statement may call it."""

    key: object
    proof: Proof
    names: tuple[str, ...] = ()


def identity(value: object, line: str) -> Identity | None:
    """A record that gets a number of its own; None for a part of another one. `line` asks for the whole answer again."""
    match value:
        case a.ThemeLine() | a.ThemeCard() | a.Candidate() | al.EpisodeLine() if value.theme is not None:
            return _theme(value.theme)
        case t.SearchHit():
            return _ticket(value.ticket_id, value.link)
        case a.Quote() if value.ticket_id is not None:
            return _ticket(value.ticket_id, value.link)
        case m.BacklogItem():
            theme = value.themes[0] if value.themes else None
            proof = Proof(0, value.name, f"theme {theme.key}" if theme else line)
            themes = tuple(name for one in value.themes for name in (one.key, one.title))
            return Identity((line, value.name), proof, (value.name, *themes))
        case m.RiskLine():
            return Identity(("customer", value.name), Proof(0, value.name, line))
        case al.EpisodeLine():
            return Identity(("alert", value.alert_id), Proof(0, value.headline or "An alert", line))
        case _:
            return None


def _theme(theme: Theme) -> Identity:
    return Identity(
        ("theme", theme.key), Proof(0, f"{theme.key} {theme.title}", f"theme {theme.key}"), (theme.key, theme.title)
    )


def _ticket(ticket_id: int, link: str | None) -> Identity:
    return Identity(("ticket", ticket_id), Proof(0, f"Ticket {ticket_id}", None, link))

"""What `help` answers: read from the table of verbs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.verbs.filters import FILTERS
from bot.verbs.parts import Persona, Verb, Where
from bot.verbs.table import BY_NAME, VERBS


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One verb as help shows it."""

    name: str
    usage: str
    says: str
    example: str
    right: str
    where: Where
    filters: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Help:
    """What help answers: lines to try first, or all verbs, or one in detail."""

    lines: tuple[HelpLine, ...]
    detailed: bool = False


def help_line(verb: Verb) -> HelpLine:
    return HelpLine(
        verb.name,
        verb.usage,
        verb.says,
        verb.example,
        str(verb.right),
        verb.where,
        tuple(FILTERS[name].shown for name in verb.filters),
        verb.aliases,
    )


def help_for(persona: Persona) -> Help:
    """The four verbs that fit a person's role: what the bare command shows."""
    return Help(tuple(help_line(verb) for verb in VERBS if persona in verb.starts))


def help_on(name: str | None = None, *, where: Where = Where.SLACK) -> Help:
    """Every verb that can be used here, or one in detail."""
    if name is not None:
        return Help((help_line(BY_NAME[name]),), detailed=True)
    here = [verb for verb in VERBS if verb.where in {Where.BOTH, where}]
    return Help(tuple(help_line(verb) for verb in here))

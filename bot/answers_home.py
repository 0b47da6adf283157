"""What App Home shows: what is this person's, what rises, how the machine is, and what administrators look after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.answers import ThemeList
from bot.answers_alerts import EpisodeLine
from bot.answers_areas import AreasView
from bot.answers_settings import SettingLine
from bot.answers_workspace import ChannelView, Health
from bot.help import Help
from bot.rules import Rule
from intelligence.alerts import Budget
from intelligence.model import Source, Theme
from intelligence.quality import Share


@dataclass(frozen=True, slots=True)
class OwnTheme:
    """A theme that a person owns, or watches, with its tickets of the last 7 days."""

    theme: Theme
    tickets: int
    owned: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """What waits for one person; `cards` and `drafts` are 0 for who may not answer them."""

    alerts: tuple[EpisodeLine, ...]
    themes: tuple[OwnTheme, ...]
    cards: int
    drafts: int


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where tickets come from; `polled` is whether the bot asks there by itself."""

    source: Source
    tickets: int
    last_at: datetime | None
    polled: bool


@dataclass(frozen=True, slots=True)
class AdminPart:
    """What administrators look after. `settings` by name; `can_preview` is whether there are tickets for a backtest."""

    channels: tuple[ChannelView, ...]
    sources: tuple[SourceLine, ...]
    areas: AreasView
    rule: Rule
    budget: Budget
    can_preview: bool
    settings: Mapping[str, SettingLine]


@dataclass(frozen=True, slots=True)
class Home:
    """One person's home tab. `enough` is how many reviewed cards a figure of accuracy needs."""

    health: Health
    themes: ThemeList
    starts: Help
    mine: Mine
    accuracy: Share
    enough: int
    admin: AdminPart | None = None

"""What flows answer about a workspace: its channels, its health, what was imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.answers import ThemeLine
from intelligence.model import ChannelRole


@dataclass(frozen=True, slots=True)
class ChannelView:
    """What a channel is for, and what may be chosen."""

    channel_id: str
    name: str
    role: ChannelRole | None
    quotes: str
    area: str | None
    member: bool
    tickets: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """How the machine is: lags in seconds, counts of waiting work, and sentences for what needs a person. Where several
    workspaces share the machine, its jobs are nobody's to see there.
    """

    connected: bool
    tickets: int
    requests: int
    themes: int
    analysed: int
    ingest_lag: float | None
    jobs: Mapping[str, int] | None
    outbox_waiting: int
    inbox_waiting: int
    analyzer: str
    tokens_today: int
    token_cap: int
    shadow: bool
    data_days: float
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `rejected_file` holds the refused rows with their reasons."""

    path: str
    read: int
    stored: int
    duplicates: int
    rejected: int
    rejected_file: str | None
    undated: int
    seconds: float
    mapping: Mapping[str, str]
    dry_run: bool
    problems: tuple[str, ...] = ()
    themes: tuple[ThemeLine, ...] = ()
    forgotten: int = 0

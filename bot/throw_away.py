"""A product for one evaluation: production flows with shipped weights over an empty database that is deleted after."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.settings import Settings, load_settings
from intelligence.model import ChannelRole, RequestVerdict, Role, Source
from intelligence.ports import Embedder
from storage import bulk, workspaces
from storage.messages import NewMessage
from storage.tickets import NewTicket

AnalyzerName = Literal["local", "openai"]
CHANNEL = "C0EVAL"

_KEPT = ("openai_api_key", "openai_base_url", "openai_model", "openai_timeout", "openai_daily_tokens")


@contextmanager
def throw_away(
    clock: SimulatedClock,
    *,
    analyzer: AnalyzerName = "local",
    embedder: Embedder | None = None,
    told: Mapping[str, object] | None = None,
) -> Iterator[Deps]:
    """Deps that live by `clock` and forget everything at the end of the block.

    Settings are the defaults, whatever the environment says, but for those that are `told`; only the endpoint of a model
    is taken from it. Raises BadSettings where `analyzer` is "openai" and there is no key.
    """
    with tempfile.TemporaryDirectory(prefix="ticket-intel-eval-", ignore_cleanup_errors=True) as folder:
        deps = build_deps(
            _settings(f"sqlite:///{folder}/eval.db", analyzer, told or {}), clock=clock, embedder=embedder
        )
        try:
            yield deps
        finally:
            deps.close()


def _settings(url: str, analyzer: AnalyzerName, told: Mapping[str, object]) -> Settings:
    endpoint: dict[str, object] = {}
    if analyzer == "openai":
        kept = load_settings()
        endpoint = {name: getattr(kept, name) for name in _KEPT}
    return Settings.model_construct(database_url=url, analyzer=analyzer, **endpoint, **told)  # pyright: ignore[reportArgumentType]


def open_channel(deps: Deps, workspace: str) -> None:
    """A workspace out of shadow with one channel for every team's alerts, so that alerts are decided as in service."""
    now = deps.clock.now()
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, timezone=deps.settings.timezone)
        workspaces.update(session, workspace, shadow=False)
        workspaces.put_channel(session, workspace, CHANNEL, name="alerts", member=True)
        workspaces.choose_channel(session, workspace, CHANNEL, role=ChannelRole.ENGINEERING, by="eval", now=now)


@dataclass(frozen=True, slots=True)
class TextTicket:
    """A ticket that is one customer's text. `key` is its id in the file."""

    key: str
    at: datetime
    text: str
    segments: dict[str, str] = field(default_factory=dict[str, str])


def store(deps: Deps, workspace: str, rows: Sequence[TextTicket], *, history: bool) -> list[int]:
    """Store every row as a ticket (a row of an evaluation is a request by definition); their ids in the order given.

    `history` as in imports: such tickets make themes known and never alert.
    """
    now = deps.clock.now()
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, timezone=deps.settings.timezone)
        return bulk.open_tickets(session, workspace, [_whole(row, history=history) for row in rows], now)


def _whole(row: TextTicket, *, history: bool) -> bulk.WholeTicket:
    new = NewTicket(Source.IMPORT, row.at, request=RequestVerdict.REQUEST, segments=row.segments, history=history)
    return bulk.WholeTicket(new, row.key, (NewMessage(Source.IMPORT, f"{row.key}#0", Role.CUSTOMER, row.text, row.at),))

"""What flows need to act on the world, in one value that bot/app.py builds and everything else receives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from bot.clock import Clock
from bot.helpdesks import Helpdesks
from bot.learning import Readers
from bot.memory import ThemeMemory
from bot.messenger import Messenger
from bot.settings import Settings
from integrations.events import EventTarget
from integrations.trackers.port import Tracker
from intelligence.ports import Analyzer, Embedder
from storage.engine import Database


@runtime_checkable
class Closable(Protocol):
    """What holds connections: an analyzer behind a network, for one."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deps:
    """Settings, time, memory, reading and speaking. `readers` gives the analyzer of a workspace: `analyzer`, taught by
    what its people corrected, `messenger_of` the way out to its people (raises NotInstalled where there is none).
    `docs_tracker` is where documentation gaps go, None where they go to `tracker`.
    """

    settings: Settings
    clock: Clock
    db: Database
    embedder: Embedder
    memory: ThemeMemory
    analyzer: Analyzer
    readers: Readers
    messenger_of: Callable[[str], Messenger]
    helpdesks: Helpdesks = field(default_factory=Helpdesks)
    tracker: Tracker | None = None
    events: EventTarget | None = None
    docs_tracker: Tracker | None = None

    def within(self, workspace: str) -> Deps:
        """The same for one workspace: without helpdesks, trackers and the target of events where these are another's."""
        if self.settings.about(workspace):
            return self
        return replace(self, helpdesks=Helpdesks(), tracker=None, docs_tracker=None, events=None)

    def close(self) -> None:
        """Close what holds connections. Nothing may be asked of it afterwards."""
        if isinstance(self.analyzer, Closable):
            self.analyzer.close()
        self.helpdesks.close()
        for tracker in (self.tracker, self.docs_tracker):
            if tracker is not None:
                tracker.close()
        if self.events is not None:
            self.events.close()
        self.db.close()

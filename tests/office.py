"""A small workspace over a real database whose clock stands still and whose messages are kept: for tests of flows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from databases import NOW
from slack_world import encoder
from stored import RECEIPT, analysis, ticket

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.flows import alert
from bot.jobs import build_registry
from bot.messenger import ConsoleMessenger, Outgoing
from bot.settings import load_settings
from bot.worker import Worker
from intelligence.model import ChannelRole, Pattern, PatternKind, Scope, Visibility
from storage import alerts, analyses, memberships, themes, workspaces

HERE = "T1"
SCOPE = Scope(HERE)


@dataclass
class Office:
    """A workspace with #support, #internal (private), #engineering and #product; messages are kept, not sent."""

    deps: Deps
    clock: SimulatedClock
    said: ConsoleMessenger
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def work(self) -> None:
        self.clock.advance(timedelta(seconds=5))
        Worker(self.deps, build_registry(self.deps), threads=1).run_due()

    def theme(self, count: int = 5, **values: object) -> tuple[int, tuple[int, ...]]:
        """A theme with tickets of different customers, all now."""
        with self.deps.db.write() as session:
            found = themes.give_birth(session, HERE, self.clock.now(), first_at=self.clock.now(), title="Login fails")
            made = tuple(self.ticket(session, **values) for _ in range(count))
            memberships.place_many(session, HERE, [(one, found, 1.0) for one in made], self.clock.now())
        return found, made

    def ticket(self, session, text: str = "The login page comes back again and again", **values: object) -> int:
        place = {"channel": "CSUPPORT", "visibility": Visibility.PUBLIC} | values
        made = ticket(session, f"k{next(self.numbers)}", text, at=self.clock.now(), **place)
        analyses.store(session, HERE, made, analysis(evidence=()), f"c{made}", self.clock.now())
        return made

    def raised(self, theme_id: int, tickets: tuple[int, ...], kind: PatternKind = PatternKind.NEW) -> int:
        pattern = Pattern(kind, theme_id, self.clock.now(), tickets, RECEIPT)
        with self.deps.db.write() as session:
            made = alert.raise_alert(self.deps, session, HERE, pattern)
        assert made is not None
        return made

    def again(self, alert_id: int, theme_id: int, tickets: tuple[int, ...], kind: PatternKind, *, graver: bool) -> None:
        pattern = Pattern(kind, theme_id, self.clock.now(), tickets, RECEIPT)
        with self.deps.db.write() as session:
            alert.go_on(self.deps, session, HERE, alert_id, pattern, graver=graver)

    def letters(self, user: str) -> list[str]:
        return [m.text for m in self.said.sent if m.channel == f"@{user}"]

    def posted(self, channel: str) -> list[Outgoing]:
        return [m for m in self.said.sent if m.channel == channel]

    def episode(self, alert_id: int) -> alerts.Episode:
        with self.deps.db.read() as session:
            found = alerts.get(session, HERE, alert_id)
        assert found is not None
        return found

    def standing(self, theme_id: int):
        with self.deps.db.read() as session:
            return themes.load(session, HERE)[theme_id]


@contextmanager
def an_office(folder: Path, template: Path, **overrides: object) -> Iterator[Office]:
    """The workspace out of shadow, with three channels."""
    clock, said = SimulatedClock(NOW), ConsoleMessenger()
    shutil.copy(template, folder / "o.db")
    usual = {"database_url": f"sqlite:///{folder}/o.db", "slack_post_seconds": 0.0, "workspace": HERE}
    settings = load_settings(None, **(usual | overrides))
    deps = build_deps(settings, clock=clock, messenger=said, embedder=encoder())
    with deps.db.write() as session:
        workspaces.ensure(session, HERE, NOW)
        workspaces.update(session, HERE, shadow=False)
        for channel, role, visibility in (
            ("CSUPPORT", ChannelRole.SUPPORT, Visibility.PUBLIC),
            ("CINTERNAL", ChannelRole.SUPPORT, Visibility.PRIVATE),
            ("CENG", ChannelRole.ENGINEERING, Visibility.PUBLIC),
        ):
            workspaces.put_channel(session, HERE, channel, name=channel.lower(), visibility=visibility, member=True)
            workspaces.choose_channel(session, HERE, channel, role=role, by="U0", now=NOW)
    yield Office(deps, clock, said)
    deps.close()

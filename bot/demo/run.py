"""`ticket-intel demo`: the playground, the bot and the story in one process, with no key and no network."""

from __future__ import annotations

import heapq
import os
import signal
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session

from bot.app import Running, assemble
from bot.blocks import ids
from bot.clock import SystemClock
from bot.demo.clock import DemoClock
from bot.demo.company import OPERATOR, introduce
from bot.demo.guide import Guide, pinned_text
from bot.demo.own_tickets import OwnTickets
from bot.demo.stage import Stage
from bot.demo.steps import StepWatch
from bot.demo.story import EventKind, StoryEvent, build_story
from bot.errors import PortTaken
from bot.flows import ingest, resolve
from bot.flows.replay import ReplayEvent, replay
from bot.schedule import last_due, ticks_of, trigger_of
from bot.settings import Settings, load_settings
from intelligence.model import Scope, Source
from playground import Playground, PlaygroundError, remove_proxies
from storage import memberships, themes, tickets

Say = Callable[[str], None]
STEP = timedelta(hours=2)  # story time between two rounds of the bot's work; tickets in between are one batch
QUIET_END = timedelta(minutes=2)  # the story ends this little before now: what the visitor writes continues it
WEEKS = 8
REPORTED = timedelta(weeks=2)  # the end of the story, of which reports are published
MOSTLY = 0.5


def run_demo(
    *,
    port: int = 8080,
    seed: int = 7,
    open_browser: bool = True,
    scale: float = 1.0,
    say: Say = print,
    over: threading.Event | None = None,
) -> None:
    """Open the page, replay the story while it is watched, then let the visitor act until Ctrl+C (or `over`).

    Everything is kept in a folder that is deleted at the end. Raises PortTaken.
    """
    remove_proxies(os.environ)  # noqa: TID251 - Slack's SDK reads proxies from it and ignores NO_PROXY
    stop = over or _until_interrupted()
    story = build_story(seed=seed, end=SystemClock().now() - QUIET_END, weeks=WEEKS, scale=scale)
    clock = DemoClock(story.events[0].at - timedelta(hours=1))
    playground = Playground(port, lambda: clock.now().timestamp(), name=story.company.name)
    try:
        playground.start()
    except PlaygroundError as error:
        raise PortTaken(port=port) from error
    with tempfile.TemporaryDirectory(prefix="ticket-intel-demo-", ignore_cleanup_errors=True) as folder:
        try:
            _perform(Stage(playground, story), clock, Path(folder), stop, open_browser=open_browser, say=say)
        finally:
            playground.stop()


def _perform(
    stage: Stage, clock: DemoClock, folder: Path, stop: threading.Event, *, open_browser: bool, say: Say
) -> None:
    playground = stage.playground
    stage.build()
    playground.add_command(ids.COMMAND, "What customers are telling us", "themes 7d · known <text> · help")
    playground.add_shortcut("Is this a known pattern?", ids.KNOWN_SHORTCUT)
    playground.add_shortcut("Ask about a pattern", ids.ASK_SHORTCUT, "global")
    guide = Guide(stage)
    guide.show()
    say(f"The page is at {playground.url}")
    if open_browser:
        webbrowser.open(playground.url)
    running = assemble(demo_settings(playground, folder), clock=clock)
    introduce(running.deps, running.desk.workspace, stage)
    tell(running, stage, clock, say=say, stop=stop)
    clock.go_live()
    if not stop.is_set():
        running.start()
        playground.on_panel(guide.pressed)
        _pin(stage)
        StepWatch(stage, guide.tick).start()
        guide.go_live(OwnTickets(running.deps, stage, folder))
        say("The bot is live. Write something, press something; Ctrl+C ends it.")
        stop.wait()
    running.stop()


def demo_settings(playground: Playground, folder: Path) -> Settings:
    """Settings of a bot that lives in the playground: its tokens, a database in `folder`, short waits."""
    return load_settings(
        None,
        database_url=f"sqlite:///{folder}/demo.db",
        slack_api_url=playground.api_url,
        slack_bot_token=SecretStr(playground.bot_token),
        slack_app_token=SecretStr(playground.app_token),
        slack_signing_secret=SecretStr(playground.signing_secret),
        slack_post_seconds=0.0,
        debounce_seconds=2.0,
        analyzer="local",
        web=False,
        log_level="error",
    )


def tell(
    running: Running,
    stage: Stage,
    clock: DemoClock,
    *,
    say: Say,
    stop: threading.Event,
    events: tuple[StoryEvent, ...] = (),
) -> None:
    """Replay the story, or these events after it, through the production flows, on the story's clock."""
    events = events or stage.story.events
    total = len(events)

    def progress(done: int) -> None:
        if done % 40 == 0 or done == total:
            stage.playground.progress("Replaying eight weeks of support", done, total)
        if done % 1000 == 0 or done == total:
            say(f"{done} of {total} events replayed")

    replay(
        running.deps,
        heapq.merge(_apply_all(running, stage, events, stop), _reports(running, events), key=lambda one: one.at),
        clock,
        running.registry,
        workspace=running.desk.workspace,
        progress=progress,
        step=STEP,
    )


def _apply_all(
    running: Running, stage: Stage, events: tuple[StoryEvent, ...], stop: threading.Event
) -> Iterator[ReplayEvent]:
    for event in events:
        if stop.is_set():
            return
        yield ReplayEvent(event.at, lambda event=event: _apply(running, stage, event))


def _reports(running: Running, events: tuple[StoryEvent, ...]) -> Iterator[ReplayEvent]:
    """The last two Mondays on which reports are due, as far as these events reach."""
    settings = running.deps.settings
    tick = next((tick for tick in ticks_of(settings) if tick.job == "reports"), None)
    if tick is None:
        return
    start, end = events[0].at, events[-1].at
    for since in (end - REPORTED, end - REPORTED / 2):
        due = last_due(trigger_of(tick, settings.zone), settings.zone, since, since + REPORTED / 2)
        if due is not None and due > start:
            yield ReplayEvent(due, partial(_ring, running, due))


def _ring(running: Running, due: datetime) -> None:
    running.schedule.enqueue("reports", due, running.desk.workspace)


def _apply(running: Running, stage: Stage, event: StoryEvent) -> None:
    """One event of the story: its Slack messages, and what Slack does not carry (releases, a person's "resolved")."""
    deps, workspace = running.deps, running.desk.workspace
    if event.kind is EventKind.RELEASE:
        resolve.add_release(deps, Scope(workspace), str(event.extra["release"]), event.at, by=OPERATOR)
    elif event.kind is EventKind.RESOLVE:
        _resolve(running, stage, event)
    envelopes = stage.play(event)
    if envelopes:
        with deps.db.write() as session:
            for envelope in envelopes:
                ingest.take_event(deps, session, workspace, envelope)


def _resolve(running: Running, stage: Stage, event: StoryEvent) -> None:
    """The team marks the theme of a ticket as solved in a release, if the bot has a theme that is mostly about it.

    Who resolves has read the theme: a person does not mark as fixed what is about something else.
    """
    deps, workspace = running.deps, running.desk.workspace
    place = stage.posted.get(str(event.extra["ticket"]))
    with deps.db.read() as session:
        ticket = tickets.find(session, workspace, Source.SLACK, "/".join(place)) if place else None
        home = memberships.home_of(session, ticket) if ticket is not None else None
        theme = themes.get(session, workspace, home[0]) if home else None
        members = [m.ticket_id for m in memberships.members(session, Scope(workspace), theme.id)] if theme else []
        about = _share_of_intent(session, stage, workspace, str(event.extra["ticket"]), members)
    if theme is not None and about > MOSTLY:
        resolve.resolve_theme(deps, Scope(workspace), theme.key, str(event.extra["release"]), by=OPERATOR)


def _share_of_intent(session: Session, stage: Stage, workspace: str, key: str, members: list[int]) -> float:
    """How many of these tickets are about what the story's ticket is about."""
    told = stage.story.truth["tickets"]
    same = {
        tickets.find(session, workspace, Source.SLACK, "/".join(stage.posted[other]))
        for other, labels in told.items()
        if labels["intent"] == told[key]["intent"] and other in stage.posted
    }
    return sum(member in same for member in members) / max(1, len(members))


def _pin(stage: Stage) -> None:
    """Leave "Try these five" where the visitor looks first; an app says it, for a person's words could be a ticket."""
    channel = stage.channels["support"]
    message = stage.playground.post_as_app(stage.playground.add_app("First steps"), channel, pinned_text(stage))
    stage.playground.pin(channel, message["ts"])


def _until_interrupted() -> threading.Event:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    return over

"""What does the bot find of a story whose truth is known? Replays the playground's story and counts.

    uv run python -m benchmarks.story_truth --scale 0.3 --seed 7 [--keep FOLDER]

The story runs through the production flows exactly as in `ticket-intel demo`, without its page; the bot never sees the
truth. For each intent: its tickets, the theme that holds most of them, the share of the intent's tickets in that theme
(recall), the share of that theme's tickets that are the intent's (purity). For each incident: the first alert about it,
and the time from its first ticket to the alert. An alert is about the intent that most of its tickets have.
`--keep` leaves the bot's database and the truth of its tickets in a folder, which `benchmarks.story_report` reads.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from bot.app import Running, assemble
from bot.demo.clock import DemoClock
from bot.demo.company import introduce
from bot.demo.run import WEEKS, demo_settings, tell
from bot.demo.stage import Stage
from bot.demo.story import EventKind, Story, StoryEvent, build_story
from bot.demo.story.truth import Truth
from intelligence.model import Source, Theme
from playground import Playground, remove_proxies
from storage import alerts, memberships, themes, tickets
from storage.alerts import Episode

END = datetime.fromisoformat("2026-03-27T16:00:00+00:00")  # a Friday afternoon: the same story on every machine
MINUTE = timedelta(minutes=1)
TRUTH = "truth.json"  # beside a kept database
FOUND = 0.5  # an intent counts as found when one theme holds half of its tickets and is half made of them


@dataclass(frozen=True, slots=True)
class Seen:
    """What the bot has at the end: the true intent of its tickets, their themes, and every alert."""

    intents: Mapping[int, str]
    homes: Mapping[int, int]
    themes: Mapping[int, Theme]
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An intent and the theme that holds most of its tickets."""

    intent: str
    tickets: int
    theme: Theme | None
    recall: float
    purity: float

    @property
    def is_found(self) -> bool:
        return self.recall >= FOUND and self.purity >= FOUND


def look(running: Running, stage: Stage) -> Seen:
    """Read the bot's database against the story's ticket keys."""
    workspace, intents = running.desk.workspace, dict[int, str]()
    with running.deps.db.read() as session:
        for key, labels in stage.story.truth["tickets"].items():
            place = stage.posted.get(key)
            ticket = tickets.find(session, workspace, Source.SLACK, "/".join(place)) if place else None
            if ticket is not None:
                intents[ticket] = labels["intent"]
        homes = memberships.homes(session, list(intents))
        episodes = alerts.since(session, workspace, stage.story.events[0].at - timedelta(days=1))
        return Seen(intents, homes, themes.load(session, workspace), tuple(reversed(episodes)))


def visit(running: Running, stage: Stage, clock: DemoClock) -> list[str]:
    """What five posts on a new subject lead to, a minute apart after the story's end: their themes and the alerts."""
    began = clock.now()
    posts = tuple(
        StoryEvent(began + minute * MINUTE, f"visitor{minute}", EventKind.MESSAGE, post.channel, post.author, post.text)
        for minute, post in enumerate(stage.story.visitor_topic, 1)
    )
    tell(running, stage, clock, say=lambda _: None, stop=threading.Event(), events=posts)
    workspace = running.desk.workspace
    with running.deps.db.read() as session:
        living = themes.load(session, workspace)
        told = [_home(session, workspace, living, stage.posted[post.key]) for post in posts]
        told += [f"alert: {e.kind}, {len(e.ticket_ids)} tickets" for e in alerts.since(session, workspace, began)]
    return told


def _home(session: Session, workspace: str, living: Mapping[int, Theme], place: tuple[str, str]) -> str:
    ticket = tickets.find(session, workspace, Source.SLACK, "/".join(place))
    home = memberships.home_of(session, ticket) if ticket is not None else None
    if home is None or home[0] not in living:
        return "waits for a theme"
    return f"in {living[home[0]].key} ({living[home[0]].title}), similarity {home[1]:.2f}"


def found(seen: Seen, intent: str) -> Found:
    """The theme that holds most of an intent's tickets."""
    own = [ticket for ticket, its in seen.intents.items() if its == intent]
    held = Counter(seen.homes[ticket] for ticket in own if ticket in seen.homes)
    if not held:
        return Found(intent, len(own), None, 0.0, 0.0)
    theme, inside = held.most_common(1)[0]
    size = sum(home == theme for home in seen.homes.values())
    return Found(intent, len(own), seen.themes.get(theme), inside / len(own), inside / size)


def about(seen: Seen, episode: Episode) -> str:
    """The intent that most of an alert's tickets have; "" when the story knows none of them."""
    votes = Counter(seen.intents[ticket] for ticket in episode.ticket_ids if ticket in seen.intents)
    return votes.most_common(1)[0][0] if votes else ""


def _intent_table(seen: Seen, truth: Truth) -> None:
    print("\n| intent | what it is | tickets | theme | its title | recall | purity |\n|---|---|---:|---|---|---:|---:|")
    told = {finding["intent"]: finding["kind"] for finding in truth["expected_findings"]}
    rows = [found(seen, intent) for intent in truth["intents"]]
    for row in sorted(rows, key=lambda row: (row.intent not in told, -row.tickets)):
        title = row.theme.title.replace("|", "/") if row.theme else "none"
        key = row.theme.key if row.theme else ""
        kind = told.get(row.intent, "")
        print(f"| {row.intent} | {kind} | {row.tickets} | {key} | {title} | {row.recall:.2f} | {row.purity:.2f} |")
    wanted = [row for row in rows if row.intent in told]
    missed = [row.intent for row in wanted if not row.is_found]
    print(f"\nExpected findings with a theme of their own: {len(wanted) - len(missed)} of {len(wanted)}")
    print(f"Missed: {', '.join(missed) or 'none'}")
    print(f"All intents with a theme of their own: {sum(row.is_found for row in rows)} of {len(rows)}")


def _incident_table(seen: Seen, truth: Truth) -> None:
    print("\n| incident | kind | tickets | first alert | kind of alert | delay |\n|---|---|---:|---|---|---:|")
    for incident in truth["incidents"]:
        start = datetime.fromisoformat(incident["start"])
        inside = [e for e in seen.episodes if about(seen, e) == incident["intent"] and e.opened_at >= start]
        first = inside[0] if inside else None
        told = f"{first.opened_at:%d %b %H:%M} | {first.kind} | {_delay(first, start)}" if first else "none | | missed"
        print(f"| {incident['id']} | {incident['kind']} | {len(incident['tickets'])} | {told} |")


def _delay(episode: Episode, start: datetime) -> str:
    hours = (episode.opened_at - start) / timedelta(hours=1)
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:.1f} days"


def _alert_table(seen: Seen, truth: Truth) -> None:
    expected = {finding["intent"] for finding in truth["expected_findings"]}
    expected |= {incident["intent"] for incident in truth["incidents"]}
    tally: Counter[tuple[str, str]] = Counter()
    for episode in seen.episodes:
        intent = about(seen, episode)
        tally[str(episode.kind), "about a finding or incident" if intent in expected else "about something else"] += 1
    print("\n| alerts | | number |\n|---|---|---:|")
    for (kind, whether), number in sorted(tally.items()):
        print(f"| {kind} | {whether} | {number} |")


def _keep(seen: Seen, story: Story, folder: Path) -> None:
    """The truth beside the database: the intent of each of the bot's tickets, and the story's own account."""
    kept = {"end": END.isoformat(), "intents": dict(seen.intents), "truth": story.truth}
    (folder / TRUTH).write_text(json.dumps(kept), encoding="utf-8")


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    kept.mkdir(parents=True)
    yield kept


def main() -> None:
    """Replay, look, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a new folder for the database and the truth")
    options = parser.parse_args()
    remove_proxies(os.environ)  # Slack's SDK reads proxies from it and ignores NO_PROXY
    story = build_story(seed=options.seed, end=END, weeks=WEEKS, scale=options.scale)
    clock = DemoClock(story.events[0].at - timedelta(hours=1))
    with (
        _folder(options.keep) as folder,
        Playground(0, lambda: clock.now().timestamp(), name=story.company.name) as playground,
    ):
        stage = Stage(playground, story)
        stage.build()
        running = assemble(demo_settings(playground, folder), clock=clock)
        introduce(running.deps, running.desk.workspace, stage)
        wall, cpu = time.perf_counter(), time.process_time()
        tell(running, stage, clock, say=lambda _: None, stop=threading.Event())
        seconds, spent = time.perf_counter() - wall, time.process_time() - cpu
        seen = look(running, stage)
        if options.keep:
            _keep(seen, story, folder)
        fresh = [] if options.keep else visit(running, stage, clock)
        running.stop()
    print(
        f"scale {options.scale}, seed {options.seed}: {len(story.truth['tickets'])} tickets, {len(story.events)} events"
    )
    print(f"{len(seen.intents)} tickets known to the bot, {len(set(seen.homes.values()))} themes with tickets of them")
    print(f"replayed in {seconds:.0f} s, {spent:.0f} s of CPU")
    _intent_table(seen, story.truth)
    _incident_table(seen, story.truth)
    _alert_table(seen, story.truth)
    if fresh:
        print("\nFive posts on a subject that the story does not have:", *fresh, sep="\n- ")


if __name__ == "__main__":
    main()

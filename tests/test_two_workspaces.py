"""Two workspaces in one process, with the same ids for everybody and everything: nothing of one is ever in the other."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from oauth_world import OAuthWorld, Place, oauth_world
from office import an_office
from slack_world import LOGIN

from bot.blocks import ids
from bot.event_target import build_events
from bot.flows import correct
from bot.flows.report import ThemesRequest, list_themes
from bot.helpdesks import build_helpdesks
from bot.jobs import build_registry
from bot.schedule import Schedule, places
from bot.settings import Settings, load_settings
from bot.trackers import build_tracker
from intelligence.model import LabelSet, Level, Scope, Subcategory
from playground import OperationTimeout
from storage import queue, workspaces
from storage.queue import Job
from storage.tables import Row

#: A word that the customers of each workspace use, and nobody else.
SECRET = {"T0ALPHA": "quokka", "T0BETA": "zebrafish"}
SAYINGS = (*LOGIN, "Where do I find the invoices?", "Thanks, that works now", "The export to Excel lacks a column")
COMMANDS = (
    "themes 90d",
    "theme TI-1",
    "why TI-1",
    "known the login page comes back again",
    "search login",
    "report week",
    "gaps",
    "bugs",
    "alerts",
    "health",
    "areas",
    "quality",
    "review",
    "settings",
    "channel",
    "rename TI-1 The {secret} trouble",
    "watch TI-1",
    "resolve TI-1",
)
OTHERS = ("mention", "home", "edit", "delete", "react", "shortcut")
ACTS = 15


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OAuthWorld]:
    """Both installed, and in both the beginning of a theme that would be one if they were one workspace."""
    with oauth_world(tmp_path_factory.mktemp("two")) as world:
        for place in world.places:
            assert world.install(place).status == 200
            for number, text in enumerate(LOGIN):
                say(place, number, text)
        world.settle(60)
        yield world


def secret(place: Place) -> str:
    return SECRET[place.pg.team_id]


def say(place: Place, person: int, text: str) -> dict[str, Any]:
    who = place.customers[person % len(place.customers)]
    return place.pg.say(who, place.support, f"{text} on the {secret(place)} portal")


def last(place: Place) -> dict[str, Any]:
    """The newest message of a customer."""
    return [m for m in place.pg.messages(place.support) if m.get("user") in place.customers and not m.get("subtype")][
        -1
    ]


def act(world: OAuthWorld, what: str, team: int, words: str) -> None:
    place = world.places[team]
    pg, newest = place.pg, last(place)
    if what == "say":
        say(place, len(pg.messages(place.support)), words)
    elif what == "ask":
        pg.slash(place.admin, place.product, ids.COMMAND, words.format(secret=secret(place)))
    elif what == "mention":
        pg.say(place.pm, place.support, f"<@{pg.bot_user_id}> is this known?", thread_ts=newest["ts"])
    elif what == "home":
        pg.open_home(place.admin)
    elif what == "edit":
        pg.edit(newest["user"], place.support, newest["ts"], f"{newest['text']} again")
    elif what == "delete" and len(pg.messages(place.support)) > len(LOGIN) + 3:
        pg.delete(newest["user"], place.support, newest["ts"])
    elif what == "react":
        pg.react(place.admin, place.support, newest["ts"], "white_check_mark")
    elif what == "shortcut":
        pg.message_shortcut(place.pm, place.support, newest["ts"], ids.KNOWN_SHORTCUT)


def in_order(world: OAuthWorld) -> None:
    """What must be true after whatever happened."""
    for place, other in zip(world.places, reversed(world.places), strict=True):
        foreign = secret(other)
        for call in place.pg.calls:
            assert foreign not in json.dumps([call.args, call.reply], default=str), call.method
        assert foreign not in json.dumps([dict(d.reply) for d in place.pg.deliveries])
        rows = rows_of(world, place.pg.team_id)
        assert foreign not in rows
        assert secret(place) in rows
        assert place.pg.problems == []
        assert texts(world, place) == {
            f"{place.support}/{m['ts']}": m["text"]
            for m in place.pg.messages(place.support)
            if m.get("user") in place.customers and m.get("subtype") != "channel_join"
        }
    assert crossing(world) == []


def rows_of(world: OAuthWorld, team: str) -> str:
    """Everything that is stored for a workspace, as text."""
    tables = [t for t in Row.metadata.sorted_tables if "workspace_id" in t.columns and t.name != "vectors"]
    with world.running.deps.db.read() as session:
        found = [session.execute(sa.select(t).where(t.c.workspace_id == team)).all() for t in tables]
        own = session.execute(sa.text("SELECT * FROM workspaces WHERE id = :team"), {"team": team}).all()
    return repr([found, own])


def texts(world: OAuthWorld, place: Place) -> dict[str, str]:
    """The stored words of customers, by message."""
    query = sa.text(
        "SELECT external_id, text FROM messages WHERE workspace_id = :team AND deleted_at IS NULL AND role = 'customer'"
    )
    with world.running.deps.db.read() as session:
        return {row.external_id: row.text for row in session.execute(query, {"team": place.pg.team_id})}


def crossing(world: OAuthWorld) -> list[str]:
    """Rows that point at a ticket, theme or alert of another workspace."""
    found: list[str] = []
    targets = {"ticket_id": "tickets", "theme_id": "themes", "alert_id": "alerts"}
    with world.running.deps.db.read() as session:
        for table in Row.metadata.sorted_tables:
            for column, target in targets.items():
                if "workspace_id" in table.columns and column in table.columns and target in Row.metadata.tables:
                    there = Row.metadata.tables[target].alias()
                    query = (
                        sa.select(sa.func.count())
                        .select_from(table.join(there, table.c[column] == there.c.id))
                        .where(table.c.workspace_id != there.c.workspace_id)
                    )
                    if session.execute(query).scalar_one():
                        found.append(f"{table.name}.{column}")
    return found


def some_acts(seed: int) -> list[tuple[str, int, str]]:
    """Acts of people in both workspaces, in any order: what, in which, in what words."""
    draw = random.Random(seed)  # hypothesis forbids that threads of the bot use `random` while it draws
    kinds = [("say", SAYINGS), ("ask", COMMANDS), *((other, ("",)) for other in OTHERS)]
    weights = [8, 8, *(2 for _ in OTHERS)]
    chosen = draw.choices(kinds, weights, k=ACTS)
    return [(what, draw.randrange(2), draw.choice(words)) for what, words in chosen]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_nothing_of_one_workspace_is_in_the_other(world: OAuthWorld, seed: int) -> None:
    for what, team, words in some_acts(seed):
        with suppress(OperationTimeout):  # a busy machine: Slack tells the person to try again
            act(world, what, team, words)
    world.settle(60)
    in_order(world)


def test_each_has_themes_alerts_and_counts_of_its_own(world: OAuthWorld) -> None:
    world.settle(60)
    for place in world.places:
        found = list_themes(world.running.deps, Scope(place.pg.team_id), ThemesRequest("90d"))
        assert found.lines
        assert found.lines[0].theme.key == "TI-1"
        own = [m for m in place.pg.messages(place.product) if m.get("user") == place.pg.bot_user_id]
        assert own, "the alert of this workspace"
        assert secret(place) in json.dumps(own)


def test_what_one_workspace_corrects_teaches_the_other_nothing(world: OAuthWorld) -> None:
    deps = world.running.deps
    base = deps.readers.of("T0BETA")
    with deps.db.read() as session:
        read = sa.text("SELECT min(ticket_id) FROM analyses WHERE workspace_id = 'T0ALPHA'")
        ticket = int(session.execute(read).scalar_one())
    said = LabelSet(Subcategory.INTEGRATION_REQUEST, None, Level.LOW, Level.LOW)
    correct.correct(deps, Scope("T0ALPHA"), ticket, said, by="U0PM")
    world.running.worker.wake()
    world.settle(60)
    assert deps.readers.of("T0BETA") is base
    assert deps.readers.of("T0ALPHA") is not base


class There:
    """Two workspaces, of which one has taken the app out."""

    def workspaces(self, *, gone: bool = False) -> list[str]:
        return ["T0ALPHA", "T0GONE"] if gone else ["T0ALPHA", "T0BETA"]

    def of(self, workspace: str) -> Any:
        raise AssertionError("nobody has to be asked")


def test_every_tick_rings_in_each_once_and_polls_only_for_whom_they_are(tmp_path: Path, sqlite_template: Path) -> None:
    given = mine(zendesk_subdomain="acme", zendesk_email="a@b.example", zendesk_api_token="t", tracker="github")
    with an_office(tmp_path, sqlite_template) as office:
        deps = replace(office.deps, settings=given)
        schedule = Schedule(deps, places(There(), given), lambda: None)
        assert schedule.ring_missed() > 0
        assert schedule.ring_missed() == 0
        with deps.db.read() as session:
            keys = session.execute(sa.text("SELECT key FROM jobs WHERE key LIKE 'schedule:%'")).scalars().all()
    rung: dict[str, set[str]] = {}
    for _, job, team, *_ in (key.split(":") for key in keys):
        rung.setdefault(job, set()).add(team)
    both, home = {"T0ALPHA", "T0BETA"}, {"T0ALPHA"}
    assert rung == {
        **dict.fromkeys(
            ("nightly", "look_again", "quiet", "wake", "usergroups", "reports", "installation_check"), both
        ),
        **dict.fromkeys(("poll", "issue_poll"), home),
        "retention": {"T0ALPHA", "T0GONE"},
    }


def test_a_job_of_another_workspace_does_not_ask_the_helpdesk(tmp_path: Path, sqlite_template: Path) -> None:
    given = mine(zendesk_subdomain="acme", zendesk_email="a@b.example", zendesk_api_token="t")
    with an_office(tmp_path, sqlite_template) as office:
        deps = replace(office.deps, settings=given, helpdesks=build_helpdesks(given))
        poll = build_registry(deps)["poll"].one
        for team in ("T0ALPHA", "T0BETA"):
            with deps.db.write() as session:
                workspaces.ensure(session, team, deps.clock.now())
            args = {"workspace": team, "due": deps.clock.now().isoformat()}
            poll(deps, Job(1, team, "poll", args, None, 1, "t", deps.clock.now()), lambda _session: None)
        with deps.db.read() as session:
            pages = [job.key.split(":") for job in queue.listing(session) if job.job == "helpdesk_page"]
        assert [("T0ALPHA" in key, "T0BETA" in key) for key in pages] == [(True, False)]
        deps.helpdesks.close()


def mine(**given: Any) -> Settings:
    return load_settings(None, slack_client_id="1.2", workspace="T0ALPHA", **given)


@pytest.mark.parametrize(
    "of",
    [
        lambda deps, team: deps.within(team).helpdesks.desks,
        lambda deps, team: deps.within(team).tracker,
        lambda deps, team: deps.within(team).events,
        lambda deps, team: deps.settings.ids_in(team, "admins"),
        lambda deps, team: deps.settings.ids_in(team, "ticket_apps"),
    ],
    ids=["helpdesks", "tracker", "events", "admins", "ticket_apps"],
)
def test_what_the_operator_set_belongs_to_the_workspace_it_names(
    world: OAuthWorld, of: Callable[[Any, str], object]
) -> None:
    given = mine(
        zendesk_subdomain="acme",
        zendesk_email="a@acme.example",
        zendesk_api_token="t",
        tracker="github",
        tracker_repository="a/b",
        tracker_token="t",
        events_url="https://events.example/in",
        events_secret="whsec_" + "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=",
        admins="U0PG0000001",
        ticket_apps="A1",
    )
    deps = replace(
        world.running.deps,
        settings=given,
        helpdesks=build_helpdesks(given),
        tracker=build_tracker(given),
        events=build_events(given),
    )
    try:
        assert of(deps, "T0ALPHA")
        assert not of(deps, "T0BETA")
    finally:
        deps.helpdesks.close()
        for one in (deps.tracker, deps.events):
            assert one is not None
            one.close()

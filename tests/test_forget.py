"""A forgotten customer is in no table and in no byte of the file, stays away, and the counts of the others are true."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import NOW, database_copy, fresh_database
from slack_world import LOGIN, encoder
from sqlmodel import Session

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import alert, cards, correct, forget, helpdesk_tickets, ingest, missed
from bot.flows.importing import import_file
from bot.flows.recognize import Question, known
from bot.flows.reports.publishing import publish_due
from bot.flows.resolve import resolve_theme
from bot.jobs import build_registry
from bot.messenger import ConsoleMessenger, Outgoing
from bot.settings import load_settings
from bot.worker import Worker
from integrations.helpdesks.port import HelpdeskTicket, Person, Said
from integrations.slack import SlackMessage, message_event
from intelligence.model import ChannelRole, LabelSet, Level, Role, Scope, Source, Subcategory, Visibility
from storage import (
    alerts,
    erasure,
    inbox,
    memberships,
    queue,
    reports,
    sweep,
    theme_events,
    themes,
    tombstones,
    tracked_issues,
    workspaces,
)
from storage.engine import Database
from storage.tables import Row

HERE = "T1"
SCOPE = Scope(HERE)
ANN = Person("requester-908171", "Ann Zweigle", "ann.zweigle@xylophonic.example")
ANN_SLACK = "U0ANNZWEIGLE"
#: Ann's own words, and every way in which she is known.
SECRETS = (
    "zebrafinch",
    "quixotically",
    "marmalade",
    "periwinkle",
    "Zweigle",
    "xylophonic",
    ANN_SLACK,
    ANN.external_id,
    "zd-771203",
    "row-551177",
    "1768208461.000100",
    "customer 1]",
)


@dataclass
class World:
    """A workspace over a real database in which Ann is one of several customers, known from three sources."""

    deps: Deps
    clock: SimulatedClock
    said: ConsoleMessenger
    folder: Path
    ann_ticket: int = 0

    def work(self) -> None:
        self.clock.advance(timedelta(minutes=5))
        Worker(self.deps, build_registry(self.deps), threads=1).run_due()

    def ticket(self, person: Person, number: str, text: str, *, at=None) -> ingest.Taken:
        at = at or self.clock.now()
        said = Said(f"{number}#1", Role.CUSTOMER, text, at, author=person.name)
        answer = Said(f"{number}#2", Role.AGENT, f"Hello {person.name}, we look into it", at + timedelta(seconds=5))
        told = HelpdeskTicket(
            Source.ZENDESK, number, at, at, (said, answer), subject=text[:60], requester=person, whole=True
        )
        with self.deps.db.write() as session:
            return helpdesk_tickets.store(self.deps, session, HERE, told)

    def slack(self, user: str, ts: str, text: str, *, thread: str | None = None) -> ingest.Taken:
        event = {"type": "message", "channel": "CSUPPORT", "user": user, "ts": ts, "text": text}
        parsed = message_event(event | ({"thread_ts": thread} if thread else {}))
        assert isinstance(parsed, SlackMessage)
        with self.deps.db.write() as session:
            return ingest.take_message(self.deps, session, HERE, parsed)

    def file(self) -> Path:
        path = self.folder / "tickets.csv"
        rows = (
            "id,created,subject,text,email,name",
            f"row-551177,2026-01-08,Login,Okta login loops and my periwinkle dashboard is gone,{ANN.email},{ANN.name}",
            "row-2,2026-01-08,Login,Okta SSO login sends me back to the login page,ben@other.example,Ben Ordinary",
        )
        path.write_text("\n".join(rows), encoding="utf-8")
        return path


@contextmanager
def opened(url: str, folder: Path, clock: SimulatedClock, said: ConsoleMessenger) -> Iterator[World]:
    settings = load_settings(None, database_url=url, slack_post_seconds=0.0, workspace=HERE, debounce_seconds=0.0)
    deps = build_deps(settings, clock=clock, messenger=said, embedder=encoder(), migrate=False)
    yield World(deps, clock, said, folder)
    deps.close()


@contextmanager
def a_world(url: str, folder: Path) -> Iterator[World]:
    with opened(url, folder, SimulatedClock(NOW), ConsoleMessenger()) as world:
        introduce(world)
        yield world


def introduce(world: World) -> None:
    with world.deps.db.write() as session:
        workspaces.ensure(session, HERE, NOW - timedelta(days=30))
        workspaces.update(session, HERE, shadow=False)
        for channel, role in (("CSUPPORT", ChannelRole.SUPPORT), ("CENG", ChannelRole.ENGINEERING)):
            workspaces.put_channel(session, HERE, channel, name=channel, visibility=Visibility.PUBLIC, member=True)
            workspaces.choose_channel(session, HERE, channel, role=role, by="U0ADMIN", now=NOW)


def live_a_little(world: World) -> None:
    """Ann asks in three places, others ask the same, and the product does with it all that it can do."""
    import_file(world.deps, HERE, world.file())
    world.clock.advance(timedelta(minutes=2))
    world.slack(ANN_SLACK, "1768208461.000100", "Okta login loops quixotically since the update, same for my team")
    world.slack("U0CARLA", "1768208462.000100", LOGIN[1])
    world.slack(ANN_SLACK, "1768208463.000100", "Same here, with my marmalade workspace", thread="1768208462.000100")
    words = "Login with Okta SSO loops for the zebrafinch project, I come back to the login page again and again"
    taken = world.ticket(ANN, "zd-771203", words)
    assert taken.ticket_id is not None
    world.ann_ticket = taken.ticket_id
    for number, text in enumerate(LOGIN, 1):
        world.ticket(
            Person(f"r{number}", f"Person Number{number}", f"p{number}@firm{number}.example"), f"zd-{number}", text
        )
    world.work()
    deps = world.deps
    with deps.db.read() as session:
        home = memberships.home_of(session, world.ann_ticket)
    assert home is not None
    label = LabelSet(Subcategory.INTEGRATION_FAILURE, None, Level.HIGH, Level.HIGH)
    correct.correct(deps, SCOPE, world.ann_ticket, label, by="U0AGENT")
    missed.report(
        deps, SCOPE, "Invoices of the xylophonic.example account arrive twice and show no tax at all", by="U0AGENT"
    )
    known(deps, SCOPE, Question("Okta login loops", ticket_id=world.ann_ticket))
    key = themes_of(world)[home[0]].key
    with deps.db.write() as session:
        tracked_issues.want(session, HERE, home[0], "marker-1", "Login of Ann Zweigle loops", by="U0AGENT", now=NOW)
        alert.critical_tickets(deps, session, HERE, [world.ann_ticket])
        told = {"event": {"type": "message", "user": ANN_SLACK, "text": "never dealt with, zebrafinch"}}
        inbox.receive(session, HERE, "dead-delivery", "event", told, NOW)
        args = {"workspace": HERE, "source": "zendesk", "external_id": "zd-771203"}
        queue.enqueue(
            session,
            "helpdesk_fetch",
            args,
            key=f"helpdesk_fetch:{HERE}:zendesk:zd-771203@1",
            now=NOW + timedelta(days=99),
        )
        workspaces.put_state(session, HERE, "helpdesk:zendesk:zd-771203", NOW.isoformat(), NOW)
        themes.update(session, home[0], title="Zebrafinch login loops")
        theme_events.happened(
            session,
            HERE,
            home[0],
            "merged",
            "machine",
            {"text": "joined by “Zebrafinch login loops” of [customer 1]"},
            NOW,
        )
    world.work()
    world.clock.advance(timedelta(days=7))
    publish_due(deps, HERE, world.clock.now())
    world.work()
    resolve_theme(deps, SCOPE, key, "4.2", by="U0AGENT")
    world.work()


def themes_of(world: World) -> dict[int, themes.Theme]:
    with world.deps.db.read() as session:
        return themes.load(session, HERE)


def everything(session: Session) -> str:
    """Every value of every table as one text."""
    told: list[str] = []
    for table in Row.metadata.sorted_tables:
        for row in session.execute(sa.select(table)).all():
            told.append(f"{table.name}: {json.dumps([str(value) for value in row], ensure_ascii=False)}")
    return "\n".join(told)


def found(world: World) -> dict[str, list[str]]:
    """Secrets that are still somewhere, with the rows that hold them."""
    with world.deps.db.read() as session:
        lines = everything(session).splitlines()
    hits = {secret: [line[:200] for line in lines if secret.lower() in line.lower()] for secret in SECRETS}
    return {secret: lines for secret, lines in hits.items() if lines}


@dataclass
class Lived:
    """What is left of a world in which all that was done: its database, the time, what was said, Ann's ticket."""

    url: str
    at: datetime
    sent: list[Outgoing]
    ann_ticket: int


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("lived")
    with fresh_database(request, folder / "lived.db") as url:
        with a_world(url, folder) as world:
            live_a_little(world)
        yield Lived(url, world.clock.now(), world.said.sent, world.ann_ticket)


@pytest.fixture
def world(lived: Lived, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A copy of it for each test."""
    clock, said = SimulatedClock(lived.at), ConsoleMessenger(list(lived.sent))
    with (
        database_copy(request, lived.url, tmp_path / "test.db") as url,
        opened(url, tmp_path, clock, said) as world,
    ):
        world.ann_ticket = lived.ann_ticket
        yield world


def forget_ann(world: World) -> None:
    """By both of her identities: nothing tells that the person in Slack is the one of the helpdesk."""
    for words in (ANN.email, ANN_SLACK):
        forget.start(world.deps, SCOPE, words, by="U0ADMIN")
    world.work()


def test_nothing_of_the_customer_is_left_in_any_table_or_byte(world: World, tmp_path: Path) -> None:
    assert set(SECRETS) == found(world).keys(), "the test looks for what was there"
    forget_ann(world)
    assert found(world) == {}
    if world.deps.db.is_sqlite:
        data = b"".join(path.read_bytes() for path in tmp_path.glob("test.db*"))
        assert [secret for secret in SECRETS if secret.lower().encode() in data.lower()] == []
    with world.deps.db.read() as session:
        assert not queue.listing(session, state="dead", limit=5)
        trail = workspaces.audit_trail(session, HERE, limit=5)
    told = [entry for entry in trail if entry.action == "forget"]
    assert [entry.subject for entry in told] == ["a customer"] * 2
    assert {entry.actor for entry in told} == {"U0ADMIN"}


def test_the_counts_of_the_others_are_true(world: World) -> None:
    deps = world.deps
    with deps.db.read() as session:
        home = memberships.home_of(session, world.ann_ticket)
        assert home is not None
        before = memberships.size(session, SCOPE, home[0])
        episode = next(one for one in alerts.of_theme(session, HERE, home[0]) if world.ann_ticket in one.ticket_ids)
        (published,) = [
            one for one in reports.that_count(session, HERE, [world.ann_ticket]) if one.report.span.kind == "week"
        ]
        theirs = erasure.tickets_of(session, HERE, erasure.find(session, HERE, ANN.email)[0])
    seen = forget.preview(deps, SCOPE, ANN.email)
    assert (seen.tickets, seen.people, seen.account) == (len(theirs), 1, False)
    forget_ann(world)
    with deps.db.read() as session:
        after = memberships.size(session, SCOPE, home[0])
        assert before - after >= 2
        assert world.ann_ticket not in alerts.get(session, HERE, episode.id).ticket_ids
        edited = reports.by_id(session, HERE, published.id)
        assert edited is not None
        behind = {ticket for ids in edited.tickets.values() for ticket in ids}
    assert edited.edited_at is not None
    assert not behind & set(theirs)
    assert edited.report.volume.tickets == len(behind) < published.report.volume.tickets
    assert edited.report.computed_at == published.report.computed_at
    theme = themes_of(world)[home[0]]
    assert "ebrafinch" not in theme.title
    assert cards.card(deps, SCOPE, theme.key).tickets == after
    assert world.said.edits, "messages of living alerts are edited"


def test_what_was_forgotten_does_not_come_back_and_what_is_new_does(world: World) -> None:
    forget_ann(world)
    again = import_file(world.deps, HERE, world.file())
    assert (again.stored, again.duplicates, again.forgotten) == (0, 1, 1)
    assert world.ticket(ANN, "zd-771203", "Login loops, zebrafinch").refusal == ingest.FORGOTTEN
    old = world.clock.now() - timedelta(days=8)
    assert world.ticket(ANN, "zd-900000", "An older ticket, zebrafinch", at=old).refusal == ingest.FORGOTTEN
    assert world.slack(ANN_SLACK, "1768208461.000100", "Okta loops quixotically").refusal == ingest.FORGOTTEN
    assert world.slack("U0AGENT", "1768208999.000100", "Look", thread="1768208461.000100").refusal == ingest.FORGOTTEN
    with world.deps.db.write() as session:
        taken = helpdesk_tickets.erase(world.deps, session, HERE, Source.ZENDESK, "zd-771203")
    assert taken.refusal == ingest.FORGOTTEN
    world.work()
    assert found(world) == {}
    fresh = world.slack(ANN_SLACK, f"{world.clock.now().timestamp():.6f}", "The export to Excel is empty since today")
    assert fresh.ticket_id is not None, "what is written later is news of somebody unknown"


class PowerCut(Exception):
    """The process ends here."""


class Failing:
    """A database whose writing ends the process after a while."""

    def __init__(self, db, writes: int) -> None:
        self._db, self._left = db, writes

    def __getattr__(self, name: str):
        return getattr(self._db, name)

    @contextmanager
    def write(self):
        with self._db.write() as session:
            yield session
            self._left -= 1
            if self._left < 0:
                raise PowerCut  # before the commit: this transaction is lost


def test_an_interrupted_forgetting_goes_on_where_it_stopped(world: World) -> None:
    with world.deps.db.read() as session:
        (subject,) = erasure.find(session, HERE, ANN.email)
    cuts = 0
    for writes in range(1, 60):
        dying = replace(world.deps, db=Failing(world.deps.db, 1 + writes % 4))  # pyright: ignore[reportArgumentType]
        try:
            forget.carry_out(dying, HERE, subject.handle, by="U0ADMIN")
            break
        except PowerCut:
            cuts += 1
    assert cuts >= 3
    forget.carry_out(world.deps, HERE, subject.handle, by="U0ADMIN")
    forget.carry_out(world.deps, HERE, subject.handle, by="U0ADMIN")
    forget.now(world.deps, SCOPE, ANN_SLACK, by="U0ADMIN")
    world.work()
    assert found(world) == {}
    with world.deps.db.read() as session:
        done = [entry for entry in workspaces.audit_trail(session, HERE, limit=20) if entry.action == "forget"]
    assert len(done) == 2


def test_namesakes_are_asked_about_and_strangers_are_unknown(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    with a_world(f"sqlite:///{tmp_path}/test.db", tmp_path) as world:
        for number in (1, 2):
            world.ticket(Person(f"r{number}", "Kim Doe", f"kim{number}@acme.example"), f"zd-{number}", "Export fails")
        with pytest.raises(BadInput, match="2 customers are called so"):
            forget.preview(world.deps, SCOPE, "kim doe")
        with pytest.raises(BadInput, match="no customer"):
            forget.preview(world.deps, SCOPE, "nobody@nowhere.example")
        one = forget.preview(world.deps, SCOPE, "KIM1@acme.example")
        assert (one.people, one.tickets, one.handle) == (1, 1, "customer:1")
        account = forget.preview(world.deps, SCOPE, "acme.example")
        assert (account.people, account.tickets, account.account) == (2, 2, True)
        forget.now(world.deps, SCOPE, "acme.example", by="operator")
        with world.deps.db.read() as session:
            assert "kim" not in everything(session).lower()


def test_words_are_taken_out_whole_and_in_any_encoding(database: Database) -> None:
    with database.write() as session:
        workspaces.ensure(session, HERE, NOW)
        told = {"text": "Änne Müller-Lüdenscheidt and joann@x.example", "list": ["ann@x.example", 7]}
        workspaces.put_state(session, HERE, "note", told, NOW)
        instead = {"Änne Müller-Lüdenscheidt": "[erased]", "ann@x.example": "[erased]"}
        sweep.replace(session, sweep.find_words(session, HERE, instead))
        assert workspaces.setting(session, HERE, "note") == {
            "text": "[erased] and joann@x.example",
            "list": ["[erased]", 7],
        }
        assert sweep.find_words(session, HERE, instead) == []


def test_a_tombstone_tells_nobody_who_it_is(database: Database) -> None:
    mark, other = tombstones.person(Source.SLACK, ANN_SLACK), tombstones.person(Source.ZENDESK, ANN_SLACK)
    with database.write() as session:
        for place in (HERE, "T2"):
            workspaces.ensure(session, place, NOW)
            assert tombstones.buried(session, place, [mark]) == {}
            tombstones.bury(session, place, [mark, mark], NOW)
            tombstones.bury(session, place, [mark], NOW + timedelta(days=1))
        assert tombstones.buried(session, HERE, [mark, other]) == {mark: NOW + timedelta(days=1)}
        assert tombstones.refused(session, HERE, NOW, [mark])
        assert not tombstones.refused(session, HERE, NOW + timedelta(days=2), [mark])
        digests = [row[1] for row in session.execute(sa.select(Row.metadata.tables["tombstones"])).all()]
        assert len(set(digests)) == 2, "the same id hashes differently in another workspace"
        assert ANN_SLACK not in everything(session)

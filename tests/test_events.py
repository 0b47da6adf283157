"""Events that leave: signed, once each, to a public address alone, and with no word that its channel keeps."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from databases import NOW
from hypothesis import given
from hypothesis import strategies as st
from office import HERE, Office, an_office
from test_theme_edits import EXPORT, themed

from bot.errors import BadSettings
from bot.event_target import build_events
from bot.flows import alert_care, event_delivery, rename, resolve
from bot.settings import load_settings
from integrations.addresses import is_public
from integrations.events import EventTarget, NotDelivered, sign
from integrations.helpdesks import signatures
from intelligence.model import QuotePolicy, Scope, Visibility
from storage import memberships, outbox, themes, vectors, workspaces

VECTORS = Path(__file__).parents[2] / "shared/schemas/signature_vectors.json"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
SCOPE = Scope(HERE)


@dataclass
class Receiver:
    """Somebody else's endpoint on this machine: keeps what it got, and answers what it is told to."""

    address: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = made.answers.pop(0) if made.answers else (204, {})
            self.send_response(status)
            for name, value in ({"content-length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = Receiver(f"127.0.0.1:{server.server_address[1]}")
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as made:
        yield made


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path, receiver: Receiver) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        target = EventTarget(f"http://{receiver.address}/hook", SECRET)
        made.deps = replace(made.deps, events=target)
        yield made
        target.close()


def test_signatures_are_those_of_the_specification() -> None:
    if not VECTORS.exists():
        pytest.skip("the signature vectors are not on this machine")
    (told,) = [one for one in json.loads(VECTORS.read_text()) if one["provider"] == "standard-webhooks"]
    at = datetime.fromtimestamp(int(told["webhook-timestamp"]), UTC)
    assert sign(told["secret"], told["webhook-id"], at, told["body"].encode()) == told["signature"]


@given(body=st.binary(max_size=300), message=st.text("abcdef_0123", min_size=1, max_size=40))
def test_what_we_sign_we_would_believe(body: bytes, message: str) -> None:
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": sign(SECRET, message, NOW, body),
    }
    assert signatures.standard(SECRET, headers, body, NOW) == message


def test_the_life_of_an_alert_is_told_once_and_signed(office: Office, receiver: Receiver) -> None:
    deps = office.deps
    key, theme, tickets = themed(office, EXPORT, "Export to Excel")
    made = office.raised(theme, tickets)
    office.work()
    rename.rename_theme(deps, SCOPE, key, "Export to real Excel", by="U0PM")
    alert_care.not_useful(deps, HERE, made, "U0PM", "noise")
    office.work()
    resolve.resolve_theme(deps, SCOPE, key, "4.2", by="U0PM")
    office.work()
    office.work()
    told = [(one["type"], one["data"].get("alert", {}).get("state")) for one in receiver.bodies]
    assert told == [
        ("alert.opened", "open"),
        ("theme.changed", None),
        ("alert.closed", "dismissed"),
        ("theme.resolved", None),
    ]
    assert receiver.bodies[0]["data"]["theme"]["tickets"] == len(EXPORT)
    assert receiver.bodies[0]["data"]["theme"]["quotes"]
    assert receiver.bodies[-1]["data"]["theme"]["state"] == "verifying"
    ids = [signatures.standard(SECRET, headers, body, office.clock.now()) for headers, body in receiver.got]
    assert len(set(ids)) == len(ids)


def test_counts_go_out_where_words_may_not(office: Office, receiver: Receiver) -> None:
    _, theme, tickets = themed(office, EXPORT, "Export to Excel")
    with office.deps.db.write() as session:
        place = {"role": workspaces.channel(session, HERE, "CSUPPORT").role, "by": "U0", "now": NOW}
        workspaces.choose_channel(session, HERE, "CSUPPORT", quotes=QuotePolicy.COUNTS, **place)
    office.raised(theme, tickets)
    office.work()
    (body,) = receiver.bodies
    assert (body["data"]["theme"]["quotes"], body["data"]["theme"]["held_back"]) == ([], len(EXPORT))
    assert not any(text[:20] in json.dumps(body) for text in EXPORT)


def test_private_places_and_shadow_tell_nothing(office: Office, receiver: Receiver) -> None:
    deps = office.deps
    with deps.db.write() as session:
        hidden = themes.give_birth(session, HERE, NOW, first_at=NOW, title="Zebrafinch")
        private = {"channel": "CINTERNAL", "visibility": Visibility.PRIVATE}
        found = tuple(office.ticket(session, text, **private) for text in EXPORT)
        memberships.place_many(session, HERE, [(one, hidden, 0.9) for one in found], NOW)
        for one, text in zip(found, EXPORT, strict=True):
            vectors.store(session, HERE, one, deps.embedder.model, f"h{one}", deps.embedder.encode([text])[0])
    office.raised(hidden, found)
    office.work()
    with deps.db.write() as session:
        workspaces.update(session, HERE, shadow=True)
    _, theme, tickets = themed(office, EXPORT, "Export to Excel")
    office.raised(theme, tickets)
    office.work()
    assert receiver.got == []


def test_a_failing_endpoint_is_tried_again_and_then_given_up(office: Office, receiver: Receiver) -> None:
    _, theme, tickets = themed(office, EXPORT, "Export to Excel")
    receiver.answers = [
        (503, {}),
        (500, {}),
        (302, {"location": "http://127.0.0.1:1/"}),
        (429, {"retry-after": "9000"}),
    ]
    office.raised(theme, tickets)
    office.work()
    seen = [len(receiver.got)]
    for pause in event_delivery.PAUSES[:4]:
        office.clock.advance(pause)
        office.work()
        seen.append(len(receiver.got))
    assert seen == [1, 2, 3, 4, 4], "429 told to wait longer than our own two hours"
    office.clock.advance(timedelta(seconds=9000))
    office.work()
    assert len(receiver.got) == 5
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    with office.deps.db.read() as session:
        assert outbox.waiting(session) == 0
    receiver.answers = [(500, {})] * 20
    office.raised(*office.theme())
    for pause in (timedelta(0), *event_delivery.PAUSES, timedelta(days=2)):
        office.clock.advance(pause)
        office.work()
    assert len(receiver.got) == 5 + 1 + len(event_delivery.PAUSES)
    with office.deps.db.read() as session:
        assert "answered 500" in outbox.refusals(session, HERE)[0][2]


def test_gone_ends_it_at_once(office: Office, receiver: Receiver) -> None:
    receiver.answers = [(410, {})]
    office.raised(*office.theme())
    office.work()
    office.clock.advance(timedelta(days=2))
    office.work()
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "192.0.2.1",
        "198.18.0.1",
    ],
)
def test_addresses_that_are_not_of_the_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::1.1.1.1"])
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(address)


def test_a_private_address_is_refused_whatever_its_name(receiver: Receiver) -> None:
    port = receiver.address.partition(":")[2]
    for answers in (["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"]):
        target = EventTarget(f"http://receiver.example:{port}/", SECRET, resolve=lambda *_, found=answers: found)
        with pytest.raises(NotDelivered, match="private network"):
            target.post("m", NOW, b"{}")
        target.close()
    for url in ("http://2130706433/", f"http://127.0.0.2:{port}/", "http://[::ffff:127.0.0.1]/"):
        target = EventTarget(url, SECRET)
        with pytest.raises(NotDelivered):
            target.post("m", NOW, b"{}")
        target.close()
    assert receiver.got == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver: Receiver) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    port = receiver.address.partition(":")[2]
    target = EventTarget(
        f"http://receiver.example:{port}/hook?a=1", SECRET, private_hosts=["Receiver.example"], resolve=rebinding
    )
    target.post("m", NOW, b"{}")
    target.close()
    assert asked == ["receiver.example"]
    assert receiver.got[0][0]["host"] == f"receiver.example:{port}"


def test_a_host_without_an_address_is_told() -> None:
    with pytest.raises(NotDelivered, match="no address"):
        EventTarget("https://nowhere.invalid/", SECRET).post("m", NOW, b"{}")


@pytest.mark.parametrize(
    ("url", "values", "says"),
    [
        ("https://a.example/x", {}, "EVENTS_SECRET"),
        (
            "http://a.example/x",
            {"events_secret": SECRET},
            "EVENTS_URL: use https://, or list a.example in PRIVATE_HOSTS",
        ),
        ("ftp://a.example", {}, "https"),
        ("https://me@a.example/", {}, "user name"),
        ("https://a.example/#x", {}, "without #"),
        ("https://a.example/", {"events_secret": "short"}, "whsec_"),
    ],
)
def test_settings_that_would_send_where_they_should_not(url: str, values: dict, says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        build_events(load_settings(None, events_url=url, **values))
    assert build_events(load_settings(None)) is None

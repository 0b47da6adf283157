"""Calls out and bodies in: where no setting may lead, and what nobody may fill our memory with."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx2
import openai
import pytest
from databases import NOW
from fastapi import Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.bodies import MOST_BYTES, Bodies
from bot.clock import SimulatedClock
from bot.errors import BadSettings
from bot.senders import FORGED_PER_MINUTE, Senders
from bot.settings import load_settings
from integrations import outgoing
from integrations.addresses import THIS_MACHINE, allowed, is_public, problem_of, refusal
from integrations.helpdesks.api import Api
from integrations.helpdesks.port import Unavailable
from integrations.openai import client_for

NEVER = ("169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "0.0.0.0", "::ffff:169.254.169.254")  # fmt: skip
PRIVATE = ("10.0.0.1", "192.168.1.1", "172.16.0.1", "127.0.0.1", "::1", "fd12::1", "100.64.0.1")


class Redirecting(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']}{self.path}")
        self.send_response(302)
        self.send_header("Location", f"http://{self.headers['Host']}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(5)


@given(st.ip_addresses())
def test_an_address_is_public_or_needs_to_be_listed_or_is_never_called(ip: object) -> None:
    told, listed = refusal("a.example", [str(ip)], ()), refusal("a.example", [str(ip)], {"a.example"})
    assert (told is None) == is_public(str(ip))
    assert listed is None or "no service" in listed
    assert told is not None or listed is None


def test_what_listing_a_host_allows() -> None:
    for address in NEVER:
        assert "no service" in str(refusal("a.example", [address], {"a.example"}))
    for address in PRIVATE:
        assert "PRIVATE_HOSTS" in str(refusal("a.example", [address], ()))
        assert refusal("A.example", [address], {"a.example"}) is None
        assert "PRIVATE_HOSTS" in str(refusal("a.example", ["1.1.1.1", address], ())), "one bad address is enough"
    assert allowed("localhost", ["X.example"]) == {"localhost", "x.example"}
    assert not allowed("a.example", ()) & THIS_MACHINE


@given(st.text(max_size=60))
def test_any_text_as_an_address_gets_a_sentence_or_is_one(text: str) -> None:
    assert problem_of(text) or text.split(":")[0].strip().lower() in {"http", "https"}


def test_every_client_checks_where_its_host_leads(port: int) -> None:
    lookup = {"names.example": ["127.0.0.1"], "two.example": ["192.0.2.1", "127.0.0.1"]}
    for private, refused in (((), True), (("names.example",), False)):
        made = outgoing.client(
            f"http://names.example:{port}", private_hosts=private, resolve=lambda host, _: lookup[host], timeout=5
        )
        with made:
            if refused:
                with pytest.raises(outgoing.AddressRefused, match=r"names\.example is in a private network"):
                    made.get(f"http://names.example:{port}/x")
            else:
                assert made.get(f"http://names.example:{port}/x").status_code == 302
                assert Redirecting.asked[-1] == f"names.example:{port}/x"
    api = Api("Vendor", "https://localtest.invalid")
    with pytest.raises(Unavailable, match=r"localtest\.invalid has no address"):
        api.get("x")
    api.close()


def test_a_second_address_is_tried_where_nobody_answers_at_the_first(port: int) -> None:
    url = f"http://two.example:{port}/"
    found = {"two.example": ["127.0.0.2", "127.0.0.1"]}
    with outgoing.client(url, private_hosts=["two.example"], resolve=lambda host, _: found[host], timeout=5) as made:
        assert made.get(url).status_code == 302


def test_the_model_client_follows_no_redirect(port: int) -> None:
    Redirecting.asked.clear()
    client = client_for(SecretStr("k"), f"http://127.0.0.1:{port}/v1", 5)
    with pytest.raises(openai.APIStatusError), client:
        client.models.list()
    assert Redirecting.asked == [f"127.0.0.1:{port}/v1/models"]


@pytest.mark.parametrize("name", ["openai_base_url", "events_url", "tracker_api_url", "slack_api_url"])
def test_settings_refuse_addresses_in_the_clear(name: str) -> None:
    for value, says in (
        ("http://models.example/api/", "list models.example in PRIVATE_HOSTS"),
        ("https://me@models.example/api/", "user name"),
        ("ftp://models.example/api/", "https://"),
        ("https://[::1/api/", "no address"),
    ):
        with pytest.raises(BadSettings, match=f"{name.upper()}: .*{says}"):
            load_settings(None, **{name: value})
    load_settings(None, private_hosts="models.example", **{name: "http://models.example/api/"})
    load_settings(None, **{name: "http://127.0.0.1:9/api/"})


def test_a_flood_of_forgers_takes_no_memory_and_slows_nobody_genuine() -> None:
    senders = Senders(5, SimulatedClock(NOW), most=100)
    for number in range(10_000):
        assert senders.forged(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}") == 0
    assert len(senders) == 100
    waits = [senders.forged(f"2001:db8::{number:x}") for number in range(FORGED_PER_MINUTE + 1)]
    assert waits == [0] * FORGED_PER_MINUTE + [2], "one network is one sender, whatever address it takes"
    assert [senders.genuine("zendesk") for _ in range(6)] == [0, 0, 0, 0, 0, 12]
    assert senders.genuine("tracker") == 0


def test_bodies_are_bounded_in_size_in_time_and_together() -> None:
    bodies, web = Bodies(most_held=1_500_000, seconds=0.2), FastAPI()
    seen: list[int] = []

    @web.post("/")
    async def take(body: bytes = Depends(bodies)) -> dict[str, int]:
        seen.append(bodies._held)
        await asyncio.sleep(0.05)
        return {"size": len(body)}

    async def never() -> object:
        yield b"x"
        await asyncio.sleep(5)

    async def ask() -> None:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=web), base_url="http://here") as client:
            assert (await client.post("/", content=b"x" * (MOST_BYTES + 1))).status_code == 413
            assert (await client.post("/", content=never())).status_code == 408
            answers = await asyncio.gather(*(client.post("/", content=b"y" * 900_000) for _ in range(4)))
            assert sorted(answer.status_code for answer in answers) == [200, 429, 429, 429]
            assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 429)

    asyncio.run(ask())
    assert max(seen) <= 1_500_000
    assert bodies._held == 0

"""How many messages a second one process takes over HTTP, and how long Slack waits for the acknowledgement.

    uv run --group bench python -m benchmarks.load --rates 5 10 20 40 80

A real process with its own database and the usual debounce; signed events come at a steady rate, whether it keeps up or
not (an open loop, as Slack's), and every one has to be stored in the end. Slack gives up on a delivery after 3 seconds. On a
machine that others use the seconds are theirs, too: the CPU seconds a message (acknowledged and stored) are the process's.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import os
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
import psutil

from benchmarks.growth import texts
from tests.bot_process import Town, town

PATIENCE = 3.0  # seconds that Slack waits


@dataclass(frozen=True, slots=True)
class Held:
    """What a rate led to: seconds of acknowledgements, and deliveries that Slack would have sent again."""

    rate: float
    sent: int
    p50: float
    p99: float
    late: int
    cpu: float


def signed(here: Town, number: int, text: str) -> tuple[bytes, dict[str, str]]:
    now = time.time()
    event = {"type": "message", "channel": here.support, "user": here.customers[number % len(here.customers)],
             "text": text, "ts": f"{now - 100 + number * 1e-6:.6f}", "channel_type": "channel"}  # fmt: skip
    envelope = {"type": "event_callback", "team_id": here.pg.team_id, "event_id": f"Ev{number}", "event": event}
    body = json.dumps(envelope).encode()
    basis = f"v0:{int(now)}:".encode() + body
    mac = hmac.digest(here.pg.signing_secret.encode(), basis, "sha256").hex()
    headers = {"x-slack-request-timestamp": str(int(now)), "x-slack-signature": f"v0={mac}"}
    return body, {**headers, "content-type": "application/json"}


def cpu_of(here: Town) -> float:
    assert here.bot.process is not None
    used = psutil.Process(here.bot.process.pid).cpu_times()
    return used.user + used.system


async def pour(here: Town, url: str, rate: float, seconds: float, first: int, said: list[str]) -> Held:
    """Send at a steady rate; who has no answer within Slack's patience counts as late."""
    waited: list[float] = []
    late = 0

    async def one(client: httpx2.AsyncClient, number: int) -> None:
        nonlocal late
        body, headers = signed(here, number, said[number % len(said)])
        began = time.perf_counter()
        try:
            answer = await client.post(url, content=body, headers=headers)
            late += answer.status_code != 200
        except httpx2.HTTPError:
            late += 1
        waited.append(time.perf_counter() - began)

    before = cpu_of(here)
    limits = httpx2.Limits(max_connections=500)
    async with (
        httpx2.AsyncClient(timeout=PATIENCE, trust_env=False, limits=limits) as client,
        asyncio.TaskGroup() as group,
    ):
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            group.create_task(one(client, first + number))
    here.bot.until(lambda: not here.bot.waiting(), 600)
    spent = (cpu_of(here) - before) / len(waited)
    return Held(rate, len(waited), float(np.percentile(waited, 50)), float(np.percentile(waited, 99)), late, spent)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rates", type=float, nargs="*", default=[5, 10, 20, 40, 80, 160])
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    port, said = free_port(), texts(500, np.random.default_rng(3))
    with tempfile.TemporaryDirectory(prefix="ticket-intel-load-") as folder, town(Path(folder), customers=50) as here:
        here.bot.settings |= {
            "WEB": "true",
            "WEB_PORT": str(port),
            "SLACK_SIGNING_SECRET": here.pg.signing_secret,
            "DEBOUNCE_SECONDS": "60",
        }
        here.bot.start()
        first = 0
        print(
            "| messages a second | sent | ack p50, s | ack p99, s | late or refused | CPU s a message | load |\n"
            "|---:|---:|---:|---:|---:|---:|---:|"
        )
        for rate in asked.rates:
            url = f"http://127.0.0.1:{port}/slack/events"
            held = asyncio.run(pour(here, url, rate, asked.seconds, first, said))
            first += held.sent
            shown = f"{held.p50:.3f} | {held.p99:.3f} | {held.late} | {held.cpu:.4f}"
            print(f"| {rate:g} | {held.sent} | {shown} | {os.getloadavg()[0]:.0f} |", flush=True)
            if held.late > held.sent * 0.05:
                break
        print(f"\n{len(here.bot.texts())} of {first} stored")


if __name__ == "__main__":
    main()

"""The demo as a visitor starts it: a process of its own, and what is in it by name."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from slack_sdk import WebClient

SCALE = "0.1"
OPENED, LIVE = "The page is at ", "The bot is live"


@dataclass
class Demo:
    """A running `ticket-intel demo`; `url(person, channel)` as the page's driver wants it."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue)
    said: list[str] = field(default_factory=list)
    address: str = ""

    def wait_for(self, beginning: str, seconds: float) -> str:
        """The next line that begins so. Raises TimeoutError with what was said."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            self.said.append(line)
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
        raise TimeoutError(f"the demo did not say {beginning!r} within {seconds} s: {self.said}")

    def url(self, person: str, channel: str = "support") -> str:
        return f"{self.address}?user={self.people[person]}#/{self.channels[channel]}"

    @cached_property
    def _slack(self) -> Any:
        return WebClient("xoxb-playground", base_url=f"{self.address}api/")

    @cached_property
    def people(self) -> Mapping[str, str]:
        """Ids by handle."""
        return {user["name"]: user["id"] for page in self._slack.users_list(limit=200) for user in page["members"]}

    @cached_property
    def channels(self) -> Mapping[str, str]:
        kinds = "public_channel,private_channel"
        return {c["name"]: c["id"] for c in self._slack.conversations_list(types=kinds, limit=200)["channels"]}


@contextmanager
def running_demo(scale: str = SCALE, *options: str) -> Iterator[Demo]:
    """Start the demo on a free port, hand it over when its page is open, and interrupt it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", port, "--scale", scale, *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        demo = Demo(run)
        threading.Thread(target=_read, args=(demo,), daemon=True).start()
        try:
            demo.address = demo.wait_for(OPENED, 60)
            yield demo
        finally:
            run.send_signal(signal.SIGINT)
            try:
                run.wait(20)
            except subprocess.TimeoutExpired:
                run.kill()


def _read(demo: Demo) -> None:
    assert demo.process.stdout is not None
    for line in demo.process.stdout:
        demo.lines.put(line.rstrip("\n"))

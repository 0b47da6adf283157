"""Scripted trouble: errors, rate limits, lost answers, slow answers, and Slack being down."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of `method` (None: of any method).

    `applied` decides whether the call takes effect before its answer is replaced or lost. `drop` closes the
    connection without an answer. A fault with only a `delay` answers normally, later; `applied` puts the wait after the
    effect.
    """

    method: str | None = None
    times: int = 1
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    delay: float = 0.0
    drop: bool = False
    applied: bool = False

    @property
    def replaces(self) -> bool:
        """Whether the app gets this fault instead of the answer."""
        return self.error is not None or self.status != 200


class Faults:
    """The faults in force. Named switches (`slack_down` and whatever the demo adds) are shown on the page."""

    def __init__(self, on_change: Callable[[str, bool], None]) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._on_change = on_change
        self.switches: dict[str, bool] = {"slack_down": False}

    def add(
        self,
        method: str | None = None,
        times: int = 1,
        status: int = 200,
        headers: dict[str, str] | None = None,
        error: str | None = None,
        delay: float = 0.0,
        drop: bool = False,
        applied: bool = False,
    ) -> Fault:
        """Script trouble for the next calls; returns the fault, whose `times` counts down.

        A status of 429 or 5xx without an `error` answers `ratelimited` or `internal_error`.
        """
        fallback = {429: "ratelimited"}.get(status, "internal_error" if status >= 500 else None)
        fault = Fault(method, times, status, dict(headers or {}), error or fallback, delay, drop, applied)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault for this call, counted."""
        with self._lock:
            for fault in self._faults:
                if fault.method in (None, method) and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    @property
    def is_down(self) -> bool:
        return self.switches["slack_down"]

    def down(self, on: bool = True) -> None:
        """Slack is down (or back): sockets are cut, the Web API and response urls answer 503."""
        self.switch("slack_down", on)

    def switch(self, name: str, on: bool) -> None:
        self.switches[name] = on
        self._on_change(name, on)


class RateLimiter:
    """About one message a second and channel with short bursts, as Slack's chat methods: a token bucket."""

    def __init__(self, clock: Callable[[], float], per_second: float = 1.0, burst: int = 5) -> None:
        self._clock, self._per_second, self._burst = clock, per_second, burst
        self._levels: dict[str, tuple[float, float]] = {}

    def wait_for(self, channel: str) -> int:
        """Seconds for Retry-After, 0 when the message may be posted now (which then counts)."""
        now = self._clock()
        level, then = self._levels.get(channel, (float(self._burst), now))
        level = min(float(self._burst), level + (now - then) * self._per_second)
        if level < 1:
            self._levels[channel] = (level, now)
            return math.ceil((1 - level) / self._per_second)
        self._levels[channel] = (level - 1, now)
        return 0

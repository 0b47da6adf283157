"""The story's time while it is replayed, the machine's time afterwards."""

from __future__ import annotations

from datetime import datetime

from bot.clock import SimulatedClock, SystemClock


class DemoClock:
    """Stands still and is moved until `go_live`; from then on it is the machine's clock."""

    def __init__(self, start: datetime) -> None:
        self._simulated: SimulatedClock | None = SimulatedClock(start)
        self._real = SystemClock()

    def now(self) -> datetime:
        return (self._simulated or self._real).now()

    def set(self, to: datetime) -> None:
        """Move to a time of the story. Raises RuntimeError when the story is over."""
        if self._simulated is None:
            raise RuntimeError("the story is over: nobody can move the machine's clock")
        self._simulated.set(to)

    def go_live(self) -> None:
        """The story is told: time is real from now on."""
        self._simulated = None

"""How long the jobs of this process took: counted by the worker, told by the metrics."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class JobTimes:
    """How many jobs this process ran and for how long, by name and outcome."""

    _spent: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict[tuple[str, str], tuple[int, float]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, job: str, outcome: str, seconds: float, *, runs: int = 1) -> None:
        """Count jobs that took so long together; their outcome is done, later (told to wait) or failed."""
        with self._lock:
            before, spent = self._spent.get((job, outcome), (0, 0.0))
            self._spent[job, outcome] = (before + runs, spent + max(0.0, seconds))

    def snapshot(self) -> dict[tuple[str, str], tuple[int, float]]:
        with self._lock:
            return dict(self._spent)

"""Who may ask over HTTP: a bearer token compared without telling how much of it was right, and a rate."""

from __future__ import annotations

import hmac
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr

from bot.clock import Clock

MINUTE = timedelta(minutes=1)


def is_bearer(token: SecretStr, header: str | None) -> bool:
    """Whether an Authorization header carries this token."""
    scheme, _, given = (header or "").partition(" ")
    expected = token.get_secret_value().encode()
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), expected)


@dataclass
class Rate:
    """At most so many requests in a minute, refilled steadily (a token bucket). Of this process alone."""

    per_minute: int
    clock: Clock
    _left: float | None = None
    _at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> int:
        """0 when a request may be made now (and is counted), else the seconds until one may."""
        with self._lock:
            now = self.clock.now()
            passed = max(timedelta(0), now - self._at) if self._at is not None else MINUTE
            left = min(float(self.per_minute), (self._left or 0.0) + passed / MINUTE * self.per_minute)
            self._at = now
            if left >= 1.0:
                self._left = left - 1.0
                return 0
            self._left = left
            return max(1, round((1.0 - left) * 60 / self.per_minute))

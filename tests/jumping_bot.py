"""The bot with a clock that somebody else moves: `python jumping_bot.py FILE`, where FILE holds seconds to add."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot import logging
from bot.app import assemble
from bot.settings import load_settings


class MovedClock:
    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text() or 0))


def main() -> None:
    settings = load_settings()
    logging.configure(settings.log_level)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    running = assemble(settings, clock=MovedClock(Path(sys.argv[1])))
    running.start()
    structlog.get_logger("bot.app").info("running", workspace=running.desk.workspace)
    over.wait()
    running.stop()


if __name__ == "__main__":
    main()

"""Log lines for operators: one event name and its facts, never what customers wrote, never a secret.

Whatever is logged under a name that holds words of people is left out, and a traceback keeps its places but not its
message, because messages of exceptions quote their input. LOG_LEVEL=debug shows tracebacks in full, for a developer's
own data.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

LEFT_OUT = "(left out)"
MOST = 300
WORDS_OF_PEOPLE = frozenset(
    {"text", "subject", "body", "quote", "excerpt", "payload", "blocks", "message", "email", "name", "query", "summary"}
)
_SECRET = re.compile(
    r"x(?:ox[a-z]|app)-[\w-]{6,}|\bsk-[\w-]{8,}|(?i:bearer)\s+[\w.~+/-]{8,}|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"
)
_CHATTY = ("slack_sdk", "slack_bolt", "urllib3", "httpx2", "httpcore2", "openai", "apscheduler", "alembic", "uvicorn")

Event = MutableMapping[str, Any]


def configure(level: str = "info", *, json: bool = False) -> None:
    """Send structlog's and the standard library's log to stderr, as lines for people or one JSON object each."""
    number = getattr(logging, level.upper())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _whole_traceback if number <= logging.DEBUG else _places_only,
        leave_out_words,
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    renderer: Any = structlog.processors.JSONRenderer() if json else _console()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(number)
    for name in _CHATTY:  # these print request bodies at debug level
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _console() -> Any:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def leave_out_words(_logger: Any, _method: str, event: Event) -> Event:
    """Replace values that hold people's words, and cut what is long."""
    for name, value in event.items():
        if name in WORDS_OF_PEOPLE:
            event[name] = LEFT_OUT
        elif isinstance(value, str) and len(value) > MOST and name != "exception":
            event[name] = value[:MOST] + "…"
    return event


def mask_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Mask tokens, keys and passwords of URLs in every string."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SECRET.sub("****", value)
        elif not isinstance(value, bool | int | float | None) and not name.startswith("_"):
            event[name] = _SECRET.sub("****", str(value))[:MOST]
    return event


def _raised(event: Event) -> BaseException | None:
    found = event.pop("exc_info", None)
    if isinstance(found, BaseException):
        return found
    if isinstance(found, tuple):
        return found[1]
    return sys.exc_info()[1] if found else None


def _places_only(_logger: Any, _method: str, event: Event) -> Event:
    """A traceback without source lines and messages: where it was, and what kind of error."""
    error = _raised(event)
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = " < ".join(f"{_short(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames))
        event["exception"] = f"{type(error).__name__} at {places}"
    return event


def _whole_traceback(_logger: Any, _method: str, event: Event) -> Event:
    error = _raised(event)
    if error is not None:
        event["exception"] = "".join(traceback.format_exception(error))
    return event


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-3:])

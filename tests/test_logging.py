"""Log lines hold facts, never what customers wrote, never a secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logging import configure

WORDS = "My card 4111 1111 1111 1111 was charged twice"
SECRETS = [
    "xoxb-123456789012-abcdefABCDEF",
    "xapp-1-A0123-456-abcdef",
    "sk-proj-abcdefghij0123456789",
    "Bearer abcdefghijklmnop",
    "postgresql+psycopg://bot:hunter2@db/tickets",
]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_words_of_people_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", json=True)
    log = structlog.get_logger("bot.flows.ingest")
    log.info("stored", ticket=7, text=WORDS, payload={"text": WORDS}, note="x" * 5000)
    try:
        raise ValueError(WORDS)
    except ValueError:
        log.exception("job_failed", job="read")
    first, second = lines(capsys)
    assert (first["event"], first["ticket"], first["logger"]) == ("stored", 7, "bot.flows.ingest")
    assert len(str(first["note"])) < 400
    assert "ValueError at" in str(second["exception"])
    assert "test_logging.py" in str(second["exception"])
    assert WORDS not in str(first) + str(second)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_masked_in_every_place(capsys: pytest.CaptureFixture[str], secret: str, as_json: bool) -> None:
    configure("debug", json=as_json)
    structlog.get_logger("bot").warning(
        "refused", error=f"token {secret} is revoked", details=[secret], at={"k": secret}
    )
    logging.getLogger("slack_sdk.web").error("failed with %s", secret)
    try:
        raise RuntimeError(f"cannot use {secret}")
    except RuntimeError:
        structlog.get_logger("bot").exception("failed")
    said = capsys.readouterr().err
    assert "refused" in said
    hidden = secret.split("//")[-1].split("@")[0].removeprefix("Bearer ")
    assert hidden not in said


def test_levels_and_chatty_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    configure("warning", json=True)
    structlog.get_logger("bot").info("quiet")
    logging.getLogger("storage").warning("loud %s", "enough")
    assert [line["event"] for line in lines(capsys)] == ["loud enough"]
    configure("debug", json=True)
    logging.getLogger("slack_bolt.App").debug("body: %s", WORDS)
    structlog.get_logger("bot").debug("seen")
    assert [line["event"] for line in lines(capsys)] == ["seen"]

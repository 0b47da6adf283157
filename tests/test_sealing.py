"""Sealed secrets: only the operator's keys open them, and only where they belong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.app import assemble
from bot.compose import open_database
from bot.errors import BadSettings
from bot.sealing import Seal, WrongKey, new_key
from bot.settings import load_settings
from storage import installations
from storage.installations import Granted

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
OLD, NEW, FOREIGN = new_key(), new_key(), new_key()


def seal(*keys: str) -> Seal:
    return Seal(SecretStr(",".join(keys)))


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=80), about=st.text(alphabet="T0ABC", min_size=1, max_size=12))
def test_what_is_sealed_opens_for_what_it_is_about_and_with_a_key_that_is_kept(text: str, about: str) -> None:
    sealed = seal(OLD).seal(text, about=about)
    assert text not in sealed or len(text) < 4
    assert seal(NEW, OLD).open(sealed, about=about).get_secret_value() == text
    again = seal(NEW, OLD).again(sealed, about=about)
    assert seal(NEW).open(again, about=about).get_secret_value() == text
    assert (seal(NEW, OLD).is_newest(sealed), seal(NEW, OLD).is_newest(again)) == (False, True)
    for keys, place in (((FOREIGN,), about), ((OLD,), f"{about}X")):
        with pytest.raises(WrongKey):
            seal(*keys).open(sealed, about=place)


@settings(max_examples=60, deadline=None)
@given(word=st.text(max_size=200))
def test_no_word_of_others_is_a_ticket(word: str) -> None:
    assert not seal(NEW).is_fresh(word, NOW, timedelta(minutes=10))


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, 99), seconds=st.integers(0, 1200))
def test_a_ticket_holds_for_its_time_and_is_one_whole(place: int, seconds: int) -> None:
    ours = seal(NEW)
    ticket, later = ours.ticket(NOW), NOW + timedelta(seconds=seconds)
    assert ours.is_fresh(ticket, later, timedelta(minutes=10)) == (seconds <= 600)
    assert not seal(FOREIGN).is_fresh(ticket, NOW, timedelta(minutes=10))
    at = place % len(ticket)
    changed = ticket[:at] + ("A" if ticket[at] != "A" else "B") + ticket[at + 1 :]
    if at < len(ticket) - 1:  # the last character holds bits that mean nothing
        assert not ours.is_fresh(changed, NOW, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("keys", "which"), [("secret-word", "the key"), (f"{NEW},secret-word", "key 2")], ids=["only", "second"]
)
def test_a_key_that_is_none_is_named_and_not_shown(keys: str, which: str) -> None:
    with pytest.raises(BadSettings) as raised:
        load_settings(None, secrets_key=keys)
    assert f"SECRETS_KEY: {which} is none" in raised.value.sentence
    assert "secret-word" not in raised.value.sentence


COMPLETE: dict[str, Any] = {
    "slack_client_id": "1.2",
    "slack_client_secret": "s",
    "slack_signing_secret": "s",
    "secrets_key": NEW,
    "public_url": "https://bot.example",
    "web": True,
}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"secrets_key": None}, "SECRETS_KEY"),
        ({"slack_client_secret": None}, "SLACK_CLIENT_SECRET"),
        ({"public_url": ""}, "PUBLIC_URL"),
        ({"web": False}, "WEB"),
        ({"slack_signing_secret": None}, "SLACK_SIGNING_SECRET"),
        ({"slack_bot_token": "xoxb-1"}, "SLACK_BOT_TOKEN and SLACK_CLIENT_ID"),
        ({"tracker": "github", "tracker_repository": "a/b", "tracker_token": "t"}, "WORKSPACE"),
        ({"admins": "U1"}, "WORKSPACE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_does_not_start_with_settings_that_do_not_go_together(
    tmp_path: Path, changed: dict[str, Any], named: str
) -> None:
    values = {**COMPLETE, "database_url": f"sqlite:///{tmp_path}/b.db", **changed}
    with pytest.raises(BadSettings, match=named):
        assemble(load_settings(None, **values))


def test_it_does_not_start_with_tokens_that_its_keys_do_not_open(tmp_path: Path) -> None:
    given = load_settings(None, **COMPLETE, database_url=f"sqlite:///{tmp_path}/b.db")
    db = open_database(given)
    granted = Granted("Acme", "", "A1", "U1", "B1", frozenset(), seal(FOREIGN).seal("xoxb-1", about="T1"), "U2")
    with db.write() as session:
        installations.install(session, "T1", granted, NOW)
    db.close()
    with pytest.raises(WrongKey, match="T1"):
        assemble(given)


@pytest.mark.parametrize(
    "url", ["http://bot.example", "https://a@bot.example", "https://bot.example/?x", "ftp://b.example"]
)
def test_browsers_come_back_encrypted(url: str) -> None:
    with pytest.raises(BadSettings, match="PUBLIC_URL"):
        load_settings(None, public_url=url)

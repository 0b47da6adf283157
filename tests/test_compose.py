"""A database that cannot be used is named, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.compose import open_database
from bot.errors import BadSettings, DatabaseUnusable
from bot.settings import load_settings


@pytest.mark.parametrize("where", ["below-a-file", "a-folder", "no-database"])
def test_a_database_that_cannot_be_used_is_named(tmp_path: Path, where: str) -> None:
    path = tmp_path / where
    if where == "a-folder":
        path.mkdir()
    else:
        path.write_text("these are words and not a database, whatever the name of the file says " * 20)
        path = path / "bot.db" if where == "below-a-file" else path
    with pytest.raises(DatabaseUnusable) as raised:
        open_database(load_settings(None, database_url=f"sqlite:///{path}"))
    assert str(path) in raised.value.sentence
    assert "DATABASE_URL" in raised.value.sentence


def test_a_password_is_not_shown() -> None:
    url = "postgresql://bot:secret-word@127.0.0.1:1/nothing"
    with pytest.raises(DatabaseUnusable) as raised:
        open_database(load_settings(None, database_url=url))
    assert "127.0.0.1:1/nothing" in raised.value.sentence
    assert "secret-word" not in raised.value.sentence


@pytest.mark.parametrize("url", ["postgresql://bot:secret-word@host:port/name", "postgresql+secret-word://host/name"])
def test_an_address_that_is_none_is_a_bad_setting(url: str) -> None:
    with pytest.raises(BadSettings) as raised:
        open_database(load_settings(None, database_url=url))
    assert "DATABASE_URL" in raised.value.sentence
    assert "secret-word" not in raised.value.sentence

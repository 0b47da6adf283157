"""Secrets that lie in the database are sealed: Fernet (AES-128-CBC with HMAC-SHA256) under the operator's own keys.

The first key of SECRETS_KEY seals, every one of them opens, so that a key can be changed while all processes run.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.errors import BadSettings, TicketIntelError

if TYPE_CHECKING:
    from bot.settings import Settings

NONCE_BYTES: Final = 18


class WrongKey(TicketIntelError):
    """The secrets of {about} in the database cannot be opened with SECRETS_KEY. Put the key that sealed them back into
    it, or install the app there again at /slack/install.
    """


class BadKey(ValueError):
    """A key that Fernet does not take; says which one, and never shows it."""


def new_key() -> str:
    """A fresh key for SECRETS_KEY."""
    return Fernet.generate_key().decode()


class Seal:
    """Seals and opens what is about something: a sealed text moved to another row does not open there."""

    def __init__(self, keys: SecretStr) -> None:
        """Raises BadKey for a key that is none."""
        given = [part.strip() for part in keys.get_secret_value().split(",") if part.strip()]
        if not given:
            raise BadKey("no key is given")
        self._fernets = [_fernet(number, key) for number, key in enumerate(given, 1)]
        self._all = MultiFernet(self._fernets)

    def seal(self, text: str, *, about: str) -> str:
        return self._all.encrypt(f"{about}\n{text}".encode()).decode()

    def open(self, sealed: str, *, about: str) -> SecretStr:
        """Raises WrongKey where none of the keys sealed it, or it is about something else."""
        try:
            found, _, text = self._all.decrypt(sealed).decode().partition("\n")
        except InvalidToken as error:
            raise WrongKey(about=about) from error
        if found != about:
            raise WrongKey(about=about)
        return SecretStr(text)

    def is_newest(self, sealed: str) -> bool:
        """Whether the first key sealed it."""
        try:
            self._fernets[0].decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def again(self, sealed: str, *, about: str) -> str:
        """The same under the first key. Raises WrongKey."""
        return self.seal(self.open(sealed, about=about).get_secret_value(), about=about)

    def ticket(self, now: datetime) -> str:
        """A word that only we can have made, different each time; `is_fresh` knows its age."""
        made = self._all.encrypt_at_time(secrets.token_bytes(NONCE_BYTES), int(now.timestamp())).decode()
        return made.rstrip("=")  # it travels in addresses and cookies

    def is_fresh(self, ticket: str, now: datetime, within: timedelta) -> bool:
        """Whether we made this word no longer ago."""
        padded = ticket + "=" * (-len(ticket) % 4)
        try:
            self._all.decrypt_at_time(padded, int(within.total_seconds()), int(now.timestamp()))
        except (InvalidToken, ValueError):  # ValueError: letters that no base64 has
            return False
        return True


def seal_of(settings: Settings) -> Seal:
    """The seal of the settings. Raises BadSettings without a key: a token is not stored in the clear."""
    if settings.secrets_key is None:
        raise BadSettings(
            problems="SECRETS_KEY: it is needed with SLACK_CLIENT_ID, to seal the tokens of workspaces in the database; "
            "make one with `ticket-intel installations new-key`, and keep it apart from backups of the database"
        )
    return Seal(settings.secrets_key)


def _fernet(number: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        which = f"key {number}" if number > 1 else "the key"
        raise BadKey(
            f"{which} is none; make one with `ticket-intel installations new-key` (32 bytes, base64)"
        ) from error

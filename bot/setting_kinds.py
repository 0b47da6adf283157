"""The kinds of settings: what each value is checked for, and the sentence that names the fix.

A kind is a type of its own, so that the table in bot/settings.py says beside a setting what may stand there.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, SecretStr

from integrations.addresses import THIS_MACHINE, problem_of
from integrations.helpdesks.signatures import standard_key

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,40}")
_WEEKLY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun) (?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is no time zone; use a name like Europe/Berlin") from error
    return value


def _known_moment(value: str) -> str:
    plain = " ".join(value.lower().split())
    if plain != "off" and _WEEKLY.fullmatch(plain) is None:
        raise ValueError(f"{value!r} is no day and time; use one like mon 09:00, or off")
    return plain


def _known_database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql", "postgres://")):
        raise ValueError("use sqlite:///path/to/file.db or postgresql://user:password@host/database")
    return value


def _slack_api(value: str) -> str:
    if not value.endswith("/api/"):
        raise ValueError("it must end in /api/")
    return value


def _public(value: str) -> str:
    """Slack sends the browser back there with a code: encrypted, unless it is this machine."""
    if value and ("?" in value or problem_of(value)):
        raise ValueError("use an https:// address without a user name, ? and #")
    return value.rstrip("/")


def _no_query(value: str) -> str:
    if "?" in value:
        raise ValueError("use an address without ? and #")
    return value


def _scoped_jira(value: str) -> str:
    """Jira has one other address than its site's."""
    parts = urlsplit(value)
    scoped = parts.hostname == "api.atlassian.com" and parts.path.startswith("/ex/jira/")
    if value and not scoped and parts.hostname not in THIS_MACHINE:
        raise ValueError("empty, or https://api.atlassian.com/ex/jira/CLOUD-ID for a token with scopes")
    return value


def _one_label(value: str) -> str:
    """Credentials go to the address that is made of it: nothing in it may change the host."""
    plain = value.strip().lower()
    if plain and _LABEL.fullmatch(plain) is None:
        raise ValueError("only the name itself (letters, digits, hyphens), without dots, slashes or https://")
    return plain


def _one_repository(value: str) -> str:
    if value.strip() and _REPOSITORY.fullmatch(value.strip()) is None:
        raise ValueError("use owner/name")
    return value.strip()


def _one_key(value: str) -> str:
    """It stands in searches: nothing in it may end a quotation."""
    plain = value.strip().upper()
    if plain and _KEY.fullmatch(plain) is None:
        raise ValueError("use the key alone, as ENG in ENG-12")
    return plain


def _one_place(value: str) -> str:
    """Which of both it must be, the tracker decides."""
    return _one_repository(value) if "/" in value else _one_key(value)


def _repositories(value: str) -> str:
    return ",".join(_one_repository(part) for part in value.split(",") if part.strip())


def _keys(value: str) -> str:
    return ",".join(_one_key(part) for part in value.split(",") if part.strip())


def _not_blank(value: SecretStr | None) -> SecretStr | None:
    return value if value is not None and value.get_secret_value().strip() else None


def _bot_token(value: SecretStr | None) -> SecretStr | None:
    return _prefixed(value, "xoxb-", "the bot token starts with xoxb- (OAuth & Permissions page of the app)")


def _app_token(value: SecretStr | None) -> SecretStr | None:
    return _prefixed(value, "xapp-", "the app-level token starts with xapp- (Basic Information page of the app)")


def _prefixed(value: SecretStr | None, prefix: str, sentence: str) -> SecretStr | None:
    given = _not_blank(value)
    if given is not None and not given.get_secret_value().startswith(prefix):
        raise ValueError(sentence)
    return given


def _sealing_keys(value: SecretStr | None) -> SecretStr | None:
    given = _not_blank(value)
    if given is not None:
        from bot.sealing import Seal  # cryptography only where a key is set

        Seal(given)  # its error names what is wrong with which key
    return given


def _long_token(value: SecretStr | None) -> SecretStr | None:
    given = _not_blank(value)
    if given is not None and len(given.get_secret_value()) < 24:
        raise ValueError("use at least 24 characters, as `python -c 'import secrets; print(secrets.token_urlsafe())'`")
    return given


def _standard_secret(value: SecretStr | None) -> SecretStr | None:
    given = _not_blank(value)
    if given is not None:
        standard_key(given.get_secret_value())
    return given


Zone = Annotated[str, AfterValidator(_known_zone)]
Moment = Annotated[str, AfterValidator(_known_moment)]
DatabaseUrl = Annotated[str, AfterValidator(_known_database)]
SlackApi = Annotated[str, AfterValidator(_slack_api)]
PublicUrl = Annotated[str, AfterValidator(_public)]
ApiUrl = Annotated[str, AfterValidator(_no_query)]
JiraApiUrl = Annotated[str, AfterValidator(_no_query), AfterValidator(_scoped_jira)]
Label = Annotated[str, AfterValidator(_one_label)]
Repository = Annotated[str, AfterValidator(_one_repository)]
Repositories = Annotated[str, AfterValidator(_repositories)]
Key = Annotated[str, AfterValidator(_one_key)]
Keys = Annotated[str, AfterValidator(_keys)]
Place = Annotated[str, AfterValidator(_one_place)]
Secret = Annotated[SecretStr | None, AfterValidator(_not_blank)]
BotToken = Annotated[SecretStr | None, AfterValidator(_bot_token)]
AppToken = Annotated[SecretStr | None, AfterValidator(_app_token)]
SealingKeys = Annotated[SecretStr | None, AfterValidator(_sealing_keys)]
LongToken = Annotated[SecretStr | None, AfterValidator(_long_token)]
StandardSecret = Annotated[SecretStr | None, AfterValidator(_standard_secret)]

"""`ticket-intel doctor`: what is wrong with the set-up, why, and how to mend it."""

from __future__ import annotations

import http.client
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, SystemClock
from bot.finding import Finding as Finding
from bot.helpdesk_check import examine_helpdesks
from bot.history import ChannelFacts
from bot.installations import granted_scopes
from bot.messenger import Refused, TryLater
from bot.scopes import OPTIONAL, SCOPES
from bot.settings import Settings
from bot.slack_client import build_client, slack_errors
from bot.slack_history import WebHistory
from bot.tracker_check import examine_tracker
from integrations.outgoing import AddressRefused
from storage import schema, workspaces
from storage.engine import Database

MOST_SKEW = timedelta(seconds=60)  # Slack refuses signatures older than five minutes; a minute is wrong already
LEAST_FREE = 200_000_000  # bytes


def examine(settings: Settings, *, live: str | None = None, clock: Clock | None = None) -> list[Finding]:
    """Look at everything, in the order in which things build on each other; `live` is a channel to post samples in."""
    now = clock or SystemClock()
    client = build_client(settings.slack_bot_token, settings.slack_api_url)
    found = [*_disk(settings), *_database(settings), *_proxy(settings)]
    if settings.several:
        from bot.doctor_installations import examine_installations

        found += [*examine_installations(settings, _channels), *_socket(settings)]
    else:
        found += _one_workspace(settings, client, now)
    found += _model(settings)
    found += examine_helpdesks(settings)
    found += examine_tracker(settings)
    if live is not None:
        from bot.live_check import post_samples

        found += post_samples(client, live)
    return found


def _one_workspace(settings: Settings, client: WebClient, clock: Clock) -> list[Finding]:
    found = list(_tokens(settings, client, clock))
    if settings.slack_bot_token is not None and all(finding.ok for finding in found if finding.name == "bot token"):
        found += [*_scopes(client), *_channels(settings, client), *_socket(settings)]
    return found


def _disk(settings: Settings) -> Iterator[Finding]:
    path = make_url(settings.database_url).database
    if not settings.database_url.startswith("sqlite") or not path:
        return
    folder = Path(path).expanduser().resolve().parent
    probe = folder / ".ticket-intel-doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("ok")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Finding(
            "disk", False, f"{folder} cannot be written: {error.strerror}.", "Give the bot a folder it may write to."
        )
        return
    enough = free >= LEAST_FREE
    yield Finding(
        "disk", enough, f"{folder}: {free // 1_000_000} MB free", "" if enough else "Make room, or move DATABASE_URL."
    )


def _database(settings: Settings) -> Iterator[Finding]:
    path = make_url(settings.database_url).database
    if settings.database_url.startswith("sqlite") and path and not Path(path).expanduser().exists():
        yield Finding("database", True, "not made yet; the first start makes it")
        return
    db = Database(settings.database_url)
    try:
        found, needed = schema.revision(db), schema.head()
    except SQLAlchemyError as error:
        yield Finding(
            "database", False, f"It cannot be opened ({type(error).__name__}).", "Check DATABASE_URL and the server."
        )
    else:
        ok = found == needed
        yield Finding("database", ok, f"schema {found}", "" if ok else "Run `ticket-intel migrate`.")
        if ok and db.is_sqlite and path:
            yield from _locked(path)
    finally:
        db.close()


def _locked(path: str) -> Iterator[Finding]:
    """Whether somebody holds the database for longer than a moment: a second instance, a backup, an editor."""
    connection = sqlite3.connect(Path(path).expanduser(), timeout=2, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        yield Finding(
            "database lock",
            False,
            f"It is held by another program ({error}).",
            "Stop the second instance or the backup.",
        )
    else:
        yield Finding("database lock", True, "free to write")
    finally:
        connection.close()


def _proxy(settings: Settings) -> Iterator[Finding]:
    proxies = getproxies()
    used = proxies.get("https") or proxies.get("http")
    host = urlsplit(settings.slack_api_url).hostname
    if used and host not in {"127.0.0.1", "localhost"}:
        where = urlsplit(used).hostname or used
        yield Finding("proxy", True, f"Slack is reached through {where}; NO_PROXY is not honoured by Slack's SDK")


def _tokens(settings: Settings, client: WebClient, clock: Clock) -> Iterator[Finding]:
    if settings.slack_bot_token is None:
        yield Finding("bot token", False, "SLACK_BOT_TOKEN is not set.", "Run `ticket-intel connect`.")
        return
    try:
        answer: Any = client.auth_test()
    except (SlackApiError, OSError, http.client.HTTPException) as error:
        yield _no_token(error)
        return
    yield Finding("bot token", True, f"{answer['team']} as {answer['user']}")
    yield from _clock(answer.headers, clock)


def _no_token(error: Exception) -> Finding:
    if not isinstance(error, SlackApiError):
        says = f"Slack cannot be reached ({type(error).__name__})."
        return Finding("bot token", False, says, "Check the network, the proxy and SLACK_API_URL.")
    code = str(error.response.get("error"))
    causes = {
        "invalid_auth": ("The token is not valid.", "Copy the Bot User OAuth Token (xoxb-...) again: `connect`."),
        "token_revoked": ("The token was revoked.", "Install the app again, then `ticket-intel connect`."),
        "account_inactive": ("The app was removed from the workspace.", "Install it again, then `connect`."),
        "not_allowed_token_type": (
            "This is another kind of token: the two tokens may be swapped.",
            "SLACK_BOT_TOKEN starts with xoxb-, SLACK_APP_TOKEN with xapp-.",
        ),
    }
    says, fix = causes.get(code, (f"Slack answered {code}.", "See docs/slack.md, then `ticket-intel connect`."))
    return Finding("bot token", False, says, fix)


def _clock(headers: Any, clock: Clock) -> Iterator[Finding]:
    told = {str(key).lower(): value for key, value in dict(headers).items()}.get("date")
    if not told:
        return
    skew = abs(clock.now() - parsedate_to_datetime(str(told)).astimezone(UTC))
    ok = skew <= MOST_SKEW
    fix = "" if ok else "Set this machine's clock (NTP): Slack's signatures and our dates depend on it."
    yield Finding("clock", ok, f"{skew.total_seconds():.0f} s from Slack's", fix)


def _scopes(client: WebClient) -> Iterator[Finding]:
    answer: Any = client.auth_test()
    granted = granted_scopes(answer.headers)
    if not granted:
        yield from _tried_scopes(client)
        return
    missing = sorted(set(SCOPES) - granted)
    fix = f"Add {', '.join(missing)} under OAuth & Permissions and reinstall the app." if missing else ""
    says = f"missing: {', '.join(missing)}" if missing else f"all {len(SCOPES)} are granted"
    if left_out := sorted(set(OPTIONAL) - granted):
        says += f"; without {' and '.join(left_out)} reports come without pictures"
    yield Finding("scopes", not missing, says, fix)


def _tried_scopes(client: WebClient) -> Iterator[Finding]:
    """Where the header is missing: call what needs a scope and read which one Slack asks for."""
    try:
        with slack_errors("users.conversations"):
            client.users_conversations(types="public_channel,private_channel", limit=1)
    except Refused as refused:
        fix = "Add it under OAuth & Permissions and reinstall the app."
        yield Finding("scopes", False, f"Slack says {refused}", fix)
    except TryLater as later:
        yield Finding("scopes", False, f"Slack did not answer: {later}", "Try again in a minute.")
    else:
        yield Finding("scopes", True, "what could be tried is granted")


def _channels(settings: Settings, client: WebClient) -> Iterator[Finding]:
    """Every channel that was chosen: are we still in it, and is it not archived?"""
    if settings.database_url.startswith("sqlite") and not _file_exists(settings):
        return
    db = Database(settings.database_url)
    try:
        if schema.revision(db) != schema.head():
            return
        team = str(client.auth_test()["team_id"])
        with db.read() as session:
            chosen = [c for c in workspaces.channels(session, team) if c.role is not None]
        if not chosen:
            fix = "`/invite @Ticket Intel` in a support channel and choose what it is for."
            yield Finding("channels", False, "No channel was chosen yet, so nothing is read.", fix)
        for channel in chosen:
            yield _channel(channel, WebHistory(client))
    finally:
        db.close()


def _file_exists(settings: Settings) -> bool:
    path = make_url(settings.database_url).database
    return bool(path) and Path(str(path)).expanduser().exists()


def _channel(channel: workspaces.Channel, history: WebHistory) -> Finding:
    name = f"#{channel.name}"
    try:
        facts: ChannelFacts = history.facts(channel.id)
    except Refused as refused:
        hidden = refused.code in {"channel_not_found", "not_in_channel"}
        says = "It is private and we are not in it." if hidden else f"Slack says {refused}."
        return Finding(name, False, says, f"`/invite @Ticket Intel` in {name}, or choose Nothing for it.")
    except TryLater as later:
        return Finding(name, False, f"Slack did not answer: {later}", "Try again in a minute.")
    if facts.archived:
        return Finding(name, False, "It is archived.", "Take it out of the archive, or choose another channel.")
    if not facts.member:
        return Finding(name, False, "We are not in it (not_in_channel).", f"`/invite @Ticket Intel` in {name}.")
    return Finding(name, True, f"{channel.role}, member")


def _socket(settings: Settings) -> Iterator[Finding]:
    if settings.slack_app_token is None:
        ok = settings.web and settings.slack_signing_secret is not None
        fix = "" if ok else "Run `ticket-intel connect`, or set WEB=true with SLACK_SIGNING_SECRET."
        yield Finding("socket mode", ok, "not used; Slack comes by HTTP" if ok else "SLACK_APP_TOKEN is not set.", fix)
        return
    client = build_client(settings.slack_app_token, settings.slack_api_url)
    try:
        with slack_errors("apps.connections.open"):
            client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except Refused as refused:
        fix = "Turn Socket Mode on in the app's settings; the token needs connections:write."
        yield Finding("socket mode", False, f"Slack says {refused}.", fix)
    except TryLater as later:
        yield Finding("socket mode", False, f"Slack did not answer: {later}", "Check the network and the proxy.")
    else:
        yield Finding("socket mode", True, "a connection is granted")


def _model(settings: Settings) -> Iterator[Finding]:
    if settings.analyzer == "local":
        yield Finding("model", True, "the local analyzer reads tickets; nothing leaves this machine")
        return
    if settings.openai_api_key is None:
        yield Finding("model", False, "OPENAI_API_KEY is not set.", "Set it, or use ANALYZER=local.")
        return
    import openai

    from integrations.openai import client_for

    endpoint = (settings.openai_api_key, settings.openai_base_url, settings.openai_timeout)
    client = client_for(*endpoint, settings.ids("private_hosts"))
    try:
        client.models.retrieve(settings.openai_model)
    except openai.AuthenticationError:
        yield Finding("model", False, "The key is refused.", "Check OPENAI_API_KEY.")
    except openai.NotFoundError:
        yield Finding("model", True, f"the endpoint answers, and does not list {settings.openai_model}")
    except openai.OpenAIError as error:
        cause = error.__cause__ if isinstance(error.__cause__, AddressRefused) else type(error).__name__
        says = f"{settings.openai_base_url} cannot be reached ({cause})."
        yield Finding("model", False, says, "Check OPENAI_BASE_URL; until then the local analyzer reads.")
    else:
        yield Finding("model", True, f"{settings.openai_model} answers")
    finally:
        client.close()

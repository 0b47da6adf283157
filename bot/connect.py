"""`ticket-intel connect`: from nothing to a checked `.env`, one question at a time."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import set_key
from slack_sdk import WebClient

from bot.errors import BadInput, TicketIntelError
from bot.installations import who_am_i
from bot.messenger import Refused, TryLater
from bot.slack_client import build_client, slack_errors
from bot.slack_history import WebHistory

HERE = Path(__file__).resolve().parent
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_yaml="
TRIES = 5
FORWARD = (
    "If your workspace wants an admin's approval, forward the paragraph under "
    '"To forward to the admin" in docs/slack.md.'
)


@dataclass
class Terminal:
    """How we ask and tell: the real terminal, or a script in tests."""

    ask: Callable[[str], str] = input
    ask_secret: Callable[[str], str] = getpass.getpass
    tell: Callable[[str], None] = print


@dataclass
class _Answers:
    values: dict[str, str] = field(default_factory=dict[str, str])


def our_manifest() -> Path:
    """The app's manifest: beside this file in a wheel, above it in a checkout."""
    packed = HERE / "manifest.yml"
    return packed if packed.exists() else HERE.parent / "manifest.yml"


def app_link(manifest: str) -> str:
    """Slack's app creation with a manifest filled in."""
    return NEW_APP + quote(_without_comments(manifest), safe="")


def _without_comments(manifest: str) -> str:
    """The manifest without its comment lines: the address must stay within what browsers take."""
    return "\n".join(line for line in manifest.splitlines() if not line.lstrip().startswith("#"))


def connect(
    *,
    env_file: Path = Path(".env"),
    manifest: Path | None = None,
    api_url: str = "https://slack.com/api/",
    terminal: Terminal | None = None,
) -> None:
    """Ask for the tokens, check each at once, write `.env` (mode 600). Raises BadInput after five wrong answers."""
    term = terminal or Terminal()
    answers = _Answers()
    term.tell("1. Open this link, choose your workspace, and create the app:\n")
    term.tell(app_link((manifest or our_manifest()).read_text(encoding="utf-8")) + "\n")
    term.tell(FORWARD)
    term.tell(
        "2. Under Basic Information, App-Level Tokens, make a token with the scope connections:write.\n"
        "   It starts with xapp-."
    )
    answers.values["SLACK_APP_TOKEN"] = _asked(term, "App-level token: ", lambda token: _app_token(token, api_url))
    term.tell("3. Under Install App, install it. The Bot User OAuth Token starts with xoxb-.")
    bot_token = _asked(term, "Bot token: ", lambda token: _bot_token(token, api_url))
    answers.values["SLACK_BOT_TOKEN"] = bot_token
    client = build_client(bot_token, api_url)
    here = who_am_i(client)
    answers.values["WORKSPACE"] = here.team
    term.tell(f"   Connected to {here.name}.")
    _tell_channels(term, client)
    admin, zone = _first_admin(term, client)
    answers.values["ADMINS"] = admin
    answers.values["TIMEZONE"] = _asked(term, f"Time zone of the team [{zone}]: ", _zone, default=zone, secret=False)
    _write(env_file, answers.values)
    term.tell(f"\nWritten to {env_file} (only you may read it). Now run:  ticket-intel run")
    term.tell("Then /invite @Ticket Intel in a support channel: it asks what the channel is for.")


def _asked(
    term: Terminal, question: str, check: Callable[[str], str], *, default: str = "", secret: bool = True
) -> str:
    """Ask until the answer passes its check; what is wrong is said each time."""
    for _ in range(TRIES):
        answer = (term.ask_secret if secret else term.ask)(question).strip() or default
        try:
            return check(answer)
        except TicketIntelError as error:
            term.tell(f"   {error.sentence}")
        except (Refused, TryLater) as error:
            term.tell(f"   Slack said: {error}")
    raise BadInput(
        problem="That did not work five times.", fix="See docs/slack.md and run `ticket-intel connect` again."
    )


def _app_token(token: str, api_url: str) -> str:
    if token.startswith("xoxb-"):
        raise BadInput(problem="This is the bot token.", fix="The app-level token starts with xapp-.")
    if not token.startswith("xapp-"):
        raise BadInput(problem="This is no app-level token.", fix="It starts with xapp- (Basic Information page).")
    try:
        with slack_errors("apps.connections.open"):
            build_client(token, api_url).apps_connections_open(app_token=token)
    except Refused as refused:
        raise BadInput(
            problem=f"Slack does not take it ({refused}).",
            fix="It needs the scope connections:write, and Socket Mode switched on.",
        ) from refused
    return token


def _bot_token(token: str, api_url: str) -> str:
    if token.startswith("xapp-"):
        raise BadInput(problem="This is the app-level token.", fix="The bot token starts with xoxb-.")
    if not token.startswith("xoxb-"):
        raise BadInput(problem="This is no bot token.", fix="It starts with xoxb- (Install App page).")
    who_am_i(build_client(token, api_url))
    return token


def _tell_channels(term: Terminal, client: WebClient) -> None:
    try:
        joined = [f"#{facts.name}" for facts in WebHistory(client).joined()]
    except (Refused, TryLater) as error:
        term.tell(f"   The channels could not be listed: {error}")
        return
    term.tell(f"   It is a member of {', '.join(joined)}." if joined else "   It is in no channel yet.")


def _first_admin(term: Terminal, client: WebClient) -> tuple[str, str]:
    """The first administrator's user id, and that person's time zone."""
    term.tell("4. Who is the administrator? In Slack: your profile, three dots, Copy member ID (U...).")
    zones: dict[str, str] = {}

    def check(user: str) -> str:
        with slack_errors("users.info"):
            answer: Any = client.users_info(user=user)
        zones["zone"] = str(answer["user"].get("tz") or "UTC")
        return str(answer["user"]["id"])

    admin = _asked(term, "Member ID of the first administrator: ", check, secret=False)
    return admin, zones["zone"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(problem=f"{name!r} is no time zone.", fix="Use a name like Europe/Berlin.") from error
    return name


def _write(env_file: Path, values: dict[str, str]) -> None:
    """Keep what stands in the file already; nobody but its owner may read it, from the first byte on."""
    env_file.touch(mode=0o600, exist_ok=True)
    env_file.chmod(0o600)
    for name, value in values.items():
        set_key(env_file, name, value, quote_mode="auto")
    env_file.chmod(0o600)

"""What the doctor says where workspaces install the app by OAuth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slack_sdk import WebClient

from bot.errors import BadSettings
from bot.finding import Finding
from bot.installations import StoredInstallations
from bot.messenger import TryLater
from bot.scopes import SCOPES
from bot.sealing import WrongKey, seal_of
from bot.settings import Settings
from bot.slack_settings import check_slack
from storage import installations
from storage.engine import Database
from storage.installations import Stored

Channels = Callable[[Settings, WebClient], Iterator[Finding]]


def examine_installations(settings: Settings, channels: Channels) -> Iterator[Finding]:
    """Settings that go together, keys that open, tokens that live, permissions that are granted, and `channels`."""
    try:
        check_slack(settings)
        seal = seal_of(settings)
    except BadSettings as error:
        yield Finding("oauth", False, error.sentence, "Set what is missing; docs/slack.md says where it is found.")
        return
    yield Finding("oauth", True, f"workspaces install it at {settings.public_url}/slack/install")
    db = Database(settings.database_url)
    try:
        with db.read() as session:
            found = installations.listing(session)
        slack = StoredInstallations(db, seal, settings.slack_api_url)
        for stored in found:
            yield from _installation(settings, slack, stored, channels)
    finally:
        db.close()
    if not found:
        yield Finding("workspaces", False, "None installed it yet.", f"Open {settings.public_url}/slack/install.")


def _installation(
    settings: Settings, slack: StoredInstallations, stored: Stored, channels: Channels
) -> Iterator[Finding]:
    name, again = stored.name or stored.workspace, f"Install it there again: {settings.public_url}/slack/install."
    if stored.gone_at is not None:
        yield Finding(
            name, True, f"gone since {stored.gone_at:%Y-%m-%d} ({stored.gone_because}); nothing is posted there"
        )
        return
    try:
        found = slack.of(stored.workspace)
    except WrongKey as error:
        yield Finding(name, False, error.sentence, "The old key belongs behind the new one, separated by a comma.")
        return
    try:
        standing = found.standing()
    except TryLater as later:
        yield Finding(name, False, f"Slack did not answer: {later}", "Try again in a minute.")
        return
    if isinstance(standing, str):
        yield Finding(name, False, f"Slack does not take the token any more ({standing}).", again)
        return
    yield _granted(name, stored, standing or stored.scopes, again)
    yield from channels(settings, found.client)


def _granted(name: str, stored: Stored, scopes: frozenset[str], again: str) -> Finding:
    if missing := sorted(set(SCOPES) - scopes):
        return Finding(name, False, f"missing: {', '.join(missing)}", f"Add it to the app, then: {again}")
    return Finding(name, True, f"installed by {stored.installed_by or 'somebody'}, all {len(SCOPES)} scopes granted")

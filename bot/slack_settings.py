"""Whether the settings say how to reach Slack: one workspace by its token, or any number by OAuth."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import BadSettings
from bot.helpdesks import polls
from bot.settings import Settings


def check_slack(settings: Settings, *, hears: bool = True, installs: bool = True) -> None:
    """Whether they are enough for a process that takes deliveries (`hears`) and serves the install page (`installs`).

    Raises BadSettings that names everything that is missing, or that does not go together.
    """
    if settings.slack_client_id and settings.slack_bot_token is not None:
        raise BadSettings(
            problems="SLACK_BOT_TOKEN and SLACK_CLIENT_ID: a token serves one workspace, a client id lets any number "
            "install the app; leave one of them empty"
        )
    if settings.several:
        if missing := "; ".join(_missing(settings, installs=installs)):
            raise BadSettings(problems=missing)
    elif settings.slack_bot_token is None or not (settings.socket_mode or settings.web or not hears):
        raise BadSettings(
            problems="SLACK_BOT_TOKEN and SLACK_APP_TOKEN: Slack is not connected yet; run `ticket-intel connect`"
        )


def _missing(settings: Settings, *, installs: bool) -> Iterator[str]:
    if settings.slack_client_secret is None:
        yield "SLACK_CLIENT_SECRET: it is needed with SLACK_CLIENT_ID; copy it from the app's Basic Information page"
    if not settings.public_url:
        yield "PUBLIC_URL: it is needed with SLACK_CLIENT_ID; Slack sends browsers back to PUBLIC_URL/slack/oauth_redirect"
    if installs and not settings.web:
        yield "WEB: it must be true with SLACK_CLIENT_ID, to serve /slack/install"
    if theirs := _of_one_workspace(settings):
        yield (
            f"WORKSPACE: name the id (T...) of the workspace that {', '.join(theirs)} belong to: what is set here is of "
            "one workspace, and several may install the app"
        )


def _of_one_workspace(settings: Settings) -> list[str]:
    """What is set that can be but one workspace's, while none is named."""
    if "workspace" in settings.model_fields_set:
        return []
    found = {
        "the helpdesk": polls(settings) or settings.webhook_secret is not None,
        "TRACKER": settings.tracker != "none",
        "EVENTS_URL": bool(settings.events_url),
        "RELEASE_SECRET": settings.release_secret is not None,
        "API_TOKEN": settings.api_token is not None,
        "ADMINS": bool(settings.admins),
        "AGENTS": bool(settings.agents),
        "TICKET_APPS": bool(settings.ticket_apps),
    }
    return [name for name, there in found.items() if there]

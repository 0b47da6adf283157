"""Which helpdesks the settings connect. None is half connected: what is missing is named at the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from bot.errors import BadSettings
from bot.settings import Settings
from integrations.helpdesks.port import Helpdesk, WebhookSource
from intelligence.model import Source


@dataclass(frozen=True, slots=True)
class Helpdesks:
    """Those that can be asked, and those that only send."""

    desks: Mapping[Source, Helpdesk] = field(default_factory=dict[Source, Helpdesk])
    senders: Mapping[Source, WebhookSource] = field(default_factory=dict[Source, WebhookSource])

    def desk(self, source: Source) -> Helpdesk | None:
        return self.desks.get(source)

    def webhook(self, source: Source) -> WebhookSource | None:
        return self.desks.get(source) or self.senders.get(source)

    def webhooks(self) -> list[WebhookSource]:
        """Those with a secret: only for them is a route started."""
        return [one for one in (*self.senders.values(), *self.desks.values()) if one.takes_webhooks]

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()


@dataclass(frozen=True, slots=True)
class Wiring:
    """How the settings make one helpdesk: those that it needs, the secret of its webhook, and its adapter."""

    needed: tuple[str, ...]
    secret: str
    build: Callable[[Settings, str | None], Helpdesk]


def polls(settings: Settings) -> bool:
    """Whether there is a helpdesk to ask what changed."""
    return any(all(getattr(settings, name) for name in wiring.needed) for wiring in WIRINGS)


def build_helpdesks(settings: Settings) -> Helpdesks:
    """The helpdesks of the settings. Raises BadSettings that names what is missing. Imports no client for none."""
    senders: dict[Source, WebhookSource] = {}
    if settings.webhook_secret is not None:
        from integrations.helpdesks.generic import GenericWebhook

        senders[Source.WEBHOOK] = GenericWebhook(settings.webhook_secret.get_secret_value())
    wanted = [wiring for wiring in WIRINGS if _complete(settings, wiring)]
    desks = [wiring.build(settings, _secret(getattr(settings, wiring.secret))) for wiring in wanted]
    return Helpdesks({desk.source: desk for desk in desks}, senders)


def _complete(settings: Settings, wiring: Wiring) -> bool:
    """Whether all is set. Raises BadSettings for a part of it: webhooks name tickets, which must then be fetched."""
    missing = [name.upper() for name in wiring.needed if not getattr(settings, name)]
    if missing and (len(missing) < len(wiring.needed) or getattr(settings, wiring.secret) is not None):
        rest = f"{wiring.secret.upper()} and the rest of that helpdesk"
        raise BadSettings(problems=f"{', '.join(missing)}: needed with {rest}")
    return not missing


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None


def _zendesk(settings: Settings, secret: str | None) -> Helpdesk:
    from integrations.helpdesks.zendesk import Zendesk

    token = _secret(settings.zendesk_api_token) or ""
    return Zendesk(settings.zendesk_subdomain, settings.zendesk_email, token, secret=secret)


def _intercom(settings: Settings, secret: str | None) -> Helpdesk:
    from integrations.helpdesks.intercom import Intercom

    token = _secret(settings.intercom_token) or ""
    return Intercom(settings.intercom_workspace, token, region=settings.intercom_region, secret=secret)


def _github(settings: Settings, secret: str | None) -> Helpdesk:
    from integrations.helpdesks.github import GitHubIssues

    repositories, token = sorted(settings.ids("github_repositories")), _secret(settings.github_token) or ""
    return GitHubIssues(
        repositories,
        token,
        secret=secret,
        base_url=settings.github_api_url,
        private_hosts=settings.ids("private_hosts"),
    )


def _freshdesk(settings: Settings, secret: str | None) -> Helpdesk:
    from integrations.helpdesks.freshdesk import Freshdesk

    return Freshdesk(settings.freshdesk_subdomain, _secret(settings.freshdesk_api_key) or "", secret=secret)


def _jira(settings: Settings, secret: str | None) -> Helpdesk:
    from integrations.helpdesks.jira import ServiceManagement

    return ServiceManagement(
        settings.jira_site,
        sorted(settings.ids("jira_projects")),
        settings.jira_email,
        _secret(settings.jira_token) or "",
        secret=secret,
        base_url=settings.jira_api_url or None,
    )


WIRINGS: Final = (
    Wiring(("zendesk_subdomain", "zendesk_email", "zendesk_api_token"), "zendesk_webhook_secret", _zendesk),
    Wiring(("intercom_workspace", "intercom_token"), "intercom_webhook_secret", _intercom),
    Wiring(("github_repositories", "github_token"), "github_webhook_secret", _github),
    Wiring(("freshdesk_subdomain", "freshdesk_api_key"), "freshdesk_webhook_secret", _freshdesk),
    Wiring(("jira_site", "jira_projects", "jira_email", "jira_token"), "jira_webhook_secret", _jira),
)

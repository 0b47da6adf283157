"""Which helpdesks the settings connect. None is half connected: what is missing is named at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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


def polls(settings: Settings) -> bool:
    """Whether there is a helpdesk to ask what changed."""
    return bool(settings.zendesk_subdomain)


def build_helpdesks(settings: Settings) -> Helpdesks:
    """The helpdesks of the settings. Raises BadSettings that names what is missing. Imports no client for none."""
    senders: dict[Source, WebhookSource] = {}
    if settings.webhook_secret is not None:
        from integrations.helpdesks.generic import GenericWebhook

        senders[Source.WEBHOOK] = GenericWebhook(settings.webhook_secret.get_secret_value())
    found = (_zendesk(settings),)
    return Helpdesks({desk.source: desk for desk in found if desk is not None}, senders)


def _zendesk(settings: Settings) -> Helpdesk | None:
    names = ("zendesk_subdomain", "zendesk_email", "zendesk_api_token")
    if not _complete(settings, names, "zendesk_webhook_secret"):
        return None
    from integrations.helpdesks.zendesk import Zendesk

    assert settings.zendesk_api_token is not None
    return Zendesk(
        settings.zendesk_subdomain,
        settings.zendesk_email,
        settings.zendesk_api_token.get_secret_value(),
        secret=_secret(settings, "zendesk_webhook_secret"),
    )


def _secret(settings: Settings, name: str) -> str | None:
    value = getattr(settings, name)
    return value.get_secret_value() if value is not None else None


def _complete(settings: Settings, names: tuple[str, ...], secret: str) -> bool:
    """Whether all is set. Raises BadSettings for a part of it: webhooks name tickets, which must then be fetched."""
    missing = [name.upper() for name in names if not getattr(settings, name)]
    if missing and (len(missing) < len(names) or getattr(settings, secret) is not None):
        raise BadSettings(problems=f"{', '.join(missing)}: needed with {secret.upper()} and the rest of that helpdesk")
    return not missing

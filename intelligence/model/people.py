"""Who asks for help, for whom, and who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Source(StrEnum):
    """Where a ticket or a person was first heard of."""

    SLACK = "slack"
    NOTIFICATION = "notification"
    IMPORT = "import"
    WEBHOOK = "webhook"
    ZENDESK = "zendesk"
    INTERCOM = "intercom"
    FRESHDESK = "freshdesk"
    GITHUB = "github"
    JIRA = "jira"
    LINEAR = "linear"
    EMAIL = "email"


class Role(StrEnum):
    """Who speaks in a conversation."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer organisation. Unknown attributes are absent, never guessed."""

    key: str
    name: str
    plan: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who asks for help; `ref` is the id in the source they came from."""

    ref: str
    name: str = ""
    email: str | None = None
    account: Account | None = None
    id: int | None = None

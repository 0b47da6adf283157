"""Every setting, its default and its check. The only reader of the environment.

Values come from environment variables and from `.env` in the working folder; the environment wins. `.env.example` lists
them all and a test compares it with this class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import BadSettings
from integrations.addresses import THIS_MACHINE, problem_of
from integrations.helpdesks.signatures import standard_key

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,40}")
_ADDRESSES = ("slack_api_url", "events_url", "tracker_api_url", "github_api_url", "jira_api_url", "openai_base_url")
_Several = Literal[
    "admins",
    "agents",
    "ticket_apps",
    "api_channels",
    "github_repositories",
    "jira_projects",
    "slack_teams",
    "private_hosts",
]
_WEEKLY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun) (?:[01][0-9]|2[0-3]):[0-5][0-9]")


class Settings(BaseSettings):
    """What an operator can decide."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    # Where things are kept
    database_url: str = Field("sqlite:///ticket-intel.db", description="SQLAlchemy URL of the database")
    workspace: str = Field("local", description="Workspace id used by the command line when no Slack is connected")
    timezone: str = Field("UTC", description="The team's time zone, for reports, quiet hours and the 02:00 job")

    # Slack
    slack_bot_token: SecretStr | None = Field(None, description="Bot token (xoxb-...)")
    slack_app_token: SecretStr | None = Field(None, description="App-level token with connections:write (xapp-...)")
    slack_signing_secret: SecretStr | None = Field(None, description="Signing secret, for Slack over HTTP")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API; another address for tests")
    slack_connections: int = Field(1, ge=1, le=10, description="Socket Mode connections that a process holds open")
    slack_client_id: str = Field(
        "", description="OAuth: the app's client id, to install it in any number of workspaces"
    )
    slack_client_secret: SecretStr | None = Field(None, description="OAuth: the app's client secret")
    slack_teams: str = Field(
        "", description="OAuth: ids of the workspaces that may install it, by comma; empty for all"
    )
    public_url: str = Field("", description="OAuth: the address under which Slack and people reach this, https://...")
    secrets_key: SecretStr | None = Field(
        None, description="Keys that seal tokens in the database, by comma: the first seals, all of them open"
    )
    slack_post_seconds: float = Field(1.0, ge=0, description="Seconds between two messages in one Slack channel")
    admins: str = Field("", description="Slack user ids of the administrators, separated by commas")
    agents: str = Field("", description="Slack user ids of the support agents, separated by commas")
    ticket_apps: str = Field("", description="App or bot ids whose messages are ticket notifications, by comma")
    known_emoji: str | None = Field(None, description="Emoji that asks 'is this a known pattern?', without colons")

    # Web
    web_host: str = Field("127.0.0.1", description="Address of the HTTP endpoint")
    web_port: int = Field(3000, ge=0, le=65535, description="Port of the HTTP endpoint")
    metrics: bool = Field(
        False, description="Serve /metrics for Prometheus beside /healthz, for API_TOKEN alone if set"
    )
    web: bool = Field(False, description="Serve HTTP (Slack events, health) beside Socket Mode")
    webhook_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="Deliveries a minute that a process takes from one source of /webhooks"
    )
    private_hosts: str = Field(
        "", description="Hosts of your own network that the addresses below may name, without TLS too, by comma"
    )

    # Other programs
    api_token: SecretStr | None = Field(None, description="Bearer token of the JSON API and of MCP over HTTP")
    api_channels: str = Field("", description="Ids of private channels that programs may read too, by comma")
    events_url: str = Field("", description="Where theme and alert events are posted, signed")
    events_secret: SecretStr | None = Field(None, description="Secret (whsec_...) that signs them")
    api_per_minute: int = Field(120, ge=1, le=100_000, description="Requests a minute that a process answers programs")

    # Helpdesks
    webhook_secret: SecretStr | None = Field(None, description="Secret (whsec_...) of POST /webhooks/webhook")
    zendesk_subdomain: str = Field("", description="acme, where the helpdesk is acme.zendesk.com")
    zendesk_email: str = Field("", description="The Zendesk agent to whom the API token belongs")
    zendesk_api_token: SecretStr | None = Field(None, description="Zendesk API token")
    zendesk_webhook_secret: SecretStr | None = Field(None, description="Signing secret of the Zendesk webhook")
    intercom_workspace: str = Field("", description="Id of the Intercom workspace, as in its inbox's address")
    intercom_token: SecretStr | None = Field(None, description="Access token of the Intercom app")
    intercom_region: Literal["us", "eu", "au"] = Field("us", description="Where Intercom keeps the workspace")
    intercom_webhook_secret: SecretStr | None = Field(None, description="Client secret of the Intercom app")
    github_repositories: str = Field("", description="Repositories whose issues are tickets, owner/name, by comma")
    github_token: SecretStr | None = Field(None, description="GitHub token that may read issues there")
    github_webhook_secret: SecretStr | None = Field(None, description="Secret of the webhook of these repositories")
    github_api_url: str = Field("https://api.github.com", description="GitHub's API; that of an Enterprise server")
    freshdesk_subdomain: str = Field("", description="acme, where the helpdesk is acme.freshdesk.com")
    freshdesk_api_key: SecretStr | None = Field(None, description="API key of a Freshdesk agent")
    freshdesk_webhook_secret: SecretStr | None = Field(None, description="What Freshdesk sends in X-Webhook-Secret")
    jira_site: str = Field("", description="acme, where Jira Service Management is acme.atlassian.net")
    jira_projects: str = Field("", description="Keys of the projects whose requests are tickets, by comma")
    jira_email: str = Field("", description="The Atlassian account to whom the API token belongs")
    jira_token: SecretStr | None = Field(None, description="Atlassian API token")
    jira_webhook_secret: SecretStr | None = Field(None, description="Secret of the Jira webhook")
    jira_api_url: str = Field("", description="https://api.atlassian.com/ex/jira/CLOUD-ID, for a token with scopes")
    helpdesk_notes: bool = Field(
        False, description="Zendesk, Intercom: write internal notes and tags on tickets of known themes"
    )

    # Tracker
    tracker: Literal["none", "github", "linear", "jira"] = Field("none", description="Where issues are opened")
    tracker_repository: str = Field("", description="GitHub: the repository, owner/name")
    tracker_team: str = Field("", description="Linear: the team's key, as in ENG-12")
    tracker_site: str = Field("", description="Jira: acme, where it is acme.atlassian.net")
    tracker_project: str = Field("", description="Jira: the project's key, as in ENG-12")
    tracker_docs: str = Field("", description="Where documentation gaps go instead: its repository, team or project")
    tracker_email: str = Field("", description="Jira: the account to whom the API token belongs")
    tracker_issue_type: str = Field("Task", min_length=1, description="Jira: the type of issues that are opened")
    tracker_token: SecretStr | None = Field(None, description="Token that may read and write issues there")
    tracker_secret: SecretStr | None = Field(None, description="Secret of its webhook for issues; without it, polled")
    tracker_customers: bool = Field(False, description="Linear: name the accounts that wait, as customer requests")
    tracker_api_url: str = Field("", description="Another API address: GitHub Enterprise, Jira's for scoped tokens")

    # Releases
    release_secret: SecretStr | None = Field(None, description="Secret (whsec_...) of POST /webhooks/releases")

    # Model
    analyzer: Literal["local", "openai"] = Field("local", description="Who reads tickets: local or openai")
    openai_api_key: SecretStr | None = Field(None, description="Key of the OpenAI-compatible endpoint")
    openai_base_url: str = Field("https://api.openai.com/v1", description="OpenAI-compatible endpoint")
    openai_model: str = Field("gpt-4o-mini", description="Model that reads tickets")
    openai_timeout: float = Field(30.0, gt=0, description="Seconds to wait for the model")
    openai_daily_tokens: int = Field(2_000_000, ge=0, description="Tokens a day; the local analyzer takes over after")
    prompts_folder: str = Field("", description="Folder with prompt files of yours to try: NAME.v100.md and up")

    # Behaviour
    debounce_seconds: float = Field(60.0, ge=0, description="Wait this long for more messages before reading a ticket")
    grouping_minutes: float = Field(5.0, ge=0, description="Root messages of one person within this are one ticket")
    quiet_hours_after: float = Field(24.0, gt=0, description="A ticket without messages for this long is resolved")
    new_pattern: int = Field(5, ge=3, le=50, description="Tickets on a new theme that make a pattern")
    spike_ratio: float = Field(2.0, ge=1.2, le=20, description="Times the usual volume that makes a spike")
    alerts_per_week: float = Field(2.0, gt=0, description="False alarms a week that people accept: sets the strictness")
    review_share: float = Field(0.1, gt=0, le=1, description="Share of a week's tickets drawn at random for review")
    review_cards: int = Field(40, ge=1, le=1000, description="At most so many random review cards a week")
    report_at: str = Field("mon 09:00", description="Day and time of the weekly report in the team's zone, or off")
    phone_region: str = Field("US", min_length=2, max_length=2, description="Country of phone numbers without prefix")
    workers: int = Field(2, ge=1, le=64, description="Worker threads of this process")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much to log")
    log_json: bool = Field(False, description="Log one JSON object a line")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; use a name like Europe/Berlin") from error
        return value

    @field_validator("report_at")
    @classmethod
    def _known_moment(cls, value: str) -> str:
        plain = " ".join(value.lower().split())
        if plain != "off" and _WEEKLY.fullmatch(plain) is None:
            raise ValueError(f"{value!r} is no day and time; use one like mon 09:00, or off")
        return plain

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql", "postgres://")):
            raise ValueError("use sqlite:///path/to/file.db or postgresql://user:password@host/database")
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, value: str) -> str:
        if not value.endswith("/api/"):
            raise ValueError("it must end in /api/")
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _prefixed(value, "xoxb-", "the bot token starts with xoxb- (OAuth & Permissions page of the app)")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return _prefixed(value, "xapp-", "the app-level token starts with xapp- (Basic Information page of the app)")

    @field_validator("secrets_key")
    @classmethod
    def _sealing_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        from bot.sealing import Seal  # cryptography only where a key is set

        Seal(value)  # its error names what is wrong with which key
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        """Slack sends the browser back there with a code: encrypted, unless it is this machine."""
        if value and ("?" in value or problem_of(value)):
            raise ValueError("use an https:// address without a user name, ? and #")
        return value.rstrip("/")

    @field_validator(
        "openai_api_key",
        "slack_signing_secret",
        "slack_client_secret",
        "zendesk_api_token",
        "zendesk_webhook_secret",
        "intercom_token",
        "intercom_webhook_secret",
        "github_token",
        "github_webhook_secret",
        "freshdesk_api_key",
        "freshdesk_webhook_secret",
        "jira_token",
        "jira_webhook_secret",
        "tracker_token",
        "tracker_secret",
        "api_token",
        mode="after",
    )
    @classmethod
    def _not_blank(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is not None and value.get_secret_value().strip() else None

    @field_validator("api_token")
    @classmethod
    def _long_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 24:
            raise ValueError(
                "use at least 24 characters, as `python -c 'import secrets; print(secrets.token_urlsafe())'`"
            )
        return value

    @field_validator("webhook_secret", "events_secret", "release_secret")
    @classmethod
    def _standard_secret(cls, value: SecretStr | None) -> SecretStr | None:
        given = cls._not_blank(value)
        if given is not None:
            standard_key(given.get_secret_value())
        return given

    @field_validator("zendesk_subdomain", "intercom_workspace", "freshdesk_subdomain", "jira_site", "tracker_site")
    @classmethod
    def _one_label(cls, value: str) -> str:
        """Credentials go to the address that is made of it: nothing in it may change the host."""
        plain = value.strip().lower()
        if plain and _LABEL.fullmatch(plain) is None:
            raise ValueError("only the name itself (letters, digits, hyphens), without dots, slashes or https://")
        return plain

    @field_validator("tracker_repository")
    @classmethod
    def _one_repository(cls, value: str) -> str:
        if value.strip() and _REPOSITORY.fullmatch(value.strip()) is None:
            raise ValueError("use owner/name")
        return value.strip()

    @field_validator("tracker_team", "tracker_project")
    @classmethod
    def _one_key(cls, value: str) -> str:
        """It stands in searches: nothing in it may end a quotation."""
        plain = value.strip().upper()
        if plain and _KEY.fullmatch(plain) is None:
            raise ValueError("use the key alone, as ENG in ENG-12")
        return plain

    @field_validator("tracker_docs")
    @classmethod
    def _one_place(cls, value: str) -> str:
        """Which of both it must be, the tracker decides."""
        return cls._one_repository(value) if "/" in value else cls._one_key(value)

    @field_validator("github_repositories", "jira_projects")
    @classmethod
    def _several(cls, value: str, about: ValidationInfo) -> str:
        check = cls._one_key if about.field_name == "jira_projects" else cls._one_repository
        return ",".join(check(part) for part in value.split(",") if part.strip())

    @field_validator("tracker_api_url", "github_api_url", "jira_api_url")
    @classmethod
    def _no_query(cls, value: str) -> str:
        if "?" in value:
            raise ValueError("use an address without ? and #")
        return value

    @field_validator("jira_api_url")
    @classmethod
    def _scoped_address(cls, value: str) -> str:
        """Jira has one other address than its site's."""
        parts = urlsplit(value)
        scoped = parts.hostname == "api.atlassian.com" and parts.path.startswith("/ex/jira/")
        if value and not scoped and parts.hostname not in THIS_MACHINE:
            raise ValueError("empty, or https://api.atlassian.com/ex/jira/CLOUD-ID for a token with scopes")
        return value

    @model_validator(mode="after")
    def _safe_addresses(self) -> Self:
        """Tokens and words of customers go there: encrypted, and to the host that one reads."""
        found = [
            f"{name.upper()}: {problem}"
            for name in _ADDRESSES
            if (value := str(getattr(self, name))) and (problem := problem_of(value, self.ids("private_hosts")))
        ]
        if found:
            raise ValueError("; ".join(found))
        return self

    def ids(self, name: _Several) -> frozenset[str]:
        """A comma-separated setting as a set."""
        return frozenset(part.strip() for part in str(getattr(self, name)).split(",") if part.strip())

    def ids_in(
        self, workspace: str, name: Literal["admins", "agents", "ticket_apps", "api_channels"]
    ) -> frozenset[str]:
        """The same for one workspace: nobody, where the settings are not about it."""
        return self.ids(name) if self.about(workspace) else frozenset()

    @property
    def several(self) -> bool:
        """Whether workspaces install the app by OAuth, so that there may be any number of them."""
        return bool(self.slack_client_id) and self.slack_bot_token is None

    def about(self, workspace: str) -> bool:
        """Whether people, helpdesks, tracker, programs and events of these settings are this workspace's: there is but
        one, or it is the one that WORKSPACE names.
        """
        return not self.several or workspace == self.workspace

    @property
    def zone(self) -> ZoneInfo:
        """The team's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def socket_mode(self) -> bool:
        """Whether both tokens of Socket Mode are there."""
        return self.slack_bot_token is not None and self.slack_app_token is not None


def _prefixed(value: SecretStr | None, prefix: str, sentence: str) -> SecretStr | None:
    if value is None or not value.get_secret_value().strip():
        return None
    if not value.get_secret_value().startswith(prefix):
        raise ValueError(sentence)
    return value


def load_settings(env_file: str | None = ".env", **overrides: object) -> Settings:
    """Settings from the environment and `.env`. Raises BadSettings that names every bad value and its fix at once."""
    try:
        return Settings(_env_file=env_file, **overrides)  # pyright: ignore[reportCallIssue, reportArgumentType]
    except ValidationError as error:
        problems = "; ".join(_sentence(problem) for problem in error.errors(include_input=False, include_url=False))
        raise BadSettings(problems=problems) from None


def _sentence(problem: Mapping[str, object]) -> str:
    location = problem.get("loc")
    says = str(problem.get("msg", "")).removeprefix("Value error, ")
    return f"{str(location[0]).upper()}: {says}" if isinstance(location, tuple) and location else says

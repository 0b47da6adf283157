"""Every setting, its default and its kind. The only reader of the environment.

Values come from environment variables and from `.env` in the working folder; the environment wins. `.env.example` lists
them all and a test compares it with this class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import BadSettings
from bot.setting_kinds import (
    ApiUrl,
    AppToken,
    BotToken,
    DatabaseUrl,
    JiraApiUrl,
    Key,
    Keys,
    Label,
    LongToken,
    Moment,
    Place,
    PublicUrl,
    Repositories,
    Repository,
    SealingKeys,
    Secret,
    SlackApi,
    StandardSecret,
    Zone,
)
from integrations.addresses import problem_of

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


class Settings(BaseSettings):
    """What an operator can decide."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    # Where things are kept
    database_url: DatabaseUrl = Field("sqlite:///ticket-intel.db", description="SQLAlchemy URL of the database")
    workspace: str = Field("local", description="Workspace id used by the command line when no Slack is connected")
    timezone: Zone = Field("UTC", description="The team's time zone, for reports, quiet hours and the 02:00 job")

    # Slack
    slack_bot_token: BotToken = Field(None, description="Bot token (xoxb-...)")
    slack_app_token: AppToken = Field(None, description="App-level token with connections:write (xapp-...)")
    slack_signing_secret: Secret = Field(None, description="Signing secret, for Slack over HTTP")
    slack_api_url: SlackApi = Field("https://slack.com/api/", description="Slack's Web API; another address for tests")
    slack_connections: int = Field(1, ge=1, le=10, description="Socket Mode connections that a process holds open")
    slack_client_id: str = Field(
        "", description="OAuth: the app's client id, to install it in any number of workspaces"
    )
    slack_client_secret: Secret = Field(None, description="OAuth: the app's client secret")
    slack_teams: str = Field(
        "", description="OAuth: ids of the workspaces that may install it, by comma; empty for all"
    )
    public_url: PublicUrl = Field(
        "", description="OAuth: the address under which Slack and people reach this, https://..."
    )
    secrets_key: SealingKeys = Field(
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
    api_token: LongToken = Field(None, description="Bearer token of the JSON API and of MCP over HTTP")
    api_channels: str = Field("", description="Ids of private channels that programs may read too, by comma")
    events_url: str = Field("", description="Where theme and alert events are posted, signed")
    events_secret: StandardSecret = Field(None, description="Secret (whsec_...) that signs them")
    api_per_minute: int = Field(120, ge=1, le=100_000, description="Requests a minute that a process answers programs")

    # Helpdesks
    webhook_secret: StandardSecret = Field(None, description="Secret (whsec_...) of POST /webhooks/webhook")
    zendesk_subdomain: Label = Field("", description="acme, where the helpdesk is acme.zendesk.com")
    zendesk_email: str = Field("", description="The Zendesk agent to whom the API token belongs")
    zendesk_api_token: Secret = Field(None, description="Zendesk API token")
    zendesk_webhook_secret: Secret = Field(None, description="Signing secret of the Zendesk webhook")
    intercom_workspace: Label = Field("", description="Id of the Intercom workspace, as in its inbox's address")
    intercom_token: Secret = Field(None, description="Access token of the Intercom app")
    intercom_region: Literal["us", "eu", "au"] = Field("us", description="Where Intercom keeps the workspace")
    intercom_webhook_secret: Secret = Field(None, description="Client secret of the Intercom app")
    github_repositories: Repositories = Field(
        "", description="Repositories whose issues are tickets, owner/name, by comma"
    )
    github_token: Secret = Field(None, description="GitHub token that may read issues there")
    github_webhook_secret: Secret = Field(None, description="Secret of the webhook of these repositories")
    github_api_url: ApiUrl = Field("https://api.github.com", description="GitHub's API; that of an Enterprise server")
    freshdesk_subdomain: Label = Field("", description="acme, where the helpdesk is acme.freshdesk.com")
    freshdesk_api_key: Secret = Field(None, description="API key of a Freshdesk agent")
    freshdesk_webhook_secret: Secret = Field(None, description="What Freshdesk sends in X-Webhook-Secret")
    jira_site: Label = Field("", description="acme, where Jira Service Management is acme.atlassian.net")
    jira_projects: Keys = Field("", description="Keys of the projects whose requests are tickets, by comma")
    jira_email: str = Field("", description="The Atlassian account to whom the API token belongs")
    jira_token: Secret = Field(None, description="Atlassian API token")
    jira_webhook_secret: Secret = Field(None, description="Secret of the Jira webhook")
    jira_api_url: JiraApiUrl = Field(
        "", description="https://api.atlassian.com/ex/jira/CLOUD-ID, for a token with scopes"
    )
    helpdesk_notes: bool = Field(
        False, description="Zendesk, Intercom: write internal notes and tags on tickets of known themes"
    )

    # Tracker
    tracker: Literal["none", "github", "linear", "jira"] = Field("none", description="Where issues are opened")
    tracker_repository: Repository = Field("", description="GitHub: the repository, owner/name")
    tracker_team: Key = Field("", description="Linear: the team's key, as in ENG-12")
    tracker_site: Label = Field("", description="Jira: acme, where it is acme.atlassian.net")
    tracker_project: Key = Field("", description="Jira: the project's key, as in ENG-12")
    tracker_docs: Place = Field("", description="Where documentation gaps go instead: its repository, team or project")
    tracker_email: str = Field("", description="Jira: the account to whom the API token belongs")
    tracker_issue_type: str = Field("Task", min_length=1, description="Jira: the type of issues that are opened")
    tracker_token: Secret = Field(None, description="Token that may read and write issues there")
    tracker_secret: Secret = Field(None, description="Secret of its webhook for issues; without it, polled")
    tracker_customers: bool = Field(False, description="Linear: name the accounts that wait, as customer requests")
    tracker_api_url: ApiUrl = Field("", description="Another API address: GitHub Enterprise, Jira's for scoped tokens")

    # Releases
    release_secret: StandardSecret = Field(None, description="Secret (whsec_...) of POST /webhooks/releases")

    # Model
    analyzer: Literal["local", "openai"] = Field("local", description="Who reads tickets: local or openai")
    openai_api_key: Secret = Field(None, description="Key of the OpenAI-compatible endpoint")
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
    report_at: Moment = Field("mon 09:00", description="Day and time of the weekly report in the team's zone, or off")
    phone_region: str = Field("US", min_length=2, max_length=2, description="Country of phone numbers without prefix")
    workers: int = Field(2, ge=1, le=64, description="Worker threads of this process")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much to log")
    log_json: bool = Field(False, description="Log one JSON object a line")

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

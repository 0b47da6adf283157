"""Settings and verbs written out: `.env.example`, docs/settings.md and docs/commands.md are made of the code's own
tables. `python -m bot.reference` writes them; a test says when they are old.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.settings import Settings
from bot.verbs.parts import Verb
from bot.verbs.table import VERBS

GROUPS = {
    "Where things are kept": ("database_url", "workspace", "timezone"),
    "Slack": (
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
        "slack_api_url",
        "slack_connections",
        "admins",
        "agents",
        "ticket_apps",
        "known_emoji",
    ),
    "Several workspaces": (
        "slack_client_id",
        "slack_client_secret",
        "slack_teams",
        "public_url",
        "secrets_key",
    ),
    "Web": ("web", "web_host", "web_port", "metrics", "webhook_per_minute", "private_hosts"),
    "Other programs": (
        "api_token",
        "api_channels",
        "api_per_minute",
        "events_url",
        "events_secret",
    ),
    "Helpdesks": (
        "webhook_secret",
        "zendesk_subdomain",
        "zendesk_email",
        "zendesk_api_token",
        "zendesk_webhook_secret",
        "intercom_workspace",
        "intercom_token",
        "intercom_region",
        "intercom_webhook_secret",
        "github_repositories",
        "github_token",
        "github_webhook_secret",
        "github_api_url",
        "freshdesk_subdomain",
        "freshdesk_api_key",
        "freshdesk_webhook_secret",
        "jira_site",
        "jira_projects",
        "jira_email",
        "jira_token",
        "jira_webhook_secret",
        "jira_api_url",
        "helpdesk_notes",
    ),
    "Tracker": (
        "tracker",
        "tracker_repository",
        "tracker_team",
        "tracker_site",
        "tracker_project",
        "tracker_docs",
        "tracker_email",
        "tracker_issue_type",
        "tracker_token",
        "tracker_secret",
        "tracker_customers",
        "tracker_api_url",
    ),
    "Releases": ("release_secret",),
    "Model": (
        "analyzer",
        "openai_api_key",
        "openai_base_url",
        "openai_model",
        "openai_timeout",
        "openai_daily_tokens",
        "prompts_folder",
    ),
}
BEHAVIOUR = "Behaviour"


def grouped() -> dict[str, list[str]]:
    """Setting names by group; what no group names is behaviour."""
    named = {name for names in GROUPS.values() for name in names}
    rest = [name for name in Settings.model_fields if name not in named]
    return {**{group: list(names) for group, names in GROUPS.items()}, BEHAVIOUR: rest}


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def env_example() -> str:
    """Every setting with its meaning and default, commented out."""
    lines = [
        "# Copy to .env and change what you need; variables of the environment win over this file.",
        "# `ticket-intel connect` writes the Slack tokens for you.",
    ]
    for group, names in grouped().items():
        lines += ["", f"# ---- {group} ----"]
        for name in names:
            field = Settings.model_fields[name]
            lines += ["", f"# {field.description}", f"# {name.upper()}={_default(field)}"]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Values come from environment variables and from `.env` in the working folder; the environment wins. A bad "
        "value stops the program with one message that names every bad setting and its fix. Written by "
        "`python -m bot.reference`.",
    ]
    for group, names in grouped().items():
        lines += ["", f"## {group}", "", "| Setting | Default | What it decides |", "| --- | --- | --- |"]
        lines += [_row(name, Settings.model_fields[name]) for name in names]
    return "\n".join(lines) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    default = f"`{_default(field)}`" if _default(field) else "none"
    limits = _limits(field.metadata)
    secret = "; secret, never logged" if _secret(field) else ""
    return f"| `{name.upper()}` | {default} | {field.description}{limits}{secret} |"


def _limits(metadata: list[Any]) -> str:
    signs = (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))
    found = [f"{word} {getattr(m, sign)}" for m in metadata for sign, word in signs if hasattr(m, sign)]
    return f" ({', '.join(found)})" if found else ""


def commands_page() -> str:
    """docs/commands.md."""
    lines = [
        "# Commands",
        "",
        "The same words work behind `/ticket-intel` in Slack, after `@Ticket Intel`, and as `ticket-intel ...` in a "
        "terminal; there `--json` prints values. Written by `python -m bot.reference`.",
        "",
        "| Command | What it answers | Who | Where |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_verb_row(verb) for verb in VERBS]
    return "\n".join(lines) + "\n"


def _verb_row(verb: Verb) -> str:
    usage = verb.usage.replace("|", "\\|")
    where = {"both": "Slack, terminal", "slack": "Slack", "cli": "terminal"}[verb.where]
    return f"| `{usage}` | {verb.says} | {verb.right} | {where} |"


PAGES = {".env.example": env_example, "docs/settings.md": settings_page, "docs/commands.md": commands_page}


def write(root: Path) -> None:
    """Write every page below a folder."""
    for name, page in PAGES.items():
        (root / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write(Path.cwd())

"""Who is in the workspace: people, the bot under test, and other apps."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Literal

UserKind = Literal["customer", "agent", "product", "admin", "bot", "app"]

AVATAR_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836")


@dataclass(slots=True)
class User:
    """A member of the workspace, or of a partner's workspace when `team_id` differs (Slack Connect)."""

    id: str
    name: str
    real_name: str
    team_id: str
    kind: UserKind = "customer"
    title: str = ""
    is_bot: bool = False
    deleted: bool = False
    tz: str = "Europe/Berlin"
    app_id: str = ""
    bot_id: str = ""

    @property
    def color(self) -> str:
        """A stable avatar colour (hex without #)."""
        return AVATAR_COLORS[zlib.crc32(self.id.encode()) % len(AVATAR_COLORS)]

    @property
    def email(self) -> str:
        return f"{self.name}@{self.team_id.lower()}.example"

    def as_slack(self, home_team: str, *, with_email: bool) -> dict[str, Any]:
        """The `user` object of users.info and users.list."""
        first, _, last = self.real_name.partition(" ")
        profile: dict[str, Any] = {
            "title": self.title,
            "phone": "",
            "skype": "",
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "first_name": first,
            "last_name": last,
            "status_text": "",
            "status_emoji": "",
            "team": self.team_id,
        }
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id, "always_active": True}
        elif with_email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "color": self.color,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "profile": profile,
            "is_admin": self.kind == "admin",
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_stranger": self.team_id != home_team,
            "updated": 0,
        }

    def as_page(self) -> dict[str, Any]:
        """The USER object of the page protocol."""
        return {
            "id": self.id,
            "name": self.name,
            "real_name": self.real_name,
            "title": self.title,
            "is_bot": self.is_bot,
            "avatar_color": self.color,
            "kind": self.kind,
        }


@dataclass(frozen=True, slots=True)
class App:
    """An installed app: the one under test, or another that posts ticket notifications.

    `classic` apps post as Slack's incoming webhooks do: subtype `bot_message` and no user.
    """

    id: str
    name: str
    bot_id: str
    user_id: str
    classic: bool = False

    def profile(self, team_id: str, updated: int) -> dict[str, Any]:
        """The `bot_profile` object that Slack adds to an app's messages."""
        return {
            "id": self.bot_id,
            "app_id": self.id,
            "name": self.name,
            "icons": {"image_36": "", "image_48": "", "image_72": ""},
            "deleted": False,
            "updated": updated,
            "team_id": team_id,
        }

"""Which permission is for what: the manifest, docs/slack.md, `connect` and `doctor` are checked against these tables.

Slack names no machine-readable source for them; they were read from the reference page of each method and event.
"""

from __future__ import annotations

from typing import Final

#: Scope -> why the bot needs it, as the admin who approves the app reads it.
SCOPES: Final[dict[str, str]] = {
    "app_mentions:read": 'Hear "@Ticket Intel is this known?" in channels it was invited to',
    "channels:history": "Read tickets in public channels it was invited to and that somebody chose for support",
    "groups:history": "The same in private channels it was invited to",
    "im:history": "Read what people write to the bot directly",
    "channels:read": "Know the name of a channel, who is in it, and whether another company shares it",
    "groups:read": "The same for private channels it was invited to",
    "chat:write": "Post alerts and answers, and edit its own messages",
    "commands": "The command /ticket-intel and the three shortcuts",
    "im:write": "Send a direct message: shadow alerts to the admin, answers where it is no member",
    "reactions:read": "See the check mark that resolves a ticket and the emoji that asks a question",
    "users:read": "Check that the administrator exists, and propose that person's time zone",
}

#: What the admin may leave out when the app is installed, and what only some choices need; without it that alone is missing.
OPTIONAL: Final[dict[str, str]] = {
    "files:write": "Show the charts of a report as pictures in its message",
    "files:read": "See when Slack is done with a chart that the bot uploaded; other files are never opened",
    "usergroups:read": "Roles by Slack's user groups (`settings editors @product-team`): who is in them",
}

#: Web API method -> scopes that allow it; any one of a tuple's entries by kind of channel.
METHODS: Final[dict[str, tuple[str, ...]]] = {
    "auth.revoke": (),
    "auth.test": (),
    "apps.connections.open": (),
    "blocks.validate": (),
    "chat.delete": ("chat:write",),
    "chat.getPermalink": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.members": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "oauth.v2.access": (),
    "users.conversations": ("channels:read", "groups:read"),
    "users.info": ("users:read",),
    "usergroups.users.list": ("usergroups:read",),
    "views.open": (),
    "views.publish": (),
    "views.update": (),
}

#: Event subscription -> the scope it needs.
EVENTS: Final[dict[str, str | None]] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "tokens_revoked": None,
}

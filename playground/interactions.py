"""What people do with the app: commands, buttons, forms, shortcuts, the home tab. Lives on the server's event loop."""

from __future__ import annotations

from typing import Any

from playground.blocks import STATELESS, VALUE_KEYS, chosen, filled_state, find_element, missing_answers
from playground.channels import Message
from playground.delivery import Deliveries
from playground.errors import DispatchFailed, OperationTimeout, Refused, SlackError
from playground.responses import show
from playground.slack import Slack
from playground.views import View

IN_THREAD = "Slash commands do not work in threads: mention the app instead."
TROUBLE = "We had some trouble connecting. Try again?"

Container = dict[str, Any]


class Interactions:
    """Every act of a person that the app must acknowledge; the text of errors is what Slack would show."""

    def __init__(self, slack: Slack, deliveries: Deliveries) -> None:
        self.slack, self._deliveries = slack, deliveries
        self.commands: dict[str, dict[str, str]] = {}
        self.shortcuts: dict[str, dict[str, str]] = {}

    # -- payload parts ------------------------------------------------------------------------------------------
    def _who(self, user: str) -> dict[str, Any]:
        person, workspace = self.slack.workspace.users[user], self.slack.workspace
        return {
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
            "api_app_id": self.slack.app.id,
            "token": "playground-verification-token",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel_id: str) -> dict[str, str]:
        channel = self.slack.workspace.channels[channel_id]
        if channel.kind == "im":
            return {"id": channel_id, "name": "directmessage"}
        hidden = channel.kind == "private" and not self.slack.is_member(channel)
        return {"id": channel_id, "name": "privategroup" if hidden else channel.name}

    def _response_url(self, user: str, channel_id: str, ts: str | None = None, *, whisper: bool = False) -> str:
        key = self.slack.response_urls.issue(user, channel_id, ts, whisper=whisper)
        return f"{self.slack.base_url}/hooks/{key}"

    async def _ask(self, user: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an interactive payload; without an acknowledgement the person sees a warning."""
        try:
            return await self._deliveries.request("interactive", payload)
        except (OperationTimeout, DispatchFailed):
            self.slack.workspace.emit("toast", user=user, level="warning", text=TROUBLE)
            raise

    # -- slash commands -----------------------------------------------------------------------------------------
    async def slash(
        self, user: str, channel: str, command: str, text: str, thread_ts: str | None = None
    ) -> dict[str, Any]:
        """Run a command; the acknowledgement's text or blocks are shown. Raises Refused, OperationTimeout."""
        if thread_ts:
            raise Refused(IN_THREAD)
        if self.commands and command not in self.commands:
            raise Refused(f"{command} is not a valid command.")
        person, place, workspace = self.slack.workspace.users[user], self._channel(channel), self.slack.workspace
        payload = {
            "token": "playground-verification-token",
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel,
            "channel_name": place["name"],
            "user_id": user,
            "user_name": person.name,
            "command": command,
            "text": text,
            "api_app_id": self.slack.app.id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(user, channel),
            "trigger_id": self.slack.triggers.issue(user),
        }
        try:
            reply = await self._deliveries.request("slash", payload)
        except (OperationTimeout, DispatchFailed) as error:
            code = "operation_timeout" if isinstance(error, OperationTimeout) else "dispatch_failed"
            failed = {"user": "USLACKBOT", "text": f'{command} failed with the error "{code}"'}
            workspace.whisper(channel, user, failed)
            raise
        if any(reply.get(name) for name in ("text", "blocks", "attachments")):
            self._shown(f"acknowledgement of {command}", user, channel, reply)
        return reply

    def _shown(self, where: str, user: str, channel: str, reply: dict[str, Any]) -> None:
        try:
            show(self.slack, user, channel, reply)
        except SlackError as error:
            self.slack.problem(f"{where}: {error.error} {error.fields.get('errors', '')}")

    # -- elements -----------------------------------------------------------------------------------------------
    async def act(
        self,
        user: str,
        container: Container,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
        state: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Press, choose or type in an element of a message or view. Raises Refused when it is not there.

        `container` is {"type": "message", "channel", "ts"} or {"type": "view", "view_id"}; `value` the choice
        (an option's value will do), nothing for a button; `state` the other fields as the page holds them.
        """
        surface, about = self._surface(user, container)
        found = find_element(surface.get("blocks", []), action_id, block_id)
        if found is None:
            raise Refused(f"there is no element {action_id!r} here")
        block, element = found
        values = filled_state(surface["blocks"], {**(state or {}), **self._own_state(block, element, value)})
        if container["type"] == "view":
            surface["state"]["values"] = values
        action = self._action(block, element, value)
        payload = {"type": "block_actions", **self._who(user), **about, "actions": [action]}
        payload |= {"state": {"values": values}} if container["type"] == "message" else {}
        view_id = container.get("view_id")
        payload["trigger_id"] = self.slack.triggers.issue(user, view_id)
        return await self._ask(user, payload)

    def _surface(self, user: str, container: Container) -> tuple[dict[str, Any], dict[str, Any]]:
        """The message or view, and the payload's part about it."""
        if container["type"] == "view":
            view = self._view(user, container["view_id"])
            return view, {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        channel, ts = container["channel"], container["ts"]
        whisper = self.slack.workspace.find_whisper(user, ts)
        message = whisper or self.slack.workspace.channels[channel].messages.get(ts)
        if message is None:
            raise Refused("this message is gone")
        about: dict[str, Any] = {
            "container": {
                "type": "message",
                "message_ts": ts,
                "channel_id": channel,
                "is_ephemeral": whisper is not None,
                **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
            },
            "channel": self._channel(channel),
            "response_url": self._response_url(user, channel, ts, whisper=whisper is not None),
        }
        if whisper is None:  # Slack keeps no ephemeral message: only its container is named
            about["message"] = self._shown_message(channel, ts)
        return message, about

    def _shown_message(self, channel: str, ts: str) -> Message:
        return self.slack.workspace.channels[channel].shown(ts, metadata=True)

    def _view(self, user: str, view_id: str) -> View:
        try:
            return self.slack.views.find_any(user, view_id)
        except SlackError as error:
            raise Refused("this view is closed") from error

    @staticmethod
    def _own_state(block: dict[str, Any], element: dict[str, Any], value: Any) -> dict[str, Any]:
        if element["type"] in STATELESS:
            return {}
        return {block["block_id"]: {element["action_id"]: value}}

    def _action(self, block: dict[str, Any], element: dict[str, Any], value: Any) -> dict[str, Any]:
        kind = element["type"]
        action = {"type": kind, "action_id": element["action_id"], "block_id": block["block_id"]}
        action |= {k: element[k] for k in ("text", "style", "placeholder", "url") if k in element}
        if kind == "feedback_buttons":
            offered = {element[b]["value"]: element[b] for b in ("positive_button", "negative_button")}
            if value not in offered:
                raise Refused(f"{value!r} is not one of the feedback buttons")
            action |= {"text": offered[value]["text"], "value": value}
        elif kind in ("button", "icon_button", "workflow_button"):
            action |= {"value": element["value"]} if "value" in element else {}
        else:
            action[VALUE_KEYS[kind]] = chosen(element, value)
        return {**action, "action_ts": self.slack.workspace.new_ts()}

    async def options(self, user: str, container: Container, action_id: str, query: str) -> list[dict[str, Any]]:
        """Options that the app offers for what a person has typed into an external select."""
        surface, about = self._surface(user, container)
        found = find_element(surface.get("blocks", []), action_id)
        if found is None:
            raise Refused(f"there is no element {action_id!r} here")
        about.pop("response_url", None)
        asked = {"action_id": action_id, "block_id": found[0]["block_id"], "value": query}
        reply = await self._ask(user, {"type": "block_suggestion", **self._who(user), **about, **asked})
        grouped = [o for group in reply.get("option_groups", []) for o in group.get("options", [])]
        return [*reply.get("options", []), *grouped]

    # -- views --------------------------------------------------------------------------------------------------
    async def submit(self, user: str, view_id: str, values: dict[str, Any]) -> dict[str, Any]:
        """Submit a modal with short-form values. Raises Refused with the client's own complaint, OperationTimeout."""
        view = self._view(user, view_id)
        kept = view["state"]["values"]
        filled = kept | {block: {**kept.get(block, {}), **actions} for block, actions in values.items()}
        try:
            state = filled_state(view["blocks"], filled)
        except KeyError as error:
            raise Refused(str(error.args[0])) from error
        missing = missing_answers(view["blocks"], state)
        if missing:
            self.slack.workspace.emit("view_errors", user=user, view_id=view_id, errors=missing)
            raise Refused(str(missing))
        view["state"]["values"] = state
        payload = {"type": "view_submission", **self._who(user), "view": view}
        payload |= {"trigger_id": self.slack.triggers.issue(user, view_id), "response_urls": self._urls_in(user, view)}
        reply = await self._ask(user, payload)
        with self.slack.workspace.lock:
            self._after_submission(user, view, reply)
        return reply

    def _urls_in(self, user: str, view: View) -> list[dict[str, str]]:
        """Response urls for conversation selects that asked for one."""
        urls: list[dict[str, str]] = []
        for block in view["blocks"]:
            element = block.get("element", {})
            if element.get("response_url_enabled"):
                state = view["state"]["values"][block["block_id"]][element["action_id"]]
                channel = state.get(VALUE_KEYS[element["type"]])
                if channel:
                    names = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
                    urls.append(names | {"response_url": self._response_url(user, channel)})
        return urls

    def _after_submission(self, user: str, view: View, reply: dict[str, Any]) -> None:
        action, views = reply.get("response_action"), self.slack.views
        try:
            if action == "errors":
                unknown = set(reply.get("errors") or {}) - {
                    b["block_id"] for b in view["blocks"] if b["type"] == "input"
                }
                if unknown or not reply.get("errors"):
                    raise SlackError(f"errors name no input block: {sorted(unknown)}")
                self.slack.workspace.emit("view_errors", user=user, view_id=view["id"], errors=reply["errors"])
            elif action == "update":
                views.update(reply["view"], view["id"])
            elif action == "push":
                views.push(user, reply["view"])
            elif action in (None, "clear"):
                views.dismiss(user, view["id"], everything=action == "clear")
            else:
                raise SlackError(f"unknown response_action {action!r}")
        except SlackError as error:
            self.slack.workspace.emit("toast", user=user, level="warning", text=TROUBLE)
            self.slack.problem(f"acknowledgement of view_submission: {error.error} {error.fields.get('errors', '')}")

    async def close(self, user: str, view_id: str) -> None:
        """Close a modal; views that asked for it are reported to the app."""
        view = self._view(user, view_id)
        everything = bool(view["clear_on_close"])
        for closed in self.slack.views.dismiss(user, view_id, everything=everything):
            if closed["notify_on_close"]:
                payload = {"type": "view_closed", **self._who(user), "view": closed, "is_cleared": everything}
                await self._ask(user, payload)

    # -- shortcuts and home -------------------------------------------------------------------------------------
    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> dict[str, Any]:
        """Run a message shortcut; it carries this one message, and works where the bot is no member."""
        self._known_shortcut(callback_id)
        if ts not in self.slack.workspace.channels[channel].messages:
            raise Refused("this message is gone")
        payload = {
            "type": "message_action",
            **self._who(user),
            "callback_id": callback_id,
            "channel": self._channel(channel),
            "message_ts": ts,
            "message": self._shown_message(channel, ts),
            "action_ts": self.slack.workspace.new_ts(),
            "trigger_id": self.slack.triggers.issue(user),
            "response_url": self._response_url(user, channel, ts),
        }
        return await self._ask(user, payload)

    async def global_shortcut(self, user: str, callback_id: str) -> dict[str, Any]:
        """Run a global shortcut: no channel, no response url, only a trigger."""
        self._known_shortcut(callback_id)
        payload = {"type": "shortcut", **self._who(user), "callback_id": callback_id}
        payload |= {"action_ts": self.slack.workspace.new_ts(), "trigger_id": self.slack.triggers.issue(user)}
        return await self._ask(user, payload)

    def _known_shortcut(self, callback_id: str) -> None:
        if self.shortcuts and callback_id not in self.shortcuts:
            raise Refused(f"there is no shortcut {callback_id!r}")

    def open_home(self, user: str) -> None:
        """Tell the app that a person looks at its home tab."""
        event: dict[str, Any] = {"type": "app_home_opened", "user": user, "tab": "home"}
        event |= {"channel": self.slack.direct_message(user).id, "event_ts": self.slack.workspace.new_ts()}
        view = self.slack.views.homes.get(user)
        self._deliveries.post_event(event | ({"view": view} if view else {}))

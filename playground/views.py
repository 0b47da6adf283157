"""Modals and home tabs: a stack of at most three views for each person, with hashes and external ids."""

from __future__ import annotations

import json
from typing import Any

from playground.block_rules import check_view
from playground.blocks import completed, initial_state
from playground.errors import SlackError, invalid
from playground.workspace import Workspace

View = dict[str, Any]

MOST_STACKED = 3
MOST_BYTES = 250_000
DEFAULTS: View = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "close": None,
    "submit": None,
}


class Views:
    """Every open modal and every published home tab of the app under test."""

    def __init__(self, workspace: Workspace, app_id: str, bot_id: str) -> None:
        self._workspace, self._app_id, self._bot_id = workspace, app_id, bot_id
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    # -- what the app may do ------------------------------------------------------------------------------------
    def open(self, user: str, payload: View) -> View:
        """A new modal; an open one of the same person is replaced, as Slack does."""
        view = self._made(payload, "modal")
        self.stacks[user] = [view]
        self._show(user, "open", view)
        return view

    def push(self, user: str, payload: View) -> View:
        """One more view on the person's stack. Raises SlackError push_limit_reached, not_found."""
        stack = self.stacks.get(user, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MOST_STACKED:
            raise SlackError("push_limit_reached")
        view = self._made(payload, "modal")
        view |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(view)
        self._show(user, "push", view)
        return view

    def update(self, payload: View, view_id: str = "", external_id: str = "", expected_hash: str = "") -> View:
        """Replace a view. Raises SlackError not_found or hash_conflict."""
        user, old = self.find(view_id, external_id)
        if expected_hash and expected_hash != old["hash"]:
            raise SlackError("hash_conflict", view=old)
        view = self._made(payload, "modal", replacing=old)
        stack = self.stacks[user]
        stack[stack.index(old)] = view
        self._show(user, "update", view)
        return view

    def publish(self, user: str, payload: View, expected_hash: str = "") -> View:
        old = self.homes.get(user)
        if expected_hash and old and expected_hash != old["hash"]:
            raise SlackError("hash_conflict", view=old)
        view = self._made(payload, "home", replacing=old)
        self.homes[user] = view
        self._workspace.emit("home", user=user, view=view)
        return view

    # -- what a person does -------------------------------------------------------------------------------------
    def top(self, user: str) -> View | None:
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def find(self, view_id: str = "", external_id: str = "") -> tuple[str, View]:
        """A modal and its person. Raises SlackError not_found."""
        for user, stack in self.stacks.items():
            for view in stack:
                if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                    return user, view
        raise SlackError("not_found")

    def find_any(self, user: str, view_id: str) -> View:
        """A modal or home tab of a person. Raises SlackError not_found."""
        home = self.homes.get(user)
        if home and home["id"] == view_id:
            return home
        owner, view = self.find(view_id)
        if owner != user:
            raise SlackError("not_found")
        return view

    def dismiss(self, user: str, view_id: str, *, everything: bool = False) -> list[View]:
        """Close a view (and what lies above it), or the whole stack; returns what was closed, topmost first."""
        stack = self.stacks.get(user, [])
        position = next((i for i, view in enumerate(stack) if view["id"] == view_id), None)
        if position is None:
            return []
        closed = stack[0 if everything else position :][::-1]
        del stack[0 if everything else position :]
        self._workspace.emit("view_closed", user=user, view_id=view_id, all=not stack)
        if stack:
            self._show(user, "update", stack[-1])
        return closed

    def checked(self, payload: Any, kind: str) -> View:
        """The payload itself. Raises SlackError invalid_arguments with JSON pointers, or view_too_large."""
        problems = check_view(payload, (kind,))
        if problems:
            raise invalid("invalid_arguments", [str(p) for p in problems])
        if len(json.dumps(payload).encode()) > MOST_BYTES:
            raise SlackError("view_too_large")
        return payload

    def _made(self, payload: Any, kind: str, replacing: View | None = None) -> View:
        self.checked(payload, kind)
        external_id = payload.get("external_id", "")
        if external_id and any(
            view["external_id"] == external_id and view is not replacing
            for view in (*self.homes.values(), *(v for stack in self.stacks.values() for v in stack))
        ):
            raise SlackError("duplicate_external_id")
        blocks = completed(payload["blocks"])
        view_id = replacing["id"] if replacing else self._workspace.new_id("V")
        return {
            "id": view_id,
            "team_id": self._workspace.team_id,
            "app_id": self._app_id,
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": self._bot_id,
            **(DEFAULTS if kind == "modal" else {k: v for k, v in DEFAULTS.items() if k not in ("close", "submit")}),
            **payload,
            "blocks": blocks,
            "state": {"values": _kept(initial_state(blocks), replacing)},
            "hash": f"{self._workspace.new_ts()}",
            "root_view_id": replacing["root_view_id"] if replacing else view_id,
            "previous_view_id": replacing["previous_view_id"] if replacing else None,
        }

    def _show(self, user: str, mode: str, view: View) -> None:
        self._workspace.emit("view", user=user, mode=mode, view=view)


def _kept(values: dict[str, Any], replacing: View | None) -> dict[str, Any]:
    """What a person had filled in survives an update where block, action and type stay the same."""
    if replacing is None:
        return values
    old = replacing["state"]["values"]
    return {
        block_id: {
            action_id: old[block_id][action_id]
            if old.get(block_id, {}).get(action_id, {}).get("type") == state["type"]
            else state
            for action_id, state in actions.items()
        }
        for block_id, actions in values.items()
    }

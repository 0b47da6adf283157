"""The manifest holds what the code needs and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot import listeners, scopes
from bot.blocks import ids

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT.parent / "shared" / "schemas"
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text())
CALL = re.compile(
    r'slack_errors\("([a-z]+\.[A-Za-z.]+)"\)|_drawn\("([a-z]+\.[A-Za-z]+)"|client\.((?:chat|conversations|users|views|auth)_\w+)\('
)


def subscribed() -> list[str]:
    return MANIFEST["settings"]["event_subscriptions"]["bot_events"]


def granted() -> list[str]:
    return MANIFEST["oauth_config"]["scopes"]["bot"]


def test_it_is_valid_by_slacks_schema():
    path = SCHEMAS / "slack-manifest.schema.json"
    if not path.exists():
        pytest.skip("the vendor's schema is not beside this checkout")
    schema = json.loads(path.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(MANIFEST)] == []


def test_every_event_is_one_that_slack_knows():
    path = SCHEMAS / "slack-event-names.json"
    if not path.exists():
        pytest.skip("the list of events is not beside this checkout")
    known = path.read_text()
    assert [name for name in subscribed() if f'"{name.split(".")[0]}"' not in known] == []


def test_every_event_has_its_scope_and_its_listener():
    assert sorted(subscribed()) == sorted(scopes.EVENTS)
    assert {scope for name in subscribed() if (scope := scopes.EVENTS[name])} <= set(granted())
    assert {name.split(".")[0] for name in subscribed()} == set(listeners.EVENTS)


def test_every_scope_has_a_reason_and_a_use():
    assert set(granted()) == {*scopes.SCOPES, *scopes.OPTIONAL}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot_optional"]) == set(scopes.OPTIONAL)
    used = (
        {scope for needed in scopes.METHODS.values() for scope in needed} | set(scopes.EVENTS.values()) | {"commands"}
    )
    assert set(granted()) <= used


def test_every_method_that_is_called_has_its_scope():
    called: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for found in CALL.finditer(path.read_text()):
            name = found[1] or found[2] or found[3]
            called.add(_method(name))
    assert called
    assert called <= {name.lower() for name in scopes.METHODS}
    for name, needed in scopes.METHODS.items():
        assert set(needed) <= {*granted(), *scopes.OPTIONAL}, name


def _method(name: str) -> str:
    """chat_postMessage and chat.postMessage as one spelling."""
    return name.replace("_", ".", 1).lower()


def test_shortcuts_and_command_are_the_ones_that_are_listened_to():
    assert {entry["callback_id"] for entry in MANIFEST["features"]["shortcuts"]} == set(listeners.SHORTCUTS)
    assert [entry["command"] for entry in MANIFEST["features"]["slash_commands"]] == [ids.COMMAND]


#: Names of blocks/ids.py that nobody presses: windows, shortcuts, words of a row's value, and the inputs of windows.
NO_BUTTONS = {
    "COMMAND",
    "ROW_EVIDENCE",
    "ROW_ISSUE",
    "ROW_EDIT",
    "SNOOZE_UNTIL",
    "SNOOZE_MORE",
    "SAFE_TEXT",
    "SNOOZE_DAY",
    "NOT_USEFUL_REASON",
    "ASK_TEXT",
    "ISSUE_TITLE",
} | {
    *("EDIT_TITLE", "EDIT_PLAN", "EDIT_PART", "EDIT_TARGET"),
    *("AREA_NAME", "AREA_WORDS", "AREA_EXAMPLES", "AREA_OWNER", "AREA_CHANNEL"),
    *("LABEL_SUB", "LABEL_AREA", "LABEL_FRUSTRATION", "LABEL_URGENCY"),
}


def test_every_action_that_blocks_draw_has_a_listener():
    pressed = {
        value
        for name, value in vars(ids).items()
        if name.isupper() and name not in NO_BUTTONS and not name.endswith(("_VIEW", "_SHORTCUT"))
    }
    assert pressed == set(listeners.ACTIONS)


def test_the_documentation_names_every_scope_with_its_reason():
    text = (ROOT / "docs" / "slack.md").read_text()
    for scope, reason in (scopes.SCOPES | scopes.OPTIONAL).items():
        assert f"`{scope}`" in text
        assert reason in text

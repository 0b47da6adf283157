"""Walking over blocks: give every block and element its id, find an element, read a form."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

Block = dict[str, Any]

#: Where each element keeps what a person chose: in `actions[0]` and in `state.values`.
VALUE_KEYS = {
    "button": "value",
    "icon_button": "value",
    "feedback_buttons": "value",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
#: Elements that have no place in `state.values`.
STATELESS = ("button", "icon_button", "feedback_buttons", "overflow", "workflow_button", "image")


def elements_of(block: Block) -> Iterator[dict[str, Any]]:
    """Every element of a block that a person can act on, nested blocks included."""
    for entry in (*block.get("elements", []), block.get("accessory"), block.get("element"), *block.get("actions", [])):
        if isinstance(entry, dict):
            if entry.get("type") in VALUE_KEYS or entry.get("type") == "workflow_button":
                yield entry
            if entry.get("type") == "card":
                yield from elements_of(entry)
    for child in block.get("child_blocks", []):
        yield from elements_of(child)


def completed(blocks: list[Block]) -> list[Block]:
    """A copy of blocks with the block and action ids that Slack generates for those without one."""
    fresh = copy.deepcopy(blocks)
    numbers = itertools.count(1)
    for block in fresh:
        block.setdefault("block_id", f"b{next(numbers)}")
        for entry in elements_of(block):
            entry.setdefault("action_id", f"a{next(numbers)}")
    return fresh


def find_element(
    blocks: list[Block], action_id: str, block_id: str | None = None
) -> tuple[Block, dict[str, Any]] | None:
    for block in blocks:
        if block_id in (None, block.get("block_id")):
            for entry in elements_of(block):
                if entry.get("action_id") == action_id:
                    return block, entry
    return None


def options_of(element: dict[str, Any]) -> list[dict[str, Any]]:
    """The options that an element offers by itself, groups flattened."""
    return [*element.get("options", [])] + [o for g in element.get("option_groups", []) for o in g["options"]]


def chosen(element: dict[str, Any], value: Any) -> Any:
    """A short form of a choice (an option's `value`, or a list of them) as the option objects Slack sends."""
    offered = {option["value"]: option for option in options_of(element)}
    if VALUE_KEYS.get(element["type"]) == "selected_option" and isinstance(value, str):
        return offered.get(value, {"text": {"type": "plain_text", "text": value}, "value": value})
    if VALUE_KEYS.get(element["type"]) == "selected_options" and isinstance(value, list):
        return [chosen({**element, "type": "static_select"}, v) if isinstance(v, str) else v for v in value]
    return value


def initial_state(blocks: list[Block]) -> dict[str, dict[str, Any]]:
    """`state.values` of a surface nobody has touched yet."""
    values: dict[str, dict[str, Any]] = {}
    for block in blocks:
        for entry in elements_of(block):
            if entry["type"] in STATELESS:
                continue
            key = VALUE_KEYS[entry["type"]]
            value = next(
                (entry[name] for name in entry if name.startswith("initial_")), [] if key.endswith("s") else None
            )
            values.setdefault(block["block_id"], {})[entry["action_id"]] = {"type": entry["type"], key: value}
    return values


def filled_state(blocks: list[Block], values: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`state.values` after a person filled in `values`: {block_id: {action_id: short form or full state}}.

    Raises KeyError naming a block or action that the surface does not have.
    """
    state = initial_state(blocks)
    for block_id, actions in values.items():
        for action_id, value in actions.items():
            found = find_element(blocks, action_id, block_id)
            if found is None:
                raise KeyError(f"no input {block_id}/{action_id} on this surface")
            kind = found[1]["type"]
            if kind in STATELESS:
                continue
            full = isinstance(value, dict) and value.get("type") == kind
            state[block_id][action_id] = value if full else {"type": kind, VALUE_KEYS[kind]: chosen(found[1], value)}
    return state


def missing_answers(blocks: list[Block], state: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What Slack's client checks before it submits a form: {block_id: sentence}."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        answer = state[block["block_id"]][element["action_id"]]
        value = answer.get(VALUE_KEYS[element["type"]])
        if value in (None, "", []):
            if not block.get("optional"):
                errors[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str):
            if len(value) < element.get("min_length", 0):
                errors[block["block_id"]] = f"Please enter at least {element['min_length']} characters."
            elif len(value) > element.get("max_length", 3000):
                errors[block["block_id"]] = f"Please enter at most {element.get('max_length', 3000)} characters."
    return errors

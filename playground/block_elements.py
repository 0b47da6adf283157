"""Limits of the interactive elements, as one table: type -> check."""

from __future__ import annotations

from typing import Any

from playground.shapes import (
    Check,
    Fields,
    Report,
    boolean,
    either,
    exactly_one,
    many,
    number,
    plain,
    shape,
    string,
    text,
    typed,
)

STYLE = string(one_of=("primary", "danger"))
CONFIRM = shape({"text": either(300)}, {"title": plain(100), "confirm": plain(30), "deny": plain(30), "style": STYLE})
DISPATCH = shape(
    {},
    {"trigger_actions_on": many(string(one_of=("on_enter_pressed", "on_character_entered")))},
)
PLACEHOLDER = plain(150)
URL = string(3000, 1)
WEB_URL = string(3000, 1, pattern=r"https?://\S+")
DATE = string(pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = string(pattern=r"([01]\d|2[0-3]):[0-5]\d")

OPTION_REST = {"value": string(75, 1)}
SELECT_OPTION = shape({"text": plain(75), **OPTION_REST}, {"description": plain(75)})
OVERFLOW_OPTION = shape({"text": plain(75), **OPTION_REST}, {"description": plain(75), "url": URL})
CHOICE_OPTION = shape({"text": either(75), **OPTION_REST}, {"description": plain(75)})
OPTION_GROUP = shape({"label": plain(75), "options": many(SELECT_OPTION, 1, 100)})

SLACK_FILE = shape({}, {"id": string(255, 1), "url": URL}, exactly_one("id", "url"))
IMAGE_FIELDS: Fields = {"alt_text": string(2000, 1)}
IMAGE_SOURCES: Fields = {"image_url": WEB_URL, "slack_file": SLACK_FILE}
FEEDBACK = shape({"text": plain(75), "value": string(2000, 1)}, {"accessibility_label": string(75)})
WORKFLOW = shape(
    {
        "trigger": shape(
            {"url": URL},
            {"customizable_input_parameters": many(shape({"name": string(), "value": string()}))},
        )
    }
)
FILTER = shape(
    {},
    {
        "include": many(string(one_of=("im", "mpim", "private", "public"))),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def _focus(value: Any, pointer: str, report: Report) -> None:
    boolean(value, pointer, report)
    if value is True:
        report.focused += 1
        if report.focused > 1:
            report.add(pointer, "only one element can have focus_on_load")
        if report.surface == "message":
            report.add(pointer, "focus_on_load is not allowed in messages")


def _action_id(value: Any, pointer: str, report: Report) -> None:
    string(255, 1)(value, pointer, report)
    if isinstance(value, str):
        if value in report.action_ids:
            report.add(pointer, f"action_id {value!r} is used more than once in this block")
        report.action_ids.add(value)


def _element(required: Fields, optional: Fields | None = None, also: Check | None = None) -> Check:
    return shape(required, {"action_id": _action_id, **(optional or {})}, also)


def _input(required: Fields, optional: Fields | None = None, also: Check | None = None) -> Check:
    return _element(required, {"focus_on_load": _focus, **(optional or {})}, also)


def _select(own: Fields, also: Check | None = None) -> Check:
    return _input({}, {"placeholder": PLACEHOLDER, "confirm": CONFIRM, **own}, also)


def _multi(own: Fields, also: Check | None = None) -> Check:
    return _select({"max_selected_items": number(1), **own}, also)


def _known_initials(value: Any, pointer: str, report: Report) -> None:
    """Initial options must be among the options, word for word."""
    offered = [*value.get("options", [])] + [o for g in value.get("option_groups", []) for o in g["options"]]
    chosen = value.get("initial_options", [value["initial_option"]] if "initial_option" in value else [])
    if any(option not in offered for option in chosen):
        report.add(pointer, "initial option is not one of the options")
    if "max_selected_items" in value and len(chosen) > value["max_selected_items"]:
        report.add(pointer, "more initial options than max_selected_items")
    values = [option["value"] for option in offered]
    if len(values) != len(set(values)):
        report.add(pointer, "option values must be unique")


def _menu(value: Any, pointer: str, report: Report) -> None:
    exactly_one("options", "option_groups")(value, pointer, report)
    _known_initials(value, pointer, report)


def _text_lengths(value: Any, pointer: str, report: Report) -> None:
    if value.get("min_length", 0) > value.get("max_length", 3000):
        report.add(pointer, "min_length must not be greater than max_length")


def _rich_text_block(value: Any, pointer: str, report: Report) -> None:
    from playground.block_rules import BLOCKS

    typed(lambda: BLOCKS, ("rich_text",))(value, pointer, report)


TYPED_TEXT: Fields = {"placeholder": PLACEHOLDER, "dispatch_action_config": DISPATCH}
OPTIONS_AND_GROUPS: Fields = {"options": many(SELECT_OPTION, 1, 100), "option_groups": many(OPTION_GROUP, 1, 100)}
CONVERSATION: Fields = {"default_to_current_conversation": boolean, "filter": FILTER}
QUERY_LENGTH: Fields = {"min_query_length": number(0)}

ELEMENTS: dict[str, Check] = {
    "button": _element(
        {"text": plain(75)},
        {
            "url": URL,
            "value": string(2000, 1),
            "style": STYLE,
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "workflow_button": _element(
        {"text": plain(75), "workflow": WORKFLOW}, {"style": STYLE, "accessibility_label": string(75)}
    ),
    "icon_button": _element(
        {"icon": string(one_of=("trash",)), "text": plain(75)},
        {
            "value": string(2000, 1),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": many(string(255, 1)),
        },
    ),
    "feedback_buttons": _element({"positive_button": FEEDBACK, "negative_button": FEEDBACK}),
    "overflow": _element({"options": many(OVERFLOW_OPTION, 1, 5)}, {"confirm": CONFIRM}),
    "checkboxes": _input(
        {"options": many(CHOICE_OPTION, 1, 10)},
        {"initial_options": many(CHOICE_OPTION), "confirm": CONFIRM},
        _known_initials,
    ),
    "radio_buttons": _input(
        {"options": many(CHOICE_OPTION, 1, 10)}, {"initial_option": CHOICE_OPTION, "confirm": CONFIRM}, _known_initials
    ),
    "static_select": _select({**OPTIONS_AND_GROUPS, "initial_option": SELECT_OPTION}, _menu),
    "multi_static_select": _multi({**OPTIONS_AND_GROUPS, "initial_options": many(SELECT_OPTION)}, _menu),
    "external_select": _select({**QUERY_LENGTH, "initial_option": SELECT_OPTION}),
    "multi_external_select": _multi({**QUERY_LENGTH, "initial_options": many(SELECT_OPTION)}),
    "users_select": _select({"initial_user": string(255, 1)}),
    "multi_users_select": _multi({"initial_users": many(string(255, 1))}),
    "channels_select": _select({"initial_channel": string(255, 1), "response_url_enabled": boolean}),
    "multi_channels_select": _multi({"initial_channels": many(string(255, 1))}),
    "conversations_select": _select(
        {**CONVERSATION, "initial_conversation": string(255, 1), "response_url_enabled": boolean}
    ),
    "multi_conversations_select": _multi({**CONVERSATION, "initial_conversations": many(string(255, 1))}),
    "datepicker": _select({"initial_date": DATE}),
    "timepicker": _select({"initial_time": TIME, "timezone": string(255, 1)}),
    "datetimepicker": _input({}, {"initial_date_time": number(1_000_000_000, 9_999_999_999), "confirm": CONFIRM}),
    "plain_text_input": _input(
        {},
        {
            **TYPED_TEXT,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
        _text_lengths,
    ),
    "email_text_input": _input({}, {**TYPED_TEXT, "initial_value": string(3000)}),
    "url_text_input": _input({}, {**TYPED_TEXT, "initial_value": string(3000)}),
    "number_input": _input(
        {"is_decimal_allowed": boolean},
        {**TYPED_TEXT, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "rich_text_input": _input({}, {**TYPED_TEXT, "initial_value": _rich_text_block}),
    "file_input": _element({}, {"filetypes": many(string(255, 1)), "max_files": number(1, 10)}),
    "image": shape(IMAGE_FIELDS, IMAGE_SOURCES, exactly_one("image_url", "slack_file")),
    "mrkdwn": text("mrkdwn", most=2000),
    "plain_text": text("plain_text", most=2000),
}

SELECTS = ("static_select", "external_select", "users_select", "channels_select", "conversations_select")
MULTI_SELECTS = tuple(f"multi_{name}" for name in SELECTS)
PICKERS = ("datepicker", "timepicker", "checkboxes", "radio_buttons", *SELECTS, *MULTI_SELECTS)
IN_ACTIONS = ("button", "workflow_button", "overflow", "datetimepicker", "rich_text_input", *PICKERS)
IN_ACCESSORY = ("button", "workflow_button", "overflow", "image", *PICKERS)
IN_INPUT = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
    "datetimepicker",
    *PICKERS,
)
IN_CONTEXT = ("image", "mrkdwn", "plain_text")
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")


def element(*allowed: str) -> Check:
    return typed(lambda: ELEMENTS, allowed)

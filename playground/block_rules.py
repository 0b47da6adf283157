"""What Slack would reject: the limits of every block and view, as tables.

`check_blocks`, `check_view` and `check_attachments` return a list of problems, empty when Slack would take the value.
The limits are those of Slack's Block Kit reference; where the reference is silent the narrower value is used.
`data_visualization` is not known here, so that an app's fallback for it can be seen to work.
"""

from __future__ import annotations

from typing import Any

from playground.block_elements import (
    ELEMENTS,
    IMAGE_FIELDS,
    IMAGE_SOURCES,
    IN_ACCESSORY,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    URL,
    element,
)
from playground.shapes import (
    Check,
    Fields,
    Problem,
    Report,
    Surface,
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

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN = 12_000
MOST_TABLE_CHARACTERS = 10_000
MESSAGE_ONLY = ("table", "data_table", "markdown", "context_actions", "task_card", "plan", "card", "carousel", "file")

INLINE_STYLE = {"style": shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))}
INLINE: dict[str, Check] = {
    "text": shape({"text": string(least=1)}, INLINE_STYLE),
    "link": shape({"url": URL}, {"text": string(), "unsafe": boolean, **INLINE_STYLE}),
    "user": shape({"user_id": string(255, 1)}, INLINE_STYLE),
    "usergroup": shape({"usergroup_id": string(255, 1)}, INLINE_STYLE),
    "channel": shape({"channel_id": string(255, 1)}, INLINE_STYLE),
    "team": shape({"team_id": string(255, 1)}, INLINE_STYLE),
    "emoji": shape({"name": string(255, 1)}, {"unicode": string(), **INLINE_STYLE}),
    "date": shape(
        {"timestamp": number(), "format": string(least=1)}, {"url": URL, "fallback": string(), **INLINE_STYLE}
    ),
    "broadcast": shape({"range": string(one_of=("here", "channel", "everyone"))}, INLINE_STYLE),
    "color": shape({"value": string(least=1)}, INLINE_STYLE),
}
BORDER = {"border": number(0, 1)}
RICH: dict[str, Check] = {
    "rich_text_section": shape({"elements": many(typed(lambda: INLINE), 0)}),
    "rich_text_quote": shape({"elements": many(typed(lambda: INLINE), 0)}, BORDER),
    "rich_text_preformatted": shape({"elements": many(typed(lambda: INLINE, ("text", "link")), 0)}, BORDER),
    "rich_text_list": shape(
        {
            "style": string(one_of=("bullet", "ordered")),
            "elements": many(typed(lambda: RICH, ("rich_text_section",)), 1),
        },
        {"indent": number(0, 8), **BORDER},
    ),
}


def _own_block_id(value: Any, pointer: str, report: Report) -> None:
    string(255, 1)(value, pointer, report)
    if isinstance(value, str):
        if value in report.block_ids:
            report.add(pointer, f"block_id {value!r} already exists")
        report.block_ids.add(value)


def block(required: Fields, optional: Fields | None = None, also: Check | None = None) -> Check:
    return shape(required, {"block_id": _own_block_id, **(optional or {})}, also)


def _section_has_words(value: Any, pointer: str, report: Report) -> None:
    if "text" not in value and "fields" not in value:
        report.add(pointer, "missing required field: text or fields")


def _table_size(value: Any, pointer: str, report: Report) -> None:
    report.tables += 1
    if report.tables > 1:
        report.add(pointer, "only one table allowed")
    if _characters(value["rows"]) > MOST_TABLE_CHARACTERS:
        report.add(f"{pointer}/rows", f"must be less than {MOST_TABLE_CHARACTERS + 1} characters in all cells together")


def _characters(value: Any) -> int:
    if isinstance(value, list):
        return sum(_characters(entry) for entry in value)
    if isinstance(value, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else _characters(v) for k, v in value.items())
    return 0


def _markdown_total(value: Any, pointer: str, report: Report) -> None:
    report.markdown_characters += len(value["text"])
    if report.markdown_characters > MOST_MARKDOWN:
        report.add(f"{pointer}/text", f"must be less than {MOST_MARKDOWN + 1} characters in all markdown blocks")


def _card_has_content(value: Any, pointer: str, report: Report) -> None:
    if not {"title", "body", "hero_image", "actions"} & value.keys():
        report.add(pointer, "missing required field: title, body, hero_image or actions")


IMAGE = element("image")
RAW_TEXT = shape({"text": string(least=1)})
CELLS: dict[str, Check] = {
    "raw_text": RAW_TEXT,
    "raw_number": shape({"text": string(least=1), "value": number(whole=False)}),
    "rich_text": typed(lambda: BLOCKS, ("rich_text",)),
}
ROWS = many(many(typed(lambda: CELLS), 1, 20), 1, 100)
TASK = {
    "task_id": string(255, 1),
    "title": string(3000, 1),
    "status": string(one_of=("pending", "in_progress", "complete", "error")),
}
RICH_TEXT_ONLY = typed(lambda: BLOCKS, ("rich_text",))
SOURCE = typed(lambda: {"url": shape({"url": URL, "text": string(least=1)})})
CONTAINED = ("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "video")

BLOCKS: dict[str, Check] = {
    "section": block(
        {},
        {
            "text": either(3000),
            "fields": many(either(2000), 1, 10),
            "accessory": element(*IN_ACCESSORY),
            "expand": boolean,
        },
        _section_has_words,
    ),
    "header": block({"text": plain(150)}),
    "divider": block({}),
    "context": block({"elements": many(element(*IN_CONTEXT), 1, 10)}),
    "actions": block({"elements": many(element(*IN_ACTIONS), 1, 25)}),
    "context_actions": block({"elements": many(element(*IN_CONTEXT_ACTIONS), 1, 5)}),
    "image": block(IMAGE_FIELDS, {**IMAGE_SOURCES, "title": plain(2000)}, exactly_one("image_url", "slack_file")),
    "input": block(
        {"label": plain(2000), "element": element(*IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": block({"elements": many(typed(lambda: RICH), 1)}),
    "markdown": block({"text": string(MOST_MARKDOWN, 1)}, {}, _markdown_total),
    "table": block(
        {"rows": ROWS},
        {
            "column_settings": many(
                shape({}, {"align": string(one_of=("left", "center", "right")), "is_wrapped": boolean}), 0, 20
            )
        },
        _table_size,
    ),
    "data_table": block(
        {"rows": ROWS, "caption": string(least=1)},
        {"page_size": number(1, 100), "row_header_column_index": number(0)},
        _table_size,
    ),
    "video": block(
        {
            "alt_text": string(2000, 1),
            "title": plain(200),
            "thumbnail_url": URL,
            "video_url": string(3000, 1, pattern=r"https://\S+"),
        },
        {
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": string(255),
            "title_url": string(3000, 1, pattern=r"https://\S+"),
        },
    ),
    "file": block({"external_id": string(255, 1), "source": string(one_of=("remote",))}),
    "alert": block(
        {"text": either(3000)}, {"level": string(one_of=("default", "info", "warning", "error", "success"))}
    ),
    "card": block(
        {},
        {
            "title": text("mrkdwn", most=150),
            "subtitle": text("mrkdwn", most=150),
            "body": text("mrkdwn", most=200),
            "hero_image": IMAGE,
            "icon": IMAGE,
            "actions": many(element("button"), 1, 5),
        },
        _card_has_content,
    ),
    "carousel": block({"elements": many(typed(lambda: BLOCKS, ("card",)), 1, 10)}),
    "container": block(
        {"child_blocks": many(typed(lambda: BLOCKS, CONTAINED), 1, 10)},
        {
            "title": plain(150),
            "subtitle": either(150),
            "rich_text_title": RICH_TEXT_ONLY,
            "icon": IMAGE,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
            "width": string(one_of=("narrow", "standard", "wide", "full")),
        },
    ),
    "task_card": block(TASK, {"details": RICH_TEXT_ONLY, "output": RICH_TEXT_ONLY, "sources": many(SOURCE)}),
    "plan": block({"title": string(3000, 1)}, {"tasks": many(typed(lambda: BLOCKS, ("task_card",)))}),
}


def _top_level_block(value: Any, pointer: str, report: Report) -> None:
    report.action_ids.clear()  # action ids are unique within a block, block ids within the message
    if isinstance(value, dict) and value.get("type") in MESSAGE_ONLY and report.surface != "message":
        report.add(f"{pointer}/type", f"unsupported type in a {report.surface} view: {value['type']}")
        return
    typed(lambda: BLOCKS)(value, pointer, report)


def check_blocks(blocks: Any, surface: Surface = "message", pointer: str = "/blocks") -> list[Problem]:
    """Problems of a list of blocks on a surface; an empty list of blocks is fine in Slack."""
    report = Report(surface)
    many(_top_level_block, 0, MOST_BLOCKS[surface])(blocks, pointer, report)
    return report.problems


def check_attachments(attachments: Any, pointer: str = "/attachments") -> list[Problem]:
    """Problems of legacy attachments: at most 100 objects, whose blocks obey the rules of messages."""
    if not isinstance(attachments, list) or any(not isinstance(entry, dict) for entry in attachments):
        return [Problem(pointer, "must be an array of objects")]
    problems = [Problem(pointer, "no more than 100 items allowed")] if len(attachments) > 100 else []
    for index, entry in enumerate(attachments):
        if "blocks" in entry:
            problems += check_blocks(entry["blocks"], "message", f"{pointer}/{index}/blocks")
    return problems


VIEW_FIELDS: Fields = {
    "blocks": lambda value, pointer, report: many(_top_level_block, 0, MOST_BLOCKS[report.surface])(
        value, pointer, report
    ),
}
VIEW_OPTIONS: Fields = {"private_metadata": string(3000), "callback_id": string(255), "external_id": string(255)}


def _submit_for_inputs(value: Any, pointer: str, report: Report) -> None:
    if "submit" not in value and any(entry.get("type") == "input" for entry in value["blocks"]):
        report.add(pointer, "missing required field: submit (the view has input blocks)")


VIEWS: dict[str, Check] = {
    "home": shape(VIEW_FIELDS, VIEW_OPTIONS),
    "modal": shape(
        {**VIEW_FIELDS, "title": plain(24)},
        {
            **VIEW_OPTIONS,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        _submit_for_inputs,
    ),
}


def check_view(view: Any, allowed: tuple[str, ...] = ("modal", "home"), pointer: str = "/view") -> list[Problem]:
    """Problems of a view payload, as views.open (`modal`) or views.publish (`home`) would list them."""
    surface: Surface = "home" if isinstance(view, dict) and view.get("type") == "home" else "modal"
    report = Report(surface)
    typed(lambda: VIEWS, allowed)(view, pointer, report)
    return report.problems


__all__ = ["BLOCKS", "ELEMENTS", "Problem", "check_attachments", "check_blocks", "check_view"]

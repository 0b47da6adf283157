"""Block Kit rules: hand-made cases by pointer, and generated blocks against the schema made from Slack's own types."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from playground_app import actions, button, field, modal, plain

from playground import check_attachments, check_blocks, check_view
from playground.block_elements import ELEMENTS, IN_ACCESSORY, IN_ACTIONS, IN_INPUT
from playground.block_rules import BLOCKS, INLINE

SCHEMAS = Path(__file__).parents[2] / "shared" / "schemas"
needs_schemas = pytest.mark.skipif(not SCHEMAS.exists(), reason="the vendor schemas are not on this machine")


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", **fields: Any) -> dict[str, Any]:
    return {"text": plain(value), "value": value, **fields}


def select(**fields: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": [option()], **fields}


def rich(*inline: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(inline)}]}


def table(rows: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return {"type": "table", "rows": rows}


CELL = {"type": "raw_text", "text": "x"}
SECTION = {"type": "section", "text": mrkdwn("x")}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "f",
    "positive_button": {"text": plain("Good"), "value": "g"},
    "negative_button": {"text": plain("Bad"), "value": "b"},
}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("x"), "confirm": plain("Yes"), "deny": plain("No")}
IMAGE = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}

GOOD: list[dict[str, Any]] = [
    SECTION,
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10, "accessory": button()},
    {"type": "section", "text": plain("x"), "accessory": IMAGE, "expand": True},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider", "block_id": "d"},
    {"type": "context", "elements": [mrkdwn("x"), IMAGE]},
    actions(*[button(f"b{i}") for i in range(25)]),
    actions(select(initial_option=option()), {"type": "overflow", "action_id": "o", "options": [option()]}),
    actions(select(confirm=CONFIRM, placeholder=plain("Pick"))),
    {"type": "context_actions", "elements": [FEEDBACK]},
    {**IMAGE, "title": plain("t")},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a"},
    rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}),
    {"type": "markdown", "text": "**x**"},
    table([[CELL, {"type": "raw_number", "text": "1", "value": 1}], [CELL, rich({"type": "emoji", "name": "a"})]]),
    field(multiline=True, max_length=100),
    {"type": "video", "alt_text": "a", "title": plain("t"), "thumbnail_url": "https://x.example/a.png",
     "video_url": "https://x.example/v"},
    {"type": "file", "external_id": "x", "source": "remote"},
    {"type": "alert", "text": plain("x"), "level": "warning"},
    {"type": "card", "title": mrkdwn("x"), "actions": [button()]},
    {"type": "plan", "title": "p", "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}]},
]  # fmt: skip


@pytest.mark.parametrize("block", GOOD, ids=[f"{i}-{b['type']}" for i, b in enumerate(GOOD)])
def test_good_blocks_pass_here_and_by_the_schema(block):
    assert check_blocks([block]) == []
    if SCHEMAS.exists():
        validator("blocks").validate([block])


LIST_OF_X = {"type": "rich_text_list", "style": "x", "elements": [{"type": "rich_text_section", "elements": []}]}
LONG_FEEDBACK = {**FEEDBACK, "positive_button": {"text": plain("x" * 76), "value": "v"}}
LONG_CONFIRM = {**CONFIRM, "title": plain("x" * 101)}
VIDEO = next(block for block in GOOD if block["type"] == "video")

BAD: list[tuple[str, list[Any]]] = [
    ("/blocks", [{"type": "divider"}] * 51),
    ("/blocks/0", ["x"]),
    ("/blocks/0", [{}]),
    ("/blocks/0/type", [{"type": "data_visualization"}]),
    ("/blocks/0", [{"type": "section"}]),
    ("/blocks/0", [{**SECTION, "color": "red"}]),
    ("/blocks/0/text/text", [{"type": "section", "text": mrkdwn("")}]),
    ("/blocks/0/text/text", [{"type": "section", "text": mrkdwn("x" * 3001)}]),
    ("/blocks/0/text/type", [{"type": "header", "text": mrkdwn("x")}]),
    ("/blocks/0/text", [{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}]),
    ("/blocks/0/text", [{"type": "section", "text": "x"}]),
    ("/blocks/0/text/text", [{"type": "header", "text": plain("x" * 151)}]),
    ("/blocks/0/fields", [{"type": "section", "fields": [mrkdwn("x")] * 11}]),
    ("/blocks/0/fields", [{"type": "section", "fields": []}]),
    ("/blocks/0/fields/1/text", [{"type": "section", "fields": [mrkdwn("x"), mrkdwn("x" * 2001)]}]),
    ("/blocks/0/elements", [actions(*[button(f"b{i}") for i in range(26)])]),
    ("/blocks/0/elements", [{"type": "context", "elements": [mrkdwn("x")] * 11}]),
    ("/blocks/0/elements/0/type", [{"type": "context", "elements": [button()]}]),
    ("/blocks/0/elements/0/type", [actions(IMAGE)]),
    ("/blocks/0/elements/0/type", [actions(FEEDBACK)]),
    ("/blocks/0/accessory/type", [{**SECTION, "accessory": field()["element"]}]),
    ("/blocks/0/elements/0/text/text", [actions(button(text="x" * 76))]),
    ("/blocks/0/elements/0/text/type", [actions({**button(), "text": mrkdwn("x")})]),
    ("/blocks/0/elements/0/value", [actions(button(value="x" * 2001))]),
    ("/blocks/0/elements/0/style", [actions({**button(), "style": "default"})]),
    ("/blocks/0/elements/1/action_id", [actions(button("a"), button("a"))]),
    ("/blocks/1/block_id", [{"type": "divider", "block_id": "x"}] * 2),
    ("/blocks/0/block_id", [{"type": "divider", "block_id": "x" * 256}]),
    ("/blocks/0/elements/0", [actions(select(options=None, option_groups=None))]),
    ("/blocks/0/elements/0/options", [actions(select(options=[option(str(i)) for i in range(101)]))]),
    ("/blocks/0/elements/0/options", [actions({"type": "overflow", "options": [option(str(i)) for i in range(6)]})]),
    ("/blocks/0/elements/0/options/0/text/text", [actions(select(options=[{"text": plain("x" * 76), "value": "x"}]))]),
    ("/blocks/0/elements/0/options/0/text/type", [actions(select(options=[{"text": mrkdwn("x"), "value": "x"}]))]),
    ("/blocks/0/elements/0", [actions(select(options=[option("a"), option("a")]))]),
    ("/blocks/0/elements/0", [actions(select(initial_option=option("other")))]),
    ("/blocks/0/elements/0/confirm/title/text", [actions({**button(), "confirm": LONG_CONFIRM})]),
    ("/blocks/0/element/initial_date", [{**field(), "element": {"type": "datepicker", "initial_date": "2026-13-01"}}]),
    ("/blocks/0/element", [field(min_length=10, max_length=5)]),
    ("/blocks/0/element/focus_on_load", [field(focus_on_load=True)]),
    ("/blocks/0", [{"type": "image", "alt_text": "a"}]),
    ("/blocks/0/image_url", [{**IMAGE, "image_url": "file:///etc/passwd"}]),
    ("/blocks/0/alt_text", [{**IMAGE, "alt_text": ""}]),
    ("/blocks/0/elements/0/elements/0/text", [rich({"type": "text", "text": ""})]),
    ("/blocks/0/elements/0/elements/0/type", [rich({"type": "rich_text_section", "elements": []})]),
    ("/blocks/0/elements/0/style", [{"type": "rich_text", "elements": [LIST_OF_X]}]),
    ("/blocks/0/rows", [table([[CELL]] * 101)]),
    ("/blocks/0/rows/0", [table([[CELL] * 21])]),
    ("/blocks/0/rows", [table([[{"type": "raw_text", "text": "x" * 10_001}]])]),
    ("/blocks/1", [table([[CELL]]), table([[CELL]])]),
    ("/blocks/1/text", [{"type": "markdown", "text": "x" * 6001}] * 2),
    ("/blocks/0/elements/0/positive_button/text/text", [{"type": "context_actions", "elements": [LONG_FEEDBACK]}]),
    ("/blocks/0/video_url", [{**VIDEO, "video_url": "http://x"}]),
]  # fmt: skip


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_none(v) for k, v in value.items() if v is not None}
    return [without_none(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("pointer", "blocks"), BAD, ids=[f"{i}{p}" for i, (p, _) in enumerate(BAD)])
def test_bad_blocks_are_named_by_pointer(pointer, blocks):
    problems = check_blocks(without_none(blocks))
    assert [p.pointer for p in problems] == [pointer]
    assert str(problems[0]).endswith(f"[json-pointer:{pointer}]")


def test_blocks_that_are_no_list():
    assert check_blocks({"type": "divider"})[0].message == "must be an array"
    assert check_blocks([]) == []


@pytest.mark.parametrize(
    ("pointer", "view"),
    [
        ("/view/title/text", modal(title=plain("x" * 25))),
        ("/view/submit/text", modal(submit=plain("x" * 25))),
        ("/view/private_metadata", modal(private_metadata="x" * 3001)),
        ("/view/callback_id", modal(callback_id="x" * 256)),
        ("/view/blocks", modal(*[{"type": "divider"}] * 101)),
        ("/view", modal(hash="1")),
        ("/view/type", {"type": "workflow_step", "blocks": []}),
        ("/view", {"type": "home", "blocks": [], "title": plain("x")}),
        ("/view/blocks/0/type", modal(table([[CELL]]))),
        ("/view/blocks/0/type", {"type": "home", "blocks": [{"type": "context_actions", "elements": [FEEDBACK]}]}),
        ("/view/blocks/1/element/focus_on_load", modal(field(focus_on_load=True), field("b", focus_on_load=True))),
    ],
)
def test_bad_views_are_named_by_pointer(pointer, view):
    assert [p.pointer for p in check_view(view)] == [pointer]


def test_a_form_needs_a_submit_button():
    view = modal()
    del view["submit"]
    assert "submit" in check_view(view)[0].message
    assert check_view(modal()) == []
    assert check_view(modal(*[{"type": "divider"}] * 100)) == []
    assert check_view({"type": "home", "blocks": [SECTION]}, ("modal",))[0].pointer == "/view/type"


def test_attachments_are_checked_for_their_blocks():
    assert check_attachments([{"color": "#f00", "blocks": [SECTION]}, {"text": "legacy"}]) == []
    assert check_attachments([{"blocks": [{"type": "section"}]}])[0].pointer == "/attachments/0/blocks/0"
    assert check_attachments("no")[0].pointer == "/attachments"


# -- generated ----------------------------------------------------------------------------------------------------
def validator(name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((SCHEMAS / f"slack-block-kit.{name}.schema.json").read_text()))


words = st.text(min_size=0, max_size=12)
long_words = st.one_of(words, st.integers(70, 160).map(lambda n: "x" * n))
texts = st.one_of(
    st.builds(lambda t: mrkdwn(t), long_words),
    st.builds(lambda t, e: {**plain(t), **({"emoji": True} if e else {})}, long_words, st.booleans()),
)
ids = st.sampled_from(["a", "b", "c", "d"])
options = st.lists(st.builds(lambda t, v: {"text": t, "value": v}, texts, words), max_size=12)
maybe = st.one_of(
    st.just({}),
    st.builds(lambda v: {"placeholder": plain(v)}, words),
    st.builds(lambda v: {"style": v}, st.sampled_from(["primary", "danger", "default"])),
    st.builds(lambda v: {"confirm": {**CONFIRM, "title": plain(v)}}, long_words),
    st.builds(lambda v: {"initial_option": v}, options.map(lambda o: o[0] if o else option())),
)
elements = st.one_of(
    st.builds(
        lambda a, t, v, m: {"type": "button", "action_id": a, "text": t, "value": v, **m}, ids, texts, words, maybe
    ),
    st.builds(
        lambda k, a, o, m: {"type": k, "action_id": a, "options": o, **m},
        st.sampled_from(["static_select", "overflow", "checkboxes", "radio_buttons", "multi_static_select"]),
        ids,
        options,
        maybe,
    ),
    st.builds(lambda k, a, m: {"type": k, "action_id": a, **m}, st.sampled_from(sorted(ELEMENTS)), ids, maybe),
    st.just(IMAGE),
)
inline = st.one_of(
    st.builds(lambda t, b: {"type": "text", "text": t, "style": {"bold": b}}, words, st.booleans()),
    st.builds(lambda k: {"type": k, "user_id": "U1", "url": "https://x.example"}, st.sampled_from(sorted(INLINE))),
    st.builds(lambda t: {"type": "link", "url": "https://x.example", "text": t}, words),
)
blocks = st.one_of(
    st.builds(lambda t: {"type": "section", "text": t}, texts),
    st.builds(lambda t, a: {"type": "section", "text": t, "accessory": a}, texts, elements),
    st.builds(lambda f: {"type": "section", "fields": f}, st.lists(texts, max_size=12)),
    st.builds(lambda t: {"type": "header", "text": t}, texts),
    st.builds(lambda k, e: {"type": k, "elements": e}, st.sampled_from(["actions", "context", "context_actions"]),
              st.lists(st.one_of(elements, texts, st.just(FEEDBACK)), max_size=4)),
    st.builds(lambda t, e: {"type": "input", "label": t, "element": e}, texts, elements),
    st.builds(lambda i: rich(*i), st.lists(inline, max_size=4)),
    st.builds(lambda rows: table(rows), st.lists(st.lists(st.just(CELL) | inline, max_size=4), max_size=4)),
    st.builds(lambda k, t: {"type": k, "text": t}, st.sampled_from(sorted(BLOCKS)), texts | words),
    st.sampled_from(GOOD).map(copy.deepcopy),
)  # fmt: skip


@needs_schemas
@given(st.lists(blocks, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_what_passes_here_passes_by_the_schema(made):
    assume(not check_blocks(made))
    SCHEMA.validate(made)


SCHEMA = validator("blocks") if SCHEMAS.exists() else None


@needs_schemas
def test_every_block_and_element_of_the_schema_is_known_here():
    defs = json.loads((SCHEMAS / "slack-block-kit.blocks.schema.json").read_text())["definitions"]

    def kinds(name: str) -> set[str]:
        definition = defs[name]
        found = {definition["properties"]["type"]["const"]} if "properties" in definition else set()
        for part in definition.get("anyOf", []):
            if "$ref" in part:
                found |= kinds(part["$ref"].rpartition("/")[2])
            elif "properties" in part:
                found.add(part["properties"]["type"]["const"])
        return found

    assert kinds("KnownBlock") == set(BLOCKS)
    assert kinds("ActionsBlockElement") == set(IN_ACTIONS)
    assert kinds("InputBlockElement") == set(IN_INPUT)
    assert kinds("SectionBlockAccessory") == set(IN_ACCESSORY)
    assert kinds("RichTextElement") == set(INLINE)


@needs_schemas
def test_what_the_schema_refuses_is_refused_here_except_known_looseness():
    """The schema has no opinion on these, so only ours refuses them: the rest of BAD must fail in both."""
    ours_alone = [p for p, made in BAD if not list(SCHEMA.iter_errors(without_none(made)))]
    assert sorted(set(ours_alone)) == sorted({
        "/blocks/0/elements/1/action_id",  # duplicates
        "/blocks/1/block_id",
        "/blocks/0/elements/0",  # options or groups, unique values, known initial option
        "/blocks/0/element",  # min_length over max_length
        "/blocks/0/element/initial_date",  # formats
        "/blocks/0/element/focus_on_load",  # no focus in messages
        "/blocks/0/image_url",
        "/blocks/0/video_url",
        "/blocks/0/alt_text",  # empty texts outside text objects
        "/blocks/0/elements/0/elements/0/text",
        "/blocks/0/rows/0",  # sizes across cells and blocks
        "/blocks/0/rows",
        "/blocks/1",
        "/blocks/1/text",
        "/blocks/0/elements/0/positive_button/text/text",
    })  # fmt: skip

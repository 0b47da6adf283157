"""The verbs that a model may ask: tools made from the grammar's table, and its calls read as requests of the grammar."""

from __future__ import annotations

from typing import Any, Final

from bot.errors import BadInput
from bot.grammar import Request
from bot.normal_forms import choice, period_or_none, short, theme_key
from bot.verbs.filters import FILTERS, Filter
from bot.verbs.parts import Arg, ArgKind, Verb
from bot.verbs.table import BY_NAME
from intelligence.prompts.tools import ANSWER_TOOL, Tool, ToolCall
from intelligence.replies import BadReply, Fields

#: They only read. What changes something is not among them, whatever a text asks for.
READS: Final = ("themes", "theme", "known", "search", "gaps", "friction", "docs", "bugs", "risk", "alerts", "quality")
MOST_TEXT: Final = 400
_TOLD_ARGS: Final = {
    ArgKind.PERIOD: "24h, 7d, 30d, 90d, 2026-W02, month or quarter; null for the usual one",
    ArgKind.THEME: "a theme's key, as TI-42",
    ArgKind.TEXT: "words of a ticket",
}


def tools() -> tuple[Tool, ...]:
    """What the model is offered, the answer last."""
    return (*(_tool(BY_NAME[name]) for name in READS), ANSWER_TOOL)


def _tool(verb: Verb) -> Tool:
    properties: dict[str, Any] = {arg.name: _argument(arg) for arg in verb.args}
    properties |= {entry.name: _filter(entry) for entry in _filters(verb)}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return Tool(verb.name, verb.says, schema)


def _filters(verb: Verb) -> list[Filter]:
    """Flags are left out: `mine` depends on who asks, the others change something."""
    return [FILTERS[name] for name in verb.filters if not FILTERS[name].flag]


def _argument(arg: Arg) -> dict[str, Any]:
    return {"type": "string" if arg.required else ["string", "null"], "description": _TOLD_ARGS[arg.kind]}


def _filter(entry: Filter) -> dict[str, Any]:
    if entry.choices is None:
        return {"type": ["string", "null"], "description": f"{entry.shown}; null for all"}
    return {"type": ["string", "null"], "enum": [*dict.fromkeys(entry.choices.values()), None]}


def read_call(call: ToolCall) -> Request:
    """A call as the request that a person would have typed. Raises BadInput for what is not offered or cannot be meant."""
    if call.name not in READS:
        raise BadInput(problem=f'There is no tool "{short(call.name)}".', fix=f"There are {', '.join(READS)}.")
    verb = BY_NAME[call.name]
    try:
        given = Fields.of(call.arguments or "{}")
    except BadReply as error:
        raise BadInput(problem=f"The arguments cannot be read: {error}.", fix="Give one JSON object.") from None
    args = {arg.name: value for arg in verb.args if (value := _read(verb, arg, given.value(arg.name))) is not None}
    filters = {
        entry.name: choice(entry, _text(entry.name, value))
        for entry in _filters(verb)
        if (value := given.value(entry.name)) not in (None, "")
    }
    return Request(verb.name, args, filters)


def _read(verb: Verb, arg: Arg, value: object) -> str | None:
    if value in (None, ""):
        if arg.required:
            raise BadInput(problem=f"`{verb.name}` needs {arg.name}.", fix=f"Give {_TOLD_ARGS[arg.kind]}.")
        return None
    text = _text(arg.name, value)
    match arg.kind:
        case ArgKind.PERIOD:
            found = period_or_none(text)
        case ArgKind.THEME:
            found = theme_key(text)
        case _:
            found = text[:MOST_TEXT]
    if found is None:
        raise BadInput(problem=f'"{short(text)}" is no {arg.name}.', fix=f"Give {_TOLD_ARGS[arg.kind]}.")
    return found


def _text(name: str, value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text:
        raise BadInput(problem=f"{name} is no text.", fix="Give a string or null.")
    return text

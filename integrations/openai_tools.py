"""Tool calling of Chat Completions: one turn in, what the model asks for (or says) out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from integrations.openai_errors import BrokenReply, Refusal, Usage
from intelligence.prompts.tools import ANSWER, Tool, ToolCall, ToolRequest

LONGEST_ARGUMENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ToolTurn:
    """What the model asks for, or None and what it said instead."""

    call: ToolCall | None
    text: str
    usage: Usage


def tool_body(request: ToolRequest) -> dict[str, Any]:
    """Messages and tools. Each call stands in a turn of its own, whatever else the model asked for beside it."""
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": request.instructions},
        {"role": "user", "content": request.question},
    ]
    for call, result in request.done:
        function = {"name": call.name, "arguments": call.arguments}
        asked = {"id": call.id, "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [asked]})
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    only = {"type": "function", "function": {"name": ANSWER}}
    return {
        "messages": messages,
        "tools": [_function(tool) for tool in request.tools],
        "tool_choice": only if request.last else "required",
        "parallel_tool_calls": False,
    }


def _function(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters, "strict": True}
    return {"type": "function", "function": function}


def turn_of(message: Mapping[str, Any], usage: Usage, number: int) -> ToolTurn:
    """A message of the model as a turn: of several calls the first. Raises BrokenReply where there is nothing."""
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        return ToolTurn(_call(cast("object", calls[0]), usage, number), "", usage)
    text = message.get("content")
    if not isinstance(text, str) or not text.strip():
        raise BrokenReply("the reply is empty", usage=usage)
    return ToolTurn(None, text, usage)


def _call(value: object, usage: Usage, number: int) -> ToolCall:
    call = cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
    function = call.get("function")
    named = cast("Mapping[str, Any]", function) if isinstance(function, dict) else {}
    name, arguments = named.get("name"), named.get("arguments")
    if isinstance(arguments, dict):  # some servers give the object itself
        arguments = json.dumps(arguments)
    if not isinstance(name, str) or not isinstance(arguments, str) or len(arguments) > LONGEST_ARGUMENTS:
        raise BrokenReply("the model's call cannot be read", usage=usage)
    said = call.get("id")
    return ToolCall(said if isinstance(said, str) and said else f"call-{number}", name, arguments)


def refused(message: Mapping[str, Any], finish: object, usage: Usage) -> None:
    """Raise what keeps a message from being used: a refusal, or that it was cut off."""
    if message.get("refusal") or finish == "content_filter":
        raise Refusal("the model refused to answer", usage=usage)
    if finish == "length":
        raise BrokenReply("the reply was cut off at the token limit", usage=usage)

"""A question to a model that may look things up first: tools as values, what was looked up, and the form of the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from intelligence.prompts.schemas import Schema

ANSWER: Final = "answer"
ANSWER_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "One sentence, without the numbers of its evidence"},
                    "evidence": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["statements"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may ask for; `parameters` is a strict JSON Schema."""

    name: str
    description: str
    parameters: Schema


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asks for; `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """One turn. `done` are the calls so far with their results; with `last` only the answer may come."""

    version: str
    instructions: str
    question: str
    tools: tuple[Tool, ...]
    done: tuple[tuple[ToolCall, str], ...] = ()
    last: bool = False

    @property
    def characters(self) -> int:
        """How long the request is, for an estimate of its tokens."""
        called = sum(len(call.arguments) + len(result) for call, result in self.done)
        offered = sum(len(tool.description) + len(json.dumps(tool.parameters)) for tool in self.tools)
        return len(self.instructions) + len(self.question) + called + offered


ANSWER_TOOL: Final = Tool(ANSWER, "Answer the question, once everything needed is looked up.", ANSWER_SCHEMA)

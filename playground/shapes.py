"""A small vocabulary for JSON shapes whose violations read like Slack's own messages.

A check is a function `(value, pointer, report)`; it adds problems to the report and returns nothing. The tables of
block_rules are made of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation: where (a JSON pointer) and what."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


@dataclass(slots=True)
class Report:
    """What one validation has found, and what it must count across blocks."""

    surface: Surface
    problems: list[Problem] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    action_ids: set[str] = field(default_factory=set)
    focused: int = 0
    tables: int = 0
    markdown_characters: int = 0

    def add(self, pointer: str, message: str) -> None:
        self.problems.append(Problem(pointer, message))


Check = Callable[[Any, str, Report], None]
Fields = Mapping[str, Check]


def string(most: int | None = None, least: int = 0, one_of: tuple[str, ...] = (), pattern: str = "") -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add(pointer, "must be a string")
        elif len(value) < least:
            report.add(pointer, f"must be more than {least - 1} characters")
        elif most is not None and len(value) > most:
            report.add(pointer, f"must be less than {most + 1} characters")
        elif one_of and value not in one_of:
            report.add(pointer, f"value not in enum: {', '.join(one_of)}")
        elif pattern and not re.fullmatch(pattern, value):
            report.add(pointer, "failed to match the required format")

    return check


def boolean(value: Any, pointer: str, report: Report) -> None:
    if not isinstance(value, bool):
        report.add(pointer, "must be a boolean")


def number(low: float | None = None, high: float | None = None, *, whole: bool = True) -> Check:
    kinds = int if whole else (int, float)

    def check(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, kinds):
            report.add(pointer, "must be an integer" if whole else "must be a number")
        elif low is not None and value < low:
            report.add(pointer, f"must be at least {low}")
        elif high is not None and value > high:
            report.add(pointer, f"must be at most {high}")

    return check


def many(item: Check, least: int = 1, most: int | None = None) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add(pointer, "must be an array")
            return
        if len(value) < least:
            report.add(pointer, f"no fewer than {least} items allowed")
        if most is not None and len(value) > most:
            report.add(pointer, f"no more than {most} items allowed")
        for index, entry in enumerate(value):
            item(entry, f"{pointer}/{index}", report)

    return check


def shape(required: Fields, optional: Fields | None = None, also: Check | None = None) -> Check:
    """An object with these fields and no others; `also` runs when the fields are all right by themselves."""
    fields = {**required, **(optional or {})}

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must be an object")
            return
        before = len(report.problems)
        for name in required:
            if name not in value:
                report.add(pointer, f"missing required field: {name}")
        for name, entry in value.items():
            if name in fields:
                fields[name](entry, f"{pointer}/{name}", report)
            elif name != "type":
                report.add(pointer, f"invalid additional property: {name}")
        if also and len(report.problems) == before:
            also(value, pointer, report)

    return check


def typed(table: Callable[[], Mapping[str, Check]], allowed: tuple[str, ...] | None = None) -> Check:
    """An object that chooses its check by its `type`; `table` is called late: tables refer to each other."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must be an object")
            return
        kind = value.get("type")
        if kind is None:
            report.add(pointer, "missing required field: type")
        elif not isinstance(kind, str) or kind not in table() or (allowed is not None and kind not in allowed):
            report.add(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            table()[kind](value, pointer, report)

    return check


def text(*kinds: str, most: int = 3000) -> Check:
    """A text object of these kinds (`plain_text`, `mrkdwn`)."""
    words = string(most, least=1)
    shapes = {
        "plain_text": shape({"text": words}, {"emoji": boolean}),
        "mrkdwn": shape({"text": words}, {"verbatim": boolean}),
    }
    return typed(lambda: shapes, kinds)


def plain(most: int = 3000) -> Check:
    return text("plain_text", most=most)


def either(most: int = 3000) -> Check:
    return text("plain_text", "mrkdwn", most=most)


def exactly_one(*names: str) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if sum(name in value for name in names) != 1:
            report.add(pointer, f"exactly one of {' or '.join(names)} is required")

    return check

"""Labelled conversations: the rows of `examples/*.jsonl` and of the files that `eval analyze` reads.

A row is a JSON object with `messages` ([{role: user|agent|bot, text}]) or `text`, and any of the labels; a missing label
is None ("not labelled"), which differs from an empty list or a null `feature_wanted` ("none").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from intelligence.model import (
    CauseKind,
    ChurnRisk,
    Level,
    Message,
    PrimaryCategory,
    Role,
    Satisfaction,
    SignalKind,
    Subcategory,
)
from intelligence.ports import Conversation
from intelligence.taxonomy import primary_of

_START: Final = datetime(2024, 1, 1, tzinfo=UTC)  # rows carry no times: only the order of messages counts
_ROLES: Final = {
    "user": Role.CUSTOMER,
    "customer": Role.CUSTOMER,
    "agent": Role.AGENT,
    "assistant": Role.AGENT,
    "bot": Role.BOT,
}
_Label = TypeVar("_Label", bound=StrEnum)


class BadRowError(ValueError):
    """A row that cannot be used; the text says why, without the line number."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A rejected line (counted from 1) and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A conversation and what people said it is. None means that nobody said.

    `wants_feature` and `needs_doc` tell whether the row names a wanted feature or a needed document; `random` whether
    it was drawn at random (None: the row does not say).
    """

    conversation: Conversation
    primary: PrimaryCategory | None = None
    subcategory: Subcategory | None = None
    acceptable: tuple[Subcategory, ...] = ()
    signals: frozenset[SignalKind] | None = None
    frustration: Level | None = None
    urgency: Level | None = None
    churn_risk: ChurnRisk | None = None
    satisfaction: Satisfaction | None = None
    cause: CauseKind | None = None
    wants_feature: bool | None = None
    needs_doc: bool | None = None
    random: bool | None = None


def read_labelled(lines: Iterable[str]) -> tuple[list[Labelled], list[BadRow]]:
    """Parse JSON lines; blank lines are skipped, bad ones are returned with their number and reason."""
    rows: list[Labelled] = []
    bad: list[BadRow] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(parse_labelled(read_object(line)))
        except BadRowError as error:
            bad.append(BadRow(number, str(error)))
    return rows, bad


def read_object(line: str) -> dict[str, Any]:
    """One line as a JSON object.

    Raises:
        BadRowError: it is not JSON or not an object.
    """
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadRowError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadRowError("not a JSON object")
    return cast("dict[str, Any]", row)


def parse_labelled(row: Mapping[str, Any]) -> Labelled:
    """One row.

    Raises:
        BadRowError: no text, an unknown label, or a sub-category that is not one of its primary category.
    """
    sub = _label(row, "subcategory", Subcategory)
    primary = _label(row, "primary_category", PrimaryCategory)
    if sub and primary and primary_of(sub) is not primary:
        raise BadRowError(f"subcategory {sub} belongs to {primary_of(sub)}, not to {primary}")
    return Labelled(
        conversation=_conversation(row),
        primary=primary or (primary_of(sub) if sub else None),
        subcategory=sub,
        acceptable=tuple(_many(row, "also_acceptable", Subcategory) or ()),
        signals=None if (found := _many(row, "signals", SignalKind)) is None else frozenset(found),
        frustration=_label(row, "frustration", Level),
        urgency=_label(row, "urgency", Level),
        churn_risk=_label(row, "churn_risk", ChurnRisk),
        satisfaction=_label(row, "resolution_satisfaction", Satisfaction),
        cause=_label(row, "cause_kind", CauseKind),
        wants_feature=bool(row["feature_wanted"]) if "feature_wanted" in row else None,
        needs_doc=bool(row["doc_needed"]) if "doc_needed" in row else None,
        random=str(row["draw"]).startswith("random") if row.get("draw") is not None else None,
    )


def _conversation(row: Mapping[str, Any]) -> Conversation:
    messages = row.get("messages")
    if messages is None and isinstance(row.get("text"), str):
        messages = [{"role": "user", "text": row["text"]}]
    if not isinstance(messages, list) or not messages:
        raise BadRowError("messages must be a non-empty list of {role, text}")
    said = tuple(_message(number, item) for number, item in enumerate(cast("list[object]", messages)))
    if not any(message.text.strip() for message in said):
        raise BadRowError("no message has any text")
    subject = row.get("subject")
    return Conversation(said, subject if isinstance(subject, str) else "")


def _message(number: int, item: object) -> Message:
    if not isinstance(item, dict):
        raise BadRowError(f"messages[{number}] is not an object")
    fields = cast("dict[str, object]", item)
    text, role = fields.get("text"), fields.get("role", "user")
    if not isinstance(text, str):
        raise BadRowError(f"messages[{number}].text is not a string")
    if not isinstance(role, str) or role not in _ROLES:
        raise BadRowError(f"messages[{number}].role must be one of {', '.join(_ROLES)}, not {role!r}")
    return Message(_ROLES[role], text, _START + timedelta(minutes=number), key=f"m{number}")


def _label(row: Mapping[str, Any], field: str, kind: type[_Label]) -> _Label | None:
    value = row.get(field)
    return None if value is None else _member(field, value, kind)


def _many(row: Mapping[str, Any], field: str, kind: type[_Label]) -> list[_Label] | None:
    values = row.get(field)
    if values is None:
        return None
    if not isinstance(values, list):
        raise BadRowError(f"{field} must be a list")
    return [_member(field, value, kind) for value in cast("list[object]", values)]


def _member(field: str, value: object, kind: type[_Label]) -> _Label:
    try:
        return kind(cast("str", value))
    except ValueError as error:
        raise BadRowError(f"{field}: unknown label {value!r}") from error

"""What a model is asked: prompts as versioned files, strict schemas, and the conversation as data that cannot speak.

A prompt file is never edited once it was used: a better wording is `name.v2.md`, measured beside the live one on the
words of a workspace's people (`candidate`) and switched on there, or named in `LIVE` for everybody. Every analysis
remembers the versions that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from intelligence.model import SignalKind, Subcategory
from intelligence.taxonomy import LABEL_RULES, PRIMARY_TITLES, SIGNAL_TITLES, TAXONOMY

FOLDER: Final = Path(__file__).parent
LIVE: Final[dict[str, int]] = {
    "triage": 1,
    "feature_gaps": 1,
    "ux_friction": 1,
    "documentation_gaps": 1,
    "bug_patterns": 1,
    "report": 1,
    "asking": 1,
}
TECHNIQUES: Final[dict[SignalKind, str]] = {
    SignalKind.FEATURE_GAP: "feature_gaps",
    SignalKind.UX_FRICTION: "ux_friction",
    SignalKind.DOCUMENTATION_GAP: "documentation_gaps",
    SignalKind.BUG_PATTERN: "bug_patterns",
}
_SIGNAL_MEANINGS: Final[dict[SignalKind, str]] = {
    SignalKind.FEATURE_GAP: "users want something you don't have",
    SignalKind.UX_FRICTION: "something exists but is hard to find or use",
    SignalKind.DOCUMENTATION_GAP: "an answer exists but users can't find it, or documentation should answer it",
    SignalKind.BUG_PATTERN: "a defect that may affect several users",
    SignalKind.EXPECTATION_MISMATCH: "users assumed it works differently",
    SignalKind.USE_CASE_EXPANSION: "users try things it was not designed for",
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """The instructions of one task with the taxonomy filled in; `version` is what analyses remember ("triage.v1").
    `template` is the file.
    """

    name: str
    version: str
    text: str
    template: str


@cache
def load(name: str, number: int | None = None) -> Prompt:
    """The shipped version of a prompt, or a given one (a candidate). Raises FileNotFoundError if there is none."""
    version = f"{name}.v{LIVE[name] if number is None else number}"
    return filled(name, version, (FOLDER / f"{version}.md").read_text("utf-8"))


def filled(name: str, version: str, template: str, definitions: Mapping[Subcategory, str] | None = None) -> Prompt:
    """A prompt of a file's text; `definitions` are sharpened ones in the place of the shipped."""
    text = template
    tree = _taxonomy(definitions or {})
    for placeholder, filling in (("rules", _rules()), ("taxonomy", tree), ("signals", _signals())):
        text = text.replace("{{" + placeholder + "}}", filling)
    return Prompt(name, version, text, template)


def _rules() -> str:
    return "\n".join(f"{n}. {primary.value}: {meaning}" for n, (primary, meaning) in enumerate(LABEL_RULES, 1))


def _taxonomy(sharpened: Mapping[Subcategory, str]) -> str:
    lines: list[str] = []
    for primary, title in PRIMARY_TITLES.items():
        lines.append(f"- {title} ({primary.value})")
        own = (d for d in TAXONOMY if d.primary is primary)
        meanings = ((d, sharpened.get(d.subcategory, d.meaning)) for d in own)
        lines += [f'  - {d.subcategory.value}: {d.title}, {meaning}; "{d.example}"' for d, meaning in meanings]
    return "\n".join(lines)


def _signals() -> str:
    return "\n".join(f"  - {kind.value}: {SIGNAL_TITLES[kind]}, {_SIGNAL_MEANINGS[kind]}" for kind in SignalKind)

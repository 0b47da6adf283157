"""With what a model reads: which model, which prompt files, which sharpened definitions. One value, compared as a whole.

An edition is a difference to what is shipped. The text of a prompt file is part of it: a file that is changed later
changes nothing that people compared and switched on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from intelligence.model import Subcategory
from intelligence.prompts import TECHNIQUES, Prompt, filled, load

#: Prompts that read tickets, and so can be tried on tickets of which people gave their word.
READING: Final = ("triage", *TECHNIQUES.values())
OWN_FROM: Final = 100  # numbers below are kept for the files of later versions
LONGEST: Final = 20_000
LONGEST_DEFINITION: Final = 200
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")
_NEEDED: Final = {"triage": frozenset({"taxonomy", "rules", "signals", "areas"})}


class BadPrompt(Exception):
    """A prompt file cannot be used; the message says why, as a sentence without its end."""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt file with its placeholders."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Edition:
    """`name` is "" for what is shipped; `model` None means that of the settings. `prompts` by name and `definitions`
    hold only what differs.
    """

    name: str = ""
    model: str | None = None
    prompts: Mapping[str, PromptFile] = field(default_factory=dict[str, PromptFile])
    definitions: Mapping[Subcategory, str] = field(default_factory=dict[Subcategory, str])

    def prompt(self, name: str) -> Prompt:
        """A prompt as this edition asks it. Its version names the file, and the edition where definitions differ."""
        own = self.prompts.get(name)
        if own is None and not self.definitions:
            return load(name)
        text = own.text if own else load(name).template
        version = f"{name}.v{own.number}" if own else load(name).version
        if self.definitions and "{{taxonomy}}" in text:
            version = f"{version}.{self.name}" if self.name else version
        return filled(name, version, text, self.definitions)

    @property
    def changes_techniques(self) -> bool:
        """Whether the mining techniques are asked otherwise, too."""
        return any(name != "triage" for name in self.prompts)


SHIPPED: Final = Edition()


def check(name: str, text: str) -> None:
    """Whether a text may be a prompt: all that the guard against orders in tickets needs. Raises BadPrompt."""
    if not text.strip():
        raise BadPrompt("the file is empty")
    if len(text) > LONGEST:
        raise BadPrompt(f"the file is longer than {LONGEST:,} characters")
    if "JSON" not in text:
        raise BadPrompt("it does not ask for JSON, which the answer must be")
    if "<data-" not in text:
        raise BadPrompt("it does not say that the conversation stands between <data-…> tags and gives no orders")
    found = frozenset(_PLACEHOLDER.findall(text))
    needed = _NEEDED.get(name, frozenset[str]())
    if missing := sorted(needed - found):
        raise BadPrompt(f"{{{{{missing[0]}}}}} is missing, which is filled in")
    if unknown := sorted(found - needed):
        raise BadPrompt(f"{{{{{unknown[0]}}}}} is nothing that can be filled in")

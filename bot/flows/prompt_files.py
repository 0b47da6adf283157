"""Prompt files that can be tried: those that are shipped, and the operator's own."""

from __future__ import annotations

import re
from pathlib import Path

from bot.errors import BadInput
from intelligence.prompts import FOLDER
from intelligence.prompts.edition import LONGEST, OWN_FROM, READING, BadPrompt, PromptFile, check

_NAMED = re.compile(r"([a-z_]{2,40})\.v([0-9]{1,6})(?:\.md)?")
_MODEL = re.compile(r"[A-Za-z0-9][\w.:/@-]{0,79}")


def named(word: str) -> tuple[str, int] | None:
    """ "triage.v2" as name and number. Raises BadInput for a name that reads no tickets."""
    found = _NAMED.fullmatch(word)
    if found is None or found[1] not in READING:
        if found is not None:
            raise BadInput(
                problem=f'"{found[1]}" is no prompt that reads tickets.', fix=f"There are {', '.join(READING)}."
            )
        return None
    return found[1], int(found[2])


def model(word: str) -> str:
    """A model's name as its server calls it. Raises BadInput."""
    if _MODEL.fullmatch(word) is None:
        raise BadInput(
            problem=f'"{word[:40]}" is no prompt, label or model.', fix="For example: `candidate try gpt-4o`."
        )
    return word


def read(name: str, number: int, folder: str) -> PromptFile:
    """A prompt file; own ones have numbers from 100 on. Raises BadInput where it is not there or cannot be used."""
    place = FOLDER if number < OWN_FROM else Path(folder) if folder else None
    if place is None:
        raise BadInput(
            problem=f"Numbers from {OWN_FROM} on are files of yours, and PROMPTS_FOLDER is not set.",
            fix="Set it to the folder with your prompt files.",
        )
    file = place / f"{name}.v{number}.md"
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            problem=f"There is no readable {file.name}.",
            fix=f"Shipped: {_shipped(name)}. Files of yours go to PROMPTS_FOLDER as {name}.v{OWN_FROM}.md and up.",
        ) from None
    try:
        check(name, text)
    except BadPrompt as error:
        raise BadInput(
            problem=f"{file.name} cannot be used: {error}.", fix="Start from a copy of the shipped file."
        ) from None
    return PromptFile(number, text)


def _shipped(name: str) -> str:
    return ", ".join(sorted(path.stem for path in FOLDER.glob(f"{name}.v*.md")))

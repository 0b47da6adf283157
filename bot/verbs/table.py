"""The table of all verbs, in the order in which help and the docs list them."""

from __future__ import annotations

from bot.verbs.asking import ASKING
from bot.verbs.parts import Verb
from bot.verbs.terminal import TERMINAL
from bot.verbs.themes import THEMES
from bot.verbs.workspace import WORKSPACE

VERBS: tuple[Verb, ...] = (*ASKING, *THEMES, *WORKSPACE, *TERMINAL)
BY_NAME: dict[str, Verb] = {verb.name: verb for verb in VERBS}
BY_WORD: dict[str, Verb] = {word: verb for verb in VERBS for word in (verb.name, *verb.aliases)}

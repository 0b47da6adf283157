"""What is set for the workspace, and who changed what."""

from __future__ import annotations

import re

from bot.answers_settings import SettingLine, SettingsView
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, context, header, inline, moment, person, section

MOST_NAMED = 12
_CHANNEL = re.compile(r"[CG][A-Z0-9]{8,}")
_PERSON = re.compile(r"[UW][A-Z0-9]{8,}")


def settings(answer: SettingsView) -> Rendered:
    """Each setting with its value, how to change it, and since when it is so."""
    blocks: list[Block] = [header("Settings")]
    for line in answer.lines:
        blocks.append(section(f"*{line.name.capitalize()}*: {_value(line)}\n{inline(line.says, 200)}"))
        blocks.append(context(f"`/ticket-intel settings {line.name} {line.takes}`{_since(line)}"))
    if answer.trail:
        told = "\n".join(
            f"{moment(one.at)} {person(one.actor)}: {inline(one.action, 40)} {_subject(one.subject)}"
            for one in answer.trail
        )
        blocks += [header("Latest changes"), section(told)]
    return rendered("Settings: " + "; ".join(f"{line.name} {inline(line.value, 80)}" for line in answer.lines), blocks)


def _subject(subject: str) -> str:
    """A channel and a person by their names, which Slack puts in."""
    if _CHANNEL.fullmatch(subject):
        return f"<#{subject}>"
    return person(subject) if _PERSON.fullmatch(subject) else inline(subject, 60)


def _value(line: SettingLine) -> str:
    if line.places:
        return ", ".join(f"<#{place}>" for place in line.places[:MOST_NAMED])
    if not line.people:
        return inline(line.value, 120)
    more = f" and {len(line.people) - MOST_NAMED} more" if len(line.people) > MOST_NAMED else ""
    return ", ".join(person(user) for user in line.people[:MOST_NAMED]) + more


def _since(line: SettingLine) -> str:
    return f" · {person(line.by)}, {moment(line.at)}" if line.by and line.at else ""

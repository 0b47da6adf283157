"""Help: four verbs that fit, all verbs, or one in detail."""

from __future__ import annotations

from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import Block, actions, button, context, escape, header, section
from bot.grammar import Help, HelpLine


def start(values: Help) -> Rendered:
    """What the bare command shows: four verbs, those without arguments as buttons."""
    lines = "\n".join(_line(line) for line in values.lines)
    ready = [line for line in values.lines if line.usage == line.name or "[" in line.usage.split(" ", 1)[1][:1]]
    made = [button(line.name.capitalize(), f"{ids.OPEN}:{line.name}", line.name) for line in ready]
    blocks: list[Block | None] = [
        section(f"*Try one of these*\n{lines}"),
        actions(*made) if made else None,
        context("`/ticket-intel help` lists everything. In a thread, mention me: “is this known?”"),
    ]
    return rendered("Ticket Intel: " + ", ".join(f"`{line.name}`" for line in values.lines), blocks)


def help_message(values: Help) -> Rendered:
    """The answer to `help`."""
    if values.detailed and values.lines:
        return _detail(values.lines[0])
    blocks: list[Block | None] = [header("What I can do")]
    blocks += _chunks(values.lines)
    blocks.append(context("`help themes` shows one verb in detail"))
    return rendered("What I can do: " + _names(values.lines), blocks)


def _line(line: HelpLine) -> str:
    return f"`{escape(line.example)}`  {escape(line.says)}"


def _chunks(lines: tuple[HelpLine, ...]) -> list[Block]:
    return [section("\n".join(_line(line) for line in lines[i : i + 10])) for i in range(0, len(lines), 10)]


def _names(lines: tuple[HelpLine, ...]) -> str:
    return ", ".join(f"`{line.name}`" for line in lines)


def _detail(line: HelpLine) -> Rendered:
    told = [
        f"*{line.name}*: {escape(line.says)}",
        f"Type `{escape(line.usage)}`",
        f"For example `{escape(line.example)}`",
    ]
    if line.aliases:
        told.append("Also " + ", ".join(f"`{escape(word)}`" for word in line.aliases))
    told.append(f"For {line.right}")
    return rendered(f"{line.name}: {escape(line.says)}", [section("\n".join(told))])

"""App Home: what to do first, what is rising, and how the machine is."""

from __future__ import annotations

from typing import Any

from bot.answers import Health, ThemeList
from bot.answers_areas import AreasView
from bot.blocks import areas as area_blocks
from bot.blocks import ids
from bot.blocks.parts import Block, button, context, divider, header, inline, section
from bot.grammar import Help
from bot.words import STATE_WORDS, change, count, health_strip, people, period

MOST_THEMES = 5


def home(
    health: Health, themes: ThemeList | None, starts: Help, *, admin: bool = False, areas: AreasView | None = None
) -> dict[str, Any]:
    """The view for one person: `themes` are those the person may see, `starts` the verbs that fit the role, `areas`
    what an administrator looks after."""
    blocks: list[Block] = [header("Ticket Intel"), section("What your support conversations say, counted and quoted.")]
    if steps := first_steps(health, admin=admin):
        blocks += [header("First steps"), *steps]
    blocks += _themes(themes) if themes is not None else []
    blocks += [divider(), section("*Ask me*\n" + "\n".join(f"`{line.example}`  {line.says}" for line in starts.lines))]
    blocks += area_blocks.home(areas) if admin and areas is not None else []
    if admin and health.problems:
        problems = "\n".join(f"• {inline(line, 300)}" for line in health.problems[:5])
        blocks += [header("To look at"), section(problems)]
    blocks.append(context(health_strip(health)))
    return {"type": "home", "blocks": blocks[:100]}


def first_steps(health: Health, *, admin: bool) -> list[Block]:
    """What is left to do before the bot is of use; empty when all is done."""
    steps: list[Block] = []
    if health.tickets == 0:
        told = "*Bring tickets.* `/invite @Ticket Intel` into a support channel, then say what it is for."
        steps.append(section(told))
    elif health.themes == 0:
        told = (
            f"*{count(health.tickets, 'ticket')} so far.* A theme is born when five similar ones have come in 14 days."
        )
        steps.append(section(told))
    if health.tickets and health.shadow and admin:
        told = "*Alerts are in shadow.* They come to you alone until you switch them on."
        steps.append(section(told, button("Switch on", ids.OPEN, "settings alerts live")))
    return steps


def _themes(answer: ThemeList) -> list[Block]:
    if not answer.lines:
        return [context(inline(answer.note or "No themes in this time", 300))]
    blocks: list[Block] = [header(f"Themes, {period(answer.period.name)}")]
    for line in answer.lines[:MOST_THEMES]:
        facts = [count(line.tickets, "ticket"), people(line.customers, line.unknown), change(line.change)]
        facts.append(STATE_WORDS[line.theme.state])
        told = f"*{line.theme.key}* {inline(line.theme.title)}\n{' · '.join(facts)}"
        blocks.append(section(told, button("Open", ids.OPEN, f"theme {line.theme.key}")))
    return blocks

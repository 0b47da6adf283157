"""App Home: what waits for you, what is rising, what to type, and how the machine is."""

from __future__ import annotations

from typing import Any

from bot.answers import ThemeList
from bot.answers_home import Home, Mine, OwnTheme
from bot.answers_workspace import Health
from bot.blocks import home_admin, ids
from bot.blocks.alert_list import living
from bot.blocks.parts import Block, actions, button, context, divider, header, inline, section
from bot.review_words import share
from bot.words import STATE_WORDS, change, count, health_strip, people, period

MOST_THEMES = 5
MOST_OWN = 5
MOST_ALERTS = 5
MOST_BLOCKS = 100


def home(answer: Home) -> dict[str, Any]:
    """The view for one person."""
    admin = answer.admin is not None
    blocks: list[Block] = [header("Ticket Intel"), section("What your support conversations say, counted and quoted.")]
    if steps := first_steps(answer.health, admin=admin):
        blocks += [header("First steps"), *steps]
    blocks += _mine(answer.mine)
    blocks += _themes(answer.themes)
    lines = "\n".join(f"`{line.example}`  {line.says}" for line in answer.starts.lines)
    blocks += [divider(), section(f"*Ask me*\n{lines}")]
    if admin and answer.health.problems:
        problems = "\n".join(f"• {inline(line, 300)}" for line in answer.health.problems[:5])
        blocks += [header("To look at"), section(problems)]
    blocks += home_admin.part(answer.admin) if answer.admin is not None else []
    blocks.append(context(health_strip(answer.health), _second_strip(answer)))
    return {"type": "home", "blocks": blocks[: MOST_BLOCKS - 1] + blocks[-1:] if len(blocks) > MOST_BLOCKS else blocks}


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


def _mine(mine: Mine) -> list[Block]:
    blocks: list[Block] = [header("Yours")]
    waiting: list[str] = []
    buttons: list[Block] = []
    if mine.cards:
        waiting.append(f"{count(mine.cards, 'review card')} of this week {'is' if mine.cards == 1 else 'are'} open")
        buttons.append(button("Review", f"{ids.OPEN}:review", "review"))
    if mine.drafts:
        waiting.append(
            f"{count(mine.drafts, 'reply', 'replies')} to reporters {'waits' if mine.drafts == 1 else 'wait'}"
        )
        buttons.append(button("Read the replies", f"{ids.OPEN}:loop", "loop"))
    blocks += [section(f"{'. '.join(waiting)}."), actions(*buttons)] if waiting else []
    blocks += [living(line) for line in mine.alerts[:MOST_ALERTS]]
    if len(mine.alerts) > MOST_ALERTS:
        blocks.append(context(f"and {count(len(mine.alerts) - MOST_ALERTS, 'more alert')} that you own: `alerts`"))
    about = {line.theme.id for line in mine.alerts if line.theme is not None}
    rest = [one for one in mine.themes if one.theme.id not in about]
    blocks += [_own(one) for one in rest[:MOST_OWN]]
    if len(rest) > MOST_OWN:
        blocks.append(context(f"and {count(len(rest) - MOST_OWN, 'more theme')}: `themes 30d mine` lists what you own"))
    if len(blocks) == 1:
        blocks.append(section("Nothing waits for you. *I own this* on an alert and `watch TI-n` put a theme here."))
    return blocks


def _own(one: OwnTheme) -> Block:
    why = "you own it" if one.owned else "you watch it"
    facts = [f"{count(one.tickets, 'ticket')} in the last 7 days", STATE_WORDS[one.theme.state], why]
    told = f"*{one.theme.key}* {inline(one.theme.title)}\n{' · '.join(facts)}"
    return section(told, button("Open", ids.OPEN, f"theme {one.theme.key}"))


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


def _second_strip(answer: Home) -> str:
    """What reading costs and how often it is right."""
    health = answer.health
    spent = f"{health.tokens_today:,} of {health.token_cap:,} tokens today"
    local = health.analyzer == "local"
    cost = "read on this machine, at no cost" if local else f"read by {inline(health.analyzer, 60)}, {spent}"
    return f"{cost} · category accuracy {share(answer.accuracy, enough=answer.enough)}"

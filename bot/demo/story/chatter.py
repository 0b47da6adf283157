"""What is written beside the tickets: greetings, thanks to all, lunch, deploy notes, things posted by mistake."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from bot.demo.story.banks import bank
from bot.demo.story.company import SUPPORT, Company, Person
from bot.demo.story.events import EventKind, StoryEvent
from bot.demo.story.facts import Facts
from bot.demo.story.intents import Deck
from bot.demo.story.template import render
from bot.demo.story.timetable import Calendar, moments, share_of_week

_WEEKLY = {
    SUPPORT: 12,
    "general": 12,
    "random": 9,
    "releases": 11,
    "product-insights": 4,
    "eng-alerts": 5,
    "docs-gaps": 2,
}
_MISTAKES = ("oops", "wrong", "test", "ignore", "never mind")
_AGENTS_SAY = ("Heads-up", "Reminder")


def chatter(company: Company, calendar: Calendar, scale: float, rng: Random) -> Iterator[StoryEvent]:
    """The chatter of every channel, in no particular order."""
    number = 0
    for channel, weekly in _WEEKLY.items():
        deck = Deck(bank("chatter").templates(channel), rng)
        for back in range(calendar.weeks, -1, -1):
            window = calendar.week(back)
            for at in moments(window, round(weekly * scale * min(1.0, share_of_week(window))), rng):
                number += 1
                template = deck.deal()
                author = _author(company, channel, str(template[0]), rng)
                account = company.account(author.account) if author.account else None
                text = render(template, Facts(author, account, at, rng), rng)
                root = StoryEvent(at, f"c{number:04d}", EventKind.MESSAGE, channel, author.key, text)
                yield root
                yield from _aftermath(company, root, rng)


def _author(company: Company, channel: str, text: str, rng: Random) -> Person:
    if channel == SUPPORT:
        return rng.choice(company.agents if text.startswith(_AGENTS_SAY) or "us agents" in text else company.customers)
    owners = {
        "releases": company.engineers,
        "eng-alerts": company.engineers,
        "product-insights": company.product_managers,
        "docs-gaps": company.docs_writers,
    }
    return rng.choice(owners.get(channel) or (*company.agents, *company.product_managers, *company.engineers))


def _aftermath(company: Company, root: StoryEvent, rng: Random) -> Iterator[StoryEvent]:
    """A mistake is often deleted; anything else may get a reaction or a word."""
    at = root.at + timedelta(minutes=rng.uniform(0.3, 20))
    agent = rng.choice(company.agents)
    if root.channel == SUPPORT and root.text.lower().startswith(_MISTAKES) and rng.random() < 0.6:
        yield StoryEvent(at, f"{root.key}.d", EventKind.DELETE, root.channel, root.author, parent=root.key)
    elif rng.random() < 0.3:
        emoji = rng.choice(("heart", "tada", "+1", "wave"))
        extra: dict[str, object] = {"reaction": emoji}
        yield StoryEvent(at, f"{root.key}.x", EventKind.REACTION, root.channel, agent.key, "", root.key, extra)
    elif rng.random() < 0.25:
        text = rng.choice(bank("chatter").lines("kudos"))
        yield StoryEvent(at, f"{root.key}.r", EventKind.REPLY, root.channel, agent.key, text, root.key)

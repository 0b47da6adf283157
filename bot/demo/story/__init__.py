"""The story of a fictional company's support channels: eight weeks that a visitor of the playground can act in."""

from bot.demo.story.company import Account, Company, DocsPage, Person, PersonRole, ProductArea, StoryChannel
from bot.demo.story.events import EventKind, StoryEvent
from bot.demo.story.generator import Story, build_story
from bot.demo.story.visitor import Suggestion, VisitorPost

__all__ = [
    "Account",
    "Company",
    "DocsPage",
    "EventKind",
    "Person",
    "PersonRole",
    "ProductArea",
    "Story",
    "StoryChannel",
    "StoryEvent",
    "Suggestion",
    "VisitorPost",
    "build_story",
]

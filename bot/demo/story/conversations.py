"""What follows a ticket: an agent's answer, questions back, thanks or complaints, reactions, edits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bot.demo.story.arcs import LEAK, SSO
from bot.demo.story.banks import bank
from bot.demo.story.company import Person
from bot.demo.story.events import EventKind, StoryEvent
from bot.demo.story.facts import Facts
from bot.demo.story.intents import Exchange, Intent, Words, exchange
from bot.demo.story.template import Template, render
from bot.demo.story.timetable import in_office
from bot.demo.story.voice import Voice

_RESOLVED = {"howto": 0.86, "billing": 0.82, "request": 0.68, "complaint": 0.5, "bug": 0.55, "critical": 0.5}
_RESOLVED_SSO = 0.2
_ASKS = {"bug": "asks_fault", "critical": "asks_fault", "request": "asks_wish"}
_URGENT = {SSO, LEAK}
_SHARED_MOODS = {"bug", "request"}


@dataclass(frozen=True)
class Root:
    """The first message of a conversation and those who take part."""

    event: StoryEvent
    intent: Intent
    customer: Person
    colleague: Person | None
    agents: tuple[Person, Person]
    voice: Voice
    facts: Facts
    answer: Exchange | None

    @property
    def internal(self) -> bool:
        """Whether only employees see the thread, as under a helpdesk notification."""
        return self.event.kind is EventKind.NOTIFICATION


class Conversation:
    """Writes the events after one root, in time order."""

    def __init__(self, root: Root, rng: Random) -> None:
        self._root = root
        self._rng = rng
        self._at = root.event.at
        self._count = 0
        self._said_in_reply: tuple[Words, ...] = ()
        self._content = True

    def events(self) -> Iterator[StoryEvent]:
        """Everything that follows, to the check mark if it comes."""
        yield from self._afterthought()
        yield from self._me_too()
        if self._root.intent.id not in _URGENT and self._rng.random() < 0.09:
            yield from self._unanswered()
            return
        yield from self._answer()
        if not self._root.internal:
            yield from self._last_words()
        if self._content and self._rng.random() < self._chance_resolved():
            yield from self._resolution()

    def _afterthought(self) -> Iterator[StoryEvent]:
        """Now and then the author edits the ticket or sends a second message at once."""
        if self._root.internal or self._rng.random() >= 0.06:
            return
        at = self._root.event.at + timedelta(seconds=self._rng.uniform(25, 200))
        words, author = self._phrase("afterthought"), self._root.customer
        if self._rng.random() < 0.5:
            yield self._event(EventKind.EDIT, author, f"{self._root.event.text}\n{words}", at)
        else:
            second = self._event(EventKind.MESSAGE, author, words, at)
            yield replace(second, parent=None, extra={"continues": self._root.event.key})

    def _me_too(self) -> Iterator[StoryEvent]:
        colleague = self._root.colleague
        if (
            self._root.internal
            or self._root.intent.mood not in _SHARED_MOODS
            or colleague is None
            or self._rng.random() >= 0.06
        ):
            return
        self._pass(timedelta(minutes=self._rng.uniform(2, 45)))
        yield self._reply(colleague, self._phrase("me_too"))

    def _unanswered(self) -> Iterator[StoryEvent]:
        if self._root.internal or self._rng.random() < 0.4:
            return
        self._pass(timedelta(hours=self._rng.uniform(20, 50)), office=True)
        yield self._reply(self._root.customer, self._spoken(self._rng.choice(bank("voice").templates("waiting"))))

    def _answer(self) -> Iterator[StoryEvent]:
        rng, (first, second) = self._rng, self._root.agents
        urgent = self._root.intent.id in _URGENT
        self._pass(timedelta(minutes=rng.lognormvariate(2.2 if urgent else 3.3, 0.8)), office=not urgent)
        if rng.random() < 0.25:
            yield self._event(EventKind.REACTION, first, "", self._at, reaction="eyes")
        elif rng.random() < 0.12:
            yield self._reply(first, self._phrase("pickups"))
        if not self._root.internal and rng.random() < 0.16:
            yield from self._question_back(first)
        self._pass(timedelta(minutes=rng.uniform(1, 25)))
        reply = self._root.answer or rng.choice(self._root.intent.replies)
        self._said_in_reply = reply.answers
        yield self._reply(first, self._words(reply.said))
        if self._root.intent.phrases("fixes") and rng.random() < 0.3:
            self._pass(timedelta(hours=rng.uniform(1, 9)), office=True)
            self._said_in_reply = ()
            yield self._reply(second, self._words(rng.choice(self._root.intent.phrases("fixes"))))

    def _question_back(self, agent: Person) -> Iterator[StoryEvent]:
        question = exchange(self._rng.choice(bank("voice").lines(_ASKS.get(self._root.intent.mood, "asks_question"))))
        yield self._reply(agent, self._words(question.said))
        self._pass(timedelta(minutes=self._rng.lognormvariate(3, 0.9)))
        yield self._reply(self._root.customer, self._spoken(self._rng.choice(question.answers).template))

    def _last_words(self) -> Iterator[StoryEvent]:
        """Thanks or a complaint; what answers the agent's very words comes first."""
        if self._rng.random() >= 0.6:
            return
        fitting = self._said_in_reply if self._said_in_reply and self._rng.random() < 0.75 else ()
        last = self._rng.choice(fitting or self._root.intent.last_words)
        self._content = last.content
        self._pass(timedelta(minutes=self._rng.lognormvariate(3.2, 1.0)))
        yield self._reply(self._root.customer, self._spoken(last.template))

    def _resolution(self) -> Iterator[StoryEvent]:
        rng, agent = self._rng, self._root.agents[0]
        self._pass(timedelta(minutes=rng.uniform(1, 240)), office=True)
        if rng.random() < 0.12:
            yield self._reply(agent, self._phrase("solved"))
        by = self._root.customer if not self._root.internal and rng.random() < 0.15 else agent
        yield self._event(EventKind.REACTION, by, "", self._at, reaction="white_check_mark")

    def _chance_resolved(self) -> float:
        intent = self._root.intent
        return _RESOLVED_SSO if intent.id == SSO else _RESOLVED[intent.mood]

    def _words(self, template: Template) -> str:
        return render(template, self._root.facts, self._rng)

    def _spoken(self, template: Template) -> str:
        """Words in the customer's own way of writing."""
        return self._root.voice.write(self._words(template), self._rng)

    def _phrase(self, section: str) -> str:
        return self._words(self._rng.choice(bank("voice").templates(section)))

    def _pass(self, time: timedelta, *, office: bool = False) -> None:
        self._at += time
        if office:
            self._at = in_office(self._at, self._rng)

    def _reply(self, author: Person, text: str) -> StoryEvent:
        self._at += timedelta(seconds=self._rng.uniform(5, 40))
        return self._event(EventKind.REPLY, author, text, self._at)

    def _event(self, kind: EventKind, author: Person, text: str, at: datetime, *, reaction: str = "") -> StoryEvent:
        self._count += 1
        root = self._root.event
        extra: dict[str, object] = {"reaction": reaction} if reaction else {}
        return StoryEvent(at, f"{root.key}.{self._count}", kind, root.channel, author.key, text, root.key, extra)

"""Building the story: people, a plan, tickets in their voices, what follows each, and the truth about it all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bot.demo.story import company as cinderpeak
from bot.demo.story import notifications
from bot.demo.story.arcs import FIX, RELEASES, TOTALS, Release
from bot.demo.story.casting import Cast
from bot.demo.story.chatter import chatter
from bot.demo.story.company import Account, Company, Person, StoryChannel
from bot.demo.story.conversations import Conversation, Root
from bot.demo.story.events import EventKind, StoryEvent
from bot.demo.story.facts import Facts
from bot.demo.story.intents import Exchange, Intent, intents
from bot.demo.story.people import accounts, customers
from bot.demo.story.plan import PlannedTicket, plan_tickets
from bot.demo.story.tickets import TicketWriter, subject
from bot.demo.story.timetable import Calendar
from bot.demo.story.truth import Truth, WrittenTicket, truth_of
from bot.demo.story.visitor import TRY_THESE, Suggestion, VisitorPost, visitor_topic
from bot.demo.story.voice import Voice, voice_of

MIN_WEEKS = 5
_BY_MAIL = 0.2
_ENTERPRISE_CHANNEL = 0.45
_FIRST_TICKET_NUMBER = 48_102


@dataclass(frozen=True)
class Story:
    """Everything that happened at the company, in time order, and what is true about it."""

    company: Company
    channels: tuple[StoryChannel, ...]
    events: tuple[StoryEvent, ...]
    truth: Truth
    try_these: tuple[Suggestion, ...]
    visitor_topic: tuple[VisitorPost, ...]

    def truth_json(self) -> str:
        """The truth as a JSON document."""
        return json.dumps(self.truth, ensure_ascii=False, indent=1)


def build_story(*, seed: int = 7, end: datetime, weeks: int = 8, scale: float = 1.0) -> Story:
    """The story that ends at `end`: so many full calendar weeks in its zone, and the days of the week under way.

    The same arguments give the same story. `scale` multiplies the number of tickets. Raises ValueError for an `end`
    without zone, fewer than five weeks or a scale that is not positive.
    """
    if end.tzinfo is None:
        raise ValueError("end needs a time zone")
    if weeks < MIN_WEEKS:
        raise ValueError(f"weeks must be at least {MIN_WEEKS}, not {weeks}")
    if scale <= 0:
        raise ValueError(f"scale must be above 0, not {scale}")
    return _Author(seed, Calendar(end, weeks), scale).story()


class _Author:
    """Writes one story; each concern draws from its own stream, so that a new phrase in one moves no other."""

    def __init__(self, seed: int, calendar: Calendar, scale: float) -> None:
        self._seed = seed
        self._calendar = calendar
        self._scale = scale
        self._company = _company(self._stream("people"))
        self._cast = Cast(self._company, self._stream("cast"))
        voices = self._stream("voices")
        self._voices = {person.key: voice_of(voices) for person in self._company.people}
        self._writer = TicketWriter(self._stream("wording"))
        self._facts = self._stream("facts")
        self._routes = self._stream("routes")
        self._talk = self._stream("talk")

    def story(self) -> Story:
        written: list[WrittenTicket] = []
        events: list[StoryEvent] = []
        for number, planned in enumerate(plan_tickets(self._calendar, self._scale, self._stream("plan"))):
            ticket, follow_up = self._ticket(number, planned)
            written.append(ticket)
            events += [ticket.event, *follow_up]
        events += chatter(self._company, self._calendar, self._scale, self._stream("chatter"))
        events += self._releases(written)
        return Story(
            company=self._company,
            channels=cinderpeak.CHANNELS,
            events=_in_order(events, self._calendar.end),
            truth=truth_of(written, self._calendar),
            try_these=TRY_THESE,
            visitor_topic=visitor_topic(self._company),
        )

    def _stream(self, name: str) -> Random:
        return Random(f"{self._seed}/{name}")  # noqa: S311 - a story, not a secret

    def _ticket(self, number: int, planned: PlannedTicket) -> tuple[WrittenTicket, list[StoryEvent]]:
        intent = intents()[planned.intent]
        customer = self._cast.author(planned)
        account = self._cast.account_of(customer)
        voice, facts = self._voices[customer.key], Facts(customer, account, planned.at, self._facts)
        wording = self._writer.write(intent, voice, facts)
        event = self._root(number, planned.at, wording.text, intent, customer, account, facts)
        root = self._with_people(event, intent, customer, voice, facts, wording.answer)
        follow_up = list(Conversation(root, self._talk).events())
        if event.kind is EventKind.NOTIFICATION:
            follow_up += self._solved(root, account, follow_up)
        return WrittenTicket(event, intent, customer, account, wording.language), follow_up

    def _root(
        self, number: int, at: datetime, text: str, intent: Intent, customer: Person, account: Account, facts: Facts
    ) -> StoryEvent:
        channel = self._channel(account)
        key = f"t{number:04d}"
        if channel != cinderpeak.HELPDESK:
            return StoryEvent(at, key, EventKind.MESSAGE, channel, customer.key, text)
        line = subject(intent, facts, self._facts)
        note, extra = notifications.new_ticket(
            _FIRST_TICKET_NUMBER + number, line, text, customer, account, intent.mood, self._facts
        )
        return StoryEvent(at, key, EventKind.NOTIFICATION, channel, cinderpeak.DESKLY.key, note, extra=extra)

    def _channel(self, account: Account) -> str:
        """Where a customer writes: by mail to the helpdesk, or in a channel that they can see."""
        if self._routes.random() < _BY_MAIL:
            return cinderpeak.HELPDESK
        if account.name == cinderpeak.SHARED_ACCOUNT:
            return cinderpeak.SHARED
        if account.plan == "Enterprise" and self._routes.random() < _ENTERPRISE_CHANNEL:
            return cinderpeak.ENTERPRISE_SUPPORT
        return cinderpeak.SUPPORT

    def _with_people(
        self, event: StoryEvent, intent: Intent, customer: Person, voice: Voice, facts: Facts, answer: Exchange | None
    ) -> Root:
        first, second = self._talk.choices(self._company.agents, k=2)
        colleague = self._cast.colleague(customer)
        return Root(event, intent, customer, colleague, (first, second), voice, facts, answer)

    def _solved(self, root: Root, account: Account, follow_up: list[StoryEvent]) -> Iterator[StoryEvent]:
        """The helpdesk's own message, some seconds after the check mark under its first one."""
        mark = next((event for event in follow_up if event.extra.get("reaction") == "white_check_mark"), None)
        if mark is None:
            return
        last_reply = [event.text for event in follow_up if event.kind is EventKind.REPLY][-1]
        number = int(str(root.event.extra["ticket_url"]).rpartition("/")[2])
        text, extra = notifications.solved(
            number, root.agents[0], last_reply, root.customer, account, str(root.event.extra["priority"])
        )
        yield StoryEvent(
            mark.at + timedelta(seconds=self._talk.uniform(2, 20)),
            f"{root.event.key}.solved",
            EventKind.NOTIFICATION,
            root.event.channel,
            cinderpeak.DESKLY.key,
            text,
            extra={**extra, "updates": root.event.key},
        )

    def _releases(self, written: list[WrittenTicket]) -> Iterator[StoryEvent]:
        engineer = self._company.engineers[1]
        for release in RELEASES:
            if release.back > self._calendar.weeks:
                continue
            at = self._calendar.moment(release.back, release.weekday, release.hour, release.minute)
            text = f"{cinderpeak.PRODUCT} {release.version} is out. {release.note}"
            extra: dict[str, object] = {"release": release.version}
            key = f"release-{release.version}"
            yield StoryEvent(at, key, EventKind.RELEASE, cinderpeak.RELEASES, engineer.key, text, extra=extra)
            if release is FIX:
                yield from self._fix(release, at, written)

    def _fix(self, release: Release, at: datetime, written: list[WrittenTicket]) -> Iterator[StoryEvent]:
        """A product manager says which complaint the release answers, by pointing to the latest ticket of it."""
        before = [t.event for t in written if t.intent.id == TOTALS and t.event.at < at and t.language == "en"]
        if not before:
            return
        manager = self._company.product_managers[0]
        text = f"{release.version} makes exports and dashboards agree again, so I'm setting that one to resolved."
        extra: dict[str, object] = {"release": release.version, "ticket": before[-1].key}
        when = at + timedelta(hours=1)
        yield StoryEvent(
            when,
            f"resolve-{release.version}",
            EventKind.RESOLVE,
            cinderpeak.PRODUCT_CHANNEL,
            manager.key,
            text,
            None,
            extra,
        )


def _company(rng: Random) -> Company:
    its_accounts = accounts(rng)
    return Company(
        name=cinderpeak.NAME,
        product=cinderpeak.PRODUCT,
        domain=cinderpeak.DOMAIN,
        areas=cinderpeak.AREAS,
        docs=cinderpeak.DOCS,
        people=(*cinderpeak.STAFF, *customers(rng, its_accounts)),
        accounts=its_accounts,
    )


def _in_order(events: list[StoryEvent], end: datetime) -> tuple[StoryEvent, ...]:
    """What had happened by `end`, in time order, each at a millisecond of its own."""
    ordered: list[StoryEvent] = []
    for event in sorted(events, key=lambda event: (event.at, event.key)):
        at = event.at.replace(microsecond=event.at.microsecond // 1000 * 1000)
        if ordered and at <= ordered[-1].at:
            at = ordered[-1].at + timedelta(milliseconds=1)
        if at < end:
            ordered.append(replace(event, at=at))
    return tuple(ordered)

"""The analyzer of each workspace: the one of the settings, taught by what its people corrected."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from sqlmodel import Session

from bot.flows.names import pseudonyms
from intelligence.local.corrections import Lesson
from intelligence.model import Analysis, Review, ReviewVerdict, Role, Scope
from intelligence.ports import Analyzer, Conversation
from intelligence.prompts.edition import SHIPPED, Edition
from intelligence.prompts.request import Correction, ModelRequest
from intelligence.prompts.tools import ToolRequest
from intelligence.redact import redact
from storage import editions, lessons, reviews, tickets
from storage.engine import Database

if TYPE_CHECKING:
    from integrations.openai import ModelReply
    from integrations.openai_batch import BatchModel
    from integrations.openai_tools import ToolTurn

EXAMPLES = 40  # newest corrections a model may be shown some of


class NotRead(Exception):
    """The model's reading cannot be used; the message says why, as a clause after "because". `answered` is whether the
    model was asked and gave something that cannot be used.
    """

    def __init__(self, reason: str, *, answered: bool = False) -> None:
        super().__init__(reason)
        self.answered = answered


@runtime_checkable
class Learner(Protocol):
    """An analyzer that can be taught: a lesson for a linear model, examples (newest first) for a language model.

    It stays as it is; the answer is another one. `version` names the lesson in every analysis that it shaped.
    """

    def taught(self, lesson: Lesson | None, version: str, examples: Sequence[Correction]) -> Analyzer: ...


@dataclass(frozen=True, slots=True)
class Tried:
    """A reading of a trial. `asked` is whether the model gave an answer at all, `usable` whether all of it could be used."""

    analysis: Analysis
    asked: bool
    usable: bool
    reason: str | None


@runtime_checkable
class Promptable(Protocol):
    """An analyzer that asks a model: it can ask another one, or with other prompts. It stays as it is."""

    def reading_with(self, edition: Edition) -> Promptable: ...

    def analyze(self, conversations: Sequence[Conversation]) -> list[Analysis]: ...

    def tried_on(
        self, conversations: Sequence[Conversation], examples: Sequence[Sequence[Correction]], *, techniques: bool
    ) -> list[Tried]: ...


@runtime_checkable
class Metered(Protocol):
    """An analyzer that costs: what it reads is counted on a workspace."""

    def counted_on(self, workspace: str) -> Analyzer: ...


@runtime_checkable
class Batchable(Protocol):
    """An analyzer whose model can be asked by file, hours before the answer is wanted."""

    def batches(self) -> BatchModel: ...

    def question(self, conversation: Conversation) -> ModelRequest | None: ...

    def answered(self, conversation: Conversation, second: Analysis, reply: ModelReply) -> Analysis | str: ...

    def local(self, conversations: Sequence[Conversation]) -> list[Analysis]: ...


class Turns(Protocol):
    """A talk with a model, turn by turn, within the day's tokens."""

    def turn(self, request: ToolRequest) -> ToolTurn:
        """Raises NotRead."""
        ...


@runtime_checkable
class Talker(Protocol):
    """An analyzer whose model can look things up and answer."""

    @property
    def name(self) -> str: ...

    def calls(self) -> Turns: ...


@dataclass
class Readers:
    """Analyzers by workspace. A new lesson or correction is seen at the next reading, in every process."""

    db: Database
    base: Analyzer
    region: str = "US"
    _kept: dict[str, tuple[str, Analyzer]] = field(default_factory=dict[str, tuple[str, Analyzer]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def untaught(self, workspace: str) -> Analyzer:
        """The analyzer as it is for everybody; what it costs is counted on this workspace."""
        return self.base.counted_on(workspace) if isinstance(self.base, Metered) else self.base

    def of(self, workspace: str) -> Analyzer:
        """The analyzer that reads this workspace's tickets."""
        base = self.untaught(workspace)
        if not isinstance(base, Learner):
            return base
        with self.db.read() as session:
            edition = editions.live(session, workspace)
            stamp = f"{lessons.stamp(session, workspace)}:{edition.name}"
            with self._lock:
                kept = self._kept.get(workspace)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            made = self._taught(session, workspace, base, edition)
        with self._lock:
            self._kept[workspace] = (stamp, made)
        return made

    def _taught(self, session: Session, workspace: str, base: Analyzer, edition: Edition) -> Analyzer:
        stored = lessons.live(session, workspace)
        examples = [example for _, example in self.examples(session, workspace)]
        taught: Analyzer = base
        if isinstance(base, Learner) and (stored is not None or examples):
            taught = base.taught(stored.lesson if stored else None, stored.version if stored else "", examples)
        if edition is not SHIPPED and isinstance(taught, Promptable):
            return cast("Analyzer", taught.reading_with(edition))
        return taught

    def examples(self, session: Session, workspace: str) -> list[tuple[int, Correction]]:
        """The newest corrected tickets in their customers' words, masked, by ticket; a text that was deleted is not
        among them.
        """
        words = [w for w in reviews.standing(session, workspace).values() if w.verdict is ReviewVerdict.FIXED]
        words.sort(key=lambda word: -word.id)
        found = tickets.load(session, Scope(workspace), [word.ticket_id for word in words[:EXAMPLES]])
        people = pseudonyms(session, workspace)
        made: list[tuple[int, Correction]] = []
        for word in words[:EXAMPLES]:
            ticket = found.get(word.ticket_id)
            said = "\n".join(m.text for m in ticket.messages if m.role is Role.CUSTOMER) if ticket else ""
            if said.strip() and _changed(word):
                text = redact(said, people=people, region=self.region).text
                correction = Correction(text, word.was.subcategory, (word.said or word.was).subcategory)
                made.append((word.ticket_id, correction))
        return made


def _changed(word: Review) -> bool:
    return word.said is not None and word.said.subcategory is not word.was.subcategory

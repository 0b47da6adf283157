"""The analyzer of each workspace: the one of the settings, taught by what its people corrected."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from sqlmodel import Session

from bot.flows.names import pseudonyms
from intelligence.local.corrections import Lesson
from intelligence.model import Review, ReviewVerdict, Role, Scope
from intelligence.ports import Analyzer
from intelligence.prompts.request import Correction
from intelligence.redact import redact
from storage import lessons, reviews, tickets
from storage.engine import Database

EXAMPLES = 40  # newest corrections a model may be shown some of


@runtime_checkable
class Learner(Protocol):
    """An analyzer that can be taught: a lesson for a linear model, examples (newest first) for a language model.

    It stays as it is; the answer is another one. `version` names the lesson in every analysis that it shaped.
    """

    def taught(self, lesson: Lesson | None, version: str, examples: Sequence[Correction]) -> Analyzer: ...


@dataclass
class Readers:
    """Analyzers by workspace. A new lesson or correction is seen at the next reading, in every process."""

    db: Database
    base: Analyzer
    region: str = "US"
    _kept: dict[str, tuple[str, Analyzer]] = field(default_factory=dict[str, tuple[str, Analyzer]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, workspace: str) -> Analyzer:
        """The analyzer that reads this workspace's tickets."""
        if not isinstance(self.base, Learner):
            return self.base
        with self.db.read() as session:
            stamp = lessons.stamp(session, workspace)
            with self._lock:
                kept = self._kept.get(workspace)
            if kept is not None and kept[0] == stamp:
                return kept[1]
            made = self._taught(session, workspace, self.base)
        with self._lock:
            self._kept[workspace] = (stamp, made)
        return made

    def _taught(self, session: Session, workspace: str, base: Learner) -> Analyzer:
        stored = lessons.live(session, workspace)
        examples = self._examples(session, workspace)
        if stored is None and not examples:
            return self.base
        return base.taught(stored.lesson if stored else None, stored.version if stored else "", examples)

    def _examples(self, session: Session, workspace: str) -> list[Correction]:
        """The newest corrected tickets in their customers' words, masked; a text that was deleted is not among them."""
        words = [w for w in reviews.standing(session, workspace).values() if w.verdict is ReviewVerdict.FIXED]
        words.sort(key=lambda word: -word.id)
        found = tickets.load(session, Scope(workspace), [word.ticket_id for word in words[:EXAMPLES]])
        people = pseudonyms(session, workspace)
        made: list[Correction] = []
        for word in words[:EXAMPLES]:
            ticket = found.get(word.ticket_id)
            said = "\n".join(m.text for m in ticket.messages if m.role is Role.CUSTOMER) if ticket else ""
            if said.strip() and _changed(word):
                text = redact(said, people=people, region=self.region).text
                made.append(Correction(text, word.was.subcategory, (word.said or word.was).subcategory))
        return made


def _changed(word: Review) -> bool:
    return word.said is not None and word.said.subcategory is not word.was.subcategory

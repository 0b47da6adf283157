"""Words over readings, cards and lessons on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from databases import NOW
from stored import HERE, analysis, ticket, workspace

from intelligence.local.corrections import Lesson
from intelligence.model import Draw, LabelSet, Level, ReviewVerdict, Scope, Subcategory
from storage import analyses, lessons, missed, reviews
from storage.engine import Database

SCOPE = Scope(HERE)
SOON = NOW + timedelta(minutes=30)


def word(session, ticket_id: int, by: str, sub: Subcategory, **changed) -> int:
    was = reviews.machine_labels(session, ticket_id)
    assert was is not None
    said = replace(was, subcategory=sub, **changed)
    verdict = ReviewVerdict.RIGHT if said == was else ReviewVerdict.FIXED
    made = reviews.say(
        session, HERE, ticket_id, reviewer=by, draw=Draw.FLAG, verdict=verdict, was=was, said=said, now=NOW
    )
    reviews.apply(session, HERE, [ticket_id])
    return made


def test_a_word_lies_over_the_reading_and_every_statistic_sees_it(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = ticket(session, "1.0")
        analyses.store(session, HERE, made, analysis(unsure=True), "k", NOW)
        number = word(session, made, "ann", Subcategory.FEATURE_USAGE, area=None, urgency=Level.HIGH)
        label = analyses.labels(session, SCOPE, [made])[made]
        assert (label.subcategory, label.area, label.urgency, label.unsure) == ("feature_usage", None, "high", False)
        assert analyses.current(session, SCOPE, [made])[made].corrected_by == "ann"
        assert analyses.current(session, SCOPE, [made], machine=True)[made] == analysis(unsure=True)
        analyses.store(session, HERE, made, analysis(frustration=Level.CRITICAL), "k2", NOW)
        reviews.apply(session, HERE, [made])
        again = analyses.current(session, SCOPE, [made])[made]
        assert (again.subcategory, again.frustration) == (Subcategory.FEATURE_USAGE, Level.CRITICAL)
        assert reviews.undone(session, number, NOW)
        assert not reviews.undone(session, number, NOW)
        reviews.apply(session, HERE, [made])
        assert analyses.current(session, SCOPE, [made])[made] == analysis(frustration=Level.CRITICAL)


def test_a_confirmed_label_holds_but_the_mood_may_change(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = ticket(session, "1.0")
        analyses.store(session, HERE, made, analysis(), "k", NOW)
        word(session, made, "ann", Subcategory.FUNCTIONAL_BUG)
        calm = analysis(subcategory=Subcategory.DATA_INTEGRITY, frustration=Level.LOW)
        analyses.store(session, HERE, made, calm, "k2", NOW)
        reviews.apply(session, HERE, [made])
        found = analyses.current(session, SCOPE, [made])[made]
        assert (found.subcategory, found.frustration) == (Subcategory.FUNCTIONAL_BUG, Level.LOW)


def test_cards_are_held_answered_and_given_back(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = [ticket(session, f"{n}.0") for n in range(3)]
        for one in made:
            analyses.store(session, HERE, one, analysis(confidence=0.5), f"k{one}", NOW)
        assert [r.ticket_id for r in reviews.drawable(session, HERE, NOW - timedelta(days=1), SOON)] == made
        drawn = [(made[0], Draw.RANDOM, False), (made[0], Draw.RANDOM, True), (made[1], Draw.UNCERTAIN, False)]
        assert reviews.add_cards(session, HERE, "2026-W03", drawn) == 3
        assert reviews.add_cards(session, HERE, "2026-W03", drawn) == 0
        assert [r.ticket_id for r in reviews.drawable(session, HERE, NOW - timedelta(days=1), SOON)] == made[2:]

        first = reviews.take(session, SCOPE, "2026-W03", "ann", now=NOW, until=SOON)
        assert first is not None
        assert (first.ticket_id, first.blind) == (made[0], False)
        other = reviews.take(session, SCOPE, "2026-W03", "bob", now=NOW, until=SOON)
        assert other is not None
        assert other.blind
        assert reviews.held(session, HERE, "ann") == first
        late = SOON + timedelta(seconds=1)
        assert reviews.take(session, SCOPE, "2026-W03", "eve", now=late, until=late) is not None
        assert reviews.answered(session, first.id, NOW)
        assert not reviews.answered(session, first.id, NOW)
        reviews.reopen(session, first.id)
        assert reviews.answered(session, first.id, NOW)


def test_lessons_are_versions_and_survive_storing(database: Database) -> None:
    rng = np.random.default_rng(1)
    arrays = (rng.normal(size=shape).astype(np.float32) for shape in ((384, 19), (60, 19), (19,)))
    lesson = Lesson(*arrays)
    with database.write() as session:
        workspace(session)
        before = lessons.stamp(session, HERE)
        assert lessons.live(session, HERE) is None
        assert lessons.store(session, HERE, lesson, [1, 2], before=0, after=2, now=NOW) == "c1"
        stored = lessons.live(session, HERE)
        assert stored is not None
        assert stored.lesson is not None
        assert np.array_equal(stored.lesson.vector, lesson.vector)
        assert np.array_equal(stored.lesson.cues, lesson.cues)
        assert np.array_equal(stored.lesson.shift, lesson.shift)
        assert lessons.store(session, HERE, None, [], before=0, after=0, now=NOW) == "c2"
        newest = lessons.live(session, HERE)
        assert newest is not None
        assert newest.lesson is None
        assert lessons.stamp(session, HERE) != before
        assert lessons.live(session, "T2") is None


def test_missed_patterns_wait_for_their_theme(database: Database) -> None:
    from stored import theme

    with database.write() as session:
        workspace(session)
        number = missed.add(session, HERE, "it prints twice", theme_id=None, similar=2, by="ann", now=NOW)
        assert [m.id for m in missed.without_theme(session, HERE, NOW)] == [number]
        assert missed.found(session, number, theme(session))
        assert not missed.found(session, number, theme(session, "Other"))
        assert missed.count(session, HERE, NOW) == 1
        assert missed.undone(session, number, NOW)
        assert missed.count(session, HERE, NOW) == 0


def test_labels_survive_storing(database: Database) -> None:
    with database.write() as session:
        workspace(session)
        made = ticket(session, "1.0")
        analyses.store(session, HERE, made, analysis(), "k", NOW)
        number = word(session, made, "ann", Subcategory.FEATURE_USAGE)
        review = reviews.get(session, HERE, number)
        assert review is not None
        assert review.was == LabelSet(Subcategory.FUNCTIONAL_BUG, "login", Level.HIGH, Level.LOW)
        assert review.verdict is ReviewVerdict.FIXED
        assert reviews.get(session, "T2", number) is None

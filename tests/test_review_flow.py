"""Review without Slack: the draw, words that stand and are taken back, and what is learned from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from model_server import KEY, ModelServer, chat
from review_world import HERE, ReviewWorld, review_world

from bot.answers_review import ReviewCard, ReviewOver
from bot.blocks import why
from bot.blocks.message import Rendered
from bot.errors import BadInput
from bot.flows import correct, missed, quality, review
from bot.flows.why import why as receipt
from intelligence.model import Draw, LabelSet, Level, Scope, Subcategory
from storage import lessons, messages, reviews, tickets, workspaces

SCOPE = Scope(HERE)
PLACES = ("kiosk badge", "turnstile log", "visitor kiosk", "gate schedule", "badge reader", "kiosk screen", "gate log")
KIOSK = [f"Where do I {verb} the {place}?" for verb in ("see", "change", "open", "find") for place in PLACES]
WANTED = Subcategory.INTEGRATION_REQUEST


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ReviewWorld]:
    made = review_world(tmp_path)
    yield made
    made.deps.close()


def everything(shown: Rendered) -> str:
    return str(shown.blocks)


def labels(world: ReviewWorld, ticket: int, **changed: object) -> LabelSet:
    found = world.reading(ticket, machine=True)
    return replace(LabelSet(found.subcategory, found.area, found.frustration, found.urgency), **changed)


def test_a_tenth_is_drawn_and_progress_counts(world: ReviewWorld) -> None:
    world.add(KIOSK)
    card = review.next_card(world.deps, SCOPE, by="ann")
    assert isinstance(card, ReviewCard)
    assert card.draw is Draw.RANDOM
    assert card.said[0].text in KIOSK
    assert card.analysis is not None
    total = card.progress.total
    again = review.next_card(world.deps, SCOPE, by="ann")
    assert again == card
    other = review.next_card(world.deps, SCOPE, by="bob")
    assert isinstance(other, ReviewCard)
    assert other.card_id != card.card_id
    after = review.answer(world.deps, SCOPE, card.card_id, "right", by="ann")
    assert after.progress.done == 1
    assert after.progress.total == total
    assert after.saved is not None
    with world.deps.db.read() as session:
        pile = reviews.cards(session, HERE, "2026-W03")
    assert sum(c.draw is Draw.RANDOM and not c.blind for c in pile) == 3  # a tenth of 28, rounded up
    assert sum(c.blind for c in pile) == 1


def test_everything_is_answered_by_two_people_and_nothing_is_left(world: ReviewWorld) -> None:
    world.add(KIOSK)
    for person in ("ann", "bob"):
        found = review.next_card(world.deps, SCOPE, by=person)
        while isinstance(found, ReviewCard):
            if found.blind:
                with pytest.raises(BadInput):
                    review.answer(world.deps, SCOPE, found.card_id, "right", by=person)
                said = labels(world, found.ticket_id, subcategory=WANTED)
                found = review.fix(world.deps, SCOPE, found.card_id, said, by=person)
                assert "changes nothing" in (found.saved.text if found.saved else "")
            else:
                found = review.answer(world.deps, SCOPE, found.card_id, "right", by=person)
        assert isinstance(found, ReviewOver)
    assert found.progress.done == found.progress.total
    answer = quality.quality(world.deps, SCOPE)
    assert answer.accuracy.primary.n == 3
    assert answer.accuracy.primary.hits == 3
    assert answer.agreement.n == 1
    assert answer.agreement.same == 0


def test_pressed_twice_counts_once(world: ReviewWorld) -> None:
    world.add(KIOSK[:12])
    card = review.next_card(world.deps, SCOPE, by="ann")
    assert isinstance(card, ReviewCard)
    review.answer(world.deps, SCOPE, card.card_id, "right", by="ann")
    again = review.answer(world.deps, SCOPE, card.card_id, "right", by="ann")
    assert again.saved is None
    with world.deps.db.read() as session:
        assert len(reviews.since(session, HERE)) == 1


def test_a_word_stands_over_a_later_reading_and_is_taken_back(world: ReviewWorld) -> None:
    [ticket] = world.add(["Where do I see the kiosk badge?"])
    before = world.reading(ticket)
    told = correct.correct(
        world.deps, SCOPE, ticket, labels(world, ticket, subcategory=WANTED, urgency=Level.HIGH), by="ann"
    )
    changed = world.reading(ticket)
    assert "ann's word" in everything(why.why(receipt(world.deps, SCOPE, f"ticket {ticket}")))
    assert (changed.subcategory, changed.urgency, changed.corrected_by) == (WANTED, Level.HIGH, "ann")
    assert not changed.unsure
    with world.deps.db.write() as session:
        tickets.resolve(session, ticket, world.deps.clock.now())
    from bot.flows import analyze

    assert analyze.read_tickets(world.deps, HERE, [ticket]) == 1
    reread = world.reading(ticket)
    assert (reread.subcategory, reread.urgency) == (WANTED, Level.HIGH)
    assert world.reading(ticket, machine=True).subcategory is before.subcategory
    assert told.undo is not None
    number = int(told.undo.split(":")[1])
    correct.undo(world.deps, SCOPE, number, by="ann")
    assert world.reading(ticket).subcategory is before.subcategory
    assert world.reading(ticket).corrected_by is None
    with pytest.raises(BadInput):
        correct.undo(world.deps, SCOPE, number, by="ann")
    with world.deps.db.read() as session:
        trail = [entry.action for entry in workspaces.audit_trail(session, HERE)]
    assert trail[:2] == ["undo", "review"]


def test_the_word_before_stands_again(world: ReviewWorld) -> None:
    [ticket] = world.add(["Where do I see the kiosk badge?"])
    correct.correct(world.deps, SCOPE, ticket, labels(world, ticket, subcategory=WANTED), by="ann")
    second = correct.correct(
        world.deps, SCOPE, ticket, labels(world, ticket, subcategory=Subcategory.ENHANCEMENT), by="bob"
    )
    assert world.reading(ticket).subcategory is Subcategory.ENHANCEMENT
    assert second.undo is not None
    correct.undo(world.deps, SCOPE, int(second.undo.split(":")[1]), by="bob")
    assert world.reading(ticket).subcategory is WANTED


def test_twenty_corrections_of_one_confusion_teach_the_rest_without_a_restart(world: ReviewWorld) -> None:
    made = world.add(KIOSK[:20])
    other = review_world_of(world, "U2")
    shipped = world.deps.readers.of(HERE)
    for ticket in made:
        correct.correct(world.deps, SCOPE, ticket, labels(world, ticket, subcategory=WANTED), by="ann")
    world.work()
    assert world.deps.readers.of(HERE) is not shipped
    assert world.deps.readers.of("U2") is other
    held_back = world.add(KIOSK[20:])
    right = [world.reading(ticket).subcategory is WANTED for ticket in held_back]
    assert sum(right) >= 6
    assert "local-1.c1+" in world.reading(held_back[0]).model
    [billing] = world.add(["I was charged twice for March, refund please"])
    assert world.reading(billing).subcategory is Subcategory.TECHNICAL_BILLING_ISSUE
    taught = quality.quality(world.deps, SCOPE).taught
    assert taught is not None
    assert taught.n == 20
    assert taught.after > taught.before


def review_world_of(world: ReviewWorld, workspace: str) -> object:
    """The analyzer of another workspace, which must not learn along."""
    return world.deps.readers.of(workspace)


def test_learning_twice_changes_nothing_and_undo_unlearns(world: ReviewWorld) -> None:
    from bot.flows.learn import learn_from_words

    made = world.add(KIOSK[:4])
    told = [correct.correct(world.deps, SCOPE, t, labels(world, t, subcategory=WANTED), by="ann") for t in made]
    assert learn_from_words(world.deps, HERE) == "c1"
    assert learn_from_words(world.deps, HERE) is None
    for done in told:
        assert done.undo
        correct.undo(world.deps, SCOPE, int(done.undo.split(":")[1]), by="ann")
    assert learn_from_words(world.deps, HERE) == "c2"
    with world.deps.db.read() as session:
        stored = lessons.live(session, HERE)
    assert stored is not None
    assert stored.lesson is None


@pytest.mark.parametrize(("word", "label"), [("fix", "integration request"), ("FIX", "integration_request")])
def test_the_command_line_answers_by_words(world: ReviewWorld, word: str, label: str) -> None:
    world.add(KIOSK[:12])
    card = review.next_card(world.deps, SCOPE, by="operator")
    assert isinstance(card, ReviewCard)
    review.typed(world.deps, SCOPE, word, label, by="operator")
    assert world.reading(card.ticket_id).subcategory is WANTED
    with pytest.raises(BadInput, match="Did you mean"):
        review.typed(world.deps, SCOPE, "fix", "integration_requst", by="operator")
    with pytest.raises(BadInput, match="no answer"):
        review.typed(world.deps, SCOPE, "perhaps", None, by="operator")


def test_cannot_tell_is_kept_apart(world: ReviewWorld) -> None:
    world.add(KIOSK[:12])
    card = review.next_card(world.deps, SCOPE, by="ann")
    assert isinstance(card, ReviewCard)
    review.answer(world.deps, SCOPE, card.card_id, "unsure", by="ann")
    found = quality.quality(world.deps, SCOPE)
    assert found.cannot_tell == 1
    assert found.accuracy.primary.n == 0


def test_a_deleted_ticket_loses_its_card(world: ReviewWorld) -> None:
    [ticket] = world.add(["Where do I see the kiosk badge?"])
    card = review.next_card(world.deps, SCOPE, by="ann")
    assert isinstance(card, ReviewCard)
    with world.deps.db.write() as session:
        found = tickets.one(session, SCOPE, ticket)
        assert found is not None
        assert found.messages[0].id is not None
        messages.redact(session, found.messages[0].id, world.deps.clock.now())
    assert isinstance(review.next_card(world.deps, SCOPE, by="ann"), ReviewOver)
    with pytest.raises(BadInput):
        review.answer(world.deps, SCOPE, card.card_id, "right", by="ann")


def test_a_missed_pattern_is_kept_and_found_when_its_theme_forms(world: ReviewWorld) -> None:
    told = missed.report(world.deps, SCOPE, "The visitor kiosk at the gate does not print badges", by="U1")
    assert "no ticket like it" in told.text
    assert told.theme is None
    world.add([f"The visitor kiosk at gate {n} does not print badges any more, it stays blank" for n in range(6)])
    world.work()
    assert missed.look_again(world.deps, HERE) == 1
    assert missed.look_again(world.deps, HERE) == 0
    again = missed.report(world.deps, SCOPE, "The visitor kiosk at the gate does not print badges", by="U1")
    assert "TI-1" in again.text
    assert quality.quality(world.deps, SCOPE).alerts.missed == 2
    assert again.undo is not None
    missed.undo(world.deps, SCOPE, int(again.undo.split(":")[1]), by="U1")
    assert quality.quality(world.deps, SCOPE).alerts.missed == 1
    with pytest.raises(BadInput):
        missed.report(world.deps, SCOPE, "hm", by="U1")


def test_a_language_model_is_shown_corrections_of_that_confusion_masked(tmp_path: Path) -> None:
    with closing(ModelServer(lambda _: chat("no JSON"))) as server:
        world = review_world(
            tmp_path, analyzer="openai", openai_api_key=KEY, openai_base_url=server.base_url, workspace=HERE
        )
        [ticket] = world.add(["Where do I see the kiosk badge? Write to ann@example.com"])
        correct.correct(world.deps, SCOPE, ticket, labels(world, ticket, subcategory=WANTED), by="ann")
        world.add(["Where do I change the visitor kiosk?"])
        asked = str(server.requests[-1])
        world.deps.close()
    assert "## Corrections" not in str(server.requests[0])
    assert "## Corrections" in asked
    assert WANTED.value in asked.split("## Corrections")[1]
    assert "ann@example.com" not in asked

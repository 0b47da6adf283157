"""A candidate from its file to its switch and back: real database, encoder and client, a model server on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from review_world import HERE, ReviewWorld, review_world

from bot.answers import Done
from bot.answers_candidate import CandidateCard, CandidateList
from bot.errors import BadInput
from bot.flows import analyze, candidate, correct, trials
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from bot.openai_reading import OpenAIAnalyzer
from bot.printing.show import show, to_json
from bot.verbs.parts import Where
from intelligence.model import LabelSet, Level, Scope, Subcategory
from intelligence.prompts import load
from intelligence.trials import ENOUGH, Outcome
from storage import editions, outbox, workspaces
from tests.model_replies import said, triage
from tests.model_server import KEY, ModelServer, Said, asked, chat, conversation_of, wrong

USAGE, WISH = Subcategory.FEATURE_USAGE, Subcategory.NEW_CAPABILITY
MARK = "Ask yourself twice."
TEXTS = [f"The pivot formula of board {chr(65 + n)} takes no second argument, how is it written?" for n in range(22)]
SCOPE = Scope(HERE)


class Script:
    """Answers as a model would: `label` says what it reads from the system prompt, the model's name and the text."""

    def __init__(self) -> None:
        self.label: Callable[[str, str, str], Subcategory | Said] = lambda system, model, text: WISH

    def __call__(self, body: dict[str, Any]) -> Said:
        if asked(body) != "triage":
            return chat(said({}))
        text = conversation_of(body)["messages"][0]["text"]
        found = self.label(body["messages"][0]["content"], body["model"], text)
        return found if isinstance(found, Said) else chat(said(triage(text, subcategory=found, alternatives=[])))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[ModelServer]:
    made = ModelServer(script)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "prompts"
    made.mkdir()
    (made / "triage.v100.md").write_text(load("triage").template + f"\n{MARK}\n", "utf-8")
    return made


@pytest.fixture
def world(tmp_path: Path, server: ModelServer, folder: Path) -> Iterator[ReviewWorld]:
    made = review_world(
        tmp_path,
        analyzer="openai",
        openai_api_key=KEY,
        openai_base_url=server.base_url,
        openai_model="gpt-live",
        prompts_folder=str(folder),
    )
    yield made
    made.deps.close()


def spoken(world: ReviewWorld, texts: list[str], label: Subcategory = USAGE) -> list[int]:
    """Tickets that people said are `label`."""
    made = world.add(texts)
    for ticket in made:
        correct.correct(world.deps, SCOPE, ticket, LabelSet(label, None, Level.LOW, Level.LOW), by="ann")
    return made


def typed(world: ReviewWorld, line: str, *, where: Where = Where.CLI) -> Any:
    return ask(world.deps, Asker(SCOPE, "ada", where=where), parse(line, where=where))


def careful(system: str, model: str, text: str) -> Subcategory:
    return USAGE if MARK in system else WISH


def test_a_better_prompt_is_tried_switched_on_used_and_taken_back(world: ReviewWorld, script: Script) -> None:
    spoken(world, TEXTS)
    script.label = careful
    card = typed(world, "candidate try triage.v100")
    assert isinstance(card, CandidateCard)
    assert card.comparison is not None
    assert (card.comparison.outcome, card.comparison.n, card.refusal) == (Outcome.BETTER, 22, None)
    assert card.changes == ("triage.v100 in place of triage.v1",)
    assert card.tokens > 0
    assert [(c.live, c.candidate, c.said) for c in card.cases] == [(WISH, USAGE, USAGE)] * candidate.CASES
    done = typed(world, "candidate use 1")
    assert isinstance(done, Done)
    assert done.undo == "edition:1"
    [ticket] = world.add(["The pivot formula of board Z takes no third argument, how is it written?"])
    read = world.reading(ticket)
    assert (read.subcategory, read.model, read.prompt_version) == (USAGE, "gpt-live", "triage.v100")
    assert "reads again" in typed(world, "candidate back").text
    [later] = world.add(["The pivot formula of board Y takes no fourth argument, how is it written?"])
    assert world.reading(later).prompt_version == "triage.v1"
    with world.deps.db.read() as session:
        trail = workspaces.audit_trail(session, HERE, limit=3)
    assert [(e.actor, e.action, e.subject) for e in trail] == [
        ("ada", "candidate.back", "candidate:1"),
        ("ada", "candidate.use", "candidate:1"),
        ("ada", "candidate", "candidate:1"),
    ]


def test_a_worse_one_is_refused_unless_forced_and_the_audit_keeps_why(world: ReviewWorld, script: Script) -> None:
    script.label = lambda system, model, text: WISH if MARK in system else USAGE
    spoken(world, TEXTS)
    card = typed(world, "candidate try triage.v100")
    assert card.comparison.outcome is Outcome.WORSE
    with pytest.raises(BadInput, match=r"reads worse.*category 100% → 0%.*force"):
        typed(world, "candidate use 1")
    with world.deps.db.read() as session:
        assert editions.live(session, HERE).name == ""
    assert "against what its trial says" in str(typed(world, "candidate use 1 force").details)
    with world.deps.db.read() as session:
        [entry] = workspaces.audit_trail(session, HERE, limit=1)
    assert "reads worse" in entry.data["forced"]


def test_another_model_has_its_own_dialect_and_name_and_counts_under_it(world: ReviewWorld, script: Script) -> None:
    spoken(world, TEXTS)
    script.label = lambda system, model, text: USAGE if model == "gpt-next" else WISH
    card = typed(world, "candidate try gpt-next")
    assert card.changes == ("Model gpt-next in place of gpt-live",)
    assert card.comparison.outcome is Outcome.BETTER
    typed(world, "candidate use 1")
    [ticket] = world.add(["How do I write the pivot formula of board Q with two arguments?"])
    read = world.reading(ticket)
    assert (read.analyzer, read.model, read.prompt_version) == ("openai:gpt-next", "gpt-next", "triage.v1")
    reader = world.deps.analyzer
    assert isinstance(reader, OpenAIAnalyzer)
    assert reader.name == "openai:gpt-live"


def test_nobody_is_shown_the_word_by_which_they_are_judged(world: ReviewWorld, server: ModelServer) -> None:
    spoken(world, TEXTS)
    server.requests.clear()
    typed(world, "candidate try triage.v100")
    assert len(server.requests) == 2 * len(TEXTS)
    for body in server.requests:
        own = conversation_of(body)["messages"][0]["text"]
        system = body["messages"][0]["content"]
        assert "## Corrections" in system, "the words of others are shown as on any day"
        assert own not in json.dumps(system, ensure_ascii=False)


def test_few_words_no_words_and_a_model_that_is_not_there_are_said(world: ReviewWorld, script: Script) -> None:
    typed(world, "candidate try triage.v100")
    with pytest.raises(BadInput, match=f"Only 0 tickets could be compared, and {ENOUGH} are needed"):
        typed(world, "candidate use 1")
    spoken(world, TEXTS[:3])
    script.label = lambda system, model, text: wrong(404, "no such model") if model == "gpt-gone" else WISH
    card = typed(world, "candidate try gpt-gone")
    assert card.failure == "the server rejected the request (HTTP 404)"
    with pytest.raises(BadInput, match="could not be tried"):
        typed(world, "candidate use 2")
    [ticket] = world.add(["The chart legend overlaps the axis since this morning"])
    assert world.reading(ticket).fallback is None, "a candidate that is not there does not stop the live reader"


def test_a_candidate_with_a_forbidden_model_does_not_pause_the_live_one(world: ReviewWorld, script: Script) -> None:
    spoken(world, TEXTS[:3])
    script.label = lambda system, model, text: wrong(403, "not for you") if model == "gpt-secret" else WISH
    assert "does not accept" in typed(world, "candidate try gpt-secret").failure
    [ticket] = world.add(["The chart legend overlaps the axis since this morning"])
    assert world.reading(ticket).fallback is None


def test_answers_that_cannot_be_used_count_against_who_gave_them(world: ReviewWorld, script: Script) -> None:
    spoken(world, TEXTS)
    script.label = lambda system, model, text: chat("no json") if MARK in system else USAGE
    card = typed(world, "candidate try triage.v100")
    assert card.unusable == (0, 22)
    assert card.unasked == 0
    assert card.comparison.n == 22


def test_the_days_tokens_end_a_trial_honestly(world: ReviewWorld) -> None:
    spoken(world, TEXTS[:4])
    with world.deps.db.write() as session:
        day = world.deps.clock.now().date().isoformat()
        workspaces.add_usage(session, HERE, day, "openai:gpt-live", world.deps.settings.openai_daily_tokens, 0)
        workspaces.add_usage(session, "local", day, "openai:gpt-live", world.deps.settings.openai_daily_tokens, 0)
    assert typed(world, "candidate try triage.v100").failure == "the day's tokens are used up"


def test_only_what_was_compared_with_todays_reader_is_switched_on(world: ReviewWorld, script: Script) -> None:
    spoken(world, TEXTS)
    script.label = careful
    typed(world, "candidate try triage.v100")
    typed(world, "candidate try gpt-next")
    typed(world, "candidate use 1")
    with pytest.raises(BadInput, match=r"made beside what is shipped, and candidate 1 reads now.*Try it again"):
        typed(world, "candidate use 2 force")
    with pytest.raises(BadInput, match="reads already"):
        typed(world, "candidate use 1")
    with pytest.raises(BadInput, match="does not read any more"):
        candidate.undo(world.deps, SCOPE, 2, by="ada")
    both = typed(world, "candidate try gpt-next")
    assert both.changes == ("Model gpt-next in place of gpt-live",)
    with world.deps.db.read() as session:
        stored = editions.get(session, HERE, 3)
    assert stored is not None
    assert list(stored.edition.prompts) == ["triage"], "a candidate builds on what reads now"


def test_the_file_is_kept_as_it_was_compared(world: ReviewWorld, script: Script, folder: Path) -> None:
    spoken(world, TEXTS)
    script.label = careful
    typed(world, "candidate try triage.v100")
    (folder / "triage.v100.md").unlink()
    typed(world, "candidate use 1")
    [ticket] = world.add(["The pivot formula of board Z takes no third argument, how is it written?"])
    assert world.reading(ticket).subcategory is USAGE


def test_a_techniques_prompt_is_asked_in_a_trial_and_the_labels_stay(world: ReviewWorld, folder: Path) -> None:
    spoken(world, TEXTS[:2])
    (folder / "feature_gaps.v100.md").write_text(load("feature_gaps").template + MARK, "utf-8")
    card = typed(world, "candidate try feature_gaps.v100")
    assert card.changes == ("feature_gaps.v100 in place of feature_gaps.v1",)
    assert card.comparison.changed == ()


def test_a_sharper_definition_is_proposed_tried_used_and_taken_back(
    world: ReviewWorld, script: Script, server: ModelServer
) -> None:
    spoken(world, TEXTS)
    spoken(world, [f"Please add a dark mode for {place}" for place in ("phones", "tablets", "walls")], WISH)
    listed = typed(world, "candidate")
    assert isinstance(listed, CandidateList)
    [proposal] = listed.proposals
    assert (proposal.said, proposal.was, proposal.tickets) == (USAGE, WISH, 22)
    assert {"formula", "pivot"} <= set(proposal.words)
    script.label = lambda system, model, text: USAGE if proposal.after in system else WISH
    card = typed(world, "candidate try feature_usage")
    assert card.comparison.outcome is Outcome.BETTER
    assert (card.sharpened[0].before, card.sharpened[0].after) == (proposal.before, proposal.after)
    typed(world, "candidate use 1")
    [ticket] = world.add(["The pivot formula of board Z takes no third argument, how is it written?"])
    assert world.reading(ticket).prompt_version == "triage.v1.r1"
    assert correct.form(world.deps, SCOPE, ticket).meanings == {USAGE: proposal.after}
    assert typed(world, "candidate").proposals == ()
    typed(world, "candidate back")
    assert correct.form(world.deps, SCOPE, ticket).meanings == {}
    assert typed(world, "candidate").proposals == (proposal,)


def test_without_a_model_a_definition_says_that_its_effect_cannot_be_measured(tmp_path: Path) -> None:
    world = review_world(tmp_path)
    try:
        made = world.add(TEXTS[:6])
        read = world.reading(made[0]).subcategory
        label = Subcategory.DATA_INTEGRITY
        assert read is not label
        for ticket in made:
            correct.correct(world.deps, SCOPE, ticket, LabelSet(label, None, Level.LOW, Level.LOW), by="ann")
        for refused in ("candidate try gpt-4o", "candidate try triage.v1"):
            with pytest.raises(BadInput, match="local analyzer reads tickets, and it asks no model"):
                typed(world, refused)
        card = typed(world, "candidate try data_integrity")
        assert card.comparison is None
        assert "cannot be measured here" in card.unmeasured
        done = typed(world, "candidate use 1")
        assert "cannot be measured here" in str(done.details)
        assert label in correct.form(world.deps, SCOPE, made[0]).meanings
        typed(world, "candidate back")
        assert correct.form(world.deps, SCOPE, made[0]).meanings == {}
    finally:
        world.deps.close()


def test_behind_slack_a_job_tries_it_and_writes_once_to_who_asked(world: ReviewWorld, script: Script) -> None:
    spoken(world, TEXTS)
    script.label = careful
    told = typed(world, "candidate try triage.v100", where=Where.SLACK)
    assert "I will write to you" in told.text
    assert typed(world, "candidate show 1").waiting
    with pytest.raises(BadInput, match="not tried yet"):
        typed(world, "candidate use 1")
    trials.run(world.deps, HERE, 1, tell="U0ADA")
    first = typed(world, "candidate show 1")
    trials.run(world.deps, HERE, 1, tell="U0ADA")
    assert typed(world, "candidate show 1") == first, "a job that runs twice asks no model again"
    with world.deps.db.read() as session:
        letters = [one for n in range(1, 9) if (one := outbox.get(session, n)) and one.method == trials.METHOD]
        [letter] = letters
        drawn = candidate.draw(world.deps, session, letter)
    assert not isinstance(drawn, str)
    assert drawn.channel == "@U0ADA"
    assert "Better" in drawn.text
    assert "candidate use 1" in str(drawn.blocks)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("candidate try", "Say what to try"),
        ("candidate try triage.v9", "no readable triage.v9.md"),
        ("candidate try triage.v101", "no readable triage.v101.md"),
        ("candidate try report.v1", "no prompt that reads tickets"),
        ("candidate try triage.v1", "That is what reads now"),
        ("candidate try gpt-live", "That is what reads now"),
        ("candidate try gpt-4o gpt-4.1", "a second model"),
        ("candidate try feature_usge", "Did you mean feature_usage"),
        ("candidate try feature_usage", "No sharper definition"),
        ("candidate try <script>", "no prompt, label or model"),
        ("candidate use 7", "There is no candidate 7"),
        ("candidate use x", "A candidate is a number"),
        ("candidate back", "No candidate was switched on"),
        ("candidate dance", "nothing to do with a candidate"),
    ],
)
def test_what_cannot_be_meant_is_said(world: ReviewWorld, line: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        typed(world, line)


def test_a_file_that_drops_the_guard_is_refused(world: ReviewWorld, folder: Path) -> None:
    (folder / "triage.v102.md").write_text("{{taxonomy}} {{rules}} {{signals}} {{areas}} JSON", "utf-8")
    with pytest.raises(BadInput, match="gives no orders"):
        typed(world, "candidate try triage.v102")


def test_it_prints_and_is_json(world: ReviewWorld, script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    spoken(world, TEXTS)
    script.label = careful
    show(typed(world, "candidate try triage.v100"))
    show(typed(world, "candidate"))
    shown = capsys.readouterr().out
    assert "Better, by more than chance explains" in shown
    assert "category 0% → 100% (+100 points" in shown
    assert "ticket-intel candidate use 1" in shown
    assert "ticket-intel candidate try feature_usage" in shown
    figures = json.loads(to_json(typed(world, "candidate show 1")))
    assert figures["comparison"]["n"] == 22


def test_readings_of_a_read_ticket_are_not_paid_again_by_a_switch(world: ReviewWorld, server: ModelServer) -> None:
    made = spoken(world, TEXTS[:2])
    typed(world, "candidate try triage.v100")
    typed(world, "candidate use 1 force")
    before = len(server.requests)
    assert analyze.read_tickets(world.deps, HERE, made) == 0
    assert len(server.requests) == before

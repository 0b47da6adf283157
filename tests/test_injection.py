"""Attacks against the model's reading: an obedient model may answer what it likes, people see nothing of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import pytest
from databases import sqlite_file

from bot.answers_tickets import TicketReading, Why
from bot.blocks.why import why
from bot.clock import SimulatedClock
from bot.model_calls import masked
from bot.openai_reading import OpenAIAnalyzer, build_openai_analyzer
from bot.settings import load_settings
from intelligence.mined import read_technique
from intelligence.model import Analysis, SignalKind, Subcategory
from intelligence.ports import Conversation
from intelligence.prompts import TECHNIQUES, load
from intelligence.prompts.data import conversation_field, neutral
from intelligence.prompts.edition import READING, check
from intelligence.prompts.request import Correction, technique_request, triage_request
from intelligence.prompts.schemas import TECHNIQUE_SCHEMAS
from intelligence.replies import BadReply, read_triage
from storage.engine import Database
from tests.injection_attacks import ATTACKS, GENUINE, LOOK_ALIKES, Attack
from tests.model_replies import AT, Plain, local_reading, said, talk, triage
from tests.model_server import KEY, ModelServer, Said, asked, chat, conversation_of

FOREIGN = "the chart export of the Hamburg clinic loses every second patient record in March"
CORRECTION = Correction(FOREIGN, Subcategory.FUNCTIONAL_BUG, Subcategory.DATA_INTEGRITY)


def obedient(attack: Attack, genuine: str) -> dict[str, Any]:
    """The triage reply of a model that does whatever the ticket says: the wish in every field that takes words."""
    quotes = [{"quote": quote, "supports": s} for quote in (attack.wanted, genuine) for s in ("category", "critical")]
    return triage(
        attack.wanted,
        summary=attack.wanted,
        goal=attack.wanted,
        cause_phrase=attack.wanted,
        area=attack.wanted,
        loyalty=[attack.wanted],
        expected=attack.wanted,
        expectation_source=attack.wanted,
        unplanned_use=attack.wanted,
        critical=True,
        urgency="critical",
        signals=[{"kind": kind.value, "sureness": "certain"} for kind in SignalKind],
        evidence=quotes,
    )


def obedient_technique(attack: Attack) -> dict[str, Any]:
    names = [name for kind in TECHNIQUES for name in TECHNIQUE_SCHEMAS[kind]["properties"]]
    lists = {"outline": [attack.wanted], "errors": [attack.wanted]}
    return (
        dict.fromkeys(names, attack.wanted) | lists | {"severity": "critical", "kind": "new doc", "answerable": "yes"}
    )


def texts(value: Any) -> Iterator[str]:
    """Every free text in a value."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def shown(analysis: Analysis) -> list[str]:
    """What people read of an analysis, quotes apart: those are the customer's own words, and drawn as such."""
    free = (analysis.summary, analysis.goal, analysis.cause_phrase, analysis.area, analysis.loyalty)
    return [*texts(free), *(text for signal in analysis.signals for text in texts(dict(signal.fields)))]


def harmless(text: str) -> bool:
    return not re.search(
        r"[<>]|@\w|&lt|&gt|://|www\.|\]\(|javascript:|evil|[\u200b\u202e\U000e0000-\U000e007f\U000e0100-\U000e01ef]",
        text,
    )


def reading(attack: Attack) -> tuple[Conversation, Analysis]:
    conversation = talk(*attack.turns, subject=attack.subject)
    request = triage_request(conversation, [CORRECTION])
    assert FOREIGN in request.instructions
    reply = said(obedient(attack, GENUINE))
    return conversation, read_triage(reply, conversation, request, local_reading())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.kind)
def test_an_obeyed_attack_shows_nothing(attack: Attack) -> None:
    conversation, found = reading(attack)
    spoken = [m.text for m in conversation.messages]
    assert found.evidence, "the genuine quote survives"
    assert all(any(e.quote in text for text in spoken) for e in found.evidence)
    for text in shown(found):
        assert harmless(text), text
        assert text.lower() in " ".join(" ".join(spoken).lower().split()) or len(text) < 60, text
    assert not found.critical
    assert not any("Hamburg" in text or "customer-support conversation" in text for text in texts(found))


@pytest.mark.parametrize("kind", TECHNIQUES, ids=lambda kind: kind.value)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.kind)
def test_techniques_show_nothing_either(attack: Attack, kind: SignalKind) -> None:
    conversation = talk(*attack.turns, subject=attack.subject)
    try:
        found = read_technique(
            kind, said(obedient_technique(attack)), conversation, technique_request(kind, conversation)
        )
    except BadReply:
        return
    errors = found.pop("errors", "")
    assert not errors or errors in attack.text, "an error text may hold an address, but only the one in the ticket"
    assert all(harmless(text) for text in found.values()), found


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.kind)
def test_an_attack_stays_inside_its_field(attack: Attack) -> None:
    conversation = talk(attack.text)
    request = triage_request(conversation)
    body = {"messages": [{"content": request.instructions}, {"content": request.data}]}
    seen = conversation_of(body)["messages"]
    assert [m["from"] for m in seen] == ["customer"]
    assert seen[0]["text"][:1_000] == neutral(attack.text)[:1_000]
    assert not re.search(r"<\||<｜|<<SYS|\[/?INST\]|<(?:end|start)_of_turn>", request.data)
    assert attack.text not in request.instructions
    assert load("triage").text.split("{{areas}}", maxsplit=1)[0].strip() in request.instructions, (
        "the rules are untouched"
    )


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_innocent_texts_reach_the_model_unchanged_and_can_be_quoted(text: str) -> None:
    conversation = talk(text)
    seen = conversation_of({"messages": [{}, {"content": conversation_field(conversation.messages, "")}]})
    assert seen["messages"][0]["text"] == text.replace("</s>", "‹/s>"), "only a mark of chat templates is bent"
    found = read_triage(said(triage(text)), conversation, triage_request(conversation), local_reading())
    assert [e.quote for e in found.evidence] == [text.strip('"')]


class Obedient:
    """A model server that does whatever the ticket it reads asks for; `honest` it reads the ticket."""

    def __init__(self) -> None:
        self.attacks = {self.key(masked(talk(*a.turns), "US").messages[-1].text): a for a in ATTACKS}
        self.honest = False

    @staticmethod
    def key(text: str) -> str:
        return neutral(text)[:200]

    def __call__(self, body: dict[str, Any]) -> Said:
        spoken = conversation_of(body)["messages"]
        if self.honest:
            return chat(said(triage(spoken[0]["text"])))
        attack = self.attacks[self.key(spoken[-1]["text"])]
        return chat(said(obedient(attack, GENUINE) if asked(body) == "triage" else obedient_technique(attack)))


@pytest.fixture(scope="module")
def model() -> Obedient:
    return Obedient()


@pytest.fixture(scope="module")
def analyzer(model: Obedient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAIAnalyzer]:
    server = ModelServer(model)
    db = Database(sqlite_file(tmp_path_factory.mktemp("attacks") / "a.db"))
    settings = load_settings(
        None, analyzer="openai", openai_api_key=KEY, openai_base_url=server.base_url, openai_daily_tokens=10**9
    )
    made = build_openai_analyzer(settings, Plain(), db, clock=SimulatedClock(AT))
    yield made
    made.close()
    server.close()
    db.close()


def test_no_attack_leaks_from_the_server_to_a_message(model: Obedient, analyzer: OpenAIAnalyzer) -> None:
    """All of them through the real client, and what is read drawn as people would see it."""
    model.honest = False
    found = analyzer.analyze([talk(*attack.turns, subject=attack.subject) for attack in ATTACKS])
    leaks: list[str] = []
    for attack, analysis in zip(ATTACKS, found, strict=True):
        assert analysis.analyzer.startswith("openai"), f"{attack.kind}: the genuine words were read"
        reading = TicketReading(1, AT, attack.text[:100], analysis, None, None, None)
        drawn = json.dumps(
            [part for block in why(Why("ticket 1", (), reading=reading)).blocks for part in parsed(block)]
        )
        if analysis.critical or not all(map(harmless, shown(analysis))) or re.search(r"<[!@#h]|evil", drawn):
            leaks.append(attack.kind)
    assert leaks == []


def parsed(block: Any) -> Iterator[str]:
    """The texts of a block in which Slack would see mentions and links."""
    if isinstance(block, dict):
        if block.get("type") == "mrkdwn":
            yield block["text"]
        for value in block.values():
            yield from parsed(value)
    elif isinstance(block, list):
        for value in block:
            yield from parsed(value)


def test_no_look_alike_is_blocked_between_the_server_and_the_reading(model: Obedient, analyzer: OpenAIAnalyzer) -> None:
    model.honest = True
    found = analyzer.analyze([talk(text) for text in LOOK_ALIKES])
    blocked = [text for text, a in zip(LOOK_ALIKES, found, strict=True) if a.fallback or not a.evidence]
    assert blocked == []
    assert {a.subcategory for a in found} == {Subcategory.NEW_CAPABILITY}


@pytest.mark.parametrize(
    ("ticket", "summary", "kept"),
    [
        ("Three of our dashboards are empty", "3 dashboards are empty", True),
        ("Some of our dashboards are empty", "Seven dashboards are empty", False),
        ("Both charts fail, the second one always", "Both charts fail, the second one always", True),
        ("The bars have no pattern", "Customer wants a polka dot pattern", False),
        ("Is there a polka dot pattern?", "Customer wants a polka dot pattern", True),
        ("Your page help[.]acme[.]test is down", "help.acme.test is down", True),
        ("Your page is down", "help (dot) acme (dot) test is down", False),
    ],
)
def test_figures_and_addresses_in_words_are_figures_and_addresses(ticket: str, summary: str, *, kept: bool) -> None:
    conversation = talk(ticket)
    found = read_triage(
        said(triage(ticket, summary=summary)), conversation, triage_request(conversation), local_reading()
    )
    assert (found.summary is not None) is kept


def test_every_prompt_file_keeps_the_guard() -> None:
    """A candidate is refused without it; what is shipped must pass the same check."""
    for name in READING:
        check(name, load(name).template)


def test_the_sets_are_large_and_varied() -> None:
    assert len({attack.kind for attack in ATTACKS}) == len(ATTACKS) >= 100
    assert len(set(LOOK_ALIKES)) >= 60

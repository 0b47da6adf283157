"""Techniques: what is taken from tickets, how they are grouped, and how they become items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_world import encoder

from intelligence.local.analyzer import LocalAnalyzer
from intelligence.local.extract import sentences
from intelligence.local.signals import signal_fields
from intelligence.mining import bug_patterns, documentation_gaps, expectations, feature_gaps, use_cases, ux_friction
from intelligence.mining.documentation_gaps import DocWork, KnownPage, NotFound
from intelligence.mining.grouping import MOST, Ask, Closeness, group
from intelligence.mining.mention import Mention, Phrase, lines, masked, phrases
from intelligence.mining.naming import names_of
from intelligence.mining.pages import HelpSearch, Question, Section, about, best_page, diagnose, is_page, split
from intelligence.model import Level, Message, Role, Severity, SignalKind
from intelligence.ports import Conversation

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
WISHES = Closeness(words=0.5, theme=0.0, key=0.0, cut=0.75)
#: Fields that hold words of the conversation; the others are levels, counts and kinds.
WORDLESS = {"severity", "self_service", "messages", "minutes", "kind", "answerable"}


def mention(ticket: int, who: str | None = "a1", **fields: str) -> Mention:
    return Mention(ticket, NOW, fields, who)


def asks(*texts: str, keys: dict[int, str] | None = None) -> list[Ask]:
    vectors = encoder().encode(list(texts))
    return [Ask(i, vectors[i], text, None, (keys or {}).get(i)) for i, text in enumerate(texts)]


# ---- extraction: never a word that nobody wrote ---------------------------------------------------------------------

SENTENCES = st.sampled_from(
    (
        "Is there a way to export to Excel?",
        "I can't find where to change my password.",
        "We copy everything by hand into a spreadsheet right now.",
        "Does it work like Tableau does?",
        'It says "Error 502: bad gateway" since the last update.',
        "Your pricing page says unlimited users!",
        "Would be great to have a dark mode 🙂",
        "Ich möchte das gerne auf Deutsch.",
        "We use it to show menus in our cafeteria.",
        "see https://docs.example.com/a_b(c)?d=1.",
        "",
        "???",
    )
)
WORDS = st.one_of(SENTENCES, st.text(max_size=80))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([Role.CUSTOMER, Role.AGENT]), st.lists(WORDS, max_size=3)), max_size=4))
def test_local_extraction_takes_only_what_stands_there(told):
    messages = tuple(
        Message(role, " ".join(parts), NOW + timedelta(minutes=place), str(place))
        for place, (role, parts) in enumerate(told)
    )
    [analysis] = LocalAnalyzer(encoder()).analyze([Conversation(messages)])
    for signal in analysis.signals:
        for name, value in signal.fields.items():
            for line in [] if name in WORDLESS else value.split("\n"):
                assert any(line in message.text for message in messages), (name, line)


def test_the_article_s_questions_about_a_wish_are_answered():
    text = (
        "Is there a way to export the dashboard to Excel? I need to send it to our auditors every month. "
        "Right now I copy everything by hand into a spreadsheet. Tableau has this."
    )
    [analysis] = LocalAnalyzer(encoder()).analyze([Conversation((Message(Role.CUSTOMER, text, NOW, "1"),))])
    [gap] = [signal for signal in analysis.signals if signal.kind == "feature_gap"]
    assert "export the dashboard to Excel" in gap.fields["capability"] + gap.fields["goal"]
    assert "by hand" in gap.fields["workaround"]
    assert gap.fields["competitor"] == "Tableau"


def one_signal(kind: str, *told: str) -> Mapping[str, str]:
    """The fields that are read of messages by turns of customer and agent."""
    roles = (Role.CUSTOMER, Role.AGENT)
    messages = [Message(roles[n % 2], text, NOW + timedelta(minutes=n), str(n)) for n, text in enumerate(told)]
    return signal_fields(SignalKind(kind), sentences(messages), None, Level.LOW)


def test_a_question_whether_something_could_be_done_is_no_workaround():
    asked = one_signal(
        "feature_gap", "Hey team, could you tell me whether spreadsheet downloads are being worked on by hand?"
    )
    assert "workaround" not in asked
    told = one_signal("bug_pattern", "Formatted exports fail. For now we paste the table into a mail.")
    assert told["workaround"] == "For now we paste the table into a mail."


def test_a_place_where_people_work_is_no_competitor():
    assert "competitor" not in one_signal("feature_gap", "I'd like to share a chart in Slack and have it unfurl.")
    assert one_signal("feature_gap", "In Tableau you just click it.")["competitor"] == "Tableau"


def test_we_are_no_competitor_of_ours():
    told = [mention(1, competitor="Cinderpeak"), mention(2, competitor="Tableau"), mention(3, competitor="Tableau")]
    told += [mention(4, competitor="Google Analytics")]
    assert feature_gaps.aggregate(told, "Cinderpeak Analytics").competitors == (("Tableau", 2), ("Google Analytics", 1))
    assert expectations.aggregate(told, "").competitors == (("Tableau", 2), ("Cinderpeak", 1), ("Google Analytics", 1))


def test_a_promise_resolves_nothing():
    stuck = ("How do I switch the palette?", "I'll let you know here if it gets picked up.")
    assert "resolved_by" not in one_signal("ux_friction", *stuck)
    solved = (*stuck, "ok?", "Go to Settings > Look and choose the palette.", "thanks")
    assert one_signal("ux_friction", *solved)["resolved_by"] == "Go to Settings > Look and choose the palette."


# ---- phrases and facts ----------------------------------------------------------------------------------------------


def test_phrases_rank_what_several_say_then_what_others_echo():
    told = [
        mention(1, goal="send it to our auditors"),
        mention(2, goal="Export to Excel"),
        mention(3, goal="export to excel"),
        mention(4, goal="do that"),
        mention(5, goal="New ticket #49834 from Somebody: export"),
        mention(6, goal="export formatted Excel sheets"),
    ]
    assert phrases(told, "goal")[0] == Phrase("Export to Excel", 2)
    assert [p.text for p in phrases(told, "goal")][1] == "export formatted Excel sheets"
    assert "do that" not in [p.text for p in phrases(told, "goal", limit=9)]


def test_errors_stay_exactly_as_they_are_and_count_once_a_ticket():
    told = [mention(1, errors="HTTP 502\nHTTP 502\nE: [x]"), mention(2, errors="HTTP 502")]
    assert lines(told, "errors") == (Phrase("HTTP 502", 2), Phrase("E: [x]", 1))


def test_masking_reaches_every_phrase():
    made = feature_gaps.aggregate([mention(1, goal="call Ann tomorrow morning", competitor="Tableau")])
    shown = masked(made, lambda text: text.replace("Ann", "[customer 1]"))
    assert shown.goals == (Phrase("call [customer 1] tomorrow morning"),)
    assert shown.competitors == (("Tableau", 1),)
    assert masked(made, lambda _text: "").goals == ()


def test_friction_is_rated_by_where_most_of_the_weight_lies():
    low = [mention(i, severity="low", who=f"a{i}") for i in range(12)]
    assert ux_friction.aggregate([*low, mention(99, severity="critical")]).severity is Level.LOW
    made = ux_friction.aggregate([mention(1, severity="high", self_service="yes"), mention(2, severity="low")])
    assert made.severity is Level.HIGH
    assert made.self_service == 1
    assert made.repeated == 1  # the same customer came twice
    assert ux_friction.weight([mention(1, severity="high"), mention(2)]) == 5


def test_a_bug_is_judged_by_the_written_rule():
    told = [mention(i, who=f"a{i}", symptom="login loops forever") for i in range(5)]
    made = bug_patterns.aggregate(told, NOW)
    assert made.judgement.severity is Severity.P2
    assert made.judgement.reason == "5 customers"
    assert made.symptoms == (Phrase("login loops forever", 5),)


def test_expectations_and_uses_name_their_words():
    made = expectations.aggregate([mention(1, expected="seats are unlimited", source="your pricing page")])
    assert [p.text for p in made.sources] == ["your pricing page"]
    assert use_cases.aggregate([mention(1, use="menus in our cafeteria")]).uses[0].text == "menus in our cafeteria"


def test_without_tickets_there_are_no_facts():
    assert feature_gaps.aggregate([]).goals == ()
    assert ux_friction.aggregate([]).severity is Level.LOW
    assert bug_patterns.aggregate([], NOW).judgement.severity is Severity.P3


# ---- grouping -------------------------------------------------------------------------------------------------------


def test_other_words_for_one_wish_are_one_group():
    found = group(
        asks(
            "Please add a dark mode, the white hurts my eyes",
            "Any plans for webhooks when a report is ready?",
            "Could there be a dark theme for the evening?",
            "We need a webhook to be called when data changes",
            "dark mode when",
        ),
        WISHES,
    )
    assert [sorted(places) for places in found] == [[0, 2, 4], [1, 3]]


def test_a_shared_page_ties_what_words_do_not():
    texts = ("How do I connect Redshift?", "Where does the tenant key come from?", "Set-up of our CRM is stuck")
    tied = Closeness(words=0.5, theme=0.0, key=0.6, cut=0.75)
    assert len(group(asks(*texts), WISHES)) == 3
    assert len(group(asks(*texts, keys=dict.fromkeys(range(3), "docs/setup")), tied)) == 1


def test_grouping_is_deterministic_and_holds_every_ticket_once():
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(MOST + 40, 8)).astype(np.float32)
    many = [Ask(i, vectors[i], f"word{i % 30} and thing{i % 7}") for i in range(len(vectors))]
    found = group(many, WISHES)
    assert sorted(place for places in found for place in places) == list(range(len(many)))
    assert group(many, WISHES) == found
    assert group([], WISHES) == []
    assert group(many[:1], WISHES) == [[0]]


def test_names_are_the_tickets_words_and_differ():
    names = names_of(
        {
            1: ["Please add a dark mode", "dark mode for the evening please", "When will dark mode come?"],
            2: ["A mobile app would help", "Is there a mobile app for Android?", "mobile app please"],
        }
    )
    assert names == {1: "Add dark mode", 2: "Mobile app"}


# ---- pages ----------------------------------------------------------------------------------------------------------


def page(url: str, title: str, text: str) -> list[Section]:
    parts = split(title, text)
    vectors = encoder().encode([f"{title}. {heading}. {body}" for heading, body in parts])
    return [Section(url, title, i, heading, body, vectors[i]) for i, (heading, body) in enumerate(parts)]


def question(*texts: str) -> Question:
    vector = encoder().encode(list(texts)).mean(axis=0)
    return Question(vector / np.linalg.norm(vector), texts)


LIBRARY = [
    *page(
        "https://d.x/a/b/c/identity", "Administration", "# Federated identity\nConnect Okta or Entra ID for SSO login."
    ),
    *page("https://d.x/filters", "Filter syntax", "Use OR with a pipe, negate a filter with a minus."),
    *page("https://d.x/billing", "Invoices", "Download your invoice as PDF."),
]


def test_the_page_that_answers_is_found_and_why_it_was_not():
    sso = question("How do I set up Okta SSO login?", "Where do I connect SSO with Okta?")
    section = best_page(sso, LIBRARY)
    assert section is not None
    assert section.url.endswith("identity")
    known = KnownPage(section.url, section.title)
    assert diagnose(sso, section, known, []).why is NotFound.BURIED
    empty = [HelpSearch(NOW, "okta sso", 0)]
    found = diagnose(sso, section, known, about(sso, empty))
    assert (found.why, found.reason) == (NotFound.OTHER_WORDS, "1 search for it came up empty though the page exists.")


def test_a_page_with_another_vocabulary_and_no_page_at_all():
    asked = question("What wildcard can I type into the query box?", "wildcard in the query box does not work")
    section = LIBRARY[2]
    told = diagnose(asked, section, KnownPage(section.url, section.title), [])
    assert told.why is NotFound.OTHER_WORDS
    assert "wildcard" in told.reason
    assert best_page(question("My parrot eats bananas on Sundays"), LIBRARY) is None
    assert diagnose(asked, None, None, []).why is NotFound.MISSING


def test_only_help_pages_count_as_answers():
    assert is_page("https://docs.acme.com/x", [])
    assert is_page("https://acme.com/help/x", [])
    assert not is_page("https://app.acme.com/auth/acs", [])
    assert is_page("https://d.x/filters/", LIBRARY)


@pytest.mark.parametrize(
    ("kinds", "page_known", "work"),
    [
        (["quick fix", "quick fix", "restructure"], True, DocWork.QUICK_FIX),
        (["restructure"], True, DocWork.RESTRUCTURE),
        (["quick fix"], False, DocWork.NEW_DOC),
    ],
)
def test_what_a_writer_has_to_do(kinds, page_known, work):
    told = [mention(i, kind=kind) for i, kind in enumerate(kinds)]
    found = documentation_gaps.aggregate(told, "Filters", page=KnownPage("u", "t") if page_known else None)
    assert found.work is work


@given(st.text(max_size=400), st.text(max_size=60))
def test_pages_of_any_text_are_split_without_loss_of_their_start(text, title):
    parts = split(title, text)
    assert parts[0][0] == title
    assert all(body in text for _, body in parts)

"""The story of the playground: the same for the same seed, varied, and true to its own truth."""

import json
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.story import EventKind, PersonRole, Story, StoryEvent, build_story
from bot.demo.story.banks import bank
from bot.demo.story.company import AREAS, CHANNELS, DOCS, HELPDESK, SHARED, SHARED_ACCOUNT, STAFF
from bot.demo.story.facts import Facts
from bot.demo.story.intents import intents
from bot.demo.story.template import parse, render, slots
from intelligence.model import PrimaryCategory, Subcategory

END = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
BIG = {"excel_export": 35, "sso_failure": 30, "dashboard_slow": 30, "dark_mode": 25}
PUBLIC = {EventKind.MESSAGE, EventKind.REPLY, EventKind.EDIT, EventKind.NOTIFICATION}


@pytest.fixture(scope="module")
def story() -> Story:
    return build_story(seed=7, end=END)


@pytest.fixture(scope="module")
def events(story: Story) -> dict[str, StoryEvent]:
    return {event.key: event for event in story.events}


def body(event: StoryEvent) -> str:
    """A ticket's words: in the message, or in the helpdesk's attachment."""
    attachments = event.extra.get("attachments")
    return attachments[0]["text"] if isinstance(attachments, list) else event.text


def bodies(story: Story, intent: str | None = None) -> list[str]:
    labels = story.truth["tickets"]
    wanted = {key for key, label in labels.items() if intent in {None, label["intent"]}}
    return [body(event) for event in story.events if event.key in wanted]


def test_the_same_arguments_give_the_same_story(story: Story) -> None:
    again = build_story(seed=7, end=END)
    assert again.events == story.events
    assert again.truth_json() == story.truth_json()
    assert again.company == story.company


def test_another_seed_gives_another_story(story: Story) -> None:
    other = build_story(seed=8, end=END)
    shared = set(bodies(other)) & set(bodies(story))
    assert len(shared) < len(bodies(story)) * 0.2


def test_it_builds_in_two_seconds(story: Story) -> None:
    start = time.process_time()
    build_story(seed=11, end=END)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("end", [END, datetime(2026, 3, 30, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))])
@pytest.mark.parametrize("seed", [1, 2, 7])
def test_there_are_tickets_enough(seed: int, end: datetime) -> None:
    assert len(build_story(seed=seed, end=end).truth["tickets"]) >= 1500


@pytest.mark.parametrize(("scale", "least", "most"), [(0.3, 400, 650), (2.0, 3000, 4000)])
def test_scale_multiplies_the_tickets(scale: float, least: int, most: int) -> None:
    scaled = build_story(end=END, scale=scale)
    assert least <= len(scaled.truth["tickets"]) <= most
    assert len(set(bodies(scaled))) == len(bodies(scaled))


def test_arguments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        build_story(end=datetime(2026, 11, 25))  # noqa: DTZ001
    with pytest.raises(ValueError, match="weeks"):
        build_story(end=END, weeks=2)
    with pytest.raises(ValueError, match="scale"):
        build_story(end=END, scale=0)


def test_events_are_in_time_order_with_keys_of_their_own(story: Story) -> None:
    assert all(before.at < after.at for before, after in pairwise(story.events))
    assert len({event.key for event in story.events}) == len(story.events)
    assert all(END - timedelta(weeks=9) < event.at < END for event in story.events)


def test_every_event_refers_to_what_exists(story: Story, events: dict[str, StoryEvent]) -> None:
    people = {person.key for person in story.company.people}
    channels = {channel.name for channel in story.channels}
    for event in story.events:
        assert event.author in people
        assert event.channel in channels
        if event.parent is not None:
            parent = events[event.parent]
            assert parent.at < event.at
            assert parent.channel == event.channel
        for name in ("updates", "continues", "ticket"):
            assert event.extra.get(name, event.key) in events


def test_the_truth_labels_every_ticket(story: Story, events: dict[str, StoryEvent]) -> None:
    labels = story.truth["tickets"]
    assert set(labels) == {event.key for event in story.events if re.fullmatch(r"t\d{4,}", event.key)}
    for key, label in labels.items():
        intent = story.truth["intents"][label["intent"]]
        assert (label["category"], label["subcategory"]) == (intent["category"], intent["subcategory"])
        customer = story.company.person(label["customer"])
        assert customer.account == label["account"]
        if events[key].kind is EventKind.MESSAGE:
            assert events[key].author == label["customer"]
    assert json.loads(story.truth_json()) == story.truth


def test_intents_use_the_taxonomy_and_the_company_s_areas(story: Story) -> None:
    areas = {area.name for area in story.company.areas}
    for intent in intents().values():
        assert intent.category in set(PrimaryCategory)
        assert intent.subcategory in set(Subcategory)
        assert intent.area in areas
        assert intent.replies
        assert intent.last_words
        assert intent.phrases("subjects")
        assert len(intent.openings) >= (4 if intent.mood == "critical" else 10), intent.id
    for name, least in BIG.items():
        assert len(intents()[name].openings) >= least


def test_no_two_tickets_have_the_same_words(story: Story) -> None:
    texts = bodies(story)
    assert len(set(texts)) == len(texts)
    bare = {re.sub(r"\W+", " ", text).lower() for text in texts}
    assert len(bare) >= len(texts) * 0.985


def test_tickets_are_neither_too_short_nor_too_long(story: Story, events: dict[str, StoryEvent]) -> None:
    for key, label in story.truth["tickets"].items():
        if label["language"] == "en":
            assert 6 <= len(body(events[key]).split()) <= 125


def test_no_phrase_mark_is_left_in_any_text(story: Story) -> None:
    for event in story.events:
        for text in (event.text, body(event)):
            assert not re.search(r"[{}\[\]]| >> | => |\\n", text), text
        assert event.text or event.kind not in PUBLIC


def test_no_label_leaks_into_a_text(story: Story) -> None:
    names = [*story.truth["intents"], *(intent["subcategory"] for intent in story.truth["intents"].values())]
    labels = [name for name in names if "_" in name]
    for event in story.events:
        assert not any(label in f"{event.text}{event.extra}" for label in labels)


@pytest.mark.parametrize("intent", ["excel_export", "sso_failure", "dashboard_slow", "integrations_setup"])
def test_no_single_phrase_tells_a_big_intent(story: Story, intent: str) -> None:
    texts = [text.lower() for text in bodies(story, intent)]
    words: Counter[str] = Counter()
    for text in texts:
        tokens = re.findall(r"\w+", text)
        words.update({" ".join(pair) for pair in pairwise(tokens)})
    phrase, count = words.most_common(1)[0]
    assert count < len(texts) * 0.5, phrase


def test_the_excel_wish_grows_week_by_week(story: Story) -> None:
    weekly = story.truth["intents"]["excel_export"]["weekly"][:-1]
    assert all(before < after for before, after in pairwise(weekly))
    assert weekly[-1] / weekly[-2] == pytest.approx(1.45, abs=0.03)


def test_the_top_themes_of_the_last_full_week_are_those_of_the_story(story: Story) -> None:
    last_week = {name: intent["weekly"][-2] for name, intent in story.truth["intents"].items()}
    top = sorted(last_week, key=lambda name: -last_week[name])[:4]
    assert top == ["excel_export", "sso_failure", "dashboard_slow", "dark_mode"]
    assert last_week["dark_mode"] > last_week["mobile_app"] > last_week["slack_integration"]


def test_sign_in_fails_hours_after_the_release_and_mostly_for_okta(story: Story, events: dict[str, StoryEvent]) -> None:
    broke = next(event for event in story.events if event.extra.get("release") == "4.2")
    labels = {key: label for key, label in story.truth["tickets"].items() if label["intent"] == "sso_failure"}
    first = min(events[key].at for key in labels)
    assert timedelta(hours=1) < first - broke.at < timedelta(hours=12)
    providers = Counter(story.company.account(label["account"]).identity_provider for label in labels.values())
    assert providers["Okta"] / len(labels) == pytest.approx(0.61, abs=0.03)
    everyone = [story.company.account(label["account"]) for label in story.truth["tickets"].values()]
    assert sum(account.identity_provider == "Okta" for account in everyone) / len(everyone) < 0.25
    assert not any(event.extra.get("release") == "4.2.1" for event in story.events)


def test_slow_dashboards_are_an_enterprise_matter(story: Story) -> None:
    finding = next(found for found in story.truth["expected_findings"] if found["intent"] == "dashboard_slow")
    assert finding["segment"]["value"] == "Enterprise"
    assert finding["segment"]["share"] == pytest.approx(0.72, abs=0.02)
    weekly = finding["weekly"][:-1]
    assert max(weekly) <= min(weekly) * 1.3


def test_the_fixed_bug_comes_back(story: Story, events: dict[str, StoryEvent]) -> None:
    resolve = next(event for event in story.events if event.kind is EventKind.RESOLVE)
    assert story.truth["tickets"][resolve.extra["ticket"]]["intent"] == "totals_differ"
    times = [events[key].at for key, label in story.truth["tickets"].items() if label["intent"] == "totals_differ"]
    after = [at for at in times if at > resolve.at]
    assert len(times) - len(after) >= 20
    assert len(after) >= 5
    assert min(after) - resolve.at > timedelta(days=14)


def test_weekends_and_nights_are_quiet(story: Story, events: dict[str, StoryEvent]) -> None:
    moments = [events[key].at for key in story.truth["tickets"]]
    weekend = sum(at.weekday() >= 5 for at in moments) / len(moments)
    night = sum(at.hour < 6 for at in moments) / len(moments)
    assert 0 < weekend < 0.08
    assert 0 < night < 0.05


def test_nobody_writes_two_tickets_at_once(story: Story, events: dict[str, StoryEvent]) -> None:
    last: dict[str, datetime] = {}
    for key, label in sorted(story.truth["tickets"].items(), key=lambda item: events[item[0]].at):
        customer = label["customer"]
        assert customer not in last or events[key].at - last[customer] > timedelta(minutes=10)
        last[customer] = events[key].at


def test_tickets_come_by_every_way(story: Story, events: dict[str, StoryEvent]) -> None:
    ways = Counter(events[key].channel for key in story.truth["tickets"])
    assert ways["support"] > len(story.truth["tickets"]) / 2
    assert min(ways["support-enterprise"], ways[HELPDESK], ways[SHARED]) >= 15
    for key, label in story.truth["tickets"].items():
        assert events[key].channel != SHARED or label["account"] == SHARED_ACCOUNT
        assert (events[key].channel == HELPDESK) == (events[key].kind is EventKind.NOTIFICATION)


def test_a_notification_says_who_and_where(story: Story, events: dict[str, StoryEvent]) -> None:
    new = [event for event in events.values() if event.kind is EventKind.NOTIFICATION and "updates" not in event.extra]
    solved = [event for event in events.values() if "updates" in event.extra]
    assert len({event.extra["ticket_url"] for event in new}) == len(new)
    assert solved
    for event in solved:
        assert event.extra["ticket_url"] == events[str(event.extra["updates"])].extra["ticket_url"]
    for event in new:
        label = story.truth["tickets"][event.key]
        assert event.extra["organisation"] == label["account"]
        assert event.extra["requester"] == story.company.person(label["customer"]).name


def test_only_agents_and_the_customer_s_company_write_under_a_ticket(
    story: Story, events: dict[str, StoryEvent]
) -> None:
    for event in story.events:
        if event.kind is EventKind.REPLY and event.parent in story.truth["tickets"]:
            author = story.company.person(event.author)
            account = story.truth["tickets"][event.parent]["account"]
            assert author.role is PersonRole.AGENT or author.account == account


def test_conversations_end_in_different_ways(story: Story) -> None:
    tickets = story.truth["tickets"]
    marked = {event.parent for event in story.events if event.extra.get("reaction") == "white_check_mark"}
    answered = {event.parent for event in story.events if event.kind is EventKind.REPLY}
    assert 0.35 < len(marked & set(tickets)) / len(tickets) < 0.8
    assert 0.85 < len(answered & set(tickets)) / len(tickets) < 0.99
    kinds = Counter(event.kind for event in story.events)
    assert min(kinds[EventKind.EDIT], kinds[EventKind.DELETE]) >= 5


def test_agents_answer_set_up_questions_with_the_same_page(story: Story) -> None:
    page = "https://docs.cinderpeak.example/integrations/setup"
    asked = [key for key, label in story.truth["tickets"].items() if label["intent"] == "integrations_setup"]
    linked = {event.parent for event in story.events if event.kind is EventKind.REPLY and page in event.text}
    assert len(linked & set(asked)) / len(asked) > 0.75


def test_every_linked_page_is_in_the_list_of_pages(story: Story) -> None:
    pages = {page.url for page in DOCS}
    for event in story.events:
        for link in re.findall(r"https://docs\.[\w./-]+", event.text):
            assert link.rstrip(".") in pages


def test_some_customers_write_in_other_languages(story: Story) -> None:
    languages = Counter(label["language"] for label in story.truth["tickets"].values())
    assert {"de", "es", "fr", "ja"} <= set(languages)
    assert sum(languages.values()) - languages["en"] < 40


def test_critical_tickets_are_rare(story: Story) -> None:
    assert 1 <= story.truth["intents"]["data_leak"]["tickets"] <= 3


def test_incidents_name_their_tickets(story: Story) -> None:
    incidents = {incident["id"]: incident for incident in story.truth["incidents"]}
    assert set(incidents) == {"sso", "totals", "late-mail", "excel", "leak"}
    for incident in incidents.values():
        assert incident["start"] < incident["end"]
        assert all(story.truth["tickets"][key]["intent"] == incident["intent"] for key in incident["tickets"])


def test_the_company_is_whole(story: Story) -> None:
    company = story.company
    assert len(company.accounts) >= 120
    assert len({person.key for person in company.people}) == len(company.people)
    assert len({person.email for person in company.people}) == len(company.people)
    assert {area.owner for area in AREAS} <= {person.key for person in company.product_managers}
    assert company.admin in STAFF
    assert company.agents
    assert company.engineers
    assert company.docs_writers
    assert {account.plan for account in company.accounts} == {"Starter", "Team", "Business", "Enterprise"}
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)
    assert all(person.email.endswith(".example") for person in company.people)


def test_the_visitor_s_subject_is_new(story: Story) -> None:
    assert len(story.try_these) == 5
    assert len(story.visitor_topic) == 5
    accounts = {story.company.person(post.author).account for post in story.visitor_topic}
    assert len(accounts) == 5
    for word in ("geocod", "latitude", "map tile", "map widget", "pins"):
        assert not any(word in text.lower() for text in bodies(story))


def test_every_phrase_finds_its_facts(story: Story) -> None:
    person = story.company.customers[0]
    facts = Facts(person, story.company.account(person.account or ""), END, Random(1))
    for intent in intents().values():
        phrases = [opening.template for opening in intent.openings]
        phrases += [phrase for section in intent.sections.values() for phrase in section]
        phrases += [reply.said for reply in intent.replies]
        for name in {slot for phrase in phrases for slot in slots(phrase)}:
            assert facts(name)
    for line in (line for lines in bank("voice").sections.values() for line in lines):
        for name in slots(parse(line)):
            assert facts(name)


@given(st.text(alphabet=st.characters(exclude_characters="[]{}|", exclude_categories=["Cs"])))
def test_plain_text_is_a_phrase_that_renders_as_itself(text: str) -> None:
    assert render(parse(text), str, Random(0)) == text


def test_choices_nest_and_slots_open_sentences_with_a_capital() -> None:
    template = parse("{who} said [it|that [once|twice]]. {what} too")
    said = {render(template, {"who": "ann", "what": "bob"}.__getitem__, Random(seed)) for seed in range(40)}
    assert said == {"Ann said it. Bob too", "Ann said that once. Bob too", "Ann said that twice. Bob too"}
    assert slots(template) == {"who", "what"}


@pytest.mark.parametrize("source", ["[a|b", "{slot", "a ] b", "[a|[b]"])
def test_a_broken_phrase_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="un"):
        parse(source)

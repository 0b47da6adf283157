"""What surfaces say, on answers as people meet them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from answer_values import NOW

from bot.answers import (
    AlertView,
    Candidate,
    Done,
    KnownAnswer,
    Period,
    PostedLink,
    Quote,
    ThemeCard,
    ThemeLine,
    ThemeList,
)
from bot.answers_settings import AuditLine, SettingsView
from bot.blocks import alerts, done, known, settings, themes
from bot.blocks.markdown import alert_issue
from bot.blocks.parts import clean, inline, link, timeline, whole
from bot.flows.recognize import draft
from bot.grammar import Request
from bot.words import change, percent, sparkline, standing
from intelligence.changes import Change
from intelligence.model import (
    AlertState,
    Audience,
    Lift,
    PatternKind,
    Receipt,
    Severity,
    Theme,
    ThemeState,
    Verdict,
)

THEME = Theme(2, "T1", 2, "SSO login fails for Okta users", "", ThemeState.GROWING, False, NOW, NOW, owner="U0ANN123")
SPIKE = Receipt("spike", 23, 3.8, 1, 8, 72, 45, 6.1, 1e-9, "at least 2 times the usual", "fewer than 9 had come")
QUOTES = (
    Quote("Okta sends us back to the login page <!channel>", "Acme", NOW, "https://slack.test/p1"),
    Quote("SSO loops for *everybody*", "Globex", NOW, None),
)
DAYS = tuple((date(2025, 12, 16) + timedelta(days=i), n) for i, n in enumerate([0, 1] * 12 + [0, 6, 9, 8]))
VIEW = AlertView(
    alert_id=12,
    kind=PatternKind.SPIKE,
    audience=Audience.ENGINEERING,
    state=AlertState.OPEN,
    theme=THEME,
    headline=THEME.title,
    tickets=23,
    customers=17,
    unknown=0,
    window="3 days",
    receipt=SPIKE,
    severity=Severity.P1,
    severity_reason="17 customers",
    plans=(("Enterprise", 13),),
    accounts=("Acme", "Globex", "Initech", "Hooli"),
    frustrated=6,
    lifts=(Lift("sso", "Okta", 0.61, 0.09, 6.8, 3, 12, 1e-6, 14),),
    suspects=("release 4.2, 5 hours before the first ticket",),
    quotes=QUOTES,
    held_back=2,
    workaround=None,
    days=DAYS,
    usual=(0, 1),
    owner=None,
    snoozed=None,
    shadow=False,
    opened_at=NOW,
    grown=5,
    since="3 Jan 14:00",
)
CARD = ThemeCard(THEME, 23, 17, 0, DAYS, (0, 1), (), (), (), (), 0, None, (), (), 0, ())


def said(blocks: object) -> str:
    """Every text of some blocks."""
    if isinstance(blocks, dict):
        return " ".join(v if k == "text" and isinstance(v, str) else said(v) for k, v in blocks.items())
    return " ".join(said(entry) for entry in blocks) if isinstance(blocks, list | tuple) else ""


def test_an_alert_in_one_line() -> None:
    assert alerts.alert(VIEW).text == (
        "SSO login fails for Okta users: 23 tickets, 17 customers in 3 days (normal 4), since 3 Jan 14:00"
    )


def test_an_alert_names_who_is_different_and_blames_no_release() -> None:
    told = said(alerts.alert(VIEW).blocks)
    assert "Okta (sso) 61% of this theme, 9% of all tickets" in told
    assert "release 4.2, 5 hours before the first ticket. May be a coincidence." in told
    assert "caused" not in told
    assert "2 quotes held back" in told
    assert "usual range 1–8 in 3 days · baseline 45 days" in told


def test_an_alert_says_its_state() -> None:
    assert "*Growing* · Spike" in said(alerts.alert(VIEW).blocks)
    assert "*Snoozed* for 7 days" in said(
        alerts.alert(replace(VIEW, state=AlertState.SNOOZED, snoozed="7 days")).blocks
    )
    resolved = replace(VIEW, state=AlertState.CLOSED, theme=replace(THEME, state=ThemeState.VERIFYING))
    assert "*Verifying*" in said(alerts.alert(resolved).blocks)
    assert "Closed as not useful" in said(alerts.alert(replace(VIEW, state=AlertState.DISMISSED)).blocks)
    assert "Only you see this" in said(alerts.alert(replace(VIEW, state=AlertState.SHADOW)).blocks)


def test_notes_say_what_changed() -> None:
    assert alerts.note(VIEW, "grown").text == (
        "*TI-2 keeps growing*: 5 more since the alert, now 23 tickets, 17 customers in 3 days."
    )
    assert "back after a fix" in alerts.note(replace(VIEW, kind=PatternKind.REGRESSION), "graver").text


def test_customers_words_stand_in_quotes_that_parse_nothing() -> None:
    quotes = next(block for block in alerts.alert(VIEW).blocks if block["type"] == "rich_text")
    assert quotes["elements"][0]["elements"] == [
        {"type": "text", "text": "Okta sends us back to the login page !channel"}
    ]
    assert quotes["elements"][2]["elements"] == [{"type": "text", "text": "SSO loops for *everybody*"}]


def test_themes_page_and_share_what_was_asked() -> None:
    line = ThemeLine(11, THEME, 23, 17, 0, Change(20, 23, 15, within_noise=True), rising=False)
    request = Request("themes", {"period": "7d"}, {"area": "single sign on"}, page=2)
    answer = ThemeList(Period("7d", NOW, NOW), request.filters, (line,), 90, 0.5, 0.1, 0, NOW, 2, 3)
    blocks = themes.themes(answer, request).blocks
    values = {element["text"]["text"]: element["value"] for element in blocks[-1]["elements"]}
    assert values == {
        "Back": 'themes 7d area:"single sign on"',
        "Page 3 of 3": 'themes 7d area:"single sign on" page:3',
        "Share here": 'themes 7d area:"single sign on" page:2',
    }
    assert "_about as before_" in said(blocks)
    assert "<@U0ANN123>" in said(blocks)
    shared = themes.themes(answer, request, shared=True).blocks
    assert not [block for block in shared if block["type"] == "actions"]
    assert "<@U0ANN123>" not in said(shared)


def test_a_reply_names_a_page_that_explains_and_no_endpoint_that_was_linked_now_and_then() -> None:
    guide = PostedLink("https://docs.acme.example/sso", 4, 9)
    acs = PostedLink("https://app.acme.example/auth/v2/acs", 8, 9)
    assert "https://docs.acme.example/sso" in (draft(replace(CARD, links=(acs, guide))) or "")
    assert draft(replace(CARD, links=(acs,))) is None
    assert draft(replace(CARD, links=(replace(guide, used=2),))) is None


def test_a_rise_is_not_called_steady() -> None:
    assert standing(ThemeState.STEADY, Change(16, 1, 1500.0, False)) == "now steady"
    assert standing(ThemeState.STEADY, Change(16, 15, 6.0, True)) == "Steady"


def test_changes_name_channels_and_people() -> None:
    trail = (AuditLine("U0ADA", "channel", "C0PG00000CK", NOW), AuditLine("demo", "release", "4.2", NOW))
    told = said(settings.settings(SettingsView((), trail)).blocks)
    assert "channel <#C0PG00000CK>" in told
    assert "release 4.2" in told


def test_known_offers_what_can_be_done() -> None:
    nearest = (Candidate(THEME, 0.97, 23),)
    sure = KnownAnswer(Verdict.KNOWN, 0.97, CARD, nearest, ("okta",), ("android",), 17, "Thanks.")
    told = known.known(sure)
    assert told.text == "Known (97% sure): TI-2 SSO login fails for Okta users, 23 tickets, 17 customers"
    pressed = [e for b in told.blocks if b["type"] == "actions" for e in b["elements"] if e["type"] == "button"]
    assert {e["text"]["text"]: e["value"] for e in pressed}["Same"] == "ticket:17 theme:TI-2"
    assert "99% sure" in known.known(replace(sure, probability=0.9999)).text
    assert "Draft reply" in said(told.blocks)
    assert "Draft reply" not in said(known.known(sure, short=True).blocks)
    assert "customers read this thread" in said(known.known(sure, customers_read=True).blocks)
    new = KnownAnswer(Verdict.NEW, 0.1, None, (), (), (), 17, None)
    assert known.known(new).text == "New. Nothing like it has come before. If more come, I will say so."


def test_an_issue_is_markdown_that_mentions_nobody() -> None:
    quote = Quote("@ann see <script>x</script> [here](javascript:1)", "Acme", NOW, "https://slack.test/p(1)")
    text = alert_issue(replace(VIEW, quotes=(quote,)))
    assert text.startswith("# SSO login fails for Okta users\n\n23 tickets, 17 customers in 3 days")
    assert "> @\u2060ann see &lt;script&gt;x&lt;/script&gt; \\[here\\](javascript:1)" in text
    assert "([open](https://slack.test/p%281%29))" in text


def test_a_channel_in_our_own_sentence_stays_a_link() -> None:
    assert done.done(Done("Posted to <#C0ENG1234>.")).text == "Posted to <#C0ENG1234>."
    assert done.done(Done("Release <!channel> & more is noted")).text == "Release !channel &amp; more is noted"


def test_the_small_parts() -> None:
    assert clean("<!here|x> a\u202eb\n c") == "!here a b c"
    assert inline("*a* _b_") == "\u2060*a\u2060* \u2060_b\u2060_"
    assert link("javascript:alert(1)", "x") == "x"
    assert link("https://a.test/?a=1&b=2", "x|y") == "<https://a.test/?a=1&amp;b=2|x¦y>"
    assert whole("a &amp; b", 6) == "a …"
    assert whole("see <https://a.test|b>", 12) == "see …"
    assert sparkline([0, 1, 8]) == "▁▂█"
    assert sparkline([0, 0]) == "▁▁"
    assert percent(0.004) == "under 1%"
    assert change(Change(0, 5, None, within_noise=False)) == "none before"
    assert change(Change(10, 2, -80, within_noise=False)) == "down 80%"


def test_releases_are_marked_under_their_day() -> None:
    days = tuple((date(2026, 1, 1) + timedelta(days=i), i) for i in range(4))
    chart = timeline(days, [(date(2026, 1, 3), "4.2"), (date(2025, 1, 1), "old")])
    assert chart is not None
    assert chart["elements"][0]["elements"][0]["text"] == "▁▄▆█  1 Jan – 4 Jan\n  ▲ 4.2"

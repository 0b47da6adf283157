"""Answers built of hostile words, for the tests of every surface that shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from bot import (
    answers,
    answers_alerts,
    answers_areas,
    answers_home,
    answers_settings,
    answers_tickets,
    answers_workspace,
)
from bot.help import help_for
from bot.preferences import BY_NAME
from bot.rules import Rule
from bot.verbs.parts import Persona
from intelligence import model
from intelligence.alerts import Budget
from intelligence.changes import Change
from intelligence.quality import Share

NOW = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)


class Long(str):
    """A text whose repr is short: reports of failures stay readable."""

    def __repr__(self) -> str:
        return f"Long({self[:4]!r} * {len(self) // 4})"


HOSTILE = (
    "",
    " ",
    "\u200b\u200b",
    "\u202eevil\u202c",
    "<!channel> <!here|x> <@U123ABC> <#C123ABC|x> <!subteam^S1>",
    "*bold* _it_ ~no~ `code` ```pre``` > quote\n> quote",
    "<script>alert(1)</script> & &amp; &lt;!channel&gt;",
    "<https://evil.test|click> javascript:alert(1) [x](javascript:1)",
    "@channel @everyone :wave:",
    Long("x" * 40_000),
    Long("&" * 5_000),
    Long("a b " * 10_000),
    "🙂" * 400,
    "שלום עולם مرحبا",
    "Export to Excel gives CSV | no formulas",
    "\x00\x07\x1b[31m",
    "`" * 300,
)
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
NAMES = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(["Acme", "Globex", "Okta", "enterprise"]))
URLS = st.one_of(
    st.none(),
    st.sampled_from(["https://help.acme.test/sso?a=1&b=2", "javascript:alert(1)", "https://a.b|<!channel>", "http://"]),
    st.sampled_from(["https://a.b/" + "x" * 5_000, "ftp://x", "", "https://x.test/(a)"]),
)
NUMBERS = st.integers(0, 200_000)
SHARES = st.floats(0, 1)
TIMES = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DAYS = st.lists(st.integers(0, 90), max_size=28).map(
    lambda counts: tuple((date(2026, 1, 12) - timedelta(days=len(counts) - i), n) for i, n in enumerate(counts))
)
MAYBE_WORDS = st.one_of(st.none(), WORDS)


def some(of: st.SearchStrategy, most: int = 4) -> st.SearchStrategy:
    return st.lists(of, max_size=most).map(tuple)


THEMES = st.builds(
    model.Theme,
    id=st.integers(1, 10**6),
    workspace=st.just("T1"),
    number=st.integers(1, 10**9 - 1),
    title=WORDS,
    description=WORDS,
    state=st.sampled_from(model.ThemeState),
    provisional=st.booleans(),
    created_at=TIMES,
    first_at=TIMES,
    severity=st.one_of(st.none(), st.sampled_from(model.Severity)),
    area=MAYBE_WORDS,
    owner=st.one_of(st.none(), st.just("U0ANN123"), WORDS),
    issue_key=st.one_of(st.none(), st.just("ENG-812"), WORDS),
    issue_url=URLS,
    roadmap=MAYBE_WORDS,
    resolved_at=st.one_of(st.none(), TIMES),
    resolved_release=MAYBE_WORDS,
)
QUOTES = st.builds(answers.Quote, WORDS, NAMES, TIMES, URLS, st.one_of(st.none(), st.integers(1, 10**9)))
WORKAROUNDS = st.one_of(st.none(), st.builds(answers.Workaround, WORDS, NAMES, URLS, st.integers(2, 40), NUMBERS))
LINKS = st.builds(answers.PostedLink, URLS.map(lambda url: url or ""), NUMBERS, NUMBERS)
LIFTS = st.builds(
    model.Lift,
    attribute=NAMES,
    value=NAMES,
    share=SHARES,
    base_share=SHARES,
    lift=st.just(6.8),
    low=st.just(2.0),
    high=st.just(9.0),
    p_value=st.just(0.001),
    tickets=NUMBERS,
)
RECEIPTS = st.builds(
    model.Receipt,
    rule=st.sampled_from(["spike", "new pattern", "back after a fix"]),
    count=NUMBERS,
    expected=st.floats(0, 1000),
    low=st.integers(0, 50),
    high=st.integers(0, 99),
    window_hours=st.floats(0, 2000),
    baseline_days=st.floats(0, 400),
    ratio=st.one_of(st.none(), st.floats(0, 99)),
    p_value=st.one_of(st.none(), st.floats(0, 1)),
    threshold=WORDS,
    silent_if=WORDS,
    notes=some(WORDS),
)
PERIODS = st.builds(answers.Period, st.sampled_from(["7d", "24h", "2026-W02", "month"]), TIMES, TIMES)
CHANGES = st.builds(Change, NUMBERS, NUMBERS, st.one_of(st.none(), st.floats(-100, 9_999)), st.booleans())
LINES = st.builds(
    answers.ThemeLine, st.integers(1, 99), THEMES, NUMBERS, NUMBERS, NUMBERS, CHANGES, rising=st.booleans()
)
THEME_LISTS = st.builds(
    answers.ThemeList,
    PERIODS,
    st.dictionaries(st.sampled_from(["area", "plan", "kind", "state", "mine"]), WORDS, max_size=3),
    some(LINES, 10),
    NUMBERS,
    SHARES,
    SHARES,
    NUMBERS,
    st.one_of(st.none(), TIMES),
    st.integers(1, 5),
    st.integers(1, 5),
    MAYBE_WORDS,
)
CARDS = st.builds(
    answers.ThemeCard,
    theme=THEMES,
    tickets=NUMBERS,
    customers=NUMBERS,
    unknown=NUMBERS,
    days=DAYS,
    usual=st.one_of(st.none(), st.just((0, 2))),
    releases=some(st.builds(model.Release, NAMES, st.just(NOW - timedelta(days=3)))),
    lifts=some(LIFTS),
    categories=some(st.tuples(NAMES, NUMBERS)),
    quotes=some(QUOTES, 2),
    held_back=st.integers(0, 9),
    workaround=WORKAROUNDS,
    links=some(LINKS),
    lineage=some(
        st.builds(answers.LineageEntry, TIMES, WORDS, st.one_of(st.just("U0ANN123"), WORDS), st.booleans()), 6
    ),
    frustrated=NUMBERS,
    phrases=some(WORDS),
    issue_status=st.one_of(st.just(""), WORDS),
    docs_issue=st.one_of(st.none(), st.builds(answers.IssueLine, WORDS, URLS, WORDS)),
    planned=st.one_of(st.just(""), WORDS),
)
ALERTS = st.builds(
    answers.AlertView,
    alert_id=st.integers(1, 10**6),
    kind=st.sampled_from(model.PatternKind),
    audience=st.sampled_from(model.Audience),
    state=st.sampled_from(model.AlertState),
    theme=st.one_of(st.none(), THEMES),
    headline=WORDS,
    tickets=NUMBERS,
    customers=NUMBERS,
    unknown=NUMBERS,
    window=st.sampled_from(["3 days", "5 hours"]),
    receipt=RECEIPTS,
    severity=st.one_of(st.none(), st.sampled_from(model.Severity)),
    severity_reason=MAYBE_WORDS,
    plans=some(st.tuples(NAMES, NUMBERS), 3),
    accounts=some(NAMES, 5),
    frustrated=NUMBERS,
    lifts=some(LIFTS),
    suspects=some(WORDS, 3),
    quotes=some(QUOTES, 2),
    held_back=st.integers(0, 9),
    workaround=WORKAROUNDS,
    days=DAYS,
    usual=st.one_of(st.none(), st.just((0, 2))),
    owner=st.one_of(st.none(), st.just("U0ANN123"), WORDS),
    snoozed=MAYBE_WORDS,
    shadow=st.booleans(),
    opened_at=TIMES,
    grown=NUMBERS,
    since=MAYBE_WORDS,
)
KNOWN = st.builds(
    answers.KnownAnswer,
    verdict=st.sampled_from(model.Verdict),
    probability=SHARES,
    best=st.one_of(st.none(), CARDS),
    candidates=some(st.builds(answers.Candidate, THEMES, SHARES, NUMBERS), 5),
    matched=some(WORDS),
    differs=some(WORDS),
    ticket_id=st.one_of(st.none(), st.integers(1, 10**9)),
    draft=MAYBE_WORDS,
    reads=st.booleans(),
)
HITS = st.builds(
    answers_tickets.SearchHit,
    ticket_id=st.integers(1, 10**9),
    at=TIMES,
    excerpt=WORDS,
    score=SHARES,
    theme_key=st.one_of(st.none(), st.just("TI-42"), st.just("TI-7")),
    link=URLS,
    who=NAMES,
)
SEARCHES = st.builds(answers_tickets.SearchResult, WORDS, some(HITS, 8), NUMBERS)
ALTERNATIVES = st.builds(
    model.Alternative, st.sampled_from(model.PrimaryCategory), st.sampled_from(model.Subcategory), SHARES
)
ANALYSES = st.builds(
    model.Analysis,
    primary=st.sampled_from(model.PrimaryCategory),
    subcategory=st.sampled_from(model.Subcategory),
    confidence=SHARES,
    sub_confidence=SHARES,
    unsure=st.booleans(),
    alternatives=some(ALTERNATIVES, 2),
    area=MAYBE_WORDS,
    frustration=st.sampled_from(model.Level),
    urgency=st.sampled_from(model.Level),
    churn_risk=st.sampled_from(model.ChurnRisk),
    satisfaction=st.sampled_from(model.Satisfaction),
    loyalty=some(WORDS, 1),
    cause=st.sampled_from(model.CauseKind),
    cause_phrase=MAYBE_WORDS,
    goal=MAYBE_WORDS,
    signals=st.just(()),
    evidence=some(st.builds(model.Evidence, WORDS, st.just("primary")), 2),
    critical=st.booleans(),
    analyzer=st.just("local"),
    model=NAMES,
    prompt_version=st.just(""),
    drivers=some(WORDS),
)
READINGS = st.builds(
    answers_tickets.TicketReading,
    ticket_id=st.integers(1, 10**9),
    at=TIMES,
    excerpt=WORDS,
    analysis=st.one_of(st.none(), ANALYSES),
    theme_key=st.one_of(st.none(), st.just("TI-42")),
    similarity=st.one_of(st.none(), SHARES),
    link=URLS,
)
WHYS = st.builds(answers_tickets.Why, WORDS, some(WORDS, 14), some(RECEIPTS, 7), st.one_of(st.none(), READINGS))
EPISODES = st.builds(
    answers_alerts.EpisodeLine,
    st.integers(1, 10**9),
    st.sampled_from(model.PatternKind),
    st.sampled_from(model.AlertState),
    st.one_of(st.none(), THEMES),
    NUMBERS,
    st.one_of(st.none(), st.sampled_from(model.Severity)),
    st.one_of(st.none(), WORDS, st.just("U0ANN")),
    MAYBE_WORDS,
    TIMES,
    st.one_of(st.none(), st.just("https://acme.slack.com/archives/C1/p1")),
)
SILENCES = st.builds(
    answers_alerts.SilenceLine, WORDS, st.sampled_from(model.PatternKind), st.integers(1, 900), some(THEMES, 5)
)
ALERT_LISTS = st.builds(
    answers_alerts.AlertsView,
    some(WORDS, 6),
    st.builds(Budget, st.floats(0.1, 50), NUMBERS, NUMBERS),
    some(EPISODES, 20),
    some(SILENCES, 12),
    st.one_of(st.none(), st.just("20:00 to 08:00, but P0 rings")),
)
FATES = st.builds(
    answers_alerts.Fate,
    st.sampled_from([None, "useful", "not_useful"]),
    MAYBE_WORDS,
    st.one_of(st.none(), WORDS, st.just("U0ANN")),
    MAYBE_WORDS,
    st.one_of(st.none(), TIMES),
    MAYBE_WORDS,
    NUMBERS,
    st.one_of(st.none(), TIMES),
    st.booleans(),
)
PAST_ALERTS = st.builds(
    answers_alerts.PastAlert,
    st.one_of(st.none(), THEMES),
    st.sampled_from(model.PatternKind),
    TIMES,
    NUMBERS,
    st.one_of(st.none(), st.floats(0, 1000)),
    st.floats(0, 400),
    st.booleans(),
    st.booleans(),
    FATES,
)
BACKTESTS = st.builds(
    answers_alerts.Backtest,
    st.sampled_from(["90d", "2026-W02", "quarter"]),
    TIMES,
    TIMES,
    st.just("spike=3 new=5 budget=2"),
    st.sampled_from(["spike=3 new=5 budget=2", "spike=2 new=5 budget=2"]),
    some(WORDS, 3),
    NUMBERS,
    NUMBERS,
    st.floats(0.1, 60),
    some(PAST_ALERTS, 6),
    some(PAST_ALERTS, 6),
    st.builds(answers_alerts.Comparison, *[NUMBERS] * 6),
    some(WORDS, 6),
    st.floats(0, 900),
    st.booleans(),
)
BEGUN = st.builds(answers_alerts.BacktestBegun, NUMBERS, st.floats(0, 900))
SETTING_LINES = st.builds(
    answers_settings.SettingLine,
    st.sampled_from(["alerts", "quiet", "agents"]),
    WORDS,
    st.just("live|shadow"),
    WORDS,
    st.one_of(st.none(), WORDS),
    TIMES,
    some(st.just("U0ANN"), 20),
)
AUDITED = st.builds(answers_settings.AuditLine, WORDS, WORDS, WORDS, TIMES)
SETTINGS = st.builds(answers_settings.SettingsView, some(SETTING_LINES, 4), some(AUDITED, 10))
CHANNELS = st.builds(
    answers_workspace.ChannelView,
    channel_id=st.just("C0SUPPORT"),
    name=NAMES,
    role=st.one_of(st.none(), st.sampled_from(model.ChannelRole)),
    quotes=st.sampled_from(["counts", "masked", "all"]),
    area=MAYBE_WORDS,
    member=st.booleans(),
    tickets=NUMBERS,
    last_at=st.one_of(st.none(), TIMES),
)
HEALTHS = st.builds(
    answers_workspace.Health,
    connected=st.booleans(),
    tickets=NUMBERS,
    requests=NUMBERS,
    themes=NUMBERS,
    analysed=NUMBERS,
    ingest_lag=st.one_of(st.none(), st.floats(0, 10**6)),
    jobs=st.dictionaries(st.sampled_from(["ready", "leased", "dead"]), NUMBERS),
    outbox_waiting=NUMBERS,
    inbox_waiting=NUMBERS,
    analyzer=NAMES,
    tokens_today=NUMBERS,
    token_cap=NUMBERS,
    shadow=st.booleans(),
    data_days=st.floats(0, 400),
    problems=some(WORDS, 12),
)
DONES = st.builds(
    answers.Done, WORDS, st.sampled_from([None, "event:17"]), st.one_of(st.none(), THEMES), some(WORDS, 10)
)
EVIDENCE = st.builds(
    answers.EvidencePage,
    subject=st.sampled_from(["alert:12", "theme:TI-42"]),
    title=WORDS,
    quotes=some(QUOTES, 8),
    total=NUMBERS,
    held_back=st.integers(0, 9),
    page=st.integers(1, 5),
    pages=st.integers(1, 5),
)
IMPORTS = st.builds(
    answers_workspace.ImportReport,
    path=st.just("tickets.csv"),
    read=NUMBERS,
    stored=NUMBERS,
    duplicates=NUMBERS,
    rejected=NUMBERS,
    rejected_file=st.one_of(st.none(), st.just("tickets.rejected.csv")),
    undated=NUMBERS,
    seconds=st.floats(0, 10**4),
    mapping=st.dictionaries(st.sampled_from(["text", "at"]), NAMES),
    dry_run=st.booleans(),
    problems=some(WORDS, 5),
    themes=some(LINES, 5),
)
BURSTS = st.builds(answers_alerts.Burst, some(EPISODES, 30), some(WORDS, 3))
SHOWN_AREAS = st.builds(
    answers_areas.AreasView,
    some(
        st.builds(
            answers_areas.AreaLine,
            st.builds(
                model.Area, NAMES.map(lambda name: name[:60] or "Area"), some(WORDS), some(WORDS), st.none(), st.none()
            ),
            NUMBERS,
            some(NAMES),
        ),
        14,
    ),
    st.just(30),
    NUMBERS,
    NUMBERS,
    some(st.tuples(NAMES, NUMBERS)),
    st.one_of(st.none(), st.builds(answers_areas.Reassigning, st.just(30), NUMBERS, NUMBERS, st.booleans())),
)
OWN = st.builds(
    answers_home.Mine,
    some(EPISODES, 8),
    some(st.builds(answers_home.OwnTheme, THEMES, NUMBERS, st.booleans()), 8),
    NUMBERS,
    NUMBERS,
)
ADMIN_PARTS = st.builds(
    answers_home.AdminPart,
    st.lists(CHANNELS, max_size=30).map(tuple),
    some(
        st.builds(
            answers_home.SourceLine, st.sampled_from(model.Source), NUMBERS, st.one_of(st.none(), TIMES), st.booleans()
        )
    ),
    SHOWN_AREAS,
    st.builds(Rule, st.floats(1.2, 20), st.integers(3, 50), st.floats(0.1, 50)),
    st.builds(Budget, st.floats(0.1, 50), NUMBERS, NUMBERS),
    st.booleans(),
    st.fixed_dictionaries(dict.fromkeys(BY_NAME, SETTING_LINES)),
)
HOMES = st.builds(
    answers_home.Home,
    HEALTHS,
    THEME_LISTS,
    st.sampled_from(Persona).map(help_for),
    OWN,
    st.builds(Share, st.integers(0, 10), st.integers(10, 500)),
    st.just(20),
    st.one_of(st.none(), ADMIN_PARTS),
)

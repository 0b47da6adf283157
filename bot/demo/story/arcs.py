"""How often each intent is written about, by whom, and what happened that made people write.

Weeks are counted back from the one under way: 0 is that one, 1 the last full week.
"""

from dataclasses import dataclass

EXCEL, SSO, SLOW, TOTALS, LATE_MAIL, LEAK = (
    "excel_export",
    "sso_failure",
    "dashboard_slow",
    "totals_differ",
    "scheduled_email_late",
    "data_leak",
)


@dataclass(frozen=True)
class Segment:
    """The kind of account that writes about an intent: this share of its tickets has the attribute."""

    attribute: str
    value: str
    share: float


@dataclass(frozen=True)
class Arc:
    """Tickets a week of one intent, oldest week first; earlier weeks repeat the first figure.

    `exact` intents get these counts, others vary by about a fifth. `current` is the rate of the week under way.
    """

    intent: str
    weekly: tuple[int, ...]
    current: int
    segment: Segment | None = None
    exact: bool = False

    def rate(self, back: int) -> int:
        """Tickets expected in the week so many weeks back, before scale."""
        if back == 0:
            return self.current
        return self.weekly[max(0, len(self.weekly) - back)]


@dataclass(frozen=True)
class Release:
    """A release, its time and what its note says."""

    version: str
    back: int
    weekday: int
    hour: int
    minute: int
    note: str


@dataclass(frozen=True)
class Burst:
    """Extra tickets of one intent within some days of a week, from the given hour of its first day."""

    intent: str
    back: int
    weekday: int
    hour: int
    days: int
    tickets: int


def _steady(intent: str, rate: int, segment: Segment | None = None) -> Arc:
    return Arc(intent, (rate,), rate, segment)


_OKTA = Segment("identity_provider", "Okta", 0.61)
_ENTERPRISE = Segment("plan", "Enterprise", 0.72)

ARCS = (
    Arc(EXCEL, (9, 12, 15, 18, 23, 28, 35, 51), 54, exact=True),
    Arc(SSO, (0, 0, 0, 0, 0, 0, 0, 39), 36, _OKTA, exact=True),
    Arc(SLOW, (27, 29, 26, 30, 28, 27, 30, 31), 30, _ENTERPRISE, exact=True),
    Arc("dark_mode", (7, 8, 9, 8, 10, 9, 11, 14), 13, exact=True),
    Arc("mobile_app", (6, 7, 6, 8, 7, 8, 8, 10), 9, exact=True),
    Arc("slack_integration", (6, 5, 7, 6, 7, 7, 8, 8), 8, exact=True),
    Arc("api_webhooks", (5, 6, 5, 7, 6, 7, 7, 8), 8, exact=True),
    Arc("integrations_setup", (8, 9, 7, 8, 9, 8, 9, 9), 9, exact=True),
    _steady("advanced_filtering", 6),
    _steady("team_permissions", 5),
    Arc("realtime_promise", (3, 3, 4, 4, 4, 5, 5, 5), 5),
    _steady("unlimited_seats_promise", 3),
    Arc("public_wallboards", (2, 2, 3, 3, 4, 4, 5, 5), 5, Segment("plan", "Starter", 0.6)),
    Arc(TOTALS, (7, 8, 7, 6, 0, 0, 0, 0), 0, exact=True),
    _steady("duplicate_charge", 3),
    _steady("invoice_copy", 4),
    _steady("pricing_question", 4),
    _steady("seat_changes", 3),
    _steady(LATE_MAIL, 3),
    _steady("csv_encoding", 3),
    _steady("timezone_day_off", 3),
    _steady("api_rate_limit", 3),
    _steady("webhook_retries", 3),
    _steady("shared_folder_denied", 3),
    _steady("password_reset_mail", 4),
    _steady("embed_iframe", 3),
    _steady("chart_colours", 3),
    _steady("gdpr_export", 3, Segment("region", "EMEA", 0.8)),
    _steady("salesforce_sync", 4),
    _steady("bigquery_timeout", 3),
    _steady("date_picker", 3),
    _steady("annotations", 3),
    _steady("undo_delete", 3),
    _steady("row_level_security", 3),
    _steady("alert_false_trigger", 3),
    _steady("pdf_layout", 3),
    _steady("user_provisioning", 3),
    _steady("competitor_compare", 3),
    _steady("onboarding_training", 3),
)

RELEASES = (
    Release("4.0.3", 8, 2, 9, 30, "Small fixes: legends in printed charts, tab order in the editor."),
    Release("4.1", 4, 1, 9, 45, "New query planner; rows without a region are kept in exports; faster folder list."),
    Release("4.1.1", 3, 3, 14, 10, "Fixes for the new planner; updated translations."),
    Release("4.2", 2, 3, 10, 40, "New session service and sign-in pages; export engine moved to the new planner."),
)
FIX, BREAK = RELEASES[1], RELEASES[-1]

SSO_DELAY_HOURS = 3
"""From the release that broke sign-in to the first possible ticket about it."""

BURSTS = (
    Burst(SSO, BREAK.back, BREAK.weekday, BREAK.hour + SSO_DELAY_HOURS, 1, 5),
    Burst(SSO, BREAK.back, BREAK.weekday + 1, 6, 2, 8),
    Burst(LATE_MAIL, 3, 1, 7, 2, 14),
    Burst(TOTALS, 1, 2, 8, 3, 7),
    Burst(TOTALS, 0, 0, 0, 7, 8),
    Burst(LEAK, 4, 2, 9, 1, 1),
    Burst(LEAK, 1, 3, 9, 1, 1),
)

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
"""Every table, in one place, because identity is decided across them.

Rows never leave this package: repository functions return the frozen values of intelligence/model. `workspace_id` is
in every table and every unique key, so that no query can mix two workspaces by accident. Times are UTC-aware; SQLModel
refuses naive ones. Amounts of text live in `messages` and `message_revisions` alone, so that forgetting a customer
touches few places.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import JSON, Column, Field, Index, SQLModel, UniqueConstraint

from intelligence import model
from storage.columns import Float16Vector, enum_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """All tables share one MetaData with named constraints, which Alembic's batch mode needs."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData(naming_convention=NAMING)


def _enum(enum: Any, *, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(enum_column(enum)(), nullable=nullable, index=index))


def _json(*, nullable: bool = False) -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=nullable))


def _text(*, nullable: bool = False) -> Any:
    return Field(default=None if nullable else "", sa_column=Column(sa.Text, nullable=nullable))


# ---- workspace ------------------------------------------------------------------------------------------------------


class WorkspaceRow(Row, table=True):
    __tablename__ = "workspaces"
    id: str = Field(primary_key=True)
    name: str = ""
    bot_user_id: str | None = None
    timezone: str = "UTC"
    shadow: bool = True
    next_theme: int = 1
    memory_version: int = 0
    created_at: datetime


class InstallationRow(Row, table=True):
    """The app in one workspace. `token` is sealed by whoever stores it; it goes with the installation."""

    __tablename__ = "installations"
    workspace_id: str = Field(primary_key=True)
    enterprise_id: str | None = None
    app_id: str = ""
    name: str = ""
    url: str = ""
    bot_user_id: str
    bot_id: str = ""
    scopes: str = ""
    token: str | None = _text(nullable=True)
    version: int = 1
    installed_by: str = ""
    installed_at: datetime
    gone_at: datetime | None = None
    gone_because: str | None = None


class UsedStateRow(Row, table=True):
    """A state of the OAuth dance that came back, by its hash: it may not come back again."""

    __tablename__ = "oauth_states"
    digest: str = Field(primary_key=True)
    used_at: datetime


class SettingRow(Row, table=True):
    __tablename__ = "settings"
    workspace_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: Any = _json(nullable=True)
    updated_at: datetime
    updated_by: str | None = None


class ChannelRow(Row, table=True):
    __tablename__ = "channels"
    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    name: str = ""
    visibility: model.Visibility = _enum(model.Visibility)
    role: model.ChannelRole | None = _enum(model.ChannelRole, nullable=True)
    quotes: model.QuotePolicy = _enum(model.QuotePolicy)
    area: str | None = None
    member: bool = True
    last_ts: str | None = None
    chosen_by: str | None = None
    chosen_at: datetime | None = None


class AuditRow(Row, table=True):
    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    actor: str
    action: str
    subject: str
    data: Any = _json()
    at: datetime


class ModelVersionRow(Row, table=True):
    __tablename__ = "model_versions"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "name", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    name: str
    version: str
    data: Any = _json()
    live: bool = True
    created_at: datetime


class ModelUsageRow(Row, table=True):
    __tablename__ = "model_usage"
    workspace_id: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


# ---- people ---------------------------------------------------------------------------------------------------------


class AccountRow(Row, table=True):
    __tablename__ = "accounts"
    # A forgotten account's or customer's number is never given to another: pseudonyms and jobs carry it.
    __table_args__ = (UniqueConstraint("workspace_id", "key"), {"sqlite_autoincrement": True})
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    name: str
    plan: str | None = None
    attributes: Any = _json()
    updated_at: datetime


class CustomerRow(Row, table=True):
    __tablename__ = "customers"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    account_id: int | None = Field(default=None, foreign_key="accounts.id", index=True)
    name: str = ""
    email: str | None = None
    created_at: datetime


class CustomerRefRow(Row, table=True):
    __tablename__ = "customer_refs"
    workspace_id: str = Field(primary_key=True)
    source: model.Source = Field(default=None, sa_column=Column(enum_column(model.Source)(), primary_key=True))
    external_id: str = Field(primary_key=True)
    customer_id: int = Field(foreign_key="customers.id", index=True)


# ---- tickets --------------------------------------------------------------------------------------------------------


class TicketRow(Row, table=True):
    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_workspace_id_at", "workspace_id", "at"),
        Index("ix_tickets_workspace_id_state", "workspace_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    source: model.Source = _enum(model.Source)
    at: datetime
    updated_at: datetime
    state: model.TicketState = _enum(model.TicketState)
    request: model.RequestVerdict = _enum(model.RequestVerdict)
    request_by: model.DecidedBy = _enum(model.DecidedBy)
    subject: str = _text()
    customer_id: int | None = Field(default=None, foreign_key="customers.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="accounts.id", index=True)
    segments: Any = _json()
    area: str | None = None
    area_by: model.DecidedBy | None = _enum(model.DecidedBy, nullable=True)
    channel_id: str | None = None
    thread_ts: str | None = None
    visibility: model.Visibility = _enum(model.Visibility)
    url: str | None = None
    history: bool = False
    placeholder: bool = False
    resolved_at: datetime | None = None
    last_message_at: datetime | None = None
    merged_into: int | None = Field(default=None, foreign_key="tickets.id")
    redacted_at: datetime | None = None


class TicketRefRow(Row, table=True):
    __tablename__ = "ticket_refs"
    workspace_id: str = Field(primary_key=True)
    source: model.Source = Field(default=None, sa_column=Column(enum_column(model.Source)(), primary_key=True))
    external_id: str = Field(primary_key=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    url: str | None = None


class MessageRow(Row, table=True):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index("ix_messages_ticket_id_at", "ticket_id", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    ticket_id: int = Field(foreign_key="tickets.id")
    source: model.Source = _enum(model.Source)
    external_id: str
    channel_id: str | None = None
    visibility: model.Visibility = _enum(model.Visibility)
    role: model.Role = _enum(model.Role)
    author: str = ""
    customer_id: int | None = Field(default=None, foreign_key="customers.id")
    text: str = _text()
    at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    permalink: str | None = None
    private_note: bool = False


class MessageRevisionRow(Row, table=True):
    __tablename__ = "message_revisions"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    message_id: int = Field(foreign_key="messages.id", index=True)
    text: str = _text()
    replaced_at: datetime


# ---- readings -------------------------------------------------------------------------------------------------------


class AnalysisRow(Row, table=True):
    __tablename__ = "analyses"
    __table_args__ = (
        Index("ix_analyses_ticket_id_current", "ticket_id", "current"),
        UniqueConstraint("workspace_id", "ticket_id", "content_key"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    ticket_id: int = Field(foreign_key="tickets.id")
    content_key: str
    current: bool = True
    primary: model.PrimaryCategory = _enum(model.PrimaryCategory)
    subcategory: model.Subcategory = _enum(model.Subcategory)
    confidence: float = 0.0
    sub_confidence: float = 0.0
    unsure: bool = False
    alternatives: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    area: str | None = None
    frustration: model.Level = _enum(model.Level)
    urgency: model.Level = _enum(model.Level)
    churn_risk: model.ChurnRisk = _enum(model.ChurnRisk)
    satisfaction: model.Satisfaction = _enum(model.Satisfaction)
    loyalty: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    cause: model.CauseKind = _enum(model.CauseKind)
    cause_phrase: str | None = _text(nullable=True)
    goal: str | None = _text(nullable=True)
    critical: bool = False
    evidence: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    drivers: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    summary: str | None = _text(nullable=True)
    analyzer: str
    model: str
    prompt_version: str = ""
    reads: bool = True
    tokens_in: int = 0
    tokens_out: int = 0
    fallback: str | None = None
    machine: Any = _json(nullable=True)
    corrected_by: str | None = None
    created_at: datetime


class SignalRow(Row, table=True):
    __tablename__ = "signals"
    __table_args__ = (Index("ix_signals_workspace_id_kind", "workspace_id", "kind"),)
    analysis_id: int = Field(primary_key=True, foreign_key="analyses.id")
    kind: model.SignalKind = Field(default=None, sa_column=Column(enum_column(model.SignalKind)(), primary_key=True))
    workspace_id: str
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    probability: float
    fields: Any = _json()


class VectorRow(Row, table=True):
    __tablename__ = "vectors"
    __table_args__ = (Index("ix_vectors_workspace_id_model", "workspace_id", "model"),)
    ticket_id: int = Field(primary_key=True, foreign_key="tickets.id")
    model: str = Field(primary_key=True)
    workspace_id: str
    text_hash: str
    embedding: NDArray[np.float32] = Field(sa_column=Column(Float16Vector, nullable=False))
    model_config = {"arbitrary_types_allowed": True}  # type: ignore[assignment]


class ReviewCardRow(Row, table=True):
    """A ticket of a week's sample. A `blind` card is a second reading of it by somebody else. `holder` has it on their
    screen until `held_until`, so that two people are not asked the same at once.
    """

    __tablename__ = "review_cards"
    __table_args__ = (UniqueConstraint("workspace_id", "ticket_id", "blind"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    week: str = Field(index=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    draw: model.Draw = _enum(model.Draw)
    blind: bool = False
    holder: str | None = None
    held_until: datetime | None = None
    answered_at: datetime | None = None


class ReviewRow(Row, table=True):
    """A person's word on one reading: `was` is what the machine had said, `said` what the person says."""

    __tablename__ = "reviews"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    analysis_id: int | None = Field(default=None, foreign_key="analyses.id")
    card_id: int | None = Field(default=None, foreign_key="review_cards.id")
    reviewer: str
    draw: model.Draw = _enum(model.Draw)
    blind: bool = False
    verdict: model.ReviewVerdict = _enum(model.ReviewVerdict)
    was: Any = _json()
    said: Any = _json(nullable=True)
    at: datetime
    undone_at: datetime | None = None


class MissedRow(Row, table=True):
    """A pattern that a person says was not seen, in their words (masked), and the theme it turned out to be."""

    __tablename__ = "missed"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    text: str = _text()
    theme_id: int | None = Field(default=None, foreign_key="themes.id")
    similar: int = 0
    by: str
    at: datetime
    undone_at: datetime | None = None


# ---- themes ---------------------------------------------------------------------------------------------------------


class ThemeRow(Row, table=True):
    __tablename__ = "themes"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    number: int
    title: str
    title_by: model.DecidedBy = _enum(model.DecidedBy)
    description: str = _text()
    phrases: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: model.ThemeState = _enum(model.ThemeState, index=True)
    provisional: bool = True
    severity: model.Severity | None = _enum(model.Severity, nullable=True)
    severity_reason: str | None = None
    area: str | None = None
    owner: str | None = None
    issue_key: str | None = None
    issue_url: str | None = None
    roadmap: str | None = None
    created_at: datetime
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None
    resolved_release: str | None = None
    merged_into: int | None = Field(default=None, foreign_key="themes.id")
    history: bool = False


class MembershipRow(Row, table=True):
    __tablename__ = "memberships"
    __table_args__ = (
        Index("ix_memberships_theme_id_kind", "theme_id", "kind"),
        Index(
            "uq_memberships_home",
            "workspace_id",
            "ticket_id",
            unique=True,
            sqlite_where=sa.text("kind = 'home'"),
            postgresql_where=sa.text("kind = 'home'"),
        ),
    )
    ticket_id: int = Field(primary_key=True, foreign_key="tickets.id")
    theme_id: int = Field(primary_key=True, foreign_key="themes.id")
    workspace_id: str
    kind: model.MembershipKind = _enum(model.MembershipKind)
    decided_by: model.DecidedBy = _enum(model.DecidedBy)
    decided_who: str | None = None
    similarity: float = 0.0
    quote: str | None = _text(nullable=True)
    at: datetime


class ThemeLinkRow(Row, table=True):
    """A person's word about a ticket and a theme: must (belongs) or cannot (never again)."""

    __tablename__ = "theme_links"
    ticket_id: int = Field(primary_key=True, foreign_key="tickets.id")
    theme_id: int = Field(primary_key=True, foreign_key="themes.id")
    workspace_id: str
    must: bool
    by: str
    at: datetime


class ThemePairRow(Row, table=True):
    """Two themes (smaller id first) that a person said are not the same."""

    __tablename__ = "theme_pairs"
    one_id: int = Field(primary_key=True, foreign_key="themes.id")
    other_id: int = Field(primary_key=True, foreign_key="themes.id")
    workspace_id: str
    by: str
    at: datetime


class ThemeEventRow(Row, table=True):
    """Lineage: birth, rename, merge, split, move, state changes; `undone_at` keeps what was taken back."""

    __tablename__ = "theme_events"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    theme_id: int = Field(foreign_key="themes.id", index=True)
    kind: str
    actor: str
    data: Any = _json()
    at: datetime
    undone_at: datetime | None = None


class WatchRow(Row, table=True):
    __tablename__ = "watches"
    workspace_id: str = Field(primary_key=True)
    theme_id: int = Field(primary_key=True, foreign_key="themes.id")
    user_id: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    at: datetime


class ReleaseRow(Row, table=True):
    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    name: str
    at: datetime
    source: str = "verb"
    by: str | None = None


# ---- documentation --------------------------------------------------------------------------------------------------


class DocPageRow(Row, table=True):
    """A help page that was imported: what documentation gaps are compared with."""

    __tablename__ = "doc_pages"
    __table_args__ = (UniqueConstraint("workspace_id", "url"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    url: str = _text()
    title: str = _text()
    imported_at: datetime


class DocSectionRow(Row, table=True):
    """A stretch of a page below one heading, with its vector."""

    __tablename__ = "doc_sections"
    page_id: int = Field(primary_key=True, foreign_key="doc_pages.id")
    place: int = Field(primary_key=True)
    workspace_id: str = Field(index=True)
    model: str
    heading: str = _text()
    text: str = _text()
    embedding: NDArray[np.float32] = Field(sa_column=Column(Float16Vector, nullable=False))
    model_config = {"arbitrary_types_allowed": True}  # type: ignore[assignment]


class HelpSearchRow(Row, table=True):
    """A search in the help centre: `results` and `clicked` are None where the source does not tell."""

    __tablename__ = "help_searches"
    __table_args__ = (UniqueConstraint("workspace_id", "at", "query"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    at: datetime
    query: str = _text()
    results: int | None = None
    clicked: str | None = _text(nullable=True)


# ---- alerts ---------------------------------------------------------------------------------------------------------


class AlertRow(Row, table=True):
    """One episode: one parent message, edited in place, growth in its thread."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    theme_id: int | None = Field(default=None, foreign_key="themes.id", index=True)
    ticket_id: int | None = Field(default=None, foreign_key="tickets.id")
    kind: model.PatternKind = _enum(model.PatternKind)
    audience: model.Audience = _enum(model.Audience)
    state: model.AlertState = _enum(model.AlertState, index=True)
    severity: model.Severity | None = _enum(model.Severity, nullable=True)
    channel_id: str | None = None
    ts: str | None = None
    receipt: Any = _json()
    ticket_ids: Any = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    count: int = 0
    owner: str | None = None
    snooze: Any = _json(nullable=True)
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


class AlertFeedbackRow(Row, table=True):
    __tablename__ = "alert_feedback"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    alert_id: int = Field(foreign_key="alerts.id", index=True)
    user_id: str
    verdict: str
    reason: str | None = None
    at: datetime


class SilenceRow(Row, table=True):
    """A pattern that was found and not sent, and why: the answer to "what did you keep from us?"."""

    __tablename__ = "silences"
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    theme_id: int | None = Field(default=None, foreign_key="themes.id")
    kind: model.PatternKind = _enum(model.PatternKind)
    reason: str
    receipt: Any = _json()
    at: datetime


class AnswerRow(Row, table=True):
    """A public "is this known?" answer in a thread, remembered so that the next question edits it."""

    __tablename__ = "answers"
    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    thread_ts: str = Field(primary_key=True)
    ts: str | None = None
    theme_id: int | None = Field(default=None, foreign_key="themes.id")
    verdict: model.Verdict = _enum(model.Verdict)
    asked_by: str
    at: datetime


# ---- reports --------------------------------------------------------------------------------------------------------


class ReportRow(Row, table=True):
    """A published report: its values, so that it re-prints the same, and the tickets behind its themes, so that a fresh
    one can say what changed and why.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "period"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    kind: str
    period: str
    start_at: datetime
    end_at: datetime
    report: Any = _json()
    tickets: Any = _json()
    published_at: datetime
    edited_at: datetime | None = None


# ---- trackers and the loop ------------------------------------------------------------------------------------------


class TrackedIssueRow(Row, table=True):
    """A theme's issue: the intent is written first (`state` wanted), so that a crash never opens two. `target` is what
    it is for: main, or docs for what a page should answer; `place` where it is, as a tracker's name and repository,
    team or project. `noted` is the count that the issue shows, in the note `note`;
    `needs` the customer requests there, by account id. `stage` and `planned` are the tracker's words for where it
    stands and when it comes; `page` is the help page that it is about.
    """

    __tablename__ = "tracked_issues"
    __table_args__ = (
        UniqueConstraint("workspace_id", "theme_id", "target"),
        UniqueConstraint("workspace_id", "marker"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    theme_id: int = Field(foreign_key="themes.id", index=True)
    target: str = "main"
    place: str | None = None
    marker: str
    title: str = _text()
    state: str = "wanted"
    ref: str | None = None
    key: str | None = None
    url: str | None = None
    status: str | None = None
    stage: str | None = None
    planned: str | None = None
    page: str | None = None
    note: str | None = None
    noted: int | None = None
    attempts: int = 0
    error: str | None = _text(nullable=True)
    by: str
    needs: Any = _json()
    at: datetime


class LoopDraftRow(Row, table=True):
    """What one reporter is to be told of a fix: once per theme, release and person. `state`: waiting, sent, skipped or
    withdrawn. Holds no words: they are read from the ticket when they are shown.
    """

    __tablename__ = "loop_drafts"
    __table_args__ = (UniqueConstraint("workspace_id", "theme_id", "release", "person"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    theme_id: int = Field(foreign_key="themes.id", index=True)
    release: str
    person: str
    ticket_id: int = Field(foreign_key="tickets.id")
    state: str = "waiting"
    by: str | None = None
    made_at: datetime
    decided_at: datetime | None = None


class HelpdeskNoteRow(Row, table=True):
    """The internal note on a helpdesk's ticket: the intent is written first (`state` wanted), under a mark by which the
    note is found again. `said` is a digest of what it tells, `tag` what stands there now, `retagged` what is to.
    """

    __tablename__ = "helpdesk_notes"
    workspace_id: str = Field(primary_key=True)
    source: model.Source = Field(default=None, sa_column=Column(enum_column(model.Source)(), primary_key=True))
    external_id: str = Field(primary_key=True)
    ticket_id: int = Field(foreign_key="tickets.id", index=True)
    mark: str
    said: str
    tag: str | None = None
    retagged: str | None = None
    state: str = "wanted"
    attempts: int = 0
    error: str | None = _text(nullable=True)
    at: datetime


# ---- privacy ---------------------------------------------------------------------------------------------------------


class TombstoneRow(Row, table=True):
    """Something of a forgotten customer that must not come back: a keyed hash of its id, never the id."""

    __tablename__ = "tombstones"
    workspace_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    at: datetime


# ---- work -----------------------------------------------------------------------------------------------------------


class InboxRow(Row, table=True):
    """What arrived, written before the ack. `key` is the delivery's own id, `second_key` the message's identity."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    kind: str
    payload: Any = _json()
    received_at: datetime
    processed_at: datetime | None = Field(default=None, index=True)
    refusal: str | None = None


class OutboxRow(Row, table=True):
    """What is to be said. `lane` keeps the order within a channel; `key` makes each message once."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_outbox_state_not_before", "state", "not_before"),
    )
    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    key: str
    lane: str
    method: str
    payload: Any = _json()
    subject: str = ""
    state: str = "waiting"
    attempts: int = 0
    not_before: datetime
    response: Any = _json(nullable=True)
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None


class JobRow(Row, table=True):
    """The embedded queue. `token` fences a worker whose lease ran out; `lane` serialises."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_jobs_state_run_at", "state", "priority", "run_at"),
        Index("ix_jobs_lane_state", "lane", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    job: str
    args: Any = _json()
    lane: str | None = None
    priority: int = 0
    run_at: datetime
    state: str = "queued"
    attempts: int = 0
    lease_until: datetime | None = None
    token: str | None = None
    error: str | None = None
    created_at: datetime
    planned_at: datetime | None = None  # when `run_at` was decided: later than now, that clock has gone back since
    finished_at: datetime | None = None

"""Every table, in one place, because identity is decided across them. A file is a subject; others import from here, so
that the MetaData always holds all of them.

Rows never leave this package: repository functions return the frozen values of intelligence/model. `workspace_id` is
in every table and every unique key, so that no query can mix two workspaces by accident. Times are UTC-aware; SQLModel
refuses naive ones. Amounts of text live in `messages` and `message_revisions` alone, so that forgetting a customer
touches few places.
"""

from storage.tables.alerts import AlertFeedbackRow, AlertRow, AnswerRow, SilenceRow
from storage.tables.analyses import AnalysisRow, SignalRow, VectorRow
from storage.tables.docs import DocPageRow, DocSectionRow, HelpSearchRow
from storage.tables.issues import HelpdeskNoteRow, LoopDraftRow, TrackedIssueRow
from storage.tables.people import AccountRow, CustomerRefRow, CustomerRow, TombstoneRow
from storage.tables.reports import ReportRow
from storage.tables.reviews import MissedRow, ReviewCardRow, ReviewRow
from storage.tables.row import Row
from storage.tables.themes import (
    MembershipRow,
    ReleaseRow,
    ThemeEventRow,
    ThemeLinkRow,
    ThemePairRow,
    ThemeRow,
    WatchRow,
)
from storage.tables.tickets import MessageRevisionRow, MessageRow, TicketRefRow, TicketRow
from storage.tables.work import InboxRow, JobRow, OutboxRow
from storage.tables.workspaces import (
    AuditRow,
    ChannelRow,
    InstallationRow,
    ModelUsageRow,
    ModelVersionRow,
    SettingRow,
    UsedStateRow,
    WorkspaceRow,
)

__all__ = [
    "AccountRow",
    "AlertFeedbackRow",
    "AlertRow",
    "AnalysisRow",
    "AnswerRow",
    "AuditRow",
    "ChannelRow",
    "CustomerRefRow",
    "CustomerRow",
    "DocPageRow",
    "DocSectionRow",
    "HelpSearchRow",
    "HelpdeskNoteRow",
    "InboxRow",
    "InstallationRow",
    "JobRow",
    "LoopDraftRow",
    "MembershipRow",
    "MessageRevisionRow",
    "MessageRow",
    "MissedRow",
    "ModelUsageRow",
    "ModelVersionRow",
    "OutboxRow",
    "ReleaseRow",
    "ReportRow",
    "ReviewCardRow",
    "ReviewRow",
    "Row",
    "SettingRow",
    "SignalRow",
    "SilenceRow",
    "ThemeEventRow",
    "ThemeLinkRow",
    "ThemePairRow",
    "ThemeRow",
    "TicketRefRow",
    "TicketRow",
    "TombstoneRow",
    "TrackedIssueRow",
    "UsedStateRow",
    "VectorRow",
    "WatchRow",
    "WorkspaceRow",
]

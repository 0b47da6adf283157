"""Answers in a terminal: the same values and words as in Slack, as tables and lines, and as JSON for programs.

Words of tickets are printed as plain text: no markup of the terminal's or of Rich is read in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console

from bot.answers import Done, KnownAnswer, ThemeCard, ThemeList
from bot.answers_alerts import AlertsView, Backtest
from bot.answers_areas import AreaForm, AreaPreview, AreaProposals, AreasView
from bot.answers_candidate import CandidateCard, CandidateList
from bot.answers_evidence import ArticleList, EvidenceList
from bot.answers_mining import Backlog, RiskList
from bot.answers_privacy import ForgetPreview
from bot.answers_reports import ReportAnswer
from bot.answers_review import Quality, ReviewCard, ReviewOver
from bot.answers_settings import SettingsView
from bot.answers_tickets import SearchResult, Why
from bot.answers_tracking import Drafts, IssueForm, IssuePreview
from bot.answers_workspace import ChannelView, Health, ImportReport
from bot.edits import EditForm, MergePreview, MoveForm, SplitPreview
from bot.help import Help
from bot.plain_values import plain
from bot.printing import areas, backtest, candidate, edits, issues, mining, report, review, themes, tickets, workspace


def to_json(value: object) -> str:
    """An answer as JSON: field names as in bot.answers, times ISO 8601, themes with their key."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def show(value: object, console: Console | None = None) -> None:
    """Print an answer for people. Raises TypeError for a value that is no answer."""
    out = console or Console(highlight=False)
    if isinstance(value, Sequence) and not isinstance(value, str):
        workspace.channels(out, value) if all(isinstance(entry, ChannelView) for entry in value) else _each(out, value)
        return
    draw = _DRAWN.get(type(value))
    if draw is None:
        raise TypeError(f"{type(value).__name__} cannot be printed")
    draw(out, value)


def _each(out: Console, values: Sequence[object]) -> None:
    for value in values:
        show(value, out)


_DRAWN: dict[type, Callable[[Console, Any], None]] = {
    ThemeList: themes.themes,
    ThemeCard: themes.card,
    ReportAnswer: report.report,
    Backlog: mining.backlog,
    RiskList: mining.risk,
    EvidenceList: mining.evidence,
    ArticleList: mining.articles,
    KnownAnswer: tickets.known,
    SearchResult: tickets.search,
    Why: tickets.why,
    Health: workspace.health,
    Done: edits.done,
    EditForm: edits.edit_form,
    MergePreview: edits.merge_preview,
    SplitPreview: edits.split_preview,
    ForgetPreview: edits.forget_preview,
    IssueForm: issues.form,
    Drafts: issues.drafts,
    IssuePreview: issues.preview,
    MoveForm: edits.move_form,
    ReviewCard: review.card,
    ReviewOver: review.over,
    Quality: review.quality,
    CandidateList: candidate.listing,
    CandidateCard: candidate.card,
    ChannelView: workspace.channel,
    SettingsView: workspace.settings,
    AreasView: areas.areas,
    AreaForm: areas.form,
    AreaPreview: areas.preview,
    AreaProposals: areas.proposals,
    AlertsView: workspace.alerts,
    Backtest: backtest.backtest,
    Help: workspace.help_,
    ImportReport: workspace.imported,
}

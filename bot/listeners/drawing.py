"""Which block draws which answer."""

from __future__ import annotations

from bot.answers import Done, KnownAnswer, ThemeCard, ThemeList
from bot.answers_alerts import AlertsView, Backtest, BacktestBegun
from bot.answers_areas import AreaForm, AreaPreview, AreaProposals, AreasView
from bot.answers_asked import Asked
from bot.answers_candidate import CandidateCard, CandidateList
from bot.answers_evidence import ArticleList, EvidenceList
from bot.answers_mining import Backlog, RiskList
from bot.answers_privacy import ForgetPreview
from bot.answers_reports import ReportAnswer
from bot.answers_review import Quality, ReviewCard, ReviewOver
from bot.answers_settings import SettingsView
from bot.answers_tickets import SearchResult, Why
from bot.answers_tracking import IssueForm, IssuePreview
from bot.answers_workspace import ChannelView, Health
from bot.blocks import (
    alert_list,
    areas,
    asked,
    backlog,
    backtest,
    candidate,
    channel,
    done,
    editing,
    evidence,
    forget,
    health,
    issue_rules,
    known,
    loop,
    quality,
    report,
    review,
    search,
    settings,
    theme,
    themes,
    tracker,
    why,
)
from bot.blocks import help as help_blocks
from bot.blocks.message import Rendered
from bot.edits import EditForm, MergePreview, MoveForm, SplitPreview
from bot.flows.loop import Drafts
from bot.grammar import Request
from bot.help import Help


def draw(
    answer: object, request: Request | None = None, *, shared: bool = False, customers_read: bool = False
) -> Rendered:
    """An answer as a message. `request` is carried by its buttons; a shared one has none that are personal. Where
    customers read along, a known answer says that only the asker sees it.

    Raises:
        TypeError: nothing draws such an answer.
    """
    meant = request or Request("")
    match answer:
        case ThemeList():
            return themes.themes(answer, meant, shared=shared)
        case ThemeCard():
            return theme.theme_card(answer, shared=shared)
        case KnownAnswer():
            return known.known(answer, customers_read=customers_read and not shared, shared=shared)
        case SearchResult():
            return search.search(answer, shared=shared)
        case Help():
            return help_blocks.help_message(answer) if meant.verb else help_blocks.start(answer)
        case Backlog():
            return backlog.backlog(answer, meant, shared=shared)
        case RiskList():
            return backlog.risk(answer, meant, shared=shared)
        case EvidenceList():
            return evidence.evidence(answer, meant, shared=shared)
        case ReportAnswer():
            return report.report(answer, meant, shared=shared)
        case AreaPreview():
            return areas.preview(answer, shared=shared)
        case AreaProposals():
            return areas.proposals(answer, shared=shared)
        case _:
            return _alone(answer)


def _alone(answer: object) -> Rendered:
    """An answer that looks the same whoever asked and wherever it stands."""
    match answer:
        case Why():
            return why.why(answer)
        case ChannelView():
            return channel.choice(answer)
        case tuple():
            return channel.listing([view for view in answer if isinstance(view, ChannelView)])
        case Health():
            return health.health(answer)
        case ArticleList():
            return evidence.articles(answer)
        case Asked():
            return asked.asked(answer)
        case AlertsView():
            return alert_list.alerts(answer)
        case AreasView():
            return areas.areas(answer)
        case AreaForm():
            return areas.message(answer)
        case Backtest():
            return backtest.backtest(answer)
        case BacktestBegun():
            return backtest.begun(answer)
        case SettingsView():
            return settings.settings(answer)
        case ReviewCard():
            return review.card(answer)
        case ReviewOver():
            return review.over(answer)
        case Quality():
            return quality.quality(answer)
        case CandidateList():
            return candidate.listing(answer)
        case CandidateCard():
            return candidate.card(answer)
        case EditForm() | MergePreview() | SplitPreview() | MoveForm():
            return editing.message(answer)
        case IssueForm():
            return tracker.message(answer)
        case IssuePreview():
            return issue_rules.preview(answer)
        case ForgetPreview():
            return forget.preview(answer)
        case Drafts():
            return loop.drafts(answer)
        case Done():
            return done.done(answer)
        case _:
            raise TypeError(f"{type(answer).__name__} cannot be drawn")

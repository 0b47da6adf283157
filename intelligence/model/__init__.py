"""The nouns of Ticket Intel: values that every room shares.

Frozen dataclasses and enums only: nothing here reads, writes or computes more than a property. Times are timezone-aware
and mean UTC unless a name says otherwise. A file is a subject; other rooms import from here.
"""

from intelligence.model.alerts import AlertState, Audience
from intelligence.model.analyses import (
    Alternative,
    Analysis,
    CauseKind,
    ChurnRisk,
    Evidence,
    Level,
    PrimaryCategory,
    Satisfaction,
    Signal,
    SignalKind,
    Subcategory,
)
from intelligence.model.areas import Area
from intelligence.model.channels import READ_ROLES, TICKET_ROLES, ChannelRole, QuotePolicy, Scope, Visibility
from intelligence.model.patterns import Lift, Pattern, PatternKind, Receipt
from intelligence.model.people import Account, Customer, Role, Source
from intelligence.model.releases import Release
from intelligence.model.reviews import Draw, LabelSet, Review, ReviewVerdict
from intelligence.model.themes import DecidedBy, MembershipKind, Severity, Theme, ThemeState, Verdict
from intelligence.model.tickets import Message, RequestVerdict, Ticket, TicketState

__all__ = [
    "READ_ROLES",
    "TICKET_ROLES",
    "Account",
    "AlertState",
    "Alternative",
    "Analysis",
    "Area",
    "Audience",
    "CauseKind",
    "ChannelRole",
    "ChurnRisk",
    "Customer",
    "DecidedBy",
    "Draw",
    "Evidence",
    "LabelSet",
    "Level",
    "Lift",
    "MembershipKind",
    "Message",
    "Pattern",
    "PatternKind",
    "PrimaryCategory",
    "QuotePolicy",
    "Receipt",
    "Release",
    "RequestVerdict",
    "Review",
    "ReviewVerdict",
    "Role",
    "Satisfaction",
    "Scope",
    "Severity",
    "Signal",
    "SignalKind",
    "Source",
    "Subcategory",
    "Theme",
    "ThemeState",
    "Ticket",
    "TicketState",
    "Verdict",
    "Visibility",
]

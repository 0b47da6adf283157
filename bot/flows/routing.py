"""Where an alert goes: which team, which channel, and what its readers may see."""

from __future__ import annotations

from collections import Counter

from sqlmodel import Session

from intelligence.model import AlertState, Area, Audience, ChannelRole, PrimaryCategory, Scope, Visibility
from storage import analyses, areas, memberships, workspaces

CRITICAL_AUDIENCE = Audience.ENGINEERING
_ROLES = {
    Audience.PRODUCT: ChannelRole.PRODUCT,
    Audience.ENGINEERING: ChannelRole.ENGINEERING,
    Audience.DOCS: ChannelRole.DOCS,
}
_AUDIENCES = {
    PrimaryCategory.BUG_REPORT: Audience.ENGINEERING,
    PrimaryCategory.HOW_TO: Audience.DOCS,
    PrimaryCategory.FEATURE_REQUEST: Audience.PRODUCT,
    PrimaryCategory.EXPECTATION_GAP: Audience.PRODUCT,
    PrimaryCategory.ACCOUNT_BILLING: Audience.PRODUCT,
}


def audience_of(session: Session, workspace: str, theme_id: int) -> Audience:
    """The team for a theme: by what most of its tickets are. Bugs to engineering, questions to docs, the rest
    product.
    """
    scope = Scope(workspace)
    ids = [m.ticket_id for m in memberships.members(session, scope, theme_id)]
    kinds = Counter(label.primary for label in analyses.labels(session, scope, ids).values())
    return _AUDIENCES[kinds.most_common(1)[0][0]] if kinds else Audience.PRODUCT


def channel_for(session: Session, workspace: str, audience: Audience, area: str | None) -> str | None:
    """The channel of a product area if it has one that we are in, else the team's, else any that takes alerts. Never
    one that customers read: an alert tells of all sources.
    """
    own = area_named(session, workspace, area)
    there = workspaces.channel(session, workspace, own.channel) if own and own.channel else None
    if there is not None and there.member and there.visibility is not Visibility.SHARED:
        return there.id
    wanted = workspaces.channels(session, workspace, _ROLES[audience])
    anyone = [*wanted, *workspaces.channels(session, workspace, *_ROLES.values())]
    return next((c.id for c in anyone if c.member and c.visibility is not Visibility.SHARED), None)


def area_named(session: Session, workspace: str, name: str | None) -> Area | None:
    """The listed product area of this name."""
    return next((area for area in areas.load(session, workspace) if area.name == name), None) if name else None


def customers_read(session: Session, workspace: str, channel_id: str) -> bool:
    """Whether people of another company read a channel, as far as we know it."""
    channel = workspaces.channel(session, workspace, channel_id)
    return channel is not None and channel.visibility is Visibility.SHARED


def place(session: Session, workspace: str, audience: Audience, area: str | None) -> tuple[AlertState, str | None]:
    """Open in its channel; in shadow (nobody but the admin) for a new workspace or where no channel was chosen."""
    channel = channel_for(session, workspace, audience, area)
    space = workspaces.get(session, workspace)
    if channel is None or (space is not None and space.shadow):
        return AlertState.SHADOW, None
    return AlertState.OPEN, channel


def scope_of(session: Session, workspace: str, channel_id: str | None) -> Scope:
    """What the readers of a channel may see. Colleagues: counts of every source that a person chose to be mined, and
    quotes as that person said per source what may leave it. Where customers read, nothing but the channel itself.
    """
    if channel_id is None:
        return Scope(workspace)
    channel = workspaces.channel(session, workspace, channel_id)
    if channel is None or channel.visibility is Visibility.SHARED:
        return Scope(workspace, None, frozenset({channel_id}), public=False)
    return Scope(workspace)

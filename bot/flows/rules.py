"""The alert rule in force for a workspace: what its people chose, else what the operator set."""

from __future__ import annotations

from sqlmodel import Session

from bot.deps import Deps
from bot.preferences import RULE
from bot.rules import Rule, rule_of
from storage import workspaces


def in_force(deps: Deps, session: Session, workspace: str) -> Rule:
    """The rule by which alerts are decided now."""
    return rule_of(deps.settings, workspaces.setting(session, workspace, RULE))

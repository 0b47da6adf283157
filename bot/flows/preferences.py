"""Show and change what a workspace has decided, each change with who, when and what it was before."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bot.answers import Done
from bot.answers_settings import AuditLine, SettingLine, SettingsView
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import agents, retention, rules, usergroups
from bot.preferences import (
    ADMINS,
    AGENTS,
    ALERTS,
    BY_NAME,
    EDITORS,
    LIVE,
    NONE,
    PREFERENCES,
    PUSH,
    QUIET,
    RETENTION,
    RULE,
    SHADOW,
    Preference,
    QuietHours,
    groups,
)
from bot.preferences import quiet_hours as hours_of
from bot.words import count
from intelligence.model import AlertState
from storage import alerts, workspaces

MOST_AUDITED = 10


def settings(deps: Deps, workspace: str) -> SettingsView:
    """What is set, by whom, since when, and the latest changes of any kind."""
    with deps.db.read() as session:
        lines = tuple(_line(deps, session, workspace, preference) for preference in PREFERENCES)
        trail = workspaces.audit_trail(session, workspace, limit=MOST_AUDITED)
    return SettingsView(lines, tuple(AuditLine(e.actor, e.action, e.subject, e.at) for e in trail))


def _line(deps: Deps, session: Session, workspace: str, preference: Preference) -> SettingLine:
    value = _value(deps, session, workspace, preference)
    by, at = workspaces.set_by(session, workspace, preference.name) or (None, None)
    people = tuple(value or ()) if preference.name in {AGENTS, ADMINS, EDITORS} else ()
    places = tuple(value or ()) if preference.name == PUSH else ()
    shown = preference.show(value)
    if preference.name == RULE and not value:
        shown = f"{shown}: {rules.in_force(deps, session, workspace)}"
    if preference.name == RETENTION and value:
        shown = f"{shown}; {_removal(deps, session, workspace, value)}"
    return SettingLine(preference.name, preference.says, preference.takes, shown, by, at, people, places)


def _removal(deps: Deps, session: Session, workspace: str, months: int) -> str:
    """What the next removal takes: said before it happens."""
    tickets, before = retention.affected(deps, session, workspace, months)
    return f"at 04:00 the words of {count(tickets, 'ticket')} from before {before:%-d %b %Y} go"


def change(deps: Deps, workspace: str, name: str, typed: str | None, *, by: str) -> Done:
    """Set one of them. Raises BadInput for a name or a value that there is not."""
    preference = BY_NAME.get(name.casefold())
    if preference is None:
        there = ", ".join(f"`{known}`" for known in BY_NAME)
        raise BadInput(problem=f'"{name[:40]}" is no setting.', fix=f"There are {there}.")
    if typed is None:
        fix = f"Type `settings {preference.name} {preference.takes}`."
        raise BadInput(problem=f"`{preference.name}` needs a value.", fix=fix)
    value = preference.read(typed)
    with deps.db.write() as session:
        before = _value(deps, session, workspace, preference)
        _keep_an_admin(deps, workspace, preference, value, by)
        workspaces.set_setting(session, workspace, preference.name, value, by=by, now=deps.clock.now())
        if preference.name == ALERTS:
            workspaces.update(session, workspace, shadow=value == SHADOW)
        teams = groups(value) if preference.name in usergroups.ROLES else []
        if teams:
            usergroups.ask(deps, session, workspace, by=by)
        after = _value(deps, session, workspace, preference)
        removal = _removal(deps, session, workspace, value) if preference.name == RETENTION and value else ""
        waiting = len(alerts.in_state(session, workspace, AlertState.SHADOW)) if value == LIVE else 0
    details = [] if before == after else [f"Before: {preference.show(before)}{_back(preference, before)}"]
    if teams:
        details.append("Who is in a user group I ask of Slack now and every hour.")
    if removal:
        details.append(
            f"{removal[0].upper()}{removal[1:]}, for good; `settings {RETENTION} {before or 'none'}` keeps them."
        )
    if waiting:
        details.append(f"From before, for Post it or Noise in the admin's messages: {count(waiting, 'alert')}.")
    return Done(f"{preference.name.capitalize()}: {preference.show(after)}.", details=tuple(details))


def _back(preference: Preference, before: Any) -> str:
    """How to return to the rule of before, which is more to type than a word."""
    if preference.name != RULE:
        return ""
    return f"; `settings {RULE} {preference.show(before) if before else NONE}` takes it back"


def _keep_an_admin(deps: Deps, workspace: str, preference: Preference, value: Any, by: str) -> None:
    """Nobody locks everybody out: whoever changes the list stays on it, unless the operator named others."""
    if preference.name == ADMINS and by not in value and not deps.settings.ids_in(workspace, "admins"):
        raise BadInput(
            problem="That would leave you without your rights.",
            fix="Name yourself too, or ask the operator for ADMINS.",
        )


def _value(deps: Deps, session: Session, workspace: str, preference: Preference) -> Any:
    stored = workspaces.setting(session, workspace, preference.name)
    if preference.name == ALERTS:
        space = workspaces.get(session, workspace)
        return LIVE if space is not None and not space.shadow else SHADOW
    if preference.name == ADMINS:
        return sorted(agents.named(deps, session, workspace, ADMINS))
    if preference.name == AGENTS:
        return sorted(agents.named(deps, session, workspace, AGENTS))
    return stored if stored is not None or preference.name not in {EDITORS, PUSH} else []


def quiet_hours(session: Session, workspace: str) -> QuietHours | None:
    """The hours in which no alert rings but P0."""
    return hours_of(workspaces.setting(session, workspace, QUIET))

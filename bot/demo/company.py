"""What an operator would have told the bot about the story's company: channels, areas, agents, customers."""

from __future__ import annotations

from bot.demo.stage import Stage
from bot.deps import Deps
from bot.flows.customers import KnownCustomer, remember_customers
from bot.preferences import ADMINS, AGENTS
from intelligence.model import Area, ChannelRole, QuotePolicy, Source, Visibility
from storage import areas, workspaces

OPERATOR = "demo"
_ROLES = {role.value: role for role in ChannelRole}


def introduce(deps: Deps, workspace: str, stage: Stage) -> None:
    """Choose channels, name areas and agents, and load the customer list. The story's truth stays unknown to the bot."""
    now = deps.clock.now()
    company = stage.story.company
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, name=company.name, timezone=deps.settings.timezone)
        workspaces.update(session, workspace, shadow=False)
        for channel in stage.story.channels:
            if channel.role not in _ROLES:
                continue
            visibility = Visibility.SHARED if channel.shared else Visibility.PUBLIC
            visibility = Visibility.PRIVATE if channel.private else visibility
            channel_id = stage.channels[channel.name]
            workspaces.put_channel(session, workspace, channel_id, name=channel.name, visibility=visibility)
            quotes = QuotePolicy.ALL if visibility is Visibility.PUBLIC else QuotePolicy.MASKED
            role = _ROLES[channel.role]
            workspaces.choose_channel(session, workspace, channel_id, role=role, by=OPERATOR, now=now, quotes=quotes)
        made = [Area(area.name, area.words, (), stage.users.get(area.owner)) for area in company.areas]
        areas.save(session, workspace, made, by=OPERATOR, now=now)
        team = sorted(stage.users[person.key] for person in company.agents)
        workspaces.set_setting(session, workspace, AGENTS, team, by=OPERATOR, now=now)
        admin = stage.users[company.admin.key]
        workspaces.set_setting(session, workspace, ADMINS, [admin], by=OPERATOR, now=now)
    remember_customers(deps, workspace, _customers(stage))


def _customers(stage: Stage) -> list[KnownCustomer]:
    """The company's customer list, under the ids that people have in Slack and the names that the helpdesk uses."""
    company = stage.story.company
    accounts = {account.name: account for account in company.accounts}
    known: list[KnownCustomer] = []
    for person in company.customers:
        account = accounts.get(person.account or "")
        about = {
            "email": person.email,
            "account": account.name if account else None,
            "plan": account.plan if account else None,
            "attributes": _segments(account.attributes) if account else {},
        }
        known.append(KnownCustomer(Source.SLACK, stage.users[person.key], person.name, **about))
        known.append(KnownCustomer(Source.NOTIFICATION, person.name.lower(), person.name, **about))
    return known


def _segments(attributes: dict[str, str]) -> dict[str, str]:
    """What themes are compared by; amounts are compared by bands, and revenue is evidence as well."""
    return {name: value for name, value in attributes.items() if name != "seats"}

"""Deskly, the helpdesk: what its app posts when a ticket arrives by mail or form, and when it is solved."""

from random import Random

from bot.demo.story.company import Account, Person

_SITE = "https://cinderpeak.deskly.example/agent/tickets"
_COLOURS = {"Low": "#8d99ae", "Normal": "#3b82f6", "High": "#f59e0b", "Urgent": "#dc2626"}
_PRIORITIES = {
    "bug": (0.1, 0.5, 0.3, 0.1),
    "critical": (0.0, 0.0, 0.0, 1.0),
    "complaint": (0.1, 0.6, 0.3, 0.0),
}
_CALM = (0.3, 0.6, 0.1, 0.0)


def new_ticket(
    number: int, subject: str, body: str, person: Person, account: Account, mood: str, rng: Random
) -> tuple[str, dict[str, object]]:
    """The message about a new ticket: its text and what else it carries."""
    priority = rng.choices(list(_COLOURS), _PRIORITIES.get(mood, _CALM))[0]
    source = rng.choice(("Email", "Email", "Web form"))
    text = f"New ticket #{number} from {person.name} ({account.name}): {subject}"
    fields = {
        "Requester": f"{person.name} <{person.email}>",
        "Organization": account.name,
        "Priority": priority,
        "Channel": source,
    }
    return text, _carried(number, f"#{number} {subject}", body, fields, person, account, priority)


def solved(
    number: int, agent: Person, last_comment: str, person: Person, account: Account, priority: str
) -> tuple[str, dict[str, object]]:
    """The message about a ticket that an agent has solved."""
    text = f"Ticket #{number} was solved by {agent.name}"
    fields = {"Status": "Solved", "Assignee": agent.name, "Organization": account.name}
    return text, _carried(number, f"#{number} solved", last_comment, fields, person, account, priority)


def _carried(
    number: int, title: str, body: str, fields: dict[str, str], person: Person, account: Account, priority: str
) -> dict[str, object]:
    url = f"{_SITE}/{number}"
    attachment: dict[str, object] = {
        "color": _COLOURS[priority],
        "fallback": title,
        "title": title,
        "title_link": url,
        "text": body,
        "fields": [{"title": name, "value": value, "short": True} for name, value in fields.items()],
        "footer": "Deskly",
    }
    return {
        "attachments": [attachment],
        "ticket_url": url,
        "requester": person.name,
        "requester_email": person.email,
        "organisation": account.name,
        "priority": priority,
    }

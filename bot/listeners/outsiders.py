"""People of other companies, who are with us in shared channels: they bring tickets, and get no answers of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from slack_bolt import Args

from bot.desk import Desk
from bot.errors import NotAllowed
from bot.listeners.replies import user_of

Listens = Callable[[Desk, Args], Any]


def of_another_team(desk: Desk, args: Args) -> bool:
    """Whether a person of another workspace acts, by what Slack says of them in the delivery itself.

    Colleagues of another workspace of one's own enterprise look the same: who is in an internal channel that was chosen
    for something, an agent or an admin is none.
    """
    body: Mapping[str, Any] = args.body
    event, person = body.get("event") or {}, body.get("user")
    told = (
        event.get("user_team"),
        event.get("source_team"),
        person.get("team_id") if isinstance(person, Mapping) else None,
    )
    teams = {str(team) for team in told if team}
    return bool(teams - {desk.workspace}) and not desk.works_here(user_of(args))


def for_colleagues(listener: Listens) -> Listens:
    """The listener for people of our own workspace. Raises NotAllowed for others."""

    @wraps(listener)
    def checked(desk: Desk, args: Args) -> Any:
        if of_another_team(desk, args):
            raise NotAllowed(
                who="people of the workspace that installed Ticket Intel", action="use it", whom="one of them"
            )
        return listener(desk, args)

    return checked

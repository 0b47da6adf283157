"""What every listener is wrapped in: acknowledge, run, say what went wrong, mark as answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import Args

from bot.blocks import errors
from bot.blocks.message import Rendered
from bot.desk import Desk
from bot.errors import TicketIntelError
from bot.intake import DESK
from bot.listeners import home
from bot.listeners.replies import reply, user_of
from bot.messenger import Refused, TryLater
from storage import inbox

log = structlog.get_logger(__name__)

Listener = Callable[[Desk, Args], None]
Check = Callable[[Desk, Args], dict[str, str]]
Choices = Callable[[Desk, Args], list[dict[str, Any]]]


def desk_of(args: Args) -> Desk:
    """The desk of the workspace that a delivery is for: the intake put it there."""
    return args.context[DESK]


def bind(listener: Listener, *, clears: bool = False, check: Check | None = None) -> Callable[[Args], None]:
    """The listener as Bolt calls it. No error leaves it: one that does can cost the acknowledgement.

    `clears` closes the windows below a submitted one too; `check` says what is wrong with one, which then stays open.
    """

    def bound(args: Args) -> None:
        desk = desk_of(args)
        if check is not None and (problems := check(desk, args)):
            args.ack(response_action="errors", errors=problems)
            _answered(desk, args, "; ".join(problems.values()))
            return
        args.ack(response_action="clear") if clears else args.ack()
        refusal: str | None = None
        try:
            listener(desk, args)
        except TicketIntelError as error:
            refusal = error.sentence
            _say(desk, args, errors.error(error))
        except Exception as error:  # the last place that can tell the person and the log under one number
            reference = secrets.token_hex(2)
            log.exception("listener_failed", ref=reference, listener=listener.__qualname__)
            refusal = f"{type(error).__name__} (ref {reference})"
            _say(desk, args, errors.unexpected(reference))
        _answered(desk, args, refusal)
        if home.pressed(args):
            _home_again(desk, args)

    bound.__name__ = f"{listener.__module__.rsplit('.', 1)[-1]}_{listener.__name__}"
    return bound


def choose(choices: Choices) -> Callable[[Args], None]:
    """A list of options as Bolt calls it; an empty one where it cannot be made, because Slack shows no sentence there."""

    def bound(args: Args) -> None:
        try:
            args.ack(options=choices(desk_of(args), args))
        except TicketIntelError as error:
            log.warning("no_options", reason=error.sentence)
            args.ack(options=[])

    bound.__name__ = f"{choices.__module__.rsplit('.', 1)[-1]}_{choices.__name__}"
    return bound


def _home_again(desk: Desk, args: Args) -> None:
    """What was pressed on the home tab may have changed what it shows."""
    try:
        home.publish(desk, args)
    except (Refused, TryLater) as error:
        log.warning("home_not_drawn", reason=str(error))


def _say(desk: Desk, args: Args, problem: Rendered) -> None:
    if not user_of(args):
        return
    try:
        reply(desk, args, problem)
    except (Refused, TryLater) as error:
        log.warning("problem_not_told", reason=str(error))


def _answered(desk: Desk, args: Args, refusal: str | None) -> None:
    delivery = args.context.get("delivery")
    if delivery is not None:
        with desk.deps.db.write() as session:
            inbox.processed(session, int(delivery), desk.deps.clock.now(), refusal=refusal)

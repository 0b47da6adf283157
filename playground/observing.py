"""Looking at the workspace and waiting for it, from a test or a script."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from playground.channels import Message
from playground.delivery import Deliveries, Delivery
from playground.slack import Call, Slack
from playground.views import View
from playground.workspace import Workspace

if TYPE_CHECKING:
    from playground.playground import Playground

T = TypeVar("T")
LOOK_SECONDS = 0.05


class Observing:
    """What a script can see: messages, views, calls of the app, deliveries to it."""

    workspace: Workspace
    slack: Slack
    _deliveries: Deliveries

    # -- looking ------------------------------------------------------------------------------------------------
    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """What the channel shows (top level only), or a root and its replies; oldest first, metadata included."""
        with self.workspace.lock:
            place = self.workspace.channels[channel]
            if thread_ts is None:
                return [place.shown(ts, metadata=True) for ts in place.top_level]
            found = [thread_ts] * (thread_ts in place.messages) + place.replies(thread_ts)
            return [place.shown(ts, metadata=True) for ts in found]

    def all_messages(self, channel: str) -> list[Message]:
        """Every message of a channel, replies included, oldest first."""
        with self.workspace.lock:
            return list(self.workspace.channels[channel].everything())

    def message(self, channel: str, ts: str) -> Message:
        """One message. Raises KeyError when it is gone."""
        with self.workspace.lock:
            return self.workspace.channels[channel].shown(ts, metadata=True)

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees and has not reloaded away; each names its `channel`."""
        with self.workspace.lock:
            return [m for m in self.workspace.ephemerals.get(user, []) if channel in (None, m["channel"])]

    def reload(self, user: str) -> None:
        """The person reloads their client: ephemeral messages are gone."""
        with self.workspace.lock:
            self.workspace.ephemerals.pop(user, None)

    def view_of(self, user: str) -> View | None:
        """The topmost open modal."""
        return self.slack.views.top(user)

    def home_of(self, user: str) -> View | None:
        """The home tab as last published."""
        return self.slack.views.homes.get(user)

    @property
    def calls(self) -> list[Call]:
        """Every Web API call and response_url post so far: method, args (without token), status, reply."""
        with self.workspace.lock:
            return list(self.slack.calls)

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    @property
    def deliveries(self) -> list[Delivery]:
        """Every event and interaction sent to the app, with its attempts and outcome."""
        with self.workspace.lock:
            return list(self._deliveries.record)

    @property
    def problems(self) -> list[str]:
        """What Slack would have rejected so far: a suite can assert that this stays empty."""
        with self.workspace.lock:
            return list(self.slack.problems)

    # -- waiting ------------------------------------------------------------------------------------------------
    def wait_for(self, condition: Callable[[Playground], T], timeout: float = 10.0) -> T:
        """The first true value of `condition(playground)`, looked at after every change of the workspace.

        It may be about something else, which changes unseen: it is looked at now and then anyway. Raises TimeoutError.
        """
        deadline = time.monotonic() + timeout
        with self.workspace.changed:
            while True:
                value = condition(self)  # type: ignore[arg-type] - Playground is the only subclass
                if value:
                    return value
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"nothing fulfilled the condition within {timeout} s")
                self.workspace.changed.wait(min(left, LOOK_SECONDS))

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until nothing is on its way to the app, retries included. Raises TimeoutError naming the rest."""
        try:
            self.wait_for(lambda _: self._deliveries.outstanding == 0, timeout)
        except TimeoutError as error:
            waiting = [f"{d.name} ({len(d.attempts)} tries)" for d in self.deliveries if not _is_over(d)]
            raise TimeoutError(f"still on the way to the app after {timeout} s: {waiting}") from error

    def wait_until_connected(self, timeout: float = 10.0, sockets: int = 1) -> None:
        self.wait_for(lambda _: len(self._deliveries.sockets.live) >= sockets, timeout)

    def wait_until_disconnected(self, timeout: float = 10.0) -> None:
        """Wait until no socket of the app is open: a killed process was noticed."""
        self.wait_for(lambda _: not self._deliveries.sockets.live, timeout)


def _is_over(delivery: Delivery) -> bool:
    return delivery.outcome in ("acknowledged", "no_connection")

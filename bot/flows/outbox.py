"""Send what waits in the outbox: each letter once, in order, drawn from what is true at that moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.answers import AlertView
from bot.blocks import alerts as drawn
from bot.deps import Deps
from bot.flows import (
    agents,
    alert_view,
    burst,
    candidate,
    installing,
    issue_news,
    loop,
    loop_news,
    preferences,
    push,
    routing,
    tell,
    trials,
)
from bot.flows.reports import pictures, publishing
from bot.messenger import NotInstalled, Outgoing, Posted, Refused, TokenDead, TryLater
from bot.worker import Finish, nothing
from intelligence.model import AlertState, Severity
from storage import alerts, outbox, workspaces
from storage.outbox import Letter

log = structlog.get_logger(__name__)

AFTER_ITS_POST = timedelta(seconds=2)
LOST = frozenset({"is_archived", "channel_not_found", "not_in_channel"})  # the channel takes nothing any more
KEPT_WITHOUT_TOKEN = timedelta(days=7)
LOOK_AGAIN = timedelta(minutes=15)  # quiet hours may be changed meanwhile


@dataclass
class Pace:
    """About one message in `interval` per channel, as Slack asks; bursts wait in the queue, not in a thread."""

    interval: timedelta
    _next: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, workspace: str, channel: str, now: datetime) -> None:
        """Claim the next slot of a workspace's channel. Raises TryLater with the time until it is free."""
        with self._lock:
            free = self._next.get((workspace, channel), now)
            if now < free <= now + self.interval:  # further ahead, the clock was set back since
                raise TryLater("one message at a time in a channel", free - now)
            self._next[workspace, channel] = now + self.interval


@dataclass(frozen=True, slots=True)
class _Errand:
    """One letter with everything its sending needs. `at` is the message as it stands on the other side, `alert` the
    episode that remembers where it was posted.
    """

    letter: Letter
    message: Outgoing
    at: Posted | None = None
    alert: int | None = None

    @property
    def private(self) -> bool:
        return self.message.channel.startswith("@")


def send(deps: Deps, letter_id: int, pace: Pace, *, finish: Finish = nothing) -> Posted | None:
    """Send one letter. Raises TryLater when the other side wants us to wait; a refusal is recorded and not tried again.

    A crash between sending and recording is healed by looking the message up by its metadata before a second try.
    """
    with deps.db.read() as session:
        letter = outbox.get(session, letter_id)
        deps = deps.within(letter.workspace) if letter is not None else deps
    if letter is not None and letter.method == pictures.UPLOAD:
        try:
            pictures.upload(deps, letter, finish=finish)
        except (NotInstalled, TokenDead) as away:
            _until_installed(deps, letter, away, finish)
        return None
    with deps.db.read() as session:
        errand = "it was dealt with before" if letter is None else _prepare(deps, session, letter)
    if letter is None or isinstance(errand, str):
        return _withdraw(deps, letter, str(errand), finish)
    pace.take(letter.workspace, errand.message.channel, deps.clock.now())
    with deps.db.write() as session:
        before = outbox.tried(session, letter.id)  # also by who took over while this process stood still
    try:
        posted = _deliver(deps, errand, again=before > 0)
    except (NotInstalled, TokenDead) as away:
        return _until_installed(deps, letter, away, finish)
    except Refused as refused:
        log.error("letter_refused", letter=letter.key, method=letter.method, error=str(refused))
        with deps.db.write() as session:
            outbox.refused(session, letter.id, str(refused), deps.clock.now())
            if errand.alert is not None and letter.method == "alert.post" and not errand.private:
                _not_taken(deps, session, errand, refused)
            finish(session)
        return None
    with deps.db.write() as session:
        now = deps.clock.now()
        answer = {"channel": posted.channel, "ts": posted.ts}
        thread = {"thread": errand.message.thread_ts} if errand.message.thread_ts else {}
        outbox.sent(session, letter.id, answer | thread, now)
        if errand.alert is not None and letter.method == "alert.post" and not errand.private:
            alerts.update(session, errand.alert, now, channel_id=posted.channel, ts=posted.ts)
        finish(session)
    return posted


def _not_taken(deps: Deps, session: Session, errand: _Errand, refused: Refused) -> None:
    """The channel does not take the alert (archived, gone, closed to apps): an admin hears why and sends it elsewhere."""
    workspace, channel = errand.letter.workspace, errand.message.channel
    assert errand.alert is not None
    if refused.code in LOST:
        workspaces.put_channel(session, workspace, channel, member=False)
    tell.undelivered(deps, session, workspace, errand.alert, str(refused), channel=channel)
    alerts.update(session, errand.alert, deps.clock.now(), state=AlertState.SHADOW, channel_id=None)


def _withdraw(deps: Deps, letter: Letter | None, reason: str, finish: Finish) -> None:
    with deps.db.write() as session:
        if letter is not None:
            outbox.withdrawn(session, letter.id, reason, deps.clock.now())
        finish(session)


def _until_installed(deps: Deps, letter: Letter, away: TryLater, finish: Finish) -> None:
    """Keep a letter for when the app is installed again. Raises TryLater, until a week has made it old news."""
    installing.doubt(deps, letter.workspace, because=f"letter:{letter.id}:{letter.attempts}")
    if deps.clock.now() - letter.written_at < KEPT_WITHOUT_TOKEN:
        raise away
    _withdraw(deps, letter, "the app is not installed there", finish)


def _prepare(deps: Deps, session: Session, letter: Letter) -> _Errand | str:
    """The errand, or why there is none any more."""
    if letter.method == tell.METHOD:
        shown = tell.draw(session, letter)
        if isinstance(shown, str):
            return shown
        to = f"@{letter.payload['user']}"
        return _Errand(letter, Outgoing(to, shown.text, shown.blocks, metadata_key=letter.key))
    for room, methods in ((loop, {loop.METHOD}), (loop_news, loop_news.METHODS), (issue_news, issue_news.METHODS)):
        if letter.method in methods:
            told = room.draw(deps, session, letter)
            return told if isinstance(told, str) else _Errand(letter, told)
    if letter.method == trials.METHOD:
        tried = candidate.draw(deps, session, letter)
        return tried if isinstance(tried, str) else _Errand(letter, tried)
    if letter.method == push.METHOD:
        line = push.draw(deps, session, letter)
        return line if isinstance(line, str) else _Errand(letter, line)
    if letter.method in burst.METHODS:
        if letter.method == burst.UPDATE and outbox.newer(session, letter):
            return "a newer edit waits"
        if letter.method == burst.POST:
            _keep_quiet(deps, session, letter)
        listed = burst.draw(deps, session, letter)
        return listed if isinstance(listed, str) else _Errand(letter, *listed)
    if letter.method in publishing.METHODS:
        message = publishing.draw(deps, session, letter)
        return message if isinstance(message, str) else _Errand(letter, message)
    return _prepare_alert(deps, session, letter)


def _prepare_alert(deps: Deps, session: Session, letter: Letter) -> _Errand | str:
    alert_id = int(letter.payload["alert"])
    episode = alerts.get(session, letter.workspace, alert_id)
    if letter.method == "alert.update" and outbox.newer(session, letter):
        return "a newer edit waits"
    view = alert_view.view(deps, session, letter.workspace, alert_id)
    if episode is None or view is None:
        return "the alert is gone"
    if letter.method != "alert.update" and view.severity is not Severity.P0:
        _keep_quiet(deps, session, letter)
    if episode.state is AlertState.SHADOW or episode.channel is None:
        return _to_admin(deps, session, letter, view)
    if routing.customers_read(session, letter.workspace, episode.channel):
        return "customers read this channel now"
    at = Posted(episode.channel, episode.ts) if episode.ts else None
    if letter.method != "alert.post" and at is None:
        return _without_its_post(session, letter, alert_id)
    if letter.method == "alert.post" and at is not None:
        return "the alert was posted before"
    message = _message(letter, view, episode.channel, at)
    return _Errand(letter, _under(session, letter, message), at, alert_id)


def _under(session: Session, letter: Letter, message: Outgoing) -> Outgoing:
    """In the thread of its list where the alert came with many others; notes go there too. Raises TryLater."""
    if letter.method == "alert.post" and letter.payload.get("burst"):
        root = burst.place(session, letter.workspace, str(letter.payload["burst"]))
        return replace(message, thread_ts=root.ts) if root is not None else message
    if letter.method == "alert.note":
        _, answer = outbox.state_of(session, letter.workspace, f"alert:{letter.payload['alert']}:post") or ("", None)
        return replace(message, thread_ts=str(answer["thread"])) if answer and answer.get("thread") else message
    return message


def _keep_quiet(deps: Deps, session: Session, letter: Letter) -> None:
    """Raise TryLater with the end of the quiet hours for what would ring somebody's phone."""
    hours = preferences.quiet_hours(session, letter.workspace)
    left = hours.until(deps.clock.now(), deps.settings.zone) if hours else None
    if left is not None:
        raise TryLater("it is within the quiet hours", min(left, LOOK_AGAIN))


def _without_its_post(session: Session, letter: Letter, alert_id: int) -> str:
    """Why an edit or a note is pointless. Raises TryLater while the alert's own message is on its way: it may even be
    there, and a crash kept that from being recorded.
    """
    state, _ = outbox.state_of(session, letter.workspace, f"alert:{alert_id}:post") or ("", None)
    if state == "waiting":
        raise TryLater("the alert itself goes first", AFTER_ITS_POST)
    return "the alert was never posted"


def _to_admin(deps: Deps, session: Session, letter: Letter, view: AlertView) -> _Errand | str:
    """In shadow the admin alone sees the alert; its message is remembered with its letter, not with the episode."""
    if letter.method == "alert.note":
        return "in shadow nobody hears of growth"
    admins = sorted(agents.known_admins(deps, session, letter.workspace))
    if not admins:
        return "in shadow, and no admin is known: set ADMINS"
    state, answer = outbox.state_of(session, letter.workspace, f"alert:{view.alert_id}:post") or ("", None)
    at = Posted(str(answer["channel"]), str(answer["ts"])) if state == "sent" and answer else None
    if letter.method == "alert.update" and at is None:
        return _without_its_post(session, letter, view.alert_id)
    return _Errand(letter, _message(letter, view, f"@{admins[0]}", at), at, view.alert_id)


def _deliver(deps: Deps, errand: _Errand, *, again: bool) -> Posted:
    letter, message = errand.letter, errand.message
    messenger = deps.messenger_of(letter.workspace)
    if letter.method in {"alert.update", burst.UPDATE} and errand.at is not None:
        return messenger.update(errand.at, message)
    if again and (found := messenger.find(message.channel.removeprefix("@"), letter.key, message.thread_ts)):
        return found
    if errand.private:
        return messenger.direct(message.channel.removeprefix("@"), message)
    return messenger.post(message)


def _message(letter: Letter, view: AlertView, channel: str, at: Posted | None) -> Outgoing:
    if letter.method == "alert.note" and at is not None:
        shown = drawn.note(view, str(letter.payload["note"]))
        return Outgoing(channel, shown.text, shown.blocks, at.ts, letter.key)
    shown = drawn.alert(view)
    key = letter.key if letter.method == "alert.post" else None  # an edit keeps the metadata of its post
    return Outgoing(channel, shown.text, shown.blocks, metadata_key=key)

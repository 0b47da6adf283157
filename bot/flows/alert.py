"""Alerts that live: an episode per theme, drawn from fresh counts, edited in place, growing in its thread."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.deps import Deps
from bot.flows import burst, events, routing, tell
from intelligence.model import AlertState, ChurnRisk, Level, Pattern, PatternKind, Receipt, Scope, Severity, ThemeState
from intelligence.severity import Impact, judge
from storage import alerts, analyses, evidence, loop_drafts, memberships, outbox, queue, releases, themes

SEVERITY_WINDOW = timedelta(days=14)
GROWTH_STEP = 5  # the thread hears of every fifth further ticket; the parent message is edited at each
EDIT_PAUSE = 2.0  # times the pause between messages: several tickets within this make one edit


def raise_alert(deps: Deps, session: Session, workspace: str, pattern: Pattern) -> int | None:
    """Open an episode for a pattern and put its message into the outbox; its id.

    In shadow, or where no channel was chosen for alerts, the admin alone is asked.
    """
    theme = themes.get(session, workspace, pattern.theme_id)
    if theme is None:
        return None
    past = len(alerts.of_theme(session, workspace, theme.id))
    audience = routing.audience_of(session, workspace, theme.id)
    state, channel = routing.place(session, workspace, audience, theme.area)
    severity = grade(session, workspace, theme.id, pattern.receipt.ratio, deps.clock.now())
    alert_id = alerts.open_episode(
        session,
        workspace,
        f"theme:{theme.id}:{past}",
        kind=pattern.kind,
        audience=audience,
        receipt=pattern.receipt,
        now=deps.clock.now(),
        theme_id=theme.id,
        ticket_ids=pattern.ticket_ids,
        count=len(pattern.ticket_ids),
        severity=severity,
        state=state,
        channel=channel,
    )
    if alert_id is None:
        return None
    themes.seen(session, [theme.id])
    if theme.owner:
        alerts.update(session, alert_id, deps.clock.now(), owner=theme.owner)
    _back(deps, session, theme.id, pattern.kind)
    post(deps, session, workspace, alert_id)
    _join_critical(deps, session, workspace, theme.id, alert_id)
    if state is AlertState.OPEN:
        tell.risen(deps, session, workspace, theme.id, alert_id, pattern.kind)
        events.alert_event(deps, session, workspace, alert_id, "alert.opened", because="raised")
    return alert_id


def _back(deps: Deps, session: Session, theme_id: int, kind: PatternKind) -> None:
    """A fix that did not hold is said wherever the theme is shown, and no reporter hears of it any more."""
    if kind is PatternKind.REGRESSION:
        loop_drafts.withdraw(session, theme_id, deps.clock.now())
        themes.update(session, theme_id, state=ThemeState.REGRESSED)


def _join_critical(deps: Deps, session: Session, workspace: str, theme_id: int, alert_id: int) -> None:
    """Alerts about single critical tickets of the theme hear, in their threads, that others report the same."""
    for one in alerts.all_living(session, workspace, theme_id):
        if one.ticket_id is not None and one.state is not AlertState.SHADOW:
            write(deps, session, workspace, one.id, "alert.note", f"alert:{one.id}:joined:{alert_id}", note="joined")


def critical_tickets(deps: Deps, session: Session, workspace: str, ticket_ids: Collection[int]) -> list[int]:
    """Alert at once about tickets whose reading says critical; each ticket once, history never.

    Where the ticket's theme has an open alert in the same channel, its thread is told instead: one message an episode.
    """
    now = deps.clock.now()
    found = analyses.critical_of(session, workspace, ticket_ids)
    made: list[int] = []
    for ticket_id, history in found:
        if history:
            continue
        home = memberships.home_of(session, ticket_id)
        area = themes.area_of(session, home[0]) if home else None
        state, channel = routing.place(session, workspace, routing.CRITICAL_AUDIENCE, area)
        if home and _said_in_thread(deps, session, workspace, home[0], ticket_id, channel):
            continue
        receipt = Receipt(
            "one critical ticket",
            1,
            0.0,
            0,
            0,
            0.0,
            0.0,
            None,
            None,
            "read as critical above the shipped threshold",
            "it had been read as high or lower",
        )
        alert_id = alerts.open_episode(
            session,
            workspace,
            f"critical:{ticket_id}",
            kind=PatternKind.CRITICAL,
            audience=routing.CRITICAL_AUDIENCE,
            receipt=receipt,
            now=now,
            theme_id=home[0] if home else None,
            ticket_id=ticket_id,
            ticket_ids=(ticket_id,),
            count=1,
            severity=Severity.P0,
            state=state,
            channel=channel,
        )
        if alert_id is not None:
            post(deps, session, workspace, alert_id)
            if state is AlertState.OPEN:
                events.alert_event(deps, session, workspace, alert_id, "alert.opened", because="raised")
            made.append(alert_id)
    return made


def _said_in_thread(
    deps: Deps, session: Session, workspace: str, theme_id: int, ticket_id: int, channel: str | None
) -> bool:
    """Tell the thread of the theme's own alert of a critical ticket; False where there is none that its team reads."""
    episode = alerts.living(session, workspace, theme_id)
    if episode is None or channel is None or episode.state is not AlertState.OPEN or episode.channel != channel:
        return False
    if alerts.by_key(session, workspace, f"critical:{ticket_id}"):
        return True
    key = f"alert:{episode.id}:critical:{ticket_id}"
    write(deps, session, workspace, episode.id, "alert.note", key, note="critical")
    redraw(deps, session, workspace, episode.id, because=f"critical:{ticket_id}")
    return True


def post(deps: Deps, session: Session, workspace: str, alert_id: int) -> None:
    """Put the parent message of an episode into the outbox, once."""
    under = burst.joined(deps, session, workspace, alert_id)
    write(deps, session, workspace, alert_id, "alert.post", f"alert:{alert_id}:post", burst=under)


def redraw(deps: Deps, session: Session, workspace: str, alert_id: int, *, because: str) -> None:
    """Edit the parent message to what is true now, shortly."""
    key = f"alert:{alert_id}:edit:{because}"
    pause = timedelta(seconds=EDIT_PAUSE * deps.settings.slack_post_seconds)
    write(deps, session, workspace, alert_id, "alert.update", key, pause=pause)


def write(
    deps: Deps,
    session: Session,
    workspace: str,
    alert_id: int,
    method: str,
    key: str,
    *,
    pause: timedelta = timedelta(0),
    **payload: Any,
) -> None:
    """Put one letter about an episode into the outbox and enqueue its sending in the episode's lane, once per key."""
    now = deps.clock.now()
    lane = f"alert:{alert_id}"
    letter = outbox.write(
        session,
        workspace,
        key,
        lane=lane,
        method=method,
        payload={"alert": alert_id, **payload},
        now=now,
        subject=lane,
        not_before=now + pause,
    )
    if letter is not None:
        queue.enqueue(
            session,
            "send",
            {"letter": letter},
            key=f"send:{letter}",
            lane=f"out:{workspace}:{lane}",
            now=now,
            run_at=now + pause,
        )


def go_on(deps: Deps, session: Session, workspace: str, alert_id: int, pattern: Pattern, *, graver: bool) -> None:
    """A pattern of an episode that people know was seen again: the message shows the newest receipt.

    The channel hears of it again, in the thread, only when the kind of trouble rose (for example a regression).
    """
    episode = alerts.get(session, workspace, alert_id)
    if episode is not None and episode.state is AlertState.CLOSED and pattern.kind is PatternKind.REGRESSION:
        raise_alert(deps, session, workspace, pattern)  # it was resolved, and is back: people hear of it anew
        return
    if episode is None or episode.state not in alerts.LIVING:
        return
    if pattern.theme_id != episode.theme_id and pattern.kind is not PatternKind.REGRESSION:
        _same_elsewhere(deps, session, workspace, episode, pattern)
        return
    values: dict[str, Any] = {"receipt": pattern.receipt}
    if graver:
        values["kind"] = pattern.kind
        key = f"alert:{alert_id}:{pattern.kind}"
        write(deps, session, workspace, alert_id, "alert.note", key, note="graver")
        _back(deps, session, pattern.theme_id, pattern.kind)
        if episode.state is not AlertState.SHADOW:
            tell.risen(deps, session, workspace, pattern.theme_id, alert_id, pattern.kind)
    alerts.update(session, alert_id, deps.clock.now(), **values)
    redraw(deps, session, workspace, alert_id, because=f"{pattern.kind}:{len(pattern.ticket_ids)}")


def _same_elsewhere(deps: Deps, session: Session, workspace: str, episode: alerts.Episode, pattern: Pattern) -> None:
    """The trouble of an episode was seen in another theme: it goes on, its numbers stay those of its own theme, and
    what was not sent is remembered with the reason.
    """
    now = deps.clock.now()
    own = themes.get(session, workspace, episode.theme_id) if episode.theme_id is not None else None
    reason = f"{own.key if own else f'alert {episode.id}'} has an alert about the same"
    alerts.silenced(session, workspace, pattern.kind, reason, pattern.receipt, now, pattern.theme_id)
    alerts.update(session, episode.id, now)


def grown(deps: Deps, session: Session, workspace: str, theme_ids: Collection[int]) -> None:
    """Themes got tickets: their living alerts are redrawn, the thread is told at every fifth, snoozes may end."""
    for theme_id in theme_ids:
        episode = alerts.living(session, workspace, theme_id)
        if episode is None:
            continue
        count = evidence.size(session, Scope(workspace), theme_id, episode.ticket_ids)
        rouse(deps, session, workspace, episode, count)
        if episode.state is AlertState.OPEN and count // GROWTH_STEP > episode.count // GROWTH_STEP:
            key = f"alert:{episode.id}:grown:{count // GROWTH_STEP}"
            write(deps, session, workspace, episode.id, "alert.note", key, note="grown", before=episode.count)
        if count != episode.count:
            alerts.counted(session, episode.id, count)
            redraw(deps, session, workspace, episode.id, because=str(count))


def rouse(deps: Deps, session: Session, workspace: str, episode: alerts.Episode, count: int) -> bool:
    """Wake a snoozed episode whose time is over and tell its thread; whether it woke. `count`: its theme's tickets."""
    now = deps.clock.now()
    if episode.state is not AlertState.SNOOZED or not _snooze_over(session, workspace, episode, count, now):
        return False
    alerts.update(session, episode.id, now, state=AlertState.OPEN, snooze=None)
    key = f"alert:{episode.id}:awake:{now.timestamp()}"
    write(deps, session, workspace, episode.id, "alert.note", key, note="awake")
    return True


def _snooze_over(session: Session, workspace: str, episode: alerts.Episode, count: int, now: datetime) -> bool:
    snooze = episode.snooze or {}
    if "tickets" in snooze:
        return count >= int(snooze["tickets"])
    if "until" in snooze:
        return now >= datetime.fromisoformat(snooze["until"])
    since = datetime.fromisoformat(snooze["since"]) if "since" in snooze else episode.updated_at
    return bool(releases.between(session, workspace, since, now + timedelta(seconds=1)))  # one that is noted now counts


def grade(session: Session, workspace: str, theme_id: int, ratio: float | None, now: datetime) -> Severity:
    """Judge a theme's last two weeks by the written rule and keep severity and reason with it."""
    scope = Scope(workspace)
    members = memberships.members(session, scope, theme_id, start=now - SEVERITY_WINDOW, end=now + timedelta(seconds=1))
    labels = analyses.labels(session, scope, [m.ticket_id for m in members])
    high = {Level.HIGH, Level.CRITICAL}
    judgement = judge(
        Impact(
            len(members),
            len({m.who or f"t{m.ticket_id}" for m in members}),
            critical=sum(label.critical for label in labels.values()),
            high_frustration=sum(label.frustration in high for label in labels.values()),
            high_churn=sum(label.churn_risk is ChurnRisk.HIGH for label in labels.values()),
            customers_last_day=len({m.who for m in members if m.who and m.at > now - timedelta(days=1)}),
            ratio=ratio,
        )
    )
    themes.update(session, theme_id, severity=judgement.severity, severity_reason=judgement.reason)
    return judgement.severity

"""How often we are right, as people's words and acts say: readings from the random sample, alerts from what was done."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.answers_review import AlertQuality, Quality, Taught
from bot.deps import Deps
from bot.flows import rules
from bot.flows.recognize import FAILED, HELPED
from intelligence import quality as measured
from intelligence.model import AlertState, ReviewVerdict, Scope
from intelligence.quality import Share
from storage import alerts, lessons, missed, reviews, themes, workspaces

DAYS = 90
ACT_DAYS = 7
ENOUGH = 20  # reviewed cards before an overall figure is shown
ENOUGH_EACH = 5  # and before one of a category is
FALSE = frozenset({"noise", "wrong_group"})
ACTS = frozenset({"own", "post", "resolve"})


def quality(deps: Deps, scope: Scope) -> Quality:
    """The answer to `quality`: the last 90 days of the workspace."""
    now = deps.clock.now()
    start = now - timedelta(days=DAYS)
    with deps.db.read() as session:
        words = reviews.since(session, scope.workspace, start)
        lesson = lessons.live(session, scope.workspace)
        said = Counter(
            entry.action for entry in workspaces.audit_since(session, scope.workspace, start, {HELPED, FAILED})
        )
        alerted = _alerts(deps, session, scope.workspace, start, now)
    taught = Taught(lesson.version, len(lesson.review_ids), lesson.before, lesson.after) if lesson else None
    return Quality(
        DAYS,
        measured.accuracy(words),
        measured.agreement(words),
        measured.confusions(words),
        alerted,
        taught,
        sum(word.verdict is ReviewVerdict.CANNOT_TELL for word in words),
        ENOUGH,
        ENOUGH_EACH,
        Share(said[HELPED], said.total()),
    )


def _alerts(deps: Deps, session: Session, workspace: str, start: datetime, now: datetime) -> AlertQuality:
    """An alert is useful where somebody took it up (own, post it, resolve the theme) or said so, and not where anybody
    closed it as not useful, for whatever reason; the others are not judged.
    """
    sent = [e for e in alerts.since(session, workspace, start) if e.ts is not None or e.state is not AlertState.SHADOW]
    said = alerts.feedback_since(session, workspace, start)
    refused = {alert for alert, verdict, _ in said if verdict == "not_useful"}
    wrong = {alert for alert, verdict, reason in said if verdict == "not_useful" and reason in FALSE}
    praised = {alert for alert, verdict, _ in said if verdict == "useful"}
    first = _first_acts(session, workspace, start, sent)
    useful = ({e.id for e in sent} & (praised | set(first))) - refused
    old = [e for e in sent if e.id in first or now - e.opened_at >= timedelta(days=ACT_DAYS)]
    in_time = [e for e in old if e.id in first and first[e.id] - e.opened_at <= timedelta(days=ACT_DAYS)]
    began = min((e.opened_at for e in sent), default=now)
    return AlertQuality(
        sent=len(sent),
        weeks=max(1.0, (now - began) / timedelta(weeks=1)),
        aim=rules.in_force(deps, session, workspace).budget,
        useful=Share(len(useful), len(useful | (refused & {e.id for e in sent}))),
        false_alarms=len(wrong),
        acted=Share(len(in_time), len(old)),
        act_days=ACT_DAYS,
        missed=missed.count(session, workspace, start),
    )


def _first_acts(session: Session, workspace: str, start: datetime, sent: list[alerts.Episode]) -> dict[int, datetime]:
    """When each alert was first acted on, by the audit trail: it names the alert, or its theme for a resolve."""
    found = themes.load(session, workspace, [e.theme_id for e in sent if e.theme_id is not None])
    keys = {e.id: found[e.theme_id].key for e in sent if e.theme_id in found}
    first: dict[int, datetime] = {}
    for entry in workspaces.audit_since(session, workspace, start, ACTS):
        for episode in sent:
            named = {f"alert:{episode.id}", keys.get(episode.id, "")}
            if entry.subject in named and entry.at >= episode.opened_at:
                first.setdefault(episode.id, entry.at)
    return first

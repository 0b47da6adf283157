"""Every job by name, and the flow that does it: the worker's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.deps import Deps
from bot.flows import (
    alert_wake,
    analyze,
    area_moves,
    assign,
    backtest,
    batches,
    catching_up,
    event_delivery,
    following,
    forget,
    helpdesk,
    helpdesk_notes,
    helpdesk_pages,
    ingest,
    installing,
    issue_rules,
    learn,
    missed,
    nightly,
    outbox,
    push,
    quiet,
    retention,
    tracking,
    trials,
    usergroups,
)
from bot.flows.reports import publishing
from bot.installations import Installations
from bot.worker import Finish, Handler, Registry, Work, nothing
from intelligence.model import Source
from storage.queue import Job


def _ingest(deps: Deps, job: Job, finish: Finish) -> None:
    ingest.take_delivery(deps, int(job.args["delivery"]), finish=finish)


def _read(deps: Deps, job: Job, finish: Finish) -> None:
    analyze.read_tickets(deps, str(job.args["workspace"]), [int(job.args["ticket"])], finish=finish)


def _read_many(deps: Deps, jobs: Sequence[Job], finish: Finish) -> None:
    """Several readings together, one call to the analyzer for each workspace; the last one's write closes them all."""
    places: dict[str, list[int]] = {}
    for job in jobs:
        places.setdefault(str(job.args["workspace"]), []).append(int(job.args["ticket"]))
    for left, (workspace, found) in zip(range(len(places) - 1, -1, -1), places.items(), strict=True):
        tickets = list(dict.fromkeys(found))
        analyze.read_tickets(deps.within(workspace), workspace, tickets, finish=nothing if left else finish)


def _assign(deps: Deps, job: Job, finish: Finish) -> None:
    assign.assign_tickets(deps, str(job.args["workspace"]), [int(i) for i in job.args["tickets"]], finish=finish)


def _nightly(deps: Deps, job: Job, finish: Finish) -> None:
    nightly.nightly(deps, str(job.args["workspace"]), finish=finish)


def _wake(deps: Deps, job: Job, finish: Finish) -> None:
    alert_wake.look(deps, str(job.args["workspace"]), finish=finish)


def _push(deps: Deps, job: Job, finish: Finish) -> None:
    push.consider(deps, str(job.args["workspace"]), int(job.args["ticket"]), finish=finish)


def _learn(deps: Deps, job: Job, finish: Finish) -> None:
    learn.learn_from_words(deps, str(job.args["workspace"]), finish=finish)


def _batch(deps: Deps, job: Job, finish: Finish) -> None:
    batches.step(deps, str(job.args["workspace"]), int(job.args["step"]), finish=finish)


def _candidate(deps: Deps, job: Job, finish: Finish) -> None:
    number, tell = int(job.args["number"]), str(job.args["tell"])
    trials.run(deps, str(job.args["workspace"]), number, tell=tell, finish=finish)


def _look_again(deps: Deps, job: Job, finish: Finish) -> None:
    missed.look_again(deps, str(job.args["workspace"]), finish=finish)


def _quiet(deps: Deps, job: Job, finish: Finish) -> None:
    quiet.close_quiet_tickets(deps, str(job.args["workspace"]), finish=finish)


def _helpdesk_event(deps: Deps, job: Job, finish: Finish) -> None:
    helpdesk.take_event(deps, int(job.args["delivery"]), finish=finish)


def _helpdesk_fetch(deps: Deps, job: Job, finish: Finish) -> None:
    ref = (Source(str(job.args["source"])), str(job.args["external_id"]))
    deleted = bool(job.args.get("deleted"))  # jobs of an earlier version do not say
    helpdesk.fetch_ticket(deps, str(job.args["workspace"]), *ref, deleted=deleted, finish=finish)


def _helpdesk_page(deps: Deps, job: Job, finish: Finish) -> None:
    helpdesk_pages.read_page(deps, helpdesk_pages.Walk(**job.args), finish=finish)


def _helpdesk_notes(deps: Deps, job: Job, finish: Finish) -> None:
    helpdesk_notes.plan(deps, str(job.args["workspace"]), finish=finish)


def _helpdesk_note(deps: Deps, job: Job, finish: Finish) -> None:
    ref = (Source(str(job.args["source"])), str(job.args["external_id"]))
    helpdesk_notes.write(deps, str(job.args["workspace"]), *ref, finish=finish)


def _issue_open(deps: Deps, job: Job, finish: Finish) -> None:
    tracking.open_issue(deps, str(job.args["workspace"]), int(job.args["issue"]), finish=finish)


def _issue_follow(deps: Deps, job: Job, finish: Finish) -> None:
    following.follow(deps, str(job.args["workspace"]), int(job.args["issue"]), finish=finish)


def _issue_rule(deps: Deps, job: Job, finish: Finish) -> None:
    theme = (str(job.args["workspace"]), int(job.args["theme"]))
    issue_rules.consider(deps, *theme, live=bool(job.args["live"]), finish=finish)


def _issue_poll(deps: Deps, job: Job, finish: Finish) -> None:
    following.poll(deps, str(job.args["workspace"]), due=datetime.fromisoformat(str(job.args["due"])), finish=finish)


def _poll(deps: Deps, job: Job, finish: Finish) -> None:
    helpdesk_pages.start_poll(deps, str(job.args["workspace"]), because=str(job.args["due"]))
    with deps.db.write() as session:
        finish(session)


def _event(deps: Deps, job: Job, finish: Finish) -> None:
    event_delivery.deliver(deps, int(job.args["letter"]), finish=finish)


def _retention(deps: Deps, job: Job, finish: Finish) -> None:
    retention.remove_old(deps, str(job.args["workspace"]), finish=finish)


def _areas(deps: Deps, job: Job, finish: Finish) -> None:
    before = job.args["before"]
    place = (str(job.args["workspace"]), int(job.args["version"]), int(before) if before else None)
    area_moves.reassign_batch(deps, *place, finish=finish)


def _areas_rename(deps: Deps, job: Job, finish: Finish) -> None:
    area_moves.rename_batch(deps, job.args, finish=finish)


def _forget(deps: Deps, job: Job, finish: Finish) -> None:
    subject, by = str(job.args["subject"]), str(job.args["by"])
    forget.carry_out(deps, str(job.args["workspace"]), subject, by=by, finish=finish)


def _backtest(deps: Deps, job: Job, finish: Finish) -> None:
    backtest.told_later(deps, job.args, key=job.key, again=job.attempts > 1, finish=finish)


def _reports(deps: Deps, job: Job, finish: Finish) -> None:
    due = datetime.fromisoformat(str(job.args["due"]))
    publishing.publish_due(deps, str(job.args["workspace"]), due, finish=finish)


def build_registry(deps: Deps, slack: Installations | None = None) -> Registry:
    """The jobs of this process. Without Slack (imports, replays) the jobs that ask it are not there."""
    pace = outbox.Pace(timedelta(seconds=deps.settings.slack_post_seconds))

    def send(deps: Deps, job: Job, finish: Finish) -> None:
        outbox.send(deps, int(job.args["letter"]), pace, finish=finish)

    registry: dict[str, Work] = {
        "ingest": Work(_ingest),
        "read": Work(_read, _read_many),
        "assign": Work(_assign),
        "send": Work(send, outside=True),
        "nightly": Work(_nightly),
        "quiet": Work(_quiet),
        "wake": Work(_wake),
        push.JOB: Work(_push),
        "reports": Work(_reports),
        "learn": Work(_learn),
        "candidate": Work(_candidate),
        "batch": Work(_batch),
        "helpdesk_event": Work(_helpdesk_event),
        "helpdesk_fetch": Work(_helpdesk_fetch),
        "helpdesk_page": Work(_helpdesk_page),
        "helpdesk_notes": Work(_helpdesk_notes),
        "helpdesk_note": Work(_helpdesk_note, outside=True),
        "poll": Work(_poll),
        "issue_open": Work(_issue_open, outside=True),
        "issue_follow": Work(_issue_follow),
        "issue_poll": Work(_issue_poll),
        issue_rules.JOB: Work(_issue_rule),
        "look_again": Work(_look_again),
        "forget": Work(_forget),
        "retention": Work(_retention),
        "event": Work(_event),
        area_moves.JOB: Work(_areas),
        area_moves.RENAME: Work(_areas_rename),
        backtest.JOB: Work(_backtest),
    }
    every = {**registry, **(_slack_jobs(slack) if slack is not None else {})}
    return {name: replace(work, one=_within(work.one)) for name, work in every.items()}


def _within(handler: Handler) -> Handler:
    """The handler with what belongs to the job's workspace; letters and deliveries name theirs themselves."""

    def handle(deps: Deps, job: Job, finish: Finish) -> None:
        workspace = job.args.get("workspace")
        handler(deps.within(str(workspace)) if workspace else deps, job, finish)

    return handle


def _slack_jobs(slack: Installations) -> Registry:
    def read_slice(deps: Deps, job: Job, finish: Finish) -> None:
        stretch = catching_up.Stretch(**job.args)
        catching_up.read_slice(deps, slack.of(stretch.workspace).history, stretch, finish=finish)

    def read_thread(deps: Deps, job: Job, finish: Finish) -> None:
        where = (str(job.args["workspace"]), str(job.args["channel"]), str(job.args["ts"]))
        catching_up.read_thread(deps, slack.of(where[0]).history, *where, finish=finish)

    def catch_up(deps: Deps, job: Job, finish: Finish) -> None:
        catching_up.start_catch_up(deps, str(job.args["workspace"]), because=str(job.args["because"]))
        with deps.db.write() as session:
            finish(session)

    def user_groups(deps: Deps, job: Job, finish: Finish) -> None:
        workspace = str(job.args["workspace"])
        usergroups.look(deps, slack.of(workspace).history, workspace, by=job.args.get("by"), finish=finish)

    def check(deps: Deps, job: Job, finish: Finish) -> None:
        installing.check(deps, slack, str(job.args["workspace"]), finish=finish)

    return {
        "read_slice": Work(read_slice),
        "read_thread": Work(read_thread),
        "catch_up": Work(catch_up),
        usergroups.JOB: Work(user_groups),
        installing.CHECK: Work(check),
    }

"""`doctor --live #channel`: one sample of every message goes to Slack, is checked, edited, answered and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from slack_sdk import WebClient

from bot.answers import AlertView, Done, Period, Quote, ThemeLine, ThemeList
from bot.answers_tickets import SearchHit, SearchResult, Why
from bot.blocks import alerts, done, modals, search, themes, why
from bot.blocks.message import Rendered
from bot.doctor import Finding
from bot.grammar import Request
from bot.messenger import Outgoing, Posted, Refused, TryLater
from bot.slack_client import slack_errors
from bot.slack_history import WebHistory
from bot.slack_messenger import SlackMessenger
from intelligence.changes import Change
from intelligence.model import AlertState, Audience, PatternKind, Receipt, Severity, Theme, ThemeState

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WORDS = "Sample by `ticket-intel doctor --live`: <!channel> *stays* plain text & harmless."


def post_samples(client: WebClient, channel: str) -> Iterator[Finding]:
    """One finding a surface; every sample is deleted again. A channel we are not in is one finding with its fix."""
    place = _channel_id(client, channel)
    if place is None:
        fix = "Name a channel the bot is a member of: `/invite @Ticket Intel` there first."
        yield Finding("live", False, f"{channel} is none of the bot's channels.", fix)
        return
    messenger = SlackMessenger(client)
    for name, shown in samples().items():
        yield _posted(client, messenger, place, name, shown)
    for name, view in {"snooze": modals.snooze(1), "not useful": modals.not_useful(1), "ask": modals.ask()}.items():
        yield _checked(client, f"live modal {name}", view=view)


def _channel_id(client: WebClient, channel: str) -> str | None:
    wanted = channel.lstrip("#")
    return next((facts.id for facts in WebHistory(client).joined() if wanted in {facts.id, facts.name}), None)


def _posted(client: WebClient, messenger: SlackMessenger, place: str, name: str, shown: Rendered) -> Finding:
    checked = _checked(client, f"live {name}", blocks=[dict(block) for block in shown.blocks])
    if not checked.ok:
        return checked
    try:
        at = messenger.post(Outgoing(place, shown.text, shown.blocks, metadata_key=f"doctor:{name}"))
        messenger.update(at, Outgoing(place, shown.text, shown.blocks))
        reply = messenger.post(Outgoing(place, "A reply in the thread.", thread_ts=at.ts))
        found = messenger.find(place, f"doctor:{name}")
        for message in (reply, at):
            _delete(client, message)
    except (Refused, TryLater) as error:
        return Finding(f"live {name}", False, f"Slack says {error}.", "See docs/slack.md for scopes and membership.")
    ok = found == at
    return Finding(f"live {name}", ok, "checked, posted, edited, answered, found, deleted" if ok else "not found again")


def _delete(client: WebClient, at: Posted) -> None:
    with slack_errors("chat.delete"):
        client.chat_delete(channel=at.channel, ts=at.ts)


def _checked(client: WebClient, name: str, **content: object) -> Finding:
    """Ask Slack itself whether it takes the blocks. A workspace without that method is no fault of ours."""
    try:
        with slack_errors("blocks.validate"):
            client.api_call("blocks.validate", json=dict(content))
    except Refused as refused:
        if refused.code == "unknown_method":
            return Finding(name, True, "blocks.validate is not offered here; it will be posted unchecked")
        return Finding(name, False, f"Slack refuses it: {refused}", "Please report this with the words above.")
    except TryLater as later:
        return Finding(name, False, f"Slack did not answer: {later}", "Try again in a minute.")
    return Finding(name, True, "Slack takes it")


def samples() -> dict[str, Rendered]:
    """A sample of every message, about a theme that does not exist."""
    line = ThemeLine(1, _theme(), 23, 17, 4, Change(4, 23, 475.0, within_noise=False), rising=True)
    listed = ThemeList(
        Period("7d", AT - timedelta(days=7), AT), {}, (line,), 120, 0.6, 0.1, 2, AT, 1, 2, "A note about the data."
    )
    alert = _alert()
    hit = SearchHit(17, AT, WORDS, 0.9, "TI-999", None, "Acme")
    return {
        "alert": alerts.alert(alert),
        "alert in shadow": alerts.alert(replace(alert, state=AlertState.SHADOW, shadow=True)),
        "note": alerts.note(alert, "grown"),
        "themes": themes.themes(listed, Request("themes", {"period": "7d"})),
        "search": search.search(SearchResult("export", (hit,), 120)),
        "why": why.why(Why("TI-999 Sample", ("It holds 23 tickets.",), (_receipt(),))),
        "answer": done.done(Done("Noted: this is a sample.")),
    }


def _theme() -> Theme:
    return Theme(999, "sample", 999, "Sample theme", WORDS, ThemeState.NEW, False, AT, AT)


def _receipt() -> Receipt:
    return Receipt("new pattern", 23, 4.0, 1, 8, 72.0, 28.0, 0.001, 5.7, "5 tickets on a new theme", "fewer than 5")


def _alert() -> AlertView:
    return AlertView(
        1,
        PatternKind.NEW,
        Audience.ENGINEERING,
        AlertState.OPEN,
        _theme(),
        "Sample alert",
        23,
        17,
        4,
        "3 days",
        _receipt(),
        Severity.P1,
        "a sample",
        (("Enterprise", 9),),
        ("Acme",),
        3,
        (),
        ("release 4.2, 6 hours before the first ticket",),
        (Quote(WORDS, "Acme", AT),),
        1,
        None,
        tuple(((AT - timedelta(days=back)).date(), back % 5) for back in range(27, -1, -1)),
        (1, 8),
        None,
        None,
        False,
        AT,
    )

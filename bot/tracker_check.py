"""The doctor's look at the tracker."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import BadSettings
from bot.finding import Finding
from bot.settings import Settings
from bot.trackers import build_docs_tracker, build_tracker
from integrations.helpdesks.port import HelpdeskError
from integrations.trackers.port import Tracker


def examine_tracker(settings: Settings) -> Iterator[Finding]:
    """Token, place and rights, and whether its webhook can come. Nothing where none is connected."""
    try:
        tracker, docs = build_tracker(settings), build_docs_tracker(settings)
    except BadSettings as error:
        yield Finding("tracker", False, error.sentence, "Set what is missing, or take the rest away.")
        return
    if tracker is None:
        return
    yield _look("tracker", tracker)
    if docs is not None:
        yield _look("tracker for documentation", docs)
    yield _webhook(settings, tracker)


def _look(name: str, tracker: Tracker) -> Finding:
    try:
        return Finding(name, True, f"{tracker.name}: {tracker.check()}")
    except HelpdeskError as error:
        return Finding(name, False, f"{error}.", "Check the TRACKER_ settings and the rights of the token.")
    finally:
        tracker.close()


def _webhook(settings: Settings, tracker: Tracker) -> Finding:
    if not tracker.takes_webhooks:
        return Finding("tracker webhook", True, "none; issues are asked for every five minutes")
    if settings.web:
        return Finding("tracker webhook", True, "POST /webhooks/tracker")
    fix = "Set WEB=true, or take TRACKER_SECRET away: issues are asked for every five minutes then."
    return Finding("tracker webhook", False, "TRACKER_SECRET is set, but nothing listens.", fix)

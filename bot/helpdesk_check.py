"""The doctor's look at the helpdesks."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import BadSettings
from bot.finding import Finding
from bot.helpdesks import build_helpdesks
from bot.settings import Settings
from integrations.helpdesks.port import HelpdeskError, TakesNotes


def examine_helpdesks(settings: Settings) -> Iterator[Finding]:
    """As whom we are known at each, whether its webhook and that of releases can come, and whether notes can be written if
    they are wanted.
    """
    if settings.release_secret is not None and not settings.web:
        fix = "Set WEB=true, or take RELEASE_SECRET away."
        yield Finding("releases webhook", False, "RELEASE_SECRET is set, but nothing listens.", fix)
    try:
        built = build_helpdesks(settings)
    except BadSettings as error:
        yield Finding("helpdesks", False, error.sentence, "Set what is missing, or take the rest away.")
        return
    try:
        for source, desk in built.desks.items():
            try:
                yield Finding(source.value, True, desk.check())
            except HelpdeskError as error:
                yield Finding(source.value, False, f"{error}.", f"Check the {source.value.upper()}_ settings.")
        for webhook in built.webhooks() if not settings.web else ():
            says = f"The secret of {webhook.source.value} is set, but nothing listens."
            yield Finding(f"{webhook.source.value} webhook", False, says, "Set WEB=true, or take the secret away.")
        if settings.helpdesk_notes and not any(isinstance(desk, TakesNotes) for desk in built.desks.values()):
            fix = "Connect Zendesk or Intercom, or take HELPDESK_NOTES away."
            yield Finding("helpdesk notes", False, "None of the helpdesks takes notes from us.", fix)
    finally:
        built.close()

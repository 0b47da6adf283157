"""What can go wrong, named. A docstring's first paragraph is the sentence shown to people, with the details filled
in.
"""

from __future__ import annotations


class TicketIntelError(Exception):
    """Something went wrong."""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The sentence for people: the docstring's first paragraph with {names} filled in."""
        text = " ".join((type(self).__doc__ or "").strip().split("\n\n")[0].split())
        return text.format(**self.details)


class BadInput(TicketIntelError):
    """{problem} {fix}"""


class BadSettings(TicketIntelError):
    """The settings cannot be used: {problems}"""


class UnknownVerb(TicketIntelError):
    """I do not know "{word}". {hint}"""


class ThemeNotFound(TicketIntelError):
    """There is no theme {key} here. Try `themes` for the list, or `search` with words from a ticket."""


class TicketNotFound(TicketIntelError):
    """There is no ticket {key} here. It may have been deleted, or come from a channel that is not read."""


class ChangedMeanwhile(TicketIntelError):
    """Meanwhile {changes}. Nothing of yours is lost, and nothing was changed: look at it as it is now and decide."""


class NotAllowed(TicketIntelError):
    """Only {who} can {action}. Ask {whom}, or see `help`."""


class SchemaOutdated(TicketIntelError):
    """The database is at revision {found}, this version needs {needed}. Run `ticket-intel migrate`."""


class DatabaseUnusable(TicketIntelError):
    """The database {place} cannot be used: {reason}. Check that the folder is there and may be written, or set
    DATABASE_URL to another place.
    """


class DiskFull(TicketIntelError):
    """The disk is full, or a quota is used up: the database {place} cannot grow. Make room and run it again: what was
    stored is kept.
    """


class SlackRefused(TicketIntelError):
    """Slack refused {method}: {error}. {fix}"""


class HelpdeskRefused(TicketIntelError):
    """The helpdesk {name} cannot be read: {reason}. Run `ticket-intel doctor` to see what it says of the credentials."""


class PortTaken(TicketIntelError):
    """Port {port} on this machine is already in use, perhaps by another demo. Use `--port` with another number."""


class FileUnreadable(TicketIntelError):
    """{path} cannot be read: {reason}. {fix}"""

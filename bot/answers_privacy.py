"""What is answered about erasing: what would go, and what went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForgetPreview:
    """What forgetting a customer would take with it. `handle` names them without a name; `elsewhere` are messages of
    theirs in tickets of others, `known_from` the sources that know them under this identity, `outside` issues of a tracker that quote tickets and are not ours to edit.
    """

    handle: str
    people: int
    account: bool
    tickets: int
    elsewhere: int
    themes: tuple[str, ...]
    alerts: int
    reports: int
    known_from: tuple[str, ...]
    outside: tuple[str, ...]

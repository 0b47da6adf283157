"""What another app's Slack message says about a ticket. One reader for all apps: no template per vendor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from integrations.slack.content import Part, Piece, pieces
from integrations.slack.json_values import Object
from integrations.slack.text import links, plain_text
from integrations.slack.tickets import TicketRef, ticket_ref


@dataclass(frozen=True, slots=True)
class Notification:
    """A ticket as announced in Slack. What the message does not say is "", and `ref` is None without address.

    `fields` are all the keys and values shown, by lower-case key; `refs` every ticket address in the message, its own
    first.
    """

    ref: TicketRef | None
    title: str
    body: str
    requester: str = ""
    organisation: str = ""
    status: str = ""
    priority: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    refs: tuple[TicketRef, ...] = ()

    @property
    def provider(self) -> str:
        return self.ref.provider if self.ref else ""

    @property
    def tenant(self) -> str:
        return self.ref.tenant if self.ref else ""

    @property
    def external_id(self) -> str:
        return self.ref.external_id if self.ref else ""

    @property
    def url(self) -> str:
        return self.ref.url if self.ref else ""


_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "requester": (
        "requester", "reporter", "from", "customer", "contact", "requested by", "reported by", "submitter", "user",
        "name",
    ),
    "email": ("email", "e-mail", "requester email", "customer email", "contact email"),
    "organisation": ("organization", "organisation", "account", "company", "customer account", "workspace"),
    "status": ("status", "state", "stage"),
    "priority": ("priority", "severity", "urgency"),
    "title": ("subject", "title", "summary"),
    "body": ("description", "message", "comment", "details", "question", "issue description"),
}  # fmt: skip
_OTHER_KEYS: Final = (
    "assignee", "assigned to", "type", "group", "team", "labels", "tags", "product", "plan", "channel", "source",
    "comments",
)  # fmt: skip
_ALL_KEYS: Final = (*(key for keys in _KEYS.values() for key in keys), *_OTHER_KEYS)
_ANY_KEY: Final = "|".join(sorted(map(re.escape, _ALL_KEYS), key=len, reverse=True))
_KEY_VALUE: Final = re.compile(
    rf"(?:^|(?<=\s\s)|(?<=[|•·\n]))[ \t]{{0,8}}(?P<key>{_ANY_KEY})"
    r"[ \t]?(?::[ \t]{0,4}\n?|\n)[ \t]{0,4}(?P<value>[^\n|•·]{1,300}?)(?=\s\s|[\n|•·]|$)",
    re.IGNORECASE,
)
_EMPHASIS: Final = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")
_BARE_URL: Final = re.compile(r"https?://[^\s|<>\"')\]]{4,2000}")
_TITLE_ID: Final = re.compile(
    r"^\s*(?:\[?#?\d+\]?|\[?[A-Z][A-Z0-9_]+-\d+\]?|(?:ticket|issue|case) #?\d+)\s*[:–—-]?\s+", re.IGNORECASE
)
_ANNOUNCEMENT: Final = re.compile(
    r"(?:a )?(?:new )?(?:ticket|case|conversation|request|issue) #?\d+ (?:from|by|was|is|has been|created|opened)\b",
    re.IGNORECASE,
)
_MOST_AROUND: Final = 120  # characters of names and numbers around a title in an app's announcement
_STATUS_WORDS: Final = re.compile(r"\b(?:re)?open(?:ed)?\b|\bclosed\b|\b(?:re)?solved\b|\bcreated\b", re.IGNORECASE)
_STATUS_OF: Final = {"created": "open", "opened": "open", "reopened": "open", "reopen": "open", "resolved": "solved"}

_RANK: Final = {Part.TITLE: 0, Part.BUTTON: 1, Part.FIELD: 1, Part.BODY: 2, Part.CONTEXT: 3, Part.FALLBACK: 4}


def parse_notification(message: Object, users: Mapping[str, str] | None = None) -> Notification | None:
    """Return the ticket that an app's message announces, or None when it announces something else (a deploy, a review).

    A message is about a ticket when its title, a button, a field or, without a linked title, its text leads to one, or
    when it has the keys of a form (requester or e-mail, with a subject or description). Whether the app may be a ticket
    source is the caller's decision. Never raises, whatever the JSON holds.
    """
    shown = list(pieces(message))
    refs, own = _refs(shown)
    fields = _fields(shown, users)
    is_form = bool(_value(fields, "requester") or _value(fields, "email")) and bool(
        _value(fields, "title") or _value(fields, "body")
    )
    if own is None and not is_form:
        return None
    title = _title(shown, own, users) or _value(fields, "title")
    return Notification(
        ref=own,
        title=title,
        body=_body(shown, users, title) or _value(fields, "body"),
        requester=_value(fields, "requester") or _value(fields, "email") or _author(message),
        organisation=_value(fields, "organisation"),
        status=_value(fields, "status") or _announced_status(shown),
        priority=_value(fields, "priority"),
        fields=fields,
        refs=refs,
    )


def _refs(shown: Iterable[Piece]) -> tuple[tuple[TicketRef, ...], TicketRef | None]:
    """All ticket addresses, best place first, and the one the message is about."""
    has_linked_title = any(piece.part is Part.TITLE and (piece.url or links(piece.mrkdwn)) for piece in shown)
    found: dict[tuple[str, str, str], TicketRef] = {}
    own: TicketRef | None = None
    for piece in sorted(shown, key=lambda piece: _RANK[piece.part]):
        for url in _addresses(piece):
            ref = ticket_ref(url)
            if ref is None or ref.key in found:
                continue
            found[ref.key] = ref
            if own is None and (_RANK[piece.part] <= _RANK[Part.FIELD] or not has_linked_title):
                own = ref
    refs = sorted(found.values(), key=lambda ref: ref is not own)
    return tuple(refs), own


def _addresses(piece: Piece) -> list[str]:
    marked = links(piece.mrkdwn)
    bare = _BARE_URL.findall(re.sub(r"<[^<>\n]{0,3000}>", " ", piece.mrkdwn))
    return [*([piece.url] if piece.url else []), *(url for url, _ in marked), *bare]


def _plain(mrkdwn: str, users: Mapping[str, str] | None) -> str:
    return _EMPHASIS.sub("", plain_text(mrkdwn, users))


def _fields(shown: Iterable[Piece], users: Mapping[str, str] | None) -> dict[str, str]:
    fields: dict[str, str] = {}
    for piece in shown:
        text = _plain(piece.mrkdwn, users)
        if piece.part is Part.FIELD and piece.key:
            fields.setdefault(piece.key.lower().rstrip(":"), text.strip())
        elif piece.part in {Part.BODY, Part.FIELD, Part.CONTEXT}:
            for match in _KEY_VALUE.finditer(text):
                fields.setdefault(match["key"].lower(), match["value"].strip())
    return fields


def _value(fields: Mapping[str, str], meaning: str) -> str:
    return next((fields[key] for key in _KEYS[meaning] if fields.get(key)), "")


def _title(shown: Iterable[Piece], own: TicketRef | None, users: Mapping[str, str] | None) -> str:
    """The linked title, else the first title, else the label of the link to the ticket; without its number."""
    titles = [piece for piece in shown if piece.part is Part.TITLE and piece.mrkdwn]
    titles.sort(key=lambda piece: not piece.url)
    labels = [label for piece in shown for url, label in links(piece.mrkdwn) if own and url == own.url and label]
    candidates = [*(_plain(piece.mrkdwn, users) for piece in titles), *map(_plain_label, labels)]
    written = next((candidate.strip() for candidate in candidates if candidate.strip()), "")
    return _TITLE_ID.sub("", written, count=1).strip() or written


def _plain_label(label: str) -> str:
    return _EMPHASIS.sub("", label)


def _body(shown: Iterable[Piece], users: Mapping[str, str] | None, title: str) -> str:
    """What the customer wrote: the text without the runs of keys and values, nor the app's line that announces it."""
    parts = [plain_text(piece.mrkdwn, users).replace("\r\n", "\n") for piece in shown if piece.part is Part.BODY]
    kept = [part.strip() for part in parts if not _KEY_VALUE.match(_EMPHASIS.sub("", part).lstrip())]
    written = [part for part in dict.fromkeys(kept) if part]
    return "\n".join([part for part in written if not _announces(part, title)] or written)


def _announces(part: str, title: str) -> bool:
    """ "New ticket #12 from Ann (Acme): Export fails": one line of the app's own around the title."""
    if "\n" in part:
        return False
    around = len(part) - len(title)
    return bool(_ANNOUNCEMENT.match(part)) or (bool(title) and title in part and 0 < around <= _MOST_AROUND)


def _announced_status(shown: Iterable[Piece]) -> str:
    """ "Issue reopened by ann" in the line above the title."""
    for piece in shown:
        if piece.part is Part.CONTEXT and (match := _STATUS_WORDS.search(piece.mrkdwn)):
            word = match.group().lower()
            return _STATUS_OF.get(word, word)
    return ""


def _author(message: Object) -> str:
    names = (piece.mrkdwn for piece in pieces(message) if piece.part is Part.CONTEXT and piece.key == "author")
    return next(names, "")

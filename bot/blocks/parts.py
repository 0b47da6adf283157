"""The small parts that every surface is made of: text that cannot speak for itself, and the limits of Block Kit.

Words of tickets are `clean`ed and then stand in `rich_text` (which parses nothing) or are escaped by `inline`, so that
a ticket can neither mention @channel nor style a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from bot.answers import Quote
from bot.words import sparkline

Block = dict[str, Any]

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_TOKEN = re.compile(r"<([!@#][^<>|]{0,80})(?:\|[^<>]{0,80})?>|<(?=[!@#])")
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
_STYLE = re.compile(r"([*_~`])")
_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_TEAM = re.compile(r"S[A-Z0-9]{3,20}")
_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,20})>")
_ADDRESS = re.compile(r"https?://[^\s<>|\"\\^`{}]{1,1990}", re.IGNORECASE)
QUOTE = 300  # characters of a customer's words shown in one piece
TITLE = 110


def inert(text: str) -> str:
    """Text without controls, direction marks and the openings of Slack's mention tokens."""
    return _TOKEN.sub(lambda found: found[1] or "", _CONTROL.sub(" ", text))


def clean(text: str) -> str:
    """The same in one line without spare spaces."""
    return " ".join(inert(text).split())


def truncate(text: str, most: int) -> str:
    """At most so many characters, cut at a word where that costs little, with an ellipsis that marks the cut."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head = cut.rsplit(" ", 1)[0]
    return f"{(head if len(head) > most * 2 // 3 else cut).rstrip()}…"


def escape(text: str) -> str:
    """Escape the three characters that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inline(text: str, most: int = TITLE) -> str:
    """Words of others inside our mrkdwn: cleaned, cut, escaped, and unable to style (a joiner stands before each mark,
    which then begins no word)."""
    return _STYLE.sub("\u2060\\1", escape(truncate(clean(text), most)))


def plain(text: str, most: int = 3000) -> Block:
    """A plain_text object; nothing in it is parsed, not even emoji names."""
    return {"type": "plain_text", "text": truncate(clean(text), most) or "–", "emoji": False}


def whole(text: str, most: int) -> str:
    """mrkdwn cut to a length, never within an entity ("&am") or a token ("<https://…")."""
    if len(text) <= most:
        return text
    cut = _HALF_ENTITY.sub("", text[: most - 1])
    opened = cut.rfind("<")
    return f"{cut[:opened] if opened > cut.rfind('>') else cut}…"


def mrkdwn(text: str, most: int = 3000) -> Block:
    """Our own words; `verbatim` keeps Slack from linking what looks like a channel or an address."""
    return {"type": "mrkdwn", "text": whole(text, most) or "–", "verbatim": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | {"accessory": accessory} if accessory else block


def context(*texts: str) -> Block:
    """Quiet words under something."""
    return {"type": "context", "elements": [mrkdwn(text, 2000) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def button(label: str, action: str, value: str, *, style: str | None = None) -> Block:
    made: Block = {"type": "button", "text": plain(label, 75), "action_id": action, "value": value}
    return made | {"style": style} if style else made


def link_button(label: str, action: str, url: str) -> Block:
    return {"type": "button", "text": plain(label, 75), "action_id": action, "url": url}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements[:25])}


def overflow(action: str, options: Iterable[tuple[str, str]]) -> Block:
    """A row's menu: (label, value) pairs, at most five."""
    made = [{"text": plain(label, 75), "value": value} for label, value in options if len(value) <= 75]
    return {"type": "overflow", "action_id": action, "options": made[:5]}


def option(label: str, value: str, description: str | None = None) -> Block:
    made: Block = {"text": plain(label, 75), "value": value}
    return made | {"description": plain(description, 75)} if description else made


def address(url: str | None) -> str | None:
    """An http(s) address that may be linked, or None."""
    return url if url and _ADDRESS.fullmatch(url) else None


def link(url: str | None, label: str) -> str:
    """A link in mrkdwn, or the label alone where the address may not be linked. The label is escaped here."""
    good = address(url)
    words = inline(label).replace("|", "¦")
    return f"<{escape(good)}|{words or 'open'}>" if good else words


def person(user: str) -> str:
    """A person's or user group's mention where it is a Slack id (an edit, a context line, and what one person alone sees
    ping nobody anew), else the name."""
    if _TEAM.fullmatch(user):
        return f"<!subteam^{user}>"
    return f"<@{user}>" if _USER.fullmatch(user) else inline(user, 60)


def naming_people(sentence: str, most: int) -> str:
    """Our sentence with words of others escaped; the people it names stay mentions (in what one person alone reads)."""
    pieces = _PERSON.split(truncate(" ".join(sentence.split()), most))
    return "".join(f"<@{piece}>" if place % 2 else escape(inert(piece)) for place, piece in enumerate(pieces))


def moment(at: datetime) -> str:
    """A date in the reader's own zone, with a fallback in ours."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M}>"


def day(at: date) -> str:
    return f"{at.day} {at:%b}"


# Rich text: nothing in it is parsed.


def text(words: str, **style: bool) -> Block:
    made: Block = {"type": "text", "text": words}
    return made | {"style": style} if style else made


def rich_section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def rich_link(url: str, label: str) -> Block:
    return {"type": "link", "url": url, "text": label}


def rich_moment(at: datetime) -> Block:
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty}",
        "fallback": f"{at:%Y-%m-%d}",
    }


def quoted(words: str, most: int = QUOTE) -> Block:
    """Somebody's own words as a quote."""
    return {"type": "rich_text_quote", "elements": [text(truncate(clean(words), most) or "…")]}


def quotes(items: Sequence[Quote], most: int = QUOTE) -> Block | None:
    """Quotes with who said them, when, and where they stand; None without any."""
    elements: list[Block] = []
    for item in items:
        if not clean(item.text):
            continue
        who = truncate(clean(item.who), 60) or "a customer"
        line = [text(f"{who}, "), rich_moment(item.at)]
        if url := address(item.link):
            line += [text(" · "), rich_link(url, "open")]
        elements += [quoted(item.text, most), rich_section(*line)]
    return rich(*elements) if elements else None


def timeline(days: Sequence[tuple[date, int]], marks: Sequence[tuple[date, str]] = ()) -> Block | None:
    """Tickets a day in bars of equal width, releases marked below them; None without days."""
    if not days:
        return None
    line = f"{sparkline([n for _, n in days])}  {day(days[0][0])} – {day(days[-1][0])}"
    places = {at: place for place, (at, _) in enumerate(days)}
    marked = [(places[at], truncate(clean(name), 24)) for at, name in marks if at in places]
    rows = [line]
    if marked:
        row = [" "] * len(days)
        for place, _ in marked:
            row[place] = "▲"
        names = ", ".join(name for _, name in sorted(marked)[-4:])
        rows.append(f"{''.join(row).rstrip()} {names}")
    return rich({"type": "rich_text_preformatted", "elements": [text("\n".join(rows))]})

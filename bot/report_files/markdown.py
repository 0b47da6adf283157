"""A report as Markdown. Words of tickets are escaped: they can neither style the page nor link nor embed."""

from __future__ import annotations

import re

from bot.blocks.parts import clean
from bot.report_document import Document, Entry, Part
from intelligence.reports.values import Said

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_ADDRESS = re.compile(r"https?://[^\s<>()\"'\\`]{1,1990}")
_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


def markdown(document: Document) -> str:
    """The whole document."""
    lines = [f"# {words(document.title)}", "", f"*{words(document.period)}*", ""]
    lines += [f"{words(sentence)}" for sentence in document.summary]
    for part in document.parts:
        lines += ["", *_part(part)]
    lines += ["", "---", "", *[f"{words(line)}  " for line in document.footer]]
    return "\n".join(lines) + "\n"


def words(text: str) -> str:
    """Plain words, escaped."""
    escaped = _MARKS.sub(r"\\\1", clean(text))
    return _START.sub(r"\1\\\2", escaped) if not escaped[:1].isdigit() else _START.sub(_numbered, escaped)


def _numbered(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2][:-1]}\\{found[2][-1]}"


def _part(part: Part) -> list[str]:
    lines = [f"## {words(part.title)}", ""]
    lines += [f"{words(line)}  " for line in part.lead]
    if part.lead and part.entries:
        lines.append("")
    for entry in part.entries:
        lines += _entry(entry)
    return lines


def _entry(entry: Entry) -> list[str]:
    head = f"**{words(entry.head)}**"
    if entry.url and _ADDRESS.fullmatch(entry.url):
        head = f"[{head}]({entry.url})"
    lines = [f"- {head}{': ' if entry.facts else ''}{words(' · '.join(entry.facts))}"]
    lines += [f"  - {words(note)}" for note in entry.notes]
    lines += [_quote(quote) for quote in entry.quotes]
    return lines


def _quote(quote: Said) -> str:
    where = f", [open]({quote.link})" if quote.link and _ADDRESS.fullmatch(quote.link) else ""
    return f"  - “{words(quote.text)}” ({words(quote.who)}, {quote.at:%Y-%m-%d}{where})"

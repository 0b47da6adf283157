"""A report in Slack: one message with what matters, the parts in its thread; or one answer with all of its heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.answers import Quote
from bot.answers_reports import ReportAnswer
from bot.blocks import ids
from bot.blocks.message import MOST_BLOCKS, MOST_CHARACTERS, MOST_TEXT, Rendered, characters, rendered
from bot.blocks.parts import (
    Block,
    actions,
    button,
    clean,
    context,
    divider,
    header,
    inline,
    link,
    quotes,
    rich,
    section,
    text,
    truncate,
)
from bot.charts.charts import charts
from bot.charts.shapes import Drawing
from bot.grammar import Request, render
from bot.report_document import Document, Entry, Part, document
from bot.words import sparkline

LONG = 300
_ROOM = MOST_CHARACTERS - MOST_TEXT
_IN_PARENT = frozenset({"outcomes", "decisions", "volume", "changes"})
_PICTURED_IN_PARENT = frozenset({"trend"})
_THEMES_IN_PARENT = 5
MOST_ALT = 1_900  # Slack takes 2,000 characters


def parent(answer: ReportAnswer, pictures: Mapping[str, str] | None = None) -> Rendered:
    """The message in the channel: summary, decisions, volume, the first themes in a line each; the rest is below it.

    `pictures` are ids of uploaded charts by name; without the trend among them a line of bars stands there.
    """
    shown = document(answer)
    blocks = _top(answer, shown, pictures or {})
    blocks.append(context("The themes with quotes, all backlogs and how far to trust this: in the thread."))
    return rendered(_fallback(shown), [*blocks, _footer(shown)])


def in_pictures(answer: ReportAnswer, pictures: Mapping[str, str]) -> Rendered | None:
    """The reply with the charts that have no place in the message itself; None where none was uploaded."""
    images = [
        _picture(chart, pictures[chart.name])
        for chart in charts(answer.report)
        if chart.name in pictures and chart.name not in _PICTURED_IN_PARENT
    ]
    return rendered("The report in pictures", images) if images else None


def _picture(chart: Drawing, picture: str) -> Block:
    return {"type": "image", "slack_file": {"id": picture}, "alt_text": truncate(clean(chart.alt), MOST_ALT)}


def thread(answer: ReportAnswer) -> tuple[Rendered, ...]:
    """The replies below it: whole parts, packed into as few messages as Slack's limits allow."""
    shown = document(answer)
    pieces = [piece for part in shown.parts if part.name not in _IN_PARENT for piece in _pieces(part)]
    messages: list[Rendered] = []
    blocks: list[Block] = []
    titles: list[str] = []
    for title, piece in pieces:
        if blocks and (len(blocks) + len(piece) > MOST_BLOCKS or characters([*blocks, *piece]) > _ROOM):
            messages.append(rendered(" · ".join(titles), blocks))
            blocks, titles = [], []
        blocks += piece
        titles += [] if title in titles else [title]
    return (*messages, rendered(" · ".join(titles), blocks)) if blocks else tuple(messages)


def report(answer: ReportAnswer, request: Request, *, shared: bool = False) -> Rendered:
    """The answer to one person, or shared: everything in one message, the later parts by their first lines."""
    shown = document(answer)
    blocks = _top(answer, shown, {})
    for part in shown.parts:
        if part.name not in _IN_PARENT and part.name != "themes":
            blocks.append(section(_in_short(part)))
    buttons = None if shared or not shown.parts else actions(button("Share here", ids.SHARE, render(request)))
    return rendered(_fallback(shown), [*blocks, buttons, _footer(shown)])


def _top(answer: ReportAnswer, shown: Document, pictures: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = [header(shown.title), context(inline(shown.period))]
    if shown.summary:
        blocks.append(section("\n".join(inline(sentence, LONG) for sentence in shown.summary)))
    first = (shown.part(name) for name in ("changes", "outcomes", "decisions"))
    blocks += [section(_listed(part)) for part in first if part is not None]
    if (part := shown.part("volume")) is not None:
        blocks.append(section("\n".join([_bold(part.title), *(inline(line, LONG) for line in part.lead)])))
    drawn = [chart for chart in charts(answer.report) if chart.name in pictures and chart.name in _PICTURED_IN_PARENT]
    blocks += [_picture(chart, pictures[chart.name]) for chart in drawn]
    if not drawn and (line := _trend(answer)):
        blocks.append(line)
    if (part := shown.part("themes")) is not None:
        blocks.append(section(_themes(part)))
    return blocks


def _bold(words: str) -> str:
    return f"*{inline(words)}*"


def _listed(part: Part) -> str:
    lines = [_bold(part.title), *(inline(line, LONG) for line in part.lead)]
    lines += [f"• {_row(entry)}" for entry in part.entries[:8]]
    return "\n".join(lines)


def _row(entry: Entry) -> str:
    head = _bold(entry.head) if entry.url is None else f"*{link(entry.url, entry.head)}*"
    return f"{head}  {inline(' · '.join(entry.facts), LONG)}" if entry.facts else head


def _themes(part: Part) -> str:
    """The first themes with what a reader wants in one look: figures, who stands out, what helps."""
    lines = [_bold(part.title)]
    for entry in part.entries[:_THEMES_IN_PARENT]:
        lines.append(_row(entry))
        lines += [f"      {inline(note, 160)}" for note in entry.notes[:2]]
    if not part.entries:
        lines += [inline(line, LONG) for line in part.lead]
    return "\n".join(lines)


def _in_short(part: Part) -> str:
    """One part in two or three lines: "Feature requests extracted: 34", then what leads it with counts."""
    first = "; ".join(
        f"{inline(entry.head, 70)} ({inline(entry.facts[0], 40)})" for entry in part.entries[:4] if entry.facts
    )
    lines = [_bold(part.title)]
    lines += [first] if first else [inline(line, LONG) for line in part.lead]
    return "\n".join(lines)


def _trend(answer: ReportAnswer) -> Block | None:
    days = answer.report.volume.days
    if not any(day.tickets for day in days):
        return None
    line = f"{sparkline([day.tickets for day in days])}  {days[0].day:%-d %b} – {days[-1].day:%-d %b}, a bar a day"
    return rich({"type": "rich_text_preformatted", "elements": [text(line)]})


def _pieces(part: Part) -> Iterable[tuple[str, list[Block]]]:
    """A part in pieces that may be parted by the end of a message: its head with the first entry, then each entry."""
    lead = "\n".join([_bold(part.title), *(inline(line, LONG) for line in part.lead)])
    rows = [_entry(entry) for entry in part.entries]
    yield part.title, [divider(), section(lead), *(rows[0] if rows else [])]
    for row in rows[1:]:
        yield part.title, row


def _entry(entry: Entry) -> list[Block]:
    lines = [_row(entry), *(inline(note, 420) for note in entry.notes)]
    said = quotes([Quote(one.text, one.who, one.at, one.link) for one in entry.quotes])
    return [section("\n".join(lines)), *([said] if said else [])]


def _footer(shown: Document) -> Block:
    return context(" · ".join(inline(line, LONG) for line in shown.footer))


def _fallback(shown: Document) -> str:
    first: Sequence[str] = shown.summary or ("No figures.",)
    return f"{inline(shown.title)}: {inline(first[0], LONG)}"

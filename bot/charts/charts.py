"""The three charts of a report: the trend with its usual range, the Pareto of themes, the mix of categories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, log10

from bot.blocks.parts import truncate
from bot.charts.shapes import Area, Dot, Drawing, Ink, Label, Line, Rect, Shape
from bot.report_document import KINDS
from intelligence.reports.ranking import pareto
from intelligence.reports.values import Report
from intelligence.reports.volume_values import Day

WIDTH = 640  # Slack shows pictures about 450 wide, in a thread 300: words must bear that
AXIS, NAME, HEAD = 15, 16, 20  # sizes of words
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 30, 74, 44


def charts(report: Report) -> tuple[Drawing, ...]:
    """Every chart that the report has figures for."""
    made = [trend(report), themes(report), mix(report)]
    return tuple(one for one in made if one is not None)


def trend(report: Report) -> Drawing | None:
    """Tickets a day as a line over the band of each weekday's usual range; days outside it are dotted."""
    days = report.volume.days
    if not any(day.tickets for day in days):
        return None
    height = 340
    top = _scale(max(max(day.tickets, day.high or 0) for day in days))
    plot = _Plot(len(days), top, height)
    shapes: list[Shape] = [*_heading("Tickets a day", "grey: usual range of the weekday; dots: outside it")]
    shapes += plot.grid()
    shapes += _bands(days, plot)
    shapes += _period_mark(report, days, plot)
    shapes.append(Line(tuple((plot.x(i), plot.y(day.tickets)) for i, day in enumerate(days)), Ink.LINE, 2.5))
    outside = [(i, day) for i, day in enumerate(days) if _outside(day)]
    shapes += [Dot(plot.x(i), plot.y(day.tickets), 5, Ink.RISE) for i, day in outside]
    every = max(1, ceil(len(days) / 6))
    shapes += [
        Label(plot.x(i), height - 16, _day(day.day), Ink.QUIET, AXIS, "middle")
        for i, day in enumerate(days)
        if (len(days) - 1 - i) % every == 0
    ]
    peak = max(days, key=lambda day: day.tickets)
    alt = f"Tickets a day, {_day(days[0].day)} to {_day(days[-1].day)}; most {peak.tickets} on {_day(peak.day)}"
    return Drawing("trend", WIDTH, height, f"{alt}; {len(outside)} days outside the usual range", tuple(shapes))


def _outside(day: Day) -> bool:
    return day.low is not None and day.high is not None and not day.low <= day.tickets <= day.high


def _bands(days: Sequence[Day], plot: _Plot) -> list[Shape]:
    """One area for each run of days whose range is known."""
    made: list[Shape] = []
    run: list[tuple[int, int, int]] = []
    for i, day in enumerate([*days, Day(date.max, 0)]):
        if day.low is not None and day.high is not None:
            run.append((i, day.low, day.high))
            continue
        if len(run) > 1:
            upper = [(plot.x(i), plot.y(high)) for i, _, high in run]
            lower = [(plot.x(i), plot.y(low)) for i, low, _ in reversed(run)]
            made.append(Area((*upper, *lower), Ink.BAND))
        run = []
    return made


def _period_mark(report: Report, days: Sequence[Day], plot: _Plot) -> list[Shape]:
    """A line where the period of the report begins, if the trend shows days before it."""
    first = next((i for i, day in enumerate(days) if day.day >= report.span.start.date()), 0)
    if first == 0:
        return []
    x = (plot.x(first) + plot.x(first - 1)) / 2
    return [
        Line(((x, _TOP), (x, plot.floor)), Ink.MUTED, 1.5),
        Label(x, _TOP - 6, "this report", Ink.QUIET, AXIS, "middle"),
    ]


class _Plot:
    """Where points of a day axis and a count axis stand."""

    def __init__(self, places: int, top: int, height: int) -> None:
        self.top, self.floor = top, height - _BOTTOM
        self._step = (WIDTH - _LEFT - _RIGHT) / max(1, places - 1)

    def x(self, place: int) -> float:
        return _LEFT + place * self._step

    def y(self, value: float) -> float:
        return self.floor - (self.floor - _TOP) * value / self.top

    def grid(self) -> list[Shape]:
        made: list[Shape] = []
        for part in range(5):
            value = self.top * part / 4
            made.append(Line(((_LEFT, self.y(value)), (WIDTH - _RIGHT, self.y(value))), Ink.GRID, 1))
            words = f"{value:,.0f}" if self.top >= 4 else f"{value:g}"
            made.append(Label(_LEFT - 10, self.y(value) + 5, words, Ink.QUIET, AXIS, "end"))
        return made


def themes(report: Report) -> Drawing | None:
    """The Pareto of themes: bars by tickets with names, and the running share of all tickets beside them."""
    titles = {theme.key: theme for theme in report.themes}
    bars = pareto({theme.key: theme.tickets for theme in report.themes}, report.volume.tickets)
    if not bars:
        return None
    row, name_width, share_width = 34, 308, 96
    room = WIDTH - name_width - share_width - _RIGHT
    shapes: list[Shape] = [*_heading("Themes by tickets", "orange: new or rising; right: running share of all tickets")]
    for place, bar in enumerate(bars):
        theme, y = titles[bar.label], _TOP + 8 + place * row
        length = max(2.0, room * bar.tickets / bars[0].tickets)
        shapes.append(Label(name_width - 12, y + 18, truncate(f"{bar.label} {theme.title}", 36), Ink.TEXT, NAME, "end"))
        shapes.append(Rect(name_width, y, length, 24, Ink.RISE if theme.rises else Ink.BAR))
        shapes.append(Label(name_width + length + 8, y + 18, f"{bar.tickets:,}", Ink.TEXT, NAME, bold=True))
        shapes.append(Label(WIDTH - _RIGHT, y + 18, f"{bar.cumulative:.0%}", Ink.QUIET, NAME, "end"))
    alt = "; ".join(f"{bar.label} {bar.tickets}" for bar in bars)
    return Drawing("pareto", WIDTH, _TOP + 24 + row * len(bars), f"Themes by tickets: {alt}", tuple(shapes))


def mix(report: Report) -> Drawing | None:
    """Categories now against the period before, a pair of bars each."""
    shares = report.volume.categories
    most = max((max(one.tickets, one.before) for one in shares), default=0)
    if not most:
        return None
    row, name_width = 54, 176
    room = WIDTH - name_width - 70 - _RIGHT
    shapes: list[Shape] = [*_heading("What tickets are", "blue: this period; grey: the one before")]
    for place, one in enumerate(shares):
        y = _TOP + 8 + place * row
        name = KINDS.get(one.name, one.name)
        shapes.append(Label(name_width - 12, y + 24, name[:1].upper() + name[1:], Ink.TEXT, NAME, "end"))
        shapes.append(Rect(name_width, y, max(1.0, room * one.tickets / most), 20, Ink.BAR))
        shapes.append(Rect(name_width, y + 22, max(1.0, room * one.before / most), 12, Ink.MUTED))
        end = name_width + room * max(one.tickets, one.before) / most + 10
        shapes.append(Label(end, y + 16, f"{one.tickets:,}", Ink.TEXT, NAME, bold=True))
        shapes.append(Label(end, y + 33, f"{one.before:,}", Ink.QUIET, AXIS))
    alt = "; ".join(f"{KINDS.get(one.name, one.name)} {one.tickets} ({one.before} before)" for one in shares)
    return Drawing("mix", WIDTH, _TOP + 16 + row * len(shares), f"Categories: {alt}", tuple(shapes))


def _heading(title: str, legend: str) -> tuple[Label, Label]:
    return Label(16, 28, title, Ink.TEXT, HEAD, bold=True), Label(16, 50, legend, Ink.QUIET, AXIS)


def _scale(top: int) -> int:
    """A round number at or above the largest value that four steps divide."""
    if top <= 4:
        return 4
    unit = 10 ** int(log10(top))
    return next(step for part in (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10) if (step := ceil(unit * part / 4) * 4) >= top)


def _day(at: date) -> str:
    return f"{at.day} {at:%b}"

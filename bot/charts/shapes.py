"""What a chart is made of, in pixels from the upper left. Colours are roles: each renderer has its own for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Ink(StrEnum):
    """What a shape means; the HTML colours it for light and dark, the PNG for light."""

    TEXT = "text"
    QUIET = "quiet"
    GRID = "grid"
    BAR = "bar"
    RISE = "rise"
    BAND = "band"
    LINE = "line"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Line:
    """Straight pieces between points."""

    points: tuple[tuple[float, float], ...]
    ink: Ink
    width: float = 2.0


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    ink: Ink


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: float
    ink: Ink


@dataclass(frozen=True, slots=True)
class Label:
    """Words whose baseline stands at y; `anchor` says which end of them is at x."""

    x: float
    y: float
    text: str
    ink: Ink = Ink.TEXT
    size: int = 14
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False


Shape = Rect | Line | Area | Dot | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart; `alt` says in words what it shows."""

    name: str
    width: int
    height: int
    alt: str
    shapes: tuple[Shape, ...]

"""A chart as PNG, at twice its size for sharp screens. Pillow draws it with the font that comes with it: 20 MB and no
system fonts, where matplotlib would bring 60 and a cache to write.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.charts.shapes import Area, Dot, Drawing, Ink, Label, Line, Rect, Shape

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE = 2
COLOURS: dict[Ink, str] = {
    Ink.TEXT: "#1d1c1d",
    Ink.QUIET: "#616061",
    Ink.GRID: "#e8e8e8",
    Ink.BAR: "#2f6fb5",
    Ink.RISE: "#d9622b",
    Ink.BAND: "#dfe5ec",
    Ink.LINE: "#2f6fb5",
    Ink.MUTED: "#a9b4c0",
}
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawing: Drawing) -> bytes:
    """The drawing as a PNG file's bytes, on white."""
    from PIL import Image, ImageDraw  # only where a picture is asked for

    picture = Image.new("RGB", (drawing.width * SCALE, drawing.height * SCALE), "#ffffff")
    canvas = ImageDraw.Draw(picture)
    for shape in drawing.shapes:
        _draw(canvas, shape)
    out = BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw(canvas: ImageDraw, shape: Shape) -> None:
    colour = COLOURS[shape.ink]
    match shape:
        case Rect():
            box = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
            canvas.rounded_rectangle([v * SCALE for v in box], 3 * SCALE, fill=colour)
        case Line():
            canvas.line(_points(shape.points), fill=colour, width=round(shape.width * SCALE), joint="curve")
        case Area():
            canvas.polygon(_points(shape.points), fill=colour)
        case Dot():
            box = (shape.x - shape.radius, shape.y - shape.radius, shape.x + shape.radius, shape.y + shape.radius)
            canvas.ellipse([v * SCALE for v in box], fill=colour)
        case Label():
            _write(canvas, shape, colour)


def _write(canvas: ImageDraw, label: Label, colour: str) -> None:
    """Words; what the font cannot draw (emoji, other scripts) is left out rather than shown as boxes."""
    font: Any = _font(label.size * SCALE)
    text = "".join(c for c in label.text if ord(c) < 0x250 or c in "–—…‘’“”•→−")
    stroke = 0.4 * SCALE if label.bold else 0
    place = (label.x * SCALE, label.y * SCALE)
    canvas.text(place, text, fill=colour, font=font, anchor=_ANCHORS[label.anchor], stroke_width=stroke)


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _points(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]

"""A chart as inline SVG: its colours are the page's CSS classes, so that it follows light, dark and print."""

from __future__ import annotations

from html import escape

from bot.charts.shapes import Area, Dot, Drawing, Line, Rect, Shape


def svg(drawing: Drawing) -> str:
    """The drawing as one <svg> element that scales to its place and tells its words to those who cannot see it."""
    body = "".join(map(_element, drawing.shapes))
    size = f'viewBox="0 0 {drawing.width} {drawing.height}"'
    return f'<svg class="chart" {size} role="img" aria-label="{escape(drawing.alt)}">{body}</svg>'


def _element(shape: Shape) -> str:
    match shape:
        case Rect():
            place = f'x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}"'
            return f'<rect class="{shape.ink}" rx="3" {place}/>'
        case Line():
            return (
                f'<polyline class="{shape.ink} stroke" stroke-width="{shape.width}" points="{_points(shape.points)}"/>'
            )
        case Area():
            return f'<polygon class="{shape.ink}" points="{_points(shape.points)}"/>'
        case Dot():
            return f'<circle class="{shape.ink}" cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius}"/>'
        case _:
            weight = ' font-weight="600"' if shape.bold else ""
            style = f'font-size="{shape.size}" text-anchor="{shape.anchor}"{weight}'
            return f'<text class="{shape.ink}" x="{shape.x:.1f}" y="{shape.y:.1f}" {style}>{escape(shape.text)}</text>'


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

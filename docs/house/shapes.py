"""The few shapes of the picture, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

INK, FAINT, LINE, TIP, EDGE, PAPER = "#24292f", "#57606a", "#8c959f", "#6e7781", "#c4ccd4", "#ffffff"
Point = tuple[float, float]

_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" \
height="{height:g}" \
font-family="-apple-system, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, sans-serif" font-size="13" fill="{ink}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5 8 4 0 7.5z" fill="{tip}"/></marker></defs>
"""


@dataclass(frozen=True)
class Drawing:
    """A part of the picture: how large it is, px, and its shapes, from its own corner on."""

    width: float
    height: float
    shapes: list[str]

    def put(self, part: Drawing, x: float, y: float) -> None:
        """Draws a part at a place in this one."""
        self.shapes.extend([f'<g transform="translate({x:g} {y:g})">', *part.shapes, "</g>"])

    def svg(self) -> str:
        """A file of its own, on paper."""
        head = _HEAD.format(width=self.width, height=self.height, tip=TIP, ink=INK)
        paper = f'<rect width="{self.width:g}" height="{self.height:g}" rx="8" fill="{PAPER}"/>'
        return head + "\n".join([paper, *self.shapes]) + "\n</svg>\n"


def panel(width: float, height: float, tint: str) -> Drawing:
    """An empty box with round corners."""
    shape = f'<rect width="{width:g}" height="{height:g}" rx="6" fill="{tint}" stroke="{EDGE}"/>'
    return Drawing(width, height, [shape])


def text(words: str, x: float, y: float, style: str) -> str:
    """A line of words that starts at a point, or as its style says."""
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(words)}</text>'


def arrow(points: Sequence[Point], *, upright: bool, width: float = 1.3) -> str:
    """A smooth line from point to point, up and down if it is upright, else from side to side, and a tip at its end."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x0, y0), (x1, y1) in pairwise(points):
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        path += f"C{x0:g} {y:g} {x1:g} {y:g}" if upright else f"C{x:g} {y0:g} {x:g} {y1:g}"
        path += f" {x1:g} {y1:g}"
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="{width:g}" marker-end="url(#tip)"/>'

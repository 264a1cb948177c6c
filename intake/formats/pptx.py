"""PowerPoint presentations, slide by slide: titles, lists, tables, what diagrams say, and the speaker's notes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pptx
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn

from db.errors import BadInputError
from intake.formats.escaping import escape_text, table
from intake.formats.office import office_title, parse_xml
from intake.formats.reading import Placed, Reading, Tell
from intake.formats.zipped import open_zip

_DEEPEST = 20
_DIAGRAM = re.compile(r"/diagramData\Z")
_NO_TEXT = frozenset({"DATE", "FOOTER", "SLIDE_NUMBER", "HEADER"})


def read_pptx(data: bytes, tell: Tell) -> Reading:
    """Each slide as Markdown, its title a heading, in the order that its shapes stand in; hidden ones are left out.

    Raises:
        BadInputError: it is protected or damaged.
    """
    kind = "a PowerPoint presentation (.pptx)"
    with open_zip(data, kind) as archive:
        title = office_title(archive)
    try:
        slides = list(pptx.Presentation(io.BytesIO(data)).slides)
    except (PackageNotFoundError, KeyError, ValueError, AttributeError):
        raise BadInputError(f"there is no {kind[2:]} in it; open it in PowerPoint and save it anew") from None
    parts = []
    for number, slide in enumerate(slides, 1):
        tell(number - 1, len(slides))
        if slide.element.get("show") in ("0", "false"):
            continue
        text = "\n\n".join(part for part in _slide(slide) if part.strip())
        parts.append(Placed(text, f"#slide={number}"))
    return Reading(title, parts)


def _slide(slide: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx's
    heading = slide.shapes.title
    if heading is not None and (words := " ".join(heading.text_frame.text.split())):
        yield f"# {escape_text(words)}"
    for shape in _in_order(slide.shapes):
        if heading is None or shape.shape_id != heading.shape_id:
            yield from _shape(shape, slide)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        yield escape_text(frame.text.strip())


def _in_order(shapes: Any, deep: int = 0) -> Iterator[Any]:  # noqa: ANN401 - python-pptx's
    """Shapes as they are read, from the top down; those of a group at the group's place."""
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if _is_hidden(shape):
            continue
        if hasattr(shape, "shapes") and deep < _DEEPEST:
            yield from _in_order(shape.shapes, deep + 1)
        else:
            yield shape


def _is_hidden(shape: Any) -> bool:  # noqa: ANN401 - python-pptx's
    own = next(shape.element.iter(qn("p:cNvPr")), None)
    return own is not None and own.get("hidden") in ("1", "true")


def _shape(shape: Any, slide: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx's
    if shape.is_placeholder and shape.placeholder_format.type.name in _NO_TEXT:
        return
    if getattr(shape, "has_table", False):
        rows = [[escape_text(cell.text) for cell in row.cells] for row in shape.table.rows]
        if rows:
            yield table(rows)
    elif shape.has_text_frame:
        yield _paragraphs(shape)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    else:
        yield from _diagram(shape, slide)


def _paragraphs(shape: Any) -> str:  # noqa: ANN401 - python-pptx's
    """A list where there are several paragraphs in a slide's body; they are deep as they are indented."""
    paragraphs = [paragraph for paragraph in shape.text_frame.paragraphs if paragraph.text.strip()]
    written = [escape_text(" ".join(paragraph.text.split())) for paragraph in paragraphs]
    if len(paragraphs) < 2:
        return "".join(written)
    return "\n".join(f"{'  ' * paragraph.level}- {text}" for paragraph, text in zip(paragraphs, written, strict=True))


def _chart(chart: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx's
    """A chart's title, and its figures as a table: they are kept in the file as they were drawn."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield escape_text(chart.chart_title.text_frame.text.strip())
    for plot in chart.plots:
        names = [str(name) for name in plot.categories]
        series = [(own.name or "", [*own.values]) for own in plot.series]
        if names and series:
            rows = [
                [name, *("" if place >= len(own) or own[place] is None else f"{own[place]:g}" for _, own in series)]
                for place, name in enumerate(names)
            ]
            yield table([["", *(name for name, _ in series)], *rows])


def _diagram(shape: Any, slide: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx's
    """The words of a SmartArt, which stand in a part of their own."""
    for holder in shape.element.iter("{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"):
        relation = slide.part.rels.get(holder.get(qn("r:dm")) or "")
        if relation is not None and not relation.is_external and _DIAGRAM.search(relation.reltype):
            root = parse_xml(relation.target_part.blob)
            words = ["".join(own.itertext()) for own in root.iter(qn("a:p"))]
            yield "\n".join(f"- {escape_text(word.strip())}" for word in words if word.strip())

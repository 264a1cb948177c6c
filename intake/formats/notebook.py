"""Jupyter notebooks: what is written between the code, and the code; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from db.errors import BadInputError
from intake.formats.escaping import fenced
from intake.formats.reading import Placed, Reading

_LANGUAGE = re.compile(r"[\w+#-]{1,20}")


def read_notebook(text: str) -> Reading:
    """Its cells in their order, each a part: Markdown as it is, code in fences; what code gave out is left out.

    Raises:
        BadInputError: it is no notebook.
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInputError("it is a damaged notebook; open it and save it anew") from None
    if not isinstance(notebook, dict):
        raise BadInputError("it is no notebook; open it and save it anew")
    sheets = notebook.get("worksheets")  # as notebooks were until 2015
    holders = sheets if isinstance(sheets, list) else [notebook]
    language = _language(notebook)
    held = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    cells = [cell for own in held if isinstance(own, list) for cell in own]
    return Reading(None, [part for cell in cells if isinstance(cell, dict) for part in _cell(cell, language)])


def _cell(cell: dict[str, Any], language: str) -> Iterator[Placed]:
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    if not text.strip():
        return
    kind = cell.get("cell_type")
    if kind == "code":
        yield Placed(fenced(text, language))
    elif kind == "heading":
        level = cell.get("level")
        marks = "#" * min(max(level, 1), 6) if isinstance(level, int) else "#"
        yield Placed(f"{marks} {' '.join(text.split())}", is_written=True)
    elif kind != "raw":
        yield Placed(text, is_written=True)


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = str(info.get("name", "")) if isinstance(info, dict) else ""
    return name if _LANGUAGE.fullmatch(name) else ""

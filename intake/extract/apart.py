"""What is read in a process of its own: pages of HTML, and every format of `intake.formats`; here as Markdown."""

from __future__ import annotations

from collections.abc import Callable

from db.store import clean_text
from intake.extract.html import html_to_markdown
from intake.extract.visible import visible_markdown
from intake.formats import SUFFIXES as FORMATS
from intake.formats import Placed, Reading, Tell, read_format

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
SUFFIXES = HTML_SUFFIXES | FORMATS

ReadFile = Callable[[str, bytes], Reading]
"""A file's bytes by its name's suffix, one of `SUFFIXES`, as parts in Markdown; what is text is given in UTF-8."""

ReadAndTell = Callable[[str, bytes, Tell], Reading]


def read_apart(suffix: str, data: bytes, tell: Tell = lambda _done, _total: None) -> Reading:
    """Reads a file here and now, whatever that takes; `tell` hears how far it is.

    Raises:
        NoTextError: there is no text in it.
        BadInputError: it can't be read; the message is a reason without the file's name.
    """
    if suffix in HTML_SUFFIXES:
        title, text = html_to_markdown(data.decode())
        return Reading(title, [Placed(text)])
    reading = read_format(suffix, data, tell)
    return Reading(reading.title, [_as_markdown(part) for part in reading.parts])


def _as_markdown(part: Placed) -> Placed:
    if part.is_html:
        return Placed(html_to_markdown(part.text)[1], part.place)
    text = clean_text(part.text)
    return Placed(visible_markdown(text) if part.is_written else text, part.place)

"""An e-book is its chapters, in the order in which they are read."""

from __future__ import annotations

import pytest

from db.errors import BadInputError
from intake.formats.epub import read_epub
from tests.intake.formats.making import epub, unheard, zipped

LOCK = '<encryption><CipherReference URI="{}"/></encryption>'


def test_each_chapter_opens_at_its_own_file() -> None:
    reading = read_epub(epub("<h1>One</h1>", "<h1>Two</h1>", title="A book"), unheard)
    assert reading.title == "A book"
    assert [(part.place, part.is_html) for part in reading.parts] == [
        ("#OEBPS/text/c%200.xhtml", True),
        ("#OEBPS/text/c%201.xhtml", True),
    ]
    assert "<h1>Two</h1>" in reading.parts[1].text


def test_a_locked_one_is_refused_and_one_whose_fonts_are_is_read() -> None:
    with pytest.raises(BadInputError, match="locked to a reader"):
        read_epub(epub("x", encryption=LOCK.format("OEBPS/text/c%200.xhtml")), unheard)
    assert read_epub(epub("x", encryption=LOCK.format("OEBPS/font.otf")), unheard).parts
    with pytest.raises(BadInputError, match="damaged"):
        read_epub(epub("x", encryption="<broken"), unheard)


@pytest.mark.parametrize("data", [zipped({"a": "b"}), zipped({"META-INF/container.xml": "<x/>"}), b"PK\x03\x04"])
def test_what_is_none_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(BadInputError, match="save it anew|damaged"):
        read_epub(data, unheard)

"""What Office files say of themselves, and tables get the header that they lack."""

from __future__ import annotations

import io
import zipfile

import pytest

from intake.formats.office import office_title, with_headers
from tests.intake.formats.making import zipped

CORE = '<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></p>'


@pytest.mark.parametrize(
    ("core", "title"),
    [
        (CORE.format(" Travel\n policy "), "Travel policy"),
        (CORE.format(""), None),
        (CORE.format("PowerPoint Presentation"), None),
        ("<broken", None),
        ("<p/>", None),
    ],
)
def test_a_title_is_taken_where_it_says_something(core: str, title: str | None) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped({"docProps/core.xml": core}))) as archive:
        assert office_title(archive) == title


def test_a_table_without_a_header_gets_its_first_row() -> None:
    html = "<p>a</p><table><tr><td>x</td></tr><tr><td>y</td></tr></table>"
    assert "<tr><th>x</th></tr><tr><td>y</td></tr>" in with_headers(html)
    marked = "<table><tr><th>x</th></tr><tr><td>y</td></tr></table>"
    assert marked in with_headers(marked)
    assert with_headers("<p>a") == "<p>a"

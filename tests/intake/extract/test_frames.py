"""A frame's own text is a part of the page that shows it."""

from __future__ import annotations

from html import escape

import pytest

from intake.extract.html import html_to_markdown


def frame(html: str, attributes: str = "") -> str:
    return f"<iframe {attributes} srcdoc='{escape(html)}'>not shown</iframe>"


def read(html: str) -> str:
    return html_to_markdown(f"<p>One.</p>{html}<p>Two.</p>")[1].strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (frame("<p>In <b>it</b></p>"), "In **it**"),
        (frame("<html><head><title>T</title></head><body>In it</body></html>"), "In it"),
        (frame("<main>In</main>it"), "In\n\nit"),
        (frame("<table><tr><th>A<tr><td>10<sup>2</sup></table>"), "| A |\n| --- |\n| 10² |"),
        (frame("<p>In</p>" + frame("<p>it</p>")), "In\n\nit"),
        (frame("<p>In it</p><p hidden>secret</p><script>secret</script><nav>secret</nav><!-- secret -->"), "In it"),
    ],
)
def test_a_frames_text_is_shown(html: str, text: str) -> None:
    assert read(html) == f"One.\n\n{text}\n\nTwo."


@pytest.mark.parametrize(
    "html",
    [
        "<iframe src='/other'>not shown</iframe>",
        frame(""),
        frame("<p>secret</p>", "hidden"),
        frame("<p>secret</p>", "style='display:none'"),
        f"<div hidden>{frame('<p>secret</p>')}</div>",
    ],
)
def test_a_frame_that_shows_nothing_is_none(html: str) -> None:
    assert read(html) == "One.\n\nTwo."


def test_frames_are_bounded() -> None:
    html = "<p>deepest</p>"
    for _ in range(5):
        html = frame(html)
    assert read(html) == "One.\n\nTwo."
    assert read(frame("x") * 1000).count("x") == 100

"""What hides a text, in any spelling."""

from __future__ import annotations

import pytest

from intake.extract.hidden import Tag, hidden_ranges, hides, hides_by_style


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "display: none;",
        "color:red;\n\tDISPLAY :\n None ! important".replace("! ", "!"),
        "display:/* not shown */none",
        "display:block;display:none",
        "visibility:hidden",
        "visibility: collapse",
        "opacity:0",
        "font-size:0px",
    ],
)
def test_a_style_hides(style: str) -> None:
    assert hides_by_style(style)


@pytest.mark.parametrize(
    "style",
    ["", "display:block", "display:none;display:block", "opacity:0.5", "font-size:0.8em", "x-display:none", "none"],
)
def test_a_style_shows(style: str) -> None:
    assert not hides_by_style(style)


def test_attributes_hide() -> None:
    assert hides("p", {"hidden": ""}) and hides("p", {"hidden": "hidden"}) and hides("script", {})
    assert not hides("p", {"hidden": "until-found"})
    assert not hides("p", {"aria-hidden": "true"})
    assert not hides("p", {"data-hidden": ""})


def test_what_is_hidden_goes_to_its_own_end() -> None:
    written = "<div hidden> <div> </div> <br> </div> <img hidden> <p hidden>"
    tags, start = [], 0
    for part in written.split("> "):
        text = part if part.endswith(">") else part + ">"
        name = text.strip("</>").split()[0]
        tags.append(Tag(text, name, start, start + len(text), len(written), True))
        start += len(part) + 2
    assert [written[slice(*span)] for span in hidden_ranges(tags)] == [
        "<div hidden> <div> </div> <br> </div>",
        "<img hidden>",
        "<p hidden>",
    ]

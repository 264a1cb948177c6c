"""The house as SVG: whole, the same each time, each room in its place."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from docs.house.order import Order, read_order
from docs.house.picture import draw
from tests.docs.house.rooms import write_house

SVG = "{http://www.w3.org/2000/svg}"


def picture(root: Path) -> str:
    return draw(write_house(root), read_order(root) or Order({}))


def labels(element: ElementTree.Element, x: float = 0, y: float = 0) -> dict[str, tuple[float, float]]:
    """Where each line of words stands in the whole picture."""
    found = {}
    for child in element:
        shift = re.match(r"translate\((\S+) (\S+)\)", child.get("transform", ""))
        dx, dy = (float(shift[1]), float(shift[2])) if shift else (0.0, 0.0)
        if child.tag == f"{SVG}text":
            found["".join(child.itertext())] = (x + float(child.attrib["x"]), y + float(child.attrib["y"]))
        found |= labels(child, x + dx, y + dy)
    return found


def test_the_same_imports_give_the_same_bytes(tmp_path: Path) -> None:
    assert picture(tmp_path) == picture(tmp_path)


def test_every_room_is_drawn(tmp_path: Path) -> None:
    drawn = labels(ElementTree.fromstring(picture(tmp_path)))
    assert {
        "errors",
        "store",
        "votes",
        "text",
        "slack",
        "asking",
        "voting",
        "app",
        "files",
        "intake/*.py",
    } <= set(drawn)


def test_who_imports_stands_above_in_a_tower_and_right_where_a_folder_lies(tmp_path: Path) -> None:
    at = labels(ElementTree.fromstring(picture(tmp_path)))
    assert at["cli"][1] < at["app"][1] < at["asking"][1] == at["voting"][1] < at["text"][1] < at["errors"][1]
    assert at["errors"][0] < at["store"][0] < at["votes"][0]


def test_nothing_is_drawn_outside(tmp_path: Path) -> None:
    root = ElementTree.fromstring(picture(tmp_path))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(0 < x < width and 0 < y < height for x, y in labels(root).values())
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(arrows) == 4 + 2 + 1 + 2 + 1  # between packages; in ground, day, day.slack and intake

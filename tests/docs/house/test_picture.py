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


def test_every_room_is_drawn_with_the_number_of_its_modules(tmp_path: Path) -> None:
    drawn = labels(ElementTree.fromstring(picture(tmp_path)))
    assert {
        "errors1",
        "store1",
        "votes2",
        "text1",
        "slack",
        "asking1",
        "voting1",
        "app1",
        "files1",
        "intake/*.py1",
    } <= set(drawn)


def test_who_imports_stands_above_in_a_tower_and_right_where_a_folder_lies(tmp_path: Path) -> None:
    at = labels(ElementTree.fromstring(picture(tmp_path)))
    assert at["cli1"][1] < at["app1"][1] < at["asking1"][1] == at["voting1"][1] < at["text1"][1] < at["errors1"][1]
    assert at["errors1"][0] < at["store1"][0] < at["votes2"][0]


def test_nothing_is_drawn_outside(tmp_path: Path) -> None:
    root = ElementTree.fromstring(picture(tmp_path))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(0 < x < width and 0 < y < height for x, y in labels(root).values())
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(arrows) == 4 + 2 + 1 + 2 + 1  # between packages; in ground, day, day.slack and intake

"""The rooms and their order, as a tree's pyproject.toml names them, and where a module has its place in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TABLE, ROOMS, DOORLESS = "house", "rooms", "doorless"
TOP = "top"
LOOSE = "*"  # the modules that lie in a folder itself
RUNNER = "__main__"  # stands where its folder's door stands

Place = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Order:
    """The rooms of each divided folder, from the ground up, floor by floor; neighbours don't import each other."""

    floors: Mapping[str, Sequence[Sequence[str]]]
    doorless: Sequence[str] = ()
    """Folders whose rooms are entered anywhere."""

    def place(self, module: str) -> Place | None:
        """The floor and the room at each step down to a module; None if it is in no room.

        The door of a divided folder has the folder's own place: above all that is in it.
        """
        found: list[tuple[int, str]] = []
        folder, *rest = "", *module.split(".")
        while rest and folder in self.floors and rest != [RUNNER]:
            here = {name: floor for floor, names in enumerate(self.floors[folder]) for name in names}
            name = rest[0] if rest[0] in here or len(rest) > 1 else LOOSE
            if name not in here:
                return None
            found.append((here[name], name))
            folder = f"{folder}.{rest.pop(0)}".lstrip(".")
        return tuple(found)

    def room_of(self, module: str) -> str | None:
        """The dotted name of a module's room, which is its door's too; None if it is in none."""
        place = self.place(module)
        return None if place is None else ".".join(name for _, name in place if name != LOOSE)


def read_order(root: Path) -> Order | None:
    """The order in a tree's pyproject.toml (`[tool.house]`); None if it names none."""
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("tool", {}).get(TABLE)
    if table is None:
        return None
    floors = {
        folder: ["".join(floor.split()).split(",") for floor in line.split("<")]
        for folder, line in table[ROOMS].items()
    }
    return Order({"" if folder == TOP else folder: named for folder, named in floors.items()}, table.get(DOORLESS, []))

"""Where rooms stand in the picture: each above all that it imports, and so beside others that few arrows cross."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

import networkx as nx

from docs.house.order import Order
from docs.house.reading import Tree

Spot = tuple[str, int]  # a room, or an arrow that passes, and the floor it is on


def rooms_of(folder: str, order: Order) -> list[str]:
    """The rooms of a divided folder, from the ground up; what lies in it loosely is one of them."""
    return [name for floor in order.floors[folder] for name in floor]


def arrows_within(folder: str, order: Order, tree: Tree) -> Counter[tuple[str, str]]:
    """How many imports go from one room of a divided folder down to another."""
    floors = {name: floor for floor, names in enumerate(order.floors[folder]) for name in names}
    rooms = (
        (_room_in(folder, order, arrow.importer), _room_in(folder, order, arrow.imported)) for arrow in tree.arrows
    )
    return Counter((a, b) for a, b in rooms if a and b and floors[a] > floors[b])


def _room_in(folder: str, order: Order, module: str) -> str | None:
    """Which room of a folder a module is in; None if it lies elsewhere, or is the folder's door."""
    if folder and not module.startswith(f"{folder}."):
        return None
    depth = len(folder.split(".")) if folder else 0
    place = order.place(module) or ()
    return place[depth][1] if len(place) > depth else None


def without_detours(arrows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows that others don't tell: where a reaches c by b, the one from a to c is left out."""
    return sorted(nx.transitive_reduction(nx.DiGraph(sorted(arrows))).edges)


@dataclass(frozen=True)
class Plan:
    """The floors from the ground up, with a spot for each room and for each arrow that passes a floor."""

    floors: Sequence[Sequence[Spot]]
    heights: Mapping[str, int]

    def spot(self, room: str) -> Spot:
        """Where a room is."""
        return room, self.heights[room]

    def route(self, importer: str, imported: str) -> list[Spot]:
        """The spots on an arrow's way, from its importer down."""
        return [self.spot(importer), *reversed(self._passed(importer, imported)), self.spot(imported)]

    def _passed(self, importer: str, imported: str) -> list[Spot]:
        levels = range(self.heights[imported] + 1, self.heights[importer])
        return [(f"{importer} {imported}", level) for level in levels]


def stack(rooms: Sequence[str], arrows: Sequence[tuple[str, str]]) -> Plan:
    """Puts rooms, which come from the ground up, as low as what they import lets them be."""
    heights: dict[str, int] = {}
    for room in rooms:
        heights[room] = 1 + max((heights[b] for a, b in arrows if a == room), default=-1)
    plan = Plan([], heights)
    spots = sorted({*map(plan.spot, rooms), *(spot for arrow in arrows for spot in plan.route(*arrow))})
    floors = [[spot for spot in spots if spot[1] == level] for level in range(max(heights.values()) + 1)]
    return Plan(_untangle(floors, [step for arrow in arrows for step in pairwise(plan.route(*arrow))]), heights)


def _untangle(floors: list[list[Spot]], steps: Sequence[tuple[Spot, Spot]]) -> list[list[Spot]]:
    """Each floor in the order in which the fewest arrows cross, going up and down until nothing gets better."""
    best, tangle = floors, _tangle(floors, steps)
    while True:
        tried = best
        for level in [*range(len(floors)), *reversed(range(len(floors)))]:
            choices = [[*tried[:level], list(floor), *tried[level + 1 :]] for floor in permutations(floors[level])]
            tried = min(choices, key=lambda choice: _tangle(choice, steps))
        if _tangle(tried, steps) >= tangle:
            return best
        best, tangle = tried, _tangle(tried, steps)


def _tangle(floors: Sequence[Sequence[Spot]], steps: Sequence[tuple[Spot, Spot]]) -> tuple[int, float]:
    """How many arrows cross, and how far they lean."""
    at = {spot: index - (len(floor) - 1) / 2 for floor in floors for index, spot in enumerate(floor)}
    crossings = sum(a[1] == c[1] and (at[a] - at[c]) * (at[b] - at[d]) < 0 for (a, b), (c, d) in combinations(steps, 2))
    return crossings, sum(abs(at[a] - at[b]) for a, b in steps)

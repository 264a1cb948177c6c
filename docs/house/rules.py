"""What the order of rooms forbids, found in a tree."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from docs.house.order import Order, Place
from docs.house.reading import Arrow, Module, Tree


def homeless(order: Order, tree: Tree) -> list[Module]:
    """Modules in no room."""
    return [module for module in tree.modules.values() if order.place(module.name) is None]


def arrows_up(order: Order, tree: Tree) -> list[Arrow]:
    """Those to a room above, to a neighbour on the same floor, to the door of a room one is in, or out of the house."""
    return [arrow for arrow in tree.arrows if not _runs_down(order.place(arrow.importer), order.place(arrow.imported))]


def _runs_down(importer: Place | None, imported: Place | None) -> bool:
    if importer is None:
        return True  # it is found as homeless
    if imported is None:
        return False
    for here, there in zip(importer, imported, strict=False):
        if here != there:
            return there[0] < here[0]
    return len(imported) >= len(importer)


def past_doors(order: Order, tree: Tree) -> list[Arrow]:
    """Those from one room to a module of another that isn't its door, unless that room's folder is doorless."""
    open_folders = tuple(f"{folder}." for folder in order.doorless)
    return [
        arrow
        for arrow in tree.arrows
        if order.room_of(arrow.imported) not in (None, order.room_of(arrow.importer), arrow.imported)
        and not arrow.imported.startswith(open_folders)
    ]


def circles(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Names that reach each other, group by group, sorted; a name that reaches but itself is in no circle."""
    graph = nx.DiGraph((a, b) for a, b in pairs if a != b)
    return sorted(sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1)

"""The house drawn from its imports (docs/house.svg): packages on each other, and in each its rooms, floor by floor.

An arrow that others tell already is left out, and so are figures: the picture changes where the rooms do, not with each
module. It is SVG written here: what lays out graphs well is a program that not every machine has, and the same imports
must give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docs.house.order import LOOSE, Order
from docs.house.plan import Plan, Spot, arrows_within, rooms_of, stack, without_detours
from docs.house.reading import Tree
from docs.house.shapes import FAINT, PAPER, Drawing, Point, arrow, panel, text

ROOM = (94, 28)  # px
LANE = 6  # px kept free for an arrow that passes a floor
ALONG, ACROSS = 24, 12  # px from floor to floor, and between neighbours
PAD, TITLE = 14, 24  # px around what is in a folder, and for its name
BETWEEN = 36  # px from package to package
TINTS = ("#eef4fb", "#f4f1fa", "#fdf3e7", "#eef7ee", "#eceff2")  # a package each, from above
NAME, CENTRED, NOTE = 'font-weight="600"', 'text-anchor="middle"', f'font-size="11" fill="{FAINT}"'
LEGEND = (
    "An arrow points to what is imported; one that others imply isn't drawn. "
    "In a wide package the ground is on the left."
)


@dataclass(frozen=True)
class Box:
    """A place in a drawing, px."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Slot:
    """A place in a folder, whichever way that lies: px from the ground and from its side, and how far it reaches."""

    up: float
    left: float
    tall: float
    wide: float

    @property
    def roof(self) -> Point:
        """The middle of its upper side."""
        return self.up + self.tall, self.left + self.wide / 2

    @property
    def foot(self) -> Point:
        """The middle of its lower side."""
        return self.up, self.left + self.wide / 2


def draw(tree: Tree, order: Order) -> str:
    """The picture as SVG."""
    return _House(tree, order).draw()


@dataclass(frozen=True)
class _House:
    tree: Tree
    order: Order

    def draw(self) -> str:
        divided = [[name for name in floor if name in self.order.floors] for floor in self.order.floors[""]]
        rows = [names for names in reversed(divided) if names]
        tints = dict(zip((name for names in rows for name in names), TINTS, strict=False))
        # Towers stand beside each other. Who has a floor to itself lies on its side, as wide as the house.
        parts = {name: self.folder(name, tints[name], upright=len(names) > 1) for names in rows for name in names}
        inner = max(sum(parts[name].width for name in names) + BETWEEN * (len(names) - 1) for names in rows)
        alone = [names[0] for names in rows if len(names) == 1]
        parts |= {name: self.folder(name, tints[name], upright=False, at_least=inner) for name in alone}
        places = _stand(rows, parts, inner)
        bottom = max(box.y + box.height for box in places.values())
        whole = Drawing(inner + 2 * PAD, bottom + PAD + TITLE, [])
        for name, box in places.items():
            whole.put(parts[name], box.x, box.y)
        arrows = arrows_within("", self.order, self.tree)
        for importer, imported in without_detours(pair for pair in arrows if set(pair) <= places.keys()):
            whole.shapes.append(_bridge(places[importer], places[imported]))
        whole.shapes.append(text(LEGEND, PAD, bottom + PAD + 10, NOTE))
        return whole.svg()

    def folder(self, name: str, tint: str, *, upright: bool, at_least: float = 0) -> Drawing:
        """A divided folder: its rooms floor by floor from the ground up, or from the left where it lies on its side."""
        rooms = rooms_of(name, self.order)
        parts = {room: self.room(name, room, upright=upright) for room in rooms}
        arrows = without_detours(arrows_within(name, self.order, self.tree))
        plan = stack(rooms, arrows)
        slots = _slots(plan, parts, upright=upright)
        top = max(slot.up + slot.tall for slot in slots.values())
        side = max(slot.left + slot.wide for slot in slots.values())
        width, height = (side, top) if upright else (top, side)
        margin = max(PAD, (at_least - width) / 2)
        drawing = panel(width + 2 * margin, height + PAD + TITLE, tint)
        drawing.shapes.append(text(name.rpartition(".")[2], PAD, 17, NAME))
        inner = Drawing(width, height, [])
        for importer, imported in arrows:
            ends = _ends([slots[spot] for spot in plan.route(importer, imported)])
            points = [(left, top - up) if upright else (up, left) for up, left in ends]
            inner.shapes.append(arrow(points, upright=upright))
        for room, part in parts.items():
            slot = slots[plan.spot(room)]
            x, y = (slot.left, top - slot.up - slot.tall) if upright else (slot.up, slot.left)
            inner.put(part, x, y)
        drawing.put(inner, margin, TITLE)
        return drawing

    def room(self, folder: str, room: str, *, upright: bool) -> Drawing:
        """A room, which may be a divided folder itself."""
        name = f"{folder}.{room}"
        if name in self.order.floors:
            return self.folder(name, PAPER, upright=upright)
        drawing = panel(*ROOM, PAPER)
        label = f"{folder}/*.py" if room == LOOSE else room
        drawing.shapes.append(text(label, ROOM[0] / 2, ROOM[1] / 2 + 4.5, CENTRED))
        return drawing


def _stand(rows: Sequence[Sequence[str]], parts: Mapping[str, Drawing], inner: float) -> dict[str, Box]:
    """Where the packages stand, row on row."""
    places: dict[str, Box] = {}
    ground = float(PAD) - BETWEEN
    for names in rows:
        ground += BETWEEN + max(parts[name].height for name in names)
        free = (inner - sum(parts[name].width for name in names)) / max(1, len(names) - 1)
        x = float(PAD)
        for name in names:
            places[name] = Box(x, ground - parts[name].height, parts[name].width, parts[name].height)
            x += parts[name].width + free
    return places


def _bridge(above: Box, below: Box) -> str:
    """An arrow from a package to one under it, in the middle of where they face each other."""
    x = (max(above.x, below.x) + min(above.x + above.width, below.x + below.width)) / 2
    return arrow([(x, above.y + above.height), (x, below.y - 1)], upright=True, width=2)


def _slots(plan: Plan, parts: Mapping[str, Drawing], *, upright: bool) -> dict[Spot, Slot]:
    """Where each spot of each floor is; the floors are centred on each other."""
    sizes = {
        plan.spot(room): (part.height, part.width) if upright else (part.width, part.height)
        for room, part in parts.items()
    }
    widths = [sum(sizes.get(spot, (0, LANE))[1] + ACROSS for spot in floor) - ACROSS for floor in plan.floors]
    slots: dict[Spot, Slot] = {}
    ground = 0.0
    for floor, width in zip(plan.floors, widths, strict=True):
        depth = max(sizes[spot][0] for spot in floor if spot in sizes)
        left = (max(widths) - width) / 2
        for spot in floor:
            tall, wide = sizes.get(spot, (depth, LANE))
            slots[spot] = Slot(ground + (depth - tall) / 2, left, tall, wide)
            left += wide + ACROSS
        ground += depth + ALONG
    return slots


def _ends(slots: Sequence[Slot]) -> list[Point]:
    """Where an arrow enters and leaves each slot on its way down."""
    return [slots[0].foot, *(end for slot in slots[1:-1] for end in (slot.roof, slot.foot)), slots[-1].roof]

"""A small company whose people call its departments by nicknames that no document has: what nights are there to learn.

Every document is one department's word on one matter. People ask by nickname, so the base model finds the matter but
not the department; a few votes and pairs teach it who is who, and that holds for matters it was never asked about.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from db.feedback import import_pairs
from db.generations import Encoders
from db.settings import Settings
from intake.ingest import ingest_paths

if TYPE_CHECKING:
    import sqlalchemy as sa

DEPARTMENTS = {
    "Payroll": "the beancounters",
    "Grid Storage": "team walrus",
    "Legal Affairs": "the wolves",
    "Facilities": "the gnomes",
    "Robotics": "pit seven",
    "Procurement": "the magpies",
    "Recruiting": "the lighthouse",
    "Logistics": "blue river",
    "Translation": "the parrots",
    "Insurance": "grandma's",
    "Chemistry Lab": "the kitchen",
    "Network Operations": "the spiders",
    "Photography": "the darkroom",
    "Catering": "the volcano",
    "Archives": "the crypt",
    "Fleet Vehicles": "the stables",
}
MATTERS = (
    "parking permits", "expense limits", "holiday calendar", "office keys", "printer paper", "guest badges",
    "phone contracts", "desk lamps", "first aid kits", "fire drills", "coffee orders", "train tickets",
    "laptop repairs", "meeting rooms", "bicycle racks", "business cards", "parcel deliveries", "safety shoes",
    "software licences", "travel visas", "archive boxes", "summer party", "recycling bins", "night shifts",
    "training budget", "press enquiries", "water filters", "window cleaning", "medical checks", "locker codes",
    "video calls", "customer tours", "spare monitors", "noise complaints", "plant watering", "lost property",
    "birthday cakes", "ladder rental", "shuttle bus", "quiet rooms",
)  # fmt: skip
NAMES = ("Alma", "Bruno", "Carla", "Dario", "Edda", "Fritz", "Greta", "Hugo", "Ines", "Jonas")


@dataclass(frozen=True, slots=True)
class Matter:
    """A document and the question it answers."""

    file: str
    title: str
    text: str
    question: str


def make_matters(topics: int = len(MATTERS)) -> list[Matter]:
    """One document for each department and each of the first `topics` matters."""
    found = []
    for row, (department, nickname) in enumerate(DEPARTMENTS.items()):
        for column, matter in enumerate(MATTERS[:topics]):
            name, floor = NAMES[(3 * row + column) % len(NAMES)], 1 + (5 * row + 3 * column) % 12
            found.append(
                Matter(
                    f"{department}/{matter}.md".replace(" ", "-").lower(),
                    f"{department}: {matter}",
                    f"In {department}, {matter} are looked after by {name} on floor {floor}.",
                    f"who looks after {matter} for {nickname}?",
                )
            )
    return found


def write_documents(folder: Path, matters: list[Matter]) -> None:
    """As Markdown files."""
    for matter in matters:
        path = folder / matter.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: '{matter.title}'\n---\n\n{matter.text}\n")


def write_pairs(path: Path, matters: list[Matter]) -> None:
    """As lines that `nightshift pairs import` takes."""
    path.write_text("".join(json.dumps({"prompt": m.question, "completion": m.text}) + "\n" for m in matters))


def read_in(engine: sa.Engine) -> None:
    """The company of 16 departments and 20 matters."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", encoder_dtype="float32")
        write_documents(Path(folder) / "documents", make_matters(topics=20))
        report = ingest_paths(engine, settings, Encoders(settings), [Path(folder) / "documents"])
    assert (report.added, report.failed) == (320, ())


def read_in_with_pairs(engine: sa.Engine) -> None:
    """And 240 of its questions as curated pairs: enough for a night."""
    read_in(engine)
    with tempfile.TemporaryDirectory() as folder:
        write_pairs(Path(folder) / "pairs.jsonl", make_matters(topics=20)[:240])
        import_pairs(engine, Path(folder) / "pairs.jsonl", added_by="test")

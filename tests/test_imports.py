"""Imports run one way, from room to room and by their doors, and importing does nothing."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.house.order import LOOSE, Order, read_order
from docs.house.reading import DOOR, Module, Tree, read_tree
from docs.house.rules import arrows_up, circles, homeless, past_doors
from tests.conftest import ROOT

ORDER = read_order(ROOT) or Order({})
# What takes seconds to import, and what would connect or load.
LATE = ("torch", "sentence_transformers", "transformers", "matplotlib")

IMPORT_ALL = """
import asyncio, importlib, json, sys, threading
import psycopg

def forbid(*arguments, **options):
    raise AssertionError("an import connects")

def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.posix_spawn"):
        raise AssertionError(f"an import does {event}")

psycopg.connect = psycopg.Connection.connect = psycopg.AsyncConnection.connect = forbid
sys.addaudithook(watch)
modules = json.loads(sys.stdin.read())
for module in modules:
    importlib.import_module(module)
late = sorted(set(sys.argv[1:]) & set(sys.modules))
print(json.dumps({"late": late, "threads": threading.active_count()}))
"""


@pytest.fixture(scope="module")
def tree() -> Tree:
    tree = read_tree(ROOT)
    assert len(tree.modules) > 200 and len(tree.arrows) > 1000, "the walk finds nothing"
    return tree


def test_every_module_is_in_a_room(tree: Tree) -> None:
    assert [module.name for module in homeless(ORDER, tree)] == []


def test_every_room_that_is_named_stands(tree: Tree) -> None:
    named = [(folder, room) for folder, floors in ORDER.floors.items() for floor in floors for room in floor]
    names = [f"{folder}.{room}".lstrip(".") for folder, room in named if room != LOOSE]
    assert [name for name in names if name not in tree.modules] == []


def test_imports_run_one_way(tree: Tree) -> None:
    assert [tree.tell(arrow) for arrow in arrows_up(ORDER, tree)] == []


def test_modules_import_in_no_circle(tree: Tree) -> None:
    assert circles((arrow.importer, arrow.imported) for arrow in tree.arrows) == []


def test_rooms_are_entered_by_their_doors(tree: Tree) -> None:
    assert [tree.tell(arrow) for arrow in past_doors(ORDER, tree)] == []


def test_only_doors_pass_on_what_others_wrote(tree: Tree) -> None:
    assert [module.name for module in passing_on(tree)] == []


def passing_on(tree: Tree) -> list[Module]:
    """Modules that aren't doors, and name what others may take from them: mypy lets nothing else be taken."""
    return [module for module in tree.modules.values() if module.path.name != DOOR and "__all__" in names_in(module)]


def names_in(module: Module) -> set[str]:
    return {node.id for node in ast.walk(module.body) if isinstance(node, ast.Name)}


# Planted: each of the rules fails on what it is there for.


def plant(root: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        for folder in Path(name).parents[:-1]:
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / "__init__.py").touch()
        (root / name).write_text(text)
    return read_tree(root)


def file_in(folder: str, room: str) -> str:
    """Where a module of a room may lie; of a divided one in the room on its ground."""
    path = [*filter(None, folder.split(".")), room]
    while (divided := ".".join(path)) in ORDER.floors:
        path.append(ORDER.floors[divided][0][0])
    return "/".join([*path[:-1], "loose.py"] if path[-1] == LOOSE else [*path, "planted.py"])


def dotted(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


@pytest.mark.parametrize("folder", ORDER.floors)
@pytest.mark.parametrize("late", ["", "if TYPE_CHECKING:\n    ", "def late():\n    "])
def test_an_arrow_up_is_found(folder: str, late: str, tmp_path: Path) -> None:
    floors = ORDER.floors[folder]
    for low, high in zip(floors, floors[1:], strict=False):
        below, above = file_in(folder, low[0]), file_in(folder, high[-1])
        tree = plant(tmp_path, {below: f"{late}import json, {dotted(above)}\n", above: ""})
        line = late.count("\n") + 1
        assert [tree.tell(arrow) for arrow in arrows_up(ORDER, tree)] == [f"{below}:{line} imports {dotted(above)}"]
        (tmp_path / below).write_text("")


def test_an_arrow_to_a_neighbour_is_found(tmp_path: Path) -> None:
    here, there = file_in("", "bot"), file_in("", "retrain")
    tree = plant(tmp_path, {here: f"from {dotted(there)} import one\n", there: ""})
    assert [tree.tell(arrow) for arrow in arrows_up(ORDER, tree)] == [f"{here}:1 imports {dotted(there)}"]


def test_an_arrow_out_of_the_house_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "doubles.py").touch()
    roof = file_in("", "nightshift")
    tree = plant(tmp_path, {roof: "from tests.doubles import Chat\n"})
    assert [tree.tell(arrow) for arrow in arrows_up(ORDER, tree)] == [f"{roof}:1 imports tests.doubles"]


def test_an_arrow_to_the_door_of_the_folder_one_is_in_is_found(tmp_path: Path) -> None:
    order = Order({"": [["attic"]], "attic": [["box", "chest"]]})
    tree = plant(tmp_path, {"attic/box/lid.py": "from attic import everything\n", "attic/chest.py": ""})
    assert [tree.tell(arrow) for arrow in arrows_up(order, tree)] == ["attic/box/lid.py:1 imports attic"]


@pytest.mark.parametrize("wants", ["from . import two\n", "if TYPE_CHECKING:\n    from db.attic.two import Two\n"])
def test_a_circle_is_found(wants: str, tmp_path: Path) -> None:
    tree = plant(tmp_path, {"db/attic/one.py": wants, "db/attic/two.py": "def late():\n    import db.attic.one\n"})
    assert circles((a.importer, a.imported) for a in tree.arrows) == [["db.attic.one", "db.attic.two"]]


def test_a_circle_by_a_room_s_own_door_is_found(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"db/attic/one.py": "from db.attic import two\n", "db/attic/two.py": ""})
    assert circles((a.importer, a.imported) for a in tree.arrows) == []
    (tmp_path / "db" / "attic" / "__init__.py").write_text("from db.attic.one import two\n")
    (tmp_path / "db" / "attic" / "one.py").write_text("from db.attic import nothing\n")
    tree = read_tree(tmp_path)
    assert circles((a.importer, a.imported) for a in tree.arrows) == [["db.attic", "db.attic.one"]]


def test_a_module_in_no_room_is_found(tmp_path: Path) -> None:
    order = Order({"": [["ground"], ["day"]], "ground": [["errors"], ["store"]], "day": [["text"], [LOOSE]]})
    inside = ["ground/errors.py", "ground/store/engine.py", "ground/store/deep/one.py", "day/text/one.py", "day/one.py"]
    outside = ["ground/attic.py", "ground/shed/one.py", "day/shed/one.py", "shed/one.py"]
    tree = plant(tmp_path, dict.fromkeys(inside + outside + ["day/__main__.py"], ""))
    found = {f"{module.name.replace('.', '/')}.py" for module in homeless(order, tree)}
    assert found == {*outside, "ground/shed.py", "shed.py"}


def test_an_import_past_a_door_is_found(tmp_path: Path) -> None:
    order = Order({"": [["ground"], ["day"], ["benchmarks"]], "ground": [["errors"], ["store"], ["votes"]]})
    tree = plant(
        tmp_path,
        {
            "ground/errors.py": "",
            "ground/store/engine.py": "from ground.errors import StoreError\nfrom ground.store import pulse\n",
            "ground/store/pulse.py": "",
            "ground/votes/fold.py": "from ground.store import connect\nfrom ground.store import engine\n",
            "day/deep/one.py": "import ground.errors, ground.store\nimport day.two\nfrom ground.votes import fold\n",
            "day/two.py": "if TYPE_CHECKING:\n    from ground.store.engine import Engine\n",
            "benchmarks/one.py": "def late():\n    import ground.votes.fold\n",
        },
    )
    assert [tree.tell(arrow) for arrow in past_doors(order, tree)] == [
        "benchmarks/one.py:2 imports ground.votes.fold",
        "day/deep/one.py:3 imports ground.votes.fold",
        "day/two.py:2 imports ground.store.engine",
        "ground/votes/fold.py:2 imports ground.store.engine",
    ]


def test_what_a_door_names_is_had_there_though_a_module_has_that_name(tmp_path: Path) -> None:
    order = Order({"": [["ground"], ["day"]], "ground": [["votes"]]})
    files = {
        "ground/votes/fold.py": "",
        "ground/votes/pairs.py": "",
        "day/one.py": "from ground.votes import fold, pairs\n",
    }
    plant(tmp_path, files)
    (tmp_path / "ground" / "votes" / "__init__.py").write_text("from . import fold\n__all__ = ['fold']\n")
    tree = read_tree(tmp_path)
    assert [arrow.imported for arrow in past_doors(order, tree)] == ["ground.votes.pairs"]
    assert circles((a.importer, a.imported) for a in tree.arrows) == []


def test_a_module_that_passes_on_what_others_wrote_is_found(tmp_path: Path) -> None:
    plant(tmp_path, {"ground/votes/fold.py": "", "ground/votes/pairs.py": "__all__ = ['fold']\n"})
    (tmp_path / "ground" / "votes" / "__init__.py").write_text("__all__ = ['fold']\n")
    assert [module.name for module in passing_on(read_tree(tmp_path))] == ["ground.votes.pairs"]


def test_a_doorless_folder_is_entered_anywhere(tmp_path: Path) -> None:
    files = {"ground/votes/fold.py": "", "day/one.py": "import ground.votes.fold\n"}
    tree = plant(tmp_path, files)
    floors = {"": [["ground"], ["day"]], "ground": [["votes"]]}
    assert [arrow.imported for arrow in past_doors(Order(floors), tree)] == ["ground.votes.fold"]
    assert past_doors(Order(floors, doorless=["ground"]), tree) == []


def test_importing_loads_no_model_and_connects_to_nothing(
    tree: Tree, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    # Alembic runs migrations, and benchmarks load what they measure.
    run_otherwise = ("migrations", "benchmarks")
    modules = [name for name in tree.modules if not name.startswith(run_otherwise) and not name.endswith("__main__")]
    output, errors = start_python(IMPORT_ALL, *LATE).communicate(json.dumps(modules), timeout=120)
    assert json.loads(output or "null") == {"late": [], "threads": 1}, errors


def test_only_the_settings_read_the_environment(tree: Tree) -> None:
    readers = {
        str(module.path.relative_to(ROOT))
        for module in tree.modules.values()
        if not module.name.startswith("benchmarks") and reads_environment(module.body)
    }
    assert readers <= {"db/settings/settings.py"}


@pytest.mark.parametrize("read", ["os.environ['A']", "os.getenv('A')", "environ.get('A')", "dict(os.environb)"])
def test_reading_the_environment_is_found(read: str) -> None:
    assert reads_environment(ast.parse(read))
    assert not reads_environment(ast.parse("os.environ.setdefault('A', 'b')"))


def reads_environment(tree: ast.Module) -> bool:
    """Telling libraries something by `os.environ.setdefault` isn't reading."""
    told = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "setdefault"]
    names = {node: getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(tree)}
    return any(name in ("environ", "environb", "getenv") and node not in told for node, name in names.items())

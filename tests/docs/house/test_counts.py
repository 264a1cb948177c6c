"""The figures of a tree, with an order of rooms and without one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.house.counts import count, minutes_of_tests
from docs.house.order import read_order
from docs.house.reading import read_tree
from tests.conftest import ROOT

FILES = {
    "pyproject.toml": "",
    "ground/__init__.py": "",
    "ground/errors.py": "import day.asking\n",
    "ground/votes/__init__.py": "from ground.votes.fold import cast\n",
    "ground/votes/fold.py": "def cast():\n    import ground.votes.pairs\n\n    return 1\n",
    "ground/votes/pairs.py": "from ground.votes import cast\n",
    "day/__init__.py": "",
    "day/asking.py": "from ground import errors\nfrom ground.votes import cast\nfrom ground.votes.pairs import pairs\n",
    "benchmarks/__init__.py": "",
    "benchmarks/speed.py": "import day.asking\n",
    "tests/test_fold.py": "one = 1\ntwo = 2\n",
}
ORDER = '[tool.house.rooms]\ntop = "ground < day < benchmarks"\nground = "votes < errors"\n'


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_tree_without_an_order_is_counted_by_its_folders(house: Path) -> None:
    figures, rooms = count(read_tree(house), read_order(house))
    assert rooms == {"day": 1, "ground": 1, "ground.votes": 2}
    assert figures == {
        "rooms": 3,
        "modules": 4,
        "modules in the largest room": "2 (ground.votes)",
        "arrows within the largest room": "3 (ground.votes)",
        "arrows between rooms": 4,
        "pairs of rooms with an arrow": 3,
        "arrows up": "≥ 1",
        "rooms in a circle": 2,
        "modules in a circle": 5,
        "modules in no room": None,
        "arrows past a door": 3,
        "longest module": "4 (ground.votes.fold)",
        "longest function": "4 (ground.votes.fold:1 cast)",
        "functions": 1,
        "functions over 40 lines": 0,
        "lines of the product": 10,
        "lines of the tests": 2,
    }


def test_a_tree_with_an_order_is_held_to_it(house: Path) -> None:
    (house / "pyproject.toml").write_text(ORDER)
    figures, rooms = count(read_tree(house), read_order(house))
    assert rooms == {"day": 1, "ground.errors": 1, "ground.votes": 2}
    # `errors` is a room of one module and its own door
    assert (figures["arrows up"], figures["modules in no room"], figures["arrows past a door"]) == (1, 0, 2)


def test_minutes_of_tests_are_those_of_all_suites(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text('<testsuites><testsuite time="60"/><testsuite time="30.0"/></testsuites>')
    assert minutes_of_tests(tmp_path / "junit.xml") == 1.5


def test_trees_stand_side_by_side(house: Path, start_python: Callable[..., subprocess.Popen[str]]) -> None:
    (house / "junit.xml").write_text('<testsuites><testsuite time="90"/></testsuites>')
    command = (
        "import runpy, sys; sys.argv = ['house', *sys.argv[1:]]; runpy.run_module('docs.house', run_name='__main__')"
    )
    trees = (str(house), str(ROOT))
    table, _ = start_python(command, *trees, "--junit", str(house / "junit.xml")).communicate(timeout=60)
    assert "| minutes of tests | 1.5 | — |" in table and "| ground.votes | 2 | — |" in table
    told, _ = start_python(command, *trees, "--json").communicate(timeout=60)
    assert [column["modules by room"].get("ground.votes") for column in json.loads(told)] == [2, None]

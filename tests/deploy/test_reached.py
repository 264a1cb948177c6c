"""Each statement of the product that runs leaves a mark, whatever becomes of the process, and does what it did."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from coverage import Coverage

from deploy.reached import sitecustomize
from deploy.reached.sitecustomize import MARKS, PLACE, starts_of

MODULE = '''"""A docstring
of two lines."""

from __future__ import annotations

import functools
import os
import signal
import sys


@functools.cache
def chosen(
    value: object,
) -> str:
    """Its own."""
    match value:
        case 1:
            return "one"
        case str():
            return "text"
        case _:
            return "other"


class Kept:
    """A class."""

    __slots__ = ("_value",)

    def value(self) -> int:
        try:
            return int(
                "x",
            )
        except KeyError:
            return 1
        except ValueError:
            pass
        else:
            return 2
        finally:
            self._value = 3
        if not self._value:
            return 4
        elif self._value == 3:
            return 5
        return 6


if __name__ == "__main__":
    print(__doc__.split()[-1], chosen.__doc__, Kept.__doc__, chosen("a"), Kept().value(), flush=True)
    for _ in ():
        pass
    else:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit("unreached")
'''
MISSING = [19, 22, 23, 37, 45, 48, 54, 57]
"""As `coverage run` has it too."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout whose product is one module."""
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "__init__.py").touch()
    (tmp_path / "db" / "module.py").write_text(MODULE)
    there = tmp_path / "deploy" / "reached"
    there.mkdir(parents=True)
    shutil.copy(sitecustomize.__file__, there)
    return tmp_path


def run(tree: Path, *arguments: str, marked: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != PLACE}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (tree / "deploy" / "reached", tree)))
    environment |= {PLACE: str(tree / "lines")} if marked else {}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree.parent, env=environment, capture_output=True, text=True)


def missing(tree: Path) -> list[int]:
    source = str(tree / "db" / "module.py")
    coverage = Coverage(data_file=None, config_file=False)
    marks = (tree / "lines" / MARKS).read_bytes()[starts_of(str(tree))[source] :]
    data = coverage.get_data()
    data.add_lines({source: [line for line, reached in enumerate(marks) if reached]})
    found: list[int] = coverage.analysis2(source)[3]
    data.close(force=True)
    return found


def test_a_killed_process_s_lines_count_and_all_it_says_is_the_same(tree: Path) -> None:
    unmarked, marked, cached = run(tree, "-m", "db.module", marked=False), *(run(tree, "-m", "db.module") for _ in "12")
    assert unmarked.returncode == marked.returncode == cached.returncode == -signal.SIGKILL
    assert unmarked.stdout == marked.stdout == cached.stdout == "lines. Its own. A class. text 5\n"
    assert marked.stderr == ""
    assert missing(tree) == MISSING
    run(tree, "-c", "import os; os.environ.clear(); from db.module import chosen; chosen(1)")
    assert missing(tree) == MISSING[1:]  # the others' stay


def test_a_failure_is_told_with_the_line_that_it_has(tree: Path) -> None:
    (tree / "db" / "module.py").write_text('"""One."""\n\nif True:\n    print(\n        1 / 0,\n    )\n')
    assert 'module.py", line 5, in <module>' in run(tree, "-m", "db.module").stderr


def test_what_isn_t_the_product_is_left_as_it_is(tree: Path) -> None:
    asked = "import email, db.module; print('__reached__' in vars(email), '__reached__' in vars(db.module))"
    assert run(tree, "-c", asked).stdout == "False True\n"
    assert run(tree, "-c", asked, marked=False).stdout == "False False\n"

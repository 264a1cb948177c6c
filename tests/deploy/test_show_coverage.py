"""What ran is counted, in this process and in others, and the modules that it reached least of come first."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console

from deploy.reached.sitecustomize import MARKS, starts_of
from deploy.show_coverage import LINES, SHOWN, read_coverage, table_of


def test_lines_with_a_mark_count_and_modules_that_nothing_loaded_do_too(tmp_path: Path) -> None:
    sources = {"whole": "REACHED = True\n", "half": "def never():\n    return 1\n", "none": "LACKING = True\n"}
    (tmp_path / "db").mkdir()
    (tmp_path / LINES).mkdir()
    for name, text in sources.items():
        (tmp_path / "db" / f"{name}.py").write_text(text)
    starts = starts_of(str(tmp_path))
    marks = bytearray(starts[""])
    for name in "whole", "half":
        marks[starts[str(tmp_path / "db" / f"{name}.py")] + 1] = 1
    (tmp_path / LINES / MARKS).write_bytes(marks)
    expected = {"db/half.py": (2, 1), "db/none.py": (1, 1), "db/whole.py": (1, 0)}
    assert read_coverage(tmp_path) == expected
    assert read_coverage(tmp_path) == expected  # what an earlier one has left is not added to


def test_the_least_reached_come_first_and_the_sum_last() -> None:
    counts = {f"db/{number:02}.py": (100, number) for number in range(50)}
    console = Console(file=StringIO(), width=100)
    console.print(table_of(counts))
    head, columns, *rows, total = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert rows[0].split() == ["db/49.py", "100", "49", "51.0%"]
    assert len(rows) == SHOWN
    assert total.split()[-3:] == ["5000", "1225", "75.5%"]

"""The page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.pages import made_by

RESULTS = Path(__file__).with_name("results")
STEP_NAMES = ("read in", "encode anew", "a night")

_INTRODUCTION = """\
# Growth: memory as a corpus grows

Documents of made text in a folder, ten sections each, whose words are spread as in any language; an encoder of one
small layer with random weights that gives 384 numbers, as the base model does, so that what is measured is what grows
with the passages and not the model. Each step is a process of its own: `nightshift ingest` with the indexing after it;
the vectors of another generation made and indexed, as a night does for a candidate; and a night on 200 curated pairs,
from the snapshot to its decision. A step that is killed goes on where it was when it is begun again, and is then
measured from there.

*Memory* is the most that the process had resident at once. PostgreSQL's own is beside it, and bounded by its settings.
*A passage more* is what each passage beyond the size before adds to it.

- **Reading in and encoding anew** hold two batches, however many passages there are. What grows at first is what is
  remembered of words, up to 100,000 of them; then it stays.
- **A night** reads vectors some at a time from files without a name, of what serves and of its candidate, on the data
  folder's disk. It holds the passages' ids, a few numbers of each. Blocks of scores grow up to four million, and beyond
  a quarter of a million passages with these, being of sixteen questions at least.

*Minutes* depend on what else the machine did: here a benchmark had both cores, and this was done in what it left. Among
*its own CPU's* PostgreSQL's are not. Five seconds and more of each step are for starting, the libraries and the model,
and as much again of a night for its training. What is *estimated before* is so by the code that is named below.

```sh
python -m benchmarks.growth --runs FOLDER --json OUT
```
"""


def render_page(results: Sequence[Mapping[str, Any]]) -> str:
    """The page: what is measured, then a table for each result."""
    parts = [_INTRODUCTION]
    for result in results:
        head, *rows = rows_of(result["sizes"])
        rule = ["---"] + ["--:"] * (len(head) - 1)
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows)) + "\n")
        parts.append(made_by(result))
    return "\n".join(parts)


def rows_of(sizes: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Iterator[list[str]]:
    """A head, and a row for each step and size; smaller sizes first."""
    yield ["step", "passages", "memory", "a passage more", "minutes", "its own CPU's", "estimated before"]
    ordered = sorted(sizes, key=int)
    for step in STEP_NAMES:
        before: tuple[int, int] | None = None
        for size in ordered:
            measured, passages = sizes[size][step], int(sizes[size]["read in"]["passages"])
            peak = int(measured["peak_bytes"])
            more = "" if before is None else f"{(peak - before[1]) / (passages - before[0]) / 1000:,.1f} kB"
            before = passages, peak
            took = (f"{measured[name] / 60:,.1f}" for name in ("seconds", "cpu_seconds"))
            yield [step, f"{passages:,}", _mb(peak), more, *took, _estimated(measured)]


def _estimated(measured: Mapping[str, Any]) -> str:
    if "estimated_bytes" in measured:
        return f"memory: {_mb(measured['estimated_bytes'])}"
    if "estimated_disk_bytes" in measured:
        return f"disk: {_mb(measured['estimated_disk_bytes'])}; it is {_mb(measured['disk_bytes'])}"
    return ""


def _mb(n_bytes: float) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"

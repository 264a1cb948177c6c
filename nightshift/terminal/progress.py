"""Progress bars: how far long work is, how fast it goes, when it will be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from nightshift.terminal.unseen import seen

if TYPE_CHECKING:
    from rich.console import Console

    from intake import Progress as IngestProgress


class _Count(ProgressColumn):
    """How many of how many are done; where that isn't known, how long it has been going on."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text(f"{task.elapsed or 0.0:.0f} s", style="progress.download")
        return Text(f"{int(task.completed)}/{int(task.total)}", style="progress.download")


class _Rate(ProgressColumn):
    """Units a second, once it is known."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f}/s" if speed else "", style="dim")


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=30),
        _Count(),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", style="dim", markup=False),
        console=console,
        transient=True,
    )


@contextmanager
def night_progress(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Yields what a night calls with (phase, done, total): a bar for each phase, which ends when the next begins.

    A total of 0 is one that isn't known.
    """
    with _bars(console) as progress:
        tasks: dict[str, TaskID] = {}

        def show(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                for before in tasks.values():
                    progress.stop_task(before)
                tasks[phase] = progress.add_task(phase, total=None, note="")
            progress.update(tasks[phase], completed=done, total=total or None)

        yield show


@contextmanager
def count_progress(console: Console, name: str) -> Iterator[Callable[[int, int], None]]:
    """Yields what is called with (done, total)."""
    with _bars(console) as progress:
        task = progress.add_task(name, total=None, note="")
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def ingest_progress(console: Console) -> Iterator[Callable[[IngestProgress], None]]:
    """Yields what `ingest_paths` calls: documents and chunks so far, or how far a file is read."""
    with _bars(console) as progress:
        task = progress.add_task("ingest", total=None, note="")
        words = progress.add_task("words", total=None, note="", visible=False)

        def show(now: IngestProgress) -> None:
            note = f"{now.chunks_done} chunks"
            if now.parts_total:
                note = f"{seen(PurePath(now.name).name)}: {now.parts_done}/{now.parts_total}"
            progress.update(task, completed=now.documents_done, total=now.documents_total, note=note)
            if now.words_total:
                progress.update(words, completed=now.words_done, total=now.words_total, visible=True)

        yield show


def words_progress(console: Console) -> Callable[[int, int], None]:
    """What an upgrade calls with (done, total): a bar that comes with the first call and goes with the last."""
    shown = ExitStack()
    bar: list[Callable[[int, int], None]] = []

    def show(done: int, total: int) -> None:
        if not bar:
            bar.append(shown.enter_context(count_progress(console, "words")))
        bar[0](done, total)
        if done >= total:
            shown.close()

    return show

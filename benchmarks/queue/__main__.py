"""`python -m benchmarks.queue`: an event claimed, a night begun, beside procrastinate on the same PostgreSQL.

It needs `pip install procrastinate`, which Nightshift does without.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.console import JsonPath, keep, out
from benchmarks.queue.theirs import Theirs
from benchmarks.speed.measure import OURS, Comparison, take_turns
from benchmarks.speed.publish import as_json, show_table
from db.nights import finish_run, request_or_join, take_next_run
from db.settings import Settings
from db.slack import finish_event, lease_event
from db.store import open_store
from retrain.night import work_through_requests

if TYPE_CHECKING:
    import sqlalchemy as sa

PEER = "procrastinate"
PAYLOAD = {"text": "Where do visitors park? " * 8, "team": "T1", "channel": "C1", "user": "U1", "ts": "1.5"}

_COUNTED = 50
_numbers = itertools.count()


def main(
    rounds: Annotated[int, typer.Option(min=1, help="How often everyone does it, by turns.")] = 300,
    json_path: JsonPath = None,
) -> None:
    """Times both, by turns, and counts the bytes that each writes ahead."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        begun = threading.Event()
        with open_store(Settings(data_dir=Path(folder))) as engine:
            theirs = Theirs(engine, begun.set)
            with theirs.working(), _night_process(engine, begun):
                comparisons = list(_compare(engine, theirs, begun, rounds))
    show_table(out, comparisons)
    keep(as_json(comparisons, "cpu"), json_path)


def _compare(engine: sa.Engine, theirs: Theirs, begun: threading.Event, rounds: int) -> Iterator[Comparison]:
    def begin(request: Callable[[], object]) -> None:
        begun.clear()
        request()
        if not begun.wait(60):
            raise TimeoutError

    worker_id = theirs.register()
    pairs: dict[str, tuple[str, Mapping[str, Callable[[], object]]]] = {
        "an event stored, so that Slack may be told": (
            "claim",
            {OURS: lambda: lease_event(engine, _id(), payload=PAYLOAD), PEER: lambda: theirs.take(_id(), PAYLOAD)},
        ),
        "an event from its claim to its end": (
            "claim",
            {OURS: partial(_take_and_finish, engine), PEER: lambda: theirs.take_and_finish(_id(), PAYLOAD, worker_id)},
        ),
        "a night from its request to its beginning": (
            "night",
            {
                OURS: lambda: begin(lambda: request_or_join(engine, "cli", "benchmark")),
                PEER: lambda: begin(theirs.request_night),
            },
        ),
    }
    for what, (unit, contenders) in pairs.items():
        facts = {
            f"bytes that {name} writes ahead": theirs.bytes_written(work, _COUNTED) for name, work in contenders.items()
        }
        yield Comparison(what, unit, None, take_turns(contenders, rounds), facts)


def _take_and_finish(engine: sa.Engine) -> None:
    event_id = _id()
    finish_event(engine, event_id, lease_event(engine, event_id, payload=PAYLOAD))


def _id() -> str:
    return f"Ev{next(_numbers)}"


@contextmanager
def _night_process(engine: sa.Engine, begun: threading.Event) -> Iterator[None]:
    """Does nothing in its nights but say that they begin."""
    stopping = threading.Event()

    def run_next() -> bool:
        with take_next_run(engine) as run:
            if run is None:
                return False
            begun.set()
            finish_run(engine, run, "refused", ["Only its beginning is timed."])
            return True

    thread = threading.Thread(target=work_through_requests, args=(engine, run_next, stopping))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()

"""procrastinate with its defaults: a job for each event, a worker that does nights."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import procrastinate
import sqlalchemy as sa

EVENTS, NIGHTS = "events", "nights"


class Theirs:
    """Its app on the same database, by its synchronous connector, as ours is asked."""

    def __init__(self, engine: sa.Engine, on_night: Callable[[], object]) -> None:
        conninfo = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._engine = engine
        self._threads = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=conninfo))
        self._loop = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo))
        self._loop.task(name="night", queue=NIGHTS)(on_night)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Its tables are made, and a worker waits for nights, while the block runs."""
        with self._threads.open():
            self._threads.schema_manager.apply_schema()
            started, done = threading.Event(), list[Callable[[], object]]()

            async def work() -> None:
                async with self._loop.open_async():
                    worker = asyncio.ensure_future(
                        self._loop.run_worker_async(queues=[NIGHTS], install_signal_handlers=False)
                    )
                    loop = asyncio.get_running_loop()
                    done.append(lambda: loop.call_soon_threadsafe(worker.cancel))
                    started.set()
                    await asyncio.gather(worker, return_exceptions=True)

            thread = threading.Thread(target=asyncio.run, args=(work(),))
            thread.start()
            started.wait()
            try:
                yield
            finally:
                done[0]()
                thread.join()

    def take(self, event_id: str, payload: dict[str, Any]) -> None:
        """Stores an event, so that it may be acknowledged."""
        deferrer = self._threads.configure_task("answer", queue=EVENTS, queueing_lock=event_id, allow_unknown=True)
        deferrer.defer(**payload)

    def take_and_finish(self, event_id: str, payload: dict[str, Any], worker_id: int) -> None:
        """All that an event costs the database: stored, fetched, done."""
        self.take(event_id, payload)
        connector = self._threads.connector
        queries = procrastinate.sql.queries
        job = connector.execute_query_one(queries["fetch_job"], queues=[EVENTS], worker_id=worker_id)
        connector.execute_query(queries["finish_job"], job_id=job["id"], status="succeeded", delete_job=False)

    def register(self) -> int:
        """A worker's number."""
        row = self._threads.connector.execute_query_one(procrastinate.sql.queries["register_worker"])
        return int(row["worker_id"])

    def request_night(self) -> None:
        """Asks for a night."""
        night = self._threads.configure_task(
            "night", queue=NIGHTS, queueing_lock="night", lock="night", allow_unknown=True
        )
        night.defer()

    def bytes_written(self, work: Callable[[], object], times: int) -> int:
        """What one time of it writes ahead in the database, be it theirs or ours."""
        position = sa.text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            before = connection.scalar(position)
            for _ in range(times):
                work()
            return round(float(connection.scalar(position) - before) / times)

"""Everything looked at: side by side, each within its time, none kept from it by what another found."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from db.errors import EmptyCorpusError, NightshiftError
from db.store import EMBEDDED_DIR, create_engine, open_unchecked
from nightshift.doctor import database, nights, outside, retrieval, trials
from nightshift.doctor.finding import Check, Finding, Subject

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

LIMIT_S = 30.0
"""Seconds that a check may take; of three rounds, one after the other, the database's first."""

CHECKS: tuple[Check, ...] = (
    database.DATABASE,
    database.TABLES,
    *database.CHECKS,
    *retrieval.CHECKS,
    nights.SCHEDULE,
    *nights.CHECKS,
    *trials.CHECKS,
    *outside.CHECKS,
)

_NO_DATABASE = Finding("skipped", "The database can't be used, so this wasn't looked at.")
_NO_TABLES = Finding("skipped", "The tables can't be used, so this wasn't looked at.")
_NEVER_MADE = Finding(
    "warning",
    "There is no database yet in this data folder, and NIGHTSHIFT_DATABASE_URL isn't set.",
    "`nightshift run` makes one, or set NIGHTSHIFT_DATABASE_URL.",
)


def examine(
    settings: Settings, subject: Subject | None = None, *, limit_s: float = LIMIT_S, checks: Iterable[Check] = CHECKS
) -> dict[str, Finding]:
    """What each check found, by name, in their order.

    An embedded server is started where it is down, and stopped again; nothing else is changed. What the language model
    is sent is one sentence of our own.
    """
    checks = list(checks)
    until = time.monotonic() + limit_s
    nowhere = subject or Subject(settings, create_engine("postgresql+psycopg://", connect_timeout_s=1))
    waiting = [(check, _begin(check, nowhere)) for check in checks if check.needs == "nothing"]
    found: dict[str, Finding] = {}
    if len(waiting) < len(checks):
        with _database(settings, limit_s, found) as engine:
            if engine is not None:
                found |= _look_inside(Subject(settings, engine, nowhere.now), checks, limit_s)
    found |= {check.name: _wait(future, check, limit_s, until) for check, future in waiting}
    return {check.name: found.get(check.name, _NO_DATABASE) for check in checks}


def _look_inside(there: Subject, checks: list[Check], limit_s: float) -> dict[str, Finding]:
    """The database first: what its tables hold is looked at only where they can be used."""
    found = _look(there, [check for check in checks if check.needs == "database"], limit_s)
    tables = [check for check in checks if check.needs == "tables"]
    faults = [
        own.name
        for own in (database.DATABASE, database.TABLES)
        if own.name in found and found[own.name].level == "fault"
    ]
    if database.DATABASE.name in faults and database.TABLES.name in found:
        found[database.TABLES.name] = _NO_DATABASE  # what is amiss with the server is what is to be mended
    if faults:
        return found | dict.fromkeys((check.name for check in tables), _NO_TABLES)
    return found | _look(there, tables, limit_s)


@contextmanager
def _database(settings: Settings, limit_s: float, found: dict[str, Finding]) -> Iterator[sa.Engine | None]:
    """The database as it stands, opened by a thread that may hang; None where it can't be, and why is `found` then."""
    from db.embedded import EmbeddedServer

    if settings.database_url is None and EmbeddedServer.status(settings.home / EMBEDDED_DIR).version is None:
        found[database.DATABASE.name] = _NEVER_MADE
        yield None
        return
    opened: Future[sa.Engine] = Future()
    done = threading.Event()

    def keep_open() -> None:
        try:
            with open_unchecked(settings, statement_timeout_s=max(1, int(limit_s))) as engine:
                opened.set_result(engine)
                done.wait()
        except Exception as error:
            if not opened.done():
                opened.set_exception(error)

    keeper = threading.Thread(target=keep_open, name="database", daemon=True)
    keeper.start()
    try:
        engine = None
        try:
            engine = opened.result(limit_s)
        except Exception as error:
            found[database.DATABASE.name] = _explain(error, database.DATABASE, limit_s)
        yield engine
    finally:
        done.set()
        keeper.join(limit_s)


def _look(subject: Subject, checks: list[Check], limit_s: float) -> dict[str, Finding]:
    until = time.monotonic() + limit_s
    waiting = [(check, _begin(check, subject)) for check in checks]
    return {check.name: _wait(future, check, limit_s, until) for check, future in waiting}


def _begin(check: Check, subject: Subject) -> Future[Finding]:
    """Looks in a thread of its own, which nobody waits for at the end: it may hang for ever."""
    future: Future[Finding] = Future()

    def look() -> None:
        try:
            future.set_result(check.look(subject))
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=look, name=check.name, daemon=True).start()
    return future


def _wait(future: Future[Finding], check: Check, limit_s: float, until: float) -> Finding:
    """What it found by `until`, a moment of the monotonic clock: those that hang together are waited for together."""
    try:
        return future.result(max(0.0, until - time.monotonic()))
    except EmptyCorpusError:
        return Finding("skipped", "There are no documents yet, so this wasn't looked at.")
    except Exception as error:
        return _explain(error, check, limit_s)


def _explain(error: Exception, check: Check, limit_s: float) -> Finding:
    """An error as a finding: our own sentences, and of others no more than the kind: there may be a secret in them."""
    if isinstance(error, NightshiftError):
        return Finding("fault", str(error), check.remedy)
    if isinstance(error, TimeoutError):
        return Finding("fault", f"This took longer than {limit_s:g} s, and was given up.", check.remedy)
    return Finding("fault", f"This can't be looked at ({type(error).__name__}).", check.remedy)

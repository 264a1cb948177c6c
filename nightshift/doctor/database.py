"""Is the database one that Nightshift can use, and is everything in it?"""

from __future__ import annotations

from datetime import UTC, datetime

from nightshift.doctor.finding import Check, Figures, Finding, Subject

MOST_NAMED = 5
"""Documents that a sentence names; the figures name all."""

MOST_SKEW_S, LEAST_SKEW_S = 240.0, 10.0
"""Slack refuses signatures that are five minutes off; what is less is a warning."""


def look_at_database(subject: Subject) -> Finding:
    """Reached, new enough with its pgvector, and with sessions for nights."""
    from db.store import read_server, require_server, require_sessions

    require_server(subject.engine)
    facts = read_server(subject.engine)
    require_sessions(subject.engine)
    figures = {name: value for name, value in facts.items() if value is not None}
    return Finding("ok", f"PostgreSQL {facts['postgresql']}, pgvector {facts['pgvector']}.", figures=dict(figures))


def look_at_tables(subject: Subject) -> Finding:
    """Of this version, all there, ours to use."""
    from db.store import require_schema, schema_status

    require_schema(subject.engine)
    revision = schema_status(subject.engine).current
    return Finding("ok", f"The tables are up to date (revision {revision}).", figures={"revision": revision})


def look_at_documents(subject: Subject) -> Finding:
    """Whether there is anything to answer from."""
    from db.corpus import count_chunks, count_documents

    documents, chunks = count_documents(subject.engine), count_chunks(subject.engine)
    figures = {"documents": documents, "chunks": chunks}
    if not chunks:
        return Finding(
            "warning",
            "There are no documents, so nothing can be answered.",
            "Run `nightshift ingest PATH`.",
            dict(figures),
        )
    return Finding("ok", f"{documents:,} documents in {chunks:,} passages.", figures=dict(figures))


def look_at_copies(subject: Subject) -> Finding:
    """Whether what a person keeps from others is told to them by documents that say nearly the same."""
    from db.corpus import list_overlooked_copies

    copies = list_overlooked_copies(subject.engine)
    figures: Figures = {"copies": [own.uri for own in copies]}
    if not copies:
        return Finding(
            "ok", "No copies of documents that are kept from people by hand are shown to them.", None, figures
        )
    named = ", ".join(f"{own.uri} (as {own.copy_of})" for own in copies[:MOST_NAMED])
    others = f" and {len(copies) - MOST_NAMED} more" if len(copies) > MOST_NAMED else ""
    return Finding(
        "warning",
        f"Others may see what says nearly the same as documents that are kept from them by hand: {named}{others}.",
        "`nightshift documents hide WHICH` hides such a copy too; `nightshift documents audience WHICH WHO…` says who "
        "may see it.",
        figures,
    )


def look_at_sources(subject: Subject) -> Finding:
    """Whether each source's last sync went well, and the next one isn't long overdue."""
    from db.nights import database_time
    from db.sources import list_sources

    sources, now = list_sources(subject.engine), database_time(subject.engine)
    failed = [own.name for own in sources if own.has_failed]
    overdue = [own.name for own in sources if own.is_overdue(now)]
    figures: Figures = {"sources": len(sources), "failed": failed, "overdue": overdue}
    said, todo = [], []
    if failed:
        said.append(f"Not read in whole at the last sync: {', '.join(failed)}.")
        todo.append("`nightshift sources show NAME` says why.")
    if overdue:
        said.append(f"To be synced more than an hour ago: {', '.join(overdue)}.")
        todo.append("See that a process runs the nights, `nightshift run` or `nightshift nights`: it syncs sources.")
    if said:
        return Finding("warning", " ".join(said), " ".join(todo), figures)
    return Finding(
        "ok", f"{len(sources)} sources, all synced as they should." if sources else "No sources.", None, figures
    )


def look_at_clock(subject: Subject) -> Finding:
    """How far this machine's clock is from the database's: nights are due by that one, Slack's signatures by this."""
    from db.nights import database_time

    before = subject.now()
    theirs = database_time(subject.engine).astimezone(UTC)
    after = subject.now()
    skew_s = _distance_s(theirs, before, after)
    figures = {"skew_s": round(skew_s, 3)}
    if abs(skew_s) < LEAST_SKEW_S:
        return Finding("ok", "This machine and the database have the same time.", figures=dict(figures))
    which = "behind" if skew_s > 0 else "ahead of"
    return Finding(
        "fault" if abs(skew_s) > MOST_SKEW_S else "warning",
        f"This machine's clock is {abs(skew_s):,.0f} s {which} the database's.",
        "Set both by a time service (NTP): nights are due by the database's clock, and Slack's signatures hold for "
        "five minutes by this one.",
        dict(figures),
    )


def _distance_s(moment: datetime, before: datetime, after: datetime) -> float:
    """Seconds by which a moment lies outside of those between which it was read."""
    return max((moment - after).total_seconds(), 0.0) + min((moment - before).total_seconds(), 0.0)


DATABASE = Check(
    "database",
    look_at_database,
    "Start the server, or correct NIGHTSHIFT_DATABASE_URL; docs/postgresql.md tells what a server has to have.",
    needs="database",
)
TABLES = Check("tables", look_at_tables, "Run `nightshift db upgrade`, or restore a backup.", needs="database")
CHECKS = (
    Check("documents", look_at_documents, "Run `nightshift ingest PATH`."),
    Check("copies", look_at_copies, "`nightshift documents list` shows who may see what."),
    Check("sources", look_at_sources, "`nightshift sources list` shows them."),
    Check("clock", look_at_clock, "Set the clock by a time service (NTP).", needs="database"),
)

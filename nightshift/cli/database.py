"""`nightshift db`: the database's tables and the embedded server."""

from __future__ import annotations

import typer

from nightshift.cli.workplace import Json, err, out, read_settings, tell, workplace

db = typer.Typer(help="The database: its tables, and the embedded server.", no_args_is_help=True)


@db.command()
def upgrade(as_json: Json = False) -> None:
    """Brings the tables to this version; doing it again does nothing.

    An embedded database is upgraded by itself at the start of any command; one that you run is upgraded only here.
    """
    from db.store import open_server
    from db.store import upgrade as apply
    from nightshift.terminal.progress import words_progress

    settings = read_settings()
    with open_server(settings) as url:
        apply(url, languages=settings.language_names, progress=words_progress(err))
    tell("The tables are up to date.", {"up_to_date": True}, as_json=as_json)


@db.command()
def status(as_json: Json = False) -> None:
    """Tells where the database is, whether it runs, and where its tables stand; starts and changes nothing."""
    import json

    from nightshift.cli.database_status import read_status

    facts = read_status(read_settings())
    if as_json:
        out.print(json.dumps(facts))
    else:
        for name, value in facts.items():
            out.print(f"{name:<12} {'—' if value is None else value}")


@db.command()
def repair(as_json: Json = False) -> None:
    """Makes again what is made from the documents and has got lost: vectors, indexes and words; votes are left alone.

    `nightshift doctor` tells whether that is needed. Questions go on being answered meanwhile; doing it again does
    nothing.
    """
    from db.generations import Encoders, backfill, maintained
    from db.store import raw_connection
    from db.words import count_wordless, ensure_words, rebuild_words
    from intake import index_after_load
    from nightshift.terminal.progress import words_progress

    with workplace(bounded=False) as (settings, engine):
        encoders = Encoders(settings, engine)
        filled = sum(backfill(engine, own, encoders.get(own)) for own in maintained(engine))
        index_after_load(engine, settings, encoders)
        why = ensure_words(engine, settings.language_names, words_progress(err))
        if why is None and count_wordless(engine)[0]:
            why = "some had got lost"
            with raw_connection(engine) as raw:
                rebuild_words(raw, settings.language_names, words_progress(err))
    words = f"All words were made anew: {why}." if why else "The words were all there."
    facts = {"passages": filled, "words": why}
    tell(f"Passages that got a vector: {filled}. The indexes stand. {words}", facts, as_json=as_json)


@db.command()
def stop(as_json: Json = False) -> None:
    """Stops the embedded server, even if a program still uses it."""
    from db.embedded import EmbeddedServer
    from db.errors import ConfigurationError
    from db.store import EMBEDDED_DIR

    settings = read_settings()
    if settings.database_url is not None:
        raise ConfigurationError("NIGHTSHIFT_DATABASE_URL is set, so there is no embedded server to stop.")
    stopped = EmbeddedServer.stop(settings.home / EMBEDDED_DIR)
    tell("Stopped." if stopped else "It wasn't running.", {"was_running": stopped}, as_json=as_json)

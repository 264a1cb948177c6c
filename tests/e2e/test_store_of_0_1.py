"""A store that 0.1 filled, asked and voted in is upgraded where it is, and is found in by words.

`store_0_1.sql` is a plain dump of one: four small documents, one of them a channel's, with the base model's vectors and
index, three questions with their citations, and a vote on each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from db.errors import DatabaseUnavailableError
from db.generations import serving
from db.models import encode_questions
from db.search import search
from db.settings import Settings
from db.store import create_engine, raw_connection, schema_status, upgrade
from db.words import ensure_words, read_indexed
from nightshift.console import console_question, make_answerer
from tests.conftest import maintenance_connection, on_database
from tests.corpus import encoders
from tests.histories import assert_counts, assert_scores

DUMP = Path(__file__).with_name("store_0_1.sql")
KEPT = ("document", "chunk", "question", "citation", "impression", "vote", "vote_event", "embedding_1")


@pytest.fixture
def old_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database as 0.1 left it."""
    name = sql.Identifier("store_of_0_1")
    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template1").format(name))
    url = on_database(postgres_server, "store_of_0_1")
    with maintenance_connection(url) as connection:
        connection.execute(DUMP.read_bytes())
    yield url
    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def old_engine(old_url: str) -> Iterator[sa.Engine]:
    engine = create_engine(old_url)
    yield engine
    engine.dispose()


def count_kept(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in KEPT}


def votes(engine: sa.Engine) -> set[tuple[object, ...]]:
    """Who said what of which source of which question."""
    query = (
        "SELECT q.raw_text, v.person, v.value, i.chunk_id FROM vote v JOIN citation c ON c.id = v.citation_id"
        " JOIN impression i ON i.id = c.impression_id JOIN question q ON q.id = i.question_id"
    )
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(sa.text(query))}


def test_it_keeps_what_it_had_and_gets_the_words_of_all_its_passages(old_url: str, old_engine: sa.Engine) -> None:
    before, said = count_kept(old_engine), votes(old_engine)
    assert all(before.values()) and len(said) == before["vote"]
    done: list[tuple[int, int]] = []
    upgrade(old_url, languages=("english",), progress=lambda *at: done.append(at))
    assert schema_status(old_engine).up_to_date
    assert (count_kept(old_engine), votes(old_engine)) == (before, said)
    assert done[-1] == (before["chunk"], before["chunk"])
    assert serving(old_engine).id == 1
    assert ensure_words(old_engine, ("english",)) is None, "they are as they should be"
    assert_scores(
        old_engine, ["PROJ-1234", "ERR_CONN_RESET v2.5", "salary", "parrots in the canteen"], [[1], [2], [1, 2]]
    )
    assert_counts(old_engine)


@pytest.mark.parametrize(
    ("asked", "document"),
    [("form PROJ-1234", "parrots"), ("PROJ-1234", "parrots"), ("ERR_CONN_RESET", "vpn"), ("v2.5", "vpn")],
)
async def test_it_is_found_in_by_words(old_url: str, old_engine: sa.Engine, asked: str, document: str) -> None:
    upgrade(old_url)
    generation = serving(old_engine)
    (question,) = encode_questions(encoders().get(generation), [asked])
    best, *others = search(old_engine, generation, question, (1,), 5)
    assert best.uri == f"file:///srv/handbook/{document}.md"
    assert (best.words > 0.3, best.coverage) == (True, 1)
    assert not any(hit.title == "Salaries" for hit in others)


async def test_it_answers_and_cites(old_url: str, old_engine: sa.Engine, tmp_path: Path) -> None:
    upgrade(old_url)
    answerer = make_answerer(old_engine, Settings(data_dir=tmp_path, encoder_dtype="float32"), encoders())
    answer = await answerer.answer(console_question("How do I get form PROJ-1234 for a parrot?"))
    assert answer.sources[0].title == "Parrots at work"


def test_its_words_are_indexed_in_the_languages_of_the_settings(old_url: str, old_engine: sa.Engine) -> None:
    upgrade(old_url, languages=("german", "english"))
    with raw_connection(old_engine) as raw:
        indexed = read_indexed(raw)
    assert indexed is not None
    assert indexed.languages == ("german", "english")


def test_killed_on_the_way_it_is_as_it_was_and_the_next_upgrade_goes_through(
    old_url: str, old_engine: sa.Engine
) -> None:
    before = count_kept(old_engine)

    def die(done: int, total: int) -> None:
        raise psycopg.OperationalError("the server went away")

    with pytest.raises(DatabaseUnavailableError):
        upgrade(old_url, progress=die)
    assert schema_status(old_engine).current == "0013"
    assert not sa.inspect(old_engine).has_table("posting")
    upgrade(old_url)
    assert schema_status(old_engine).up_to_date
    assert count_kept(old_engine) == before
    assert_counts(old_engine)

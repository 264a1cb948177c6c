"""Audiences are counted as they are told to whoever may see them, and no others are named."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.corpus.audience_inventory import count_by_part
from db.corpus.audience_rows import ensure_audience
from db.corpus.named_audience import read_audience
from db.schema import PUBLIC_AUDIENCE_ID
from tests.corpus import add_document

NAMES = ["#finance", "@leads", "#finance, @leads", "#board"]


@pytest.fixture
def ids(engine: sa.Engine) -> dict[str, int]:
    return {name: ensure_audience(engine, read_audience(name)) for name in NAMES}


@pytest.fixture
def documents(engine: sa.Engine, ids: dict[str, int]) -> dict[str, int]:
    """One for each of them and one for all."""
    audiences = ids | {"all": PUBLIC_AUDIENCE_ID}
    added = {name: add_document(engine, name, [("", name)], audience_id=id_) for name, id_ in audiences.items()}
    return {name: own.document_id for name, [own] in added.items()}


@pytest.mark.parametrize(
    ("seen", "counts"),
    [
        (NAMES, {"#finance": 2, "#board": 1, "@leads": 1}),
        (["@leads", "#finance, @leads"], {"@leads": 2}),
        (["#board"], {"#board": 1}),
        ([], {}),
    ],
)
def test_documents_are_counted_by_those_parts_alone_that_are_seen(
    engine: sa.Engine, ids: dict[str, int], documents: dict[str, int], seen: list[str], counts: dict[str, int]
) -> None:
    found = count_by_part(engine, list(documents.values()), [ids[name] for name in seen])
    assert found == counts
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_documents_that_were_not_found_do_not_count(
    engine: sa.Engine, ids: dict[str, int], documents: dict[str, int]
) -> None:
    assert count_by_part(engine, [documents["@leads"], documents["all"]], list(ids.values())) == {"@leads": 1}
    assert count_by_part(engine, [], list(ids.values())) == {}

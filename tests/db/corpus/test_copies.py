"""Near copies of what isn't for all are found where others may see them, and nothing else is."""

from __future__ import annotations

import sqlalchemy as sa

from db import schema
from db.corpus import NOBODY, ShownCopy, ensure_audience, list_copies, list_overlooked_copies, read_audience
from tests.corpus import add_document

PAY = " ".join(f"Engineers of grade {n} are paid {n * 137} euros, less {n} for parking." for n in range(12))
OTHER = "Visitors park on deck B."


def add(engine: sa.Engine, name: str, text: str, audience_id: int = 1) -> str:
    uri = f"file:///{name}"
    add_document(engine, name, [("", text)], uri=uri, audience_id=audience_id)
    return uri


def say(engine: sa.Engine, uri: str, audience_id: int) -> None:
    said = {"audience_id": audience_id, "audience_from": "person"}
    with engine.begin() as connection:
        connection.execute(sa.update(schema.document).where(schema.document.c.source_uri == uri).values(said))


def test_near_copies_that_others_may_see_are_found(engine: sa.Engine) -> None:
    nobody, finance = ensure_audience(engine, NOBODY), ensure_audience(engine, read_audience("#finance"))
    pay, other = add(engine, "pay", PAY), add(engine, "other", OTHER)
    add(engine, "hidden", f"{PAY} Too.", nobody)
    add(engine, "gone", f"{PAY} Gone.")
    with engine.begin() as connection:
        of_gone = schema.document.c.source_uri == "file:///gone"
        connection.execute(sa.update(schema.document).where(of_gone).values(deleted_at=sa.func.now()))
    assert list_copies(engine, [pay, other], nobody) == []
    edited = ShownCopy(add(engine, "edited", f"Hello. {PAY}"), "public", pay)
    theirs = ShownCopy(add(engine, "theirs", f"{PAY} Amen.", finance), "#finance", pay)
    assert list_copies(engine, [pay, other], nobody) == [edited, theirs]
    assert list_copies(engine, [pay, other], finance) == [edited]
    assert list_copies(engine, [pay, edited.uri], finance) == []
    assert list_copies(engine, [other], None) == []


def test_what_nobody_decided_on_is_overlooked(engine: sa.Engine) -> None:
    nobody, finance = ensure_audience(engine, NOBODY), ensure_audience(engine, read_audience("#finance"))
    pay, edited = add(engine, "pay", PAY), add(engine, "edited", f"Hello. {PAY}")
    assert list_overlooked_copies(engine) == []
    say(engine, pay, nobody)
    assert list_overlooked_copies(engine) == [ShownCopy(edited, "public", pay)]
    say(engine, pay, finance)
    assert list_overlooked_copies(engine) == [ShownCopy(edited, "public", pay)]
    say(engine, edited, 1)
    assert list_overlooked_copies(engine) == []

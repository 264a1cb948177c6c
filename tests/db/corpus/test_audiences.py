"""Who would see a reply decides what it may be made from; in doubt, nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.corpus.audiences import ChannelKind, personal_audiences, reply_audiences
from db.errors import AudienceUnknownError
from db.schema import PUBLIC_AUDIENCE_ID, audience, audience_member
from db.store import create_engine

ME, COLLEAGUE = "T1:U1", "T1:U2"


@pytest.fixture
def ids(engine: sa.Engine) -> dict[str, int]:
    """Two groups and two channels; I am in the leads' group and in the private channel."""
    kinds = [("T1", "channel", "C1"), ("T1", "channel", "C2"), ("T2", "channel", "C1")]
    kinds += [("", "group", "leads"), ("T1", "group", "finance"), ("T2", "group", "board")]
    with engine.begin() as connection:
        made = {
            f"{workspace}/{name}": connection.execute(
                audience.insert().values(workspace=workspace, kind=kind, name=name).returning(audience.c.id)
            ).scalar_one()
            for workspace, kind, name in kinds
        }
        members = [("/leads", ME), ("T1/C2", ME), ("T1/finance", COLLEAGUE), ("T2/board", ME)]
        connection.execute(
            audience_member.insert(), [{"audience_id": made[name], "person": person} for name, person in members]
        )
    return made


@pytest.mark.parametrize("kind", ["public", "private"])
def test_a_channel_sees_its_own_and_never_what_only_the_asker_may(
    engine: sa.Engine, ids: dict[str, int], kind: ChannelKind
) -> None:
    assert reply_audiences(engine, "T1", "C1", kind, ME) == (PUBLIC_AUDIENCE_ID, ids["T1/C1"])
    assert reply_audiences(engine, "T1", "C9", kind, ME) == (PUBLIC_AUDIENCE_ID,)


def test_a_direct_reply_sees_what_its_reader_is_a_member_of(engine: sa.Engine, ids: dict[str, int]) -> None:
    assert set(reply_audiences(engine, "T1", "D1", "direct", ME)) == {PUBLIC_AUDIENCE_ID, ids["/leads"], ids["T1/C2"]}
    assert set(reply_audiences(engine, "T1", "D2", "direct", COLLEAGUE)) == {PUBLIC_AUDIENCE_ID, ids["T1/finance"]}
    assert reply_audiences(engine, "T1", "D3", "direct", "T1:U3") == (PUBLIC_AUDIENCE_ID,)


def test_a_member_who_was_removed_sees_no_more(engine: sa.Engine, ids: dict[str, int]) -> None:
    with engine.begin() as connection:
        connection.execute(audience_member.delete().where(audience_member.c.person == ME))
    assert reply_audiences(engine, "T1", "D1", "direct", ME) == (PUBLIC_AUDIENCE_ID,)


def test_the_console_sees_what_is_public(engine: sa.Engine, ids: dict[str, int]) -> None:
    assert reply_audiences(engine, "local", "", "console", "local:console") == (PUBLIC_AUDIENCE_ID,)
    assert reply_audiences(engine, "T1", "C1", "console", ME) == (PUBLIC_AUDIENCE_ID,)


@pytest.mark.parametrize(
    ("workspace", "channel", "kind", "person"),
    [
        ("", "C1", "public", ME),
        ("T1", "", "private", ME),
        ("T1", "D1", "direct", "T2:U1"),
        ("T1", "D1", "direct", ""),
        ("T1", "C1", "group_dm", ME),
    ],
)
def test_what_cannot_be_determined_shows_nothing(
    engine: sa.Engine, workspace: str, channel: str, kind: ChannelKind, person: str
) -> None:
    with pytest.raises(AudienceUnknownError):
        reply_audiences(engine, workspace, channel, kind, person)


def test_closed_when_the_lookup_is_down(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audience_member RENAME TO elsewhere"))
    with pytest.raises(AudienceUnknownError):
        reply_audiences(engine, "T1", "D1", "direct", ME)
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", connect_timeout_s=1)
    with pytest.raises(AudienceUnknownError):
        reply_audiences(nowhere, "T1", "C1", "public", ME)


def test_somebody_at_a_terminal_sees_what_is_public(engine: sa.Engine, ids: dict[str, int]) -> None:
    assert personal_audiences(engine, "ann") == (PUBLIC_AUDIENCE_ID,)
    assert set(personal_audiences(engine, ME)) == {PUBLIC_AUDIENCE_ID, ids["/leads"], ids["T1/C2"]}


def test_closed_where_nobody_knows_what_is_public(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.delete(audience).where(audience.c.id == PUBLIC_AUDIENCE_ID))
    with pytest.raises(AudienceUnknownError):
        reply_audiences(engine, "T1", "C1", "public", ME)

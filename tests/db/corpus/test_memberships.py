"""What Slack told of a person decides what they see, for a minute; what it didn't tell is seen by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from db.corpus.audience_inventory import list_audiences
from db.corpus.audience_rows import ensure_audience
from db.corpus.audiences import personal_audiences, reply_audiences
from db.corpus.memberships import (
    Told,
    Wanted,
    bind_channel,
    has_named_channels,
    record_guest,
    record_told,
    settle_name,
    wanted_of_slack,
)
from db.corpus.named_audience import NOBODY, read_audience
from db.schema import PUBLIC_AUDIENCE_ID, audience, audience_member
from db.store import raw_connection
from tests.db.generations.rows import wait_for_lock

ME, OTHER = "T1:U1", "T1:U2"
NAMES = ["#finance", "@leads", "ada@example.com", "C7", "U2", "#finance, @leads", "#board, U2", "T2:U1", "S5"]


@pytest.fixture
def ids(engine: sa.Engine) -> dict[str, int]:
    made = {name: ensure_audience(engine, read_audience(name)) for name in NAMES}
    return made | {"nobody": ensure_audience(engine, NOBODY)}


def seen(engine: sa.Engine, ids: dict[str, int], person: str = ME) -> set[str]:
    found = set(personal_audiences(engine, person))
    assert PUBLIC_AUDIENCE_ID in found
    return {name for name, id_ in ids.items() if id_ in found}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told(), set()),
        (Told({"C1": "finance"}), {"#finance", "#finance, @leads"}),
        (Told({"C1": "Finance"}), {"#finance", "#finance, @leads"}),
        (Told({"C7": "renamed"}), {"C7"}),
        (Told({"C2": "board"}), {"#board, U2"}),
        (Told({"C3": "finance-all", "C4": ""}), set()),
        (Told(groups={"S1": "leads"}), {"@leads", "#finance, @leads"}),
        (Told(groups={"S5": "others"}), {"S5"}),
        (Told({"C1": "leads"}, {"S1": "finance"}), set()),
        (Told(address="Ada@example.com"), {"ada@example.com"}),
        (Told({"C1": "ada@example.com"}), set()),
    ],
)
def test_who_is_in_a_part_is_in_the_whole(
    engine: sa.Engine, ids: dict[str, int], told: Told, expected: set[str]
) -> None:
    record_told(engine, "T1", ME, told)
    assert seen(engine, ids) == expected
    assert seen(engine, ids, OTHER) == {"U2", "#board, U2"}


def test_it_lapses_and_is_replaced_by_what_slack_says_next(engine: sa.Engine, ids: dict[str, int]) -> None:
    record_told(engine, "T1", ME, Told({"C1": "finance"}))
    record_told(engine, "T1", ME, Told({"C7": "x"}))
    assert seen(engine, ids) == {"C7"}
    with engine.begin() as connection:
        connection.execute(audience_member.update().values(until=sa.func.now() - sa.text("interval '1 second'")))
    assert seen(engine, ids) == set()
    record_told(engine, "T1", OTHER, Told())
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(audience_member)) == 0


def test_who_was_recorded_by_hand_stays(engine: sa.Engine, ids: dict[str, int]) -> None:
    with engine.begin() as connection:
        connection.execute(audience_member.insert().values(audience_id=ids["@leads"], person=ME))
    record_told(engine, "T1", ME, Told())
    assert seen(engine, ids) == {"@leads", "#finance, @leads"}


def test_a_name_stands_for_what_first_had_it_however_that_is_called_later(
    engine: sa.Engine, ids: dict[str, int]
) -> None:
    bind_channel(engine, "T1", "C1", "finance")
    record_told(engine, "T1", ME, Told({"C1": "finance-old"}))
    assert seen(engine, ids) == {"#finance", "#finance, @leads"}
    assert ids["#finance"] in reply_audiences(engine, "T1", "C1", "private", ME)


@pytest.mark.parametrize("again", ["T1:C9", "T2:C1", "T2:C9"])
@pytest.mark.parametrize("by", ["members", "channel"])
def test_a_name_that_something_else_has_since_shows_nothing_to_either(
    engine: sa.Engine, ids: dict[str, int], caplog: pytest.LogCaptureFixture, again: str, by: str
) -> None:
    workspace, _, channel = again.partition(":")
    other = f"{workspace}:U3"
    record_told(engine, "T1", ME, Told({"C1": "finance"}))
    assert "#finance" in seen(engine, ids)
    if by == "members":
        record_told(engine, workspace, other, Told({channel: "finance"}))
    else:
        bind_channel(engine, workspace, channel, "Finance")
    for person, place in ((ME, "C1"), (other, channel)):
        assert seen(engine, ids, person).isdisjoint({"#finance", "#finance, @leads"})
        team = person.partition(":")[0]
        assert reply_audiences(engine, team, place, "private", person) == (PUBLIC_AUDIENCE_ID,)
    record_told(engine, "T1", ME, Told({"C1": "finance-old"}))
    assert "#finance" not in seen(engine, ids)
    assert again in caplog.text and "T1:C1" in caplog.text
    [one] = [own for own in list_audiences(engine) if own.contested_by]
    assert (one.name, one.slack_id, one.contested_by, one.members) == ("#finance", "T1:C1", again, 0)
    for meant, theirs in (("T1:C1", ME), (again, other)):
        assert settle_name(engine, "#finance", meant)
        for person, channels in ((ME, {"C1": "finance"}), (other, {channel: "finance"})):
            record_told(engine, person.partition(":")[0], person, Told(channels))
            assert ("#finance" in seen(engine, ids, person)) == (person == theirs)


def test_who_comes_third_by_a_name_is_told_of_no_more(
    engine: sa.Engine, ids: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    for channel in ("C1", "C2", "C3", "C2"):
        bind_channel(engine, "T1", channel, "finance")
    [one] = [own for own in list_audiences(engine) if own.contested_by]
    assert (one.slack_id, one.contested_by, len(caplog.records)) == ("T1:C1", "T1:C2", 1)


@contextmanager
def meeting_beside(engine: sa.Engine, channel: str) -> Iterator[sa.Connection]:
    """A transaction for which who meets a channel named finance waits."""
    with ThreadPoolExecutor(1) as pool, raw_connection(engine) as watcher:
        with engine.begin() as connection:
            yield connection
            meeting = pool.submit(bind_channel, engine, "T1", channel, "finance")
            wait_for_lock(watcher, meeting, "transactionid")
        meeting.result()


def of_finance(engine: sa.Engine) -> tuple[str | None, str | None]:
    """What its name stands for, and what contests that."""
    query = sa.select(audience.c.slack_id, audience.c.contested_by).where(audience.c.name == "#finance")
    with engine.connect() as connection:
        row = connection.execute(query).one()
    return row.slack_id, row.contested_by


def test_of_two_that_are_met_at_once_by_a_name_the_second_does_not_take_it(
    engine: sa.Engine, ids: dict[str, int]
) -> None:
    with meeting_beside(engine, "C2") as connection:
        connection.execute(sa.update(audience).where(audience.c.name == "#finance").values(slack_id="T1:C1"))
    assert of_finance(engine) == ("T1:C1", None)


def test_a_name_that_is_settled_at_this_moment_is_contested_by_nobody(
    engine: sa.Engine, ids: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    bind_channel(engine, "T1", "C1", "finance")
    with meeting_beside(engine, "C2") as connection:
        settled = {"slack_id": "T1:C3", "is_settled": True}
        connection.execute(sa.update(audience).where(audience.c.name == "#finance").values(settled))
    assert of_finance(engine) == ("T1:C3", None) and not caplog.records


def test_only_what_documents_are_for_can_be_settled(engine: sa.Engine, ids: dict[str, int]) -> None:
    assert not settle_name(engine, "#nothing", "T1:C1")
    assert settle_name(engine, "@leads", "T1:S1")
    record_told(engine, "T1", ME, Told(groups={"S2": "leads"}))
    assert seen(engine, ids) == set()
    record_told(engine, "T1", ME, Told(groups={"S1": "renamed"}))
    assert seen(engine, ids) == {"@leads", "#finance, @leads"}


def test_who_was_in_another_of_that_name_is_out_at_once(engine: sa.Engine, ids: dict[str, int]) -> None:
    record_told(engine, "T1", ME, Told({"C1": "finance"}))
    assert "#finance" in seen(engine, ids)
    assert settle_name(engine, "#finance", "T1:C2")
    assert "#finance" not in seen(engine, ids)


def test_a_guest_does_not_see_what_is_for_all(engine: sa.Engine, ids: dict[str, int]) -> None:
    record_told(engine, "T1", ME, Told({"C1": "finance"}))
    for _ in range(2):
        record_guest(engine, ME, is_guest=True)
        assert set(personal_audiences(engine, ME)) == {ids["#finance"], ids["#finance, @leads"]}
    record_guest(engine, ME, is_guest=False)
    assert PUBLIC_AUDIENCE_ID in personal_audiences(engine, ME)
    assert reply_audiences(engine, "T1", "C1", "private", ME, guests_read=True) == (
        ids["#finance"],
        ids["#finance, @leads"],
    )
    assert reply_audiences(engine, "T1", "C9", "public", ME, guests_read=True) == ()


def test_a_name_is_of_one_workspace(engine: sa.Engine, ids: dict[str, int]) -> None:
    bind_channel(engine, "T1", "C1", "finance")
    record_told(engine, "T2", "T2:U1", Told({"C1": "finance"}))
    assert seen(engine, ids, "T2:U1") == {"T2:U1"}
    assert reply_audiences(engine, "T2", "C1", "public", "T2:U1") == (PUBLIC_AUDIENCE_ID,)


def test_a_channel_shows_its_own_and_what_is_for_it_among_others(engine: sa.Engine, ids: dict[str, int]) -> None:
    assert has_named_channels(engine)
    assert reply_audiences(engine, "T1", "C1", "public", ME) == (PUBLIC_AUDIENCE_ID,)
    bind_channel(engine, "T1", "C1", "finance")
    bind_channel(engine, "T1", "C2", "board")
    both = {PUBLIC_AUDIENCE_ID, ids["#finance"], ids["#finance, @leads"]}
    assert set(reply_audiences(engine, "T1", "C1", "public", ME)) == both
    assert set(reply_audiences(engine, "T1", "C7", "private", OTHER)) == {PUBLIC_AUDIENCE_ID, ids["C7"]}


def test_nobody_is_in_what_is_for_nobody(engine: sa.Engine, ids: dict[str, int]) -> None:
    record_told(engine, "T1", ME, Told({"nobody": "nobody", "C1": "nobody"}, {"S1": "nobody"}, "nobody"))
    for place in ("nobody", "C1"):
        assert ids["nobody"] not in reply_audiences(engine, "T1", place, "private", ME)
    assert ids["nobody"] not in personal_audiences(engine, ME)
    assert ids["nobody"] not in reply_audiences(engine, "T1", "D1", "direct", "T1:nobody")


@pytest.mark.parametrize("person", ["local:ada@example.com", "local:U2", "T1:ada@example.com"])
def test_a_name_that_anybody_may_give_themselves_shows_nothing(
    engine: sa.Engine, ids: dict[str, int], person: str
) -> None:
    assert seen(engine, ids, person) == set()


def test_slack_is_asked_only_for_what_documents_are_for(engine: sa.Engine) -> None:
    assert wanted_of_slack(engine) == Wanted(False, False, False)
    for name, wanted in (("U1", (0, 0, 0)), ("@leads", (0, 1, 0)), ("a@b.c", (0, 1, 1)), ("C1", (1, 1, 1))):
        ensure_audience(engine, read_audience(name))
        assert wanted_of_slack(engine) == Wanted(*map(bool, wanted))

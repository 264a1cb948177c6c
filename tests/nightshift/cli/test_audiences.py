"""`nightshift audiences` and what `nightshift documents` says of who may see one: set, hidden, owned, explained."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import schema
from db.corpus import Told, ensure_audience, read_audience, record_told, set_audience
from tests.corpus import add_base_generation, add_document, embed
from tests.doubles_slack import OwnSlack
from tests.nightshift.conftest import Run

URI = "https://wiki.example.com/pay"


@pytest.fixture
def stored(engine: sa.Engine) -> sa.Engine:
    """A page of salaries and another, both for all."""
    add_base_generation(engine)
    hits = add_document(engine, "Salaries", [("", "Salaries are paid on the 25th.")], uri=URI)
    hits += add_document(engine, "Parking", [("", "Deck B.")], uri="https://wiki.example.com/parking")
    embed(engine, hits)
    return engine


def for_whom(run: Run, which: str = "Salaries") -> str:
    return str(json.loads(run("documents", "show", which, "--json")[1])["audience"])


def test_documents_are_for_whom_a_person_says_from_the_next_question_on(run: Run, stored: sa.Engine) -> None:
    def cited() -> list[str]:
        answer = json.loads(run("ask", "When are salaries paid?", "--json")[1])
        return [source["title"] for source in answer["sources"]]

    assert cited() == ["Salaries"]
    code, out, _ = run("documents", "audience", URI, "#finance", "@leads", "--dry-run")
    assert (code, URI in out, for_whom(run)) == (0, True, "public")
    code, out, _ = run("documents", "audience", URI, "#finance", "@leads")
    assert (code, out, for_whom(run)) == (0, "1 document is for #finance, @leads.\n", "#finance, @leads")
    assert cited() == []
    assert json.loads(run("documents", "audience", URI, "workspace", "--json")[1])["changed"] == [URI]
    assert cited() == ["Salaries"]
    assert run("documents", "hide", "https://wiki.example.com")[1] == "2 documents are for nobody.\n"
    assert (for_whom(run), for_whom(run, "Parking"), cited()) == ("nobody", "nobody", [])
    assert run("documents", "audience", URI, "--inherit")[0] == 0
    assert (for_whom(run), cited()) == ("nobody", [])


def test_documents_are_owned_by_whom_a_person_says(run: Run, stored: sa.Engine) -> None:
    assert run("documents", "own", URI, "U0123ABCD")[1] == "1 document is owned by U0123ABCD.\n"
    assert json.loads(run("documents", "show", URI, "--json")[1])["owner"] == "U0123ABCD"
    assert run("documents", "own", URI, "--inherit")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("documents", "audience", URI),
        ("documents", "audience", URI, "finance"),
        ("documents", "audience", URI, ""),
        ("documents", "audience", URI, "workspace", "--inherit"),
        ("documents", "audience", "https://nothing.example.com", "#finance"),
        ("documents", "hide", "https://nothing.example.com"),
        ("documents", "own", URI),
        ("documents", "own", URI, " "),
        ("ingest", ".", "--audience", "finance"),
        ("ingest", ".", "--audience", ""),
        ("audiences", "show", "#nothing"),
        ("audiences", "show", "nothing"),
        ("audiences", "explain", "U1", URI),
        ("audiences", "explain", "T1:U1", "nothing"),
        ("audiences", "settle", "finance", "T1:C1"),
        ("audiences", "settle", "#board", "C1"),
        ("audiences", "settle", "#board", "T1:S1"),
        ("audiences", "settle", "#nothing", "T1:C1"),
    ],
)
def test_what_is_not_understood_changes_nothing(run: Run, stored: sa.Engine, words: tuple[str, ...]) -> None:
    set_audience(stored, [URI], ensure_audience(stored, read_audience("#board")))
    code, out, err = run(*words)
    assert (code, out) == (1, "") and err.startswith("nightshift: ")
    assert for_whom(run) == "#board"


def test_a_pass_is_for_whom_it_says_and_explains_what_that_is(run: Run, engine: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "pay.md").write_text("# Pay\n\nThe 25th.\n")
    assert run("ingest", tmp_path / "docs", "--audience", "#finance", "--audience", "ada@example.com")[0] == 0
    assert for_whom(run, "Pay") == "#finance, ada@example.com"
    code, out, _ = run("audiences", "list")
    assert code == 0 and "#finance, ada@example.com: 1 document" in out
    shown = json.loads(run("audiences", "show", "ada@example.com", "#finance", "--json")[1])
    assert [Path(uri).name for uri in shown["uris"]] == ["pay.md"]
    for person, told, may_see in (
        ("T1:U1", Told({"C1": "finance"}), True),
        ("T1:U2", Told({"C2": "other"}), False),
        ("T1:U3", Told(address="ada@example.com"), True),
        ("local:ada@example.com", None, False),
    ):
        if told is not None:
            record_told(engine, "T1", person, told)
        code, out, _ = run("audiences", "explain", person, "Pay", "--json")
        assert (code, json.loads(out)["may_see"]) == (0, may_see)
        _, out, err = run("audiences", "explain", person, "Pay")
        assert ("may see it" in out) == may_see
        assert ("Slack wasn't asked" in err) == (not may_see and person.startswith("T1:"))
    assert "by its folder's or its source's word" in run("audiences", "explain", "T1:U1", "Pay")[1]
    with engine.connect() as connection:
        assert connection.scalar(sa.select(schema.document.c.audience_from)) == "source"


def test_a_name_that_changed_hands_is_told_of_until_somebody_settles_it(run: Run, stored: sa.Engine) -> None:
    def told() -> dict[str, str]:
        return dict(line.split(": ", 1) for line in run("audiences", "list")[1].splitlines())

    def explain(person: str) -> str:
        return run("audiences", "explain", person, "Salaries")[1]

    assert run("documents", "audience", URI, "#finance", "@leads")[0] == 0
    assert run("documents", "audience", "https://wiki.example.com/parking", "#finance")[0] == 0
    assert told()["#finance"] == "1 document · no channel of that name was met yet"
    record_told(stored, "T1", "T1:U1", Told({"C1": "finance"}))
    assert told()["#finance"] == "1 document · channel T1:C1"
    assert "T1:U1 is in #finance.\nT1:U1 may see it." in explain("T1:U1")
    code, out, _ = run("audiences", "show", "#finance")
    assert (code, out.splitlines()[1:]) == (0, ["    T1:U1", "    https://wiki.example.com/parking"])

    record_told(stored, "T1", "T1:U2", Told({"C2": "finance"}))
    assert "nobody sees them: T1:C1 was met by that name, and so was T1:C2" in told()["#finance"]
    assert "#finance means several channels or user groups by now." in explain("T1:U1")
    assert "T1:U1 may not see it." in explain("T1:U1")
    [listed] = [one for one in json.loads(run("audiences", "list", "--json")[1]) if one["name"] == "#finance"]
    assert listed["contested_by"] == "T1:C2"

    assert run("audiences", "settle", "#Finance", "T1:C2")[0] == 0
    assert told()["#finance"] == "1 document · channel T1:C2"
    record_told(stored, "T1", "T1:U2", Told({"C2": "finance"}))
    assert "T1:U2 may see it." in explain("T1:U2") and "T1:U1 may not see it." in explain("T1:U1")


async def test_where_a_token_is_set_slack_is_asked_where_somebody_is(
    run: Run, stored: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("documents", "audience", URI, "#finance")[0] == 0
    code, out, err = run("audiences", "explain", "T1:U1", "Salaries")
    assert (code, "may not see it" in out) == (0, True)
    assert "Slack wasn't asked" in err
    slack = OwnSlack()
    slack.answers["users.conversations"] = [{"channels": [{"id": "C1", "name": "finance"}]}]
    async with slack.running() as api_url:
        monkeypatch.setenv("NIGHTSHIFT_SLACK_API_URL", api_url)
        monkeypatch.setenv("NIGHTSHIFT_SLACK_BOT_TOKEN", "xoxb-hunter2")
        code, out, err = await asyncio.to_thread(run, "audiences", "explain", "T1:U1", "Salaries", "--json")
        assert json.loads(out)["slack_was_asked"] and json.loads(out)["may_see"]
        assert [asked["user"] for asked in slack.of("users.conversations")] == ["U1"]
        asked_of_others = await asyncio.to_thread(run, "audiences", "explain", "local:ada", "Salaries", "--json")
    assert not json.loads(asked_of_others[1])["slack_was_asked"]

"""`nightshift trials`: how far one is, and who may begin, end or settle it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from db.generations import (
    Generation,
    Trial,
    end_trial,
    generations_by_role,
    get_generation,
    get_trial,
    note_look,
    propose_trial,
    serving,
)
from db.nights import get_run
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.nightshift.conftest import Run
from tests.synthetic import insert_generation
from tests.trial_rows import LOOK, TERMS, begin, night_with_trial


@pytest.fixture
def made(engine: sa.Engine) -> Generation:
    """A built candidate of a night, with no vectors yet."""
    base = add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side.")]))
    run_id = night_with_trial(engine).id
    with engine.begin() as connection:
        return insert_generation(connection, base, parent_id=base.id, run_id=run_id, status="built")


@pytest.fixture
def known(engine: sa.Engine, made: Generation) -> Trial:
    return begin(engine, made, encoders().get(serving(engine)))


@pytest.fixture
def waits(engine: sa.Engine, made: Generation) -> Trial:
    return propose_trial(engine, made, TERMS, incumbent_id=serving(engine).id)


def in_service(engine: sa.Engine) -> dict[str, int]:
    return {role: item.id for role, item in generations_by_role(engine).items()}


def test_where_there_was_none_it_is_said_when_there_is_one(run: Run, engine: sa.Engine) -> None:
    code, out, _ = run("trials", "list")
    assert (code, out.startswith("There was no trial yet.")) == (0, True)
    assert run("trials", "list", "--json") == (0, "[]\n", "")


def test_all_are_listed_newest_first(run: Run, engine: sa.Engine, known: Trial) -> None:
    end_trial(engine, known, "dropped", by="trial 1", reason="It lost.")
    base = serving(engine)
    with engine.begin() as connection:
        other = insert_generation(connection, base, status="built")
    later = begin(engine, other, encoders().get(base))
    code, out, _ = run("trials", "list")
    titles = [line for line in out.splitlines() if line.startswith("Trial")]
    assert code == 0
    assert titles == [
        f"Trial {later.id}, of generation {other.id} against generation {base.id}, goes on.",
        f"Trial {known.id}, of generation {known.candidate_id} against generation {base.id}, "
        "ended: the candidate was dropped.",
    ]
    assert "  It lost." in out and "  It was not looked at yet." in out
    listed = json.loads(run("trials", "list", "--json")[1])
    assert [(item["id"], item["status"], item["reason"]) for item in listed] == [
        (later.id, "running", None),
        (known.id, "dropped", "It lost."),
    ]


def test_one_is_shown_with_its_terms_and_each_look(run: Run, engine: sa.Engine, known: Trial) -> None:
    note_look(engine, known, LOOK, 0.0123)
    code, out, _ = run("trials", "show", known.id)
    assert code == 0
    assert "candidate preferred on 20, incumbent on 5; p = 0.0020 of 0.0020 allowed then." in out
    assert "It takes 100% of the questions in Slack, 100 with a say and 14 days at most" in out
    assert "0.0200 of luck is allowed in all, and 0.0123 used." in out
    [look] = [line.split() for line in out.splitlines() if line.startswith("  2026-03-05")]
    assert look[:5] == ["2026-03-05T02:00", "40", "questions", "20", "won"] and look[-2:] == ["go", "on"]
    shown: dict[str, Any] = json.loads(run("trials", "show", known.id, "--json")[1])
    assert shown["looks"] == [LOOK]
    assert (shown["status"], shown["spent"], shown["ended_at"]) == ("running", 0.0123, None)
    assert known.started_at is not None and shown["started_at"] == known.started_at.isoformat()
    assert {"questions": 0, "competitive": 0, "voted": 0, "slots": 0, "contested": 0}.items() <= shown.items()


def test_one_that_waits_begins_level_with_the_documents(run: Run, engine: sa.Engine, waits: Trial) -> None:
    base = serving(engine)
    assert "waits for an admin to begin it." in run("trials", "list")[1]
    assert run("trials", "start", waits.id, "--dry-run")[:2] == (
        0,
        f"Trial {waits.id} would begin after encoding 1 chunks.\n",
    )
    assert (get_trial(engine, waits.id).status, in_service(engine)) == ("proposed", {"serving": base.id})
    code, out, _ = run("trials", "start", waits.id)
    assert (code, out.startswith(f"Trial {waits.id} goes on.")) == (0, True)
    begun = get_trial(engine, waits.id)
    assert begun.status == "running" and str(begun.started_by).endswith("(command line)")
    assert in_service(engine) == {"serving": base.id, "trial": waits.candidate_id}
    with engine.connect() as connection:
        table = get_generation(engine, waits.candidate_id).table
        assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 1
    code, _, err = run("trials", "start", waits.id)
    assert code != 0 and f"Trial {waits.id} doesn't wait to begin: its status is running." in err


def test_one_is_stopped_and_what_serves_goes_on_serving(run: Run, engine: sa.Engine, known: Trial) -> None:
    base = serving(engine)
    code, out, _ = run("trials", "stop", known.id, "--dry-run")
    assert (code, out) == (0, f"Trial {known.id} would end; generation {base.id} would go on serving.\n")
    assert get_trial(engine, known.id).is_open
    code, out, _ = run("trials", "stop", known.id)
    assert (code, out.startswith(f"Trial {known.id} is stopped.")) == (0, True)
    ended = get_trial(engine, known.id)
    made = get_generation(engine, known.candidate_id)
    assert (ended.status, ended.reason, made.status) == ("stopped", "A person stopped the trial.", "refused")
    assert str(ended.ended_by).endswith("(command line)")
    assert in_service(engine) == {"serving": base.id}
    assert get_run(engine, made.run_id or 0).decision == "refused"
    code, out, _ = run("trials", "stop", known.id, "--dry-run")
    assert (code, "has ended already" in out) == (0, True)
    code, _, err = run("trials", "stop", known.id)
    assert code != 0 and f"Trial {known.id} has ended already." in err


def test_one_that_waits_is_stopped_too(run: Run, engine: sa.Engine, waits: Trial) -> None:
    assert run("trials", "stop", waits.id)[0] == 0
    assert get_trial(engine, waits.id).status == "stopped"


def test_its_candidate_is_promoted_before_votes_decided_and_it_is_recorded_by_whom(
    run: Run, engine: sa.Engine, known: Trial
) -> None:
    base = serving(engine)
    code, out, _ = run("trials", "promote", known.id, "--dry-run")
    assert (code, out) == (0, f"Generation {known.candidate_id} would serve after encoding 0 chunks.\n")
    assert in_service(engine) == {"serving": base.id, "trial": known.candidate_id}
    code, out, _ = run("trials", "promote", known.id)
    assert (code, out.startswith(f"Generation {known.candidate_id} serves.")) == (0, True)
    assert in_service(engine) == {"serving": known.candidate_id, "previous": base.id}
    assert str(serving(engine).promoted_by).endswith("(command line)") and serving(engine).forced
    assert not get_trial(engine, known.id).is_open
    code, _, err = run("trials", "promote", known.id)
    assert code != 0 and f"Trial {known.id} has ended already" in err
    assert f"`nightshift generations promote {known.candidate_id}`" in err


@pytest.mark.parametrize("command", ["show", "start", "stop", "promote"])
def test_one_that_there_never_was_is_named(run: Run, engine: sa.Engine, command: str) -> None:
    code, _, err = run("trials", command, 77)
    assert code not in (0, 2) and "There is no trial 77; `nightshift trials list` shows them all." in err


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63)])
def test_what_is_no_number_is_a_wrong_use(run: Run, number: str) -> None:
    code, _, err = run("trials", "show", "--", number)
    assert code == 2 and "Traceback" not in err


def test_the_trial_s_candidate_is_listed_as_such(run: Run, engine: sa.Engine, known: Trial) -> None:
    listed = json.loads(run("generations", "list", "--json")[1])
    assert [(item["id"], item["role"]) for item in listed] == [
        (known.candidate_id, "trial"),
        (serving(engine).id, "serving"),
    ]
    assert run("generations", "list")[0] == 0
    assert run("generations", "prune") == (0, "Pruned: none.\n", "")

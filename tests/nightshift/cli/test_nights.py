"""`nightshift retrain` and `generations`: what is told of nights and what they made, and what people decide."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa

from db.generations import generations_by_role, serving
from db.schema import generation
from tests.corpus import add_base_generation, add_document, embed
from tests.nightshift.conftest import Run
from tests.waiting_generation import add_waiting_generation

GOLDEN = {"golden": {"gain": 0.0553, "p": 0.00131}}


def served_from(engine: sa.Engine) -> dict[str, int]:
    return {role: item.id for role, item in generations_by_role(engine).items()}


def prepare(engine: sa.Engine, **run: object) -> tuple[int, int]:
    """What serves, and what a night made and left to a person."""
    base = add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side.")]))
    return base.id, add_waiting_generation(engine, **run)


def test_all_generations_are_listed_newest_first_with_what_they_are_for(run: Run, engine: sa.Engine) -> None:
    base, made = prepare(engine)
    with engine.begin() as connection:
        connection.execute(generation.update().where(generation.c.id == made).values(metrics=GOLDEN))
    code, out, _ = run("generations", "list")
    head, *rows = (line.split() for line in out.splitlines())
    assert (code, head) == (0, ["id", "parent", "made", "by", "dim", "golden", "Δndcg@10", "promoted", "by"])
    night = night_that_made(engine, made)
    assert rows == [
        [str(made), "built", str(base), "run", str(night), "384", "+0.055", "(p", "0.0013)", "—", "—"],
        [str(base), "serving", "—", "all-MiniLM-L6-v2", "384", "—", "—", "—"],
    ]
    listed = json.loads(run("generations", "list", "--json")[1])
    assert [(item["id"], item["role"]) for item in listed] == [(made, "built"), (base, "serving")]
    shown = json.loads(run("generations", "show", made)[1])
    assert shown == listed[0]
    assert (shown["metrics"], shown["promoted_at"]) == (GOLDEN, None)


def night_that_made(engine: sa.Engine, generation_id: int) -> int:
    with engine.connect() as connection:
        return int(connection.scalars(sa.select(generation.c.run_id).where(generation.c.id == generation_id)).one())


def test_one_is_promoted_by_hand_and_rolled_back_and_forward_again(run: Run, engine: sa.Engine) -> None:
    base, made = prepare(engine)
    code, out, _ = run("generations", "promote", made)
    assert (code, f"Generation {made} serves." in out) == (0, True)
    assert served_from(engine) == {"serving": made, "previous": base}
    shown = json.loads(run("generations", "show", made)[1])
    assert shown["promoted_by"].endswith("(command line)") and shown["promoted_at"] is not None
    assert shown["forced"] is False

    code, out, _ = run("generations", "rollback", "--dry-run")
    assert (code, out) == (0, f"Generation {base} would serve instead of {made}.\n")
    assert served_from(engine)["serving"] == made
    assert f"Generation {base} serves again; {made} is the previous one now." in run("generations", "rollback")[1]
    assert served_from(engine) == {"serving": base, "previous": made}
    run("generations", "rollback")
    assert served_from(engine) == {"serving": made, "previous": base}


def test_what_the_gate_refused_wants_force_and_is_recorded_as_forced(run: Run, engine: sa.Engine) -> None:
    base, made = prepare(engine, decision="refused")
    with engine.begin() as connection:
        connection.execute(generation.update().where(generation.c.id == made).values(status="refused"))
    code, _, err = run("generations", "promote", made)
    assert (code != 0, "--force" in err) == (True, True)
    assert served_from(engine) == {"serving": base}
    assert run("generations", "promote", made, "--force")[0] == 0
    assert serving(engine).forced
    assert "(forced)" in run("generations", "list")[1]


def test_there_is_no_way_back_from_the_first(run: Run, engine: sa.Engine) -> None:
    add_base_generation(engine)
    code, _, err = run("generations", "rollback")
    assert (code != 0, "There is no previous generation to roll back to." in err) == (True, True)


def test_what_neither_serves_nor_may_again_is_pruned_and_a_dry_run_only_says_so(run: Run, engine: sa.Engine) -> None:
    _, made = prepare(engine, decision="refused")
    with engine.begin() as connection:
        connection.execute(generation.update().where(generation.c.id == made).values(status="refused"))

    def status() -> str:
        return str(json.loads(run("generations", "show", made)[1])["status"])

    assert run("generations", "prune", "--keep", 1) == (0, "Pruned: none.\n", "")
    assert run("generations", "prune", "--dry-run") == (0, f"Would prune: {made}.\n", "")
    assert status() == "refused"
    assert run("generations", "prune") == (0, f"Pruned: {made}.\n", "")
    assert status() == "pruned"
    assert run("generations", "prune") == (0, "Pruned: none.\n", "")


def test_what_a_killed_night_left_in_the_models_folder_is_named_and_removed(
    run: Run, engine: sa.Engine, tmp_path: Path
) -> None:
    add_base_generation(engine)
    left = tmp_path / "data" / "models" / ".run-7.partial"
    left.mkdir(parents=True)
    assert "Left by nights that were killed: .run-7.partial." in run("generations", "prune", "--dry-run")[1]
    assert left.is_dir()
    assert "Left by nights that were killed: .run-7.partial." in run("generations", "prune")[1]
    assert not left.exists()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE embedding_77 ()"))
    assert "Vectors that no generation has any more: embedding_77." in run("generations", "prune")[1]


def test_a_night_s_dry_run_tells_what_would_be_learnt_from_and_asks_for_none(run: Run, engine: sa.Engine) -> None:
    prepare(engine)
    code, out, _ = run("retrain", "--dry-run")
    told = {name: value.strip() for name, _, value in (line.partition(" ") for line in out.splitlines())}
    assert code == 0
    assert told == {name: str(value) for name, value in json.loads(run("retrain", "--dry-run", "--json")[1]).items()}
    assert told["votes"] == "0"
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM retrain_run")) == 1, "that of the waiting generation"

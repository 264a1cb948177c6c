"""Which generation serves: made, promoted, rolled back, pruned. None of it needs training code."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from db.errors import EmptyCorpusError, NotCaughtUpError, NotPromotableError, StaleRunError, UnknownIdError
from db.generations.generation import Generation, Role, select_generations
from db.generations.locks import hold_vectors
from db.generations.turned_down import turn_down, want_after_all
from db.generations.vectors import create_vector_table, drop_vectors, is_level, level_with_documents
from db.nights import Lease, let_go, require_lease
from db.schema import artefact, decision_request, generation, in_service, retrain_run
from db.store import RawConnection, transaction

if TYPE_CHECKING:
    from db.nights import Decision
    from db.settings import Settings

MOST_HELD = 32
"""Chunks that are encoded while nobody may change documents, at most: a second or two of a small encoder's time."""


def serving(engine: sa.Engine) -> Generation:
    """The generation that answers questions now.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    return maintained(engine)[0]


def maintained(engine: sa.Engine) -> list[Generation]:
    """The generations that every change of a document must reach: the serving one first, then the one to roll back to.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    return list(generations_by_role(engine).values())


def generations_by_role(engine: sa.Engine) -> dict[Role, Generation]:
    """What is in service, as of one moment, in the order of `maintained`; there is always one that serves.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    role = in_service.c.role
    query = select_generations(role).join(in_service).order_by(role != "serving", role)
    with engine.connect() as connection:
        found = {role: Generation(*row) for *row, role in connection.execute(query)}
    if not found:
        raise EmptyCorpusError
    return found


def get_generation(engine: sa.Engine, generation_id: int) -> Generation:
    """One generation.

    Raises:
        UnknownIdError: there is none by that id.
    """
    with engine.connect() as connection:
        return _get(connection, generation_id)


def list_generations(engine: sa.Engine) -> list[Generation]:
    """All generations ever made, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(select_generations().order_by(generation.c.id.desc())).all()
    return [Generation(*row) for row in rows]


def ensure_base_generation(engine: sa.Engine, settings: Settings) -> Generation:
    """The serving generation; where there is none yet, one of the base model with an empty table is made and serves.

    Raises:
        ModelError: the base model can't be used.
    """
    try:
        return serving(engine)
    except EmptyCorpusError:
        pass
    from db.models import choose_dtype, find_base_model, load_encoder, measure_encoder, name_at_commit

    directory, sha256 = find_base_model(settings.base_model)
    name = name_at_commit(settings.base_model, directory)
    dtype = choose_dtype(directory) if settings.encoder_dtype == "auto" else settings.encoder_dtype
    encoder = load_encoder(directory, sha256=sha256, dtype=dtype, frozen=True)
    floor = measure_encoder(encoder).at(settings.min_similarity)
    with transaction(engine) as (connection, raw):
        raw.execute("LOCK TABLE in_service IN SHARE ROW EXCLUSIVE MODE")  # others who ask at once wait
        if not _hold_roles(connection):
            made = add_generation(
                connection,
                artefact_id=add_artefact(
                    connection,
                    base_model=name,
                    uri=f"base:{name}",
                    sha256=sha256,
                    dtype=dtype,
                    dimension=encoder.dimension,
                ),
                min_similarity=floor,
                status="built",
                promoted_at=sa.func.now(),
                promoted_by="the first ingest",
            )
            create_vector_table(raw, made)
            _put_in_service(connection, None, serving=made.id)
    return serving(engine)


def with_base_model_of_store(engine: sa.Engine, settings: Settings) -> Settings:
    """The settings with the base model at the commit that this store's generations are of.

    So every night starts from the same files, on whichever machine and whatever its name on Hugging Face leads to now.
    A setting that names a commit itself, or another model, stays.
    """
    known = sa.select(artefact.c.base_model).where(
        artefact.c.base_model.startswith(f"{settings.base_model}@", autoescape=True)
    )
    with engine.connect() as connection:
        name = connection.scalar(known.order_by(artefact.c.id.desc()).limit(1))
    return settings if name is None else settings.model_copy(update={"base_model": name})


def add_artefact(
    connection: sa.Connection, *, base_model: str, uri: str, sha256: str, dtype: str, dimension: int
) -> int:
    """Inserts the row of an encoder and returns its id; its vector table is not made here."""
    row = {"base_model": base_model, "uri": uri, "sha256": sha256, "dtype": dtype, "dimension": dimension}
    return int(connection.execute(artefact.insert().values(row).returning(artefact.c.id)).scalar_one())


def add_generation(connection: sa.Connection, **values: Any) -> Generation:  # noqa: ANN401 - a row's columns
    """Inserts a row and returns it. Its `artefact_id` may be another one's too: then they share encoder and vectors."""
    made = generation.insert().values(**values).returning(generation.c.id)
    return _get(connection, connection.execute(made).scalar_one())


def update_generation(connection: sa.Connection, generation_id: int, **values: Any) -> Generation:  # noqa: ANN401
    """Changes columns of a row and returns it as it is now."""
    connection.execute(generation.update().where(generation.c.id == generation_id).values(**values))
    return _get(connection, generation_id)


def set_breadth(connection: sa.Connection, item: Generation, ef_search: int) -> Generation:
    """Sets how widely its index is searched, for all who share it; returns the generation as it is now."""
    connection.execute(artefact.update().where(artefact.c.id == item.artefact_id).values(ef_search=ef_search))
    return _get(connection, item.id)


def find_candidate(engine: sa.Engine, run_id: int) -> Generation | None:
    """The generation that a run is building, if it got that far."""
    with engine.connect() as connection:
        row = connection.execute(select_generations().where(generation.c.run_id == run_id)).one_or_none()
    return Generation(*row) if row is not None else None


def remove_candidate(
    engine: sa.Engine,
    candidate: Generation,
    lease: Lease | None = None,
    remove_model: Callable[[], None] = lambda: None,
) -> None:
    """Removes a generation that never served: its row, its vectors, and by `remove_model` its model.

    Vectors and model stay where another generation uses them. Where a night does it, nobody can take that night over
    before all are gone.

    Raises:
        NightshiftError: it is in service.
        StaleRunError: the night was taken over: nothing is removed.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, candidate)
        if lease is not None:
            require_lease(connection, lease)
        drop_vectors(raw, candidate)
        connection.execute(generation.delete().where(generation.c.id == candidate.id))
        others = sa.exists().where(generation.c.artefact_id == candidate.artefact_id)
        if connection.execute(artefact.delete().where(artefact.c.id == candidate.artefact_id, ~others)).rowcount:
            remove_model()


def refuse_candidate(engine: sa.Engine, candidate: Generation, metrics: dict[str, Any], run: Lease) -> None:
    """Records that the gate refused it. Its row and model stay, to look at or to force; its vectors make room.

    Raises:
        StaleRunError: the run (id, attempt) was taken over.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, candidate)
        require_lease(connection, run)
        drop_vectors(raw, candidate)
        update_generation(connection, candidate.id, status="refused", metrics=metrics)


def promote(
    engine: sa.Engine,
    candidate: Generation,
    *,
    expected_current_id: int,
    by: str,
    forced: bool = False,
    run: Lease | None = None,
    encode_rest: Callable[[RawConnection], None] | None = None,
) -> None:
    """Makes a built candidate serve, in one transaction, during which no document changes; readers never wait.

    The serving generation becomes the one to roll back to. `run` is (run id, attempt) of the night that asks: a night
    that was taken over by another process since can't promote. Where a person is quicker than the night that made it,
    that night's lease counts no longer: it may drop no vectors any more, and taken up again it finds what was decided.
    `encode_rest` adds what a candidate lacks; up to `MOST_HELD` chunks are left to it, while those who write wait.
    Without a run it is a person who asks: a generation older than the serving one means that those since are rolled
    back.

    Raises:
        StaleRunError: another generation serves than `expected_current_id`, or the run was taken over.
        NotPromotableError: the candidate isn't built.
        NotCaughtUpError: chunks arrived that it lacks.
    """
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, candidate, _get(connection, expected_current_id))
        if run is not None:
            require_lease(connection, run)
        known = _get(connection, candidate.id)
        status, forced = known.status, forced or known.forced
        if status != "built" and not (forced and status == "refused"):
            raise NotPromotableError(f"Generation {candidate.id} is {status}; only a built one can serve.")
        missing = 0 if is_level(raw, candidate) else level_with_documents(raw, candidate)
        if encode_rest is not None and 0 < missing <= MOST_HELD:
            encode_rest(raw)
            missing = level_with_documents(raw, candidate)
        if missing:
            raise NotCaughtUpError(f"Generation {candidate.id} lacks {missing} chunks that arrived meanwhile.")
        if _hold_roles(connection).get("serving") != expected_current_id or expected_current_id == candidate.id:
            raise StaleRunError(
                f"Generation {expected_current_id} no longer serves, so generation {candidate.id} was not promoted."
            )
        _put_in_service(connection, by, serving=candidate.id, previous=expected_current_id)
        update_generation(
            connection, candidate.id, status="built", promoted_at=sa.func.now(), promoted_by=by, forced=forced
        )
        if run is None:
            want_after_all(connection, candidate.id)
            if candidate.id < expected_current_id:
                later = (generation.c.id > candidate.id, generation.c.promoted_at.is_not(None))
                turn_down(connection, "rolled back", by, *later, generation.c.turned_down_at.is_(None))
        if known.run_id is not None:
            settle_run(connection, known.run_id, "promoted")
            if run is None:
                let_go(connection, retrain_run.c.id == known.run_id)


def settle_run(connection: sa.Connection, run_id: int, decision: Decision, *reasons: str) -> bool:
    """Puts a person's decision in the place of `pending`, with more reasons; whether it was still pending."""
    settled = connection.execute(
        retrain_run.update()
        .where(retrain_run.c.id == run_id, retrain_run.c.decision == "pending")
        .values(
            decision=decision, reasons=retrain_run.c.reasons + sa.cast(list(reasons), JSONB), report_outdated=sa.true()
        )
    )
    return settled.rowcount == 1


def require_promotable(engine: sa.Engine, candidate: Generation, *, force: bool = False) -> None:
    """Whether a person may make it serve.

    Raises:
        NotPromotableError: it serves already, is pruned or being built, or was refused and `force` isn't given.
    """
    if candidate.id == serving(engine).id:
        raise NotPromotableError(f"Generation {candidate.id} serves already.")
    if candidate.status in ("pruned", "building"):
        raise NotPromotableError(f"Generation {candidate.id} is {candidate.status}, so it can't serve.")
    if candidate.status == "refused" and not force:
        raise NotPromotableError(
            f"The gate refused generation {candidate.id}; `nightshift generations show {candidate.id}` tells why. "
            "With --force it serves all the same, recorded as forced by you."
        )


def roll_back(engine: sa.Engine, by: str, *, expected_current_id: int | None = None) -> Generation:
    """Puts the previous generation back in service and returns it; doing it again goes forward again.

    Who did it is in `in_service`, and, where an older one serves now, in the row of the generation that served: it is
    turned down. What serves now isn't any more. A generation's own row keeps who promoted it, and whether by force.

    Raises:
        NotPromotableError: there is none to go back to, or another serves than `expected_current_id`, where given.
    """
    with engine.begin() as connection:
        roles = _hold_roles(connection)
        current, previous = roles.get("serving"), roles.get("previous")
        if expected_current_id not in (None, current):
            raise NotPromotableError(f"Generation {expected_current_id} doesn't serve any more.")
        if current is None or previous is None:
            raise NotPromotableError("There is no previous generation to roll back to.")
        _put_in_service(connection, by, serving=previous, previous=current)
        if previous < current:
            turn_down(connection, "rolled back", by, generation.c.id == current)
        want_after_all(connection, previous)
        return _get(connection, previous)


def _hold_roles(connection: sa.Connection) -> dict[Role, int]:
    """What has which role; until the transaction ends, nobody else who begins with this changes any."""
    role, generation_id = in_service.c.role, in_service.c.generation_id
    connection.execute(sa.select(role).where(role == "serving").with_for_update())
    return {role: id_ for role, id_ in connection.execute(sa.select(role, generation_id))}


def _put_in_service(connection: sa.Connection, by: str | None, **generation_ids: int) -> None:
    """Gives each role its generation, in one statement: they may be swapped."""
    rows = [{"role": role, "generation_id": id_, "changed_by": by} for role, id_ in generation_ids.items()]
    put = insert(in_service).values(rows)
    new = {"generation_id": put.excluded.generation_id, "changed_at": sa.func.now(), "changed_by": by}
    connection.execute(put.on_conflict_do_update(index_elements=[in_service.c.role], set_=new))


def prunable(engine: sa.Engine, keep: int = 0) -> list[Generation]:
    """The generations that neither serve nor can be rolled back to, newest first, without the `keep` newest.

    One whose night goes on isn't among them, nor one that a person has still to decide on, or decided on just now.
    """
    active = {item.id for item in maintained(engine)}
    at_work = sa.select(retrain_run.c.id).where(
        retrain_run.c.status.in_(["requested", "running"]) | (retrain_run.c.decision == "pending")
    )
    wanted = sa.select(decision_request.c.generation_id).where(decision_request.c.done_at.is_(None))
    with engine.connect() as connection:
        run_ids = set(connection.scalars(at_work))
        active |= set(connection.scalars(wanted))
    done = [
        item
        for item in list_generations(engine)
        if item.id not in active and item.run_id not in run_ids and item.status != "pruned"
    ]
    return done[keep:]


def prune(engine: sa.Engine, settings: Settings, keep: int = 0) -> list[Generation]:
    """Drops the vectors and model files of `prunable` generations that no other one uses; rows and figures stay.

    What a killed prune left on disk goes too.
    """
    pruned = []
    for item in prunable(engine, keep):
        with transaction(engine) as (connection, raw):
            hold_vectors(raw, item)
            if connection.scalar(sa.select(in_service.c.role).where(in_service.c.generation_id == item.id)):
                continue
            drop_vectors(raw, item)
            pruned.append(update_generation(connection, item.id, status="pruned"))
    generations = list_generations(engine)
    used = {item.artefact_uri for item in generations if item.status != "pruned"}
    for item in generations:
        if item.artefact_uri not in used and item.artefact_uri.startswith("data:"):
            from db.generations.encoders import artefact_directory

            shutil.rmtree(artefact_directory(item, settings), ignore_errors=True)
    return pruned


def _get(connection: sa.Connection, generation_id: int) -> Generation:
    row = connection.execute(select_generations().where(generation.c.id == generation_id)).one_or_none()
    if row is None:
        raise UnknownIdError(f"There is no generation {generation_id}; `nightshift generations list` shows them all.")
    return Generation(*row)

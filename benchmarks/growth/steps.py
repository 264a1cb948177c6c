"""The steps whose memory is measured, each a process of its own: `python -m benchmarks.growth.steps STEP FOLDER`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from benchmarks.growth.corpus import DOCUMENTS, MODEL, PAIRS
from db.corpus import count_chunks
from db.feedback import import_pairs
from db.generations import (
    Encoders,
    add_artefact,
    add_generation,
    backfill,
    build_and_measure_index,
    list_generations,
    serving,
    typical_questions,
)
from db.settings import Settings
from db.store import open_store
from intake import index_after_load, ingest_paths
from retrain.night import base_model_bytes, memory_needed, run_next_night, run_requested_night, vectors_take

if TYPE_CHECKING:
    from db.generations import Generation

Step = Callable[[sa.Engine, Settings, Path], Mapping[str, object]]


def read_in(engine: sa.Engine, settings: Settings, folder: Path) -> Mapping[str, object]:
    """As `nightshift ingest` does it, the index included; killed, the next one goes on."""
    encoders = Encoders(settings)
    report = ingest_paths(engine, settings, encoders, [folder / DOCUMENTS])
    index_after_load(engine, settings, encoders)
    import_pairs(engine, folder / PAIRS, "benchmark")
    return {"passages": count_chunks(engine), "failed": len(report.failed)}


def encode_anew(engine: sa.Engine, settings: Settings, folder: Path) -> Mapping[str, object]:
    """As a night brings a candidate level with the documents, and indexes it; killed, the next one goes on."""
    now = serving(engine)
    begun = [own for own in list_generations(engine) if own.status == "building" and own.run_id is None]
    made = begun[0] if begun else _add_like(engine, now)
    encoder = Encoders(settings).get(now)
    backfill(engine, made, encoder)
    build_and_measure_index(engine, made, settings.index_recall_floor, typical_questions(engine, made, encoder))
    estimated = vectors_take(count_chunks(engine), now.dimension)
    return {"disk_bytes": _disk_of(engine, made), "estimated_disk_bytes": estimated}


def have_a_night(engine: sa.Engine, settings: Settings, folder: Path) -> Mapping[str, object]:
    """From the snapshot to the decision; a killed one is taken up where it was."""
    estimated = memory_needed(base_model_bytes(settings), count_chunks(engine))
    encoders = Encoders(settings)
    run = run_next_night(engine, settings, encoders) or run_requested_night(engine, settings, encoders, "benchmark")
    told = {"decision": run.decision, "reasons": run.reasons, "phases": sorted(run.phases)}
    return {"estimated_bytes": estimated, **told}


STEPS: dict[str, Step] = {"read in": read_in, "encode anew": encode_anew, "a night": have_a_night}


def measure(step: str, folder: Path) -> dict[str, object]:
    """Does it in this process, whose memory at its height is what is measured; Linux tells it."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    home.chmod(0o711)  # root's server runs in another account
    settings = Settings(
        data_dir=home,
        database_url=None,
        direct_database_url=None,
        llm_api_key=None,
        llm_base_url=None,
        base_model=str(folder / MODEL),
        encoder_dtype="float32",
    )
    began = time.monotonic()
    with open_store(settings, bounded=False) as engine:
        facts = dict(STEPS[step](engine, settings, folder))
    took = {"seconds": time.monotonic() - began, "cpu_seconds": time.process_time()}
    return facts | took | {"peak_bytes": read_peak()}


def read_peak(status: Path = Path("/proc/self/status")) -> int:
    """The most memory that this process had at once, in bytes."""
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024


def _add_like(engine: sa.Engine, now: Generation) -> Generation:
    """A candidate of the same model, with no vector yet."""
    with engine.begin() as connection:
        artefact_id = add_artefact(
            connection,
            base_model=now.base_model,
            uri=now.artefact_uri,
            sha256=now.artefact_sha256,
            dtype=now.dtype,
            dimension=now.dimension,
        )
        return add_generation(connection, artefact_id=artefact_id, unrelated_nearness=now.unrelated_nearness)


def _disk_of(engine: sa.Engine, generation: Generation) -> int:
    """Bytes of its vectors and their indexes."""
    with engine.connect() as connection:
        query = sa.select(sa.func.pg_total_relation_size(generation.table))
        return int(connection.scalar(query) or 0)


if __name__ == "__main__":
    step, where = sys.argv[1:]
    sys.stdout.write(json.dumps(measure(step, Path(where))) + "\n")

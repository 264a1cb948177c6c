"""Will the next night run, and did the last ones? When it is due, what it takes, its models, and what others left."""

from __future__ import annotations

from nightshift.doctor.finding import Check, Figures, Finding, Subject

PRUNE = "Run `nightshift generations prune`; the next night does it too."


def look_at_schedule(subject: Subject) -> Finding:
    """Whether the crontab line and the zone can be read, and when that is."""
    from db.nights import night_line

    due = night_line(subject.settings).next_after(subject.now())
    return Finding("ok", f"The next night is due at {due:%Y-%m-%d %H:%M %Z}.", figures={"due": due.isoformat()})


def look_at_nights(subject: Subject) -> Finding:
    """Whether one is overdue, or the last one failed."""
    from db.nights import find_overdue, last_ended

    overdue = find_overdue(subject.engine, subject.settings)
    if overdue is not None:
        return Finding(
            "fault", overdue.sentence, "See that one process runs nights: `nightshift run`, or `nightshift nights`."
        )
    last = last_ended(subject.engine, "night")
    if last is None:
        return Finding("ok", "There was no night yet, and none is overdue.")
    figures: Figures = {"run": last.id, "status": last.status, "decision": last.decision}
    if last.status == "failed":
        return Finding(
            "warning",
            f"The last night, run {last.id}, failed: {' '.join(last.reasons)}",
            "The log of the process that runs nights tells why; `nightshift retrain` tries again.",
            figures,
        )
    return Finding("ok", f"The last night, run {last.id}, ended: {last.decision}.", figures=figures)


def look_at_disk(subject: Subject) -> Finding:
    """Room for the model, checkpoint and vectors of one more generation."""
    from db.corpus import count_chunks
    from db.generations import serving
    from retrain.night import explain_lack, in_units, space_needed

    dimension = serving(subject.engine).dimension
    needs = space_needed(subject.settings, count_chunks(subject.engine), dimension, is_trained=False)
    figures: Figures = {}
    for number, need in enumerate(needs, start=1):
        figures |= {f"place_{number}": str(need.place), f"needed_{number}": need.needed, f"free_{number}": need.free}
    lacking = [explain_lack(need) for need in needs if need.free < need.needed]
    if lacking:
        return Finding("fault", " ".join(lacking), PRUNE, figures)
    said = ", ".join(f"{in_units(need.needed)} of {in_units(need.free)} free at {need.place}" for need in needs)
    return Finding("ok", f"The next night takes about {said}.", figures=figures)


def look_at_memory(subject: Subject) -> Finding:
    """Memory for training and for what is known of each passage, if the night is to run on this machine."""
    from db.corpus import count_chunks
    from db.generations import serving
    from retrain.night import base_model_bytes, in_units, memory_available, memory_needed

    serving(subject.engine)  # a store that nothing was read into has no nights
    needed = memory_needed(base_model_bytes(subject.settings), count_chunks(subject.engine))
    available = memory_available()
    figures: Figures = {"needed": needed, "available": available}
    if available < needed:
        return Finding(
            "warning",
            f"The next night takes about {in_units(needed)} of memory, and {in_units(available)} is available here.",
            "Give this machine more, or run `nightshift nights` on another one.",
            figures,
        )
    return Finding(
        "ok", f"The next night takes about {in_units(needed)} of memory; {in_units(available)} is there.", None, figures
    )


def look_at_models(subject: Subject) -> Finding:
    """The files of the base model and of every generation in service, by their hashes."""
    from db.generations import artefact_directory, is_shared, maintained
    from db.models import check_model_hash, find_base_model

    find_base_model(subject.settings.base_model)
    generations, on_their_way = maintained(subject.engine), []
    for generation in generations:
        directory = artefact_directory(generation, subject.settings)
        with subject.engine.connect() as connection:
            if not directory.is_dir() and is_shared(connection, generation):
                on_their_way.append(str(generation.id))
                continue
        check_model_hash(directory, generation.artefact_sha256)
    said = "The models' files are those that were recorded."
    if on_their_way:
        said += f" Fetched from the database when it is needed: that of generation {', '.join(on_their_way)}."
    return Finding(
        "ok", said, figures={"generations": [str(own.id) for own in generations], "to_fetch": list(on_their_way)}
    )


def look_at_leftovers(subject: Subject) -> Finding:
    """What killed nights left on disk and in the database, and events that somebody died over."""
    from db.generations import find_leftovers, find_orphan_tables
    from db.slack import count_abandoned

    files = [path.name for path in find_leftovers(subject.engine, subject.settings)]
    tables = find_orphan_tables(subject.engine)
    waiting, lost = count_abandoned(subject.engine)
    figures: Figures = {"files": list(files), "tables": list(tables), "events_waiting": waiting, "events_lost": lost}
    said, todo = [], []
    if files or tables:
        said.append(f"No generation has {', '.join(files + tables)} any more.")
        todo.append(PRUNE)
    if waiting:
        said.append(f"{waiting} messages from Slack were taken by a process that died, and nobody answered yet.")
        todo.append("Start `nightshift run`: it takes them up again.")
    if lost:
        said.append(f"{lost} messages from Slack were given up, as each process that took them died.")
        todo.append("Look for why in its log; whoever asked has to ask again. They are forgotten after a week.")
    if said:
        return Finding("warning", " ".join(said), " ".join(todo), figures)
    return Finding("ok", "Nobody left anything.", figures=figures)


SCHEDULE = Check("schedule", look_at_schedule, "Correct NIGHTSHIFT_NIGHT_CRON or NIGHTSHIFT_TIMEZONE.", needs="nothing")
CHECKS = (
    Check("models", look_at_models, "Put the recorded files back, or run `nightshift generations rollback`."),
    Check("disk", look_at_disk, PRUNE),
    Check("memory", look_at_memory, "Run `nightshift nights` on another machine."),
    Check("nights", look_at_nights, "See that one process runs nights: `nightshift run`, or `nightshift nights`."),
    Check("leftovers", look_at_leftovers, PRUNE),
)

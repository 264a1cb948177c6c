"""`nightshift retrain`, `report` and `generations`: nights by hand, what they decided, and what they made."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from nightshift.cli.workplace import Json, err, out, tell, who, workplace

generations = typer.Typer(
    help="Generations: each one an encoder and the vectors it made. Exactly one serves.", no_args_is_help=True
)

_GenerationId = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="Its number, as `nightshift generations list` shows it.")
]


def retrain(
    ranking: Annotated[
        bool,
        typer.Option("--ranking", help="Only fit the ranking, for the encoder and the vectors that serve: seconds."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be learnt from; trains and changes nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Runs a night now: learns from the votes, and promotes the result if it is shown to be better.

    With --ranking no encoder is trained: what words count beside meaning, and five more weights, are fitted to the
    votes, judged by the same gate, and promoted or refused like a night's.

    A run that was killed or stopped is taken up where it stopped. "Refused, because …" is a normal end (exit code 0).
    While another process is at a night this one waits, unless that one is overdue: then it says so (exit code 3).
    """
    import signal

    from db.generations import Encoders
    from db.store import require_sessions
    from nightshift.corpus.sample import regression_set
    from nightshift.terminal.printing import print_night
    from nightshift.terminal.progress import night_progress
    from retrain.night import preview_night, preview_ranking, run_requested_night
    from retrain.report import report_path

    with workplace(bounded=False) as (settings, engine):
        encoders = Encoders(settings, engine)
        if dry_run:
            counts = (
                preview_ranking(engine, encoders, settings) if ranking else preview_night(engine, encoders, settings)
            )
            if as_json:
                out.print(json.dumps(counts), markup=False)
            else:
                for name, value in counts.items():
                    out.print(f"{name:<18} {value}", markup=False)
            return
        require_sessions(engine)  # before anything is requested
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends as Ctrl-C does
        with night_progress(err) as on_progress:
            run = run_requested_night(
                engine,
                settings,
                encoders,
                who(),
                on_progress,
                lambda: regression_set(engine, settings),
                lambda line: err.print(line, style="dim", markup=False),
                kind="ranking" if ranking else "night",
            )
    kept = report_path(settings, run.id)
    path = kept if kept.exists() else None
    if as_json:
        facts = {
            "run": run.id,
            "kind": run.kind,
            "decision": run.decision,
            "reasons": run.reasons,
            "phases": run.phases,
        }
        out.print(json.dumps(facts | {"report": path and str(path)}), markup=False)
    else:
        print_night(out, run, path)


def report(
    run: Annotated[
        int | None,
        typer.Argument(min=1, max=2**63 - 1, help="The number that `nightshift retrain` gave it; else the newest."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Render it anew from the database: what was erased since is gone from it.")
    ] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Tells where the report of a night is: one HTML page and its picture, kept with the run.

    It says what was decided and on what evidence, before and after by slice, which questions got better and which
    worse, how training went, and what would have decided it otherwise. A refusal says how many more golden pairs it
    would take. Questions asked in private are counted in it, never quoted.
    """
    from db.nights import get_run
    from retrain.report import latest_with_report, report_path, write_report

    with workplace() as (settings, engine):
        found = get_run(engine, run) if run is not None else latest_with_report(engine)
        path = report_path(settings, found.id)
        if again or not path.exists():
            path = write_report(engine, settings, found)
    tell(str(path), {"run": found.id, "decision": found.decision, "report": str(path)}, as_json=as_json)
    if open_it and typer.launch(str(path)):
        err.print("No browser could be opened here; the page is at the path above.", style="dim")


@generations.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists all generations, newest first; `serving` answers questions, `previous` is one command back."""
    from db.generations import generations_by_role, list_generations
    from nightshift.terminal.printing import generation_as_json, print_generations

    with workplace() as (_, engine):
        in_service = generations_by_role(engine)
        found = list_generations(engine)
    if as_json:
        out.print(json.dumps([generation_as_json(item, in_service) for item in found]), markup=False)
    else:
        print_generations(out, found, in_service)


@generations.command()
def show(generation: _GenerationId) -> None:
    """Shows everything known of one generation, as JSON: model, hash, figures, who promoted it."""
    from db.generations import generations_by_role, get_generation
    from nightshift.terminal.printing import generation_as_json

    with workplace() as (_, engine):
        found = get_generation(engine, generation)
        in_service = generations_by_role(engine)
    out.print(json.dumps(generation_as_json(found, in_service), indent=2), markup=False)


@generations.command()
def promote(
    generation: _GenerationId,
    force: Annotated[
        bool, typer.Option("--force", help="Even though the gate refused it; recorded as forced, by you.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would take.")] = False,
    as_json: Json = False,
) -> None:
    """Makes a generation serve: its vectors are brought level with the documents, then it is swapped in.

    With one that is older than what serves, what came since counts as rolled back.
    """
    from db.generations import Encoders, count_lacking, get_generation, promote_by_hand, require_promotable
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (settings, engine):
        found = get_generation(engine, generation)
        require_promotable(engine, found, force=force)
        lacking = count_lacking(engine, found)
        facts = {"dry_run": dry_run, "generation": generation, "lacking": lacking}
        if dry_run:
            tell(f"Generation {generation} would serve after encoding {lacking} chunks.", facts, as_json=as_json)
            return
        with count_progress(err, "embed") as on_progress:
            promote_by_hand(
                engine, settings, Encoders(settings, engine), found, by=who(), force=force, on_progress=on_progress
            )
    said = f"Generation {generation} serves. `nightshift generations rollback` goes back."
    tell(said, facts, as_json=as_json)


@generations.command()
def rollback(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which one would serve.")] = False,
    as_json: Json = False,
) -> None:
    """Puts the previous generation back in service, at once; again goes forward again.

    What is rolled back stays back: no night promotes that model by itself, nor another one until a tenth of the votes
    and curated pairs is new. The refusal says who rolled back, and how much is lacking.
    """
    from db.errors import NotPromotableError
    from db.generations import generations_by_role, roll_back

    with workplace() as (_, engine):
        in_service = generations_by_role(engine)
        current, previous = in_service["serving"], in_service.get("previous")
        if previous is None:
            raise NotPromotableError("There is no previous generation to roll back to.")
        facts = {"dry_run": dry_run, "generation": previous.id, "instead_of": current.id}
        if dry_run:
            tell(f"Generation {previous.id} would serve instead of {current.id}.", facts, as_json=as_json)
            return
        serves = roll_back(engine, who())
    said = f"Generation {serves.id} serves again; {current.id} is the previous one now."
    tell(said, facts | {"generation": serves.id}, as_json=as_json)


@generations.command()
def prune(
    keep: Annotated[int, typer.Option("--keep", min=0, help="How many of the newest unused ones to leave.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which would go.")] = False,
    as_json: Json = False,
) -> None:
    """Removes vectors and models of generations that neither serve nor can be rolled back to; their rows stay.

    So does what nights that were killed left in the models folder, and vectors that no generation has any more. Each
    night does all of it when it ends, but for the NIGHTSHIFT_KEEP_GENERATIONS newest.
    """
    from db.generations import drop_orphan_tables, find_leftovers, find_orphan_tables, prunable, remove_leftovers
    from db.generations import prune as remove

    with workplace(bounded=False) as (settings, engine):
        gone = prunable(engine, keep) if dry_run else remove(engine, settings, keep)
        left = find_leftovers(engine, settings) if dry_run else remove_leftovers(engine, settings)
        tables = find_orphan_tables(engine) if dry_run else drop_orphan_tables(engine)
    ids, names = [item.id for item in gone], [path.name for path in left]
    said = [f"{'Would prune' if dry_run else 'Pruned'}: {', '.join(map(str, ids)) or 'none'}."]
    if left:
        said.append(f"Left by nights that were killed: {', '.join(names)}.")
    if tables:
        said.append(f"Vectors that no generation has any more: {', '.join(tables)}.")
    facts = {"dry_run": dry_run, "generations": ids, "files": names, "tables": list(tables)}
    tell("\n".join(said), facts, as_json=as_json)

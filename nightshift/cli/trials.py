"""`nightshift trials`: what people's votes are deciding between, and who may end it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nightshift.cli.workplace import Json, err, out, tell, who, workplace

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.answers import Drawing
    from db.generations import Trial

trials = typer.Typer(
    help="Trials: a night's candidate answers some questions beside what serves, and people's votes decide.",
    no_args_is_help=True,
)

_TrialId = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="Its number, as `nightshift trials list` shows it.")
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")]


@trials.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists all trials, newest first: how each stands or ended, and what was seen in it."""
    from db.generations import list_trials

    with workplace() as (_, engine):
        found = [(known, _drawn(engine, known)) for known in list_trials(engine)]
    if as_json:
        out.print(json.dumps([_as_json(known, drawn) for known, drawn in found]), markup=False)
        return
    if not found:
        out.print("There was no trial yet. A night begins one where evidence is all that its candidate lacks.")
    for known, drawn in found:
        _print(known, drawn)


@trials.command()
def show(trial: _TrialId, as_json: Json = False) -> None:
    """Shows how far a trial is: questions that both answered, who was preferred, and each look so far."""
    from db.generations import get_trial

    with workplace() as (_, engine):
        known = get_trial(engine, trial)
        drawn = _drawn(engine, known)
    if as_json:
        out.print(json.dumps(_as_json(known, drawn)), markup=False)
        return
    _print(known, drawn)
    out.print(
        f"  It takes {known.share:.0%} of the questions in Slack, {known.most_questions} with a say and "
        f"{known.most_days} days at most; {known.alpha:.4f} of luck is allowed in all, and {known.spent:.4f} used.",
        style="dim",
    )
    for seen in known.looks:
        out.print(
            f"  {seen['at'][:16]}  {seen['questions']:>4} questions  {seen['won']:>4} won  {seen['lost']:>4} lost  "
            f"p {seen['p']:.4f} of {seen['allowed']:.4f}  wealth against it {seen['wealth']:.2f}  {seen['decision']}",
            style="dim",
            markup=False,
        )


@trials.command()
def start(trial: _TrialId, dry_run: _DryRun = False, as_json: Json = False) -> None:
    """Begins a trial that waits for an admin, which is so where NIGHTSHIFT_TRIALS is `ask`."""
    from db.errors import NotPromotableError
    from db.generations import Encoders, begin_trial, count_lacking, get_generation, get_trial
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (settings, engine):
        known = get_trial(engine, trial)
        candidate = get_generation(engine, known.candidate_id)
        if known.status != "proposed":
            raise NotPromotableError(f"Trial {known.id} doesn't wait to begin: its status is {known.status}.")
        lacking = count_lacking(engine, candidate)
        facts = {"dry_run": dry_run, "trial": known.id, "lacking": lacking}
        if dry_run:
            tell(f"Trial {known.id} would begin after encoding {lacking} chunks.", facts, as_json=as_json)
            return
        encoder = Encoders(settings, engine).get(candidate)
        with count_progress(err, "embed") as on_progress:
            done = 0

            def advance(n: int) -> None:
                nonlocal done
                done += n
                on_progress(done, lacking)

            begin_trial(engine, candidate, encoder, known, incumbent_id=known.incumbent_id, by=who(), on_batch=advance)
    tell(f"Trial {known.id} goes on. `nightshift trials show {known.id}` tells how far it is.", facts, as_json=as_json)


@trials.command()
def stop(trial: _TrialId, dry_run: _DryRun = False, as_json: Json = False) -> None:
    """Ends a trial; what serves goes on serving, and its candidate's vectors make room."""
    from db.generations import end_trial, get_trial

    with workplace(bounded=False) as (_, engine):
        known = get_trial(engine, trial)
        facts = {"dry_run": dry_run, "trial": known.id, "was_open": known.is_open, "serves": known.incumbent_id}
        if dry_run:
            done = "would end" if known.is_open else "has ended already"
            said = f"Trial {known.id} {done}; generation {known.incumbent_id} would go on serving."
            tell(said, facts, as_json=as_json)
            return
        end_trial(engine, known, "stopped", by=who(), reason="A person stopped the trial.")
    said = f"Trial {known.id} is stopped. The next night learns from all votes so far, those of the trial too."
    tell(said, facts, as_json=as_json)


@trials.command()
def promote(trial: _TrialId, dry_run: _DryRun = False, as_json: Json = False) -> None:
    """Makes a trial's candidate serve before votes have decided; it is recorded who did."""
    from db.errors import NotPromotableError
    from db.generations import Encoders, count_lacking, get_generation, get_trial, promote_by_hand
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (settings, engine):
        known = get_trial(engine, trial)
        candidate = get_generation(engine, known.candidate_id)
        if not known.is_open:
            raise NotPromotableError(
                f"Trial {known.id} has ended already: {known.status}. `nightshift generations promote {candidate.id}` "
                "has its candidate serve all the same."
            )
        lacking = count_lacking(engine, candidate)
        facts = {"dry_run": dry_run, "trial": known.id, "generation": candidate.id, "lacking": lacking}
        if dry_run:
            tell(f"Generation {candidate.id} would serve after encoding {lacking} chunks.", facts, as_json=as_json)
            return
        encoders = Encoders(settings, engine)
        with count_progress(err, "embed") as on_progress:
            promote_by_hand(engine, settings, encoders, candidate, by=who(), force=False, on_progress=on_progress)
    tell(f"Generation {candidate.id} serves. `nightshift generations rollback` goes back.", facts, as_json=as_json)


def _drawn(engine: sa.Engine, known: Trial) -> Drawing:
    from db.answers import count_drawn

    return count_drawn(engine, known.id)


def _print(known: Trial, drawn: Drawing) -> None:
    from db.answers import trial_in_words

    first, *others = trial_in_words(known, drawn)
    out.print(first, style="bold", markup=False)
    for sentence in others:
        out.print(f"  {sentence}", markup=False)


def _as_json(known: Trial, drawn: Drawing) -> dict[str, Any]:
    moments = ("proposed_at", "started_at", "ended_at")
    facts = asdict(known)
    return {**facts, **{name: facts[name] and facts[name].isoformat() for name in moments}, **drawn._asdict()}

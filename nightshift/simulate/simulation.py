"""A simulation told in the order in which it happens: read in, ask and vote, a night, and what it was worth."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import SecretStr

from bot.answering import Answerer
from bot.slack.app import build_app
from db.corpus import read_passages
from db.errors import BadInputError
from db.feedback import count_votes, import_pairs
from db.generations import Encoders, find_candidate, read_vectors, serving
from db.nights import database_time, pass_time
from db.settings import Settings
from db.store import open_store
from intake import ingest_paths, measure_after_load
from intake.extract import shorten
from intake.sources import file_uri
from nightshift.corpus.sample import regression_set
from nightshift.simulate.held_out import HeldOut, answer_held_out
from nightshift.simulate.outcome import Outcome, Plan, SimulatedNight, SimulatedRanking
from nightshift.simulate.parts import Parts, split_questions
from nightshift.simulate.people import People
from nightshift.simulate.slack import LoopbackSlack, Visitor
from nightshift.simulate.stage import Stage
from nightshift.simulate.trial import hold_trial, weaken_incumbent
from retrain.court import Side
from retrain.night import (
    LEAST_NEW,
    OnProgress,
    portion_of,
    read_side,
    request_due_ranking_run,
    run_next_night,
    run_requested_night,
)

if TYPE_CHECKING:
    from db.generations import Generation
    from db.nights import Run
    from nightshift.simulate.dataset import DataSet, Document
    from nightshift.simulate.score import Scored

_TITLE_CHARS = 60
_MONTH = timedelta(days=30)
_UNLIMITED = 10**9
"""Questions an hour: simulated people ask weeks' worth within minutes."""


def simulation_settings(home: Path, plan: Plan, slack: LoopbackSlack, api_url: str) -> Settings:
    """A store, a Slack and no language model of its own, whatever the environment says; every source is votable."""
    return Settings(
        data_dir=home,
        database_url=None,
        direct_database_url=None,
        llm_api_key=None,
        llm_base_url=None,
        slack_bot_token=SecretStr(slack.bot_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_app_token=None,
        slack_api_url=api_url,
        person_quota=_UNLIMITED,
        channel_quota=_UNLIMITED,
        night_seed=plan.seed,
        trials="on" if plan.trial else "off",
        trial_share=1.0,
    )


async def simulate(dataset: DataSet, home: Path, plan: Plan, on_progress: OnProgress) -> Outcome:
    """Everything from an empty store in `home` to the last night's decision.

    Raises:
        BadInputError: the data set has too few questions to split, or none of its documents could be read.
        NightFailedError: a night could not be carried through.
    """
    slack = LoopbackSlack()
    async with slack.running() as api_url:
        settings = simulation_settings(home, plan, slack, api_url)
        with open_store(settings, bounded=False) as engine:
            stage = Stage(engine, settings, Encoders(settings), dataset, plan, on_progress)
            await asyncio.to_thread(read_in, stage)
            return await live_through(stage, slack)


async def live_through(stage: Stage, slack: LoopbackSlack) -> Outcome:
    """The days and nights, in a store that holds the documents."""
    parts = await asyncio.to_thread(split_and_curate, stage)
    if stage.plan.by_vectors:
        weaken_incumbent(stage.engine)
    judging = HeldOut.of(stage.dataset, parts.held_out, parts.asked)
    before = after = await asyncio.to_thread(_score_serving, stage, judging)
    plan, nights = stage.plan, []
    answerer = Answerer(stage.engine, stage.settings, stage.encoders, None, exact=True)
    app = build_app(stage.settings, stage.engine, answerer)
    people = People(
        stage.engine,
        stage.dataset,
        parts.asked,
        stage.id_of_uri,
        stage.id_of_question,
        seed=plan.seed,
        noise=plan.noise,
        liars=plan.liars,
    )
    async with Visitor(app, stage.settings, slack) as visitor:
        for number in range(1, plan.nights + 1):
            wanted = round(plan.votes * number / plan.nights)
            votes, rankings = await spend_month(stage, wanted, people, visitor, judging, after)
            after = rankings[-1].after if rankings else after
            night = await asyncio.to_thread(spend_night, stage, votes, judging, after)
            night = await hold_trial(stage, people, visitor, night, partial(_score_serving, stage, judging))
            nights.append(replace(night, rankings=rankings))
            after = night.after
        if not plan.nights:
            with stage.timed("ask and vote"):
                await people.vote_until(plan.votes, visitor, lambda n, of: stage.on_progress("votes", n, of))
    asked = set(stage.id_of_question.values())
    repeats = tuple(own for own in judging.repeats if stage.dataset.repeats[own].of in asked)
    return Outcome(plan, parts, before, tuple(nights), stage.seconds, len(judging.unanswerable), repeats)


async def spend_month(
    stage: Stage, wanted: int, people: People, visitor: Visitor, judging: HeldOut, before: Scored
) -> tuple[int, tuple[SimulatedRanking, ...]]:
    """People ask and vote until there are so many votes; returns how many, and what ranking runs made of them.

    A single night is told alone. Where there are more, a month goes by from one to the next, a little with every few
    votes, and whatever is due by the rule comes in between.
    """
    rankings: list[SimulatedRanking] = []
    a_vote = _MONTH * stage.plan.nights / max(1, stage.plan.votes)
    votes, until = count_votes(stage.engine), 0
    while votes >= until and until < wanted:
        had, until = votes, min(wanted, votes + LEAST_NEW) if stage.plan.nights > 1 else wanted
        with stage.timed("ask and vote"):
            votes = await people.vote_until(until, visitor, lambda n, _: stage.on_progress("votes", n, wanted))
        pass_time(stage.engine, (votes - had) * a_vote)
        if until < wanted and (run := await asyncio.to_thread(run_due_ranking, stage)) is not None:
            if run.decision == "promoted":
                before = await asyncio.to_thread(_score_serving, stage, judging)
            rankings.append(SimulatedRanking(votes, run, before))
    return votes, tuple(rankings)


def run_due_ranking(stage: Stage) -> Run | None:
    """A ranking run, if one is due."""
    engine, settings = stage.engine, stage.settings
    if not request_due_ranking_run(engine, settings, database_time(engine)):
        return None
    with stage.timed("rankings"):
        return run_next_night(
            engine, settings, stage.encoders, stage.on_progress, lambda: regression_set(engine, settings)
        )


def read_in(stage: Stage) -> None:
    """Writes the documents as files, and ingests them as anybody would."""
    folder = stage.settings.home / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "md" if stage.dataset.markdown else "txt"
    for number, document in enumerate(stage.dataset.documents):
        path = folder / f"{number:06d}.{suffix}"
        stage.id_of_uri[file_uri(str(path))] = document.id
        head = "" if stage.dataset.markdown else _front_matter(document)
        path.write_text(head + document.text, encoding="utf-8")
    with stage.timed("ingest"):
        report = ingest_paths(
            stage.engine,
            stage.settings,
            stage.encoders,
            [folder],
            progress=lambda now: stage.on_progress("ingest", now.documents_done, now.documents_total),
        )
        measure_after_load(stage.engine, stage.settings, stage.encoders)
    if report.added + report.changed + report.moved + report.unchanged == 0:
        of_which = f"None of the {len(stage.dataset.documents)} documents of {stage.dataset.name}"
        why = f"could be read: {report.failed[0].reason}" if report.failed else "holds text."
        raise BadInputError(f"{of_which} {why}")


def split_and_curate(stage: Stage) -> Parts:
    """Splits the questions, and imports the golden ones as curated pairs."""
    base = stage.encoders.get(serving(stage.engine))
    ids, texts = list(stage.dataset.questions), list(stage.dataset.questions.values())
    parts = split_questions(ids, texts, base.encode_questions(texts), seed=stage.plan.seed, golden=stage.plan.pairs)
    if not (parts.held_out and parts.asked):
        raise BadInputError(f"{stage.dataset.name} has {len(ids)} judged questions: too few to hold some of them out.")
    path = stage.settings.home / "pairs.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for question_id in filter(stage.dataset.relevant.get, parts.golden):
            pair = {
                "prompt": stage.dataset.questions[question_id],
                "completion": stage.dataset.completion_of(question_id),
            }
            file.write(json.dumps(pair) + "\n")
    import_pairs(stage.engine, path, added_by="simulation")
    return parts


def spend_night(stage: Stage, votes: int, judging: HeldOut, before: Scored) -> SimulatedNight:
    """One night, on as many `votes`; `before` is the worth of what serves when it begins."""
    run = run_requested_night(
        stage.engine,
        stage.settings,
        stage.encoders,
        "simulation",
        stage.on_progress,
        lambda: regression_set(stage.engine, stage.settings),
    )
    for phase, facts in run.phases.items():
        stage.seconds[phase] = stage.seconds.get(phase, 0.0) + facts["seconds"]
    trained = find_candidate(stage.engine, run.id)
    if trained is None:
        return SimulatedNight(votes, run, None, None, before)
    if run.decision == "trial":
        on_trial = _score(stage, read_side(stage.engine, stage.settings, stage.encoders, trained), judging)
        return SimulatedNight(votes, run, on_trial, trained.artefact_sha256, before)
    if run.decision == "promoted":
        promoted = _score_serving(stage, judging)
        return SimulatedNight(votes, run, promoted, trained.artefact_sha256, promoted)
    return SimulatedNight(votes, run, _score_refused(stage, trained, judging), trained.artefact_sha256, before)


def _score_serving(stage: Stage, judging: HeldOut) -> Scored:
    return _score(stage, read_side(stage.engine, stage.settings, stage.encoders, serving(stage.engine)), judging)


def _score_refused(stage: Stage, candidate: Generation, judging: HeldOut) -> Scored:
    """What was refused has a model but no vectors any more: they are made again, for the figures alone."""
    encoder = stage.encoders.get(candidate)
    stored = read_vectors(stage.engine, serving(stage.engine), stage.settings.home)
    with stage.timed("score"):
        passages = read_passages(stage.engine, stored.chunk_ids.tolist())
        done = 0

        def advance(n: int) -> None:
            nonlocal done
            done += n
            stage.on_progress("score", done, len(passages))

        vectors = encoder.encode_passages([passages[chunk_id] for chunk_id in stored.chunk_ids.tolist()], advance)
    return _score(stage, Side(candidate, encoder, stored._replace(vectors=vectors)), judging)


def _score(stage: Stage, side: Side, judging: HeldOut) -> Scored:
    with stage.timed("score"):
        return answer_held_out(stage.engine, side, judging, portion_of(stage.settings), stage.id_of_uri)


def _front_matter(document: Document) -> str:
    """A title for every file: its own, or its first words, for its number says nothing.

    It stands even where the text begins like front matter, so that nothing in a data set's text is taken for it.
    """
    title = document.title or shorten(" ".join(document.text.split()), _TITLE_CHARS)
    return f"---\n{yaml.safe_dump({'title': title}, allow_unicode=True)}---\n\n"

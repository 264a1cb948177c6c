"""Simulations as a team runs them: the same for the same seed, blind to what judges, plain on what is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from db.errors import BadInputError
from db.generations import Encoders, read_vectors, serving
from db.search import Hit, search
from db.store import open_store
from nightshift.cli import main
from nightshift.simulate import simulation
from nightshift.simulate.dataset import DataSet, Document
from nightshift.simulate.held_out import HeldOut
from nightshift.simulate.outcome import Outcome, Plan
from nightshift.simulate.run import scratch_folder
from nightshift.simulate.show import show_outcome
from nightshift.simulate.simulation import (
    read_in,
    run_due_ranking,
    simulate,
    simulation_settings,
    spend_month,
    spend_night,
    split_and_curate,
)
from nightshift.simulate.slack import LoopbackSlack
from nightshift.simulate.stage import Stage
from retrain.night import build
from retrain.training import Recipe
from tests.nicknames import make_matters
from tests.night_rows import make_ranking_run, make_run


def nickname_company(topics: int) -> DataSet:
    matters = make_matters(topics)
    ids = [f"q{number:04d}" for number in range(len(matters))]
    return DataSet(
        "nicknames",
        tuple(Document(matter.file, matter.title, matter.text) for matter in matters),
        {question_id: matter.question for question_id, matter in zip(ids, matters, strict=True)},
        {question_id: {matter.file: 1.0} for question_id, matter in zip(ids, matters, strict=True)},
    )


def write_lines(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def run(dataset: DataSet, plan: Plan) -> Outcome:
    with scratch_folder() as home:
        return asyncio.run(simulate(dataset, home, plan, lambda *_: None))


@contextmanager
def stage_with(dataset: DataSet, plan: Plan, on_progress: Callable[..., None] = lambda *_: None) -> Iterator[Stage]:
    """Where nothing is read in yet."""
    with scratch_folder() as home:
        settings = simulation_settings(home, plan, LoopbackSlack(), "http://127.0.0.1:1/")
        with open_store(settings, bounded=False) as engine:
            yield Stage(engine, settings, Encoders(settings), dataset, plan, on_progress)


class Voters:
    """People who vote as often as they are wanted to."""

    async def vote_until(self, wanted: int, *_: object) -> int:
        return wanted


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_judges_changes_no_decision_and_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    # enough to show it, and it is done twice
    monkeypatch.setattr(build, "Recipe", partial(Recipe, min_steps=12, enough_steps=12, learning_rate=1e-4))
    monkeypatch.setattr(simulation, "regression_set", lambda *_: None)
    dataset, plan = nickname_company(24), Plan(votes=280, seed=1)
    first = run(dataset, plan)
    [night] = first.nights
    assert night.run.decision == "promoted", night.run.reasons
    assert night.votes == 280
    assert first.as_json()["after"]["ndcg@10"] > first.as_json()["before"]["ndcg@10"] + 0.05

    held_out = sorted(first.parts.held_out)
    shifted = dict(zip(held_out[:-9], held_out[1:-8], strict=True))
    nonsense = dict.fromkeys(held_out[-9:], {})  # as it is for documents that aren't there
    garbage = replace(
        dataset,
        relevant={key: dataset.relevant[shifted.get(key, key)] for key in dataset.questions} | nonsense,
    )
    second = run(garbage, plan)
    assert second.parts == first.parts
    assert second.nights[0].run.reasons == night.run.reasons
    assert second.nights[0].model_sha256 == night.model_sha256 is not None
    # the rankings are the same to the last place, so only the judgements make the figures
    again = second.nights[0].after
    judging = [row for row, key in enumerate(night.after.question_ids) if key in again.question_ids]
    assert len(judging) == len(again.question_ids) == len(held_out) - 9
    assert np.array_equal(again.ranked, night.after.ranked[judging])
    assert second.as_json()["after"]["ndcg@10"] < 0.2


def test_few_votes_are_refused_with_what_is_missing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    dataset = nickname_company(8)
    documents = [{"id": d.id, "title": d.title, "text": d.text} for d in dataset.documents]
    write_lines(tmp_path / "corpus.jsonl", documents)
    write_lines(tmp_path / "queries.jsonl", [{"id": key, "text": text} for key, text in dataset.questions.items()])
    write_lines(tmp_path / "unanswerable.jsonl", [{"id": "u1", "text": "what is the capital of France?"}])
    again = [{"id": f"r-{key}", "text": f"again: {text}", "repeats": key} for key, text in dataset.questions.items()]
    write_lines(tmp_path / "repeats.jsonl", again)
    write_lines(tmp_path / "answers.jsonl", [{"query_id": key, "text": "the"} for key in dataset.questions])
    judgements = [f"{key}\t{document}\t1\n" for key, gains in dataset.relevant.items() for document in gains]
    (tmp_path / "qrels.tsv").write_text("query_id\tdoc_id\trelevance\n" + "".join(judgements))

    with pytest.raises(SystemExit) as left:
        main(["simulate", "--data", str(tmp_path), "--votes", "60", "--runs", str(tmp_path / "runs")])
    assert left.value.code in (0, None)

    *shown, last = capfd.readouterr().out.splitlines()
    facts = json.loads(last)
    assert facts["decision"] == "refused"
    assert facts["votes"] == 60
    assert facts["candidate"] is None
    assert facts["after"] == facts["before"]
    measures = {"ndcg@10", "mrr@10", "recall@10", "right", "wrongly_silent", "wrongly_talkative", "quoted"}
    assert facts["before"].keys() == measures
    assert all(0 <= value <= 1 for value in facts["before"].values())
    assert facts["before"]["right"] >= facts["before"]["ndcg@10"] / 2
    assert facts["questions"]["unanswerable"] == 1
    assert 0 < facts["repeats"]["questions"] < facts["questions"]["asked"]  # 60 votes are there before all are asked
    assert 0 < facts["repeats"]["before"] == facts["repeats"]["after"] <= 1
    assert facts["repeats"]["candidate"] is None
    assert any("questions that were asked before in other words" in line for line in shown)
    assert any("right answers" in line and "the quote answers" in line for line in shown)
    assert any("golden pairs" in reason for reason in facts["reasons"])
    assert any("Night 1, 60 votes: refused" in line for line in shown)
    files = {path.name: path.stat().st_size for path in (tmp_path / "runs").iterdir()}
    assert files.keys() == {"before.run", "after.run", "qrels", "simulation.png"}
    assert files["simulation.png"] > 10_000


def test_all_votes_there_are_is_enough_to_go_on_by_exact_search(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def searching(*of: Any, exact: bool = False) -> list[Hit]:
        asked.append(exact)
        return search(*of, exact=exact)

    monkeypatch.setattr("bot.answering.finding.search", searching)
    facts = run(nickname_company(4), Plan(votes=100_000, seed=0)).as_json()
    assert 0 < facts["votes"] < 500
    assert asked and all(asked)


def test_between_nights_rankings_are_fitted_whenever_enough_is_new() -> None:
    outcome = run(nickname_company(8), Plan(votes=70, seed=1, nights=2))
    told = [(own.votes, own.run.kind, own.run.decision) for night in outcome.nights for own in (*night.rankings, night)]
    assert told == [
        (30, "ranking", "refused"),
        (35, "night", "refused"),
        (65, "ranking", "refused"),
        (70, "night", "refused"),
    ]
    assert [votes for votes, _ in outcome.served()] == [0, 30, 35, 65, 70]
    facts = outcome.as_json()["nights"]
    assert [[own["votes"] for own in night["rankings"]] for night in facts] == [[30], [65]]
    console = Console(width=120, record=True, file=StringIO())
    show_outcome(console, nickname_company(8), outcome, None)
    assert "Ranking run, 65 votes: refused  serves with ndcg@10" in console.export_text()


def test_a_night_alone_is_told_alone() -> None:
    assert run(nickname_company(8), Plan(votes=70, seed=1)).nights[0].rankings == ()


def test_without_any_night_all_vote_and_nothing_is_learnt() -> None:
    told: list[tuple[str, int, int]] = []
    with scratch_folder() as home:
        plan = Plan(votes=5, seed=0, nights=0)
        outcome = asyncio.run(simulate(nickname_company(4), home, plan, lambda *now: told.append(now)))
    assert [now for now in told if now[0] == "votes"][-1] == ("votes", 5, 5)
    assert outcome.nights == () and [votes for votes, _ in outcome.served()] == [0]


def test_what_serves_after_a_promoted_ranking_is_what_the_next_one_is_told_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = iter([make_ranking_run(), make_ranking_run(decision="refused"), None])
    monkeypatch.setattr(simulation, "count_votes", lambda _: 0)
    monkeypatch.setattr(simulation, "pass_time", lambda *_: None)
    monkeypatch.setattr(simulation, "run_due_ranking", lambda _: next(runs))
    monkeypatch.setattr(simulation, "_score_serving", lambda *_: "better")
    stage: Any = Stage(*[None] * 4, Plan(votes=200, seed=0, nights=2), lambda *_: None)  # type: ignore[arg-type]
    nobody: Any = None
    votes, rankings = asyncio.run(spend_month(stage, 100, Voters(), nobody, nobody, "good"))  # type: ignore[arg-type]
    assert votes == 100
    told: list[Any] = [(own.votes, own.run.decision, own.after) for own in rankings]
    assert told == [(30, "promoted", "better"), (60, "refused", "better")]


def test_no_ranking_is_run_that_is_not_due(monkeypatch: pytest.MonkeyPatch) -> None:
    stage: Any = Stage(*[None] * 4, Plan(votes=1, seed=0), lambda *_: None)  # type: ignore[arg-type]
    monkeypatch.setattr(simulation, "database_time", lambda _: None)
    monkeypatch.setattr(simulation, "run_next_night", lambda *_: "a run")
    for is_due, run_ in ((False, None), (True, "a run")):
        monkeypatch.setattr(simulation, "request_due_ranking_run", lambda *_, due=is_due: due)
        assert run_due_ranking(stage) == run_
    assert list(stage.seconds) == ["rankings"]


def test_what_a_night_trained_is_judged_whatever_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []
    dataset = nickname_company(4)
    judging = HeldOut.of(dataset, tuple(dataset.questions)[:9])
    with stage_with(dataset, Plan(votes=1, seed=0), lambda *now: told.append(now)) as stage:
        read_in(stage)
        generation = serving(stage.engine)
        n = len(read_vectors(stage.engine, generation).chunk_ids)
        monkeypatch.setattr(simulation, "find_candidate", lambda *_: generation)
        monkeypatch.setattr(simulation, "run_requested_night", lambda *_: make_run())
        before: Any = "as before"
        promoted = spend_night(stage, 1, judging, before)
        assert promoted.after is promoted.candidate is not None
        # of what was refused no vector is left: those that are read here are another's, and would rank nothing
        monkeypatch.setattr(
            simulation, "read_vectors", lambda *of: (own := read_vectors(*of))._replace(vectors=own.vectors[:] * 0)
        )
        monkeypatch.setattr(simulation, "run_requested_night", lambda *_: make_run(decision="refused"))
        refused = spend_night(stage, 1, judging, before)
        assert refused.after is before
        assert refused.candidate is not None and refused.candidate.means() == promoted.candidate.means()
        assert told[-1] == ("score", n, n)
        assert promoted.model_sha256 == refused.model_sha256 == generation.artefact_sha256
        assert stage.seconds["train"] == 2 * make_run().phases["train"]["seconds"]


def test_a_data_set_without_text_is_refused() -> None:
    blank = replace(nickname_company(2), documents=(Document("a", "A title", " "), Document("b", "Another", "\n")))
    with (
        stage_with(blank, Plan(votes=1, seed=0)) as stage,
        pytest.raises(BadInputError, match="None of the 2 documents of nicknames could be read: it holds no text"),
    ):
        read_in(stage)


def test_questions_of_which_none_can_be_held_out_are_refused() -> None:
    company = nickname_company(2)
    few = replace(company, documents=company.documents[:2], questions={"q": "one question alone?"})
    with stage_with(few, Plan(votes=1, seed=0)) as stage:
        read_in(stage)
        with pytest.raises(BadInputError, match="has 1 judged questions: too few"):
            split_and_curate(stage)

"""Simulations as a team runs them: the same for the same seed, blind to what judges, plain on what is missing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from nightshift.simulate.dataset import DataSet, Document
from nightshift.simulate.run import scratch_folder
from nightshift.simulate.simulation import Outcome, Plan, simulate
from tests.nicknames import make_matters


def nickname_company(topics: int) -> DataSet:
    matters = make_matters(topics)
    ids = [f"q{number:04d}" for number in range(len(matters))]
    return DataSet(
        "nicknames",
        tuple(Document(matter.file, matter.title, matter.text) for matter in matters),
        {question_id: matter.question for question_id, matter in zip(ids, matters, strict=True)},
        {question_id: {matter.file: 1.0} for question_id, matter in zip(ids, matters, strict=True)},
    )


def run(dataset: DataSet, plan: Plan) -> Outcome:
    with scratch_folder() as home:
        return asyncio.run(simulate(dataset, home, plan, lambda *_: None))


@pytest.mark.timeout(900)
def test_what_judges_changes_no_decision_and_no_model() -> None:
    dataset, plan = nickname_company(40), Plan(votes=420, seed=0)
    first = run(dataset, plan)
    [night] = first.nights
    assert night.run.decision == "promoted", night.run.reasons
    assert night.votes == 420
    assert first.as_json()["after"]["ndcg@10"] > first.as_json()["before"]["ndcg@10"] + 0.05

    held_out = sorted(first.parts.held_out)
    shifted = dict(zip(held_out, held_out[1:] + held_out[:1], strict=True))
    garbage = replace(
        dataset,
        relevant={key: dataset.relevant[shifted.get(key, key)] for key in dataset.questions},
    )
    second = run(garbage, plan)
    assert second.parts == first.parts
    assert second.nights[0].run.reasons == night.run.reasons
    assert second.nights[0].model_sha256 == night.model_sha256 is not None
    # the rankings are the same to the last place, so only the judgements make the figures
    assert np.array_equal(second.nights[0].after.ranked, night.after.ranked)
    assert second.as_json()["after"]["ndcg@10"] < 0.2


def test_few_votes_are_refused_with_what_is_missing() -> None:
    outcome = run(nickname_company(8), Plan(votes=60, seed=0))
    facts = outcome.as_json()
    assert facts["decision"] == "refused"
    assert facts["votes"] == 60
    assert facts["candidate"] is None
    assert facts["after"] == facts["before"]
    assert any("golden pairs" in reason for reason in facts["reasons"])


def test_all_votes_there_are_is_enough_to_go_on() -> None:
    facts = run(nickname_company(4), Plan(votes=100_000, seed=0)).as_json()
    assert 0 < facts["votes"] < 500

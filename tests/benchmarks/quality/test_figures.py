from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval

from benchmarks.quality.figures import judge_scores, p_vs, slice_questions, write_qrels, write_run
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Scores, Task, Vote
from tests.benchmarks.quality.small_task import make_task


def graded_task() -> Task:
    """Several right documents a question, of different gain; one gain is 0."""
    relevant = [{**gains, 5: 2.0, 6: 1.0, 7: 0.0} for gains in make_task().relevant]
    return make_task(relevant=tuple(relevant))


def ask_trec_eval(task: Task, scores: Scores, folder: Path) -> dict[str, list[float]]:
    write_run(folder / "0" / "base.run", task, scores, tag="base")
    write_qrels(folder / "0" / "qrels", task)
    with (folder / "0" / "base.run").open() as run_file, (folder / "0" / "qrels").open() as qrels_file:
        run, qrels = pytrec_eval.parse_run(run_file), pytrec_eval.parse_qrel(qrels_file)
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "recip_rank", "recall.10"}).evaluate(run)
    of_each = [found[task.question_ids[row]] for row in task.held_out]
    return {
        "ndcg@10": [each["ndcg_cut_10"] for each in of_each],
        "mrr@10": [each["recip_rank"] * (each["recip_rank"] >= 0.1) for each in of_each],
        "recall@10": [each["recall_10"] for each in of_each],
    }


@pytest.mark.parametrize("decimals", [7, 1], ids=["plain", "many ties"])
def test_trec_eval_finds_the_same_figures_in_the_files(decimals: int, tmp_path: Path) -> None:
    task = graded_task()
    scores = np.round(untrained.rank(task), decimals)
    ours, theirs = judge_scores(task, scores), ask_trec_eval(task, scores, tmp_path)
    assert ours.keys() == theirs.keys()
    for measure in ours:
        assert 0.2 < ours[measure].mean() < 0.98
        np.testing.assert_allclose(ours[measure], theirs[measure], atol=1e-9)


def test_a_run_holds_the_best_hundred_and_its_scores_fall(tmp_path: Path) -> None:
    task = make_task(
        documents=tuple(f"doc {row}" for row in range(150)),
        document_of_passage=np.arange(150),
        passages=("",) * 150,
        passage_vectors=np.zeros((150, 16), np.float32),
    )
    write_run(tmp_path / "run", task, untrained.rank(task), tag="ours")
    lines = [line.split(" ") for line in (tmp_path / "run").read_text().splitlines()]
    assert len(lines) == 40 * 100
    assert lines[1][:4] == ["q80", "Q0", "doc%201", "2"]
    assert lines[1][5] == "ours"
    falling = np.diff(np.array([float(line[4]) for line in lines], np.float32).reshape(40, 100), axis=1)
    assert (falling < 0).all()


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    task = make_task()
    with pytest.raises(ValueError, match="numbers"):
        write_run(tmp_path / "run", task, np.full((40, 60), np.nan, np.float32), tag="broken")


def test_a_question_is_voted_if_a_right_document_got_a_vote_on_any_chunk() -> None:
    task = replace(make_task(), votes=(Vote("ann", 0, 3, -1),), held_out=np.array([90, 91, 92]))
    relevant = list(task.relevant)
    relevant[90], relevant[91], relevant[92] = {1: 1.0, 8: 1.0}, {0: 1.0}, {1: 0.0, 8: 1.0}
    slices = slice_questions(replace(task, relevant=tuple(relevant)))
    assert slices["voted"].tolist() == [True, False, False]
    assert slices["never_voted"].tolist() == [False, True, True]


def test_p_is_small_for_a_steady_gain_and_near_a_half_for_luck() -> None:
    names = [f"q{row}" for row in range(50)]
    luck = np.random.default_rng(1).standard_normal(50)
    assert p_vs(names, luck + 3, luck) < 0.001
    assert 0.2 < p_vs(names, luck - luck.mean(), np.zeros(50)) < 0.8


def test_the_same_question_at_three_seeds_is_not_three_times_the_evidence() -> None:
    names = [f"q{row}" for row in range(4)]
    gains = np.array([1.0, 1.0, 1.0, 1.0])
    once = p_vs(names, gains, np.zeros(4))
    assert once == pytest.approx(1 / 16, abs=0.01)
    assert p_vs(names * 3, np.tile(gains, 3), np.zeros(12)) == once

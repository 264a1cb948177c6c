"""Rankings of held-out questions, and the files that trec_eval scores them from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pytrec_eval

from nightshift.simulate.dataset import DataSet, Document
from nightshift.simulate.score import score_vectors, write_qrels, write_run

DATASET = DataSet(
    "tiny",
    tuple(Document(f"d{number}", "", "text") for number in range(40)),
    {f"q{number}": f"question {number}" for number in range(30)},
    {
        f"q{number}": {f"d{number}": 1.0, **({f"d{number + 1}": 2.0} if number % 3 == 0 else {}), "gone": 1.0}
        for number in range(30)
    },
)


def test_trec_eval_gives_the_same_figures_from_the_files(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    passages = draw.normal(size=(120, 8)).astype(np.float32)
    documents = [f"d{row % 40}" for row in range(120)]
    questions = passages[:30] + draw.normal(scale=1.5, size=(30, 8)).astype(np.float32)
    scored = score_vectors(passages, documents, questions, DATASET, list(DATASET.questions))
    write_run(tmp_path / "before.run", scored)
    write_qrels(tmp_path / "qrels", DATASET, list(DATASET.questions))

    with (tmp_path / "qrels").open() as qrels, (tmp_path / "before.run").open() as run:
        judge = pytrec_eval.RelevanceEvaluator(
            pytrec_eval.parse_qrel(qrels), {"ndcg_cut.10", "recall.10", "recip_rank"}
        )
        judged = judge.evaluate(pytrec_eval.parse_run(run))

    for row, question_id in enumerate(scored.question_ids):
        theirs = judged[question_id]
        assert scored.measured["ndcg@10"][row] == pytest.approx(theirs["ndcg_cut_10"], abs=1e-9)
        assert scored.measured["recall@10"][row] == pytest.approx(theirs["recall_10"], abs=1e-9)
        first = theirs["recip_rank"]
        assert scored.measured["mrr@10"][row] == pytest.approx(first if first >= 0.1 else 0.0, abs=1e-9)
    assert 0 < scored.means()["ndcg@10"] < 1

"""trec_eval finds our figures in our files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pytrec_eval

from nightshift.simulate.score import measure
from nightshift.simulate.trec import write_qrels, write_run

QUESTIONS = [f"q{number}" for number in range(30)]
DOCUMENTS = [f"d{number}" for number in range(140)]
RELEVANT: list[dict[int, float]] = [
    {number: 1.0, 7: 0.0, **({number + 1: 2.0} if number % 3 == 0 else {})} for number in range(30)
]


@pytest.mark.parametrize("decimals", [7, 1], ids=["plain", "many ties"])
def test_trec_eval_finds_the_same_figures_in_the_files(decimals: int, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    scores = draw.normal(size=(30, 420)).astype(np.float32)
    scores[np.arange(30), np.arange(30)] += 2
    documents = np.arange(420) % 140
    scored = measure(np.round(scores, decimals), documents, DOCUMENTS, QUESTIONS, RELEVANT)
    write_run(tmp_path / "a" / "before.run", scored.question_ids, scored.documents, scored.ranked)
    named = {
        question: {DOCUMENTS[document]: gain for document, gain in gains.items()}
        for question, gains in zip(QUESTIONS, RELEVANT, strict=True)
    }
    write_qrels(tmp_path / "a" / "qrels", named)

    with (tmp_path / "a" / "qrels").open() as qrels, (tmp_path / "a" / "before.run").open() as run:
        judge = pytrec_eval.RelevanceEvaluator(
            pytrec_eval.parse_qrel(qrels), {"ndcg_cut.10", "recall.10", "recip_rank"}
        )
        judged = judge.evaluate(pytrec_eval.parse_run(run))
    for row, question in enumerate(QUESTIONS):
        found = judged[question]
        assert scored.measured["ndcg@10"][row] == pytest.approx(found["ndcg_cut_10"], abs=1e-9)
        assert scored.measured["recall@10"][row] == pytest.approx(found["recall_10"], abs=1e-9)
        first = found["recip_rank"]
        assert scored.measured["mrr@10"][row] == pytest.approx(first if first >= 0.1 else 0.0, abs=1e-9)
    assert 0.2 < scored.means()["ndcg@10"] < 0.98
    assert len((tmp_path / "a" / "before.run").read_text().splitlines()) == 30 * 100

"""Rankings and judgements as files that trec_eval, and everything else in the field, reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from db.search import NOTHING, Ints


def write_run(path: Path, question_ids: Sequence[str], documents: Sequence[str], ranked: Ints) -> None:
    """Writes `ranked`, `(n, k)` rows of `documents`, as `qid Q0 docid rank score tag`; the tag is the file's name.

    The score is the rank turned round: it falls by 1, so no reader's way with ties changes the order.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for question_id, row in zip(question_ids, ranked, strict=True):
            for rank, document in enumerate(row[row != NOTHING].tolist(), start=1):
                score = ranked.shape[1] + 1 - rank
                file.write(f"{question_id} Q0 {documents[document]} {rank} {score} {path.stem}\n")


def write_qrels(path: Path, relevant: Mapping[str, Mapping[str, float]]) -> None:
    """Writes each question's gains by document id as `qid 0 docid gain`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for question_id, gains in relevant.items():
            for document_id, gain in sorted(gains.items()):
                file.write(f"{question_id} 0 {document_id} {gain:g}\n")

"""What encoders made of the regression set is kept from run to run, that of two encoders at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.settings import Settings
from retrain.court import Portion, RegressionSet, Side
from retrain.night.kept_regression import judge_kept
from tests.synthetic import HashingEncoder, imagine_generation

KNOWN = RegressionSet(("one passage", "another"), (0, 1), ("one passage", "another"), ({0: 1.0}, {1: 1.0}))
NOTHING = StoredVectors(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 16), np.float32))


class Counting(HashingEncoder):
    def __init__(self) -> None:
        self.encoded = 0

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.encoded += len(texts)
        return super().encode_passages(texts, on_batch)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        return super().encode_questions(texts)


def side(number: int) -> Side:
    return Side(imagine_generation(id=number, artefact_sha256=f"hash{number}"), Counting(), NOTHING)


def encoded_by(*sides: Side) -> list[int]:
    return [one.encoder.encoded for one in sides if isinstance(one.encoder, Counting)]


def test_only_what_is_new_encodes_it(tmp_path: Path) -> None:
    settings, seen = Settings(data_dir=tmp_path), list[tuple[int, int]]()

    def judge(before: Side, after: Side) -> list[float]:
        judged = judge_kept(settings, before, after, KNOWN, Portion(20, 3), lambda *now: seen.append(now))
        return [*judged.ndcg.incumbent, *judged.ndcg.candidate]

    first, second = side(1), side(2)
    assert judge(first, second) == [1, 1, 1, 1]
    assert all(encoded_by(first, second))
    again, third = side(2), side(3)
    assert judge(again, third) == [1, 1, 1, 1]
    assert [bool(n) for n in encoded_by(again, third)] == [False, True]
    assert seen[-1] == (4, 4)
    kept = sorted(path.name for path in (tmp_path / "regression").iterdir())
    assert [name.partition("-")[0] for name in kept] == ["hash2", "hash3"]


@pytest.mark.parametrize("harm", [lambda folder: folder.write_text("in the way"), lambda folder: None])
def test_what_cannot_be_kept_is_encoded(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    folder = tmp_path / "regression"
    if harm(folder) is None:
        folder.mkdir()
        for number in (1, 2):
            name = imagine_generation(artefact_sha256=f"hash{number}")
            (folder / f"{name.artefact_sha256}-{name.dtype}.sqlite").write_bytes(b"no such file of vectors" * 100)
    judged = judge_kept(Settings(data_dir=tmp_path), side(1), side(2), KNOWN, Portion(20, 3), lambda *_: None)
    assert judged.ndcg.candidate.tolist() == [1, 1]

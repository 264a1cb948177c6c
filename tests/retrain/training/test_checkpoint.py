"""A training that is killed goes on from where it was, and ends with the very same model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from db.models import SentenceEncoder
from retrain.training.checkpoint import Checkpoint, remove_checkpoints
from retrain.training.train import Progress
from tests.retrain.training.test_train import train
from tests.weights import copy_weights

KILLED_AFTER, STEPS = 3, 6
AFTER_EACH_STEP = {"every_s": 0.0, "max_share": float("inf")}


class KilledError(Exception):
    """As if the process had died."""


def die(now: Progress) -> None:
    if now.step == KILLED_AFTER:
        raise KilledError


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "run-1.training", "these rows", **AFTER_EACH_STEP)


def test_it_goes_on_and_ends_with_the_same_model(encoder: SentenceEncoder, checkpoint: Checkpoint) -> None:
    untrained = copy_weights(encoder.model)
    wanted = train(encoder)
    trained = copy_weights(encoder.model)

    encoder.model.load_state_dict(untrained)
    with pytest.raises(KilledError):
        train(encoder, checkpoint=checkpoint, on_step=die)
    encoder.model.load_state_dict(untrained)
    seen: list[int] = []
    losses = train(encoder, checkpoint=checkpoint, on_step=lambda now: seen.append(now.step))

    assert seen == list(range(KILLED_AFTER + 1, STEPS + 1))
    assert losses == wanted
    for name, weights in copy_weights(encoder.model).items():
        torch.testing.assert_close(weights, trained[name], rtol=0, atol=0)


def test_one_that_was_over_isnt_gone_through_again(encoder: SentenceEncoder, checkpoint: Checkpoint) -> None:
    wanted = train(encoder, checkpoint=checkpoint)
    seen: list[Progress] = []
    assert train(encoder, checkpoint=checkpoint, on_step=seen.append) == wanted
    assert seen == []


@pytest.mark.parametrize("broken", ["other rows", "cut short", "no file"])
def test_what_is_of_no_use_is_begun_anew(encoder: SentenceEncoder, checkpoint: Checkpoint, broken: str) -> None:
    with pytest.raises(KilledError):
        train(encoder, checkpoint=checkpoint, on_step=die)
    if broken == "other rows":
        checkpoint = Checkpoint(checkpoint.path, broken, **AFTER_EACH_STEP)
    elif broken == "cut short":
        checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:1000])
    else:
        checkpoint.path.unlink()
    seen: list[int] = []
    train(encoder, checkpoint=checkpoint, on_step=lambda now: seen.append(now.step))
    assert seen == list(range(1, STEPS + 1))


def test_it_is_written_now_and_then(encoder: SentenceEncoder, tmp_path: Path) -> None:
    rare = Checkpoint(tmp_path / "run-2.training", "these rows")
    train(encoder, checkpoint=rare)
    assert not rare.path.exists()


def test_a_disk_that_is_full_ends_no_training(
    encoder: SentenceEncoder, checkpoint: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    checkpoint.path.mkdir()
    assert len(train(encoder, checkpoint=checkpoint)) == STEPS
    assert "can't be kept" in caplog.text
    assert [path.name for path in checkpoint.path.parent.iterdir()] == [checkpoint.path.name]


def test_what_others_left_goes_and_models_stay(tmp_path: Path) -> None:
    for left in ("run-1.training", "run-2.training", "run-2.training.part"):
        (tmp_path / left).write_bytes(b"")
    (tmp_path / "run-2").mkdir()
    remove_checkpoints(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run-2"]
    remove_checkpoints(tmp_path / "nowhere")

"""The regression set is the same for every run: what encoders make of it is kept, so that only a new one encodes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from db.models import KeptEncoder
from retrain.court import OnRegressionSet, Portion, RegressionSet, Side, judge_regression

if TYPE_CHECKING:
    from db.settings import Settings


def judge_kept(
    settings: Settings,
    before: Side,
    after: Side,
    regression: RegressionSet,
    portion: Portion,
    on_progress: Callable[[int, int], None],
) -> OnRegressionSet:
    """As `judge_regression` does; what both sides' encoders made is kept, and what others made goes.

    It is the sample's texts alone, which ship with the project: nobody's words are kept here.
    """
    folder = settings.home / "regression"
    was, now = (
        replace(side, encoder=KeptEncoder(side.encoder, side.generation.artefact_sha256, folder / _file_of(side)))
        for side in (before, after)
    )
    judged = judge_regression(was, now, regression, portion, on_progress)
    for path in folder.glob("*.sqlite"):
        if path.name not in (_file_of(before), _file_of(after)):
            path.unlink(missing_ok=True)
    return judged


def _file_of(side: Side) -> str:
    return f"{side.generation.artefact_sha256}-{side.generation.dtype}.sqlite"

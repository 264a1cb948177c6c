"""Each part of the fit is really something else than what ships, and each feature group can be taken out."""

from __future__ import annotations

from benchmarks.ablation.fits import FITS, SHIPPED, TRIED_FITS
from benchmarks.ablation.parts import PARTS, TRIED
from benchmarks.quality.fitted import FitParts
from db.generations import FEATURES


def test_every_row_is_something_else_than_what_ships() -> None:
    assert FITS["as it ships"] == SHIPPED == FitParts()
    others = [*FITS.values(), *TRIED_FITS.values()]
    assert all(one != another for number, one in enumerate(others) for another in others[:number])


def test_every_feature_but_meaning_which_is_the_measure_of_the_others_is_taken_out_once() -> None:
    assert {name for parts in FITS.values() for name in parts.without} == set(FEATURES) - {"meaning"}


def test_every_row_can_be_asked_for_and_means_one_thing() -> None:
    assert not any("," in name for name in (*FITS, *TRIED_FITS))
    assert not (FITS.keys() | PARTS.keys()) & (TRIED_FITS.keys() | TRIED.keys())

"""Which generation answers a question; a model that was changed on the disk is in tests/faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import ModelError
from db.generations import Encoders, Pins
from db.settings import Settings
from db.store import create_engine
from tests.synthetic import imagine_generation


def test_a_model_that_can_not_be_used_is_told_of_though_nobody_can_count_it(caplog: pytest.LogCaptureFixture) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    pins = Pins(away, Encoders(Settings(data_dir=Path("unused"))))
    generations = [imagine_generation(id=7, artefact_id=1, artefact_uri="data:../elsewhere")]
    for _ in range(2):
        with pytest.raises(ModelError, match="Generation 7 names its model in a way that can't be used"):
            pins.choose(generations)
    assert list(pins.refused) == [7]
    assert caplog.text.count("The model of generation 7 can't be used") == caplog.text.count("wasn't counted") == 1

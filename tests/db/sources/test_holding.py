"""A source is one process's at a time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.errors import SourceBusyError
from db.sources import hold_source


def test_nobody_else_has_it_meanwhile_and_another_source_is_free(engine: sa.Engine) -> None:
    with hold_source(engine, 1):
        with hold_source(engine, 2):
            pass
        with pytest.raises(SourceBusyError), hold_source(engine, 1):
            pass
    with hold_source(engine, 1):
        pass

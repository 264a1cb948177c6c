"""Where the store is: said once, or refused by name before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import ConfigurationError
from db.settings import Settings
from db.store.opening import open_store


def test_a_direct_address_alone_is_refused_and_no_server_is_started(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, direct_database_url="postgresql://ann:hunter2@localhost/shop")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_DATABASE_URL isn't") as caught, open_store(settings):
        pass
    assert "hunter2" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []

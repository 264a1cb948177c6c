"""`nightshift db`: the embedded server stopped by hand, and what is told of a store that holds nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded import EmbeddedServer
from tests.conftest import copy_home
from tests.db.embedded.processes import QUICK, processes_of
from tests.nightshift.conftest import Run


@pytest.fixture
def data_dir(homes: Path, made_home: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Path]:
    """The data folder of somebody who set no database."""
    folder = homes / "stopped"
    folder.mkdir()
    copy_home(made_home, folder / "postgres")
    monkeypatch.delenv("NIGHTSHIFT_DATABASE_URL")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(folder))
    yield folder
    EmbeddedServer.stop(folder / "postgres")
    shutil.rmtree(folder)


def test_the_embedded_server_is_stopped_even_if_somebody_uses_it(run: Run, data_dir: Path) -> None:
    EmbeddedServer.attach(data_dir / "postgres", settings=QUICK)
    assert run("db", "stop") == (0, "Stopped.\n", "")
    assert processes_of(data_dir / "postgres") == []
    assert run("db", "stop") == (0, "It wasn't running.\n", "")


def test_a_server_of_one_s_own_is_not_ours_to_stop(run: Run) -> None:
    code, out, err = run("db", "stop")
    assert (code, out, "so there is no embedded server to stop" in err) == (2, "", True)


def test_a_store_that_holds_nothing_is_told_as_it_is(run: Run) -> None:
    facts = json.loads(run("db", "status", "--json")[1])
    assert (facts["documents"], facts["votes"], facts["generation"]) == (0, 0, None)
    shown = dict(line.split(maxsplit=1) for line in run("db", "status")[1].splitlines())
    assert shown["generation"] == "—"

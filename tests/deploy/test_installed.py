"""The wheel as pip installs it, in an empty folder and without a checkout: run, asked, examined, and stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from db.embedded import EmbeddedServer
from db.store import EMBEDDED_DIR
from tests.conftest import ROOT

WAIT_S = 240


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a new environment with the wheel; what that needs is looked up among the tests' own packages."""
    folder = tmp_path_factory.mktemp("installed")
    [built] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "--quiet", built]
    subprocess.run(command, check=True)
    [site] = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


@dataclass
class Newcomer:
    """Somebody in an empty folder, with nothing set."""

    programs: Path
    folder: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NIGHTSHIFT_"))}
        pipe = subprocess.PIPE
        command = [self.programs / "nightshift", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=own, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def told(self, *arguments: str) -> Any:
        """What a command says as JSON."""
        said, errors = self.start(*arguments, "--json").communicate(timeout=WAIT_S)
        assert said.count("\n") == 1, said + errors
        return json.loads(said)

    def let_cron_run(self, command: str) -> None:
        """As cron does, which knows next to nothing of whoever's table it is."""
        command = command.replace("/opt/nightshift/bin", str(self.programs)).replace(
            "/srv/nightshift", str(self.folder)
        )
        environment = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
        subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], env=environment, check=True, timeout=WAIT_S)


def cron_line() -> str:
    """That of docs/backup.md, without its times."""
    found = re.search(r"^30 4 \* \* \*  (.+)$", (ROOT / "docs" / "backup.md").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def newcomer(programs: Path, homes: Path) -> Iterator[Newcomer]:
    folder = homes / "elsewhere"
    folder.mkdir()
    folder.chmod(0o711)
    yield Newcomer(programs, folder)
    EmbeddedServer.stop(folder / ".nightshift" / EMBEDDED_DIR)


def test_from_the_wheel_to_a_cited_answer(newcomer: Newcomer) -> None:
    where = "import nightshift; print(nightshift.__file__)"
    found = subprocess.check_output([newcomer.programs / "python", "-Ic", where], cwd=newcomer.folder, text=True)
    assert Path(found.strip()).is_relative_to(newcomer.programs.parent)

    running = newcomer.start("run", "--no-prompt")
    try:
        assert running.stdout is not None
        shown = ""
        while "Serving." not in shown:
            line = running.stdout.readline()
            assert line, f"it ended: {shown}{running.communicate()}"
            shown += line
        answer = newcomer.told("ask", "how long is parental leave in Ireland?")
        assert answer["kind"] == "quoted" and answer["sources"][0]["title"] == "Parental leave: Ireland"
        examined = newcomer.told("doctor")
        assert examined["ok"], [own for own in examined["checks"] if own["level"] == "fault"]
        assert newcomer.told("settings")
        newcomer.let_cron_run(cron_line())
        assert [path.suffix for path in (newcomer.folder / "backups").iterdir()] == [".tar"]
        assert json.loads((newcomer.folder / "backup.log").read_text())["documents"] == 97
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.communicate()

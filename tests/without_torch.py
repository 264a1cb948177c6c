"""Where torch isn't installed, what fails for want of it is skipped, and says so: `pytest -p tests.without_torch`.

For want of it is: once it was asked for, by the test or by a process of its own, which may say nothing of why it ended.
Of a test's examples the first is run: what another Python breaks it breaks in each.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

MISSING = "No module named 'torch'"
NOTE = "TORCH_WAS_ASKED_FOR"
# Run by this process, and by each Python that it starts.
WATCH = f"""
import os, sys

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "torch":
            open(os.environ[{NOTE!r}], "w").close()

    @staticmethod
    def find_distributions(context):
        Watch.find_spec(context.name)
        return ()

sys.meta_path.append(Watch)
"""

Report = TypeVar("Report", pytest.CollectReport, pytest.TestReport)


def pytest_configure(config: pytest.Config) -> None:
    """Watches from here on."""
    folder = tempfile.TemporaryDirectory(prefix="without-torch-")
    config.add_cleanup(folder.cleanup)
    os.environ[NOTE] = str(Path(folder.name) / "asked")
    os.environ["PYTHONPATH"] = os.pathsep.join([folder.name, *filter(None, [os.environ.get("PYTHONPATH")])])
    (Path(folder.name) / "sitecustomize.py").write_text(WATCH)
    exec(WATCH, {})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out all examples of a test but the first."""
    first = {item.nodeid.partition("[")[0]: item for item in reversed(items)}
    others = [item for item in items if first[item.nodeid.partition("[")[0]] is not item]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if first[item.nodeid.partition("[")[0]] is item]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What an earlier test asked for is no matter of this one."""
    Path(os.environ[NOTE]).unlink(missing_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """For files of tests that import it."""
    return skip_for_want_of_torch((yield), collector)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """For tests."""
    return skip_for_want_of_torch((yield), item)


def skip_for_want_of_torch(report: Report, node: pytest.Item | pytest.Collector) -> Report:
    """The report, as one of a skipped test if torch is what it lacked."""
    if report.failed and (Path(os.environ[NOTE]).exists() or MISSING in report.longreprtext):
        report.outcome = "skipped"
        report.longrepr = (str(node.path), 0, "Skipped: torch isn't installed")
    return report

"""Where torch isn't installed, what comes to need it is skipped, and says so: `pytest -p tests.without_torch`."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import pytest

MISSING = "No module named 'torch'"

Report = TypeVar("Report", pytest.CollectReport, pytest.TestReport)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """For files of tests that import it."""
    return skip_for_want_of_torch((yield), collector)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """For tests that come to import it, they or a process of theirs whose error they show."""
    return skip_for_want_of_torch((yield), item)


def skip_for_want_of_torch(report: Report, node: pytest.Item | pytest.Collector) -> Report:
    """The report, as one of a skipped test if torch is what it lacked."""
    if report.failed and any(MISSING in text for text in (report.longreprtext, *(text for _, text in report.sections))):
        report.outcome = "skipped"
        report.longrepr = (str(node.path), 0, "Skipped: torch isn't installed")
    return report

"""A website of the tests' own, which answers nothing until a test says what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intake.websites.site import Site, serving_site


@pytest.fixture(scope="package")
def server() -> Iterator[Site]:
    with serving_site() as site:
        yield site


@pytest.fixture
def site(server: Site) -> Site:
    server.answers.clear()
    server.asked.clear()
    return server

"""Which pages belong to a website, and which hosts may be asked."""

from __future__ import annotations

from typing import Any

import pytest

from db.errors import BadInputError
from intake.sources import read_settings
from intake.websites import WebsiteSettings


def told(url: str = "https://h.example/docs/", **values: Any) -> WebsiteSettings:
    return read_settings(WebsiteSettings, {"url": url} | values)


@pytest.mark.parametrize(
    ("url", "inside", "outside"),
    [
        ("https://h.example/docs/", ["/docs/", "/docs/a/b"], ["/docs2/", "/", "/other"]),
        ("https://h.example/docs", ["/docs", "/docs/a"], ["/docs2", "/"]),
        ("https://h.example/docs/index.html", ["/docs/index.html", "/docs/a"], ["/a"]),
        ("https://h.example", ["/", "/any"], []),
    ],
)
def test_what_lies_at_and_below_its_beginning(url: str, inside: list[str], outside: list[str]) -> None:
    assert all(told(url).covers(f"https://h.example{path}") for path in inside)
    assert not any(told(url).covers(f"https://h.example{path}") for path in outside)


def test_other_hosts_only_as_they_are_named() -> None:
    own = told(hosts=["Wiki.Example", "h.example:8443", "bücher.example", "docs.example:443"])
    assert own.covers("https://xn--bcher-kva.example/x") and own.covers("https://docs.example/x")
    assert own.covers("https://wiki.example/x") and own.covers("https://h.example:8443/x")
    for other in (
        "https://wiki.example:8443/",
        "https://evil.example/",
        "https://a.wiki.example/",
        "https://h.example./docs/",
    ):
        assert not own.covers(other) and not own.may_ask(other)
    assert own.may_ask("https://h.example/robots.txt")


@pytest.mark.parametrize(
    "values",
    [
        {"url": "file:///etc/passwd"},
        {"url": "https://me:secret@h.example/"},
        {"url": "h.example"},
        {"sitemap": "gopher://h/"},
        {"hosts": ["https://h.example"]},
        {"hosts": ["a/b"]},
        {"hosts": [""]},
        {"depth": -1},
        {"most_pages": 0},
        {"pause_s": -1},
        {"pause_s": float("nan")},
        {"token": "x"},
    ],
)
def test_what_can_not_be_used_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as raised:
        told(**values)
    assert "secret" not in str(raised.value)

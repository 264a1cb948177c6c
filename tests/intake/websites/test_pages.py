"""What a page says of its links and of itself."""

from __future__ import annotations

import pytest

from intake.websites.pages import Pointers, read_pointers

AT = "https://h/docs/page"


def test_links_canonical_and_a_base() -> None:
    html = b"""<html><head><base href="/other/"><link rel="Canonical" href="x"></head><body>
    <a href="a#1">A</a><a href="a#2">A again</a><a href="//b.example/">B</a><a href="javascript:x()">no</a>
    <a rel="nofollow" href="login">no</a><a>no</a><map><area href="c"></map><!-- <a href="hidden"> --></body>"""
    found = read_pointers(html, AT, {})
    assert found == Pointers(
        ["https://h/other/a", "https://b.example/", "https://h/other/c"], "https://h/other/x", False
    )


@pytest.mark.parametrize(
    ("html", "headers"),
    [
        (b'<meta name="ROBOTS" content="NoIndex, follow"><a href="a">A</a>', {}),
        (b'<a href="a">A</a>', {"x-robots-tag": "noindex"}),
        (b'<a href="a">A</a>', {"x-robots-tag": "googlebot: noindex"}),
    ],
)
def test_what_is_withdrawn_still_leads_on(html: bytes, headers: dict[str, str]) -> None:
    found = read_pointers(html, AT, headers)
    assert found.is_withdrawn and found.links == ["https://h/docs/a"]


def test_what_is_not_to_be_followed_is_not() -> None:
    assert read_pointers(b'<meta name="robots" content="nofollow"><a href="a">A</a>', AT, {}) == Pointers([])
    assert read_pointers(b'<meta name="robots" content="none"><a href="a">A</a>', AT, {}).is_withdrawn


@pytest.mark.parametrize(
    "html", [b"", b"<", b"\x00\xff", b"<a href='http://[::1'>x</a>", b"<a href=>" * 9, b"<div>" * 5000]
)
def test_whatever_is_sent_is_survived(html: bytes) -> None:
    assert list(read_pointers(html, AT, {}).links) in ([], [AT])

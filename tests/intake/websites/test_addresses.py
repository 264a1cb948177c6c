"""Each page has one address, and what is none of the web's has none."""

from __future__ import annotations

import pytest

from intake.websites.addresses import file_name_of, tidy_address

PAGE = "https://docs.example.com/a/page.html?x=1"


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("HTTPS://Docs.Example.COM:443/a#part", "https://docs.example.com/a"),
        ("https://docs.example.com", "https://docs.example.com/"),
        ("http://h:8080/", "http://h:8080/"),
        ("../b/./c", "https://docs.example.com/b/c"),
        ("../../../x/", "https://docs.example.com/x/"),
        ("https://docs.example.com/a/.././b/./c", "https://docs.example.com/b/c"),
        ("https://docs.example.com/a/b/..", "https://docs.example.com/a/"),
        ("https://docs.example.com/a/..", "https://docs.example.com/"),
        ("https://docs.example.com/../.well-known/x", "https://docs.example.com/.well-known/x"),
        ("//other.example/x", "https://other.example/x"),
        ("?y=2&z=ü", "https://docs.example.com/a/page.html?y=2&z=%C3%BC"),
        ("ä b.html".replace(" ", "%20"), "https://docs.example.com/a/%C3%A4%20b.html"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("", PAGE),
    ],
)
def test_one_way_of_writing(written: str, tidy: str) -> None:
    assert tidy_address(written, PAGE) == tidy
    assert tidy_address(tidy) == tidy


@pytest.mark.parametrize(
    "written",
    [
        "mailto:ann@example.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://h/",
        "https://user:pw@h/",
        "https://user@h/",
        "http://0177.0.0.1/",
        "https://h:99999/",
        "https://h:x/",
        "https://h/a b",
        "https://h/a\\b",
        "https://h/\x00",
        "https://[::1/",
        "https://h/" + "a" * 3000,
    ],
)
def test_what_is_no_page(written: str) -> None:
    assert tidy_address(written, PAGE) is None


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://h/", "index.html"),
        ("https://h/docs/leave", "docs/leave.html"),
        ("https://h/docs/", "docs.html"),
        ("https://h/a.html?x=1", "a.html"),
        ("https://h/%2e%2e/x", "../x.html"),
        ("https://h/a%00%1b%0ab", "ab.html"),
        ("https://h/%00", "index.html"),
    ],
)
def test_what_a_page_is_called_as_a_file(address: str, name: str) -> None:
    assert file_name_of(address, ".html") == name

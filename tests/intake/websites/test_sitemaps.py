"""Sitemaps as they are written, compressed, broken and hostile."""

from __future__ import annotations

import gzip

import pytest

from db.errors import BadInputError
from intake.websites import sitemaps
from intake.websites.sitemaps import read_sitemap

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PAGES = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {SPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://h/a </loc><lastmod>2026-01-01</lastmod><image:image><image:loc>https://h/a.png</image:loc></image:image></url>
<url><loc>https://h/b?x=1&amp;y=2</loc></url></urlset>""".encode()
INDEX = f"<sitemapindex {SPACE}><sitemap><loc>https://h/1.xml</loc></sitemap></sitemapindex>".encode()


@pytest.mark.parametrize(
    "data", [PAGES, gzip.compress(PAGES), b"\xef\xbb\xbf" + PAGES, b"https://h/a\nhttps://h/b?x=1&y=2\n"]
)
def test_pages(data: bytes) -> None:
    found = read_sitemap(data)
    assert (found.pages, found.sitemaps) == (["https://h/a", "https://h/b?x=1&y=2"], [])


def test_an_index_and_one_without_a_namespace() -> None:
    assert read_sitemap(INDEX).sitemaps == ["https://h/1.xml"]
    assert read_sitemap(b"<urlset><url><loc>https://h/a</loc></url></urlset>").pages == ["https://h/a"]


@pytest.mark.parametrize(
    "data",
    [b"<html><body>Not found</body></html>", b"<urlset><url><loc>https://h/a", b"<", b"not a sitemap", PAGES[:200]],
)
def test_what_is_none_or_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError):
        read_sitemap(data)


def test_entities_are_not_resolved() -> None:
    bomb = '<!ENTITY a "https://h/">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    for entities, used in ((bomb, "&j;"), ('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;")):
        data = f"<!DOCTYPE urlset [{entities}]><urlset><url><loc>{used}</loc></url></urlset>".encode()
        try:
            assert read_sitemap(data).pages == []
        except BadInputError:
            pass


def test_what_grows_when_it_is_unpacked_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MOST_BYTES", 100_000)
    with pytest.raises(BadInputError, match="larger"):
        read_sitemap(gzip.compress(b" " * 10_000_000))
    monkeypatch.setattr(sitemaps, "MOST_LISTED", 1)
    for data in (PAGES, b"https://h/a\nhttps://h/b"):
        with pytest.raises(BadInputError, match="more than 1 addresses"):
            read_sitemap(data)

"""Websites of the tests' own, synced from a real server: sitemaps, links, 304s, 429s, moves, refusals, kills."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.corpus import list_matching
from db.errors import UnknownIdError
from db.settings import Settings
from db.sources import Items, add_source, find_source
from intake import ingest_paths, sync_source
from intake.tally import IngestReport
from tests.db.corpus.test_handing_on import said, show
from tests.intake.websites.site import HANGS_UP, Answer, Site
from tests.next_attempt import as_soon_as_free
from tests.ranked_company import hashing_encoders
from tests.synthetic import make_generation, serve

Sync = Callable[..., IngestReport]


@pytest.fixture
def served(engine: sa.Engine) -> sa.Engine:
    serve(engine, make_generation(engine))
    return engine


@pytest.fixture
def sync(served: sa.Engine, site: Site, tmp_path: Path) -> Sync:
    settings = Settings(data_dir=tmp_path / "home")

    def run(url: str = "/", may_remove: Any = None, dry_run: bool = False, **told: Any) -> IngestReport:
        try:
            stored = find_source(served, "site")
        except UnknownIdError:
            values = {"url": site.url + url, "allow_private": True, "pause_s": 0.0} | told
            stored = add_source(served, "site", "website", values, None)
        options = {} if may_remove is None else {"may_remove": may_remove}
        return sync_source(served, settings, hashing_encoders(), stored, dry_run=dry_run, **options)

    return run


def counts(report: IngestReport) -> tuple[int, int, int, int, int, int]:
    told = report.added, report.changed, report.moved, report.removed, report.unchanged
    return (*told, len(report.failed))


def stored(engine: sa.Engine, site: Site) -> set[str]:
    return {one.uri.removeprefix(site.url) for one in list_matching(engine, None)}


def test_a_sitemap_s_pages_are_asked_for_again_only_as_they_changed(served: sa.Engine, site: Site, sync: Sync) -> None:
    for number in range(4):
        site.text(f"/{number}", f"Deck {number}", ETag=f'"{number}"')
    site.sitemap(*(f"/{number}" for number in range(4)), "/gone", "https://elsewhere.example/x")
    assert counts(sync()) == (4, 0, 0, 0, 0, 0)
    site.statuses()
    again = sync()
    assert (counts(again), again.chunks) == ((0, 0, 0, 0, 4, 0), 0)
    assert site.statuses() == {"/sitemap.xml": 200, "/gone": 404} | {f"/{number}": 304 for number in range(4)}
    site.text("/2", "Deck 2, closed", ETag='"2b"')
    site.text("/5", "Deck 5")
    site.sitemap("/0", "/1", "/2", "/5")
    assert counts(sync()) == (1, 1, 0, 1, 2, 0)
    assert stored(served, site) == {"/0", "/1", "/2", "/5"}


def test_an_index_of_compressed_sitemaps_and_files_of_other_kinds(served: sa.Engine, site: Site, sync: Sync) -> None:
    site.page("/docs/a", "Deck A")
    site.page("/blog/b", "Elsewhere")
    site.answers["/docs/notes.md"] = Answer(b"# Notes\n\nSome notes.", headers={"Content-Type": "text/plain"})
    site.answers["/docs/logo.png"] = Answer(b"\x89PNG", headers={"Content-Type": "image/png"})
    site.answers["/docs/latin"] = Answer(
        "<p>Größe und Länge".encode("latin-1"), headers={"Content-Type": "text/html; charset=iso-8859-1"}
    )
    inner = site.sitemap("/docs/a", "/docs/notes.md", "/docs/logo.png", "/docs/latin", "/blog/b", at="/inner.xml.gz")
    inner.body = gzip.compress(inner.body)
    site.sitemap("/inner.xml.gz", "/outer.xml", at="/outer.xml", index=True)  # it names itself, too
    site.answers["/robots.txt"] = Answer(f"Sitemap: {site.url}/outer.xml\n".encode())
    report = sync("/docs/")
    assert (counts(report), report.left_out) == ((3, 0, 0, 0, 0, 0), {"image/png": 1})
    assert stored(served, site) == {"/docs/a", "/docs/notes.md", "/docs/latin"}
    assert show(served, "Größe und Länge")


def test_without_a_sitemap_links_are_followed_as_far_as_they_may(served: sa.Engine, site: Site, sync: Sync) -> None:
    site.page("/docs/", "Start", "a", "/blog/", "https://elsewhere.example/", "http://169.254.169.254/", "private/x")
    site.page("/docs/a", "Deck A", "b", "/docs/", ETag='"a"')
    site.page("/docs/b", "Deck B", "c", "a")
    site.page("/docs/c", "Deck C", "d")
    site.page("/docs/d", "Too far")
    site.page("/blog/", "Elsewhere")
    site.page("/docs/private/x", "Private")
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /docs/private/\n")
    report = sync("/docs/", depth=3)
    assert stored(served, site) == {"/docs/", "/docs/a", "/docs/b", "/docs/c"}
    assert report.left_out == {"not to be asked for (robots.txt)": 1}
    site.statuses()
    assert counts(sync()) == (0, 0, 0, 0, 4, 0)
    assert site.statuses()["/docs/a"] == 304  # and what it led to is known still
    site.page("/docs/b", "Deck B", "a")
    assert counts(sync()) == (0, 1, 0, 1, 3, 0)  # it was there, and nothing leads to it any more
    assert not [key for key, _ in Items(served, find_source(served, "site").id).read() if key.endswith("/c")]


def test_a_page_that_moved_keeps_its_votes(served: sa.Engine, site: Site, sync: Sync) -> None:
    paths = ["/a", "/b", "/c"]
    for path in paths:
        site.text(path, f"Deck {path}")
    site.sitemap(*paths)
    sync()
    asked, edited = show(served, "Deck /a is told here."), show(served, "Deck /b is told here.")
    site.answers["/z/a"], site.answers["/z/b"] = site.answers["/a"], site.text("/z/b", "Deck /b is told here once more")
    site.redirect("/a", "/z/a")
    del site.answers["/b"]
    site.sitemap("/z/b", "/a", "/b", "/c")  # it still lists where they were
    report = sync()
    assert counts(report) == (0, 0, 2, 0, 1, 0)
    assert (said(served, asked).uri, said(served, edited).uri) == (f"{site.url}/z/a", f"{site.url}/z/b")


def test_what_the_site_withdraws_goes_and_one_document_has_one_address(
    served: sa.Engine, site: Site, sync: Sync
) -> None:
    site.page("/a", "Deck A")
    site.page("/print/a", "Deck A, printed", head='<link rel="canonical" href="/a">')
    site.page("/b", "Deck B")
    site.page("/c", "Deck C")
    site.page("/d", "Deck D")
    site.sitemap("/print/a", "/b", "/c", "/d", "/b", "/b#part")
    assert sync().added == 4 and stored(served, site) == {"/a", "/b", "/c", "/d"}
    site.page("/b", "Deck B", head='<meta name="robots" content="noindex">')
    report = sync()
    assert (report.removed, report.left_out) == (1, {"withdrawn (noindex)": 1})
    assert counts(sync()) == (0, 0, 0, 0, 3, 0)


def test_a_page_that_can_not_be_had_now_stays_and_is_named(served: sa.Engine, site: Site, sync: Sync) -> None:
    for path in ("/a", "/b", "/c"):
        site.text(path, f"Deck {path}")
    site.sitemap("/a", "/b", "/c")
    sync()
    site.answers["/a"] = Answer(status=500)
    site.answers["/b"] = Answer(status=403)
    report = sync(may_remove=lambda gone: True)
    assert counts(report) == (0, 0, 0, 0, 1, 2)
    assert {failure.reason for failure in report.failed} == {
        "its site answers 500", "its site asks for a login (it answers 403)",
    }  # fmt: skip
    assert stored(served, site) == {"/a", "/b", "/c"}


@pytest.mark.parametrize(
    "fault",
    [
        "no sitemap",
        "sitemap 500",
        "half a sitemap",
        "inner sitemap 404",
        "robots 500",
        "robots too large",
        "left alone",
        "all down",
    ],
)
def test_nothing_is_removed_where_the_listing_is_not_complete(
    served: sa.Engine, site: Site, sync: Sync, fault: str
) -> None:
    for number in range(8):
        site.text(f"/{number}", f"Deck {number}")
    site.sitemap("/inner.xml", index=True)
    site.sitemap(*(f"/{number}" for number in range(8)), at="/inner.xml")
    sync()
    match fault:
        case "no sitemap":
            del site.answers["/sitemap.xml"]
        case "sitemap 500":
            site.answers["/sitemap.xml"].status = 500
        case "half a sitemap":
            site.answers["/inner.xml"].body = site.answers["/inner.xml"].body[:150]
        case "inner sitemap 404":
            del site.answers["/inner.xml"]
        case "robots too large":
            site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n" + b"# and so on\n" * 50_000)
        case "robots 500":
            site.answers["/robots.txt"] = Answer(status=500)
        case "left alone":
            site.answers["/3"] = Answer(status=429, headers={"Retry-After": "3600"})
            del site.answers["/0"]
        case "all down":
            site.answers["/sitemap.xml"].headers["Content-Length"] = "999999"
            site.answers["/sitemap.xml"].status = 599
    report = sync(may_remove=lambda gone: True)
    assert report.broken_off and report.removed == 0 and not report.is_whole
    assert len(stored(served, site)) == 8
    assert report.wait_s == (3600.0 if fault == "left alone" else 0.0)
    assert (find_source(served, "site").outcome or {})["broken_off"] == report.broken_off


@pytest.mark.parametrize(("status", "why"), [(500, "answers 500"), (HANGS_UP, "disconnected")])
def test_where_its_links_begin_and_can_not_be_read_nothing_is_removed(
    served: sa.Engine, site: Site, sync: Sync, status: int, why: str
) -> None:
    site.page("/", "Start", "/a")
    site.text("/a", "Deck A")
    sync()
    site.answers["/"] = Answer(status=status)
    report = sync(may_remove=lambda gone: True)
    assert report.broken_off is not None and report.broken_off.startswith("Where its links begin can't be read")
    assert re.search(why, report.broken_off)
    assert report.removed == 0 and stored(served, site) == {"/", "/a"}


def test_a_site_that_is_down_is_not_asked_for_each_of_its_pages(served: sa.Engine, site: Site, sync: Sync) -> None:
    paths = [f"/{number}" for number in range(9)]
    for path in paths:
        site.text(path, f"Deck {path}")
    site.sitemap(*paths)
    sync()
    for path in paths[1:]:
        site.answers[path] = Answer(status=HANGS_UP)
    report = sync(may_remove=lambda gone: True)
    assert "can't be reached any more" in (report.broken_off or "") and report.removed == 0
    assert len(report.failed) == 4 and all("can't be reached" in failure.reason for failure in report.failed)
    assert len(stored(served, site)) == 9


@pytest.mark.parametrize(("status", "why"), [(500, "its site answers 500"), (HANGS_UP, "it can't be reached")])
def test_a_page_that_is_as_it_was_and_can_not_be_had_again_is_named(
    served: sa.Engine, site: Site, sync: Sync, tmp_path: Path, status: int, why: str
) -> None:
    """As where it is to be split otherwise: what it was isn't kept."""
    site.text("/a", "Deck A", ETag='"a"')
    site.sitemap("/a")
    sync()
    site.answers["/a"] = Answer(status=status, first=[(304, {})])
    split_otherwise = Settings(data_dir=tmp_path / "home", chunk_size=100, chunk_overlap=10)
    report = sync_source(served, split_otherwise, hashing_encoders(), find_source(served, "site"))
    assert [failure.reason.partition(" (")[0] for failure in report.failed] == [why]
    assert stored(served, site) == {"/a"}


def test_a_site_with_more_pages_than_it_may_have_is_said_to_have_them(
    served: sa.Engine, site: Site, sync: Sync
) -> None:
    site.page("/", "Start", *(f"/trap?page={number}" for number in range(9)))
    for number in range(9):
        site.page(f"/trap?page={number}", f"Trap {number}")
    report = sync(most_pages=4)
    assert report.added == 4 and "--most-pages" in (report.broken_off or "")


@pytest.mark.parametrize("fault", ["robots.txt", "index"])
def test_a_sitemap_at_another_host_is_named_and_nothing_is_removed(
    served: sa.Engine, site: Site, sync: Sync, fault: str
) -> None:
    for number in range(4):
        site.text(f"/{number}", f"Deck {number}")
    site.sitemap("/inner.xml", index=True)
    site.sitemap(*(f"/{number}" for number in range(4)), at="/inner.xml")
    sync()
    site.text("/4", "Deck 4")
    site.sitemap("/3", "/4", at="/inner.xml")
    if fault == "robots.txt":
        site.answers["/robots.txt"] = Answer(b"Sitemap: https://elsewhere.example/all.xml")
    else:
        site.answers["/sitemap.xml"].body += b"<sitemap><loc>https://elsewhere.example/all.xml</loc></sitemap>"
        site.answers["/sitemap.xml"].body = b"<sitemapindex>%s</sitemapindex>" % (
            site.answers["/sitemap.xml"].body.replace(b"<sitemapindex>", b"").replace(b"</sitemapindex>", b"")
        )
    report = sync(may_remove=lambda gone: True)
    assert "https://elsewhere.example/all.xml is at another host" in (report.broken_off or "")
    assert (report.added, report.removed, report.moved) == (1, 0, 0) and len(stored(served, site)) == 5


def test_where_a_page_has_more_links_than_are_followed_nothing_is_taken_for_gone(
    served: sa.Engine, site: Site, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.websites.pages.MOST_LINKS", 3)
    for number in range(4):
        site.text(f"/{number}", f"Deck {number}")
    site.page("/", "Start", *(f"/{number}" for number in range(3)), ETag='"1"')
    assert counts(sync()) == (4, 0, 0, 0, 0, 0)
    site.page("/", "Start", *(f"/{number}" for number in (3, 1, 2, 0)), ETag='"2"')
    for _ in range(2):  # the second time the page says that it is as it was
        report = sync(may_remove=lambda gone: True)
        assert report.removed == 0 and f"{site.url}/ has more than" in (report.broken_off or "")
    assert stored(served, site) == {"/", "/0", "/1", "/2", "/3"}


def test_where_a_page_is_larger_than_what_is_read_of_it_that_is_the_reason(
    served: sa.Engine, site: Site, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/a", "/b"):
        site.text(path, f"Deck {path}")
    site.page("/", "Start", "/a", "/b", ETag='"1"')
    assert counts(sync()) == (3, 0, 0, 0, 0, 0)
    monkeypatch.setattr("intake.websites.pages.MOST_BYTES", 200)
    site.page("/", "Start", "/a", f"/{'b' * 100}", "/b", ETag='"2"')
    for _ in range(2):  # the second time the page says that it is as it was
        report = sync(may_remove=lambda gone: True)
        assert report.removed == 0 and f"{site.url}/ is larger than 5 MB" in (report.broken_off or "")
        assert "links:" not in (report.broken_off or "")
    assert stored(served, site) == {"/", "/a", "/b"}


def test_where_such_a_page_cannot_be_read_now_nothing_is_taken_for_gone_either(
    served: sa.Engine, site: Site, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.websites.pages.MOST_LINKS", 3)
    for number in range(4):
        site.text(f"/{number}", f"Deck {number}")
    site.page("/", "Start", "/all")
    site.page("/all", "All", *(f"/{number}" for number in range(3)))
    sync()
    site.page("/all", "All", *(f"/{number}" for number in (3, 1, 2, 0)))
    sync()
    site.answers["/all"] = Answer(status=500)
    report = sync(may_remove=lambda gone: True)
    assert report.removed == 0 and "/all has more than" in (report.broken_off or "")
    assert stored(served, site) == {"/", "/all", "/0", "/1", "/2", "/3"}


def test_what_a_site_makes_up_is_not_held_in_memory(
    served: sa.Engine, site: Site, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.websites.website._MOST_ADDRESSES", 20)
    site.page("/", "Start", *(f"/{number}/" for number in range(9)))
    for number in range(9):
        site.page(f"/{number}/", f"Deck {number}", *(f"/{number}/{other}" for other in range(9)))
    report = sync(most_pages=10)
    assert report.broken_off is not None and report.added == 10
    links = [link for _, state in Items(served, find_source(served, "site").id).read() for link in state["links"]]
    assert len(set(links)) < 30
    site.sitemap(*(f"/{number}.xml" for number in range(600)), index=True)
    site.statuses()
    assert "more than 500 sitemaps" in (sync().broken_off or "") and len(site.statuses()) == 1


def test_much_that_is_gone_stays_until_it_is_meant(served: sa.Engine, site: Site, sync: Sync) -> None:
    for number in range(4):
        site.text(f"/{number}", f"Deck {number}")
    site.sitemap(*(f"/{number}" for number in range(4)))
    sync()
    site.sitemap("/0")
    report = sync()
    assert report.removed == 0 and [(len(gone.uris), gone.known) for gone in report.not_removed] == [(3, 4)]
    assert sync(may_remove=lambda gone: True).removed == 3


def test_own_networks_are_not_asked_unless_it_is_meant(served: sa.Engine, site: Site, sync: Sync) -> None:
    site.page("/", "Start")
    report = sync(allow_private=False)
    assert "--allow-private" in (report.broken_off or "") and site.asked == []


def test_a_dry_run_remembers_nothing(served: sa.Engine, site: Site, sync: Sync) -> None:
    site.text("/", "Start", ETag='"1"')
    assert sync(dry_run=True).added == 1
    assert list(Items(served, find_source(served, "site").id).read()) == []


SYNC_AND_DIE = """
import os, signal, sys
from pathlib import Path
import intake.ingest
from db.settings import Settings
from db.sources import find_source
from db.store import create_engine
from intake import sync_source
from tests.next_attempt import as_soon_as_free
from tests.ranked_company import hashing_encoders

intake.ingest.BATCH_CHARS = 1
turn_to = intake.ingest.Tally.turn_to

def sync_and_die(left):
    def turn_to_and_die(self, page):
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        turn_to(self, page)

    intake.ingest.Tally.turn_to = turn_to_and_die
    engine = create_engine(sys.argv[1])
    settings, stored = Settings(data_dir=Path(sys.argv[2])), find_source(engine, "site")
    as_soon_as_free(lambda: sync_source(engine, settings, hashing_encoders(), stored))

for page in range(int(sys.argv[3])):
    child = os.fork()
    if child == 0:
        sync_and_die(page)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""


def test_killed_at_each_page_the_next_sync_goes_on(
    served: sa.Engine,
    site: Site,
    sync: Sync,
    database_url: str,
    tmp_path: Path,
    start_python: Callable[..., subprocess.Popen[str]],
) -> None:
    """Also where what it remembers of pages is ahead of what is stored of them."""
    paths = [f"/{number}.md" for number in range(4)]
    for path in paths:
        headers = {"Content-Type": "text/markdown", "ETag": f'"{path}"'}
        site.answers[path] = Answer(f"# Deck {path}\n\nIt is told here.".encode(), headers=headers)
    site.sitemap(*paths)
    values = {"url": f"{site.url}/", "allow_private": True, "pause_s": 0.0}
    add_source(served, "site", "website", values, None)
    process = start_python(SYNC_AND_DIE, database_url, tmp_path / "home", 4)
    errors = process.communicate()[1]
    assert process.returncode == 0, errors
    before = len(stored(served, site))
    assert before == 3
    assert counts(as_soon_as_free(sync)) == (4 - before, 0, 0, 0, before, 0)
    assert stored(served, site) == set(paths)


def test_whatever_a_site_says_of_a_page_the_next_sync_goes_through(served: sa.Engine, site: Site, sync: Sync) -> None:
    site.text("/a", "Deck A", ETag='"\xe9"', Last_Modified="Wed, 21 Oct 2015 07:28:00 GMT")
    site.answers["/b%00"] = Answer(b"Deck B is told here.", headers={"Content-Type": "text/html"})
    site.sitemap("/a", "/b%00")
    assert counts(sync()) == (2, 0, 0, 0, 0, 0)
    assert counts(sync()) == (0, 0, 0, 0, 2, 0)


MANUAL = " ".join(f"word{number}" for number in range(100))


def test_what_a_site_lists_beyond_its_bound_is_not_gone(served: sa.Engine, site: Site, sync: Sync) -> None:
    for number in range(3):
        site.text(f"/{number}", f"{MANUAL} {number}")
    site.sitemap("/0", "/1", "/2")
    sync(most_pages=3)
    site.text("/new", f"{MANUAL} new")
    site.sitemap("/new", "/0", "/1", "/more", "/2")
    report = sync()
    assert report.broken_off is not None and (report.moved, report.removed) == (0, 0)
    assert stored(served, site) >= {"/0", "/1", "/2"}


def test_of_two_sources_of_one_site_none_takes_the_other_s_pages(
    served: sa.Engine, site: Site, sync: Sync, tmp_path: Path
) -> None:
    site.text("/v1/", f"{MANUAL} first")
    site.text("/v2/", f"{MANUAL} second")
    site.sitemap("/v1/", at="/first.xml")
    site.sitemap("/v2/")
    told = {"url": f"{site.url}/", "sitemap": f"{site.url}/first.xml", "allow_private": True, "pause_s": 0.0}
    first = add_source(served, "first", "website", told, None)
    sync_source(served, Settings(data_dir=tmp_path), hashing_encoders(), first)
    assert counts(sync()) == (1, 0, 0, 0, 0, 0)
    assert stored(served, site) == {"/v1/", "/v2/"}


def test_a_page_does_not_take_the_place_of_a_document_that_is_not_of_its_site(
    served: sa.Engine, site: Site, sync: Sync, tmp_path: Path
) -> None:
    (tmp_path / "manual.md").write_text(f"# {MANUAL}\n\n{MANUAL} is told here.\n")
    ingest_paths(served, Settings(data_dir=tmp_path / "home"), hashing_encoders(), [tmp_path / "manual.md"])
    site.text("/manual", MANUAL)
    site.sitemap("/manual")
    assert counts(sync()) == (1, 0, 0, 0, 0, 0)
    assert len(stored(served, site)) == 2

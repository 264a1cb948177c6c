"""A page that shows every part of a night, takes no text for markup, and needs nothing but itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from retrain.lesson import Anchor
from retrain.report.page import _template, render_report
from tests.night_rows import EVIDENCE, make_ranking_run, make_run

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp;"
PICTURE = b"\x89PNG picture"


class Page(HTMLParser):
    """The tags of a page and what a reader sees of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data + " "


def test_it_shows_every_part_of_a_night() -> None:
    texts = {Anchor("pair", 1): "who has permits?", Anchor("question", 1): None}
    page = Page(render_report(make_run(), texts, PICTURE, 2))

    assert page.open == []
    seen = " ".join(page.text.split())
    for expected in (
        "Night 1 promoted",
        "Generation 2 was shown to be better than generation 1",
        "ndcg@10 went +0.055 (p = 0.0013): better.",
        "golden questions: ndcg@10 258 0.597 0.652 +0.055 +0.020 … +0.090 0.0013",
        "… documents with votes 120 0.640 0.710 +0.070",
        "right answers 68% → 74%",
        "golden questions: refused though a right document was found 258 0.050 0.040 −0.010",
        "questions of the regression set: ndcg@10 100 0.710 0.700 −0.010",
        "who has permits? not found → 1 0.000 → 1.000",
        "a question that was not asked in public (#1) 9 → 2 0.300 → 0.631",
        "a question that is gone (#2) 1 → 3 1.000 → 0.500",
        "votes 348",
        "5e-5 160 2.400 → 0.482",
        "taken together: p = 0.0009, and at most 0.0200 was allowed. In a year 5% is allowed in all; none was used.",
        "p = 0.0009, and it had to be at most 0.0200",
        "train 145.0 s",
        "votes up to event 411 and curated pairs up to 515",
    ):
        assert expected in seen
    assert ("src", "data:image/png;base64,iVBORyBwaWN0dXJl") in [(name, value) for name, value in page.attributes]


def test_written_questions_are_counted_with_what_was_learnt() -> None:
    written = {"seconds": 9.0, "rows": 331, "written": 40, "train_synthetics": 31}
    page = Page(render_report(make_run(phases={"learn": {"rows": 300}, "write": written}), {}, PICTURE, 2))
    seen = " ".join(page.text.split())
    assert "questions that a language model wrote for passages nobody asked about 40" in seen
    assert "rows trained on 331" in seen
    assert "write 9.0 s" in seen


def test_it_needs_nothing_but_itself_and_runs_nothing() -> None:
    html = render_report(make_run(), {}, PICTURE, 2)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", html.replace("<!doctype", ""))
    assert not {"script", "link", "iframe"} & Page(html).tags


def test_whatever_people_wrote_is_text() -> None:
    changed = {"better": EVIDENCE["changed"]["better"], "worse": []}
    evidence = EVIDENCE | {"slices": {HOSTILE: EVIDENCE["slices"]["voted"]}, "changed": changed}
    run = make_run(
        requested_by=HOSTILE, reasons=[HOSTILE], evidence=evidence, phases={"learn": {"seconds": 1.0, HOSTILE: 7}}
    )
    page = Page(render_report(run, {Anchor("pair", 1): HOSTILE}, PICTURE, None))

    assert not {"script"} & page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    # reason, question, slice in the table and among the margins, who asked, the count
    assert page.text.count(HOSTILE) == 6


@pytest.mark.parametrize(
    ("values", "seen", "unseen"),
    [
        ({"evidence": None, "phases": {}}, "nothing was trained", "Before, after"),
        ({"evidence": {"learnt_from": 80}}, "was not let through", "The evidence"),
        ({"phases": {}}, "There was too little", "How it was trained"),
        ({"evidence": EVIDENCE | {"slices": {}, "changed": {"better": [], "worse": []}}}, "Why", "Got"),
        ({"evidence": {"golden": {"n": 30, "gain": 0.1, "p": 0.01, "better": True}}}, "Why", "The evidence"),
    ],
)
def test_what_there_was_none_of_has_no_section(values: dict[str, object], seen: str, unseen: str) -> None:
    text = Page(render_report(make_run(decision="refused", **values), {}, PICTURE, None)).text
    assert seen in text
    assert unseen not in text


def test_what_the_page_lacks_is_an_error_and_no_gap() -> None:
    with pytest.raises(UndefinedError):
        _template().render(run=make_run())


def test_a_ranking_run_has_a_page_of_its_own_kind() -> None:
    seen = " ".join(Page(render_report(make_ranking_run(), {}, PICTURE, 2)).text.split())
    for expected in (
        "Ranking run 1 promoted",
        "0.35 → 0.82",
        "Generation 2 was shown to be better",
        "Before and after",
    ):
        assert expected in seen
    assert "how it learnt" not in seen
    refused = make_ranking_run(decision="refused", evidence=None, reasons=["The ranking stays as it is: few."])
    assert "The ranking stays as it is, and generation 1 went on serving." in render_report(refused, {}, b"", None)


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        ("trial", "Generation 2 may be better than generation 1: both answer the same questions, and people's votes"),
        ("pending", "Generation 2 was shown to be better than generation 1; it is built, and a person is to decide."),
    ],
)
def test_what_isn_t_settled_yet_is_said_in_one_sentence(decision: str, sentence: str) -> None:
    seen = " ".join(Page(render_report(make_run(decision=decision), {}, PICTURE, 2)).text.split())
    assert sentence in seen
    assert ("took its place" in seen, f"Night 1 {decision}" in seen) == (False, True)

"""Citations in the notations and scripts that models write; and the numbers that are none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model_text.citations import check_text, cited_numbers, finished_part, without_marks

ONE = """[1] [~1~] [01] ［１］ 【1】 〔1〕 〖1〗 ⟦1⟧ ❲1❳ [[1]] [^1] ^[1] [#1] \\[1\\] [**1**] [1.] [1]()
[1](#ref-1) [1](handbook.md) [[1]](https://x.example/a) [1](<https://x.example>) [Source~1] [source:~1]
[Sources:~1] [src~1] [SOURCE_1] [source-1] [Passage~1] [passage~#1] [Citation~1] [ref~1] [Ref.~1] [doc1]
[doc~1] [Doc_1] [document~1] [chunk~1] [context~1] [excerpt~1] [No.~1] [Quelle~1] [Quelle:~1] [Dokument~1]
[Beleg~1] [fuente~1] [Fonte~1] [réf.~1] [extrait~1] [bron~1] [källa~1] [kilde~1] [źródło~1] [kaynak~1]
[nguồn~1] [источник~1] [Источник:~1] [документ~1] [πηγή~1] [来源1] [来源：1] [资料1] [文档~1] [參考1]
[出典1] [出典:~1] 【出典１】 ［資料１］ [출처~1] [문서1] [المصدر~1] [المصدر~١] [١] [۱] [१] [स्रोत~१] [๑]
[1†L5] [1†handbook.md] 【1†source】 【1:0†source】 [1:0†source] [1†L5-L9] [1:~Leave~policy]
[Source~1:~Leave~policy] [1|~Leave] [1,~p.~3] (Source~1) (source:~1) (see~source~1) (Passage~1) (Quelle~1)
（来源1） （出典：１） (источник~1) <sup>1</sup> <sup>[1]</sup> <cite>1</cite> <cite>[1]</cite>
<ref>1</ref> <citation>Source~1</citation> <cite~class="x">1</cite> \\cite{1} \\citep{source1} [^1^] [@1]
[^source1] [source_id:~1] [Document~ID:~1] [see~1] [see~source~1] [№1] [Source~1~-~Leave]
[Source~1,~Leave] [Doc~1~(Leave)] [1~(Leave)] [1~–~Leave] <a~href="#1">1</a> <a~href="#1">[1]</a>
\\footnote{1} [参考文献1] [资料来源1] [信息来源：1] [引用元1] <source~id="1"/> <cite~index="1"></cite>
<ref~name='1'~/> $^{1}$ $^1$ ^1^ <document-0123456789abcdef~number="1"> ¹""".split()

SEVERAL = [
    ("[1, 3]", [1, 3]),
    ("[1，3]", [1, 3]),
    ("[１、３]", [1, 3]),
    ("[1;3]", [1, 3]),
    ("[1/3]", [1, 3]),
    ("[1 3]", [1, 3]),
    ("[1 & 3]", [1, 3]),
    ("[1 und 3]", [1, 3]),
    ("[1 et 3]", [1, 3]),
    ("[1和3]", [1, 3]),
    ("[1と3]", [1, 3]),
    ("[1 и 3]", [1, 3]),
    ("[١، ٣]", [1, 3]),
    ("[1-3]", [1, 2, 3]),
    ("[1–3]", [1, 2, 3]),
    ("[1—3]", [1, 2, 3]),
    ("[1～3]", [1, 2, 3]),
    ("[1 to 3]", [1, 2, 3]),
    ("[1 bis 3]", [1, 2, 3]),
    ("[1至3]", [1, 2, 3]),
    ("[3-1]", [1, 2, 3]),
    ("[1-2, 4]", [1, 2, 4]),
    ("[^1, ^3]", [1, 3]),
    ("[^1][^3]", [1, 3]),
    ("[1][3]", [1, 3]),
    ("[1], [3]", [1, 3]),
    ("[[1], [3]]", [1, 3]),
    ("[[1][3]]", [1, 3]),
    ("【1】【3】", [1, 3]),
    ("[Source 1, Source 3]", [1, 3]),
    ("[Source 1; Source 3]", [1, 3]),
    ("[Source 1][Source 3]", [1, 3]),
    ("[Sources 1 and 3]", [1, 3]),
    ("[doc1, doc3]", [1, 3]),
    ("[doc-1, doc-3]", [1, 3]),
    ("[来源1、来源3]", [1, 3]),
    ("[出典１、３]", [1, 3]),
    ("(Sources 1, 3)", [1, 3]),
    ("(source 1; source 3)", [1, 3]),
    ("<sup>1,3</sup>", [1, 3]),
    ("<sup>1</sup><sup>3</sup>", [1, 3]),
    ("\\cite{1,3}", [1, 3]),
    ("¹,³", [1, 3]),
    ("¹˒³", [1, 3]),
    ("¹⁻³", [1, 2, 3]),
    ("[1, 2, and 3]", [1, 2, 3]),
    ("[1，2和3]", [1, 2, 3]),
    ("[1]-[3]", [1, 2, 3]),
    ("[1] – [3]", [1, 2, 3]),
    ("[^1^][^3^]", [1, 3]),
    ("[citation:1][citation:3]", [1, 3]),
    ("[Document ID: 1, Document ID: 3]", [1, 3]),
    ("<sup>[1][3]</sup>", [1, 3]),
    ("<sup><a href='#1'>1</a>, <a href='#3'>3</a></sup>", [1, 3]),
    ("$[1][3]$", [1, 3]),
    ("¹³", [1, 3]),
    ("⁽¹⁾ ⁽³⁾", [1, 3]),
    ("<sup>[1](https://x.example), [3](https://x.example)</sup>", [1, 3]),
    ("[1, 9]", [1]),
    ("[0, 1]", [1]),
]

NONE = [
    "In [2024] and (2024) it grew.",
    "It opens at [12:30].",
    "A [draft], [10%], [1.5], [a1], [x] and [ ].",
    "[Table 1], [Figure 2], [Step 3], [Chapter 1], [page 2].",
    "Use `a[1]` and ``b[2]``.",
    "```\nx = a[1] + b(2)\n```",
    "1. First\n2. Second\n\n(1) first, (2) second",
    "① 申請 ② 承認",
    "It is 20 m², 3 km², 10³ and x², E = mc².",
    "Below 10⁻³ mol at 5 m/s⁻², with SO₄²⁻ and Fe³⁺ ions.",
    "Always sin²(x) + cos²(x) = 1.",
    "Names hold [0-9] and [a-z] only, shares are [0–100].",
    "20 m<sup>2</sup>, 10<sup>3</sup> and the 1<sup>st</sup>.",
    "$x^2$ and 10$^{3}$.",
    "Call +1 (2) 333 (4) 555.",
    "One (1) day and step (2).",
    "Take line (3).",
    "Phase 2 (of 3) ends on page 4.",
    "It costs (3) per head, and (2) per child is fine",
    "「3」を押してください",
    "Resources 1 and 2 are booked.",
    "Building (No. 3).",
    "There is source 1 of 3.",
    "Source 1.5 is newer.",
]

LIKELY = [
    ("You get 25 days (1).", "You get 25 days [1]."),
    ("You get 25 days (1, 3).", "You get 25 days [1][3]."),
    ("You get 25 days. (1)", "You get 25 days. [1]"),
    ("25日です（１）。", "25日です[1]。"),
    ("25日です「1」。", "25日です[1]。"),
    ("25日です①。", "25日です[1]。"),
    ("You get 25 days (1)(3).", "You get 25 days [1][3]."),
    ("You get 25 days {1}.", "You get 25 days [1]."),
    ("You get 25 days ❶❸.", "You get 25 days [1][3]."),
    ("You get 25 days [①].", "You get 25 days [1]."),
    ("You get 25 days [S1].", "You get 25 days [1]."),
    ("You get 25 days [S1]. Ask [P2] teams [3].", "You get 25 days [S1]. Ask [P2] teams [3]."),
    ("25 days ①③\nand more", "25 days [1][3]\nand more"),
    ("According to source 1, you get 25 days.", "According to source [1], you get 25 days."),
    ("Laut Quelle 1 sind es 25 Tage.", "Laut Quelle [1] sind es 25 Tage."),
    ("25 days (1). And [2] more (3).", "25 days (1). And [2] more (3)."),
    ("25 days (9).", "25 days (9)."),
]


@pytest.mark.parametrize("mark", [mark.replace("~", " ") for mark in ONE])
@pytest.mark.parametrize("gap", ["", " "])
def test_one_source(mark: str, gap: str) -> None:
    if mark.startswith("¹") and gap:
        gap = ". "
    checked = check_text(f"You get 25 days{gap}{mark}.", 5)
    assert checked.cited == (1,)
    assert checked.text == f"You get 25 days{gap}[1]."


@pytest.mark.parametrize(("mark", "numbers"), SEVERAL)
def test_several_sources(mark: str, numbers: list[int]) -> None:
    checked = check_text(f"You get 25 days{mark}.", 5)
    assert checked.cited == tuple(numbers)
    assert checked.text.startswith("You get 25 days[1]")


@pytest.mark.parametrize("text", NONE)
def test_numbers_that_cite_nothing_stay(text: str) -> None:
    assert (check_text(text, 5).text, check_text(text, 5).cited) == (text, ())


@pytest.mark.parametrize(("written", "checked"), LIKELY)
def test_what_may_be_a_citation_is_one_where_there_is_no_other(written: str, checked: str) -> None:
    assert check_text(written, 5).text == checked


@pytest.mark.parametrize("item", ["1  ", "1 ,  ", "1 and  1 & ", "no. 1 , "])
def test_a_bracket_that_nearly_cites_takes_no_time(item: str) -> None:
    started = time.process_time()
    assert without_marks(f"[{item * 21}x") == f"[{item * 21}x"
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "written", ["```markdown\nTen days [1].\n```", "```\nTen days ［1］.\n```", "````md\nTen days [1]."]
)
def test_an_answer_in_one_fence_cites(written: str) -> None:
    assert check_text(written, 5).cited == (1,)


MARKS = st.sampled_from([mark.replace("~", " ") for mark in ONE] + [mark for mark, _ in SEVERAL])
WORDS = st.sampled_from(
    ["days", "Tage,", "日。", "(see", "below)", "`a[1]`", "10", "m²", "**bold**", "|", "-", "\n", "[x]", "x"]
)


@given(st.lists(st.one_of(MARKS, WORDS), max_size=12).map(" ".join))
def test_checked_text_cites_given_sources_only_and_stays_as_it_is(written: str) -> None:
    checked = check_text(written, 2)
    assert set(checked.cited) <= {1, 2}
    assert check_text(checked.text, 2).cited == checked.cited


@given(st.lists(st.one_of(MARKS, WORDS), max_size=12).map(" ".join))
def test_a_document_s_own_marks_are_taken_for_none_of_ours(written: str) -> None:
    assert cited_numbers(check_text(f"{without_marks(written)} [7]", 7).text) == (7,)


@pytest.mark.parametrize(
    "mark",
    ["[1]", "［１］", "【1†source】", "[Source 1, Source 2]", "(Source 1)", "<sup>1</sup>", "\\cite{1}", "$^{1}$"],
)
def test_a_mark_under_way_is_held_back(mark: str) -> None:
    for length in range(1, len(mark)):
        assert finished_part(f"You get 25 days {mark[:length]}") in ("You get 25 days ", "You get 25 days")

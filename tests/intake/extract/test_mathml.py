"""A formula is said once, and as it is meant."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown

ENERGY = "<mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></mrow>"
SOURCE = "<annotation encoding='application/x-tex'>E=mc^2</annotation>"
BOTH = f"<math><semantics>{ENERGY}{SOURCE}</semantics></math>"


def read(html: str) -> str:
    return html_to_markdown(f"<p>So {html} holds.</p>")[1].strip()


@pytest.mark.parametrize(
    "html",
    [
        f"<math>{ENERGY}</math>",
        BOTH,
        f"<math display=block><semantics>{ENERGY}<annotation-xml><apply><eq></eq></apply></annotation-xml>"
        f"{SOURCE}</semantics></math>",
        f"<math alttext='E=mc^2'>\n {ENERGY}\n</math>",
        f"<span class=katex><span class=katex-mathml>{BOTH}</span>"
        "<span class=katex-html aria-hidden=true><span>E=m</span><span>c2</span></span></span>",
        f"<span><span style='display: none'>{BOTH}</span><img src=e.svg aria-hidden=true alt='{{E=mc^{{2}}}}'></span>",
        f"<span><nobr aria-hidden=true><span>E=mc2</span></nobr><span role=presentation>{BOTH}</span></span>",
        f"<mjx-container><svg aria-hidden=true><text>E</text></svg><mjx-assistive-mml>{BOTH}</mjx-assistive-mml>"
        "</mjx-container>",
    ],
)
def test_a_formula_is_said_once(html: str) -> None:
    assert read(html) == "So E=mc² holds."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<math><mi>a</mi><mspace width='1em'/><ms>b</ms></math>", 'a "b"'),
        ("<math><mi>a</mi><mtext><math><mi>b</mi></math></mtext></math>", "ab"),
        ("<math>a b</math>", "a b"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a+b)/2"),
        ("<msqrt><mi>x</mi></msqrt><mo>+</mo><msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√x+√(x+1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "³√x"),
        ("<msub><mi>x</mi><mi>max</mi></msub><msubsup><mi>y</mi><mn>1</mn><mn>2</mn></msubsup>", "x_max y₁²"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>",
            "∑_(i=1)ⁿi",
        ),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x\u0304"),
        ("<mn>2</mn><mo>&#x2062;</mo><mi>x</mi>", "2x"),
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "sin x"),
        ("<mi>x</mi><mtext> if </mtext><mi>y</mi><mo>&lt;</mo><mi>z</mi>", "x if y\\<z"),
        ("<msup><mi>e</mi><mrow><mo>-</mo><mi>x</mi></mrow></msup>", "e^(-x)"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd></mtr></mtable>",
            "1, 2; 3",
        ),
        ("<mn>1</mn><mphantom><mn>5</mn></mphantom>", "1"),
        ("<msup><mi>x</mi></msup>", "x"),
        ("<mi>x</mi><annotation>x</annotation>", "x"),
    ],
)
def test_a_formula_keeps_its_meaning(html: str, text: str) -> None:
    assert read(f"<math>{html}</math>") == f"So {text} holds."


def test_a_formula_of_a_picture_is_its_alternative() -> None:
    assert read("<math alttext='E = mc^2'></math>") == "So E = mc^2 holds."


def test_a_formula_on_a_line_of_its_own_keeps_its_distance() -> None:
    assert html_to_markdown(f"<p>so<math display=block>{ENERGY}</math>where")[1].strip() == "so E=mc² where"


def test_what_only_stands_beside_a_formula_stays() -> None:
    beside = f"<span>{BOTH}</span> <span aria-hidden=false>or</span> <span>more</span>"
    assert read(beside) == "So E=mc² or more holds."
    assert read(f"<span hidden>{BOTH}</span>so it") == "So so it holds."


def test_a_formula_of_any_depth_is_read() -> None:
    assert "holds" in read("<math>" + "<mrow>" * 5000 + "<mi>x</mi>" + "</mrow>" * 5000 + "</math>")

"""A document's own word for whom it is: understood, or it is for nobody and said to be; never passed over."""

from __future__ import annotations

import time
from pathlib import PurePath

import pytest

from db.corpus import NOBODY, read_audience
from intake.extract import extract_document
from intake.extract.told_audience import read_told_audience

SAID = [
    '---\naudience: "#finance"\n---\n',
    "---\ntitle: Pay\naudience: '#finance'\n---\n",
    '---\nAudience: "#Finance"\n---\n',
    '---\naudiences: ["#finance"]\n---\n',
    '---\naudience:\n  - "#finance"\n---\n',
    '---\ntitle: Leave: the rules\naudience:\n  - "#finance"\n---\n',
    "---\naudience: [#finance]\n---\n",
    '---\naudience : "#finance"\nother: [\n---\n',
    '---\naudience: "#finance\n---\n',
    '\n\n<!-- licence -->\n---\naudience: "#finance"\n...\n',
    '+++\naudience = "#finance"\n+++\n',
    '{\n"title": "Pay",\n"audience": "#finance"\n}\n\n',
    '\ufeff---\r\naudience: "#finance"\r\n---\r\n',
    '---\naudience: "\u200b#finance"\n---\n',
]
UNREADABLE = [
    "---\naudience: #finance\n---\n",
    "---\naudience:\n---\n",
    "---\naudience:\n  - #finance\n---\n",
    "---\naudience: finance\n---\n",
    "---\naudience: developers\n---\n",
    "---\naudience: ''\n---\n",
    "---\naudience: []\n---\n",
    "---\naudience: {who: finance}\n---\n",
    "---\naudience: !secret x\n---\n",
    '---\naudience: "#finance"\naudiences: workspace\n---\n',
    '---\nparams:\n  audience: "#finance"\n---\n',
    '---\ntitle: Pay\naudience: "#finance"\n\n# Pay\n',
    '---\naudience: "#finance"\n# Pay\n',
    'audience: "#finance"\n---\n\n',
    "Title: Pay\nAudience: #finance\n\n",
    '+++\n[extra]\naudience = "#finance"\n+++\n',
    '+++\naudience = "#finance\n',
    '{"audience": "#finance",\n\n# Pay\n',
    '{"title": "Pay", "audience": "#finance",\n\n# Pay\n',
    "---\naudience: not public\n---\n",
    "---\naudience: &x workspace\nother: *x\n---\n",
    '---\naudience: "#finance"\naudience: workspace\n---\n',
    '---\naudience: workspace\naudience: "#finance"\n---\n',
    '---\nAudience: "#finance"\naudience: workspace\n---\n',
    '---\nAudience: workspace\nAUDIENCE: "#finance"\n---\n',
    '---\n{audience: "#finance", audience: workspace}\n---\n',
    '---\nbase: &b {audience: "#finance"}\n<<: *b\naudience: workspace\n---\n',
    '{"audience": "#finance", "audience": "workspace"}\n\n',
    '---\n- audience: "#finance"\n---\n',
    '---\n{title: Pay, audience : "#finance"\n---\n',
    '+++\nextra.audience = "#finance"\n+++\n',
    '+++\nparams = {audience = "#finance"}\n+++\n',
    '---\naudience: [workspace, "#finance"]\n---\n',
    "---\naudience: everyone, nobody\n---\n",
    "audience: ada@example.com\n\n",
    "audience: nobody\n\n",
    "audience: U0456ABCD, U0123ABCD\n\n",
    "# Pay\n\naudience: #finance\n\n",
    "# Pay\n\naudience: C0123ABCD\n\n",
    "# Pay\n\n**Audience:** @leads\n\n",
    "---\ntitle: Pay\n---\n\n# Pay\n\naudience: #finance\n\n",
    "# Pay\n\n> Audience: `#finance` only\n\n",
    "# Pay\n\n- audience: [ada@example.com, #finance]\n\n",
    "<!-- audience: #finance -->\n\n",
    '# Pay\n\n{/* audience: "@leads" */}\n\n',
    "// audience: ada@example.com\n\n",
    "export const meta = {\n  audience: '#finance',\n}\n\n",
    "# Pay\n\n_Audiences_: <#C0123|finance>\n\n",
    "---\n" + "".join(f"field{n}: x\n" for n in range(80)) + 'audience: "#finance"\n\n# Pay\n',
    "+++\n" + "".join(f"field{n} = 1\n" for n in range(80)) + 'audience = "#finance"\n\n# Pay\n',
]
NOTHING_SAID = [
    "",
    "---\ntitle: Pay\n---\n",
    "# Pay\n\nAudience: everybody who works here.\n\n",
    "---\n\nThe audience of this page reads it.\n\n---\n",
    "Who is it for?\n\naudience: engineers\n\n",
    "# Pay\n\nAudience: workspace\n\n",
    "# Pay\n\n**Audience:** everyone at work, and their families\n\n",
    '# Front matter\n\n```yaml\naudience: "#finance"\n```\n\n',
    '# Front matter\n\n    audience: "#finance"\n\n',
    "# Minutes\n\n" + "We met.\n\n" * 30 + "audience: #finance\n\n",
    "The audience: #finance and others.\n\n",
    "# Talks\n\nAudience of 40: engineers\n\n",
]


def extracted(text: str, name: str = "pay.md") -> tuple[object, str | None]:
    found = extract_document(f"{text}The zebra is paid in hay.\n".encode(), PurePath(name))
    return found.audience, found.audience_problem


@pytest.mark.parametrize("head", SAID)
@pytest.mark.parametrize("name", ["pay.md", "pay.txt", "pay.html", "pay.mdx"])
def test_what_it_says_is_understood(head: str, name: str) -> None:
    assert extracted(head, name) == (read_audience("#finance"), None)


@pytest.mark.parametrize("head", UNREADABLE)
@pytest.mark.parametrize("name", ["pay.md", "pay.html"])
def test_what_is_not_understood_is_for_nobody_and_said(head: str, name: str) -> None:
    audience, problem = extracted(head, name)
    assert audience == NOBODY
    assert problem is not None and problem.endswith("nobody sees it until that is mended")


@pytest.mark.parametrize("head", NOTHING_SAID)
def test_what_says_nothing_says_nothing(head: str) -> None:
    assert extracted(head) == (None, None)


def test_a_text_that_begins_with_an_indented_one_is_for_nobody_too() -> None:
    assert extracted("     audience: #finance\n     owner: ada\n\n", "pay.txt")[0] == NOBODY


def test_everybody_may_be_meant() -> None:
    assert extracted("---\naudience: workspace\n---\n") == (read_audience("workspace"), None)


@pytest.mark.parametrize("name", ["pay.rst", "pay.adoc"])
def test_other_markup_may_say_it_too_and_code_never_does(name: str) -> None:
    text = '---\naudience: "#finance"\n---\n\nPay\n===\n\n'
    assert extracted(text, name) == (read_audience("#finance"), None)
    assert extracted(":audience: #finance\n\n", name)[0] == NOBODY
    for code, text in (("t.yaml", "audience: x\n"), ("t.json", '{"audience": "x"}\n'), ("t.py", "audience = 1\n")):
        assert extracted(text, code) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        ("word " * 200 + "\n") * 12,
        "- " * 20_000,
        " \n" * 20_000 + "x",
        "<!--" * 20_000,
        "---\n" + "audience " * 20_000,
        "{" * 20_000,
        "[" * 20_000 + ("\n" + "\t" * 500) * 20,
    ],
    ids=["lines", "dashes", "empty", "comments", "words", "braces", "tabs"],
)
def test_a_text_made_to_take_long_does_not(text: str) -> None:
    started = time.process_time()
    read_told_audience({}, text, text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "said", ["<p>Audience: #finance</p>", "<p><b>Audience:</b> @leads</p>", "<li>audience: U0456ABCD"]
)
def test_a_page_that_shows_it_is_for_nobody_too(said: str) -> None:
    page = f"<html><head><title>Pay</title></head><body><h1>Pay</h1>{said}<p>"
    assert extracted(page, "pay.html")[0] == NOBODY
    assert extracted(page.replace(said, "<p>Audience: everyone here</p>"), "pay.html") == (None, None)

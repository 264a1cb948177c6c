"""What readers of Markdown don't see is no text; what they see is all there."""

from __future__ import annotations

import time

import pytest

from intake.extract.visible import visible_markdown


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("# T\n\n<!--\n# old heading\nsecret\n-->\n\nReal.", "# T\n\nReal."),
        ("One <!-- secret --> two.", "One two."),
        ("One <!-- secret\nsecret --> two.", "One two."),
        ("One {/* secret */} two.", "One two."),
        ("One {% comment %}secret{% endcomment %} two.", "One two."),
        ("One.\n\n{%- comment -%}\nsecret\n\n# secret\n{%- endcomment -%}\n\nTwo.", "One.\n\nTwo."),
        ("One {{< comment >}}secret{{< /comment >}} two{{% comment %}}secret{{% /comment %}}.", "One two."),
        ("One {::comment}secret{:/comment} two{::comment}secret{:/}.", "One two."),
        ("One {# secret #} two {>>secret<<}three %%secret%% four.", "One two three four."),
        ("One.\n\n%%\nsecret\n\n```\nsecret\n```\n%%\n\nTwo.", "One.\n\nTwo."),
        ("| a |\n|---|\n| 1 |\n<!-- secret -->\n| 2 |", "| a |\n|---|\n| 1 |\n| 2 |"),
        ("One <?php secret > secret ?> two.", "One two."),
        ("<?php\nsecret > secret\n\nsecret ?>\n\nOne.", "One."),
        ("<![CDATA[ secret > secret ]]>\n\nOne.", "One."),
        ("One {{/* secret */}} two {{- /* secret */ -}} three.", "One two three."),
        ("One {\n  // secret\n  // secret\n} two.", "One two."),
        ("<div style={{display: 'none'}}>\n\nsecret\n\n</div>\n\nOne.", "One."),
        ("<div hidden={true}>\n\nsecret\n\n</div>\n\nOne.", "One."),
        ("One <b hidden={false}>two</b>.", "One <b hidden={false}>two</b>."),
        ("One { /* secret */ } two.", "One two."),
        ("{/* secret\n\n# secret\n*/}\n\nOne.", "One."),
        ("One.\n\n<!-- secret\n\n```\nsecret\n```\n-->\n\nTwo.", "One.\n\nTwo."),
        ("One <!-- secret\n\nsecret --> two.", "One two."),
        ("One <!-- secret\nsecret\n\nTwo.", "One\n\nTwo."),
        ("One.\n\n<!-- secret\n\nsecret", "One."),
        ("<!-- secret -->\n<!-- secret -->\n\n# T <!-- secret -->\n\nOne.", "# T\n\nOne."),
        ("# T\n<!-- secret -->\nOne.\n<!-- secret -->\nTwo.", "# T\n\nOne.\n\nTwo."),
        ("- one\n  <!-- secret -->\n- two <!-- secret -->", "- one\n\n- two"),
        ("> one <!-- secret --> two", "> one two"),
        ("| a <!-- secret --> | b |\n|---|---|\n| c | d <!-- secret --> |", "| a | b |\n|---|---|\n| c | d |"),
        ("<!-->One<!---> two<!-- secret --!>.", "One two."),
        ("One <?php secret ?> <![CDATA[secret]]> two.", "One two."),
        ('[//]: # (secret)\n[comment]: <> (secret)\n[x]: # "secret"\n\nOne.', "One."),
        ("<script>\nif (secret < 1) { '</div>' }\n\nsecret\n</script>\n\nOne.", "One."),
        ("<style>\n.secret > p {}\n</style>\nOne.", "One."),
        ("One <template>secret</template> <noscript>secret</noscript> two.", "One two."),
        ('<div style="color:red; DISPLAY : None !important">\n\nsecret **x**\n\n# secret\n\n</div>\n\nOne.', "One."),
        ("One <span style='dis/**/play:none'>secret</span> two.", "One two."),
        ("One <span style=display:none>secret <b>secret</b></span> two.", "One two."),
        ("One <span style='display&#58;none'>secret</span> two.", "One two."),
        ("One <span style='visibility:hidden'>secret</span><b hidden>secret</b> two.", "One two."),
        ("<section HIDDEN>\n<div>secret</div>\nsecret\n</section>\nOne.", "One."),
        ("<div hidden>\nsecret\n\n# secret", ""),
        ("One <span hidden>secret\n\nTwo.", "One\n\nTwo."),
        ("One <i hidden>secret\n\nTwo <b>three</b>.", "One\n\nTwo <b>three</b>."),
        ("One <!-- secret\n\nTwo <!-- secret --> three.", "One\n\nTwo three."),
        ("One <div hidden>\n\nsecret\n\n</div>\n\nTwo.", "One\n\nTwo."),
    ],
)
def test_what_is_hidden_is_gone(written: str, read: str) -> None:
    assert visible_markdown(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "`<!-- shown -->` and `` a ` <!-- shown --> ``",
        "```html\n<!-- shown -->\n&amp; <br> <p hidden>\n```",
        "~~~\n<!-- shown\n~~~\n\nOne.",
        "- item\n\n  ```\n  x\n\n  ```\n  ~~~\n  ~~~\n> ```\n> ```",
        "- item\n\n  ```\n  <!-- shown -->\n  {/* shown */}\n  ```",
        "> ```\n> <!-- shown -->\n> ```",
        "\\<!-- shown -->",
        "A --> B, a < b, x <- y, {braces} and {% tags %}, C<T>",
        "<details>\n<summary>Shown</summary>\n\nShown\n\n</details>",
        '<span aria-hidden="true">shown</span> <div hidden="until-found">shown</div>',
        "<b style='display:none;display:inline'>shown</b> <i style='opacity:0.5;font-size:0.9em'>shown</i>",
        "Put it into a <script> tag, or a <style> one.\n\nMore.",
        "[1]: https://x.test 'a link'\n\nText [1].",
        "R&D, AT&T; &nothing; &amp &#; &#x;",
        "One.\n\n\n\nTwo.",
        "## One {#one} two {#two}",
        "{% comment %} and {# and {>> and {::comment} and 100%% of it, %%time and %%bash, `%%a%%`, 50%% 40%% 30%%",
        "  indented by two",
        "-\tone\n\n\t\tcode by tabs",
    ],
)
def test_what_is_seen_stays_as_it_was_written(text: str) -> None:
    assert visible_markdown(text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("R&amp;D has 4&nbsp;million &euro; &#8211; &#xbd;", "R&D has 4 million € – ½"),
        ("&lt;script&gt; &amp;lt; 1 &lt; 2 &gt; 0", "\\<script> \\&lt; 1 < 2 > 0"),
        ("&#42;no emphasis&#42; &#91;1&#93;", "\\*no emphasis\\* \\[1\\]"),
        ("&gt; no quote\n\n&#35; no heading\n\n&#45; no item", "\\> no quote\n\n\\# no heading\n\n\\- no item"),
        ("&nbsp;&nbsp;&nbsp;&nbsp;no code", "no code"),
        ("&#0;a&#x202e;&zwnj;plain", "aplain"),
        ("| a&#124;b | &lt;c&gt; |\n|---|---|\n| R&amp;D | x |", "| a\\|b | \\<c> |\n|---|---|\n| R&D | x |"),
        ("one<br>two<br/>\nthree<BR />", "one\\\ntwo\\\nthree"),
        ("one<br><br>two", "one\n\ntwo"),
        ("- one<br>two\n\n> three<br>four", "- one\\\n  two\n\n> three\\\n> four"),
        ("# One<br>two", "# One two"),
        ("10<sup>2</sup> m<SUP>2</SUP>, CO<sub>2</sub>, 1<sup>st</sup>", "10² m², CO₂, 1st"),
        ("| a |\n|---|\n| one<br />two |", "| a |\n|---|\n| one<br>two |"),
        ("One:\n\n    run `it`\n\n    <!-- now -->\n\nTwo.", "One:\n\n```\nrun `it`\n\n<!-- now -->\n```\n\nTwo."),
        ("- One\n\n  ```sh\n  x\n\nTwo.", "- One\n\n  ```sh\n  x\n  ```\n\nTwo."),
        ("1. ~~~~\n   x\n\n   ~~~\nTwo.", "1. ~~~~\n   x\n\n   ~~~\n   ~~~~\nTwo."),
        ("> ```\n> x\nTwo.", "> ```\n> x\n> ```\nTwo."),
        ("One.\n\n    ```\n    x\n    ```", "One.\n\n````\n```\nx\n```\n````"),
        (
            "<table>\n<tr><th>A</th><th>B</th></tr>\n\n<tr><td>1</td><td>2</td></tr>\n\n</table>\n\nOne",
            "| A | B |\n| --- | --- |\n| 1 | 2 |\n\nOne",
        ),
        (
            "<table>\n<tr><td>\n\nOne `two`\n\n</td></tr></table>",
            "<table>\n<tr><td>\n\nOne `two`\n\n</td></tr></table>",
        ),
    ],
)
def test_what_stands_for_something_is_it(written: str, read: str) -> None:
    assert visible_markdown(written) == read


def test_of_a_module_its_imports_are_no_text() -> None:
    page = (
        'import Tabs from "@theme/Tabs";\nexport const meta = {title: "x"};\n\n# Install\n\nimport your keys first.\n'
    )
    assert visible_markdown(page, is_mdx=True) == "# Install\n\nimport your keys first.\n"
    assert visible_markdown(page) == page


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 500_000,
        "x <!--\n\n" * 40_000,
        "<a " * 500_000,
        '<a "' * 500_000,
        "<b hidden>" * 100_000,
        "x <i hidden>\n\n" * 20_000,
        "<script>" * 200_000,
        "<div hidden></div>\n" * 50_000,
        "&amp;" * 100_000,
        "`" * 1_000_000,
        "".join("`" * length + " " for length in range(1_200)),
        "[" * 2_000_000 + "]: #",
        "{/*" * 500_000,
        "{# " * 300_000,
        "{# %% {>> {% comment %} x\n\n" * 20_000,
        " %%x" * 300_000,
        "<br>" * 300_000,
        "<br " * 300_000,
        ">" * 1_000_000 + "<!--",
        "- " * 300_000 + "<!--",
        "[//]: # (\n" * 60_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_hostile_texts_take_no_time(text: str) -> None:
    started = time.process_time()
    visible_markdown(text)
    assert time.process_time() - started < 20


def test_what_a_module_exports_goes_with_all_its_brackets() -> None:
    module = "export const meta = {\n  title: 'secret',\n\n  rows: [\n\n    'secret',\n  ],\n}\n\n# T\n\nOne {two}."
    assert visible_markdown(module, is_mdx=True) == "# T\n\nOne {two}."
    assert visible_markdown("export const a = 1\n\n# T (one)\n", is_mdx=True) == "# T (one)\n"
    assert visible_markdown("export const a = {\n\nnever closed", is_mdx=True) == "never closed"


def test_unclosed_tags_take_time_in_proportion() -> None:
    def time_of(n: int) -> float:
        begun = time.process_time()
        visible_markdown("a <script> <? <![CDATA[ " * n)
        return time.process_time() - begun

    assert time_of(20_000) < 20 * max(time_of(2_000), 0.01)

"""A page's text is what its readers see, and keeps what it means."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown


def read(html: str) -> str:
    return html_to_markdown(html)[1].strip()


def test_a_note_or_a_footer_in_the_text_belongs_to_it() -> None:
    page = (
        "<main><article><p>Send it.</p><aside><p>Deadline is Friday.</p></aside>"
        "<footer>Approved.</footer></article></main>"
        "<aside>Menu</aside><footer>Imprint</footer>"
    )
    assert read(page) == "Send it.\n\nDeadline is Friday.\n\nApproved."
    assert read(f"<body>{page.replace('main>', 'div>')}</body>") == "Send it.\n\nDeadline is Friday.\n\nApproved."


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display:none'>secret</p>",
        "<p style='COLOR:red; Display : NONE !important;'>secret</p>",
        "<div style='visibility:hidden'><p>secret</p><p style='display:none'>secret</p></div>",
        "<p hidden>secret</p>",
        "<video><p>secret</p></video><audio>secret</audio><canvas>secret</canvas>",
        "<p hidden=''>secret <b hidden>secret</b></p>",
        "<template><p>secret</p></template>",
        "<noscript><p>secret</p></noscript>",
        "<dialog>secret</dialog>",
        "<!-- secret -->",
        "<?php secret ?>",
        "<![CDATA[secret]]>",
        "<script>secret</script><style>secret</style>",
    ],
)
def test_what_is_hidden_is_no_text(hidden: str) -> None:
    assert read(f"<main><p>One.</p>{hidden}<p>Two.</p></main>") == "One.\n\nTwo."


@pytest.mark.parametrize(
    "shown", ["aria-hidden=true", "hidden=until-found", "style='display:block'", "style='opacity:0.9'", "class=hidden"]
)
def test_what_is_shown_is_text(shown: str) -> None:
    assert read(f"<p {shown}>One.</p>") == "One."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>2</sup> m, 5 m<sup>2</sup>, H<sub>2</sub>O", "10² m, 5 m², H₂O"),
        ("10<sup>-3</sup> and x<sup>k+1</sup>, v<sub>max</sub>", "10⁻³ and x^(k+1), v_max"),
        ("the 1<sup>st</sup> of May", "the 1st of May"),
        ("28 days<sup><a href='#fn1'>1</a></sup>", "28 days¹"),
        ("<del>40</del> <s>41</s> <strike>42</strike> 45", "~~40~~ ~~41~~ 42 45"),
        ("press <kbd>Ctrl</kbd>", "press `Ctrl`"),
        ("a &lt;b&gt; &amp;amp; &lt;!-- c --&gt; 1 &lt; 2", "a \\<b> \\&amp; \\<!-- c --> 1 < 2"),
        ("one<br>two<br/><br>three<br>", "one\\\ntwo\n\nthree"),
        ("<ol start=5><li>five<li>six<li value=9>nine<li>ten</ol>", "5. five\n6. six\n9. nine\n10. ten"),
        ("<dl><dt>Term<dd>Meaning</dl>", "Term\n:   Meaning"),
        ("<p># 5 is alive", "\\# 5 is alive"),
    ],
)
def test_values_keep_their_meaning(html: str, text: str) -> None:
    assert read(html) == text


def test_a_part_whose_role_is_main_is_the_main_part() -> None:
    page = "<div>Menu</div><div role=main><p>Send it.</p><aside>Deadline is Friday.</aside></div>"
    assert read(page) == "Send it.\n\nDeadline is Friday."


def test_a_link_to_a_heading_itself_is_none_of_it() -> None:
    assert read("<h1>Install<a class=headerlink href=#i>¶</a></h1>") == "# Install"


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<pre>cd x<br>make</pre>", "```\ncd x\nmake\n```"),
        ("<pre>a\n```\nb\n```\n</pre>", "````\na\n```\nb\n```\n````"),
    ],
)
def test_code_is_as_it_was(html: str, code: str) -> None:
    assert read(html) == code


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("10<sup>2</sup> things", "10² things"),
        ("Install<a class=headerlink href=#i>¶</a>", "Install"),
        (
            "The <math><semantics><msup><mi>x</mi><mn>2</mn></msup><annotation>x^2</annotation></semantics></math> law",
            "The x² law",
        ),
        ("The <abbr title='Service Level'>SL</abbr>", "The SL"),
        ("One<br>two", "One two"),
    ],
)
def test_a_page_without_a_title_has_its_headings(heading: str, title: str) -> None:
    assert html_to_markdown(f"<h1 hidden>secret</h1><h1>{heading}</h1>")[0] == title

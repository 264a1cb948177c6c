"""An HTML page becomes Markdown: its title and its main text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from db.store import clean_text

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MAX_HTML_BYTES = 4_000_000
"""A page's tree takes about eighty times its size in memory."""

ReadPage = Callable[[str], tuple[str | None, str]]
"""A page's title, None where it has none, and its text as Markdown."""

_HIDDEN_TAGS = "script, style, noscript, template, svg, iframe, nav, aside, footer, [hidden]"
_MAX_TITLE_CHARS = 2000


def html_to_markdown(html: str) -> tuple[str | None, str]:
    """A page's title and its main text; scripts, navigation and what is hidden are left out."""
    from bs4 import BeautifulSoup, Comment
    from markdownify import MarkdownConverter

    # html.parser takes time quadratic in a page's unclosed tags; lxml doesn't
    soup = BeautifulSoup(html, "lxml")
    title = _words(soup.title.get_text()) if soup.title is not None else ""
    if not title and soup.h1 is not None:
        title = _words(soup.h1.get_text(" "))
    for hidden in soup.select(_HIDDEN_TAGS):
        hidden.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for image in soup.find_all("img"):
        image.replace_with(str(image.get("alt", "")))
    for link in soup.find_all("a"):
        if str(link.get("href", "")).strip().lower().startswith(("javascript:", "data:", "vbscript:")):
            link.unwrap()
    content = _main_part(soup)
    try:
        text = MarkdownConverter(
            heading_style="ATX", bullets="-", escape_asterisks=False, escape_underscores=False, autolinks=False
        ).convert_soup(content)
    except RecursionError:  # nested deeper than any page that a person made
        text = content.get_text("\n")
    return title or None, re.sub(r"\n{3,}", "\n\n", clean_text(text))


def _main_part(soup: BeautifulSoup) -> Tag:
    mains = soup.find_all("main")
    return mains[0] if len(mains) == 1 else soup.body or soup


def _words(text: str) -> str:
    return " ".join(clean_text(text[:_MAX_TITLE_CHARS]).split())

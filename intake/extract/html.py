"""An HTML page becomes Markdown: its title and its main text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from db.store import clean_text
from intake.extract.abbreviations import spell_out
from intake.extract.frames import open_frames
from intake.extract.hidden import hides
from intake.extract.html_tables import unfold_tables
from intake.extract.numbering import number_items
from intake.extract.raised import as_characters

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MAX_HTML_BYTES = 4_000_000
"""A page's tree takes about eighty times its size in memory."""

_NO_TEXT = "svg, iframe, nav, video, audio, canvas, a.headerlink, dialog:not([open])"
_BESIDE_THE_TEXT = "aside, footer"
_MAY_HIDE = "script, style, template, noscript, [hidden], [style]"
_MAX_TITLE_CHARS = 2000
_XML = re.compile(r"\A\s*<\?xml\s[^>]{0,200}>")
"""XHTML's first line is nothing to a page's parser but a reason to warn."""


def html_to_markdown(html: str) -> tuple[str | None, str]:
    """A page's title and its main text; scripts, navigation and what is hidden are left out.

    A note or a footer within the main text, or an article, belongs to it. Style sheets aren't read: what they hide is
    text.
    """
    from bs4 import BeautifulSoup
    from bs4.element import PreformattedString

    from intake.extract.mathml import write_mathematics
    from intake.extract.page_markdown import to_markdown

    # html.parser takes time quadratic in a page's unclosed tags; lxml doesn't
    soup = BeautifulSoup(_XML.sub("", html), "lxml")
    title = _words(soup.title.get_text()) if soup.title is not None else ""
    open_frames(soup)
    for comment in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        comment.extract()
    write_mathematics(soup)
    _remove_unseen(soup)
    for image in soup.find_all("img"):
        image.replace_with(str(image.get("alt", "")))
    for link in soup.find_all("a"):
        if str(link.get("href", "")).strip().lower().startswith(("javascript:", "data:", "vbscript:")):
            link.unwrap()
    for kind in ("sup", "sub"):
        for small in soup.find_all(kind):
            small.replace_with(as_characters(small.get_text(), kind))
    if not title and soup.h1 is not None:
        soup.h1.smooth()
        title = _words(soup.h1.get_text(" "))
    spell_out(soup)
    unfold_tables(soup)
    number_items(soup)
    return title or None, clean_text(to_markdown(_main_part(soup)))


def _remove_unseen(soup: BeautifulSoup) -> None:
    for tag in soup.select(_NO_TEXT):
        tag.decompose()
    for tag in soup.select(_MAY_HIDE):
        if not tag.decomposed and hides(tag.name, {name: str(value) for name, value in tag.attrs.items()}):
            tag.decompose()
    for tag in soup.select(_BESIDE_THE_TEXT):
        if not tag.decomposed and tag.find_parent(_is_main) is None:
            tag.decompose()


def _is_main(tag: Tag) -> bool:
    return tag.name in ("main", "article") or tag.get("role") in ("main", "article")


def _main_part(soup: BeautifulSoup) -> Tag:
    mains = soup.select("main, [role=main]:not(main)")
    return mains[0] if len(mains) == 1 else soup.body or soup


def _words(text: str) -> str:
    return " ".join(clean_text(text[:_MAX_TITLE_CHARS]).split())

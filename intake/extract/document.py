"""One file's bytes become a document: its title, its clean text by sections, its front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from db.errors import BadInputError, NoTextError
from db.store import clean_text
from intake.extract.decoding import decode_text
from intake.extract.delimited import SUFFIXES as DELIMITED_SUFFIXES
from intake.extract.delimited import delimited_to_markdown
from intake.extract.front_matter import split_front_matter
from intake.extract.headings import Outline, Section, read_outline, shorten
from intake.extract.html import MAX_HTML_BYTES, ReadPage, html_to_markdown
from intake.extract.visible import visible_markdown

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdx"})
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
SUFFIXES = MARKDOWN_SUFFIXES | HTML_SUFFIXES | {".txt", ".text"}
"""What is looked for in folders; a file that is named itself may have any other, and is read as text."""

MAX_TITLE_CHARS = 200

_MAX_URL_CHARS = 2000
_NAMED_AFTER_FOLDER = frozenset({"index", "_index", "readme"})
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_INLINE_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\(data:[^()\s]*\)")


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document as it will be split: the text of its sections is clean, and is Markdown or plain.

    `front_matter` holds strings, lists and dictionaries only; a `url` in it is http or https.
    """

    title: str
    sections: Sequence[Section]
    front_matter: dict[str, Any]
    owner: str | None


def extract_document(data: bytes, path: PurePath, read_page: ReadPage = html_to_markdown) -> Extracted:
    """Reads a file's bytes by the suffix of its name: HTML by `read_page`, Markdown, separated values, else text.

    The title is the front matter's, else an HTML page's own, else the first heading, else the file's name.

    Raises:
        NoTextError: there is no text in it.
        BadInputError: it is binary or too large; the message is a reason without the file's name.
    """
    suffix = path.suffix.lower()
    is_html = suffix in HTML_SUFFIXES
    if is_html and len(data) > MAX_HTML_BYTES:
        raise BadInputError(f"it is an HTML page of more than {MAX_HTML_BYTES // 1_000_000} MB; split it")
    front_matter, text = split_front_matter(clean_text(decode_text(data, is_html=is_html)))
    page_title = None
    if is_html:
        page_title, text = read_page(text)
    elif suffix in MARKDOWN_SUFFIXES:
        text = _INLINE_IMAGE.sub(r"\1", visible_markdown(text, is_mdx=suffix == ".mdx"))
    elif suffix in DELIMITED_SUFFIXES:
        text = delimited_to_markdown(text)
    if not any(char.isalnum() for char in text):
        raise NoTextError("it holds no text")
    if not _is_link(front_matter.get("url")):
        front_matter.pop("url", None)
    own_title = _one_line(_BREAK.sub(" ", unescape(_one_line(front_matter.get("title"))))) or page_title
    owner = _one_line(front_matter.get("owner"))
    is_marked = is_html or suffix in MARKDOWN_SUFFIXES
    outline = read_outline(text) if is_marked else Outline(None, [Section((), text.strip("\n"))])
    return Extracted(
        title=shorten(own_title or outline.title or _readable_name(path), MAX_TITLE_CHARS),
        sections=outline.sections,
        front_matter=front_matter,
        owner=shorten(owner, MAX_TITLE_CHARS) or None,
    )


def _is_link(url: object) -> bool:
    try:
        return (
            isinstance(url, str)
            and len(url) <= _MAX_URL_CHARS
            and urlsplit(url).scheme in ("http", "https")
            and bool(urlsplit(url).hostname)
            and not any(char.isspace() for char in url)
        )
    except ValueError:
        return False


def _one_line(value: object) -> str:
    """A front matter value as one line; what isn't a text is none."""
    if not isinstance(value, str) or value in ("null", "~"):
        return ""
    return " ".join(clean_text(value[: 10 * MAX_TITLE_CHARS]).split())


def _readable_name(path: PurePath) -> str:
    name = path.parent.name if path.stem.lower() in _NAMED_AFTER_FOLDER and path.parent.name else path.stem
    words = " ".join(re.sub(r"[-_+.]+", " ", name).split()) or name
    return words[:1].upper() + words[1:]

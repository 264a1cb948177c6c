"""One file's bytes become a document: its title, its clean text by sections, its front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from db.corpus import NOBODY, NamedAudience
from db.errors import BadInputError, NoTextError
from db.store import clean_text
from intake.extract.apart import HTML_SUFFIXES, ReadFile, read_apart
from intake.extract.apart import SUFFIXES as APART_SUFFIXES
from intake.extract.decoding import decode_text
from intake.extract.encoded_data import shorten_runs, without_data_addresses
from intake.extract.front_matter import split_front_matter
from intake.extract.header_lines import split_header_lines
from intake.extract.headings import Outline, Section, read_outline, shorten
from intake.extract.html import MAX_HTML_BYTES
from intake.extract.secrets import mask_secrets, mask_values
from intake.extract.tags import without_tags
from intake.extract.told_audience import read_told_audience
from intake.extract.visible import visible_markdown
from intake.formats import CODE_SUFFIXES, DELIMITED_SUFFIXES, TEXT_SUFFIXES, Placed, delimited_to_markdown

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdx"})
SUFFIXES = MARKDOWN_SUFFIXES | DELIMITED_SUFFIXES | APART_SUFFIXES | {".txt", ".text"}
"""What is looked for in folders; a file that is named itself may have any other, and is read as text."""

MAX_TITLE_CHARS = 200

_MAX_URL_CHARS = 2000
_WITH_ATTRIBUTES = frozenset({".rst", ".adoc", ".asciidoc"})
_NAMED_AFTER_FOLDER = frozenset({"index", "_index", "readme"})
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document as it will be split: the text of its sections is clean, and is Markdown or plain.

    `front_matter` holds strings, lists and dictionaries only; a `url` in it is http or https. `audience` is who may see
    it by its own word, if it says so: nobody where that can't be made out, for which there is an `audience_problem`.
    `data_left_out` counts runs of base64 and the like.
    """

    title: str
    sections: Sequence[Section]
    front_matter: dict[str, Any]
    owner: str | None
    audience: NamedAudience | None = None
    audience_problem: str | None = None
    secrets_masked: int = 0
    data_left_out: int = 0


def extract_document(data: bytes, path: PurePath, read_file: ReadFile = read_apart) -> Extracted:
    """Reads a file's bytes by the suffix of its name: HTML and formats of others by `read_file`, else as text.

    The title is the front matter's, else the document's own, else the first heading, else the file's name.

    Raises:
        NoTextError: there is no text in it.
        BadInputError: it is binary, protected or too large; the message is a reason without the file's name.
    """
    suffix = path.suffix.lower()
    front_matter: dict[str, Any] = {}
    own_title, is_marked = None, True
    told: dict[str, Any] = {}
    whole = below = ""
    if suffix in HTML_SUFFIXES:
        whole = without_data_addresses(clean_text(decode_text(data, is_html=True)))
        if len(whole.encode()) > MAX_HTML_BYTES:
            raise BadInputError(f"it is an HTML page of more than {MAX_HTML_BYTES // 1_000_000} MB; split it")
        front_matter, below = split_front_matter(whole)
        told = front_matter
        reading = read_file(suffix, below.encode())
        own_title, parts = reading.title, reading.parts
    elif suffix in APART_SUFFIXES:
        if not data:
            raise NoTextError("it is empty")
        if suffix in TEXT_SUFFIXES:
            text = without_data_addresses(decode_text(data))
            data = text.encode()
            whole = clean_text(text) if suffix in _WITH_ATTRIBUTES else ""
            told, below = split_front_matter(whole)
        reading = read_file(suffix, data)
        own_title, parts = reading.title or (path.name if suffix in CODE_SUFFIXES else None), reading.parts
    else:
        whole = without_data_addresses(clean_text(decode_text(data)))
        front_matter, below = split_front_matter(whole)
        is_marked = suffix in MARKDOWN_SUFFIXES
        if is_marked and not front_matter:
            front_matter, below = split_header_lines(below)
        told = front_matter
        parts = [Placed(_visible_text(below, suffix))]
    if not any(char.isalnum() for part in parts for char in part.text):
        raise NoTextError("it holds no text")
    if not _is_link(front_matter.get("url")):
        front_matter.pop("url", None)
    front_matter = mask_values(front_matter)
    told_title = _one_line(_BREAK.sub(" ", unescape(_one_line(front_matter.get("title")))))
    own_title = mask_secrets(own_title or "").text
    owner = _one_line(front_matter.get("owner"))
    masked = [mask_secrets(part.text) for part in parts]
    shortened = [shorten_runs(own.text) for own in masked]
    parts = [replace(part, text=own.text) for part, own in zip(parts, shortened, strict=True)]
    shown = parts[0].text if suffix in HTML_SUFFIXES and parts else below
    audience, audience_problem = _told_audience(told, whole, below, shown)
    outline = read_outline(parts) if is_marked else Outline(None, [Section((), parts[0].text.strip("\n"))])
    return Extracted(
        title=shorten(_first_told(told_title, own_title, outline.title, _readable_name(path)), MAX_TITLE_CHARS),
        sections=outline.sections,
        front_matter=front_matter,
        owner=shorten(owner, MAX_TITLE_CHARS) or None,
        audience=audience,
        audience_problem=audience_problem,
        secrets_masked=sum(own.n for own in masked),
        data_left_out=sum(own.n for own in shortened),
    )


def _told_audience(
    front_matter: dict[str, Any], whole: str, below: str, shown: str
) -> tuple[NamedAudience | None, str | None]:
    try:
        return read_told_audience(front_matter, whole, below, shown), None
    except BadInputError as error:
        return NOBODY, f"{error}; nobody sees it until that is mended"


def _visible_text(text: str, suffix: str) -> str:
    if suffix in MARKDOWN_SUFFIXES:
        is_mdx = suffix == ".mdx"
        return without_tags(visible_markdown(text, is_mdx=is_mdx), is_mdx=is_mdx)
    return delimited_to_markdown(text) if suffix in DELIMITED_SUFFIXES else text


def _is_link(url: object) -> bool:
    try:
        return (
            isinstance(url, str)
            and len(url) <= _MAX_URL_CHARS
            and urlsplit(url).scheme in ("http", "https")
            and bool(urlsplit(url).hostname)
            and urlsplit(url).password is None
            and not any(char.isspace() for char in url)
        )
    except ValueError:
        return False


def _one_line(value: object) -> str:
    """A front matter value as one line; what isn't a text is none."""
    if not isinstance(value, str) or value in ("null", "~"):
        return ""
    return " ".join(clean_text(value[: 10 * MAX_TITLE_CHARS]).split())


def _first_told(*titles: str | None) -> str:
    """The first that tells anything, on one line; a title in a file, or a file's name, may hold any characters."""
    written = (" ".join(clean_text((title or "")[: 10 * MAX_TITLE_CHARS]).split()) for title in titles)
    return next(filter(None, written), "Untitled")


def _readable_name(path: PurePath) -> str:
    name = path.parent.name if path.stem.lower() in _NAMED_AFTER_FOLDER and path.parent.name else path.stem
    words = " ".join(re.sub(r"[-_+.]+", " ", name).split()) or name
    return words[:1].upper() + words[1:]

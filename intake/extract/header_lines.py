"""The header lines that some write in place of front matter: MultiMarkdown's and Pelican's, and Pandoc's; pure."""

from __future__ import annotations

import re
from typing import Any

_KNOWN = frozenset(
    "title subtitle author authors date modified owner url category categories tags keywords slug summary"
    " description status lang language template layout copyright version affiliation email".split()
)
_LINE = re.compile(r"(?P<key>[A-Za-z][A-Za-z -]{0,30}?)[ \t]{0,9}:(?:[ \t]+(?P<value>.*))?")
_TITLE_BLOCK = re.compile(r"%[ \t]+(?P<title>\S.*(?:\n[ \t]+\S.*)*)(?:\n%[^\n]*(?:\n[ \t]+\S.*)*){0,2}(?=\n|\Z)")
_BLANK = re.compile(r"\n[ \t]*(?:\n|\Z)")
_MAX_CHARS = 5_000


def split_header_lines(markdown: str) -> tuple[dict[str, Any], str]:
    """Takes `Title: …` and lines below it, or `% …`, from the top; ({}, the text) where something else stands there.

    Each of the lines up to the first empty one must be a field that such headers have, a title among them, and a text
    must follow: minutes that begin with `Date:` and `Present:` are a text. Who may see a document is told in front
    matter alone.
    """
    start = len(markdown) - len(markdown.lstrip())
    end = _BLANK.search(markdown, start, start + _MAX_CHARS)
    if end is None or not markdown[end.end() :].strip():
        return {}, markdown
    header = markdown[start : end.start()]
    if block := _TITLE_BLOCK.fullmatch(header):
        return {"title": " ".join(block["title"].split())}, markdown[end.end() :]
    fields: dict[str, Any] = {}
    key = ""
    for line in header.split("\n"):
        found = _LINE.fullmatch(line)
        if found and found["key"].lower() in _KNOWN:
            key = found["key"].lower()
            fields[key] = (found["value"] or "").strip()
        elif key and line[:1] in " \t":
            fields[key] = f"{fields[key]} {line.strip()}".strip()
        else:
            return {}, markdown
    return (fields, markdown[end.end() :]) if fields.get("title") else ({}, markdown)

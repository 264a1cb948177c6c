"""The encoding that an HTML page says it is in, as browsers understand it; pure."""

from __future__ import annotations

import re

_SCANNED_BYTES = 65_536
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_XML = re.compile(rb"""\s*<\?xml\s[^>]{0,200}?\bencoding\s*=\s*["']([^"'>]{1,60})["']""")
_META = re.compile(rb"<meta[\s/]([^>]{0,1000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([^\s"'>/=]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_IN_CONTENT = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([^\s"';]{1,60})""", re.IGNORECASE)
_AS_BROWSERS = {"x-user-defined": "cp1252", "gbk": "gb18030"}
"""Where Python's codec of the same name knows fewer characters."""


def declared_encoding(page: bytes) -> str | None:
    """The Python codec of what a page's `meta`, or its XML declaration, says; None where it says nothing usable.

    Labels mean what the WHATWG's Encoding Standard has them mean: latin1 is windows-1252, gb2312 is gb18030, and a page
    that can be read far enough to say UTF-16 is in UTF-8.
    """
    from webencodings import lookup

    head = _COMMENT.sub(b"", page[:_SCANNED_BYTES])
    for label in _labels(head):
        encoding = lookup(label.strip(b" \t\n\f\r").decode("ascii", "replace"))
        if encoding is None or encoding.name == "replacement":
            continue
        if encoding.name.startswith("utf-16"):
            return "utf-8"
        return _AS_BROWSERS.get(encoding.name) or str(encoding.codec_info.name)
    return None


def _labels(head: bytes) -> list[bytes]:
    labels = [found[1] for found in [_XML.match(head)] if found]
    for tag in _META.findall(head):
        attributes = {name.lower(): b"".join(value) for name, *value in _ATTRIBUTE.findall(tag)}
        if b"charset" in attributes:
            labels.append(attributes[b"charset"])
        elif attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
            labels += _IN_CONTENT.findall(attributes.get(b"content", b""))
    return labels

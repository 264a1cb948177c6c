"""OpenDocument texts (LibreOffice's): their content as HTML, by the elements that the standard gives them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from lxml import etree

from db.errors import BadInputError
from intake.formats.office import parse_xml, with_headers
from intake.formats.reading import Placed, Reading, Tell
from intake.formats.zipped import PROTECTED, open_zip

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_TEXT, _TABLE, _OFFICE = (f"{{{_NAMES.format(name)}}}" for name in ("text", "table", "office"))
_STYLE, _MANIFEST = f"{{{_NAMES.format('style')}}}", f"{{{_NAMES.format('manifest')}}}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_NO_TEXT = frozenset(
    {
        f"{_TEXT}tracked-changes",
        f"{_OFFICE}annotation",
        f"{_OFFICE}annotation-end",
        f"{_OFFICE}forms",
        f"{_TEXT}sequence-decls",
        f"{_TEXT}variable-decls",
        f"{_TEXT}table-of-content",
        f"{_TEXT}alphabetical-index",
        f"{_TEXT}note-citation",
        f"{_TEXT}hidden-text",
        "{http://www.w3.org/2000/svg}title",
    }
)
_CODE_STYLES = ("preformatted", "source", "code")
_DEEPEST = 200


def read_odt(data: bytes, tell: Tell) -> Reading:
    """Headings, lists, tables, notes and code; of tracked changes the final text, no comments and nothing hidden.

    Raises:
        BadInputError: it is protected or damaged.
    """
    with open_zip(data, "an OpenDocument text (.odt)") as archive:
        try:
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise BadInputError(PROTECTED)
            content = parse_xml(archive.read("content.xml"))
            meta = parse_xml(archive.read("meta.xml")) if "meta.xml" in archive.namelist() else None
        except (KeyError, etree.XMLSyntaxError):
            raise BadInputError("it is damaged, or no OpenDocument text; open it and save it anew") from None
    body = content.find(f"{_OFFICE}body")
    if body is None:
        raise BadInputError("it is damaged, or no OpenDocument text; open it and save it anew")
    styles = list(content.iter(f"{_STYLE}style"))
    parents = {own.get(f"{_STYLE}name", ""): own.get(f"{_STYLE}parent-style-name", "") for own in styles}
    hidden = {
        own.get(f"{_STYLE}name", "")
        for own in styles
        if any(properties.get(f"{_TEXT}display") == "none" for properties in own)
    }
    html = "".join(_Writer(parents, hidden).write(body, 0)).replace("</pre><pre>", "\n")
    title = next((own.text for own in meta.iter(_TITLE)), None) if meta is not None else None
    return Reading(" ".join((title or "").split()) or None, [Placed(with_headers(html), is_html=True)])


class _Writer:
    """Writes elements as HTML; what it doesn't know is read through."""

    def __init__(self, parents: dict[str, str], hidden: set[str]) -> None:
        self._parents = parents
        self._hidden = hidden

    def write(self, element: etree._Element, deep: int) -> Iterator[str]:
        """An element and all in it."""
        if not isinstance(element.tag, str) or element.tag in _NO_TEXT or deep > _DEEPEST:
            return
        if self._is_hidden(element):
            return
        before, after = self._around(element)
        yield before
        yield escape(element.text or "", quote=False)
        for child in element:
            yield from self.write(child, deep + 1)
            yield escape(child.tail or "", quote=False)
        yield after

    def _is_hidden(self, element: etree._Element) -> bool:
        is_folded = element.tag == f"{_TEXT}p" and element.find(f"{_TEXT}hidden-paragraph") is not None
        return (
            is_folded
            or element.get(f"{_TEXT}display") == "none"
            or element.get(f"{_TEXT}style-name", "") in self._hidden
        )

    def _around(self, element: etree._Element) -> tuple[str, str]:
        name = element.tag
        if name == f"{_TEXT}h":
            level = min(max(int(element.get(f"{_TEXT}outline-level", "1") or 1), 1), 6)
            return f"<h{level}>", f"</h{level}>"
        if name == f"{_TEXT}p":
            return ("<pre>", "</pre>") if self._is_code(element) else ("<p>", "</p>")
        if name == f"{_TEXT}s":
            return " " * min(int(element.get(f"{_TEXT}c", "1") or 1), 200), ""
        if name == f"{_TEXT}tab":
            return "\t", ""
        if name == f"{_TEXT}a":
            return f'<a href="{escape(element.get(_LINK, ""))}">', "</a>"
        if name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            return self._cell(element)
        return _AROUND.get(name, ("", ""))

    def _cell(self, element: etree._Element) -> tuple[str, str]:
        if element.tag == f"{_TABLE}covered-table-cell":
            return "", ""
        spans = "".join(
            f' {html}="{escape(element.get(own, ""))}"'
            for html, own in (
                ("colspan", f"{_TABLE}number-columns-spanned"),
                ("rowspan", f"{_TABLE}number-rows-spanned"),
            )
            if element.get(own)
        )
        return f"<td{spans}>", "</td>"

    def _is_code(self, element: etree._Element) -> bool:
        style = element.get(f"{_TEXT}style-name", "")
        names = (style, self._parents.get(style, ""))
        return any(name.lower().startswith(_CODE_STYLES) for name in names)


_AROUND = {
    f"{_TEXT}list": ("<ul>", "</ul>"),
    f"{_TEXT}list-item": ("<li>", "</li>"),
    f"{_TEXT}list-header": ("<li>", "</li>"),
    f"{_TEXT}line-break": ("<br>", ""),
    f"{_TEXT}note-body": (" (", ")"),
    f"{_TABLE}table": ("<table>", "</table>"),
    f"{_TABLE}table-row": ("<tr>", "</tr>"),
    f"{_TABLE}table-header-rows": ("<thead>", "</thead>"),
}

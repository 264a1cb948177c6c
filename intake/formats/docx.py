"""Word documents: mammoth makes HTML of them, by the styles of their paragraphs."""

from __future__ import annotations

import io
import zipfile
from xml.parsers.expat import ExpatError

import mammoth
from lxml import etree

from db.errors import BadInputError
from intake.formats.office import office_title, parse_xml, with_headers
from intake.formats.reading import Placed, Reading, Tell
from intake.formats.zipped import open_zip

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_STYLES = r"""
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='HTML Preformatted'] => pre:separator('\n')
p[style-name='Source Code'] => pre:separator('\n')
p[style-name='Preformatted Text'] => pre:separator('\n')
p[style-name='macro'] => pre:separator('\n')
p[style-name^='Code'] => pre:separator('\n')
r[style-name='Verbatim Char'] => code
strike => s
"""


def read_docx(data: bytes, tell: Tell) -> Reading:
    """Headings, lists, tables, notes and code as HTML; of tracked changes the final text.

    Comments, headers, footers, pictures, macros and hidden text are left out. Nothing that it links to is looked up.

    Raises:
        BadInputError: it is protected or damaged.
    """
    with open_zip(data, "a Word document (.docx)") as archive:
        if "word/document.xml" not in archive.namelist():
            raise BadInputError("there is no Word document in it; open it in Word and save it anew")
        title = office_title(archive)
        images = mammoth.images.img_element(lambda _image: {"src": ""})
        try:
            seen = io.BytesIO(_without_hidden(archive, data))
            html = mammoth.convert_to_html(seen, style_map=_STYLES, convert_image=images).value
        except (etree.XMLSyntaxError, ExpatError):
            raise BadInputError("it is a damaged Word document; open it in Word and save it anew") from None
    return Reading(title, [Placed(with_headers(html), is_html=True)])


def _without_hidden(archive: zipfile.ZipFile, data: bytes) -> bytes:
    """The document without its runs of hidden text, which mammoth would show."""
    held = {name: archive.read(name) for name in _TEXTS if name in archive.namelist()}
    changed = {name: _without_hidden_runs(part) for name, part in held.items() if b"vanish" in part}
    if not changed:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as copy:
        for name in dict.fromkeys(archive.namelist()):
            if not name.startswith("word/media/"):
                copy.writestr(name, changed.get(name) or archive.read(name))
    return out.getvalue()


def _without_hidden_runs(part: bytes) -> bytes:
    root = parse_xml(part)
    for mark in list(root.iter(f"{_WORD}vanish")):
        run = mark.getparent().getparent()
        if mark.get(f"{_WORD}val", "true") not in ("0", "false", "off") and run.tag == f"{_WORD}r":
            run.getparent().remove(run)
    return bytes(etree.tostring(root))

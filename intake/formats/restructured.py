"""reStructuredText: docutils makes HTML of it; what only Sphinx knows is read as the text that it holds."""

from __future__ import annotations

import re
from typing import Any

import docutils.core
import docutils.utils
from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles

from intake.formats.office import with_headers
from intake.formats.reading import Placed, Reading, Tell

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "line_length_limit": 1_000_000,
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "initial_header_level": 1,
    "syntax_highlight": "none",
    "_disable_config": True,
}
_TARGET = re.compile(r"(.*?)\s*<[^<>]*>", re.DOTALL)
_NO_TEXT = frozenset({"toctree", "only", "index", "highlight", "module", "currentmodule", "include", "literalinclude"})
_CODE = frozenset({"code-block", "sourcecode", "prompt", "doctest", "testcode", "parsed-literal"})


def read_rst(data: bytes, tell: Tell) -> Reading:
    """Sections, lists, tables and code as HTML; nothing is included from other files, and no raw HTML."""
    directives.directive = _directive
    roles.role = _role
    html = docutils.core.publish_parts(data.decode(), writer="html5", settings_overrides=_SETTINGS)["body"]
    html = re.sub(r"(</?)aside\b", r"\1div", html)  # notes, which belong to the text
    return Reading(None, [Placed(with_headers(html), is_html=True)])


class _Unknown(Directive):  # type: ignore[misc]
    """A directive of Sphinx: its content counts, and its arguments where it is an object that is described."""

    optional_arguments = 100
    final_argument_whitespace = True
    has_content = True
    option_spec = None

    def run(self) -> list[Any]:
        """Its content, parsed; code as it is."""
        if self.name in _NO_TEXT:
            return []
        if self.name in _CODE:
            return [nodes.literal_block("\n".join(self.content), "\n".join(self.content))]
        node = nodes.container()
        if self.arguments:
            node += nodes.paragraph("", " ".join(self.arguments))
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


_known_directive, _known_role = directives.directive, roles.role


def _directive(name: str, module: Any, document: Any) -> Any:  # noqa: ANN401 - as docutils has it
    if name in _CODE:
        return _Unknown, []
    found, messages = _known_directive(name, module, document)
    return (found, messages) if found else (_Unknown, [])


def _role(name: str, module: Any, lineno: int, reporter: Any) -> Any:  # noqa: ANN401 - as docutils has it
    found, messages = _known_role(name, module, lineno, reporter)
    return (found, messages) if found else (_read_role, [])


def _read_role(
    _name: str,
    rawtext: str,
    text: str,
    _lineno: int,
    _inliner: object,
    **_options: object,
) -> tuple[list[Any], list[Any]]:
    titled = _TARGET.fullmatch(text)
    words = titled[1] if titled and titled[1] else text.lstrip("~!")
    return [nodes.literal(rawtext, words)], []

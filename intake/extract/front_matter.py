"""Front matter: the YAML between two `---` lines at the top of a document."""

from __future__ import annotations

import re
from typing import Any

import yaml

from db.store import clean_text

MAX_CHARS = 65_536

_MAX_DEPTH = 20
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


class _PlainLoader(yaml.BaseLoader):
    """Every scalar stays the text that was written, and an alias, with which a line becomes a gigabyte, is refused."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not supported")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Takes clean text apart into front matter and the rest.

    Values are strings, lists and dictionaries of strings, as JSON has them: a date stays as it was written. Without
    front matter, or where it isn't YAML, isn't a dictionary or is longer than `MAX_CHARS`, it is ({}, text).
    """
    if not text.startswith("---\n"):
        return {}, text
    end = _END.search(text, 4, MAX_CHARS)
    if end is None:
        return {}, text
    try:
        loaded = yaml.load(text[4 : end.start()], _PlainLoader)  # noqa: S506 - makes nothing but strings
        values = _plain(loaded, _MAX_DEPTH)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    return (values, text[end.end() :]) if isinstance(values, dict) else ({}, text)


def _plain(value: object, depth: int) -> Any:  # noqa: ANN401 - JSON
    """YAML escapes can bring back what was cleaned away, and keys may be tuples."""
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        return {clean_text(str(key)): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    return clean_text(str(value))

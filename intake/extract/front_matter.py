"""Front matter: the YAML, TOML or JSON at the top of a document; pure.

What PyYAML, tomllib and json read is read by them. What people write and these refuse, such as
`title: Leave: the rules`, is read field by field: a broken field costs that field alone, and none of it becomes the
document's text.
"""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

import yaml

from db.store import clean_text

MAX_CHARS = 65_536

_MAX_DEPTH = 20
_BEFORE = re.compile(r"(?:\s*(?:<!--(?:(?!-->).)*-->|\{/\*(?:(?!\*/\}).)*\*/\}))*+\s*", re.DOTALL)
_OPENED = re.compile(
    r"(?P<mark>-{3,}|\+\+\+|;;;)[ \t]*(?P<kind>yaml|toml|json)?[ \t]*\n|(?=\{[ \t]*(?:\n|\"))", re.IGNORECASE
)
_END = {
    "---": re.compile(r"^(?:-{3,}|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
    ";;;": re.compile(r"^;;;[ \t]*$", re.MULTILINE),
}
_JSON_END = re.compile(r"^\}[ \t]*$", re.MULTILINE)
_FIELDS = {
    "yaml": re.compile(
        r"(?P<key>[^\W\d][\w .-]{0,60}?|\"[^\"]{1,60}\"|'[^']{1,60}')\s{0,9}:"
        r"(?:(?:[ \t]+|(?<=[Tt]itle:|[Oo]wner:))(?P<value>.*))?"
    ),
    "toml": re.compile(r"(?P<key>[\w-]{1,60}|\"[^\"]{1,60}\")[ \t]{0,9}=[ \t]*(?P<value>.*)"),
    "json": re.compile(r"\s*\"(?P<key>[^\"]{1,60})\"[ \t]*:[ \t]*(?P<value>.*?),?"),
}
"""A line of its own in each that is a field's beginning."""

_NO_FIELD = (" ", "#", "-", "]", "}")
_WITHIN = (" ", "\t", "[", "]", "{", "}", '"', "'")
_TOML_TABLE = re.compile(r"\[{1,2}[\w.\"' -]{1,200}\]{1,2}[ \t]*(?:#.*)?")
_GAP = re.compile(r"\n(?:[ \t]*\n)+")
_COMMON = frozenset("title date owner url tags id layout description author slug".split())


class _PlainLoader(yaml.BaseLoader):
    """Every scalar stays the text that was written; what people write for a title and YAML takes for a mark is refused.

    That is a tag of nobody's (`!important`) and an anchor (`&co`) before plain words, and an alias, with which a line
    becomes a gigabyte.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not supported")
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.ScalarEvent) and not event.style and (event.anchor or _is_own_tag(event.tag)):
            raise yaml.YAMLError("marks are not supported")
        return super().compose_node(parent, index)


def _is_own_tag(tag: str | None) -> bool:
    return tag is not None and tag != "!" and not tag.startswith("tag:yaml.org,2002:")


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Takes clean text apart into front matter and the rest.

    Names are in lower case, values are strings, lists and dictionaries of strings, as JSON has them: YAML's stay
    as they were written. Empty lines and comments may stand before it. Without front matter, or where
    what stands there is no fields (but a text between two rules), or is longer than `MAX_CHARS`, it is ({}, text).
    """
    before = _BEFORE.match(text)
    start = before.end() if before else 0
    opened = _OPENED.match(text, start)
    if opened is None or (start and text[start - 1] != "\n"):
        return {}, text
    if not opened["mark"]:
        return _split_json(text, start)
    mark = opened["mark"][:3]
    end = _END[mark].search(text, opened.end(), start + MAX_CHARS)
    if end is None:
        return {}, text
    kind = opened["kind"].lower() if opened["kind"] else {"+++": "toml", ";;;": "json"}.get(mark, "yaml")
    written = text[opened.end() : end.start()]
    values, n_read = _read(kind, written) if written.strip() else ({}, len(written))
    if values is None:
        return {}, text
    return values, text[end.end() :] if n_read == len(written) else text[opened.end() + n_read :]


def _split_json(text: str, start: int) -> tuple[dict[str, Any], str]:
    """JSON has no marks around it: it ends where it ends, and what is only JSON is a text."""
    try:
        _, end = json.JSONDecoder().raw_decode(text[start : start + MAX_CHARS])
        end += start
    except (ValueError, RecursionError):
        closed = _JSON_END.search(text, start, start + MAX_CHARS)
        end = closed.end() if closed else start
    values, _ = _read("json", text[start:end])
    return (values, text[end:]) if values and text[end : end + 1] in ("", "\n") and text[end:].strip() else ({}, text)


def _read(kind: str, written: str) -> tuple[dict[str, Any] | None, int]:
    """The fields, None where there are none, and how far they go: a text is below those that nobody closed."""
    try:
        values = _plain(_LOADERS[kind](written), _MAX_DEPTH)
        if isinstance(values, str):  # "title:Leave"
            raise ValueError("no fields")
    except (yaml.YAMLError, ValueError, RecursionError):
        end = _end_of_fields(kind, written)
        values = _read_fields(kind, written[:end])
        is_closed = end == len(written)
        return values if is_closed or not _COMMON.isdisjoint(values or ()) else None, end
    return _in_lower_case(values) if isinstance(values, dict) else None, len(written)


def _end_of_fields(kind: str, written: str) -> int:
    """Where an empty line is followed by a paragraph without a field; else the end of all."""
    for gap in _GAP.finditer(written):
        end = written.find("\n\n", gap.end())
        paragraph = written[gap.end() : end if end >= 0 else len(written)].split("\n")
        if not any(line.startswith(_WITHIN) or _FIELDS[kind].fullmatch(line) for line in paragraph):
            return gap.start()
    return len(written)


def _read_fields(kind: str, written: str) -> dict[str, Any] | None:
    """Each field by itself, or as it stands where it is broken; None where it rather is a text between two rules."""
    lines = textwrap.dedent(written.replace("\t", "  ")).strip("\n").strip("{}" if kind == "json" else "").split("\n")
    begun = [line for line in lines if line.strip() and (kind == "json" or not line.startswith(_NO_FIELD))]
    found = [_FIELDS[kind].fullmatch(line) for line in begun]
    names = {field["key"].lower() for field in found if field}
    if not begun or found[0] is None or (2 * len(names) <= len(begun) and names.isdisjoint(_COMMON)):
        return None
    return _in_lower_case(dict(_each_field(kind, lines)))


def _each_field(kind: str, lines: list[str]) -> Iterator[tuple[str, Any]]:
    if kind == "toml":
        lines = list(takewhile(lambda line: not _TOML_TABLE.fullmatch(line), lines))
    begun = [(place, found) for place, line in enumerate(lines) if (found := _FIELDS[kind].fullmatch(line))]
    ends = [place for place, _ in begun[1:]] + [len(lines)]
    for (start, found), end in zip(begun, ends, strict=True):
        own = "\n".join(lines[start:end]).rstrip()
        try:
            values = _plain(_LOADERS[kind]("{" + own.rstrip(",") + "}" if kind == "json" else own), _MAX_DEPTH)
        except (yaml.YAMLError, ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            yield from values.items()
        elif value := _unquoted(clean_text(found["value"] or "").strip()):
            yield _unquoted(clean_text(found["key"])), value


def _unquoted(value: str) -> str:
    """Without quotation marks around it, or the one that was never closed; `"Pay" and "leave"` needs its own."""
    if value[:1] not in ('"', "'"):
        return value
    if value.count(value[0]) == 1:
        return value[1:].strip()
    is_around = value[-1] == value[0] and not re.search(
        rf"\A[^{value[0]}]*[^\s{value[0]}]{value[0]}(?!\w)", value[1:-1]
    )
    return value[1:-1].strip() if is_around else value


def _in_lower_case(values: dict[str, Any]) -> dict[str, Any]:
    """`Title` is `title`, unless there is one."""
    return {key.lower(): value for key, value in values.items()} | {
        key: value for key, value in values.items() if key.islower()
    }


def _load_yaml(written: str) -> object:
    return yaml.load(written, _PlainLoader)  # noqa: S506 - makes nothing but strings


_LOADERS: dict[str, Callable[[str], object]] = {"yaml": _load_yaml, "toml": tomllib.loads, "json": json.loads}


def _plain(value: object, depth: int) -> Any:  # noqa: ANN401 - JSON
    """YAML escapes can bring back what was cleaned away, and keys may be tuples."""
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, dict):
        return {clean_text(str(key)): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return clean_text(str(value))

"""A server that refuses a request for one of its parameters: which one, and the request without it; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

_NEEDED = frozenset({"model", "messages", "response_format", "tools", "tool_choice"})
SYSTEM_ROLE = "messages.system"
"""Stands for the system message among the parameters: some models' templates know none."""

_POINTERS = frozenset({"param", "parameter", "params", "parameters", "loc", "field", "property", "path"})
_NO_SYSTEM_ROLE = re.compile(
    r"system\W{0,3}(?:role|prompt|message|instruction)s?\b.{0,40}not (?:be )?(?:support|allow|enabled)|"
    r"(?:not support|unsupported|unknown|invalid)\b.{0,60}\bsystem\W{0,3}(?:role|prompt|message|instruction|with this)|"
    r"developer instruction is not enabled|roles must alternate",
    re.IGNORECASE | re.DOTALL,
)
_LIMITS = ("max_tokens", "max_completion_tokens")
_SPELT = {
    "stream": r"stream(?:ing)?",
    "reasoning_effort": r"reasoning(?:[_\-. ]?effort)?",
    "max_tokens": r"max(?:imum)?[_\-. ]?(?:(?:output|new)[_\-. ]?)?tokens",
    "max_completion_tokens": r"max(?:imum)?[_\-. ]?(?:completion|output|new)?[_\-. ]?tokens",
}


def named_parameter(body: bytes, sent: Collection[str]) -> str | None:
    """Which of the sent parameters an error's body complains of; None where it names none that may be missing.

    A field that points at one (`param`, `loc`, …) counts first, then what the texts mention first: later ones are
    what the server suggests instead.
    """
    if _NO_SYSTEM_ROLE.search(body.decode("utf-8", "replace")):
        return SYSTEM_ROLE if SYSTEM_ROLE in sent else None
    candidates = sorted(set(sent) - _NEEDED, key=len, reverse=True)
    pointed: list[str] = []
    texts: list[str] = []
    for is_pointer, text in _strings(_parse(body), is_pointer=False):
        (pointed if is_pointer else texts).append(text)
    return _first_mentioned(pointed, candidates) or _first_mentioned(texts, candidates)


def without_parameters(request: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The request as it is after the server refused these, one after the other.

    A limit on tokens goes by its other name first, a stream becomes one whole reply, the system message goes to the
    head of the next one, all else is left out.
    """
    left = dict(request)
    for place, name in enumerate(names):
        if name == SYSTEM_ROLE:
            left["messages"] = _without_system_role(left["messages"])
            continue
        if name == "stream":
            left["stream"] = False
            left.pop("stream_options", None)
            continue
        value = left.pop(name, None)
        other = next((limit for limit in _LIMITS if limit != name), None) if name in _LIMITS else None
        if other is not None and value is not None and other not in names[:place]:
            left[other] = value
    return left


def _without_system_role(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The system message at the head of the one that follows it."""
    texts = [str(message.get("content")) for message in messages if message.get("role") in ("system", "developer")]
    others = [dict(message) for message in messages if message.get("role") not in ("system", "developer")]
    if others and texts:
        others[0]["content"] = "\n\n".join([*texts, str(others[0].get("content"))])
    return others


def _parse(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _strings(value: object, *, is_pointer: bool) -> Iterator[tuple[bool, str]]:
    """Every text in an error's body, and whether it points at a part of the request."""
    if isinstance(value, str):
        yield is_pointer, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _strings(part, is_pointer=is_pointer or str(key).lower() in _POINTERS)
    elif isinstance(value, Sequence):
        for part in value:
            yield from _strings(part, is_pointer=is_pointer)


def _first_mentioned(texts: Sequence[str], candidates: Sequence[str]) -> str | None:
    text = "\n".join(texts)
    found = []
    for name in candidates:
        spelt = _SPELT.get(name) or r"[_\-. ]?".join(map(re.escape, name.split("_")))
        if mention := re.search(rf"(?<![A-Za-z0-9]){spelt}(?![A-Za-z0-9_])", text, re.IGNORECASE):
            found.append((mention.start(), name))
    return min(found, key=lambda mention: mention[0])[1] if found else None

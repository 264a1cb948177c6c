"""What OpenAI-compatible servers send, made into what OpenAI itself would send; pure.

A stream may come as one JSON object, contents as lists of typed parts, the end under many names or none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from db.errors import LanguageModelError

MAX_PIECE_BYTES = 4 * 1024 * 1024
"""No event of a stream, and no reply that comes whole, is larger."""

_UNSAID = frozenset({"", "null", "none", "undefined", "unspecified", "finish_reason_unspecified"})
_BROKE_OFF = re.compile(
    r"filter|safety|refus|recitation|block|prohibit|spii|error|abort|cancel|insufficient|network|time_?out|malformed"
    r"|sensitive|guardrail|toxic|fail|interrupt|disconnect|preempt"
)
_CUT = re.compile(r"length|max_?(?:\w+_)?tokens|token_?limit|context_window|\blimit")


def end_named(reason: object) -> str | None:
    """A finish reason as OpenAI names it: "stop", "length", the word for a reply that broke off; None: not said.

    What no list knows was still said at an end: such a reply is whole.
    """
    if isinstance(reason, Mapping):
        reason = reason.get("type") or reason.get("reason")
    word = "" if reason is None else str(reason).strip().lower()
    if word in _UNSAID:
        return None
    if _BROKE_OFF.search(word):
        return re.sub(r"[^\w-]", "", word)[:40]
    return "length" if _CUT.search(word) else "stop"


def text_of(content: object) -> str:
    """The text of a content, which may be a list of typed parts: of those that are text, and no thoughts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        kind = str(content.get("type") or "text").lower()
        if kind not in ("text", "output_text", "text_delta", "message"):
            return ""
        inner = content.get("text", content.get("value", content.get("content")))
        return text_of(inner)
    return "".join(map(text_of, content)) if isinstance(content, list) else ""


def plain_completion(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply that came whole, each choice's content a text and its end named as OpenAI names it."""
    choices = []
    for choice in _choices(reply):
        message = choice.get("message") or {"role": "assistant", "content": choice.get("text")}
        content = message.get("content")
        plain = content if content is None else text_of(content)
        end = end_named(choice.get("finish_reason")) or "stop"
        choices.append({**choice, "message": {**message, "content": plain}, "finish_reason": end})
    return {**reply, "choices": choices}


class EventStream:
    """Takes what a server sends in reply to a request for a stream, and gives OpenAI's events, `data: …` each.

    A stream that ends with `[DONE]` is whole, whether or not it gave a finish reason; one that just ends isn't.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._is_json: bool | None = None
        self._lines: list[bytes] = []
        self._ended = False
        self._refused = False
        self._has_event = False

    def feed(self, data: bytes) -> bytes:
        """The events that are complete with this piece.

        Raises:
            LanguageModelError: what comes is too large for an answer.
        """
        self._rest += data
        if self._is_json is None:
            start = self._rest.lstrip(b"\xef\xbb\xbf \t\r\n")
            self._is_json = start[:1] in (b"{", b"[") if start not in (b"", b"\xef", b"\xef\xbb") else None
            self._rest = start if self._is_json is not None else self._rest
        if self._is_json is False:
            *lines, self._rest = self._rest.split(b"\n")
            events = b"".join(map(self._line, lines))
        else:
            events = b""
        if len(self._rest) > MAX_PIECE_BYTES:
            raise LanguageModelError("it sent more than an answer can be")
        return events

    def end(self) -> bytes:
        """The events that are complete now that nothing more comes.

        Raises:
            LanguageModelError: there was none at all, as on a page for people.
        """
        rest, self._rest = self._rest, b""
        if not self._is_json:
            events = self._line(rest) + self._line(b"")
            if not self._has_event:
                raise LanguageModelError(
                    "what it sent is no chat completion: does NIGHTSHIFT_LLM_BASE_URL lead to one?"
                )
            return events
        try:
            reply = json.loads(rest.decode("utf-8-sig", "replace"))
        except ValueError:
            return b"".join(self._data(line.strip()) for line in rest.split(b"\n") if line.strip())
        if not isinstance(reply, dict) or reply.get("error") or reply.get("object") == "error":
            return self._data(rest)
        return self._event(reply) + self._data(b"[DONE]")

    def _line(self, line: bytes) -> bytes:
        line = line.rstrip(b"\r")
        payload = line[5:].strip() if line.startswith(b"data:") else None
        if payload == b"[DONE]" or (payload is None and not line.strip()):
            broken, self._lines = self._lines, []
            events = self._data(b"\n".join(broken)) if broken else b""
            return events + (self._data(payload) if payload else b"")
        if payload is None:
            return b""
        self._lines.append(payload)  # an event may have several lines
        whole = b"\n".join(self._lines)
        if not _is_json(whole):
            return b""
        self._lines = []
        return self._data(whole)

    def _data(self, payload: bytes) -> bytes:
        self._has_event = True
        if payload == b"[DONE]":
            end = b"" if self._ended else self._event({"choices": [{"finish_reason": "stop"}]})
            return end + _written("[DONE]")
        try:
            chunk = json.loads(payload)
        except ValueError:
            return _written(payload.decode("utf-8", "replace"))
        return self._event(chunk) if isinstance(chunk, dict) else b""

    def _event(self, chunk: dict[str, Any]) -> bytes:
        if chunk.get("error") or chunk.get("object") == "error":
            return _written(json.dumps({"error": chunk.get("error") or {"message": "error"}}))
        choices = []
        for choice in [choice for choice in _choices(chunk) if not choice.get("index")][:1]:
            said = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
            self._refused = self._refused or bool(said.get("refusal"))
            end = "refusal" if self._refused else end_named(choice.get("finish_reason"))
            self._ended = self._ended or end is not None
            delta = {"role": "assistant", "content": text_of(said.get("content"))}
            choices.append({"index": 0, "delta": delta, "finish_reason": end})
        known = {"id": str(chunk.get("id") or ""), "model": str(chunk.get("model") or ""), **_usage(chunk)}
        return _written(json.dumps({**known, "object": "chat.completion.chunk", "created": 0, "choices": choices}))


def _choices(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    choices = reply.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _usage(chunk: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """How many tokens it took, where that is told."""
    told = chunk.get("usage")
    if not isinstance(told, dict):
        return {}
    read, written = told.get("prompt_tokens"), told.get("completion_tokens")
    if not (isinstance(read, int) and isinstance(written, int) and min(read, written) >= 0):
        return {}
    return {"usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}}


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _written(payload: str) -> bytes:
    return f"data: {payload}\n\n".encode()

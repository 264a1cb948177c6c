"""An OpenAI-compatible server of the tests' own, for what servers really send and refuse."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from db.chat import transport as chat_transport
from db.settings import Settings


@dataclass(frozen=True)
class Reply:
    """What goes over the wire."""

    body: bytes
    status: int = 200
    kind: str = "text/event-stream"


@dataclass(frozen=True)
class Request:
    """What came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        return {name: value for name, value in self.body.items() if name not in ("model", "messages", "stream")}


def chunk(content: object = None, end: object = None, **delta: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": content, **delta}, "finish_reason": end}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def stream(*chunks: object, done: bool = True) -> Reply:
    events = [*(json.dumps(piece) for piece in chunks), *(["[DONE]"] if done else [])]
    return Reply("".join(f"data: {event}\n\n" for event in events).encode())


def said(text: str, end: object = "stop", *, size: int = 7, done: bool = True) -> Reply:
    pieces = [chunk(text[start : start + size]) for start in range(0, len(text), size)]
    return stream(chunk("", role="assistant"), *pieces, chunk(None, end), done=done)


def as_json(body: object, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status, "application/json")


def refused(body: object, status: int = 400) -> Reply:
    return as_json(body, status)


@dataclass
class ChatServer:
    """Answers each request as `answer` says, and keeps what it got."""

    address: str
    answer: Callable[[Request], Reply]
    requests: list[Request] = field(default_factory=list)

    def settings(self, **changes: Any) -> Settings:
        values = {"llm_base_url": f"{self.address}/v1", "llm_api_key": "sk-x", "llm_model": "m", "llm_retries": 0}
        return Settings(**{"data_dir": Path("unused"), "llm_deadline_s": 20.0, **values, **changes})

    def says(self, *replies: Reply) -> None:
        """One after the other; the last one goes on."""
        left = list(replies)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def refuses(self, names: Sequence[str], error: Callable[[str], object], reply: Reply, status: int = 400) -> None:
        """Refuses a request with any of these parameters, naming the first one it has."""

        def answer(request: Request) -> Reply:
            named = next((name for name in names if name in request.body), None)
            return reply if named is None else refused(error(named), status)

        self.answer = answer


@pytest.fixture
def chat_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server that says yes until a test says otherwise; nothing is remembered of others that had its port."""
    monkeypatch.setattr(chat_transport, "_left_out", {})
    monkeypatch.setattr(chat_transport, "_paths", {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, json.loads(content))
            double.requests.append(request)
            reply = double.answer(request)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            with suppress(ConnectionError):  # whoever asked has heard enough
                self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double = ChatServer(f"http://127.0.0.1:{server.server_port}", lambda _: said("Yes [1]."))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield double
        server.shutdown()
        thread.join()

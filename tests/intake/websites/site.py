"""A real web server of the tests' own: what it answers is set, and what it was asked is noted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANGS_UP = 0
"""The status of an answer that never comes: the connection is closed instead."""


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    first: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """What comes before it, once each."""


@dataclass
class Site:
    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Path and status of each request, robots.txt aside."""

    def page(self, path: str, text: str, *links: str, head: str = "", **headers: str) -> Answer:
        anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
        body = f"<html><head><title>{text}</title>{head}</head><body><main><p>{text} is told here.</p>{anchors}</main>"
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(body.encode(), headers={"Content-Type": "text/html", **told})
        return self.answers[path]

    def text(self, path: str, text: str, **headers: str) -> Answer:
        """A page that needs no process of its own to be read."""
        body = f"# {text}\n\n{text} is told here.\n".encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(body, headers={"Content-Type": "text/markdown", **told})
        return self.answers[path]

    def sitemap(self, *paths: str, at: str = "/sitemap.xml", index: bool = False) -> Answer:
        names = ("sitemapindex", "sitemap") if index else ("urlset", "url")
        listed = "".join(f"<{names[1]}><loc>{self.url}{path}</loc></{names[1]}>" for path in paths)
        body = f"<{names[0]}>{listed}</{names[0]}>".encode()
        self.answers[at] = Answer(body, headers={"Content-Type": "application/xml"})
        return self.answers[at]

    def redirect(self, path: str, to: str, status: int = 301) -> None:
        self.answers[path] = Answer(status=status, headers={"Location": to})

    def statuses(self) -> dict[str, int]:
        """Of what was asked since this was called last."""
        told = dict(self.asked)
        self.asked.clear()
        return told


@contextmanager
def serving_site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = site.answers.get(self.path, Answer(b"no", 404))
            status, headers, body = answer.status, answer.headers, answer.body
            if answer.first:
                (status, headers), body = answer.first.pop(0), b""
            etag = headers.get("ETag")
            if status == 200 and etag is not None and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
            if status == HANGS_UP:
                self.close_connection = True
                return
            if self.path != "/robots.txt":
                site.asked.append((self.path, status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 304:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""The audit: what is known is told, and that nothing could be learnt is never taken for that nothing is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.test_lock import load_script

VULNERABILITY = {
    "id": "TEST-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "torch", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


class Advisories(BaseHTTPRequestHandler):
    """Knows of `vulnerable`, a package; all others are well."""

    vulnerable = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = [VULNERABILITY] if asked["package"]["name"] == self.vulnerable else []
        body = json.dumps({"vulns": found} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def advisories() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.mark.parametrize("vulnerable", ["torch", ""])
def test_what_is_known_is_told(
    advisories: str, vulnerable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Advisories, "vulnerable", vulnerable)
    code = load_script("audit").audit("-s", "osv", "--osv-url", advisories)
    out, err = capsys.readouterr()
    assert (code, err) == (1 if vulnerable else 0, "")
    assert ("TEST-2026-1, mended in 99.0" in out) == bool(vulnerable)
    assert f"packages audited, {int(bool(vulnerable))} known" in out


def test_where_nobody_answers_nothing_is_said_to_be_well(capsys: pytest.CaptureFixture[str]) -> None:
    code = load_script("audit").audit("-s", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")
    assert code == 2
    assert "AUDITED" in capsys.readouterr().err

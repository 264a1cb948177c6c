"""A language model nobody here wrote: aimock, an OpenAI-compatible HTTP server from npm."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.settings import Settings
from tests.npm import node, npm_package

AIMOCK = ("@copilotkit/aimock", "1.43.0")


class Aimock:
    """A running server; `says` and `fails` set what the next requests get, `prompts` shows what they held."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.base_url = f"{address}/v1"

    def says(self, content: str, to: str = "", **fixture: Any) -> None:
        """Answers every request with this, or those whose prompt has `to` in it; what is set first counts.

        `fixture` may hold aimock's latency (ms a chunk), chunkSize and the like. A dict given as `response` adds to
        the response, e.g. {"finishReason": "length"}.
        """
        response = {"content": content} | fixture.pop("response", {})
        self._call(
            "POST",
            "fixtures",
            {"fixtures": [{"match": {"userMessage": to} if to else {}, "response": response, **fixture}]},
        )

    def fails(self, status: int, times: int = 1) -> None:
        """The next so many requests get this status."""
        for _ in range(times):
            self._call("POST", "error", {"status": status})

    def breaks(self, **rates: float) -> None:
        """Sets aimock's chaos: dropRate, malformedRate, disconnectRate, each 0 to 1."""
        self._call("POST", "chaos", rates)

    def requests(self) -> list[dict[str, Any]]:
        """What was sent to /v1/chat/completions, oldest first."""
        return [entry["body"] for entry in self._call("GET", "journal") if entry["path"].endswith("/chat/completions")]

    def prompts(self) -> list[str]:
        """All messages of each request, as one text."""
        return ["\n\n".join(message["content"] for message in body["messages"]) for body in self.requests()]

    def reset(self) -> None:
        """Forgets fixtures, failures and requests."""
        self._call("POST", "reset")
        self._call("DELETE", "chaos")

    def settings(self, **changes: Any) -> Settings:
        """Settings that lead to this server; retries are quick to end."""
        values: dict[str, Any] = {
            "llm_base_url": self.base_url,
            "llm_api_key": "x",
            "llm_model": "test",
            "llm_deadline_s": 20,
        }
        return Settings(data_dir=Path("unused"), encoder_dtype="float32", **(values | changes))

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/__aimock/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read() or b"null")


@pytest.fixture(scope="session")
def aimock_server() -> Iterator[Aimock]:
    """One server for the whole test run, on a free port of the loopback."""
    package = npm_package(*AIMOCK)
    with tempfile.TemporaryDirectory(prefix="aimock-") as fixtures:
        command = [node(), os.fspath(package / "dist" / "cli.js"), "-p", "0", "-f", fixtures]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    if started := re.search(r"listening on (http://\S+)", line):
                        break
                else:
                    pytest.fail(f"aimock ended with code {process.wait()} before it listened")
                yield Aimock(started[1])
            finally:
                process.kill()


@pytest.fixture
def aimock(aimock_server: Aimock) -> Aimock:
    """The server, with nothing left of earlier tests."""
    aimock_server.reset()
    return aimock_server

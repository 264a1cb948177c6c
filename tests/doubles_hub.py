"""A Hugging Face of the tests' own, over HTTP: one model, `team/model`, whose main branch may move."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import ROOT

FIRST_COMMIT = "0123456789" * 4


@dataclass
class Hub:
    """What it has, by commit; `asked`: the paths of all requests, `fetched`: the files that were read."""

    main: str = FIRST_COMMIT
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def fetched(self) -> list[str]:
        return [path.split("/", 5)[5] for path in self.asked if "/resolve/" in path]

    def has(self, folder: Path, more: Mapping[str, bytes] | None = None, commit: str = FIRST_COMMIT) -> None:
        """Puts the folder's files on the main branch, as this commit."""
        paths = (path for path in folder.rglob("*") if path.is_file())
        self.files[commit] = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths} | dict(
            more or {}
        )
        self.main = commit

    def reply(self, path: str) -> tuple[str, bytes] | None:
        """The commit and the body of what lies there."""
        parts = unquote(path.partition("?")[0]).split("/")
        if "resolve" in parts:
            commit, name = self._commit(parts[4]), "/".join(parts[5:])
            return (commit, self.files[commit][name]) if name in self.files.get(commit, {}) else None
        named = next((parts[place + 1] for place, part in enumerate(parts) if part in ("revision", "tree")), "main")
        commit = self._commit(named)
        if commit not in self.files:
            return None
        if "tree" in parts:
            tree = [
                {"type": "file", "path": name, "size": len(body), "oid": name} for name, body in self._files(commit)
            ]
            return commit, json.dumps(tree).encode()
        siblings = [{"rfilename": name} for name, _ in self._files(commit)]
        return commit, json.dumps({"id": "team/model", "sha": commit, "siblings": siblings}).encode()

    def _commit(self, revision: str) -> str:
        return self.main if revision == "main" else revision

    def _files(self, commit: str) -> list[tuple[str, bytes]]:
        return sorted(self.files[commit].items())


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that is empty until a test puts something there, for processes that are started from here."""
    double = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802
            if self.command == "GET":
                double.asked.append(self.path)
            found = double.reply(self.path)
            commit, body = found or ("", b"{}")
            self.send_response(200 if found else 404)
            self.send_header("ETag", f'"{abs(hash(body))}"')
            self.send_header("X-Repo-Commit", commit)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield double
        server.shutdown()
        thread.join()


def find_elsewhere(name: str, kept: Path) -> tuple[Path, str, str]:
    """Finds a base model in a process of its own: huggingface_hub reads its address once, at import.

    Returns its folder, its hash, and its name at the commit.
    """
    code = (
        "import sys; from pathlib import Path; from db.models.files import find_base_model; "
        "from db.models.downloads import name_at_commit; found = find_base_model(sys.argv[1], "
        "download_to=Path(sys.argv[2])); print(*found, name_at_commit(sys.argv[1], found[0]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, name, str(kept)],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    directory, sha256, at_commit = done.stdout.split()
    return Path(directory), sha256, at_commit

"""The `git` executable, kept to what a source needs: bounded, silent, without hooks, helpers, prompts or submodules.

It reads no configuration but ours, speaks the one protocol of the repository's address, and follows no redirect, so
that a host can't send it elsewhere. Nothing is checked out: files are read from the objects themselves, so what a
repository names its files, or links to, touches nothing here. A token goes from the environment to a helper's, never
into an argument, a file or a message.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import SecretStr

from db.errors import SourceError
from db.settings import read_variables

FETCH_TIMEOUT_S = 1800.0
LOOK_TIMEOUT_S = 120.0
MOST_FILE_KIB = 4_000_000
"""Of any file that git writes: a repository that is larger than a machine's disk must not fill it."""

_MOST_TOLD_BYTES = 8_000
_REDIRECTED = re.compile(rb"redirect|returned error: 30[12378]\b")
"""Which of the two is said depends on git's version and on what was asked."""
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_",
    "TMP",
    "TEMP",
    "SSH_AUTH_SOCK",
    "SSL_CERT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)
_OPTIONS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "gc.autoDetach": "false",
    "http.followRedirects": "false",
    "protocol.version": "2",
    "transfer.bundleURI": "false",
    "fetch.uriProtocols": "",
    "safe.directory": "*",
    "init.templateDir": "",
}
_HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SOURCE_GIT_USER" "$SOURCE_GIT_TOKEN"; }; f'


class Git:
    """Runs git in one folder, for a repository that is reached by one protocol."""

    def __init__(self, folder: Path, protocol: str, user: str = "", token: SecretStr | None = None) -> None:
        found = shutil.which("git")
        if found is None:
            raise SourceError("git isn't installed here; install it wherever sources are synced.")
        self._git = found
        self._folder = folder
        self._token = token
        options = dict(_OPTIONS)
        self._environment = read_variables(_KEPT) | {
            "GIT_ALLOW_PROTOCOL": protocol,
            "GIT_ASKPASS": "true",
            # whoever may write to a folder above, as to /tmp, tells git nothing
            "GIT_CEILING_DIRECTORIES": os.path.realpath(folder.parent),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        if token is not None:
            # an empty helper before it forgets all others
            self._environment |= {"SOURCE_GIT_USER": user, "SOURCE_GIT_TOKEN": token.get_secret_value()}
        pairs = [*options.items(), *([("credential.helper", _HELPER)] if token is not None else [])]
        self._environment["GIT_CONFIG_COUNT"] = str(len(pairs))
        for number, (key, value) in enumerate(pairs):
            self._environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}

    def run(self, *arguments: str, timeout_s: float = LOOK_TIMEOUT_S) -> bytes:
        """What a command prints.

        Raises:
            SourceError: it fails or takes too long; the message says why as far as git does.
        """
        with self.reading(*arguments, timeout_s=timeout_s) as output:
            return output.read()

    @contextmanager
    def reading(self, *arguments: str, timeout_s: float = LOOK_TIMEOUT_S) -> Iterator[IO[bytes]]:
        """What a command prints, while it does; raises as `run` when the block is through."""
        with tempfile.TemporaryFile() as told, self._started(arguments, told) as process:
            is_late = threading.Event()

            def end() -> None:
                is_late.set()
                _kill(process)

            timer = threading.Timer(timeout_s, end)
            timer.start()
            try:
                assert process.stdout is not None  # noqa: S101 - it is a pipe
                yield process.stdout
                process.stdout.read()
                code = process.wait()
            finally:
                timer.cancel()
            if is_late.is_set():
                raise SourceError(f"git takes more than {timeout_s:g} s.")
            if code != 0:
                told.seek(max(told.tell() - _MOST_TOLD_BYTES, 0))
                raise SourceError(self._why(told.read(), code))

    @contextmanager
    def conversation(self, *arguments: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        """A command that is asked and answers, by what it is written to and read from."""
        with self._started(arguments, subprocess.DEVNULL, subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None  # noqa: S101 - they are pipes
            yield process.stdin, process.stdout

    @contextmanager
    def _started(
        self, arguments: tuple[str, ...], errors: IO[bytes] | int, given: int = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[bytes]]:
        bounded = ["/bin/sh", "-c", f'ulimit -f {2 * MOST_FILE_KIB}; exec "$@"', "sh", self._git, *arguments]
        process = subprocess.Popen(  # noqa: S603 - no word of it is read by the shell
            bounded,
            cwd=self._folder,
            env=self._environment,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            if process.poll() is None:
                _kill(process)
            process.wait()

    def _why(self, told: bytes, code: int) -> str:
        lines = told.decode("utf-8", "replace").splitlines()
        line = next((own for own in lines if own.startswith(("fatal: ", "error: "))), "")
        reason = "".join(char for char in line.partition(": ")[2] if char.isprintable())[:300]
        if self._token is not None:
            reason = reason.replace(self._token.get_secret_value(), "…")
        if _REDIRECTED.search(told):
            reason += " (a redirect isn't followed: name the address that it leads to)"
        return f"git: {reason}" if reason else f"git ended with {code}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

"""Asking the `nightshift run` that is up on the same data folder: no model to load, no database to open.

It listens on a Unix socket in the folder, which its own user and root may use. A request is a line of JSON; so are the
two replies, "accepted" at once and the result when there is one. Whoever can't be asked, for whatever reason, is passed
over: the question is then answered by the one who asks.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from db.errors import NightshiftError

if TYPE_CHECKING:
    from db.settings import Settings

SOCKET = "run.sock"
LINE_BYTES = 1 << 20
"""The longest request that is read."""

ACCEPT_TIMEOUT_S = 2.0
"""Seconds in which the running one takes a request; it does at once unless it is stuck."""
REPLY_TIMEOUT_S = 60.0
"""Seconds that it gets for a reply beside what its language model may take."""

_ADDRESS_BYTES = 100  # a socket's path may be little longer, and a folder's is as long as somebody likes
_PEER = struct.Struct("3i")
_OWN = frozenset({"data_dir", "log_level"})
"""Settings in which the one who asks and the one who answers may differ."""


def ask_beside(settings: Settings, request: dict[str, Any]) -> dict[str, Any] | None:
    """What the running one replies; None where there is none, or where it would do otherwise than this process.

    Raises:
        NightshiftError: what it raised, by its message and exit code.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    asked = {**request, "version": version("nightshift"), "settings": describe_settings(settings)}
    with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(ACCEPT_TIMEOUT_S)
        with socket_address(settings.home) as address:
            peer.connect(address)
        if not is_trusted(peer):
            return None
        peer.sendall(json.dumps(asked).encode() + b"\n")
        with peer.makefile("rb") as lines:
            if json.loads(lines.readline()) != {"accepted": True}:
                return None
            peer.settimeout(settings.llm_deadline_s + REPLY_TIMEOUT_S)
            reply = json.loads(lines.readline())
        if not isinstance(reply, dict):
            return None
        if "error" in reply:
            error = NightshiftError(str(reply["error"]))
            error.exit_code = int(reply["exit_code"])
            raise error
        return reply
    return None


@contextmanager
def socket_address(home: Path) -> Iterator[str]:
    """The path of a folder's socket, by a name that is short enough for one."""
    path = home / SOCKET
    if len(os.fsencode(path)) <= _ADDRESS_BYTES:
        yield str(path)
        return
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


def is_trusted(peer: socket.socket) -> bool:
    """Whether the other side is this process's own user, or root."""
    _, user, _ = _PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return user in (os.geteuid(), 0)


def describe_settings(settings: Settings) -> dict[str, str]:
    """A digest of each setting that somebody set: what they set must be what they are answered with."""
    return {name: _digest(getattr(settings, name)) for name in sorted(settings.model_fields_set - _OWN)}


def agrees(settings: Settings, described: dict[str, str]) -> bool:
    """Whether these settings are what was described, as far as it was."""
    known = type(settings).model_fields
    return all(name in known and _digest(getattr(settings, name)) == digest for name, digest in described.items())


def _digest(value: object) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return hashlib.sha256(repr(plain).encode("utf-8", "surrogateescape")).hexdigest()

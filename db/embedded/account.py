"""The account that PostgreSQL runs under when we are root, because it refuses to be root itself."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from db.errors import EmbeddedServerError

# Nothing of this process's environment: no PG*, no locale, and none of its secrets.
ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
SERVICE_ACCOUNTS = ("postgres", "nobody", "daemon")

Account = pwd.struct_passwd


def account_of(uid: int) -> Account:
    """The account with this user id; PostgreSQL needs it to be listed.

    Raises:
        EmbeddedServerError: It has no entry, as in a container that was started under a made-up id.
    """
    try:
        return pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedServerError(
            f"PostgreSQL can't run under user id {uid}, which has no entry in the system's list of accounts; run "
            "Nightshift as a user that has one, or set NIGHTSHIFT_DATABASE_URL."
        ) from error


def service_account() -> Account:
    """An account for root to run PostgreSQL under; it must exist, none is ever added.

    Raises:
        EmbeddedServerError: There is none, or root has lost the right to become it.
    """
    for name in SERVICE_ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if can_enter(account, Path("/")):
            return account
    raise EmbeddedServerError(
        "PostgreSQL can't run as root, and there is no other account that root may run it under; run Nightshift "
        "as a user, or set NIGHTSHIFT_DATABASE_URL."
    )


def identity(account: Account | None) -> dict[str, Any]:
    """Arguments for `subprocess` that make the child run under the account and nothing more."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_enter(account: Account, folder: Path) -> bool:
    """Tried rather than read from mode bits, which know nothing of access lists and capabilities."""
    return _succeeds(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", folder)


def can_run(account: Account, program: Path) -> bool:
    """Whether the program and the libraries it needs can be loaded by the account."""
    return _succeeds(account, program, "--version")


def _succeeds(account: Account, *command: str | Path) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **identity(account),
        )
    except OSError:
        return False
    return done.returncode == 0

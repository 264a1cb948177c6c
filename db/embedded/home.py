"""The folder that an embedded server has to itself, and whose it is.

It has mode 0700. Root can't run PostgreSQL, so root gives the folder to an account that exists already and runs the
server under it: the folder's owner when that isn't root, else `postgres`, `nobody` or `daemon`, the first that this
system has. Root's own folders stay as closed as they are: when the account can't enter the place that was asked
for, as under /root, the files go to /var/lib/nightshift/<hash of that place>, which is logged, shown by
`ServerStatus.home` and written into a note in the place that was asked for.
"""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from db.embedded.account import ENVIRONMENT, Account, account_of, can_enter, identity, service_account
from db.embedded.binaries import find_program
from db.errors import EmbeddedServerError

ROOTS_PLACE = Path("/var/lib/nightshift")
NOTE = "MOVED.txt"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Home:
    """One server's folder, and the account that runs the server when this process is root."""

    path: Path
    account: Account | None = None

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's data directory: complete from the moment it exists."""
        return self.path / "pgdata"

    def program(self, name: str) -> Path:
        """The path of one of PostgreSQL's programs."""
        return find_program(name, self.account, self.path)

    def run(
        self, *command: str | Path, stdin: str = "", keep_fd: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the home, under the server's account, and let it inherit `keep_fd`."""
        return subprocess.run(  # noqa: S603
            command,
            cwd=self.path,
            env=ENVIRONMENT,
            umask=0o077,
            pass_fds=() if keep_fd is None else (keep_fd,),
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **identity(self.account),
        )

    def write_private(self, name: str, text: str) -> None:
        """Put a whole file in place at once: mode 0600, owned like the home, and never through a link."""
        target = self.path / name
        fresh = target.with_name(target.name + ".new")
        fresh.unlink(missing_ok=True)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
            if self.account is not None:
                os.fchown(fd, self.account.pw_uid, self.account.pw_gid)
            file.write(text)
            file.flush()
            os.fsync(fd)
        fresh.rename(target)

    def make_folder(self, name: str = "") -> None:
        """A folder in the home, or the home itself: mode 0700, owned like the home."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.lchown(folder, self.account.pw_uid, self.account.pw_gid)


def find_home(asked: Path) -> Home:
    """The home as it is now; makes nothing, so that it may not exist."""
    path = asked.expanduser().resolve()
    if os.geteuid() != 0:
        return Home(path)
    moved = _roots_home(path)
    if (moved / "pgdata").is_dir():
        path = moved
    owner = path.stat().st_uid if path.exists() else 0
    return Home(path, account_of(owner) if owner else None)


def make_home(asked: Path) -> Home:
    """The home, made when it is missing.

    Raises:
        EmbeddedServerError: It isn't ours, holds something else, or no account can run a server there.
        OSError: It can't be made.
    """
    home = find_home(asked)
    is_root = os.geteuid() == 0
    if home.pgdata.is_dir() and (home.account is not None or not is_root):
        return home
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_root:
        home = _place_for_root(home)
    elif home.path.stat().st_uid != account_of(os.geteuid()).pw_uid:
        raise EmbeddedServerError(f"{home.path} belongs to another user; set NIGHTSHIFT_DATA_DIR to a folder of yours.")
    held = {entry.name for entry in home.path.iterdir()} - {NOTE}
    if held and "server.lock" not in held:
        raise EmbeddedServerError(
            f"{home.path} holds other files already, and the database needs a folder to itself; move them away."
        )
    home.make_folder()
    home.path.chmod(0o700)
    return home


def _place_for_root(home: Home) -> Home:
    account = home.account or service_account()
    if can_enter(account, home.path.parent):
        return Home(home.path, account)
    moved = _roots_home(home.path)
    if not ROOTS_PLACE.is_dir():
        ROOTS_PLACE.mkdir(parents=True)
        ROOTS_PLACE.chmod(0o711)
    if not can_enter(account, ROOTS_PLACE):
        raise EmbeddedServerError(
            f"Account {account.pw_name}, which runs PostgreSQL for root, can enter neither {home.path} nor "
            f"{ROOTS_PLACE}; set NIGHTSHIFT_DATA_DIR to a folder that it can enter."
        )
    moved.mkdir(mode=0o700, exist_ok=True)
    logger.warning(
        "PostgreSQL can't run as root, and account %s can't enter %s: the database is kept in %s",
        account.pw_name,
        home.path,
        moved,
    )
    (home.path / NOTE).write_text(
        f"The database that belongs here is in {moved}.\nPostgreSQL can't run as root, and the account that runs "
        f"it for root, {account.pw_name}, can't enter this folder.\n"
    )
    owner = moved.stat().st_uid
    return Home(moved, account_of(owner) if owner else account)


def _roots_home(path: Path) -> Path:
    return ROOTS_PLACE / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]

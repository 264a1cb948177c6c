"""Office files and e-books are zip archives: opened only if what they would unpack to is bounded."""

from __future__ import annotations

import io
import zipfile

from db.errors import BadInputError

MAX_UNPACKED_BYTES = 400_000_000
"""A member gives no more than the archive says of it: the reader of zip archives stops there."""

MAX_MEMBERS = 20_000

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
PROTECTED = "it is protected by a password; save a copy without one"


def open_zip(data: bytes, kind: str) -> zipfile.ZipFile:
    """The archive that a file of that kind ("a Word document") is.

    Raises:
        BadInputError: it is none, is protected by a password, or would unpack to more than `MAX_UNPACKED_BYTES`.
    """
    if data.startswith(_OLD_OFFICE):
        # what Office protects by a password it wraps into the container of its old formats
        is_protected = "EncryptedPackage".encode("utf-16-le") in data
        raise BadInputError(PROTECTED if is_protected else f"it is of an old Office's format; save it as {kind} anew")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        raise BadInputError(f"it is damaged, or no {kind}; open it and save it anew") from None
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
        raise BadInputError(
            f"it would unpack to {unpacked // 1_000_000} MB in {len(members)} files;"
            " save it without pictures, or split it"
        )
    if any(member.flag_bits & 1 for member in members):
        raise BadInputError(PROTECTED)
    return archive

"""An export's folder: a data set with a card, a file for each kind of rows; written whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from db.errors import BadInputError, ConfigurationError
from db.feedback import MAX_LINE_BYTES

if TYPE_CHECKING:
    from nightshift.exchange.tables import Export, Row

MEANING = {
    "votes": "What people said: each row a vote that stands, on a source of an answer. `nightshift import` takes it.",
    "pairs": "Questions with right passages, by hand. `nightshift import` takes it.",
    "triplets": "`anchor`, `positive`, `negative`: what a night trains on, in the order of columns that "
    "sentence-transformers' losses take. Nothing that judges is among them.",
    "rankings": "`query`, `docs`, `labels`: what was voted on, as sentence-transformers' cross-encoders take lists.",
}


def write_folder(export: Export, to: Path, *, parquet: bool = False) -> None:
    """Writes it for its owner alone to read; a kind without rows has no file.

    Raises:
        BadInputError: there is something by that name, or it can't be written.
        ConfigurationError: Parquet is wanted, and pyarrow isn't installed.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BadInputError(f"{to} is there already, and not an empty folder.")
    suffix = "parquet" if parquet else "jsonl"
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        # within a folder that is there: it may be the one that somebody is in, or one that is mounted
        with tempfile.TemporaryDirectory(prefix=".nightshift-export-", dir=to if to.exists() else to.parent) as work:
            whole = Path(work) / "whole"
            whole.mkdir(mode=0o700)
            for kind, rows in export.rows.items():
                if rows:
                    (whole / kind).mkdir()
                    (_write_parquet if parquet else _write_lines)(rows, whole / kind / f"train.{suffix}")
            (whole / "README.md").write_text(card(export, suffix), encoding="utf-8")
            if to.exists():
                to.chmod(0o700)
                _move_all(whole, to)
            else:
                shutil.move(whole, to)
    except OSError as error:
        raise BadInputError(f"{to} can't be written ({error.strerror}).") from None


def _move_all(folder: Path, to: Path) -> None:
    """All that is in a folder, or nothing of it."""
    moved: list[Path] = []
    try:
        for own in sorted(folder.iterdir()):
            moved.append(Path(shutil.move(own, to)))
    except OSError:
        for own in moved:
            shutil.move(own, folder)
        raise


def card(export: Export, suffix: str) -> str:
    """The data set's card: its head tells `datasets.load_dataset` what there is."""
    kinds = [kind for kind, rows in export.rows.items() if rows]
    head = ["---", "configs:"] if kinds else ["---"]
    head += [f"- config_name: {kind}\n  data_files: {kind}/train.{suffix}" for kind in kinds]
    lines = [*head, "---", "", f"# Exported by Nightshift {version('nightshift')}", ""]
    for kind, rows in export.rows.items():
        private = f"; {export.left_out[kind]:,} left out as private" if export.left_out.get(kind) else ""
        lines += [f"**{kind}**: {len(rows):,} rows{private}. {MEANING[kind]}", ""]
    return "\n".join(lines)


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The rows of a file of JSON lines or Parquet, by number from 1; None for a line that is no object or too long.

    Raises:
        BadInputError: the file can't be read.
        ConfigurationError: it is Parquet, and pyarrow isn't installed.
    """
    try:
        if path.suffix == ".parquet":
            yield from enumerate(_read_parquet(path), start=1)
            return
        with path.open("rb") as lines:
            for number, line in enumerate(_bounded(lines), start=1):
                if line.strip(b"\xef\xbb\xbf \t\r\n"):
                    yield number, _object(line)
    except OSError as error:
        raise BadInputError(f"{path} can't be read ({error.strerror or type(error).__name__}).") from None


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """The file's lines, none held in memory that is longer than a row may be: of such only the beginning."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE_BYTES + 1)


def _object(line: bytes) -> dict[str, Any] | None:
    if len(line) > MAX_LINE_BYTES:
        return None
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _write_lines(rows: list[Row], to: Path) -> None:
    with to.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_parquet(rows: list[Row], to: Path) -> None:
    pyarrow, parquet = _arrow()
    parquet.write_table(pyarrow.Table.from_pylist(rows), to)


def _read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    pyarrow, parquet = _arrow()
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except pyarrow.ArrowException as error:
        raise BadInputError(f"{path} is no Parquet file, or not a whole one ({type(error).__name__}).") from None


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ConfigurationError("For Parquet pyarrow is needed, which isn't installed: pip install pyarrow.") from None
    return pyarrow, pyarrow.parquet

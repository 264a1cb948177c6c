"""`nightshift export` and `nightshift import`: what people said, for other programs and from another Nightshift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from db.errors import BadInputError
from nightshift.cli.workplace import err, out, workplace

_Json = Annotated[bool, typer.Option("--json", help="End in one line of JSON.")]
_KINDS = ("votes", "pairs", "triplets", "rankings")
_TAKEN = ("votes", "pairs")
NOT_FOUND = "the completion is in none of the documents"


def export(
    folder: Annotated[Path, typer.Argument(help="The folder to write, which isn't there yet or is empty.")],
    what: Annotated[
        list[str] | None,
        typer.Option("--what", metavar="KIND", help="votes, pairs, triplets or rankings; usually all."),
    ] = None,
    private: Annotated[
        bool,
        typer.Option("--private", help="Also what wasn't asked in a public channel, and what not everybody may read."),
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="People by their ids in Slack, not by made-up ones.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Parquet files in place of JSON lines.")] = False,
    as_json: _Json = False,
) -> None:
    """Writes votes, pairs, triplets and rankings to a folder that `datasets.load_dataset(folder, "triplets")` reads.

    What was asked in private is left out, and so are passages that not everybody may read; how much, is told. People
    have made-up ids, the same each time. Triplets are what a night would train on now: nothing that judges is in them.
    """
    from db.generations import Encoders
    from nightshift.exchange.folder import write_folder
    from nightshift.exchange.tables import read_export

    kinds = what or list(_KINDS)
    if unknown := set(kinds) - set(_KINDS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: choose of {', '.join(_KINDS)}.", param_hint="--what")
    with workplace(bounded=False) as (settings, engine):
        found = read_export(engine, Encoders(settings, engine), settings, kinds, private=private, names=names)
    write_folder(found, folder, parquet=parquet)
    counts = {kind: len(rows) for kind, rows in found.rows.items()}
    if as_json:
        out.print(json.dumps({"folder": str(folder), **counts, "left_out": found.left_out}), markup=False)
        return
    for kind, count in counts.items():
        private_ones = f", {found.left_out[kind]:,} left out as private" if found.left_out[kind] else ""
        out.print(f"{kind}: {count:,}{private_ones}.", markup=False)


def import_(
    paths: Annotated[list[Path], typer.Argument(help="What `nightshift export` wrote, or files of votes or of pairs.")],
    as_json: _Json = False,
) -> None:
    """Takes in votes and pairs of another Nightshift: what is here already isn't added again.

    Triplets and rankings in a folder are passed over, since each night makes them of votes and pairs. A vote whose
    passage no document has waits until one is read in that does. Lines that can't be used are named by file and line,
    and the others go in; the exit code is then 1. Questions that came in are shown to nobody.
    """
    from db.feedback import import_pairs, import_votes
    from nightshift.exchange.folder import read_rows
    from nightshift.exchange.lines import as_pairs_file, kind_of, numbered

    unusable, told = 0, []
    with workplace(bounded=False) as (_, engine):
        for file in (file for path in paths for file in _files(path)):
            kind = kind_of(file)
            unread: list[tuple[int, str]] = []
            if kind == "votes":
                votes = import_votes(engine, numbered(read_rows(file), unread))
                counts = {"added": votes.added, "known": votes.known, "waiting": votes.waiting}
                wrong = votes.malformed
            else:
                with as_pairs_file(file) as lines:
                    pairs = import_pairs(engine, lines, added_by="command line")
                counts = {"added": pairs.added, "known": pairs.existing, "not_found": len(pairs.not_found)}
                wrong = pairs.malformed + [(n, NOT_FOUND) for n, _ in pairs.not_found]
            wrong = sorted(wrong + unread)
            for line, reason in wrong:
                err.print(f"{file}:{line}: {reason}", style="red", markup=False)
            unusable += len(wrong)
            told.append({"file": str(file), "kind": kind, **counts, "unusable": len(wrong)})
            if not as_json:
                out.print(f"{file}: {', '.join(f'{name} {count}' for name, count in counts.items())}.", markup=False)
    if as_json:
        out.print(json.dumps({"files": told}), markup=False)
    if unusable:
        raise typer.Exit(1)


def _files(path: Path) -> list[Path]:
    """A file itself; of an export's folder those that can be taken."""
    if not path.is_dir():
        return [path]
    found = [file for kind in _TAKEN for file in sorted((path / kind).glob("train.*"))]
    if not found:
        raise BadInputError(f"{path} has neither votes/train.jsonl nor pairs/train.jsonl in it.")
    return found

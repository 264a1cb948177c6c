"""`nightshift sources`: where documents come from by themselves, how each sync ended, and the next one by hand."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import BadInputError, NightshiftError
from nightshift.cli.documents import require_consent
from nightshift.cli.reading_in import may_lose, tell_report
from nightshift.cli.whom import read_audience_option
from nightshift.cli.workplace import err, out, workplace

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings
    from db.sources import StoredSource
    from intake import Gone, IngestReport

sources = typer.Typer(
    help="Where documents come from by themselves: folders, git repositories, websites. Each is read in when it is "
    "added, and again in its interval by the process that runs the nights (`nightshift run`, `nightshift nights`). "
    "What changed is read anew, what was renamed keeps its votes, what is gone is removed. docs/sources.md walks "
    "through each kind. `nightshift ingest PATH…` is the short way, for once.",
    no_args_is_help=True,
)
add = typer.Typer(
    help="Adds a source, and reads it in at once: `nightshift sources add directory ~/handbook`.", no_args_is_help=True
)
sources.add_typer(add, name="add")

_SECONDS = {"m": 60, "h": 3600, "d": 86_400}
_INTERVAL = re.compile(r"(\d{1,4})([mhd])")
_BY_HAND = "never"
_NAME = re.compile(r"[\w.-]{1,64}")

Name = Annotated[str | None, typer.Option(help="What to call it; by default after where it is.")]
Audience = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHO",
        help="Who may see its documents, where neither they (`audience` in front matter) nor their folder "
        "(`.audiences`) says so: `workspace`, a channel `'#finance'`, a user group `@leads`, a person "
        "`ada@example.com` or `U0123ABCD`, `nobody`; several times for several. Without it they are for all.",
    ),
]
Later = Annotated[bool, typer.Option("--later", help="Don't read it in now: leave it to the next interval.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change; nothing is added.")]
Json = Annotated[bool, typer.Option("--json", help="As one line of JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask whether so much is meant to be removed.")]


def every_option(default: str) -> Any:  # noqa: ANN401 - an annotation
    """The interval, with a default that suits the kind."""
    return typer.Option(
        default,
        "--every",
        metavar="INTERVAL",
        help="How often it is synced: 10m, 6h, 1d; `never` for by hand alone.",
    )


@add.command()
def directory(
    path: Annotated[Path, typer.Argument(help="A folder on this machine, or mounted here.")],
    name: Name = None,
    audience: Audience = None,
    every: str = every_option("10m"),
    later: Later = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Adds a folder, with all below it that docs/formats.md lists.

    `nightshift sources add directory ~/handbook --audience '#people'`. Each sync looks at every file; one whose bytes
    are the same costs next to nothing. The process that runs the nights must be able to read it as well.
    """
    if not path.is_dir():
        raise BadInputError(f"{path} is no folder that can be read; `nightshift ingest` takes single files.")
    told = {"path": str(path.absolute())}
    add_and_sync(
        path.resolve().name if name is None else name, "directory", told, audience, every, later, dry_run, as_json
    )


@add.command()
def git(
    url: Annotated[str, typer.Argument(help="https://…, ssh://…, git@host:path, or file:///… on this machine.")],
    branch: Annotated[str | None, typer.Option(help="Of which branch; by default the repository's own.")] = None,
    path: Annotated[
        list[str] | None,
        typer.Option(help="Only this folder or file of it, as docs/handbook; several times for several."),
    ] = None,
    web: Annotated[
        str | None,
        typer.Option(
            help="Where a file can be looked at, as 'https://git.example.com/docs/src/{branch}/{path}'. Not needed for "
            "GitHub, GitLab, Bitbucket and Codeberg."
        ),
    ] = None,
    token_from: Annotated[
        str | None,
        typer.Option(
            metavar="VARIABLE",
            help="The name of the environment variable that holds a token to read it with; never the token itself.",
        ),
    ] = None,
    user: Annotated[str, typer.Option(help="The user that goes with the token.")] = "x-access-token",
    name: Name = None,
    audience: Audience = None,
    every: str = every_option("30m"),
    later: Later = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Adds a branch of a git repository, with all files of it that docs/formats.md lists.

    `nightshift sources add git https://github.com/example/handbook --path docs`. Only its latest commit is fetched, by
    the `git` on this machine; nothing is checked out or run. By ssh the keys of the account that syncs are used.
    """
    from intake import resolve_branch

    told: dict[str, Any] = {"url": url, "paths": path or [], "web": web, "token_from": token_from, "user": user}
    told["branch"] = resolve_branch(told) if branch is None else branch
    stem = url.rstrip("/").replace(":", "/").rsplit("/", 1)[-1].removesuffix(".git")
    add_and_sync(stem if name is None else name, "git", told, audience, every, later, dry_run, as_json)


@add.command()
def website(
    url: Annotated[str, typer.Argument(help="Where it begins: this page and all below it belong to the source.")],
    sitemap: Annotated[
        str | None,
        typer.Option(help="Where it lists its pages; by default as its robots.txt says, or /sitemap.xml."),
    ] = None,
    host: Annotated[
        list[str] | None, typer.Option(help="Another host that belongs to it, as docs.example.com; several times.")
    ] = None,
    depth: Annotated[int, typer.Option(help="Without a sitemap: how many links are followed in a row.")] = 5,
    most_pages: Annotated[int, typer.Option(help="How many pages it may have; more are an error.")] = 2000,
    pause: Annotated[float, typer.Option(metavar="SECONDS", help="Left between two requests.")] = 0.5,
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="It is in your own network: its host may be one that only you reach."),
    ] = False,
    name: Name = None,
    audience: Audience = None,
    every: str = every_option("1d"),
    later: Later = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Adds a website: the pages of its sitemap, or else those that links lead to.

    `nightshift sources add website https://docs.example.com/handbook/`. robots.txt is kept to, pages that are marked
    `noindex` are left out, and one that hasn't changed isn't sent again. Only hosts that you name are asked, and none
    in a network of its own unless you say so.
    """
    told: dict[str, Any] = {
        "url": url,
        "sitemap": sitemap,
        "hosts": host or [],
        "depth": depth,
        "most_pages": most_pages,
        "pause_s": pause,
        "allow_private": allow_private,
    }
    own = url.partition("://")[2].partition("/")[0].partition(":")[0]
    add_and_sync(own if name is None else name, "website", told, audience, every, later, dry_run, as_json)


@add.command()
def loader(
    entry: Annotated[
        str, typer.Argument(help="Its entry in loaders.toml in the data folder; docs/sources.md shows one.")
    ],
    name: Name = None,
    audience: Audience = None,
    every: str = every_option("1d"),
    later: Later = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Adds what a loader of LangChain's or LlamaIndex's gives, as your own file loaders.toml names it.

    `nightshift sources add loader wiki`. A loader is code that is run: only that file can name one, and it is refused
    where others on the machine can write to it.
    """
    add_and_sync(entry if name is None else name, "loader", {"entry": entry}, audience, every, later, dry_run, as_json)


@sources.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists sources: how many documents each has, when it was synced, how that ended, when it is next."""
    from db.sources import list_sources

    with workplace() as (_, engine):
        found = list_sources(engine)
    if as_json:
        out.print(json.dumps([_as_json(one) for one in found]), markup=False)
        return
    for one in found:
        out.print(f"{one.name}: {_in_words(one)}", markup=False)
    if not found:
        err.print("No source yet; `nightshift sources add --help` shows how to add one.")


@sources.command()
def show(name: Annotated[str, typer.Argument(help="As it is listed.")], as_json: Json = False) -> None:
    """Shows one source: where it is, for whom, and what failed in its last sync, with the reasons."""
    from db.sources import find_source

    with workplace() as (_, engine):
        one = find_source(engine, name)
    if as_json:
        out.print(json.dumps(_as_json(one)), markup=False)
        return
    out.print(f"{one.name}: {_in_words(one)}", markup=False)
    for setting, value in one.settings.items():
        if value not in (None, [], False):
            out.print(f"    {setting}: {' '.join(value) if isinstance(value, list) else value}", markup=False)
    for failure in (one.outcome or {}).get("failed", ()):
        out.print(f"    {failure['path']}: {failure['reason']}", style="red", markup=False)


@sources.command()
def sync(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="As they are listed; none: all.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reads in now what changed in sources, and removes what is gone.

    Only after a listing that was complete is anything removed; where a source lost more than 30% of its documents, it
    asks, and where nobody can be asked it removes none and wants --yes. One that can't be reached keeps no other
    waiting. The exit code is 1 where anything failed.
    """
    from db.sources import find_source, list_sources
    from intake import IngestReport

    reports, errors = dict[str, IngestReport](), dict[str, str]()
    with workplace(bounded=False) as (settings, engine):
        chosen = [find_source(engine, name) for name in names] if names else list_sources(engine)
        for one in chosen:
            try:
                reports[one.name] = _sync(settings, engine, one, yes=yes, dry_run=dry_run)
            except NightshiftError as error:
                if len(chosen) == 1:
                    raise
                errors[one.name] = str(error)
                err.print(f"{one.name}: {error}", style="red", markup=False)
                continue
            if not as_json:
                if len(chosen) > 1:
                    out.print(f"{one.name}:", markup=False)
                tell_report(reports[one.name], dry_run=dry_run, as_json=False)
    if as_json:
        told = {name: report.as_json() for name, report in reports.items()}
        out.print(json.dumps(told | {name: {"error": error} for name, error in errors.items()}), markup=False)
    if errors or not all(report.is_whole for report in reports.values()):
        raise typer.Exit(1)


@sources.command()
def remove(
    name: Annotated[str, typer.Argument(help="As it is listed.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how much it would be.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    as_json: Json = False,
) -> None:
    """Removes a source, and its documents from every search at once; where it is nothing is touched.

    Votes wait, in case the same text comes back. Asks first; where nobody can be asked, it wants --yes.
    """
    from db.sources import find_source
    from intake import remove_source
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (settings, engine):
        one = find_source(engine, name)
        removed = one.documents
        if not dry_run:
            require_consent(f"Remove {name}, with its {one.documents} documents?", yes=yes)
            with count_progress(err, "remove") as progress:
                removed = remove_source(engine, settings, one, progress)
    if as_json:
        out.print(json.dumps({"would_remove" if dry_run else "removed": removed}), markup=False)
        return
    out.print(f"{'Would remove' if dry_run else 'Removed'} {name}, with {removed} documents.", markup=False)


def add_and_sync(
    name: str,
    kind: str,
    told: dict[str, Any],
    audience: list[str] | None,
    every: str,
    later: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Adds a source of any kind and syncs it for the first time, unless that is for later."""
    from db.generations import Encoders
    from db.sources import add_source
    from intake import check_source, preview_source
    from nightshift.terminal.progress import ingest_progress

    if not _NAME.fullmatch(name):
        raise BadInputError(
            "A source's name is of letters, digits, dots, dashes and underscores, at most 64; say --name."
        )
    every_s = read_interval(every)
    if audience is not None:
        read_audience_option(audience)
    values = check_source(kind, told | {"audience": audience or []}).model_dump(mode="json")
    with workplace(bounded=False) as (settings, engine):
        if dry_run:
            with ingest_progress(err) as progress:
                report = preview_source(engine, settings, Encoders(settings, engine), kind, values, progress)
        else:
            one = add_source(engine, name, kind, values, every_s)
            err.print(f"Added {name}; {_told_next(one)}.", markup=False)
            if later:
                return
            report = _sync(settings, engine, one, yes=False, dry_run=False)
    tell_report(report, dry_run=dry_run, as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)


def read_interval(written: str) -> int | None:
    """Seconds from "10m", "6h" or "1d"; None for "never".

    Raises:
        BadInputError: it is none of these.
    """
    if written == _BY_HAND:
        return None
    found = _INTERVAL.fullmatch(written)
    if found is None or not int(found[1]):
        raise BadInputError(f"An interval is 10m, 6h, 1d or never, not {written}.")
    return int(found[1]) * _SECONDS[found[2]]


def _sync(settings: Settings, engine: sa.Engine, one: StoredSource, *, yes: bool, dry_run: bool) -> IngestReport:
    from db.generations import Encoders
    from intake import sync_source
    from nightshift.terminal.progress import ingest_progress

    with ExitStack() as bars:
        progress = bars.enter_context(ingest_progress(err))

        def may_remove(gone: Gone) -> bool:
            bars.close()
            return yes or may_lose(gone, dry_run=dry_run)

        return sync_source(
            engine, settings, Encoders(settings, engine), one, may_remove=may_remove, dry_run=dry_run, progress=progress
        )


def _in_words(one: StoredSource) -> str:
    return " · ".join(filter(None, (one.kind, f"{one.documents} documents", _told_last(one), _told_next(one))))


def _told_last(one: StoredSource) -> str:
    if one.synced_at is None or one.outcome is None:
        return "not synced yet"
    ended = one.outcome.get("error") or one.outcome.get("broken_off") or ""
    failures = one.outcome.get("failures", 0)
    kept = sum(gone["gone"] for gone in one.outcome.get("not_removed", ()))
    told = [f"synced {one.synced_at:%Y-%m-%d %H:%M}", ended, f"{failures} failed" if failures else ""]
    if kept:
        told.append(f"{kept} are gone and stay: `nightshift sources sync {one.name} --yes` removes them")
    return ", ".join(filter(None, told))


def _told_next(one: StoredSource) -> str:
    if one.is_going:
        return "being removed: the next sync ends that"
    if one.every_s is None:
        return "synced by hand alone"
    unit, seconds = max(
        ((unit, seconds) for unit, seconds in _SECONDS.items() if one.every_s % seconds == 0), key=lambda own: own[1]
    )
    return f"synced every {one.every_s // seconds}{unit}"


def _as_json(one: StoredSource) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "settings": dict(one.settings),
        "documents": one.documents,
        "every_s": one.every_s,
        "due_at": one.due_at.isoformat() if one.due_at else None,
        "synced_at": one.synced_at.isoformat() if one.synced_at else None,
        "outcome": one.outcome,
    }

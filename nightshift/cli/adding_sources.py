"""`nightshift sources add`: a folder, a git repository, a website or a loader becomes a source, and is read in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from db.errors import BadInputError
from nightshift.cli.intervals import read_interval
from nightshift.cli.reading_in import tell_report
from nightshift.cli.source_lines import told_next
from nightshift.cli.syncing import sync_by_hand
from nightshift.cli.whom import read_audience_option
from nightshift.cli.workplace import Json, err, workplace

add = typer.Typer(
    help="Adds a source, and reads it in at once: `nightshift sources add directory ~/handbook`.", no_args_is_help=True
)

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
    """Adds a source of any kind and syncs it for the first time, unless that is for later.

    Raises:
        BadInputError: it can't be added like that, or nothing of it can be read: then it isn't added.
    """
    from db.generations import Encoders
    from db.sources import add_source
    from intake import check_source, preview_source, remove_source
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
            err.print(f"Added {name}; {told_next(one)}.", markup=False)
            if later:
                return
            report = sync_by_hand(settings, engine, one, yes=False, dry_run=False)
            if report.broken_off and not report.settled:
                remove_source(engine, settings, one)
                raise BadInputError(f"Nothing of {name} could be read, so it was taken back: {report.broken_off}")
    tell_report(report, dry_run=dry_run, as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)

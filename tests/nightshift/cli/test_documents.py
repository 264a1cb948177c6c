"""`nightshift documents`: what is stored is listed, shown, and removed when somebody says that it is meant."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.corpus import count_documents, list_documents_under
from nightshift.cli import main
from nightshift.cli.documents import documents
from tests.corpus import add_base_generation, add_document

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    engine: sa.Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command on a store of five documents; gives exit code, output and errors."""
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    add_base_generation(engine)
    for name in ("docs/a.md", "docs/old/b.md", "docs/old/c_1.md", "docs2/a.md"):
        add_document(engine, f"In {name}", [("Part", f"Text of {name}.")], uri=(tmp_path / name).as_uri())
    add_document(engine, "A page", [("", "Text of the page.")], uri="https://wiki.example.com/page?id=7")

    def command(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["documents", *(str(argument) for argument in arguments)])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return command


def left(engine: sa.Engine) -> list[str]:
    return sorted(uri.rsplit("/", 1)[-1] for uris in list_documents_under(engine, "") for uri in uris)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (
            [],
            [
                "In docs/a.md",
                "In docs/old/b.md",
                "In docs/old/c_1.md",
                "In docs2/a.md",
                "A page",
            ],
        ),
        (["docs"], ["In docs/a.md", "In docs/old/b.md", "In docs/old/c_1.md"]),
        (["docs/old/"], ["In docs/old/b.md", "In docs/old/c_1.md"]),
        (["docs/old/c_1.md"], ["In docs/old/c_1.md"]),
        (["docs/old/c?1.md"], ["In docs/old/c_1.md"]),
        (["*/a.md"], ["In docs/a.md", "In docs2/a.md"]),
        (
            ["docs*"],
            ["In docs/a.md", "In docs/old/b.md", "In docs/old/c_1.md", "In docs2/a.md"],
        ),
        (["https://wiki.example.com"], ["A page"]),
        (["https://wiki.example.com/page?id=7"], ["A page"]),
        (["docs/old/c%1.md"], []),
        (["doc"], []),
    ],
)
def test_documents_are_listed_by_path_folder_address_and_pattern(
    run: Run, pattern: list[str], found: list[str]
) -> None:
    code, out, _ = run("list", *pattern, "--json")
    assert (code, [one["title"] for one in json.loads(out)]) == (0, found)
    assert all(title in run("list", *pattern)[1] for title in found)


def test_one_is_shown_by_path_address_or_title_with_its_passages(run: Run) -> None:
    for name in ("docs/a.md", "in DOCS/a.md"):
        code, out, _ = run("show", name, "--json")
        shown = json.loads(out)
        assert (code, shown["audience"], shown["passages"], shown["votes"]) == (0, "public", 1, 0)
        assert shown["text"] == [{"section": "Part", "text": "Text of docs/a.md.", "votes": 0}]
    assert "Text of the page." in run("show", "https://wiki.example.com/page?id=7")[1]


@pytest.mark.parametrize("words", [("show", "nothing.md"), ("remove", "nothing.md", "--yes"), ("remove", "docs", "no")])
def test_what_is_not_stored_is_said_to_be_and_nothing_is_removed(
    engine: sa.Engine, run: Run, words: tuple[str, ...]
) -> None:
    code, out, err = run(*words)
    assert (code, out, count_documents(engine)) == (1, "", 5)
    assert "documents list" in err
    assert "Several" in run("show", "docs")[2]


def test_an_empty_path_is_not_the_folder_one_is_in(
    engine: sa.Engine, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.anchor)
    code, out, err = run("remove", "", "--yes")
    assert (code, out, count_documents(engine)) == (1, "", 5)
    assert "empty" in err


def test_removing_tells_what_would_go_and_wants_to_be_told_that_it_is_meant(
    engine: sa.Engine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run("remove", "docs", "--dry-run")
    assert (code, len(out.splitlines()), out.splitlines()[-1][:25]) == (0, 4, "Would remove 3 documents,")
    assert len(json.loads(run("remove", "docs", "--dry-run", "--json")[1])["would_remove"]) == 3
    code, _, err = run("remove", "docs")
    assert (code, count_documents(engine)) == (1, 5)
    assert "--yes" in err and "3 documents" in err
    for answer, code, there in (("n\n", 1, 5), ("y\n", 0, 2)):
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("typer.confirm", _answers(answer))
        assert (run("remove", "docs")[0], count_documents(engine)) == (code, there)


def _answers(answer: str) -> Callable[..., bool]:
    def confirm(_: str, *, abort: bool, err: bool) -> bool:
        assert abort and err
        if answer != "y\n":
            raise SystemExit(1)
        return True

    return confirm


def test_a_folder_that_is_gone_can_be_removed_with_others_at_once(engine: sa.Engine, run: Run) -> None:
    code, out, _ = run("remove", "docs/old", "*docs2*", "docs/old/b.md", "--yes", "--json")
    assert (code, len(json.loads(out)["removed"])) == (0, 3)
    assert left(engine) == ["a.md", "page?id=7"]


PAY = " ".join(f"Engineers of grade {n} are paid {n * 137} euros, less {n} for parking." for n in range(12))


def test_near_copies_of_what_is_hidden_are_named_and_hidden_on_demand(engine: sa.Engine, run: Run) -> None:
    for name, text in (("pay", PAY), ("pay-2", f"Hello. {PAY}"), ("pay-3", f"{PAY} Amen.")):
        add_document(engine, name, [("", text)], uri=f"https://wiki.example.com/{name}")
    code, out, err = run("hide", "https://wiki.example.com/pay")
    assert (code, out) == (0, "1 document is for nobody.\n")
    assert "2 documents say nearly the same, and others may see them:" in err and "--copies" in err
    assert "    https://wiki.example.com/pay-2 (public)\n    https://wiki.example.com/pay-3 (public)\n" in err
    told = json.loads(run("hide", "https://wiki.example.com/pay", "--json", "--dry-run")[1])
    assert [copy["uri"][-5:] for copy in told["copies"]] == ["pay-2", "pay-3"]

    code, out, err = run("audience", "https://wiki.example.com/pay", "#finance", "--copies")
    assert (code, out, "nearly" in err) == (0, "3 documents are for #finance.\n", False)
    assert "nearly" not in run("hide", "docs")[2]
    code, out, err = run("hide", "https://wiki.example.com/pay-3")
    assert err.count("(#finance)") == 2
    assert "nearly" not in run("audience", "https://wiki.example.com/pay-3", "workspace")[2]


def test_each_command_teaches(run: Run) -> None:
    for command in documents.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        assert "--json" in run(name, "--help")[1]

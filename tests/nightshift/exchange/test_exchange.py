"""What is exported is a data set that others read, and what comes back adds nothing that is here."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import BadInputError, ConfigurationError
from nightshift.exchange import tables
from nightshift.exchange.folder import read_rows, write_folder
from nightshift.exchange.lines import as_pairs_file
from nightshift.exchange.tables import Export, read_export
from retrain.lesson import Anchor, AnchorText, Triplet
from tests.corpus import add_document, embed
from tests.db.feedback.test_vote_import import ask_and_vote
from tests.nightshift.conftest import Run

TRIPLET = {"anchor": "a", "positive": "p", "negative": "n"}


@pytest.fixture
def store(engine: sa.Engine) -> sa.Engine:
    """Two questions on which was voted, one of them asked in private, and two pairs, one for few."""
    ask_and_vote(engine, "T1:U1")
    ask_and_vote(engine, "T1:U2", "direct")
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO audience (workspace, kind, name) VALUES ('T1', 'channel', 'few')"))
        few = connection.scalar(sa.select(sa.func.max(schema.audience.c.id)))
    for title, audience_id in (("Boats", 1), ("Salaries", few)):
        hits = add_document(
            engine, title, [("", f"All about {title} is kept in the {title} office.")], audience_id=audience_id
        )
        embed(engine, hits, audience_id=audience_id)
        with engine.begin() as connection:
            row = {"prompt": f"Who knows {title}?", "completion": hits[0].text, "added_by": "somebody"}
            pair_id = connection.scalar(schema.curated_pair.insert().values(row).returning(schema.curated_pair.c.id))
            connection.execute(schema.curated_pair_chunk.insert().values(pair_id=pair_id, chunk_id=hits[0].chunk_id))
    with engine.connect() as connection:
        texts = connection.execute(sa.text("SELECT id, text FROM chunk WHERE text LIKE 'Passage%'")).all()
    assert texts
    from tests.hits import hit

    embed(engine, [hit(chunk_id, text, text_hash=b"", title="", section="") for chunk_id, text in texts])
    return engine


def rows_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_export_is_a_data_set_without_what_is_private(run: Run, store: sa.Engine, tmp_path: Path) -> None:
    code, out, err = run("export", tmp_path / "kept", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["votes"], told["pairs"], told["rankings"]) == (2, 1, 1)
    assert (told["left_out"]["votes"], told["left_out"]["pairs"]) == (2, 1)
    assert rows_of(tmp_path / "kept/pairs/train.jsonl") == [
        {"prompt": "Who knows Boats?", "completion": "All about Boats is kept in the Boats office."}
    ]
    [ranking] = rows_of(tmp_path / "kept/rankings/train.jsonl")
    assert (ranking["query"], ranking["labels"]) == ("Where does T1:U1 park?", [1, 0])
    everything = "".join(file.read_text() for file in (tmp_path / "kept").rglob("*.*"))
    assert not [word for word in ("Salaries", "Where does T1:U2", '"T1:U1"') if word in everything]
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    for row in rows_of(tmp_path / "kept/triplets/train.jsonl") if told["triplets"] else ():
        assert list(row) == list(TRIPLET)
    code, _, err = run("export", tmp_path / "kept")
    assert code and "not an empty folder" in err
    assert json.loads(run("export", tmp_path / "all", "--private", "--json")[1])["votes"] == 4
    code, out, err = run("export", tmp_path / "x", "--what", "secrets")
    assert (code, out) == (2, "") and "choose of" in err


def test_who_is_mentioned_in_a_question_has_a_made_up_id_too(run: Run, store: sa.Engine, tmp_path: Path) -> None:
    with store.begin() as connection:
        connection.execute(sa.text("UPDATE vote SET person = 'T1:U012VOTER'"))
        asks = "Does @U012VOTER or @W0345OTHER park at ann@USA.example?"
        connection.execute(sa.text("UPDATE question SET raw_text = :asks, rewritten_text = NULL"), {"asks": asks})
        connection.execute(sa.text("UPDATE curated_pair SET prompt = :asks || id"), {"asks": asks})
    what = ["--what", "votes", "--what", "pairs", "--what", "rankings"]
    assert run("export", tmp_path / "kept", *what)[0] == 0
    for file, column in (("votes", "question"), ("pairs", "prompt"), ("rankings", "query")):
        for row in rows_of(tmp_path / "kept" / file / "train.jsonl"):
            made_up = row.get("person", "")
            assert str(row[column]).startswith(f"Does @{made_up}") and "or @somebody park at ann@" in str(row[column])
            assert "U012" not in str(row) and "W0345" not in str(row)
    assert run("export", tmp_path / "named", *what, "--names")[0] == 0
    assert "@U012VOTER" in (tmp_path / "named/votes/train.jsonl").read_text()


def test_a_folder_that_somebody_is_in_is_filled(
    run: Run, store: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir(mode=0o755)
    monkeypatch.chdir(tmp_path / "here")
    code, _, err = run("export", ".", "--what", "pairs")
    assert code == 0, err
    assert sorted(own.name for own in Path().iterdir()) == ["README.md", "pairs"]
    assert stat.S_IMODE(Path().stat().st_mode) == 0o700


def test_triplets_go_out_where_question_and_passages_are_for_all(
    store: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.connect() as connection:
        chunk_of = dict(
            connection.execute(sa.text("SELECT title, c.id FROM chunk c JOIN document d ON d.id = document_id")).all()
        )
        asked = dict(connection.execute(sa.text("SELECT channel_kind = 'public', id FROM question")).all())
        pair_of = dict(connection.execute(sa.text("SELECT prompt, id FROM curated_pair")).all())
    boats, salaries = chunk_of["Boats"], chunk_of["Salaries"]
    other = next(chunk for title, chunk in chunk_of.items() if title not in ("Boats", "Salaries"))

    def exported(anchor: Anchor, positive: int, negative: int, *, private: bool = False) -> list[dict[str, Any]]:
        triplet = Triplet(anchor, positive, negative, "voted", 1.0)
        anchors = {anchor: AnchorText("Asked?", 0.0)}
        lesson = SimpleNamespace(triplets=[triplet], snapshot=SimpleNamespace(anchors=anchors))
        monkeypatch.setattr(tables, "lesson_of_now", lambda *_: (None, lesson))
        export = read_export(store, cast(Any, None), cast(Any, None), ["triplets"], private=private)
        assert export.left_out["triplets"] == 1 - len(export.rows["triplets"])
        return export.rows["triplets"]

    public, direct = Anchor("question", asked[True]), Anchor("question", asked[False])
    assert len(exported(public, boats, other)) == 1
    assert exported(public, boats, salaries) == exported(public, salaries, boats) == []
    assert exported(direct, boats, other) == []
    kinds: tuple[Literal["pair", "marked"], ...] = ("pair", "marked")
    for kind in kinds:
        assert exported(Anchor(kind, pair_of["Who knows Salaries?"]), boats, other) == []
        assert len(exported(Anchor(kind, pair_of["Who knows Boats?"]), boats, other)) == 1
    assert exported(Anchor("synthetic", 1), salaries, other) == []
    assert len(exported(direct, salaries, boats, private=True)) == 1


def test_what_comes_back_adds_nothing_and_another_store_takes_it(
    run: Run, store: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        run("export", tmp_path / "kept", "--private", "--names", "--what", "votes", "--what", "pairs", "--parquet")[0]
        == 0
    )
    code, out, _ = run("import", tmp_path / "kept", "--json")
    assert code == 0
    assert [(file["kind"], file["added"], file["known"]) for file in json.loads(out)["files"]] == [
        ("votes", 0, 4),
        ("pairs", 0, 2),
    ]
    with store.begin() as connection:  # as another store, which has the same documents
        connection.execute(sa.text("DELETE FROM question"))
        connection.execute(sa.text("DELETE FROM curated_pair"))
    code, out, _ = run("import", tmp_path / "kept", "--json")
    assert [(file["kind"], file["added"], file["known"]) for file in json.loads(out)["files"]] == [
        ("votes", 4, 0),
        ("pairs", 2, 0),
    ]
    code, out, _ = run("import", tmp_path / "kept")
    assert (code, "added 0, known 4, waiting 0" in out) == (0, True)


def test_lines_that_can_not_be_used_are_named(run: Run, store: sa.Engine, tmp_path: Path) -> None:
    run("export", tmp_path / "kept", "--what", "votes")
    votes = tmp_path / "votes.jsonl"
    first, second = (tmp_path / "kept/votes/train.jsonl").read_text().splitlines()
    votes.write_text("\n".join([first, "", "{no", '["x"]', second.replace('"value": -1', '"value": 9'), ""]))
    with store.begin() as connection:
        connection.execute(sa.text("DELETE FROM question"))
    code, out, err = run("import", votes)
    assert code == 1 and "added 1" in out
    assert [line.split(":")[1] for line in err.strip().splitlines()] == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (json.dumps(TRIPLET), "Triplets are made anew"),
        ('{"query": "q", "docs": [], "labels": []}', "Rankings are made anew"),
        ('{"text": "x"}', "has neither votes"),
        ("", "has no row"),
        ("no json", "has no row"),
    ],
)
def test_what_is_neither_votes_nor_pairs_is_refused(tmp_path: Path, content: str, why: str) -> None:
    from nightshift.exchange.lines import kind_of

    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(BadInputError, match=why):
        kind_of(tmp_path / "x.jsonl")


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_folder(Export({"triplets": [TRIPLET], "pairs": []}, {"triplets": 3, "pairs": 0}), tmp_path / "one")
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*")) == [
        "one/README.md",
        "one/triplets/train.jsonl",
    ]
    card = (tmp_path / "one/README.md").read_text()
    assert "data_files: triplets/train.jsonl" in card and "3 left out as private" in card
    with pytest.raises(TypeError):
        write_folder(Export({"pairs": [{"x": object()}]}, {}), tmp_path / "two")
    assert [file.name for file in tmp_path.iterdir()] == ["one"]
    (tmp_path / "empty").mkdir()
    write_folder(Export({"pairs": []}, {}), tmp_path / "empty")
    assert (tmp_path / "empty/README.md").is_file()
    with pytest.raises(BadInputError, match="README.md/two can't be written"):
        write_folder(Export({"pairs": []}, {}), tmp_path / "one/README.md/two")


def test_what_holds_nothing_to_take_is_named(run: Run, store: sa.Engine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = run("import", tmp_path / "empty")
    assert (code, out) == (1, "") and "neither votes/train.jsonl nor pairs/train.jsonl" in err
    with pytest.raises(BadInputError, match="nothing.jsonl can't be read"):
        list(read_rows(tmp_path / "nothing.jsonl"))
    (tmp_path / "pairs.jsonl").write_text("as it is")
    with as_pairs_file(tmp_path / "pairs.jsonl") as lines:
        assert lines == tmp_path / "pairs.jsonl"


def test_a_line_without_end_is_told_and_not_held(tmp_path: Path) -> None:
    file = tmp_path / "votes.jsonl"
    file.write_bytes(b'{"text": "' + b"x" * 3_000_000 + b'"}\n{"text": "x"}\n')
    assert list(read_rows(file)) == [(1, None), (2, {"text": "x"})]


def test_values_that_are_no_json_are_told_as_texts(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_folder(Export({"pairs": [{"prompt": b"q", "completion": b"c"}]}, {}), tmp_path / "one", parquet=True)
    with as_pairs_file(tmp_path / "one/pairs/train.parquet") as lines:
        assert len(rows_of(lines)) == 1


def test_parquet_comes_back_as_it_went(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_folder(Export({"triplets": [TRIPLET] * 3}, {"triplets": 0}), tmp_path / "one", parquet=True)
    file = tmp_path / "one/triplets/train.parquet"
    assert list(read_rows(file)) == [(1, TRIPLET), (2, TRIPLET), (3, TRIPLET)]
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(BadInputError, match="no Parquet file"):
        list(read_rows(file))


def test_without_pyarrow_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match="pip install pyarrow"):
        write_folder(Export({"triplets": [TRIPLET]}, {}), tmp_path / "one", parquet=True)
    assert list(tmp_path.iterdir()) == []

"""Only the operator's own file names code, and only one that nobody else can write to."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import BadInputError, ConfigurationError
from intake.loaders import LOADERS_FILE, LoaderSettings, read_loader
from intake.sources import read_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / LOADERS_FILE
    made.write_text('[wiki]\nloader = "a.b.C"\narguments = { path = "x" }\nsecrets = { key = "WIKI_KEY" }\n')
    made.chmod(0o600)
    return made


def test_an_entry_with_its_secrets(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = read_loader(file, "wiki")
    with pytest.raises(ConfigurationError, match="WIKI_KEY isn't set"):
        told.with_secrets()
    monkeypatch.setenv("WIKI_KEY", "k1")
    assert (told.loader, told.with_secrets()) == ("a.b.C", {"path": "x", "key": "k1"})


@pytest.mark.parametrize("mode", [0o660, 0o606, 0o666])
def test_a_file_that_others_can_write_to_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(ConfigurationError, match="others may not write"):
        read_loader(file, "wiki")


def test_a_file_or_an_entry_that_is_missing_or_broken_is_named(file: Path) -> None:
    with pytest.raises(BadInputError, match=r"no entry \[other\]"):
        read_loader(file, "other")
    for text in ("[wiki]\nloader = 7", "[wiki]\nloader = 'os'", "[wiki]\nloader='a.b'\ntoken='hunter2'", "wiki = 'x'"):
        file.write_text(text)
        with pytest.raises(BadInputError) as raised:
            read_loader(file, "wiki")
        assert "hunter2" not in str(raised.value)
    for broken in ("[wiki", "\udcff"):
        file.write_bytes(broken.encode("utf-8", "surrogateescape"))
        with pytest.raises(ConfigurationError, match="can't be read"):
            read_loader(file, "wiki")
    file.unlink()
    with pytest.raises(ConfigurationError, match="can't be read"):
        read_loader(file, "wiki")


@pytest.mark.parametrize("told", [{"entry": "../x"}, {"entry": ""}, {"entry": "a", "loader": "os.system"}, {}])
def test_a_row_names_an_entry_and_no_code(told: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        read_settings(LoaderSettings, told)

"""Nothing outside a folder is opened from it, whatever its links say and whoever swaps them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import intake.sources.beneath
from db.errors import BadInputError
from intake.sources.beneath import LEADS_OUT, open_beneath, open_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `in/a.txt` in it, and `secret.txt` beside it."""
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "folder" / "in"
    inside.mkdir(parents=True)
    (inside / "a.txt").write_text("text")
    return tmp_path / "folder"


def read(folder: Path, *parts: str) -> tuple[str, tuple[str, ...]]:
    with open_folder(str(folder)) as descriptor:
        with open_beneath(descriptor, [str(folder), os.path.realpath(folder)], parts) as opened:
            return os.read(opened.descriptor, 100).decode(), opened.parts


@pytest.mark.parametrize(
    "target", ["in/a.txt", "./in/../in/./a.txt", "{folder}/in/a.txt", "{folder}//in/a.txt", "in//a.txt", "hop/a.txt"]
)
def test_a_link_inside_is_followed(folder: Path, target: str) -> None:
    (folder / "hop").symlink_to("in")
    (folder / "link").symlink_to(target.format(folder=folder))
    assert read(folder, "link") == ("text", ("in", "a.txt"))


@pytest.mark.parametrize(
    "target",
    [
        "../secret.txt",
        "in/../../secret.txt",
        "{folder}/../secret.txt",
        "{outside}/secret.txt",
        "{folder}x/../secret.txt",
        "/",
        "hop/secret.txt",
        "hop/folder/in/a.txt",
    ],
)
def test_a_link_that_leads_out_is_not_followed_even_if_it_comes_back(folder: Path, target: str) -> None:
    (folder / "hop").symlink_to("..")
    (folder / "link").symlink_to(target.format(folder=folder, outside=folder.parent))
    with pytest.raises(BadInputError, match=LEADS_OUT):
        read(folder, "link")


def test_a_step_that_is_swapped_while_others_are_walked_leads_nowhere_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder `in` is there when the walk begins, and a link to the outside when it gets to it."""
    step = intake.sources.beneath._step

    def swap_first(descriptor: int, name: str) -> int:
        if name == "in":
            monkeypatch.setattr("intake.sources.beneath._step", step)
            (folder / "in").rename(folder / "was")
            (folder / "in").symlink_to("..")
        return step(descriptor, name)

    (folder / "in" / "secret.txt").write_text("text")
    monkeypatch.setattr("intake.sources.beneath._step", swap_first)
    with pytest.raises(BadInputError, match=LEADS_OUT):
        read(folder, "in", "secret.txt")


def test_no_descriptor_is_left_open(folder: Path) -> None:
    (folder / "out").symlink_to("..")
    (folder / "round").symlink_to("round")
    before = os.listdir("/dev/fd")
    for name in ("out", "round", "nothing", "in"):
        try:
            read(folder, name, "a.txt")
        except (OSError, BadInputError):
            pass
    assert len(os.listdir("/dev/fd")) == len(before)

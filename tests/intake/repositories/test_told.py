"""What is told of a repository is checked before git hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from db.errors import BadInputError
from intake.repositories import GitSettings
from intake.sources import read_settings


def told(**values: Any) -> GitSettings:
    return read_settings(GitSettings, {"url": "https://git.example.com/a/b", "branch": "main"} | values)


@pytest.mark.parametrize(
    ("url", "protocol"),
    [
        ("https://github.com/example/handbook.git", "https"),
        ("http://git.intern:3000/a/b", "http"),
        ("ssh://git@git.example.com:2222/a/b.git", "ssh"),
        ("git@github.com:example/handbook.git", "ssh"),
        ("git.example.com:/srv/docs.git", "ssh"),
        ("file:///srv/git/docs.git", "file"),
        ("https://[2001:db8::1]/a/b", "https"),
    ],
)
def test_addresses_of_repositories(url: str, protocol: str) -> None:
    assert told(url=url).protocol == protocol


@pytest.mark.parametrize(
    "url",
    [
        "",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "ssh://-oProxyCommand=touch/x",
        "ssh://-oProxyCommand=x@host/path",
        "-oProxyCommand=x:path",
        "-u@host:path",
        "git@-host:path",
        "git@host:-path",
        "host::path",
        "/srv/git/docs",
        "../docs",
        "file://host/share",
        "ftp://host/a",
        "git://host/a",
        "https://me:secret@host/a",
        "https://token@host/a",
        "https:///a/b",
        "https://host/a?x=1",
        "https://host/a#x",
        "https://host/a b",
        "https://host/a\nb",
        "https://ho st/a",
        "https://host\x00/a",
    ],
)
def test_what_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadInputError) as raised:
        told(url=url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("branch", ["main", "release/2.0", "feature-x", "höhe", "v1.2_x", "a@b"])
def test_branches(branch: str) -> None:
    assert told(branch=branch).branch == branch


@pytest.mark.parametrize(
    "branch",
    ["", "-main", "--upload-pack=x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "/a", "a/", "a//b",
     ".a", "a/.b", "a.", "a.lock", "a.lock/b", "@", "a@{1}", "a\nb", "a\x7f", "main:refs/heads/evil"],
)  # fmt: skip
def test_what_is_no_branch_is_refused(branch: str) -> None:
    with pytest.raises(BadInputError, match="no branch"):
        told(branch=branch)


@pytest.mark.parametrize("path", ["", "/", "..", "docs/../..", "docs/./a", "a//b", "a\0b"])
def test_paths_stay_inside(path: str) -> None:
    with pytest.raises(BadInputError, match="paths"):
        told(paths=[path])


def test_what_lies_in_a_folder_is_covered_and_its_neighbour_is_not() -> None:
    own = told(paths=["/docs/", "README.md"])
    assert [own.covers(path) for path in ("docs/a.md", "docs", "docs2/a.md", "README.md", "a/docs/b.md")] == [
        True, True, False, True, False,
    ]  # fmt: skip
    assert told().covers("any/thing.md")


@pytest.mark.parametrize(
    "values",
    [
        {"token_from": "ghp_0123456789-x"},
        {"token_from": "$TOKEN"},
        {"token_from": "TOKEN", "url": "http://host/a"},
        {"token_from": "TOKEN", "url": "git@host:a"},
        {"user": "-x"},
        {"user": "a\nb"},
        {"web": "https://host/{branch}"},
        {"web": "javascript:alert(1)//{path}"},
        {"web": "https://host/{path}?ref={branch}"},
        {"token": "ghp_secret"},
    ],
)
def test_other_settings_that_can_not_be_used(values: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as raised:
        told(**values)
    assert "ghp_" not in str(raised.value)

"""A file's address is its page where the host is known."""

from __future__ import annotations

import pytest

from intake.repositories import GitSettings
from intake.repositories.addresses import address_of, address_prefix


@pytest.mark.parametrize(
    ("url", "branch", "address"),
    [
        ("https://github.com/ex/hand.git", "main", "https://github.com/ex/hand/blob/main/"),
        ("git@github.com:ex/hand.git", "main", "https://github.com/ex/hand/blob/main/"),
        ("ssh://git@GitHub.com/ex/hand", "a/b#c", "https://github.com/ex/hand/blob/a/b%23c/"),
        ("https://gitlab.example.com/a/b/c.git", "main", "https://gitlab.example.com/a/b/c/-/blob/main/"),
        ("https://bitbucket.org/a/b", "main", "https://bitbucket.org/a/b/src/main/"),
        ("https://codeberg.org/a/b", "main", "https://codeberg.org/a/b/src/branch/main/"),
        ("https://notgithub.com/a/b", "main", "git+https://notgithub.com/a/b@main/"),
        ("https://github.com.evil.example/a/b", "main", "git+https://github.com.evil.example/a/b@main/"),
        ("file:///srv/git/docs.git", "main", "git+file:///srv/git/docs@main/"),
    ],
)
def test_where_files_are(url: str, branch: str, address: str) -> None:
    prefix = address_prefix(GitSettings(url=url, branch=branch))
    assert address_of(prefix, b"a b/\xff#?.md") == address + "a%20b/%FF%23%3F.md"


def test_where_an_operator_says_they_are() -> None:
    told = GitSettings(
        url="https://git.example.com/a/b", branch="x y".replace(" ", "-"), web="https://w.example/{branch}/f/{path}"
    )
    assert address_of(address_prefix(told), b"docs/a.md") == "https://w.example/x-y/f/docs/a.md"

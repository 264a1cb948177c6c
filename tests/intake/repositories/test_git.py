"""git, kept to what is needed: which protocols it speaks, what it is told and what it tells."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from db.errors import SourceError
from intake.repositories import git as git_module
from intake.repositories.git import Git
from tests.intake.websites.site import serving_site

TOKEN = "ghp_0123456789abcdef"

# A git that tells how it was called.
TELLS = """#!/bin/sh
printf '%s\\n' "$@" > told
env >> told
echo "fatal: $SOURCE_GIT_TOKEN was refused" >&2
exit 128
"""


def test_a_token_is_in_no_argument_and_in_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text(TELLS)
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    with pytest.raises(SourceError, match="… was refused") as raised:
        Git(tmp_path, "https", "me", SecretStr(TOKEN)).run("fetch", "--", "https://host/a")
    assert TOKEN not in str(raised.value)
    arguments, _, environment = (tmp_path / "told").read_text().partition("https://host/a\n")
    assert TOKEN not in arguments and f"SOURCE_GIT_TOKEN={TOKEN}" in environment
    assert "xoxb-1" not in environment and "NO_VERIFY" not in environment
    for kept in ("GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=https", "GIT_CONFIG_NOSYSTEM=1"):
        assert kept in environment.splitlines()


def test_the_token_answers_whoever_asks_for_a_password(tmp_path: Path) -> None:
    own = Git(tmp_path, "https", "me", SecretStr(TOKEN))
    asked = subprocess.run(
        [own._git, "credential", "fill"],
        input=b"protocol=https\nhost=git.example.com\n\n",
        env=own._environment,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert f"username=me\npassword={TOKEN}\n" in asked.stdout.decode()


def test_only_the_protocol_of_the_address_is_spoken(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "there"], check=True)
    with pytest.raises(SourceError, match="transport 'file' not allowed"):
        Git(tmp_path, "https").run("ls-remote", "--", f"file://{tmp_path}/there")
    with pytest.raises(SourceError, match="transport 'ext' not allowed"):
        Git(tmp_path, "https").run("ls-remote", "--", "ext::sh -c touch% made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_is_said(tmp_path: Path, status: int) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with serving_site() as site, serving_site() as elsewhere:
        site.redirect("/a/info/refs?service=git-upload-pack", f"{elsewhere.url}/a/info/refs", status)
        with pytest.raises(SourceError, match="a redirect isn't followed: name the address"):
            Git(tmp_path, "http").run("ls-remote", "--", f"{site.url}/a")
        assert site.asked and not elsewhere.asked


def test_another_failure_is_told_as_no_redirect(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with serving_site() as site, pytest.raises(SourceError) as raised:
        Git(tmp_path, "http").run("ls-remote", "--", f"{site.url}/a")
    assert "redirect" not in str(raised.value)


def test_a_repository_above_tells_it_nothing(tmp_path: Path) -> None:
    """As one in /tmp, which is anybody's, could send it to another host, with the token."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "other"], check=True)
    config = ["config", f"url.file://{tmp_path}/other.insteadOf", f"file://{tmp_path}/none"]
    subprocess.run(["git", *config], cwd=tmp_path, check=True)
    (tmp_path / "own").mkdir()
    with pytest.raises(SourceError, match="git"):
        Git(tmp_path / "own", "file").run("ls-remote", "--", f"file://{tmp_path}/none")


def test_what_takes_too_long_is_ended_with_what_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\ncat /dev/zero | cat\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SourceError, match="takes more than"), Git(tmp_path, "file").reading("x", timeout_s=0.2) as out:
        while out.read(1 << 16):
            pass


def test_a_file_that_fills_the_disk_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_module, "MOST_FILE_KIB", 8)
    (tmp_path / "git").write_text("#!/bin/sh\nhead -c 100000 /dev/zero > filled\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SourceError):
        Git(tmp_path, "file").run("x")
    assert (tmp_path / "filled").stat().st_size <= 16 * 1024


def test_without_git_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="install it"):
        Git(tmp_path, "https")

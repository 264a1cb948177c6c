from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from db.embedded import account
from db.embedded.account import account_of, can_enter, can_run, identity, service_account
from db.errors import EmbeddedServerError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


def test_an_id_without_an_account_is_refused() -> None:
    assert account_of(os.geteuid()).pw_uid == os.geteuid()
    with pytest.raises(EmbeddedServerError, match="user id 54321987"):
        account_of(54321987)


def test_nothing_of_our_environment_is_passed_on() -> None:
    assert set(account.ENVIRONMENT) == {"PATH", "LC_ALL", "TZ"}
    assert identity(None) == {}


@as_root
def test_root_finds_an_account_with_no_groups_but_its_own() -> None:
    found = service_account()
    assert found.pw_uid != 0
    assert identity(found) == {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


@as_root
def test_without_any_account_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "SERVICE_ACCOUNTS", ("no-such-account",))
    with pytest.raises(EmbeddedServerError, match="NIGHTSHIFT_DATABASE_URL"):
        service_account()


@as_root
def test_reach_is_tried(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert can_enter(nobody, Path("/"))
    assert not can_enter(nobody, closed)
    assert can_run(nobody, Path("/bin/cat"))
    assert not can_run(nobody, closed / "program")

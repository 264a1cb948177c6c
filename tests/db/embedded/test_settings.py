from __future__ import annotations

from pathlib import Path

import pytest

from db.embedded import settings
from db.embedded.settings import MB, render_settings, server_settings, usable_memory_bytes


def test_values_are_quoted() -> None:
    text = render_settings({"search_path": "it's", "log_line_prefix": "a\\b"})
    assert "search_path = 'it''s'\n" in text
    assert "log_line_prefix = 'a\\\\b'\n" in text


def test_data_is_safe_by_default_and_a_caller_may_choose_otherwise() -> None:
    assert "fsync" not in server_settings(None, {})
    chosen = server_settings(None, {"fsync": "off", "max_connections": "7"})
    assert (chosen["fsync"], chosen["max_connections"]) == ("off", "7")


def test_a_socket_or_the_loopback_address_never_both() -> None:
    by_socket, by_port = server_settings(None, {}), server_settings(6543, {})
    assert (by_socket["listen_addresses"], by_socket["unix_socket_directories"]) == ("", "../run")
    assert (by_port["listen_addresses"], by_port["unix_socket_directories"]) == ("127.0.0.1", "")
    assert by_port["port"] == "6543"


@pytest.mark.parametrize(
    ("limit_mb", "shared", "maintenance"),
    [(512, "128MB", "64MB"), (2048, "512MB", "256MB"), (10**6, "1024MB", "1024MB")],
)
def test_memory_follows_the_containers_limit(
    limit_mb: int, shared: str, maintenance: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{limit_mb * MB}\n")
    monkeypatch.setattr(settings, "CGROUP_LIMIT", limit)
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 10**9}[name])
    chosen = server_settings(None, {})
    assert (chosen["shared_buffers"], chosen["maintenance_work_mem"]) == (shared, maintenance)


@pytest.mark.parametrize("content", ["max\n", None])
def test_without_a_limit_the_machine_is_the_limit(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    if content is not None:
        limit.write_text(content)
    monkeypatch.setattr(settings, "CGROUP_LIMIT", limit)
    assert usable_memory_bytes() > 100 * MB


def test_index_builds_share_files_where_shared_memory_is_too_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SHARED_MEMORY", tmp_path)
    free_mb = 64
    monkeypatch.setattr("os.statvfs", lambda path: type("Free", (), {"f_bavail": free_mb, "f_frsize": MB}))
    assert server_settings(None, {})["dynamic_shared_memory_type"] == "mmap"
    free_mb = 4096
    assert server_settings(None, {})["dynamic_shared_memory_type"] == "posix"


@pytest.mark.parametrize(("has_proc", "memory"), [(True, "mmap"), (False, "posix")], ids=["Linux", "macOS"])
def test_without_a_folder_of_shared_memory_the_system_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_proc: bool, memory: str
) -> None:
    monkeypatch.setattr(settings, "SHARED_MEMORY", tmp_path / "none")
    monkeypatch.setattr("os.path.exists", lambda _: has_proc)
    assert server_settings(None, {})["dynamic_shared_memory_type"] == memory

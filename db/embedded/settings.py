"""The embedded server's settings: sized to the machine, written into its home before each start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

MB = 1024 * 1024
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def server_settings(port: int | None, extra: Mapping[str, str]) -> dict[str, str]:
    """Every setting that differs from PostgreSQL's default; `extra` wins.

    Args:
        port: A TCP port on the loopback address, or None for a Unix socket in `run/`.
        extra: Settings by name, in PostgreSQL's own notation.
    """
    memory_mb = usable_memory_bytes() // MB
    # An index of 60,000 vectors of 384 dimensions takes 79.6 s to build in 64 MB and 21.8 s in 1 GB.
    maintenance_mb = max(64, min(1024, memory_mb // 8))
    settings = {
        "listen_addresses": "" if port is None else "127.0.0.1",
        "port": str(5432 if port is None else port),
        "unix_socket_directories": "../run" if port is None else "",
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "shared_buffers": f"{max(32, min(1024, memory_mb // 4))}MB",
        "maintenance_work_mem": f"{maintenance_mb}MB",
        "max_wal_size": "4GB",
        "dynamic_shared_memory_type": "posix" if _shared_memory_holds(maintenance_mb * MB) else "mmap",
        # A client that was killed leaves its query running; the server looks whether anyone still listens.
        "client_connection_check_interval": "5s",
        "default_text_search_config": "pg_catalog.english",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": "../log",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        # Rows hold what people asked and wrote. The log keeps neither statements nor the values in an error.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    return settings | dict(extra)


def render_settings(settings: Mapping[str, str]) -> str:
    """The text of the settings file."""
    lines = ["# Written before each start of the embedded server: edits are lost."]
    for name, value in settings.items():
        escaped = value.replace("\\", "\\\\").replace("'", "''")
        lines.append(f"{name} = '{escaped}'")
    return "\n".join(lines) + "\n"


def usable_memory_bytes() -> int:
    """What this machine has, or this container may use."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(physical, int(CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):
        return physical


def _shared_memory_holds(size: int) -> bool:
    """Whether parallel index builds fit; a container often has 64 MB there, and the build then fails."""
    try:
        free = os.statvfs(SHARED_MEMORY)
    except OSError:
        return not os.path.exists("/proc")  # macOS has POSIX shared memory and no such folder
    return free.f_bavail * free.f_frsize > 2 * size

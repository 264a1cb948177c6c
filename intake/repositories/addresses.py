"""Where a file of a repository can be looked at: its page at a host that is known, else an address of its own; pure."""

from __future__ import annotations

from urllib.parse import quote

from intake.repositories.told import GitSettings

_GITEA = ("codeberg.org", "gitea.com")


def address_prefix(told: GitSettings) -> str:
    """What the addresses of a branch's files begin with; the quoted path follows."""
    host, path = told.place
    own = quote(path.strip("/").removesuffix(".git"), safe="/~")
    branch = quote(told.branch)
    if told.web is not None:
        return told.web.removesuffix("{path}").replace("{branch}", branch)
    if host == "github.com":
        return f"https://{host}/{own}/blob/{branch}/"
    if host == "bitbucket.org":
        return f"https://{host}/{own}/src/{branch}/"
    if host in _GITEA:
        return f"https://{host}/{own}/src/branch/{branch}/"
    if host == "gitlab.com" or host.startswith("gitlab."):
        return f"https://{host}/{own}/-/blob/{branch}/"
    return f"git+{told.protocol}://{host}/{own}@{branch}/"


def address_of(prefix: str, path: bytes) -> str:
    """The address of one file, whose path may hold any bytes."""
    return prefix + quote(path)

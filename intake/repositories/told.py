"""What an operator tells of a repository, checked before any of it reaches a command line."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import field_validator, model_validator

from intake.sources import SourceSettings

_BY_SSH = re.compile(r"(?:[\w.][\w.-]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^/:-][^:]*|/(?!/).+)")
_HOST = re.compile(r"[a-z0-9][a-z0-9.-]*|[0-9a-f:.]+")
_USER = re.compile(r"[\w.][\w.-]*")
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|\A[-/.]|[/.]\Z|\A@\Z")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
PROTOCOLS = ("https", "http", "ssh", "file")
_ENDS_IN = "{path}"


class GitSettings(SourceSettings):
    """A repository: where it is, which branch, and of which folders or files the documents are.

    Without `paths` it is all of it. `web` is where a file can be looked at, with {branch} and, at its end, {path}; it
    need not be told of the hosts that are known. `token_from` names the variable that holds a token.
    """

    url: str
    branch: str
    paths: tuple[str, ...] = ()
    web: str | None = None
    token_from: str | None = None
    user: str = "x-access-token"

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if any(char.isspace() or not char.isprintable() for char in url) or url.startswith("-"):
            raise ValueError("it is no address of a repository")
        if "://" not in url:
            if not _BY_SSH.fullmatch(url):
                raise ValueError("an address is https://…, ssh://…, git@host:path or file:///…")
            return url
        _check_parts(urlsplit(url))
        return url

    @field_validator("branch")
    @classmethod
    def _check_branch(cls, branch: str) -> str:
        if not branch or _NO_BRANCH.search(branch):
            raise ValueError("it is no branch's name")
        return branch

    @field_validator("paths")
    @classmethod
    def _check_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        tidy = tuple(path.strip("/") for path in paths)
        for path in tidy:
            if not path or "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
                raise ValueError("a path is a folder or a file of the repository, as docs/handbook")
        return tidy

    @field_validator("web")
    @classmethod
    def _check_web(cls, web: str | None) -> str | None:
        if web is not None and (
            urlsplit(web).scheme not in ("http", "https")
            or not web.endswith(_ENDS_IN)
            or web.count(_ENDS_IN) != 1
            or any(char.isspace() for char in web)
        ):
            raise ValueError("it is https://…, and ends in {path}")
        return web

    @field_validator("token_from")
    @classmethod
    def _check_variable(cls, name: str | None) -> str | None:
        if name is not None and not _VARIABLE.fullmatch(name):
            raise ValueError("it is the name of a variable, never the token itself")
        return name

    @field_validator("user")
    @classmethod
    def _check_user(cls, user: str) -> str:
        if not _USER.fullmatch(user):
            raise ValueError("it is no user's name")
        return user

    @model_validator(mode="after")
    def _keep_tokens_to_tls(self) -> GitSettings:
        if self.token_from is not None and not self.url.startswith("https://"):
            raise ValueError("a token goes over https:// only; ssh uses its own keys")
        return self

    @property
    def protocol(self) -> str:
        """How it is reached."""
        return urlsplit(self.url).scheme if "://" in self.url else "ssh"

    @property
    def place(self) -> tuple[str, str]:
        """Its host and path, without what is the way there."""
        if "://" in self.url:
            parts = urlsplit(self.url)
            return parts.hostname or "", parts.path
        found = _BY_SSH.fullmatch(self.url)
        return (found["host"].lower(), found["path"]) if found else ("", "")

    def covers(self, path: str) -> bool:
        """Whether a file's path is among those that were told."""
        return not self.paths or any(path == own or path.startswith(f"{own}/") for own in self.paths)


def _check_parts(parts: SplitResult) -> None:
    host = parts.hostname or ""
    if parts.scheme not in PROTOCOLS:
        raise ValueError(f"an address begins with {', '.join(f'{own}://' for own in PROTOCOLS)} or is git@host:path")
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise ValueError("no password or token in an address: name its variable, as --token-from GIT_TOKEN")
    if parts.query or parts.fragment:
        raise ValueError("an address of a repository has no ? or #")
    if parts.username is not None and not _USER.fullmatch(parts.username):
        raise ValueError("its user is none")
    if parts.scheme == "file":
        if parts.netloc or not parts.path.startswith("/"):
            raise ValueError("an address on this machine is file:///, and the path")
    elif not _HOST.fullmatch(host):
        raise ValueError("its host is none")

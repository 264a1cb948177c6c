"""`options` of an address, told apart: settings, which can be made at any time, and what is said to a proxy; pure."""

from __future__ import annotations

import re

_WORD = re.compile(r"(?:\\.|\S)+")
_SETTING = re.compile(r"(?:-c\s*|--)([A-Za-z_][\w.-]*)=(.*)", re.DOTALL)


def read_options(options: str) -> tuple[dict[str, str], str]:
    r"""Settings by name, and the rest as it was; a space inside a value is written `\ ` (PostgreSQL's `pg_split_opts`).

    The rest may be what a host's proxy tells databases apart by (`endpoint=…`, `project=…`).
    """
    settings: dict[str, str] = {}
    rest: list[str] = []
    words = [word.group() for word in _WORD.finditer(options)]
    while words:
        word = words.pop(0)
        if word == "-c" and words:
            word += words.pop(0)
        found = _SETTING.fullmatch(word)
        if found is None:
            rest.append(word)
        else:
            name = found[1] if word.startswith("-c") else found[1].replace("-", "_")
            settings[name] = re.sub(r"\\(.)", r"\1", found[2])
    return settings, " ".join(rest)

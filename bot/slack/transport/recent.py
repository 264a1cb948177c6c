"""The latest of many names, so that something is said once about each."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED = 1_000


class Recent:
    """Remembers so many names; the oldest go first."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str) -> bool:
        """Remembers a name; whether it is a new one."""
        is_new = name not in self._names
        self._names[name] = None
        if len(self._names) > REMEMBERED:
            self._names.popitem(last=False)
        return is_new

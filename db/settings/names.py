"""Names in the environment that look like settings and are none: a slip of the keyboard would do nothing, silently."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

PREFIX = "NIGHTSHIFT_"

_SERVICE_LINK = re.compile(
    r"NIGHTSHIFT_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
"""What Kubernetes sets in every container beside a service whose name begins with ours."""


def explain_unknown_names(
    names: Iterable[str], known: Collection[str], places: Mapping[str, str] | None = None
) -> list[str]:
    """A sentence for each name with our prefix that isn't `known`, with the nearest one that is; values stay unseen.

    `places` says where names stand that are none of the environment's.
    """
    ours = sorted({name.upper() for name in names if name.upper().startswith(PREFIX)})
    linked = any(name.endswith("_SERVICE_HOST") for name in ours)
    return [
        _explain(name, known, (places or {}).get(name))
        for name in ours
        if name not in known and not (linked and _SERVICE_LINK.fullmatch(name))
    ]


def _explain(name: str, known: Collection[str], place: str | None) -> str:
    # Of the rest alone: all begin alike, which would make any two of them near.
    rests = {candidate.removeprefix(PREFIX): candidate for candidate in known}
    nearest = get_close_matches(name.removeprefix(PREFIX), rests, n=1)
    meant = rests[nearest[0]] if nearest else ""
    if place is not None:
        meant = meant.removeprefix(PREFIX).lower()
    hint = f"did you mean {meant}?" if meant else "docs/settings.md lists all that there are."
    return f"{place or name} is set, but is no setting, so it does nothing; {hint}"

"""`nightshift settings`: what is in force, and who said so."""

from __future__ import annotations

import json
from dataclasses import asdict

from nightshift.cli.workplace import Json, err, out


def settings(as_json: Json = False) -> None:
    """Shows every setting as it is in force, and where it comes from; starts and changes nothing.

    The environment comes first, then settings.toml and secrets.toml in the data folder, then the default. Of a secret
    it says that it is set, never what it is; of an address neither a password nor what stands behind its question mark.
    Names that look like settings and are none are told of.
    """
    from db.settings import read_in_force

    in_force, given = read_in_force()
    if as_json:
        facts = {"settings": [asdict(one) for one in in_force], "unknown": given.unknown}
        out.print(json.dumps(facts), markup=False)
        return
    shown = {one.name: "—" if one.value is None else str(one.value) for one in in_force}
    width = max(map(len, shown))
    for one in in_force:
        place = f": {one.place}" if one.place else ""
        style = "dim" if one.origin == "default" else None
        out.print(f"{one.name:<{width}}  {shown[one.name]}  ({one.origin}{place})", style=style, markup=False)
    for sentence in given.unknown:
        err.print(sentence, markup=False)

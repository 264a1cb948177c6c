"""`nightshift doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from db.errors import ConfigurationError
from nightshift.cli.workplace import Json, out, read_settings

if TYPE_CHECKING:
    from nightshift.doctor.finding import Finding

_SIGNS = {"ok": "✓", "warning": "!", "fault": "✗", "skipped": "·"}


def doctor(as_json: Json = False) -> None:
    """Looks at everything that an installation needs, and says of each fault what to do; changes nothing.

    Settings, database and tables, sources whose last sync failed or whose next one is overdue, indexes with their
    recall, vectors and words of all passages, clocks, room and memory for the next night, the models' hashes, when
    nights are due and whether one is overdue, a trial that nobody begins, looks at or ends, what was left by processes
    that died; Slack's tokens and scopes; and the language model, which is sent a sentence. An embedded server that is
    down is started for it. The exit code is 1 if there is a fault; a warning is none.
    """
    found = _examine()
    faults = [name for name, finding in found.items() if finding.level == "fault"]
    if as_json:
        checks = [{"check": name, **asdict(finding)} for name, finding in found.items()]
        out.print(json.dumps({"ok": not faults, "checks": checks}), markup=False)
    else:
        width = max(map(len, found))
        for name, finding in found.items():
            out.print(f"{_SIGNS[finding.level]} {name:<{width}}  {finding.sentence}", markup=False)
            if finding.remedy and finding.level != "ok":
                out.print(f"  {'':<{width}}  → {finding.remedy}", markup=False)
    if faults:
        raise typer.Exit(1)


def _examine() -> dict[str, Finding]:
    """What the settings are like comes first; where they can't be used there is nothing else to look at."""
    from db.settings import read_in_force
    from nightshift.doctor.examination import CHECKS, examine
    from nightshift.doctor.finding import Finding

    try:
        unknown = read_in_force()[1].unknown
        settings = read_settings(tell_unknown=False)
    except ConfigurationError as error:
        skipped = Finding("skipped", "The settings can't be used, so this wasn't looked at.")
        wrong = Finding("fault", str(error), "Correct it; docs/settings.md tells what each may be.")
        return {"settings": wrong, **dict.fromkeys((check.name for check in CHECKS), skipped)}
    said = Finding("ok", "All settings can be used.")
    if unknown:
        said = Finding("warning", " ".join(unknown), "Correct the names, or take them away.")
    return {"settings": said, **examine(settings)}

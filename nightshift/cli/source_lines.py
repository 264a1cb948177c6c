"""A source as `nightshift sources` tells of it: how many documents, its last sync, and when the next one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nightshift.cli.intervals import write_interval

if TYPE_CHECKING:
    from db.sources import StoredSource


def in_words(one: StoredSource) -> str:
    """Its line in the list, after its name."""
    return " · ".join(filter(None, (one.kind, f"{one.documents} documents", _told_last(one), told_next(one))))


def _told_last(one: StoredSource) -> str:
    if one.synced_at is None or one.outcome is None:
        return "not synced yet"
    ended = one.outcome.get("error") or one.outcome.get("broken_off") or ""
    failures = one.outcome.get("failures", 0)
    kept = sum(gone["gone"] for gone in one.outcome.get("not_removed", ()))
    told = [f"synced {one.synced_at:%Y-%m-%d %H:%M}", ended, f"{failures} failed" if failures else ""]
    if kept:
        told.append(f"{kept} are gone and stay: `nightshift sources sync {one.name} --yes` removes them")
    return ", ".join(filter(None, told))


def told_next(one: StoredSource) -> str:
    """When it is synced, as half a sentence."""
    if one.is_going:
        return "being removed: the next sync ends that"
    if one.every_s is None:
        return "synced by hand alone"
    return f"synced every {write_interval(one.every_s)}"


def source_as_json(one: StoredSource) -> dict[str, Any]:
    """Everything known of it."""
    return {
        "name": one.name,
        "kind": one.kind,
        "settings": dict(one.settings),
        "documents": one.documents,
        "every_s": one.every_s,
        "due_at": one.due_at.isoformat() if one.due_at else None,
        "synced_at": one.synced_at.isoformat() if one.synced_at else None,
        "outcome": one.outcome,
    }

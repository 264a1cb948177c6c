"""What says of cited documents that they may be outdated: their days, people's words, and others by their names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from db.answers.staleness import MOST_NAMESAKES, Day, said_stale
from db.schema import chunk, citation, document, document_review, impression, vote_reason
from db.search import DATES, date_of

_DOCUMENT_IDS = sa.bindparam("document_ids", type_=sa.ARRAY(sa.BigInteger))
_AUDIENCE_IDS = sa.bindparam("audience_ids", type_=sa.ARRAY(sa.BigInteger))


def read_stale(
    connection: sa.Connection, document_ids: Sequence[int], audience_ids: Sequence[int], old_after_days: int
) -> dict[int, str]:
    """Of those of these documents that may be outdated, why, by id; see `said_stale`.

    Nothing is said of one that these audiences may not see, nor of one that they may see because of one that they may
    not.
    """
    if not document_ids:
        return {}
    today = datetime.now(UTC).date()
    told = {}
    parameters = {"document_ids": list(document_ids), "audience_ids": list(audience_ids)}
    rows = connection.execute(_facts(), parameters)
    for document_id, own in groupby(rows, key=lambda row: row.id):
        first, *more = own
        others = [_day(row.other_named, row.other_changed_at) for row in (first, *more) if row.other_changed_at]
        day = _day(first.named, first.changed_at)
        said = said_stale(day, today, old_after_days, called_outdated_by=first.people, namesakes=others)
        if said:
            told[document_id] = said
    return told


@cache
def _facts() -> sa.Select[Any]:
    """A row for each document, or for each other one by its name, of which one more is read than may be.

    Made once: to make it takes longer than to carry it out.
    """
    other = document.alias("other")
    of_readers = sa.any_(_AUDIENCE_IDS)
    namesakes = (
        sa.select(_named(other).label("other_named"), other.c.changed_at.label("other_changed_at"))
        .where(sa.func.lower(other.c.title) == sa.func.lower(document.c.title), other.c.title != "")
        .where(other.c.id != document.c.id, other.c.deleted_at.is_(None), other.c.audience_id == of_readers)
        .limit(MOST_NAMESAKES + 1)
        .lateral("namesake")
    )
    people = _outdated().subquery("outdated")
    return (
        sa.select(document.c.id, _named(document).label("named"), document.c.changed_at, namesakes)
        .add_columns(sa.func.coalesce(people.c.people, 0).label("people"))
        .join_from(document, namesakes, sa.true(), isouter=True)
        .outerjoin(people, people.c.document_id == document.c.id)
        .where(document.c.id == sa.any_(_DOCUMENT_IDS))
        .where(document.c.audience_id == of_readers)
        .order_by(document.c.id)
    )


def _outdated() -> sa.Select[Any]:
    """How many people call each document outdated since its words changed, and since its owner said that it isn't."""
    cited, review = document.alias("cited"), document_review.c
    still_right = (
        sa.select(sa.func.max(review.settled_at))
        .where(review.document_id == cited.c.id, review.state == "still_right")
        .scalar_subquery()
    )
    return (
        sa.select(cited.c.id.label("document_id"), sa.func.count(vote_reason.c.person.distinct()).label("people"))
        .join_from(vote_reason, citation, citation.c.id == vote_reason.c.citation_id)
        .join(impression, impression.c.id == citation.c.impression_id)
        .join(chunk, chunk.c.id == impression.c.chunk_id)
        .join(cited, cited.c.id == chunk.c.document_id)
        .where(vote_reason.c.reason == "outdated", impression.c.shown)
        .where(cited.c.id == sa.any_(_DOCUMENT_IDS))
        .where(vote_reason.c.given_at > sa.func.greatest(cited.c.changed_at, still_right))
        .group_by(cited.c.id)
    )


def _named(of: sa.FromClause) -> sa.ColumnElement[Any]:
    return sa.func.jsonb_build_array(*(of.c.front_matter[name].astext for name in DATES))


def _day(named: Sequence[str | None], changed_at: datetime) -> Day:
    """The latest of the days that its front matter names: one that was updated is as old as that."""
    days: list[date] = [day for day in map(date_of, named) if day is not None]
    return Day(max(days, default=None), changed_at.astimezone(UTC).date())

"""Everything that people press, pick and write about an answer, heard by the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.votes import reasons, reviews, right_source, voting

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.transport import SlackApp
    from bot.slack.votes.reasons import Reasons
    from bot.slack.votes.reviews import Reviews
    from bot.slack.votes.right_source import RightSources


def listen_to_votes(
    app: SlackApp, engine: sa.Engine, document_reviews: Reviews, right_sources: RightSources, given_reasons: Reasons
) -> None:
    """Registers the listeners for votes, their reasons, right documents and what owners say of theirs."""
    voting.listen(app, engine)
    reviews.listen(app, document_reviews)
    right_source.listen(app, right_sources)
    reasons.listen(app, given_reasons)

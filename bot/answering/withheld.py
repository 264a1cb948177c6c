"""Which documents would have answered who asked, but not in front of those who read the reply along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.pools import ANSWERS, ENCODING
from db.corpus import count_by_part, personal_audiences, reply_audiences
from db.models import encode_questions
from db.search import gather, search, unrelated_to, why_refused, worth_showing, written_found
from db.words import read_question_words

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Generation
    from db.models import SentenceEncoder
    from db.question import Asked
    from db.settings import Settings


async def count_withheld(
    engine: sa.Engine, settings: Settings, generation: Generation, encoder: SentenceEncoder, asked: Asked
) -> dict[str, int]:
    """Counts the documents by the name of whom they are for; only who asked may be told, since only they may see them.

    They are those among the sources that they would get in a direct message. Parts of an audience that who asked isn't
    in aren't named.

    Raises:
        AudienceUnknownError: what either may see can't be read.
    """
    place = asked.workspace, asked.channel, asked.channel_kind, asked.person
    here = await ANSWERS.run(reply_audiences, engine, *place, guests_read=asked.guests_read)
    theirs = await ANSWERS.run(personal_audiences, engine, asked.person)
    if set(theirs) <= set(here):
        return {}
    [question] = await ENCODING.run(encode_questions, encoder, [asked.text])
    k = max(settings.candidates, settings.sources)
    hits = await ANSWERS.run(search, engine, generation, question, theirs, k)
    documents = gather(hits)
    [words] = await ANSWERS.run(read_question_words, engine, [asked.text], generation.languages, theirs)
    sources = documents[: settings.sources]
    found = written_found(sources)
    if await ENCODING.run(why_refused, question, words, sources, found, generation, encoder):
        return {}
    ranks = worth_showing(documents, unrelated_to(generation))[: settings.sources]
    ids = [documents[rank - 1].document_id for rank in ranks]
    return await ANSWERS.run(count_by_part, engine, ids, sorted(set(theirs) - set(here)))

"""What docs/kept.md says of each table: what it holds, whose, and how long. A table that isn't named here fails."""

from __future__ import annotations

import re
from typing import NamedTuple

from db.privacy import table_names

_TABLES = re.compile(r"(?<=<!-- tables -->\n).*(?=<!-- /tables -->)", re.DOTALL)

FOR_GOOD = "for good"
WITH_QUESTION = "with its question"
DOCUMENT = "as long as its document"
GENERATION = "as long as its generation"


class Kept(NamedTuple):
    """A table: what is in it, how long a row stays by itself, and what the erasure of a person does to it."""

    what: str
    how_long: str
    erased: str = ""


PARTS: dict[str, dict[str, Kept]] = {
    "What people said": {
        "question": Kept("questions with their answers: text, who, where, when", "`KEEP_QUESTIONS_DAYS`", "goes"),
        "impression": Kept(
            "passages that were found for it, and their scores",
            "with its question; what was not shown: `KEEP_IMPRESSIONS_DAYS`",
            "goes with the question",
        ),
        "citation": Kept("sources that were shown", WITH_QUESTION, "goes with the question"),
        "trial_question": Kept("in which trial it was answered", WITH_QUESTION, "goes with the question"),
        "answer_message": Kept("which messages in Slack an answer is", WITH_QUESTION, "goes with the question"),
        "vote_event": Kept("each press and reaction", "`KEEP_VOTES_DAYS`", "goes"),
        "vote": Kept("what these come to", "`KEEP_VOTES_DAYS`", "goes"),
        "vote_reason": Kept("why a source was voted down", "`KEEP_VOTES_DAYS`", "goes"),
        "curated_pair": Kept("questions with right passages, by hand", "until it is removed", "goes, if theirs"),
        "curated_pair_chunk": Kept("where such a passage stands", "with its pair", "goes with the pair"),
        "document_review": Kept("who called a document outdated, and who settled it", DOCUMENT, "loses the name"),
    },
    "What nights made of it": {
        "retrain_run": Kept("nights: who asked, what came of it, in figures", FOR_GOOD, "loses the name"),
        "kept_snapshot": Kept("what an unfinished night reads, texts among it", "until it ends", "goes"),
        "trained_question": Kept(
            "questions that trained, as they read then",
            "as long as their question, or a generation that learnt from it",
            "goes",
        ),
        "learnt_from": Kept("which questions and pairs a run learnt from, by number", "as the last", "goes"),
        "generation": Kept("generations: figures, and who decided", FOR_GOOD, "loses the name; marked if it learnt"),
        "artefact": Kept("encoders, by the hashes of their files", FOR_GOOD),
        "artefact_part": Kept("those encoders themselves, for bots on other machines", "as long as its generations"),
        "trial": Kept("trials: which generations, in figures, who began and ended them", FOR_GOOD, "loses the name"),
        "in_service": Kept("which generations serve, and who changed it", "until the next change", "loses the name"),
        "decision_request": Kept("what people decided about a generation", FOR_GOOD, "loses the name"),
        "synthetic_question": Kept("questions that a language model wrote", "as long as its passage"),
    },
    "Your documents": {
        "source": Kept("where documents come from, and when each was read last", "until it is removed"),
        "source_item": Kept("what a source had, by its own names and versions", "as long as its source"),
        "document": Kept(
            "title, place, owner, front matter, 128 bytes of what it says",
            "until its source has it no more; what wasn't for all is known again by 128 hashes",
            "stays: not theirs",
        ),
        "chunk": Kept("its passages", DOCUMENT),
        "corpus": Kept("how often documents changed", FOR_GOOD),
        "words": Kept("the documents' languages", FOR_GOOD),
        "words_segment": Kept("the passages' words", DOCUMENT),
        "words_of_audience": Kept("how many words there are", DOCUMENT),
        "posting": Kept("which passages have a word", DOCUMENT),
        "audience": Kept("who may read what: groups, channels, files", "as long as documents need it"),
        "audience_member": Kept("who is in them", "until the next sync", "stays: what others say"),
        "slack_guest": Kept(
            "who is a guest of their workspace, and so doesn't see what is for all",
            "until Slack says otherwise",
            "stays: what others say",
        ),
        "audience_part": Kept("of which others one is made up", "as the audience"),
    },
    "Slack's": {
        "slack_event": Kept(
            "events, by number; a message until it is answered", "a day after; a week if nobody could", "loses the text"
        ),
        "channel_setting": Kept("in which channels it answers, and who said so", "until changed", "loses the name"),
        "posted_report": Kept("where a night's report stands", FOR_GOOD),
        "ballot": Kept("addresses of messages that only one person sees", "half an hour"),
        "overdue_notice": Kept("what admins were told of late nights", FOR_GOOD),
        "failure_count": Kept("how often what went wrong, by day", FOR_GOOD),
    },
}


def fill_in(page: str) -> str:
    """The page with its tables.

    Raises:
        SystemExit: a table of the schema isn't named, or one is that there isn't.
    """
    named = {name for part in PARTS.values() for name in part}
    if differing := named ^ table_names():
        raise SystemExit(f"docs/kept.py: say what is kept in {', '.join(sorted(differing))}, and how long.")
    parts = "\n".join(_part(title, tables) for title, tables in PARTS.items())
    return _TABLES.sub(lambda _: f"\n{parts}\n", page)


def _part(title: str, tables: dict[str, Kept]) -> str:
    rows = [f"| `{name}` | {kept.what} | {kept.how_long} | {kept.erased or '—'} |" for name, kept in tables.items()]
    head = [f"**{title}**", "", "| table | holds | how long | when a person is erased |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])

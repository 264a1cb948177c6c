"""A document for `#finance` by its front matter: a stranger meets it in no way out, and by each where it is for all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from rich.console import Console

from bot.answering import Answerer, changes_since
from bot.slack.showing import change_blocks, person_blocks
from db import schema
from db.answers import find_gaps, open_questions, past_questions, public_titles, thread_history
from db.corpus import (
    Told,
    may_be_shown,
    record_told,
    reply_audiences,
)
from db.errors import LanguageModelError, UnknownIdError
from db.feedback import find_right_document
from db.generations import read_vectors, serving
from db.privacy import export_person
from db.question import Answer, Asked
from db.settings import Settings
from nightshift.cli import main
from nightshift.console import ask_on
from nightshift.langchain import NightshiftRetriever
from nightshift.terminal.printing import answer_as_json, print_answer
from retrain.lesson.labels import Anchor
from retrain.lesson.negatives import Corpus
from retrain.measures import AskedText
from tests.corpus import encoders

SECRET = "Quokka"
"""What no question says, and the document does wherever it says anything."""
TITLE = f"Zebraband salaries ({SECRET})"
QUESTION = "What does the zebraband of salaries say of engineers?"
MEMBER, STRANGER = "T1:U1", "T1:U2"
OPEN = {
    "pay-day": "Salaries of engineers are paid on the 25th of each month, whatever the band.",
    "payroll": "The payroll of salaries is made by the people team, engineers or not.",
    "raises": "What a raise of salaries is worth is said to engineers each March.",
    "leave": "Engineers have 28 days of paid leave, of which salaries know nothing.",
    "parking": "Visitors park on deck B.",
}


class Recording:
    """A language model that keeps what it is asked and says nothing."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    async def write(self, prompt: object, *_args: object, **_more: object) -> str:
        self.prompts.append(str(prompt))
        raise LanguageModelError

    async def stream(self, prompt: object, *_args: object, **_more: object) -> str:
        return await self.write(prompt)


@dataclass
class House:
    """A store with the document and others, in which a member asked about it in a direct message."""

    engine: sa.Engine
    settings: Settings
    asked: Answer

    def answerer(self, llm: Recording | None = None, **changes: object) -> Answerer:
        settings = self.settings.model_copy(update=changes)
        return Answerer(self.engine, settings, encoders(), llm)  # type: ignore[arg-type]

    def ask(
        self, llm: Recording | None = None, channel_kind: str = "public", text: str = QUESTION, **changes: object
    ) -> str:
        asked = Asked(text, "T1", "C2", channel_kind, STRANGER)  # type: ignore[arg-type]
        return json.dumps(answer_as_json(asyncio.run(self.answerer(llm, **changes).answer(asked))))

    def at_terminal(self, text: str = QUESTION) -> Answer:
        return ask_on(self.answerer())(text)


def _prompt(house: House) -> str:
    llm = Recording()
    house.ask(llm)
    return "".join(llm.prompts)


def _explained(house: House) -> str:
    console = Console(file=StringIO(), width=200)
    print_answer(console, house.at_terminal(), explain=True)
    return console.file.getvalue()  # type: ignore[attr-defined]


def _retrieved(house: House) -> str:
    return str(NightshiftRetriever(settings=house.settings, k=6).invoke(QUESTION))


def _home(house: House) -> str:
    """Of somebody who voted on the member's answer while it was shown to them."""
    found = past_questions(house.engine, STRANGER, 10)
    changes = change_blocks(*changes_since(house.engine, encoders(), STRANGER, found))
    return str([block.to_dict() for block in [*person_blocks(found, 0, has_more=False), *changes]])


def _follow_up(house: House) -> str:
    readers = reply_audiences(house.engine, "T1", "C2", "public", STRANGER)
    return str(thread_history(house.engine, "T1", "D1", "1.5", readers, 5))


def _share(house: House) -> str:
    readers = reply_audiences(house.engine, "T1", "C2", "public", STRANGER)
    return house.asked.text if may_be_shown(house.engine, house.asked.question_id, readers) else ""


def _right_source(house: House) -> str:
    [own] = past_questions(house.engine, STRANGER, 1)
    try:
        return find_right_document(house.engine, own.id, STRANGER, TITLE).title
    except UnknownIdError as error:
        return str(error).replace(TITLE, "it")


def _gaps(house: House) -> str:
    with house.engine.begin() as connection:
        connection.execute(schema.question.update().values(answer_kind="unknown"))
    encode = encoders().get(serving(house.engine)).encode_questions
    # what documents say stands in none: what was asked does, where it was asked in public
    return str(find_gaps(open_questions(house.engine), lambda texts: np.asarray(encode(texts))))


def _mined(house: House) -> str:
    """Of which passages hard negatives are sought."""
    stored = read_vectors(house.engine, serving(house.engine))
    anchor = Anchor("question", 1)
    [vector] = encoders().get(serving(house.engine)).encode_questions([QUESTION])
    corpus = Corpus(stored, {anchor: vector}, {anchor: AskedText(QUESTION, (1,))})
    [beside] = corpus.beside([anchor])
    assert beside.visible is not None
    wanted = sa.select(schema.chunk.c.text).where(schema.chunk.c.id.in_(stored.chunk_ids[beside.visible].tolist()))
    with house.engine.connect() as connection:
        return str(connection.scalars(wanted).all())


WAYS: dict[str, Callable[[House], str]] = {
    "ask --json": lambda house: json.dumps(answer_as_json(house.at_terminal())),
    "ask --explain": _explained,
    "the nearest documents of a refusal": lambda house: house.ask(text="Is the zebraband quantum chromodynamics?"),
    "in a channel": lambda house: house.ask(),
    "in a private channel": lambda house: house.ask(channel_kind="private"),
    "in a direct message": lambda house: house.ask(channel_kind="direct"),
    "exploration": lambda house: house.ask(exploration=1.0, sources=2),
    "prompt": _prompt,
    "LangChain": _retrieved,
    "App Home": _home,
    "follow-up": _follow_up,
    "share": _share,
    "suggested prompts": lambda house: str(public_titles(house.engine, 100)),
    "mining": _mined,
    "the right source": _right_source,
    "export": lambda house: str(export_person(house.engine, STRANGER)),
}


@pytest.fixture
def make_house(
    engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], House]:
    def make(front_matter: str) -> House:
        docs = tmp_path / "docs"
        docs.mkdir()
        text = f"# {TITLE}\n\nThe zebraband of salaries says {SECRET} 100,000 of engineers, designers aside.\n"
        (docs / "pay.md").write_text(front_matter + text)
        for name, own in OPEN.items():
            (docs / f"{name}.md").write_text(f"{own}\n")
        monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
        monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "home"))
        monkeypatch.setenv("NIGHTSHIFT_ENCODER_DTYPE", "float32")
        with pytest.raises(SystemExit):
            main(["ingest", str(docs)])
        settings = Settings(data_dir=tmp_path / "home", database_url=database_url, encoder_dtype="float32")
        house = House(engine, settings, None)  # type: ignore[arg-type]
        record_told(engine, "T1", MEMBER, Told({"C1": "finance"}))
        asked = Asked(QUESTION, "T1", "D1", "direct", MEMBER, thread_ts="1.5")
        house.asked = asyncio.run(house.answerer().answer(asked))
        return house

    return make


def _vote_as_stranger(house: House) -> None:
    """As if it had been shown to them: somebody who may see it no longer keeps the vote."""
    [source] = [source for source in house.asked.sources if source.title == TITLE]
    row = {"citation_id": source.citation_id, "person": STRANGER, "question_id": house.asked.question_id}
    row |= {"value": 1, "weight": 1.0, "origin": "source", "occurred_ts": 1}
    with house.engine.begin() as connection:
        event = schema.vote_event
        values = {"dedupe_key": "x", "workspace": "T1", "person": STRANGER, "question_id": house.asked.question_id}
        values |= {"citation_id": source.citation_id, "action": "set", "value": 1, "occurred_ts": 1}
        connection.execute(event.insert().values(values))
        connection.execute(schema.vote.insert().values(row))


def test_a_stranger_meets_it_in_no_way_out(make_house: Callable[[str], House]) -> None:
    house = make_house('---\naudience: "#finance"\n---\n')
    assert SECRET in house.asked.text
    _vote_as_stranger(house)
    shown = {way: find(house) for way, find in WAYS.items()}
    assert {way for way, out in shown.items() if SECRET in out} == set()
    assert SECRET not in _gaps(house)


def test_each_of_these_ways_would_show_it(make_house: Callable[[str], House]) -> None:
    house = make_house("")
    _vote_as_stranger(house)
    shown = {way: find(house) for way, find in WAYS.items()}
    assert {way for way, out in shown.items() if SECRET not in out} == set()

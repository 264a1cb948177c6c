"""The whole loop on real data: asked and voted on in signed requests, a night, the next answer from what it made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.transport import SlackApp, build_http
from db.answers import load_answer
from db.feedback import import_pairs
from db.generations import Encoders, Ranking, maintained, roll_back, serving, update_generation
from db.question import Answer
from db.schema import citation, impression, question, vote
from db.settings import Settings
from intake.ingest import ingest_paths
from nightshift.simulate.voters import asker_of, cast_votes, make_voters
from retrain.night import build, run_requested_night
from retrain.training import Recipe
from tests.conftest import ROOT
from tests.doubles_slack import BOT, BOT_TOKEN, HTTP_CHANNEL, SECRET, OwnSlack, event_request, press_request

DATA = ROOT.parent / "shared" / "data" / "covidqa"
PASSAGES, GOLDEN, ASKED = 400, 360, 60


@dataclass
class Loop:
    """Slack as it sees the bot: requests go in signed, over HTTP; what the bot posts is counted."""

    engine: sa.Engine
    settings: Settings
    encoders: Encoders
    app: SlackApp
    http: httpx.AsyncClient
    slack: OwnSlack
    sent: int = field(default=0)

    async def post(self, request: tuple[bytes, dict[str, str]]) -> None:
        """Delivers a request and waits until the bot has done all it does about it."""
        body, headers = request
        response = await self.http.post("/slack/events", content=body, headers=headers)
        assert response.status_code == 200
        await self.app.finish(60)

    async def ask(self, user: str, text: str) -> tuple[Answer, str]:
        """Mentions the bot; returns the answer and the timestamp of the message that shows it."""
        self.sent += 1
        ts = f"1800000000.{self.sent:06d}"
        event = {"type": "app_mention", "channel": HTTP_CHANNEL, "user": user, "text": f"<@{BOT}> {text}", "ts": ts}
        await self.post(event_request(event, f"Ev{self.sent}"))
        with self.engine.connect() as connection:
            found = connection.execute(
                sa.text(
                    "SELECT q.id, m.message_ts FROM question q JOIN answer_message m ON m.question_id = q.id"
                    " WHERE q.thread_ts = :ts ORDER BY m.message_ts DESC LIMIT 1"
                ),
                {"ts": ts},
            ).one()
        return load_answer(self.engine, found.id), found.message_ts

    async def press(self, user: str, citation_id: str, value: int) -> None:
        """Presses a source's button."""
        self.sent += 1
        action = "vote_up" if value > 0 else "vote_down"
        ts, whisper = f"1800000000.{self.sent:06d}", f"{self.slack.api_url}respond"
        await self.post(press_request(user, citation_id, action, ts, response_url=whisper))

    async def react(self, user: str, message_ts: str, name: str) -> None:
        """Puts a thumb on an answer."""
        self.sent += 1
        item = {"type": "message", "channel": HTTP_CHANNEL, "ts": message_ts}
        event = {"type": "reaction_added", "user": user, "reaction": name, "item": item, "item_user": BOT}
        await self.post(event_request(event | {"event_ts": f"1800000000.{self.sent:06d}"}, f"Ev{self.sent}"))


@pytest.fixture
async def loop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Loop]:
    slack = OwnSlack()
    async with slack.running() as api_url:
        settings = Settings(
            data_dir=tmp_path / "data",
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SECRET,
            slack_api_url=api_url,
        )
        encoders = Encoders(settings)
        app = build_app(settings, engine, Answerer(engine, settings, encoders, None))
        transport = httpx.ASGITransport(build_http(app, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            yield Loop(engine, settings, encoders, app, http, slack)
        await app.finish(10)


@dataclass(frozen=True)
class Asked:
    """A question of the data set, and the file of the passage that answers it."""

    id: str
    text: str
    document: str


def read_data(folder: Path) -> tuple[dict[str, dict[str, str]], list[Asked]]:
    """400 passages, those with the most questions first, and the questions that they answer."""
    passages = {row["id"]: row for row in map(json.loads, (DATA / "corpus.jsonl").read_text().splitlines())}
    texts = {row["id"]: row["text"] for row in map(json.loads, (DATA / "queries.jsonl").read_text().splitlines())}
    answers: dict[str, list[str]] = {}
    for line in (DATA / "qrels.tsv").read_text().splitlines()[1:]:
        question_id, document_id, _ = line.split("\t")
        answers.setdefault(document_id, []).append(question_id)
    order = sorted(passages, key=lambda key: (-len(answers.get(key, [])), key))[:PASSAGES]
    for key in order:
        title = json.dumps(passages[key]["title"])
        (folder / f"{key}.md").write_text(f"---\ntitle: {title}\n---\n\n{passages[key]['text']}\n")
    asked = [Asked(number, texts[number], key) for key in sorted(order) for number in answers.get(key, [])]
    asked = sorted({one.text: one for one in asked}.values(), key=lambda one: one.id)
    return {key: passages[key] for key in order}, asked


def whole_words(text: str, most: int) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0]


async def vote_on(loop: Loop, asked: list[Asked]) -> None:
    """People ask and vote: on each source they looked at, and with a thumb on the whole answer now and then."""
    voters = make_voters(8, seed=0)
    for number, one in enumerate(asked):
        voter = asker_of(one.id, voters, seed=0)
        user = voter.name.replace("-", "").upper()
        answer, message_ts = await loop.ask(user, one.text)
        shown = [Path(source.uri).stem for source in answer.sources]
        for cast in cast_votes(voter, one.id, shown, {one.document}, seed=0):
            await loop.press(user, answer.sources[cast.rank - 1].citation_id, cast.value)
        if number % 10 == 0 and shown:
            await loop.react(f"U0OTHER{number}", message_ts, "+1::skin-tone-3" if one.document in shown else "-1")


def shown_by(engine: sa.Engine, question_id: int) -> list[tuple[int, float]]:
    """The chunks that a question's sources show, with their similarities, as they were stored."""
    query = (
        sa.select(impression.c.chunk_id, impression.c.similarity)
        .join(citation)
        .where(citation.c.question_id == question_id)
        .order_by(citation.c.number)
    )
    with engine.connect() as connection:
        return [(row.chunk_id, row.similarity) for row in connection.execute(query)]


def count(engine: sa.Engine, *where: Any) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(vote).where(*where)) or 0)


@pytest.mark.skipif(not DATA.is_dir(), reason="the data set covidqa isn't beside the checkout")
@pytest.mark.timeout(1200)
async def test_votes_become_a_better_generation_and_back(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the beginnings of passages, once through, are enough to learn from
    monkeypatch.setattr(build, "Recipe", partial(Recipe, max_tokens=64, enough_steps=24))
    engine = loop.engine
    documents = tmp_path / "documents"
    documents.mkdir()
    passages, asked = read_data(documents)
    report = await asyncio.to_thread(ingest_paths, engine, loop.settings, loop.encoders, [documents])
    assert (report.added, report.failed) == (PASSAGES, ())
    with engine.begin() as connection:
        # by meaning alone: words find so much of these that a night has too little left to be shown by
        base = update_generation(connection, serving(engine).id, ranking=Ranking(words=0.0, pairs=0.0))
    golden, voted, later = asked[:GOLDEN], asked[GOLDEN : GOLDEN + ASKED], asked[GOLDEN + ASKED :]

    await vote_on(loop, voted)
    assert count(engine, vote.c.origin == "source") > 2 * ASKED
    assert count(engine, vote.c.origin == "answer") > 0
    before = [await loop.ask("U0ANNA", one.text) for one in later[:5]]
    sources_before = [shown_by(engine, answer.question_id) for answer, _ in before]

    # votes alone can't show that a candidate is better: refused, and it says what would
    refused = await asyncio.to_thread(run_requested_night, engine, loop.settings, loop.encoders, "test")
    assert refused.decision == "refused"
    assert any("golden pairs" in reason for reason in refused.reasons)
    assert serving(engine).id == base.id

    lines = [{"prompt": one.text, "completion": whole_words(passages[one.document]["text"], 300)} for one in golden]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert (await asyncio.to_thread(import_pairs, engine, tmp_path / "pairs.jsonl", added_by="test")).added == GOLDEN
    night = await asyncio.to_thread(run_requested_night, engine, loop.settings, loop.encoders, "test")
    assert night.decision == "promoted", night.reasons

    current, previous = maintained(engine)
    assert (current.run_id, previous.id) == (night.id, base.id)
    after = [await loop.ask("U0ANNA", one.text) for one in later[:5]]
    assert {answer.generation_id for answer, _ in after} == {current.id}  # the same bot, not restarted
    assert [shown_by(engine, answer.question_id) for answer, _ in after] != sources_before

    roll_back(engine, "test")
    again = [await loop.ask("U0ANNA", one.text) for one in later[:5]]
    assert {answer.generation_id for answer, _ in again} == {base.id}
    assert [answer.text for answer, _ in again] == [answer.text for answer, _ in before]
    assert [shown_by(engine, answer.question_id) for answer, _ in again] == sources_before
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(question)) == ASKED + 15

"""People who ask all at once, and one who presses a button meanwhile, in signed requests over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

QUESTION = "Who has to approve a purchase?"
TEAM, CHANNEL, BOT = "T0BENCH", "C0BENCH", "U0BOT"
PRESSES, PRESS_EVERY_S = 8, 0.25
"""Presses begin a moment after the questions, and are over before the first answers are."""
GIVE_UP_S = 180.0


@dataclass
class Waits:
    """Seconds that people waited, each list in the order in which they came."""

    question_ack: list[float] = field(default_factory=list)
    press_ack: list[float] = field(default_factory=list)
    first_text: list[float] = field(default_factory=list)
    whole_answer: list[float] = field(default_factory=list)


async def ask_at_once(address: str, stand_ins: str, secret: str, people: int) -> Waits:
    """Lets so many people ask, each in a thread of their own, and waits until all have their answers.

    Raises:
        TimeoutError: somebody has none after three minutes.
    """
    waits = Waits()
    sent: dict[str, float] = {}
    run = int(time.time())

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def deliver(body: bytes, kind: str) -> float:
            headers = _signed(body, secret) | {"Content-Type": kind}
            started = time.perf_counter()
            async with session.post(address, data=body, headers=headers) as response:
                await response.read()
            return time.perf_counter() - started

        async def ask(person: int) -> None:
            ts = f"{run}.{person:06d}"
            event = {"type": "app_mention", "channel": CHANNEL, "user": f"U0PERSON{person}", "ts": ts}
            event["text"] = f"<@{BOT}> {QUESTION}"
            body = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{uuid.uuid4().hex}", "event": event}
            sent[ts] = time.time()
            waits.question_ack.append(await deliver(json.dumps(body).encode(), "application/json"))

        async def press(number: int) -> None:
            await asyncio.sleep(PRESS_EVERY_S * number)
            waits.press_ack.append(
                await deliver(_press(number, f"{stand_ins}/api/respond"), "application/x-www-form-urlencoded")
            )

        await asyncio.gather(*map(ask, range(people)), *map(press, range(1, PRESSES + 1)))
        async with asyncio.timeout(GIVE_UP_S):
            while True:
                async with session.get(f"{stand_ins}/threads") as response:
                    threads = await response.json()
                if all("ends" in threads.get(ts, {}) for ts in sent):
                    break
                await asyncio.sleep(0.2)
    waits.first_text = [threads[ts]["begins"] - asked for ts, asked in sent.items()]
    waits.whole_answer = [threads[ts]["ends"] - asked for ts, asked in sent.items()]
    return waits


def _press(number: int, response_url: str) -> bytes:
    action = {"type": "button", "action_id": "vote_up", "value": "nosuchid", "action_ts": f"1700000000.{number:06d}"}
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U0VOTER", "team_id": TEAM},
        "channel": {"id": CHANNEL},
        "actions": [action],
        "response_url": response_url,
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def _signed(body: bytes, secret: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

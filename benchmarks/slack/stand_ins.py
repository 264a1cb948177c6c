"""Slack's Web API and a language model that takes its time, in a process of their own: `python -m … SECONDS`.

Prints the address once it serves. `/threads` tells when each thread was shown the beginning and the end of its answer.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from typing import Any

from aiohttp import web

WORDS = "Purchases over 500 euro need the approval of the team lead before the order is placed [1]. ".split(" ")

_threads: dict[str, dict[str, float]] = {}
_thread_of: dict[str, str] = {}
_numbers = itertools.count(1)


async def serve_slack(request: web.Request) -> web.Response:
    """Any method of the Web API succeeds."""
    method = request.match_info["method"]
    body = await request.text()
    arguments = dict(json.loads(body)) if request.content_type == "application/json" and body else {}
    ts = f"1700000000.{next(_numbers):06d}"
    if method in ("chat.startStream", "chat.postMessage"):
        _thread_of[ts] = arguments["thread_ts"]
        _note(arguments["thread_ts"], "begins")
    if method == "chat.postMessage" and arguments.get("blocks"):
        _note(arguments["thread_ts"], "ends")
    if method == "chat.stopStream":
        _note(_thread_of[arguments["ts"]], "ends")
    answers: dict[str, dict[str, Any]] = {
        "auth.test": {"team_id": "T0BENCH", "user_id": "U0BOT", "bot_id": "B0BOT"},
        "conversations.info": {"channel": {"id": "C0BENCH", "is_private": False}},
    }
    return web.json_response({"ok": True, "ts": ts} | answers.get(method, {}))


def _note(thread_ts: str, what: str) -> None:
    _threads.setdefault(thread_ts, {}).setdefault(what, time.time())


async def write_answer(request: web.Request) -> web.StreamResponse:
    """A chat completion, word by word, evenly over the seconds that it takes."""
    await request.read()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for word in WORDS:
        await asyncio.sleep(float(request.app["seconds"]) / len(WORDS))
        await response.write(_chunk({"content": f"{word} "}, None))
    await response.write(_chunk({}, "stop") + b"data: [DONE]\n\n")
    return response


def _chunk(delta: dict[str, str], finish_reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


async def tell_threads(request: web.Request) -> web.Response:
    """{thread: {"begins": seconds since 1970, "ends": …}}."""
    return web.json_response(_threads)


async def main(seconds: str) -> None:
    """Serves until it is stopped."""
    application = web.Application()
    application["seconds"] = seconds
    application.router.add_post("/v1/chat/completions", write_answer)
    application.router.add_get("/threads", tell_threads)
    application.router.add_route("*", "/api/{method}", serve_slack)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

"""Between our client and a server that is only nearly OpenAI's: neither has to know of the other.

What a server refused is remembered for its address and the model, as long as the process lives.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from db.chat.refusals import SYSTEM_ROLE, named_parameter, without_parameters
from db.chat.replies import EventStream, plain_completion

_REFUSED = (400, 422)
_NOT_THERE = (404, 405)
_ENDPOINT = "/chat/completions"
_OF_ONE_ENCODING = ("content-encoding", "content-length", "transfer-encoding", "content-type")
_OF_SOMEBODY_ELSES = ("openai-organization", "openai-project")

_left_out: dict[tuple[str, str], tuple[str, ...]] = {}
_paths: dict[str, str] = {}


class AdaptingTransport(httpx2.AsyncBaseTransport):
    """Sends chat requests over another transport, and gives OpenAI's replies whatever the server makes of them.

    A 400 or 422 that names a parameter is answered by the request without it; each is left out once. A server whose
    address has no path may want `/v1`. A reply that came whole becomes the stream that was asked for.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One reply; only the last one's status is seen."""
        body: dict[str, Any] = json.loads(await request.aread())
        for header in _OF_SOMEBODY_ELSES:  # the environment's, not our settings'
            request.headers.pop(header, None)
        key = (str(request.url.copy_with(query=None)), str(body.get("model")))
        names = list(_left_out.get(key, ()))
        while True:
            asked = without_parameters(body, names)
            response = await self._find_path(request, json.dumps(asked).encode())
            if response.status_code not in _REFUSED:
                break
            refusal = await _read(response)
            name = named_parameter(refusal, {SYSTEM_ROLE, *asked} - set(names))
            if name is None:
                return _whole(response, refusal)
            names.append(name)
        if response.status_code != 200:
            return response
        if names:
            _left_out[key] = tuple(names)
        return await _as_asked(response, streamed=body.get("stream") is True)

    async def aclose(self) -> None:
        """Closes the transport beneath."""
        await self._inner.aclose()

    async def _find_path(self, request: httpx2.Request, content: bytes) -> httpx2.Response:
        address = str(request.url)
        path = _paths.get(address, request.url.path)
        response = await self._inner.handle_async_request(_again(request, path, content))
        if response.status_code not in _NOT_THERE or path != _ENDPOINT:
            return response
        told = _whole(response, await _read(response))
        elsewhere = await self._inner.handle_async_request(_again(request, f"/v1{_ENDPOINT}", content))
        if elsewhere.status_code in _NOT_THERE:
            await elsewhere.aclose()
            return told
        _paths[address] = f"/v1{_ENDPOINT}"
        return elsewhere


def _again(request: httpx2.Request, path: str, content: bytes) -> httpx2.Request:
    headers = [(name, value) for name, value in request.headers.multi_items() if name.lower() != "content-length"]
    url = request.url.copy_with(raw_path=path.encode() + (b"?" + request.url.query if request.url.query else b""))
    return httpx2.Request(request.method, url, headers=headers, content=content, extensions=request.extensions)


async def _read(response: httpx2.Response) -> bytes:
    try:
        return await response.aread()
    finally:
        await response.aclose()


def _whole(response: httpx2.Response, content: bytes) -> httpx2.Response:
    kind = response.headers.get("content-type", "application/json")
    return httpx2.Response(response.status_code, headers=[*_headers(response), ("content-type", kind)], content=content)


def _headers(response: httpx2.Response) -> list[tuple[str, str]]:
    """What is still true of a reply once it was decoded."""
    return [(name, value) for name, value in response.headers.multi_items() if name.lower() not in _OF_ONE_ENCODING]


async def _as_asked(response: httpx2.Response, *, streamed: bool) -> httpx2.Response:
    if streamed:
        headers = [*_headers(response), ("content-type", "text/event-stream; charset=utf-8")]
        return httpx2.Response(200, headers=headers, stream=_Events(response), extensions=response.extensions)
    content = await _read(response)
    reply = _json(content)
    return _whole(response, json.dumps(plain_completion(reply)).encode() if "choices" in reply else content)


def _json(content: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(content)
    except ValueError:
        return {}
    return reply if isinstance(reply, dict) else {}


class _Events(httpx2.AsyncByteStream):
    """A reply's body as OpenAI's events."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        events = EventStream()
        async for piece in self._response.aiter_bytes():
            if mended := events.feed(piece):
                yield mended
        if mended := events.end():
            yield mended

    async def aclose(self) -> None:
        await self._response.aclose()

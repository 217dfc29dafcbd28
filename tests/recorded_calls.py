"""What the tests of the recorder share: a recording around a few lines, and calls by every client at hand."""

from __future__ import annotations

import asyncio
import http.client
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.api_answers import tools
from ipython_llmnumbers.catalog.bills import format_of
from ipython_llmnumbers.estimates.ledger.entry import Entry
from ipython_llmnumbers.notebooks.cell import cell_prompts
from ipython_llmnumbers.usage.call_cost import call_cost
from ipython_llmnumbers.usage.ledger.bill import Bill, BillRow
from ipython_llmnumbers.usage.ledger.entries import Place, call_entry, estimate_entries, source_entries
from ipython_llmnumbers.usage.recording.recording import RecordedCall, Recording, State
from ipython_llmnumbers.usage.recording.switch import Switch
from ipython_llmnumbers.usage.recording.tokens import Tokens


@contextmanager
def recorded() -> Iterator[Recording]:
    """Records what is called inside; every original is back behind it."""
    switch = Switch()
    assert switch.on()
    try:
        yield switch.recording
    finally:
        left = switch.off()
    assert (left, switch.lacking) == ([], [])


def every_entry() -> list[Entry]:
    """A ledger's line of each kind: an estimate, what a source lets expect, and a call of each state."""
    here = Place("session", "7")
    estimate = estimate_cost("hello", "gpt-4o,Qwen/Qwen3-8B", output_tokens=3)
    source = cell_prompts("client.responses.create(model='gpt-4o', input='Say hello to all.')", "gpt-4o", str)
    calls = [call_entry(call_cost(each), here, "hash") for each in every_call()]
    return [*estimate_entries(estimate, here), *source_entries(source, here, lambda _: "hash"), *calls]


def bill() -> Bill:
    """A day's bill of tokens, of a model that was recorded and of one that was not."""
    day = datetime(2026, 11, 26, tzinfo=UTC)
    counts = {"input": 1000, "cached": 402, "written": 0, "output": 50}
    rows = [BillRow(day, day + timedelta(days=1), model, counts, 1, None) for model in ("gpt-4o", "o3")]
    form = format_of(frozenset({"start_time", "end_time", "input_tokens", "output_tokens"}))
    assert form is not None
    return Bill("usage.json", form, tuple(rows), is_partial=True, n_unread=1, n_repeated=1)


def counts(call: RecordedCall) -> tuple[int, int, int] | None:
    """Input, of that cached, and output; None of a call that is not wholly known."""
    if call.state != "complete" or call.tokens is None:
        return None
    return call.tokens.input, call.tokens.cached or 0, call.tokens.output


def every_call() -> Iterator[RecordedCall]:
    """A call of each state, with tokens of every kind."""
    started = datetime(2026, 11, 26, 15, tzinfo=UTC)
    tokens = Tokens(
        1000,
        50,
        cached=400,
        written=200,
        written_1h=50,
        audio_input=5,
        reasoning=30,
        audio_output=4,
        cached_audio=2,
    )
    fields: dict[str, Any] = {
        "started": started,
        "duration_s": 2.0,
        "first_text_s": 0.5,
        "client": "httpx2",
        "address": "https://llm.example.com",
        "host": "",
        "operation": "chat",
        "status": 200,
        "tier": None,
        "billed_usd": None,
        "is_stray": False,
    }
    for state in get_args(State):
        kept = tokens if state in ("complete", "cut") else None
        yield RecordedCall(**fields, model="gpt-4o", tokens=kept, state=state)
    whole = {**fields, "tokens": Tokens(10, 5), "state": "complete"}
    media = Tokens(
        100, 90, 30, image_input=30, video_input=20, cached_image=10, image_output=40, video_output=9
    )
    asked = {**whole, "tokens": media, "tools": dict.fromkeys(range(len(tools())), 2)}
    yield RecordedCall(**asked, model="gemini-omni-flash-preview")
    yield RecordedCall(**{**asked, "modes": {"speed": "warp"}}, model="gemini-2.5-flash-image")
    read = {"tokens": Tokens(10, 90, reasoning=80, citation=20), "server": "vLLM"}
    yield RecordedCall(**{**whole, **read}, model="sonar-deep-research")
    yield RecordedCall(**{**whole, "address": "http://localhost:4000"}, model="deepseek-chat")
    yield RecordedCall(**{**whole, **read, "address": "http://localhost:8000"}, model="my-model")
    yield RecordedCall(**{**whole, "tokens": Tokens(None, 5)}, model="gpt-4o")
    yield RecordedCall(**{**whole, "tokens": Tokens(10**7, 5)}, model="gpt-4o")
    yield RecordedCall(**{**fields, "tokens": None, "state": "failed", "status": 504}, model="gpt-4o")
    yield RecordedCall(**{**whole, "billed_usd": Decimal("0.01"), "is_stray": True}, model="gpt-4o")
    yield RecordedCall(**{**whole, "address": "http://localhost:8000"}, model="my-model")
    yield RecordedCall(**{**whole, "tier": "scale"}, model="gpt-4o")
    yield RecordedCall(**whole, model="no-such-model")
    yield RecordedCall(**whole, model="sonar-pro")


def _httpx(name: str) -> Callable[[str, dict[str, Any]], bytes]:
    def call(url: str, body: dict[str, Any]) -> bytes:
        package = __import__(name)
        with package.Client(verify=False) as client:
            return client.post(url, json=body).content

    return call


def _httpx_stream(name: str) -> Callable[[str, dict[str, Any]], bytes]:
    def call(url: str, body: dict[str, Any]) -> bytes:
        package = __import__(name)
        with package.Client(verify=False) as client, client.stream("POST", url, json=body) as response:
            return b"".join(response.iter_raw())

    return call


def _httpx_async(name: str) -> Callable[[str, dict[str, Any]], bytes]:
    async def call(url: str, body: dict[str, Any]) -> bytes:
        package = __import__(name)
        async with (
            package.AsyncClient(verify=False) as client,
            client.stream("POST", url, json=body) as response,
        ):
            return b"".join([data async for data in response.aiter_bytes()])

    return lambda url, body: asyncio.run(call(url, body))


def _requests(url: str, body: dict[str, Any]) -> bytes:
    import requests

    with requests.post(url, json=body) as response:
        return response.content


def _requests_lines(url: str, body: dict[str, Any]) -> bytes:
    import requests

    with requests.post(url, json=body, stream=True) as response:
        return b"\n".join(response.iter_lines())


def _urllib3(url: str, body: dict[str, Any]) -> bytes:
    import urllib3

    with urllib3.PoolManager() as pool:
        return pool.request("POST", url, json=body).data


def _urllib3_stream(url: str, body: dict[str, Any]) -> bytes:
    import urllib3

    with urllib3.PoolManager() as pool:
        response = pool.request("POST", url, json=body, preload_content=False)
        data = b"".join(response.stream(5))
        response.release_conn()
        return data


def _urllib(url: str, body: dict[str, Any]) -> bytes:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return response.read()


def _http_client(url: str, body: dict[str, Any]) -> bytes:
    machine, _, path = url.partition("://")[2].partition("/")
    connection = http.client.HTTPConnection(machine)
    try:
        connection.request("POST", f"/{path}", json.dumps(body), {"Content-Type": "application/json"})
        response, data, buffer = connection.getresponse(), b"", bytearray(11)
        while n := response.readinto(buffer):
            data += buffer[:n]
        return data
    finally:
        connection.close()


def _aiohttp(read: Callable[[Any], Any]) -> Callable[[str, dict[str, Any]], bytes]:
    async def call(url: str, body: dict[str, Any]) -> bytes:
        import aiohttp

        async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
            data: bytes = await read(response)
            return data

    return lambda url, body: asyncio.run(call(url, body))


async def _joined(chunks: Any) -> bytes:
    return b"".join([data async for data in chunks])


CLIENTS: dict[str, tuple[str, Callable[[str, dict[str, Any]], bytes]]] = {
    "httpx2": ("httpx2", _httpx("httpx2")),
    "httpx2, stream": ("httpx2", _httpx_stream("httpx2")),
    "httpx2, async": ("httpx2", _httpx_async("httpx2")),
    "httpx": ("httpx", _httpx("httpx")),
    "httpx, stream": ("httpx", _httpx_stream("httpx")),
    "httpx, async": ("httpx", _httpx_async("httpx")),
    "requests": ("requests", _requests),
    "requests, lines": ("requests", _requests_lines),
    "urllib3": ("urllib3", _urllib3),
    "urllib3, stream": ("urllib3", _urllib3_stream),
    "urllib": ("urllib", _urllib),
    "http.client, readinto": ("http.client", _http_client),
    "aiohttp": ("aiohttp", _aiohttp(lambda response: response.read())),
    "aiohttp, chunks": ("aiohttp", _aiohttp(lambda response: _joined(response.content.iter_any()))),
    "aiohttp, lines": ("aiohttp", _aiohttp(lambda response: _joined(response.content))),
}
"""The package of each way to call, and the call: it returns the body as its user gets it."""

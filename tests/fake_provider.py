"""A provider on loopback that speaks the protocols of many, and the ways in which servers misbehave.

Each answer bears a usage that is known here: 100 tokens of input, 40 of them cached, and 50 of output, 30
of them thinking, where a protocol can say so. Anthropic's has 70 read from the cache, and 5 and 15 written
for five minutes and an hour.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

CHAT_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 50,
    "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 30, "audio_tokens": 0},
}
PLAIN_USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
RESPONSES_USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 40},
    "output_tokens": 50,
    "output_tokens_details": {"reasoning_tokens": 30},
    "total_tokens": 150,
}
ANTHROPIC_USAGE = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 20,
    "cache_read_input_tokens": 70,
    "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 15},
    "output_tokens": 50,
    "service_tier": "standard",
}
GOOGLE_USAGE = {
    "promptTokenCount": 100,
    "candidatesTokenCount": 20,
    "thoughtsTokenCount": 30,
    "cachedContentTokenCount": 40,
    "totalTokenCount": 150,
}
COHERE_USAGE = {
    "billed_units": {"input_tokens": 95.0, "output_tokens": 50.0},
    "tokens": {"input_tokens": 100.0, "output_tokens": 50.0},
}
CONVERSE_USAGE = {
    "inputTokens": 10,
    "cacheReadInputTokens": 70,
    "cacheWriteInputTokens": 20,
    "outputTokens": 50,
    "totalTokens": 150,
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the next answers are sent.

    `portion` cuts a stream after so many bytes each; `hang_up_after` ends the connection after so many.
    `usage` stands in the place of the protocol's own, `headers` beside the answer's.
    """

    status: int = 200
    encoding: str = ""
    portion: int = 7
    content_type: str = ""
    hang_up_after: int | None = None
    usage: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_chunked: bool = False
    newline: str = "\n"


@dataclass(slots=True)
class Provider:
    """A running provider: its address, what it was asked, and how it answers."""

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    behaviour: Behaviour = field(default_factory=Behaviour)
    # How the first attempts are answered, one for each; then `behaviour` again.
    first: list[Behaviour] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def behaving(self, **how: Any) -> Iterator[None]:
        before, self.behaviour = self.behaviour, replace(self.behaviour, **how)
        try:
            yield
        finally:
            self.behaviour = before

    def next_behaviour(self) -> Behaviour:
        with self.lock:
            return self.first.pop(0) if self.first else self.behaviour


@dataclass(frozen=True, slots=True)
class Answer:
    """One JSON object, or the events of a stream: SSE, lines, or AWS's binary messages."""

    body: dict[str, Any] | None = None
    events: tuple[dict[str, Any], ...] = ()
    kind: str = "sse"
    done: bool = False
    comment: str = ": keep-alive\n\n"

    def encoded(self, newline: str) -> tuple[str, bytes]:
        """The content type and the bytes."""
        if self.body is not None:
            return "application/json", json.dumps(self.body).encode()
        if self.kind == "lines":
            return "application/x-ndjson", "".join(json.dumps(each) + "\n" for each in self.events).encode()
        if self.kind == "binary":
            return "application/vnd.amazon.eventstream", b"".join(map(binary_event, self.events))
        done = "data: [DONE]\n\n" if self.done else ""
        text = self.comment + "".join(map(_sse, self.events)) + done
        return "text/event-stream; charset=utf-8", text.replace("\n", newline).encode()


def _sse(event: dict[str, Any]) -> str:
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {json.dumps(event)}\n\n"


def binary_event(event: dict[str, Any]) -> bytes:
    """One message of AWS's event stream: prelude, headers, payload, two CRCs (AWS SDK specification)."""
    name, payload = event["name"], json.dumps(event["payload"]).encode()
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + len(value).to_bytes(2) + value.encode()
        for key, value in (
            (":event-type", name),
            (":content-type", "application/json"),
            (":message-type", "event"),
        )
    )
    total = 12 + len(headers) + len(payload) + 4
    prelude = total.to_bytes(4) + len(headers).to_bytes(4)
    prelude += zlib.crc32(prelude).to_bytes(4)
    message = prelude + headers + payload
    return message + zlib.crc32(message).to_bytes(4)


def answer(path: str, asked: Mapping[str, Any], usage: Any) -> Answer | None:
    """What the provider says at a path; None where there is nothing."""
    for pattern, make in _ANSWERS:
        if found := re.search(pattern, path):
            return make(found, dict(asked), usage)
    return None


def _asks_for_tool(asked: dict[str, Any], results: str) -> str:
    """The name of the tool that the answer asks for: the first, until a result of one is sent back."""
    tools = asked.get("tools") or []
    if not tools or results in json.dumps(asked.get("messages") or asked.get("input") or ""):
        return ""
    name: str = tools[0].get("name") or tools[0]["function"]["name"]
    return name


def _chat(_: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    base = {"id": "c1", "object": "chat.completion", "created": 1, "model": asked.get("model", "gpt-4o")}
    usage = usage or CHAT_USAGE
    tool = _asks_for_tool(asked, '"role": "tool"')
    call = {"index": 0, "id": "t1", "type": "function", "function": {"name": tool, "arguments": "{}"}}
    end = "tool_calls" if tool else "stop"
    if not asked.get("stream"):
        message: dict[str, Any] = {"role": "assistant", "content": None if tool else "hi"}
        message |= {"tool_calls": [call]} if tool else {}
        choice = {"index": 0, "message": message, "finish_reason": end}
        return Answer({**base, "choices": [choice], "usage": usage, "service_tier": "default"})
    base["object"] = "chat.completion.chunk"
    said = {"tool_calls": [call]} if tool else {"content": "hi"}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, said, {}]
    chunks = [
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else end}]}
        for delta in deltas
    ]
    if base["model"].startswith("mistral"):  # Mistral always tells, in the last chunk
        chunks[-1]["usage"] = PLAIN_USAGE
    if base["model"].startswith("groq/"):
        chunks[-1]["x_groq"] = {"id": "r", "usage": usage}
    options = asked.get("stream_options") or {}
    if options.get("continuous_usage_stats"):  # vLLM's, with the usage so far in each chunk
        for n, each in enumerate(chunks, start=1):
            so_far = {"completion_tokens": n, "total_tokens": usage["prompt_tokens"] + n}
            each["usage"] = {**usage, **so_far}
        chunks.append({**base, "choices": [], "usage": usage})
    elif options.get("include_usage"):
        chunks = [{**each, "usage": None} for each in chunks]
        chunks.append({**base, "choices": [], "usage": usage})
    return Answer(events=tuple(chunks), done=True)


def _completions(_: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    choice = {"index": 0, "text": "hi", "finish_reason": "stop", "logprobs": None}
    base = {
        "id": "c",
        "object": "text_completion",
        "created": 1,
        "model": asked["model"],
        "choices": [choice],
    }
    if asked.get("stream"):
        return Answer(events=(base, {**base, "choices": [], "usage": PLAIN_USAGE}), done=True)
    return Answer({**base, "usage": usage or PLAIN_USAGE})


def _responses(_: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    text = {"type": "output_text", "text": "hi", "annotations": []}
    output: list[dict[str, Any]]
    output = [{"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": [text]}]
    if tool := _asks_for_tool(asked, '"function_call_output"'):
        call = {"type": "function_call", "id": "f1", "call_id": "t1", "name": tool, "arguments": "{}"}
        output = [{**call, "status": "completed"}]
    body: dict[str, Any] = {
        "id": "r1",
        "object": "response",
        "created_at": 1,
        "model": asked["model"],
        "status": "completed",
        "output": output,
        "usage": usage or RESPONSES_USAGE,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "service_tier": "default",
    }
    if not asked.get("stream"):
        return Answer(body)
    started = {**body, "usage": None, "output": [], "status": "in_progress"}
    place = {"item_id": "m1", "output_index": 0, "content_index": 0}
    if output[0]["type"] == "function_call":
        added = {"type": "response.output_item.added", "output_index": 0, "item": output[0]}
        done = {**added, "type": "response.output_item.done"}
        whole = {"type": "response.completed", "response": body}
        parts = ({"type": "response.created", "response": started}, added, done, whole)
        return Answer(events=tuple({**each, "sequence_number": n} for n, each in enumerate(parts)))
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": started},
        {"type": "response.output_item.added", "output_index": 0, "item": {**output[0], "content": []}},
        {"type": "response.content_part.added", **place, "part": {**text, "text": ""}},
        {"type": "response.output_text.delta", **place, "delta": "hi", "logprobs": []},
        {"type": "response.completed", "response": body},
    ]
    return Answer(events=tuple({**event, "sequence_number": n} for n, event in enumerate(events)))


def _embeddings(_: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    vector = "zczMPc3MTD4=" if asked.get("encoding_format") == "base64" else [0.1, 0.2]
    data = [{"object": "embedding", "index": 0, "embedding": vector}]
    usage = usage or {"prompt_tokens": 8, "total_tokens": 8}
    if asked["model"].startswith("mistral"):
        usage = {**usage, "completion_tokens": 0}
    return Answer({"id": "e", "object": "list", "model": asked["model"], "data": data, "usage": usage})


def _messages(_: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    body = message(asked.get("model", "claude-sonnet-4-5"), usage or ANTHROPIC_USAGE)
    if (tool := _asks_for_tool(asked, '"tool_result"')) and not asked.get("stream"):
        use = {"type": "tool_use", "id": "t1", "name": tool, "input": {}}
        body |= {"content": [use], "stop_reason": "tool_use"}
    return Answer(events=tuple(message_events(body))) if asked.get("stream") else Answer(body)


def message(model: str, usage: dict[str, Any]) -> dict[str, Any]:
    """An answer of Anthropic's."""
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }


def message_events(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as a stream: the first event's output is a placeholder, the last but one's is the whole."""
    first = {**body, "content": [], "stop_reason": None, "usage": {**body["usage"], "output_tokens": 1}}
    output = {"output_tokens": body["usage"]["output_tokens"]}
    return [
        {"type": "message_start", "message": first},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": output,
        },
        {"type": "message_stop"},
    ]


def _google(found: re.Match[str], _: dict[str, Any], usage: Any) -> Answer:
    content = {"role": "model", "parts": [{"text": "hi"}]}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    body = {
        "candidates": [candidate],
        "usageMetadata": usage or GOOGLE_USAGE,
        "modelVersion": found["model"],
    }
    if not found["stream"]:
        return Answer(body)
    early = {"candidates": [{"content": content, "index": 0}], "modelVersion": found["model"]}
    first = {**early, "usageMetadata": {"promptTokenCount": 100, "totalTokenCount": 100}}
    return Answer(events=(first, body), comment="")  # google-genai takes a comment for an answer


def _cohere(_: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    usage = usage or COHERE_USAGE
    content = [{"type": "text", "text": "hi"}]
    if not asked.get("stream"):
        said = {"role": "assistant", "content": content}
        return Answer({"id": "x", "finish_reason": "COMPLETE", "message": said, "usage": usage})
    start = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    return Answer(
        events=(
            {"type": "message-start", "id": "x", "delta": {"message": start}},
            {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "hi"}}}},
            {"type": "message-end", "id": "x", "delta": {"finish_reason": "COMPLETE", "usage": usage}},
        )
    )


def _ollama(found: re.Match[str], asked: dict[str, Any], usage: Any) -> Answer:
    said = (
        {"response": "hi"} if found[1] == "generate" else {"message": {"role": "assistant", "content": "hi"}}
    )
    part = {"model": asked["model"], "created_at": "2026-11-26T00:00:00Z", **said, "done": False}
    counts = usage or {"prompt_eval_count": 100, "eval_count": 50}
    times = dict.fromkeys(("total_duration", "load_duration", "prompt_eval_duration", "eval_duration"), 1)
    last = {**part, "done": True, "done_reason": "stop", **counts, **times}
    return Answer(events=(part, last), kind="lines") if asked.get("stream", True) else Answer(last)


def _converse(found: re.Match[str], _: dict[str, Any], usage: Any) -> Answer:
    usage = usage or CONVERSE_USAGE
    if not found["stream"]:
        said = {"message": {"role": "assistant", "content": [{"text": "hi"}]}}
        return Answer({"output": said, "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 1}})
    payloads = {
        "messageStart": {"role": "assistant"},
        "contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "hi"}},
        "messageStop": {"stopReason": "end_turn"},
        "metadata": {"usage": usage, "metrics": {"latencyMs": 1}},
    }
    events = tuple({"name": name, "payload": payload} for name, payload in payloads.items())
    return Answer(events=events, kind="binary")


def _invoke(found: re.Match[str], _: dict[str, Any], usage: Any) -> Answer:
    body = message("claude-sonnet-4-5", usage or ANTHROPIC_USAGE)
    if not found["stream"]:
        return Answer(body)
    metrics = {"inputTokenCount": 10, "outputTokenCount": 50, "invocationLatency": 1, "firstByteLatency": 1}
    inner = message_events(body)
    inner[-1] = {**inner[-1], "amazon-bedrock-invocationMetrics": metrics}
    payloads = ({"bytes": base64.b64encode(json.dumps(each).encode()).decode()} for each in inner)
    return Answer(events=tuple({"name": "chunk", "payload": each} for each in payloads), kind="binary")


_ANSWERS = (
    (r"/count_tokens$", lambda *_: Answer({"input_tokens": 100})),
    (r":countTokens$", lambda *_: Answer({"totalTokens": 100})),
    (r"/(chat|fim)/completions$", _chat),
    (r"/completions$", _completions),
    (r"/responses$", _responses),
    (r"/embeddings$", _embeddings),
    (r"/messages$", _messages),
    (r"/models/(?P<model>[^/:]+):(?P<stream>stream)?[gG]enerateContent$", _google),
    (r"/v2/chat$", _cohere),
    (r"/api/(chat|generate)$", _ollama),
    (r"/model/[^/]+/converse(?P<stream>-stream)?$", _converse),
    (r"/model/[^/]+/invoke(?P<stream>-with-response-stream)?$", _invoke),
)


@contextmanager
def fake_provider() -> Iterator[Provider]:
    """A provider on loopback."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._send(Behaviour(), "application/json", b'{"data": []}', is_chunked=False)

        def do_POST(self) -> None:
            raw = self._body()
            asked = json.loads(raw) if raw[:1] == b"{" else {}
            path = self.path.partition("?")[0]
            provider.asked.append((path, asked))
            how = provider.next_behaviour()
            said = answer(path, asked, how.usage)
            if how.status >= 400 or said is None:
                problem = json.dumps({"error": {"type": "rate_limit_error", "message": "slow down"}}).encode()
                self._send(
                    replace(how, status=max(how.status, 404)), "application/json", problem, is_chunked=False
                )
                return
            content_type, body = said.encoded(how.newline)
            self._send(how, content_type, body, is_chunked=how.is_chunked or bool(said.events))

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().strip(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _send(self, how: Behaviour, content_type: str, body: bytes, *, is_chunked: bool) -> None:
            encode = {"gzip": lambda text: gzip.compress(text, mtime=0), "deflate": zlib.compress}.get(
                how.encoding, bytes
            )
            body = encode(body)
            headers = {"Content-Type": how.content_type or content_type, **how.headers}
            if how.encoding:
                headers["Content-Encoding"] = how.encoding
            headers |= {"Transfer-Encoding": "chunked"} if is_chunked else {"Content-Length": str(len(body))}
            self.send_response(how.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self._write(body[: how.hang_up_after], how.portion if is_chunked else 0)
                if how.hang_up_after is not None:
                    self.close_connection = True
                elif is_chunked:
                    self.wfile.write(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):  # a client may leave a stream
                self.close_connection = True

        def _write(self, body: bytes, portion: int) -> None:
            if not portion:
                self.wfile.write(body)
                return
            for at in range(0, len(body), portion):
                part = body[at : at + portion]
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                self.wfile.flush()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        provider.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield provider
        finally:
            server.shutdown()

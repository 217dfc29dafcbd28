"""Answers that observability tools and gateways have counted wrongly, as their issues quote them.

Each runs through the recorder as its client would get it; the right counts are those of the issue.
"""

from __future__ import annotations

import json
import urllib.request
from decimal import Decimal

import pytest
from recorded_calls import recorded
from servers import Answer, http_server

from ipython_llmnumbers.usage.call_cost import call_cost
from ipython_llmnumbers.usage.cell_run import cell_run

CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"
GEMINI = "/v1beta/models/gemini-2.5-pro:generateContent"


def events(*each):
    """A stream of these events."""
    return "".join(f"data: {json.dumps(event)}\n\n" for event in each).encode() + b"data: [DONE]\n\n"


def claude(start, delta, model="claude-sonnet-4-5", *, beginning=()):
    """A stream of Anthropic's with the usage of its first and of its last event but one."""
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": model}
    return events(
        *beginning,
        {"type": "message_start", "message": {**message, "usage": start}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": delta},
        {"type": "message_stop"},
    )


def run_of(path, answer, model="claude-sonnet-4-5"):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    kind = "text/event-stream" if body.startswith(b"data:") else "application/json"
    with (
        http_server(lambda _: Answer(body=body, headers={"Content-Type": kind})) as (url, _),
        recorded() as recording,
    ):
        asked = urllib.request.Request(url + path, json.dumps({"model": model}).encode())
        with urllib.request.urlopen(asked) as response:
            assert response.read() == body
    return recording


CASES = {
    # The breakdown is that of the first turn, the total that of all: litellm#42663 priced 31,490 of 184,457.
    "a breakdown of the first turn": (
        MESSAGES,
        claude(
            {
                "input_tokens": 3,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 31_490,
                "cache_creation": {"ephemeral_5m_input_tokens": 31_490, "ephemeral_1h_input_tokens": 0},
                "output_tokens": 1,
            },
            {
                "input_tokens": 123_201,
                "cache_read_input_tokens": 426_653,
                "cache_creation_input_tokens": 184_457,
                "output_tokens": 900,
                "server_tool_use": {"web_search_requests": 5},
            },
        ),
        (734_311, 426_653, 184_457, 900),
    ),
    # cortex#811: the counts of the cache come with the last event alone; recorded were 9 of 33,772.
    "a cache that comes last": (
        MESSAGES,
        claude(
            {"input_tokens": 9, "output_tokens": 0},
            {
                "input_tokens": 9,
                "output_tokens": 399,
                "cache_creation_input_tokens": 3755,
                "cache_read_input_tokens": 30_008,
            },
        ),
        (33_772, 30_008, 3755, 399),
    ),
    # ai-gateway#2279: both events have the cache, and it is the same: 11 and 2 for 10 and 1.
    "a cache that comes twice": (
        MESSAGES,
        claude(
            {"input_tokens": 9, "cache_read_input_tokens": 1, "output_tokens": 0},
            {"input_tokens": 9, "cache_read_input_tokens": 1, "output_tokens": 16},
        ),
        (10, 1, 0, 16),
    ),
    # langfuse#12306 counted 260,421 of 130,213, for the sum had the cache already.
    "a cache beside the input": (
        MESSAGES,
        {
            "model": "claude-sonnet-4-5",
            "usage": {
                "input_tokens": 5,
                "cache_read_input_tokens": 128_955,
                "cache_creation_input_tokens": 1253,
                "output_tokens": 10,
            },
        },
        (130_213, 128_955, 1253, 10),
    ),
    # pydantic-ai#5065 quotes Claude's docs: the top-level counts leave out what the compaction took.
    "a compaction": (
        MESSAGES,
        {
            "model": "claude-opus-4-6",
            "usage": {
                "input_tokens": 23_000,
                "output_tokens": 1000,
                "iterations": [
                    {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3500},
                    {"type": "message", "input_tokens": 23_000, "output_tokens": 1000},
                ],
            },
        },
        (203_000, 0, 0, 4500),
    ),
    # openinference#3734: a declined attempt's usage is not the answer's, and its cache is not either.
    "a declined attempt": (
        MESSAGES,
        claude(
            {"input_tokens": 10, "cache_creation_input_tokens": 1733, "output_tokens": 1},
            {"output_tokens": 5},
            "claude-opus-4-8",
            beginning=(
                {
                    "type": "message_start",
                    "message": {
                        "model": "claude-fable-5",
                        "usage": {"input_tokens": 412, "cache_read_input_tokens": 512, "output_tokens": 0},
                    },
                },
            ),
        ),
        (1743, 0, 1733, 5),
    ),
    # openai-agents-python#4434: the usage of a compaction of OpenAI's was read by nobody.
    "a compaction of responses": (
        f"{RESPONSES}/compact",
        {"object": "response.compaction", "usage": {"input_tokens": 191_000, "output_tokens": 1000}},
        (191_000, 0, 0, 1000),
    ),
    # litellm#36168: the last chunk has a choice, and so its usage was dropped: 15,418 of 16,111, none cached.
    "a last chunk with a choice": (
        CHAT,
        events(
            {"model": "deepseek-v4-flash", "choices": [{"index": 0, "delta": {"content": "hi"}}]},
            {
                "model": "deepseek-v4-flash",
                "choices": [{"index": 0, "delta": {}}],
                "usage": {
                    "completion_tokens": 2,
                    "prompt_tokens": 16_111,
                    "total_tokens": 16_113,
                    "completion_tokens_details": {"reasoning_tokens": 0},
                    "prompt_tokens_details": {"cached_tokens": 15_872},
                },
            },
        ),
        (16_111, 15_872, 0, 2),
    ),
    # langfuse#8808: the usage so far stands in each chunk, and was added up to ten times as much.
    "a usage in each chunk": (
        CHAT,
        events(
            *(
                {
                    "model": "gpt-4o",
                    "choices": [
                        {"index": 0, "delta": {"content": "x"}, "finish_reason": "stop" if n == 9 else None}
                    ],
                    "usage": {"prompt_tokens": 700, "completion_tokens": n, "total_tokens": 700 + n},
                }
                for n in range(1, 10)
            )
        ),
        (700, 0, 0, 9),
    ),
    # vercel/ai#6082: 1,939 tokens of thinking stand beside the 2,060, and were left out.
    "thinking beside the answer": (
        GEMINI,
        {
            "candidates": [{"finishReason": "STOP"}],
            "modelVersion": "gemini-2.5-pro",
            "usageMetadata": {
                "promptTokenCount": 7477,
                "candidatesTokenCount": 2060,
                "totalTokenCount": 11_476,
                "thoughtsTokenCount": 1939,
            },
        },
        (7477, 0, 0, 3999),
    ),
    # logfire#1651: no usage of a stream of responses was read.
    "a stream of responses": (
        RESPONSES,
        events(
            {"type": "response.created", "response": {"model": "gpt-5", "usage": None}},
            {"type": "response.output_text.delta", "delta": "hi"},
            {
                "type": "response.completed",
                "response": {
                    "model": "gpt-5",
                    "usage": {
                        "input_tokens": 11,
                        "input_tokens_details": {"cached_tokens": 0},
                        "output_tokens": 5,
                        "total_tokens": 16,
                    },
                },
            },
        ),
        (11, 0, 0, 5),
    ),
}


@pytest.mark.parametrize(("path", "answer", "right"), CASES.values(), ids=CASES)
def test_what_was_counted_wrongly_is_right(path, answer, right):
    (call,) = run_of(path, answer).calls
    tokens = call.tokens
    assert call.state == "complete"
    assert (tokens.input, tokens.cached or 0, tokens.written or 0, tokens.output) == right


def test_a_declined_attempt_is_priced_by_the_model_that_answers():
    """oh-my-pi#4182: the answer of claude-opus-4-8 was priced as the model that was asked for."""
    (call,) = run_of(*CASES["a declined attempt"][:2]).calls
    assert call.model == "claude-opus-4-8"


@pytest.mark.parametrize("is_stream", [True, False])
@pytest.mark.parametrize(("written", "usd"), [(0, "0"), (30, "0.00562")])
def test_a_refusal_before_any_output_is_not_billed(is_stream, written, usd):
    """Claude Platform release notes; the example in the docs of refusals has 412 and 0 all the same."""
    stop, usage = {"stop_reason": "refusal"}, {"input_tokens": 412, "output_tokens": written}
    answer = {"model": "claude-fable-5", "content": [], **stop, "usage": usage}
    if is_stream:
        stream = claude({**usage, "output_tokens": 0}, {"output_tokens": written}, "claude-fable-5")
        answer = stream.replace(b'"end_turn"', b'"refusal"')
    (call,) = run_of(MESSAGES, answer).calls
    assert call_cost(call).figure("total_usd").value == Decimal(usd)


def test_a_cache_read_in_a_stream_costs_what_it_costs():
    """litellm#11789: $0.002059 was said of $0.000292: 4 fresh, 2,455 read and 23 written by Haiku 3.5."""
    usage = {"input_tokens": 4, "cache_read_input_tokens": 2455, "cache_creation_input_tokens": 0}
    stream = claude({**usage, "output_tokens": 1}, {"output_tokens": 23}, "claude-3-5-haiku-20241022")
    (call,) = run_of(MESSAGES, stream).calls
    assert round(call_cost(call).figure("total_usd").value, 6) == Decimal("0.000292")


def test_a_stream_that_breaks_off_costs_at_least_its_prompt():
    """litellm#30667: what failed in the middle was logged with no usage at all, and was billed."""
    whole = claude({"input_tokens": 50_000, "output_tokens": 1}, {"output_tokens": 900})
    recording = run_of(MESSAGES, whole[: whole.index(b"message_delta") - 30])
    total = cell_run(recording).figure("total_usd")
    assert total.is_at_least
    assert total.low == Decimal("0.150015")  # 50,000 at $3 and one at $15 a million


def test_tokens_of_an_advising_model_are_told_and_make_the_total_a_least():
    """Claude docs, advisor tool: they are billed at that model's rates, and are in no top-level count."""
    usage = {
        "input_tokens": 412,
        "output_tokens": 531,
        "iterations": [
            {"type": "message", "input_tokens": 412, "output_tokens": 89},
            {
                "type": "advisor_message",
                "model": "claude-opus-4-6",
                "input_tokens": 823,
                "output_tokens": 1612,
            },
            {"type": "message", "input_tokens": 1348, "output_tokens": 442},
        ],
    }
    run = cell_run(run_of(MESSAGES, {"model": "claude-sonnet-4-6", "usage": usage}))
    assert run.parts[0].figure("advisor_calls").value == 1
    assert run.figure("total_usd").is_at_least
    assert "calls of an advising model" in " ".join(str(run).split())

"""What answers say of themselves: published usages in each protocol, wherever their bytes are cut."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from decimal import Decimal

import fake_provider
import pytest
from fake_provider import ANTHROPIC_USAGE, CHAT_USAGE, CONVERSE_USAGE, GOOGLE_USAGE, PLAIN_USAGE
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.catalog.api_answers import tools_of
from ipython_llmnumbers.catalog.api_usage import bills, route_of
from ipython_llmnumbers.usage.recording.answer import AnswerReader, _without_vectors
from ipython_llmnumbers.usage.recording.encodings import Dechunked, UnreadableError
from ipython_llmnumbers.usage.recording.framing import Events, Lines
from ipython_llmnumbers.usage.recording.tokens import NonsenseError, Tokens

CHAT, MESSAGES, GOOGLE = (
    "/v1/chat/completions",
    "/v1/messages",
    "/v1beta/models/gemini-2.5-pro:generateContent",
)


def read(path, body, headers=(), portion=None):
    """The reader of an answer's bytes, in portions of that size."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    reader = AnswerReader(route_of(path), dict(headers), is_decoded=False)
    size = portion or len(body) or 1
    for at in range(0, len(body), size):
        reader.feed(body[at : at + size])
    reader.end(is_whole=True)
    return reader


@pytest.mark.parametrize(
    ("path", "usage", "tokens"),
    [
        (CHAT, CHAT_USAGE, Tokens(100, 50, cached=40, audio_input=0, reasoning=30, audio_output=0)),
        # xAI: reasoning stands beside the output. sub2api#5771, a real answer.
        (
            CHAT,
            {
                "prompt_tokens": 10120,
                "completion_tokens": 1499,
                "total_tokens": 14428,
                "prompt_tokens_details": {"cached_tokens": 128},
                "completion_tokens_details": {"reasoning_tokens": 2809},
            },
            Tokens(10120, 4308, cached=128, reasoning=2809),
        ),
        # vercel/ai#12425: grok-3-mini, completion 1, reasoning 386, total 399.
        (
            CHAT,
            {
                "prompt_tokens": 12,
                "completion_tokens": 1,
                "total_tokens": 399,
                "completion_tokens_details": {"reasoning_tokens": 386},
            },
            Tokens(12, 387, reasoning=386),
        ),
        # Google's compatible endpoint: CLIProxyAPI#5733.
        (
            CHAT,
            {
                "completion_tokens": 0,
                "total_tokens": 81,
                "prompt_tokens": 21,
                "completion_tokens_details": {"reasoning_tokens": 60},
            },
            Tokens(21, 60, reasoning=60),
        ),
        # DeepSeek tells its cache in a field of its own (DeepSeek API docs, context caching).
        (
            CHAT,
            {"prompt_tokens": 1000, "completion_tokens": 10, "prompt_cache_hit_tokens": 900},
            Tokens(1000, 10, cached=900),
        ),
        (MESSAGES, ANTHROPIC_USAGE, Tokens(100, 50, cached=70, written=20, written_1h=15)),
        # Before the split by time there was one count of what is written: symfony/ai#2178, a real stream.
        (
            MESSAGES,
            {
                "input_tokens": 2,
                "cache_creation_input_tokens": 47119,
                "cache_read_input_tokens": 0,
                "output_tokens": 64,
            },
            Tokens(47121, 64, cached=0, written=47119),
        ),
        (GOOGLE, GOOGLE_USAGE, Tokens(100, 50, cached=40, reasoning=30)),
        # any-llm#1290: prompt 20, candidates 198, thoughts 405, total 623.
        (
            GOOGLE,
            {
                "promptTokenCount": 20,
                "candidatesTokenCount": 198,
                "thoughtsTokenCount": 405,
                "totalTokenCount": 623,
            },
            Tokens(20, 603, reasoning=405),
        ),
        # What Google's own tools read is input too: raif#470; sound by the lists of modalities.
        (
            GOOGLE,
            {
                "promptTokenCount": 20,
                "toolUsePromptTokenCount": 7,
                "candidatesTokenCount": 5,
                "promptTokensDetails": [
                    {"modality": "TEXT", "tokenCount": 8},
                    {"modality": "AUDIO", "tokenCount": 12},
                ],
            },
            Tokens(27, 5, audio_input=12),
        ),
        # What a cache had is left out of inputTokens: ruby_llm#832 quotes AWS.
        ("/model/x/converse", CONVERSE_USAGE, Tokens(100, 50, cached=70, written=20)),
        (
            "/model/x/converse",
            {
                "inputTokens": 2,
                "cacheWriteInputTokens": 20,
                "outputTokens": 19,
                "cacheDetails": [{"ttl": "5m", "inputTokens": 5}, {"ttl": "1h", "inputTokens": 15}],
            },
            Tokens(22, 19, written=20, written_1h=15),
        ),
        # What OpenAI's models stream there counts it within: bifrost#6942, measured.
        (
            "/model/us.openai.gpt-5.6/converse-stream",
            {"inputTokens": 4995, "cacheWriteInputTokens": 4993, "outputTokens": 19, "totalTokens": 10007},
            Tokens(4995, 19, written=4993),
        ),
        ("/v1/embeddings", {"prompt_tokens": 8, "total_tokens": 8}, Tokens(8, 0)),
        # Voyage: LLPhant#356.
        ("/v1/embeddings", {"total_tokens": 355}, Tokens(355, 0)),
        # Kimi: Bike4Mind#1089, measured; promptfoo#10132.
        (
            CHAT,
            {"prompt_tokens": 2989, "completion_tokens": 9, "total_tokens": 2998, "cached_tokens": 2989},
            Tokens(2989, 9, cached=2989),
        ),
        # Perplexity bills what it thinks and reads beside the answer (Perplexity, pricing).
        (
            CHAT,
            {
                "prompt_tokens": 33,
                "completion_tokens": 7163,
                "total_tokens": 7196,
                "citation_tokens": 20016,
                "num_search_queries": 18,
                "reasoning_tokens": 73997,
            },
            Tokens(33, 7163 + 73997, reasoning=73997, citation=20016),
        ),
        # What is more than the output stands beside it, whoever says so.
        (
            CHAT,
            {"prompt_tokens": 33, "completion_tokens": 10, "total_tokens": 43, "reasoning_tokens": 90},
            Tokens(33, 100, reasoning=90),
        ),
        # Gemini's pictures: genai-prices#177, 1,290 tokens each; litellm#17410, 1,120 of gemini-3-pro-image.
        (
            GOOGLE,
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 1290,
                "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
            },
            Tokens(10, 1290, image_output=1290),
        ),
        (
            CHAT,
            {
                "completion_tokens": 1345,
                "prompt_tokens": 10,
                "total_tokens": 1355,
                "completion_tokens_details": {"reasoning_tokens": 225, "image_tokens": 1120},
                "prompt_tokens_details": {"text_tokens": 10},
            },
            Tokens(10, 1345, reasoning=225, image_output=1120),
        ),
        # A saved answer of gemini-3.1-pro-preview to a PDF, of July 2026.
        (
            GOOGLE,
            {
                "promptTokenCount": 21494,
                "candidatesTokenCount": 691,
                "totalTokenCount": 23879,
                "promptTokensDetails": [
                    {"modality": "TEXT", "tokenCount": 174},
                    {"modality": "IMAGE", "tokenCount": 21320},
                ],
                "thoughtsTokenCount": 1694,
            },
            Tokens(21494, 691 + 1694, reasoning=1694, image_input=21320),
        ),
        # OpenAI's images: litellm#18541, a real answer, does not part its output; that of litellm#21902 does.
        (
            "/v1/images/generations",
            {
                "input_tokens": 23,
                "input_tokens_details": {"image_tokens": 0, "text_tokens": 23},
                "output_tokens": 1056,
            },
            Tokens(23, 1056, image_input=0, image_output=1056),
        ),
        (
            "/v1/images/edits",
            {
                "input_tokens": 357,
                "input_tokens_details": {"image_tokens": 323, "text_tokens": 34},
                "output_tokens": 6543,
                "output_tokens_details": {"image_tokens": 6208, "text_tokens": 335},
            },
            Tokens(357, 6543, image_input=323, image_output=6208),
        ),
        ("/v2/chat", fake_provider.COHERE_USAGE, Tokens(95, 50)),
        (
            "/v1/audio/transcriptions",
            {"input_tokens": 14, "input_token_details": {"audio_tokens": 14}, "output_tokens": 45},
            Tokens(14, 45, audio_input=14),
        ),
    ],
)  # fmt: skip
def test_the_tokens_of_a_published_usage(path, usage, tokens):
    place = "usageMetadata" if path == GOOGLE else "usage"
    assert read(path, {"model": "m", place: usage}).tokens() == tokens


def test_what_ollama_had_in_its_cache_is_not_counted():
    """ollama#2068: a repeated prompt has no `prompt_eval_count`."""
    answer = {"model": "llama3.1:8b", "done": True, "eval_count": 50}
    assert read("/api/chat", answer).tokens() == Tokens(None, 50)


def events(*chunks, ends=b""):
    """The chunks of a chat, as a stream of events."""
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + ends


def chunk(usage=None, finish=None, **more):
    """A chunk of a chat: a piece of text, its usage so far, why it ends."""
    choice = {"index": 0, "delta": {"content": "to"}, "finish_reason": finish}
    return {"model": "m", "choices": [choice], "usage": usage, **more}


COUNTED = {"prompt_tokens": 1000, "completion_tokens": 400, "total_tokens": 1400}
BEGUN = {"prompt_tokens": 1000, "completion_tokens": 1, "total_tokens": 1001}
# How providers end a chat that is streamed, each with the whole usage.
ENDS = {
    # OpenAI, and vLLM: a chunk without choices; before it a chunk that says why (API reference, streaming).
    "a chunk of its own": [chunk(finish="stop"), {"model": "m", "choices": [], "usage": COUNTED}],
    # DeepSeek, Mistral, Gemini's compatible endpoint: with the reason.
    "with the reason": [chunk(COUNTED, "stop")],
    # OpenRouter: behind the reason, with a choice that is empty.
    "behind the reason": [chunk(finish="stop"), chunk(COUNTED)],
    # Kimi: inside the choice (pi#2017).
    "inside the choice": [
        {"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": COUNTED}]}
    ],
    # Groq: before it had stream_options.
    "x_groq": [chunk(finish="stop", x_groq={"usage": COUNTED})],
}


@pytest.mark.parametrize("begins", [[chunk()], [chunk(BEGUN)]], ids=["once", "growing"])
@pytest.mark.parametrize("end", ENDS)
def test_the_usage_of_a_streamed_chat_is_whole_at_its_end(end, begins):
    """vLLM (`continuous_usage_stats`), Perplexity and xAI count in each chunk what there is so far."""
    reader = read(CHAT, events(*begins, *ENDS[end]))
    assert (reader.tokens(), reader.has_last) == (Tokens(1000, 400), True)
    left = AnswerReader(route_of(CHAT), {}, is_decoded=False)
    left.feed(events(*begins))
    left.end(is_whole=False)
    assert not left.has_last


def test_a_stream_says_that_it_is_done():
    """A usage of which no chunk says why it ends is whole with OpenAI's last words."""
    assert not read(CHAT, events(chunk(COUNTED))).has_last
    assert read(CHAT, events(chunk(COUNTED), ends=b"data: [DONE]\n\n")).has_last


def tools_used(path, body):
    """How often the provider's own tools were used, by name, as they are billed to the model."""
    reader = read(path, body)
    return {tool.name: n for tool, n in tools_of(reader.tools, reader.model or "")}


@pytest.mark.parametrize(
    ("path", "body", "used"),
    [
        # Claude docs, web search: the usage of its example, and an answer without a search.
        (
            MESSAGES,
            {"usage": {**ANTHROPIC_USAGE, "server_tool_use": {"web_search_requests": 1}}},
            {"web_searches": 1},
        ),
        (MESSAGES, {"usage": {**ANTHROPIC_USAGE, "server_tool_use": {"web_search_requests": 0}}}, {}),
        # litellm#39610: a search and a page that was opened are two items, of which one is billed.
        (
            "/v1/responses",
            {
                "output": [
                    {"type": "web_search_call", "action": {"type": "search", "query": "q"}},
                    {"type": "web_search_call", "action": {"type": "open_page", "url": "u"}},
                    {"type": "message", "content": []},
                ]
            },
            {"web_searches": 1},
        ),
        # bifrost#7306: the provider's own count goes before the items.
        (
            "/v1/responses",
            {
                "output": [{"type": "web_search_call"}] * 3,
                "tool_usage": {"web_search": {"num_requests": 2}},
            },
            {"web_searches": 2},
        ),
        ("/v1/responses", {"output": [{"type": "file_search_call"}]}, {"file_searches": 1}),
        ("/v1/responses", {"output": [{"type": "code_interpreter_call"}]}, {"code_runs": 1}),
        # Google AI forum, 168136: Gemini 3 bills by query, and "we ignore the empty web search queries".
        (
            GOOGLE,
            {
                "modelVersion": "gemini-3-flash-preview",
                "candidates": [
                    {
                        "groundingMetadata": {
                            "webSearchQueries": ["", "best platforms 2026", "", "Wefunder vs Republic"]
                        }
                    }
                ],
            },
            {"web_searches": 2},
        ),
        # TokenMeter 0.13.0: Gemini 2.5 bills a grounded prompt once.
        (
            GOOGLE,
            {
                "modelVersion": "gemini-2.5-flash",
                "candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b", "c"]}}],
            },
            {"web_searches": 1},
        ),
        (CHAT, {"model": "gpt-4o-search-preview-2025-03-11", "usage": PLAIN_USAGE}, {"web_searches": 1}),
        (CHAT, {"model": "gpt-4o", "usage": PLAIN_USAGE}, {}),
    ],
)
def test_what_the_provider_s_own_tools_did(path, body, used):
    assert tools_used(path, body) == used


@pytest.mark.parametrize(
    ("headers", "body", "server"),
    [
        # Saved answers in public repositories, of vLLM 0.9 and 0.23.
        ({"server": "uvicorn"}, {"prompt_logprobs": None, "kv_transfer_params": None}, "vLLM"),
        ({}, {"system_fingerprint": "vllm-0.23.0-tp4-712aba24"}, "vLLM"),
        ({}, {"choices": [{"finish_reason": "stop", "stop_reason": None}]}, "vLLM"),
        ({}, {"choices": [{"finish_reason": "stop", "matched_stop": 151645}]}, "SGLang"),  # sglang#1684
        ({}, {"timings": {"prompt_n": 8}, "system_fingerprint": "b1-22cadc1"}, "llama.cpp"),  # vllm#40076
        ({"server": "llama.cpp"}, {}, "llama.cpp"),
        ({}, {"system_fingerprint": "fp_ollama"}, "Ollama"),
        ({"server": "uvicorn"}, {"system_fingerprint": "fp_44709d6fcb", "service_tier": "default"}, ""),
        # LiteLLM hands on what its provider writes, and says so (LiteLLM proxy, response headers).
        ({"x-litellm-call-id": "3a1f"}, {"prompt_logprobs": None, "kv_transfer_params": None}, ""),
    ],
)
def test_a_server_of_one_s_own_is_told_by_what_it_writes(headers, body, server):
    assert read(CHAT, {"model": "m", "usage": PLAIN_USAGE, **body}, headers).server == server


@pytest.mark.parametrize("frames", [Events, Lines])
def test_an_event_in_many_portions_takes_the_time_of_its_bytes(frames):
    """A picture is one event of megabytes: what looks at all of it with each portion takes minutes."""

    def seconds(n_bytes):
        body = b"data: %s\n\n" % (b"A" * n_bytes)
        framed, start = frames(), time.process_time()
        found = [each for at in range(0, len(body), 1024) for each in framed.feed(body[at : at + 1024])]
        assert len(found) == 1
        return time.process_time() - start

    few, many = (min(seconds(n) for _ in range(3)) for n in (1_000_000, 8_000_000))
    assert many < 24 * few  # 8 times as much, not 64 times


def stream_of(path, **asked):
    """A stream of the fake provider."""
    return fake_provider.answer(path, {"model": "m", "stream": True, **asked}, None)


STREAMS = {
    "chat": (CHAT, {"stream_options": {"include_usage": True}}, Tokens(100, 50, 40, None, None, 0, 30, 0)),
    "groq": (CHAT, {"model": "groq/llama"}, Tokens(100, 50, 40, None, None, 0, 30, 0)),
    "mistral": (CHAT, {"model": "mistral-large"}, Tokens(100, 50)),
    "responses": ("/v1/responses", {}, Tokens(100, 50, cached=40, reasoning=30)),
    "messages": (MESSAGES, {}, Tokens(100, 50, cached=70, written=20, written_1h=15)),
    "google": (GOOGLE.replace(":g", ":streamG"), {}, Tokens(100, 50, cached=40, reasoning=30)),
    "cohere": ("/v2/chat", {}, Tokens(95, 50)),
    "ollama": ("/api/chat", {}, Tokens(100, 50)),
    "converse": ("/model/x/converse-stream", {}, Tokens(100, 50, cached=70, written=20)),
    "invoke": (
        "/model/x/invoke-with-response-stream",
        {},
        Tokens(100, 50, cached=70, written=20, written_1h=15),
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("portion", [1, 2, 3, 7, 64, None])
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_read_wherever_it_is_cut(name, portion, newline):
    path, asked, tokens = STREAMS[name]
    content_type, body = stream_of(path, **asked).encoded(newline)
    reader = read(path, body, {"content-type": content_type}, portion)
    assert (reader.tokens(), reader.has_last, reader.has_text) == (tokens, True, True)


@given(st.data())
def test_a_stream_is_read_in_any_portions(data):
    path, asked, tokens = STREAMS[data.draw(st.sampled_from(sorted(STREAMS)))]
    content_type, body = stream_of(path, **asked).encoded(data.draw(st.sampled_from(["\n", "\r\n"])))
    reader = AnswerReader(route_of(path), {"content-type": content_type}, is_decoded=False)
    for size in data.draw(st.lists(st.integers(1, 200), min_size=1)):
        reader.feed(body[:size])
        body = body[size:]
    reader.feed(body)
    reader.end(is_whole=True)
    assert reader.tokens() == tokens


def test_the_output_of_a_stream_is_cumulative():
    """tensorzero#5481 quotes Anthropic's example: a placeholder of 1, then 15 in all, which is not 16."""
    body = fake_provider.message("claude-sonnet-4-5-20250929", {"input_tokens": 25, "output_tokens": 15})
    events = "".join(f"data: {json.dumps(each)}\n\n" for each in fake_provider.message_events(body))
    assert read(MESSAGES, events.encode()).tokens() == Tokens(25, 15)
    # one-api-pro#13: the last event repeats the input, a live stream of 2026.
    again = events.replace(
        '"usage": {"output_tokens": 15}', '"usage": {"input_tokens": 25, "output_tokens": 15}'
    )
    assert again != events
    assert read(MESSAGES, again.encode()).tokens() == Tokens(25, 15)


def test_a_stream_that_is_left_has_no_last_event():
    _, body = stream_of(MESSAGES).encoded("\n")
    reader = AnswerReader(route_of(MESSAGES), {}, is_decoded=False)
    reader.feed(body[: body.index(b"message_delta")])
    reader.end(is_whole=False)
    assert not reader.has_last
    assert reader.tokens() == Tokens(100, 1, cached=70, written=20, written_1h=15)


def _raw_deflate(body):
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:50]) + gzip.compress(body[50:])),  # two members
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),  # what many servers mean by it (RFC 9110, 8.4.1.2)
        ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
        ("identity", bytes),
    ],
)
@pytest.mark.parametrize("portion", [1, 10, None])
def test_a_compressed_answer_is_read(encoding, encode, portion):
    body = encode(json.dumps({"model": "m", "usage": CHAT_USAGE, "filler": "x" * 200}).encode())
    reader = read(CHAT, body, {"content-encoding": encoding}, portion)
    assert reader.tokens().input == 100


def test_an_answer_in_an_unknown_encoding_is_unreadable():
    with pytest.raises(UnreadableError):
        read(CHAT, b"", {"content-encoding": "rot13"})


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/event-stream", ""])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_wrong_content_type_misleads_nobody(path, content_type):
    headers = {"content-type": content_type}
    _, body = stream_of(path, stream_options={"include_usage": True}).encoded("\n")
    assert read(path, body, headers, 10).tokens().input == 100
    usage = CHAT_USAGE if path == CHAT else ANTHROPIC_USAGE
    assert read(path, {"model": "m", "usage": usage}, headers, 10).tokens().input == 100


def test_a_list_of_events_is_read():
    """Google streams a JSON list where `alt=sse` is not asked for (Gemini API, streamGenerateContent)."""
    events = list(stream_of(GOOGLE.replace(":g", ":streamG")).events)
    assert read(GOOGLE, events).tokens() == Tokens(100, 50, cached=40, reasoning=30)


@pytest.mark.parametrize("vector", [[0.0123456789] * 1536, "zczMPc3MTD4" * 500])
def test_a_long_answer_is_parsed_without_its_vectors(vector):
    """They are all but the whole of it, and parsing them would take longer than the client's own reading."""
    data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(50)]
    text = json.dumps({"data": data, "model": "m", "usage": {"prompt_tokens": 8, "total_tokens": 8}}).encode()
    assert len(_without_vectors(text)) < len(text) / 50
    reader = read("/v1/embeddings", text, portion=60_000)
    assert (reader.tokens(), reader.model) == (Tokens(8, 0), "m")


@pytest.mark.parametrize("count", [-1, 10**20, "many", 1.5, True, [1], 1e300])
def test_a_count_that_no_call_has_is_refused(count):
    for usage in ({**PLAIN_USAGE, "prompt_tokens": count}, {**PLAIN_USAGE, "completion_tokens": count}):
        with pytest.raises(NonsenseError):
            read(CHAT, {"model": "m", "usage": usage}).tokens()


@pytest.mark.parametrize(
    "details",
    [
        {"prompt_tokens_details": {"cached_tokens": 101}},
        {"prompt_tokens_details": {"audio_tokens": 101}},
        {"completion_tokens_details": {"audio_tokens": 51}},
    ],
)
def test_a_part_that_is_more_than_all_is_refused(details):
    with pytest.raises(NonsenseError):
        read(CHAT, {"model": "m", "usage": {**PLAIN_USAGE, **details}}).tokens()


@pytest.mark.parametrize("usage", [None, {}, [], "usage", 7, {"prompt_tokens": None, "other": 3}])
def test_what_counts_nothing_has_no_tokens(usage):
    assert read(CHAT, {"model": "m", "usage": usage}).tokens() is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe\x00", b"data: {\n\ndata: [1]\n\n", b"nul"])
def test_what_is_no_answer_gives_no_tokens(body):
    try:
        assert read(CHAT, body).tokens() is None
    except UnreadableError:
        assert body not in (b"", b"data: {\n\ndata: [1]\n\n")


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        ({"cost": 0.00014}, "0.00014"),  # OpenRouter
        ({"cost_in_usd_ticks": 232856000}, "0.0232856"),  # xAI: sub2api#5771
        ({"cost": {"input_tokens_cost": 0.001, "total_cost": 0.006}}, "0.006"),  # Perplexity
        ({"cost": 0}, "0"),  # a free model of OpenRouter's
        # With one's own key the rest is on another bill (OpenRouter docs, usage accounting).
        ({"cost": 0.000007, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.00014}}, None),
        ({"cost": -1}, None),
        ({"cost": "free"}, None),
        ({"cost": True}, None),
        ({"cost": 10**20}, None),
        ({}, None),
    ],
)
def test_the_bill_of_the_provider(usage, usd):
    reader = read(CHAT, {"model": "m", "usage": {**PLAIN_USAGE, **usage}})
    assert reader.billed_usd == (None if usd is None else Decimal(usd))


def test_the_bill_of_a_proxy_stands_in_a_header():
    headers = {"x-litellm-response-cost": "0.00021"}
    assert read(CHAT, {"model": "m"}, headers).billed_usd == Decimal("0.00021")
    # A model without a price has 0 there, and a stream's head is sent before its cost is known.
    assert read(CHAT, {"model": "m"}, {"x-litellm-response-cost": "0.0"}).billed_usd is None
    assert read(CHAT, stream_of(CHAT).encoded("\n")[1], headers).billed_usd is None


def test_the_model_and_the_tier_that_served():
    reader = read(CHAT, {"model": "gpt-5-2025-08-07", "service_tier": "flex", "usage": PLAIN_USAGE})
    assert (reader.model, reader.modes) == ("gpt-5-2025-08-07", {"service_tier": "flex"})
    assert read(MESSAGES, {"model": "m", "usage": ANTHROPIC_USAGE}).modes == {"service_tier": "standard"}
    # A saved answer of gemini-3.1-pro-preview, of July 2026.
    saved = {"promptTokenCount": 21494, "candidatesTokenCount": 691, "serviceTier": "standard"}
    assert read(GOOGLE, {"usageMetadata": saved}).modes == {"service_tier": "standard"}
    # Claude docs, data residency and fast mode.
    usage = {"input_tokens": 25, "output_tokens": 150, "inference_geo": "us", "speed": "fast"}
    assert read(MESSAGES, {"model": "m", "usage": usage}).modes == {"inference_geo": "us", "speed": "fast"}
    assert (
        read(GOOGLE, {"modelVersion": "gemini-2.5-pro", "usageMetadata": GOOGLE_USAGE}).model
        == "gemini-2.5-pro"
    )


@pytest.mark.parametrize(
    ("path", "shapes"),
    [
        ("/v1/chat/completions", ["perplexity", "chat"]),
        ("/openai/deployments/mine/chat/completions", ["perplexity", "chat"]),
        ("/api/v1/chat/completions", ["perplexity", "chat"]),
        ("/v1/fim/completions", ["perplexity", "chat"]),
        ("/v1/responses/", ["responses"]),
        ("/anthropic/v1/messages", ["anthropic"]),
        ("/v1/messages/count_tokens", None),
        ("/v1beta/models/gemini-2.5-pro:countTokens", None),
        ("/v1/responses/input_tokens", None),
        ("/v1/projects/p/publishers/anthropic/models/claude:streamRawPredict", ["anthropic", "chat"]),
        ("/api/generate", ["ollama"]),
        ("/v1/files", None),
        ("/v1/messages/batches", None),
        ("/v1/models", None),
        ("/completions-of-my-own", None),
        ("/messages/new", None),
    ],
)  # fmt: skip
def test_an_address_is_told_by_the_end_of_its_path(path, shapes):
    route = route_of(path)
    assert (None if route is None else [shape.name for shape in route.shapes]) == shapes


def test_the_chunks_of_http_come_in_any_portions():
    wire = b"4\r\nWiki\r\n7;name=value\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n"
    for portion in range(1, len(wire)):
        dechunked = Dechunked()
        out = b"".join(dechunked(wire[at : at + portion]) for at in range(0, len(wire), portion))
        assert (out, dechunked.is_ended) == (b"Wikipedia in \r\nchunks.", True)


def test_every_bill_and_shape_has_a_source():
    from ipython_llmnumbers.catalog.toml_tables import read_table, source_of

    table = read_table("api_usage.toml")
    for row in (*table["routes"], *table["shapes"], *table["bills"]):
        assert source_of(table, row).checked
    assert len(bills()) == len(table["bills"])
    beside = read_table("api_answers.toml")
    for name in ("modes", "surcharges", "tools", "gateways", "servers"):
        assert all(source_of(beside, row).checked for row in beside[name])

"""What is sent to a known provider beside prompts for text: billed by its own unit, free, or not counted."""

from __future__ import annotations

import http.client
import json
import socket
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from recorded_calls import recorded
from servers import Answer, http_server

from ipython_llmnumbers.usage.cell_run import cell_run


def ask(host, path, answer, content_type="application/json", body=b'{"model": "m"}'):
    """The run of a cell that posts to that provider, whose address leads to a server on loopback."""
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    with http_server(lambda _: Answer(body=data, headers={"Content-Type": content_type})) as (url, _):

        class Connection(http.client.HTTPConnection):
            def connect(self):
                self.sock = socket.create_connection(("127.0.0.1", urlsplit(url).port))

        with recorded() as recording:
            connection = Connection(host)
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            assert connection.getresponse().read() == data
            connection.close()
    assert recording.n_faults == 0
    return cell_run(recording)


@pytest.mark.parametrize(
    ("host", "path", "model"),
    [
        ("api.openai.com", "/v1/batches", None),
        ("api.anthropic.com", "/v1/messages/batches", None),
        ("api.openai.com", "/v1/fine_tuning/jobs", "m"),
        ("api.openai.com", "/v1/videos", "m"),
        ("api.openai.com", "/v1/vector_stores/vs_1/search", None),
        ("api.openai.com", "/v1/an_api_of_next_year", "m"),
        ("us-central1-aiplatform.googleapis.com", "/v1/projects/p/locations/l/models/imagen:predict", None),
        ("generativelanguage.googleapis.com", "/v1beta/models/veo-3:predictLongRunning", None),
        ("bedrock-agent-runtime.us-east-1.amazonaws.com", "/rerank", None),
        ("api.mistral.ai", "/v1/agents/completions-of-tomorrow/", None),
    ],
)
def test_what_no_table_has_is_seen_and_its_cost_unknown(host, path, model):
    body = json.dumps({"model": model} if model else {}).encode()
    run = ask(host, path, {"id": "x"}, body=body)
    (call,) = run.parts
    assert (call.details.how, call.details.model) == ("unknown", model)
    assert run.figure("total_usd").is_at_least
    assert "not in the total, which is the least: 1 of 1 calls" in str(run)
    if path.endswith("batches"):
        assert "not counted:" in str(run)
        assert "batches" in str(run)


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("api.openai.com", "/v1/moderations"),
        ("api.openai.com", "/v1/files"),
        ("api.openai.com", "/v1/uploads/upload_1/parts"),
        ("api.openai.com", "/v1/traces/ingest"),
        ("api.openai.com", "/v1/batches/batch_1/cancel"),
        ("api.anthropic.com", "/v1/messages/count_tokens"),
        ("api.cohere.com", "/v1/tokenize"),
    ],
)
def test_what_costs_nothing_is_said_to_have_been_seen(host, path):
    run = ask(host, path, {"id": "x"})
    assert run.parts == ()
    assert str(run) == "calls that cost nothing: 1"


@pytest.mark.parametrize("path", ["/v1/batches", "/v1/files", "/v1/rerank/cancel"])
@pytest.mark.parametrize("host", ["example.com", "discord.com", "127.0.0.1:11434"])
def test_another_s_address_is_no_call(host, path):
    assert str(ask(host, path, {"id": "x"})) == "no call of an API was seen"


def test_search_units_of_a_rerank_are_counted_and_no_fee_is_invented():
    """bifrost#4239: the units were never read, and the call was $0. Cohere publishes no fee of one."""
    answer = {
        "id": "x",
        "results": [{"index": 3, "relevance_score": 0.99}],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 2}},
    }
    run = ask("api.cohere.com", "/v2/rerank", answer, body=b'{"model": "rerank-v4.0-pro"}')
    (call,) = run.parts
    assert call.figure("search_units").value == 2
    assert call.details.how == "unknown"
    assert run.figure("total_usd").is_at_least
    assert "rerank-v4.0-pro: 2 search units" in str(run)


def test_sound_that_is_billed_by_its_length_costs_its_seconds():
    """whisper-1 is $0.006 a minute; the API reference's example of a usage has 9 seconds (GoModel#372)."""
    answer = {"text": "Hello.", "usage": {"type": "duration", "seconds": 9}}
    run = ask("api.openai.com", "/v1/audio/transcriptions", answer, body=b'{"model": "whisper-1"}')
    (call,) = run.parts
    assert (call.details.how, call.figure("sound_s").value) == ("computed", 9)
    assert call.figure("total_usd").value == Decimal("0.0009")
    assert not run.figure("total_usd").has_range


@pytest.mark.parametrize("kind", ["audio/mpeg", "application/octet-stream"])
def test_speech_has_no_usage_and_is_not_read(kind):
    run = ask("api.openai.com", "/v1/audio/speech", b"\xff\xfb" * 500, kind, b'{"model": "tts-1"}')
    (call,) = run.parts
    assert (call.details.state, call.details.how, call.details.model) == ("silent", "unknown", "tts-1")


def test_speech_as_a_stream_of_events_bears_its_tokens():
    """OpenAI API reference, `speech.audio.done`: 14 in, 101 out; $0.60 and $12 a million."""
    usage = {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}
    events = [{"type": "speech.audio.delta", "audio": "aGk="}, {"type": "speech.audio.done", "usage": usage}]
    stream = "".join(f"data: {json.dumps(each)}\n\n" for each in events).encode()
    run = ask(
        "api.openai.com", "/v1/audio/speech", stream, "text/event-stream", b'{"model": "gpt-4o-mini-tts"}'
    )
    assert run.figure("total_usd").value == Decimal("0.0012204")


def test_pages_that_are_read_are_counted():
    """Mistral API, OCR: the example's usage_info."""
    answer = {
        "model": "mistral-ocr-2505",
        "pages": [],
        "usage_info": {"pages_processed": 29, "doc_size_bytes": 3002783},
    }
    run = ask("api.mistral.ai", "/v1/ocr", answer, body=b'{"model": "mistral-ocr-latest"}')
    (call,) = run.parts
    assert (call.figure("read_pages").value, call.details.how) == (29, "unknown")


def test_a_transcript_as_plain_text_has_no_usage():
    run = ask(
        "api.openai.com",
        "/v1/audio/transcriptions",
        b"1\n00:00:00,000 --> 00:00:02,000\nHello.",
        "text/plain; charset=utf-8",
        b'{"model": "whisper-1"}',
    )
    (call,) = run.parts
    assert call.details.state == "silent"


def test_pictures_are_billed_by_the_tokens_that_the_answer_states():
    """OpenAI API reference, images: 50 in, 50 out of gpt-image-1: $5 and $40 a million."""
    usage = {
        "total_tokens": 100,
        "input_tokens": 50,
        "output_tokens": 50,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
    }
    answer = {"created": 1, "data": [{"b64_json": "aGk="}], "usage": usage}
    run = ask("api.openai.com", "/v1/images/generations", answer, body=b'{"model": "gpt-image-1"}')
    assert run.figure("total_usd").value == Decimal("0.00245")

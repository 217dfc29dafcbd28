"""Requests as clients and beginners write them: every shape is read, and what is only named is said."""

from __future__ import annotations

import base64

import pytest
from media_files import png

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.formulas import images


def part_of(prompt, name, model="gpt-4o"):
    return estimate_cost(prompt, model)[name].value


def text_file(url):
    return [{"role": "user", "content": [{"type": "file", "file": {"file_data": url, "filename": "a.txt"}}]}]


# RFC 2397 writes a text in a URL without base64; RFC 4648, section 5, has an alphabet for URLs.
@pytest.mark.parametrize(
    "url",
    [
        "data:text/plain,hello%20world",
        "data:text/plain;base64,aGVsbG8gd29ybGQ=",
        "data:text/plain;base64,aGVsbG8gd29ybGQ",
        "DATA:text/plain;charset=utf-8;base64,aGVsbG8gd29ybGQ=",
    ],
)
def test_a_text_in_a_url_is_read_in_each_of_its_spellings(url):
    assert part_of(text_file(url), "text_tokens") == 2


def test_bytes_in_the_alphabet_for_urls_are_read():
    data = base64.urlsafe_b64encode("ÿ?>~".encode() * 30).decode()
    assert "-" in data or "_" in data
    assert part_of(text_file(f"data:text/plain;base64,{data}"), "text_tokens") == part_of(
        "ÿ?>~" * 30, "input_tokens"
    )


def test_a_text_that_cannot_be_decoded_is_not_nothing():
    estimate = estimate_cost(text_file("data:text/plain;base64,%"), "gpt-4o")
    assert estimate["uncounted_tokens"].note == "a text that cannot be read"


@pytest.mark.parametrize("model", ["gpt-4o", "mistral-small-2506"])
def test_a_provider_s_own_tool_brings_no_frame_of_functions(model):
    prompt = {"messages": [{"role": "user", "content": "hi"}], "tools": [{"type": "web_search"}]}
    estimate = estimate_cost(prompt, model)
    assert "tool_tokens" not in estimate
    assert estimate["input_tokens"].is_at_least


# ai.google.dev/gemini-api/docs/text-generation: contents=["…", image] are the parts of one message.
def test_google_s_contents_may_be_the_parts_of_one_message():
    image = {"inline_data": {"mime_type": "image/png", "data": base64.b64encode(png(300, 300)).decode()}}
    for contents in (["describe", image], [{"text": "describe"}, image]):
        whole = [{"role": "user", "parts": [{"text": "describe"}, image]}]
        expected = part_of({"contents": whole}, "input_tokens", "gemini-2.5-flash")
        assert part_of({"contents": contents}, "input_tokens", "gemini-2.5-flash") == expected


# platform.openai.com/docs/api-reference/chat: `content` may be null beside a refusal, or audio by its id.
def test_an_answer_that_refused_or_spoke_is_sent_back():
    refused = {"role": "assistant", "content": None, "refusal": "I cannot"}
    spoken = {"role": "assistant", "content": None, "audio": {"id": "audio_abc"}}
    user = {"role": "user", "content": "hi"}
    assert part_of([user, refused, user], "text_tokens") == 1 + 2 + 1
    assert estimate_cost([user, spoken, user], "gpt-4o")["uncounted_tokens"].note == "a file by its id"


@pytest.mark.parametrize(
    ("named", "what"),
    [
        ({"previous_response_id": "resp_1"}, "the conversation before"),
        ({"conversation": {"id": "conv_1"}}, "the conversation before"),
        ({"cachedContent": "cachedContents/abc"}, "content that was cached before"),
        ({"prompt": {"id": "pmpt_1"}}, "a prompt by its id"),
    ],
)
def test_what_a_request_only_names_makes_it_at_least(named, what):
    estimate = estimate_cost({"input": "hello world", **named}, "gpt-4o")
    assert estimate["uncounted_tokens"].note == what
    assert estimate["input_tokens"].is_at_least


def test_a_request_of_responses_is_read_from_its_json():
    text = '{"model": "gpt-5", "input": "hello world"}'
    assert part_of(text, "text_tokens") == 2


def test_what_a_program_printed_is_counted():
    result = {"type": "bash_code_execution_result", "stdout": "one line", "stderr": "", "return_code": 0}
    part = {
        "type": "bash_code_execution_tool_result",
        "tool_use_id": "x",
        "content": {**result, "content": []},
    }
    estimate = estimate_cost([{"role": "assistant", "content": [part]}], "claude-opus-4-8")
    assert estimate["call_tokens"].low > 2


# ai.google.dev/gemini-api/docs/media-resolution: no picture takes more than the budget.
@pytest.mark.parametrize("size", [(10_000, 1), (1, 60_000), (3_000, 3_000)])
def test_no_picture_is_beyond_the_budget(size):
    assert images.grid_tokens(*size, 1_120) <= 1_120


def test_a_picture_of_impossible_size_is_not_believed():
    huge = bytearray(png(10, 10))
    huge[16:24] = b"\x7f\xff\xff\xff" * 2
    url = f"data:image/png;base64,{base64.b64encode(bytes(huge)).decode()}"
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]
    assert estimate_cost(image, "gpt-4o")["uncounted_tokens"].note == "a picture that cannot be read"

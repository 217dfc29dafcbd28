"""A provider is asked only by --ask-provider, in its own shape, and every refusal is one line."""

from __future__ import annotations

import json

import pytest
from servers import Answer, http_server

from ipython_llmnumbers.errors import LLMNumbersError

KEYS = ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY")


@pytest.fixture
def providers(monkeypatch):
    """All three providers on one loopback server, which answers what a test puts into `answers`."""
    answers = {"status": 200, "body": b'{"input_tokens": 42, "totalTokens": 42}'}
    with http_server(lambda _: Answer(answers["status"], answers["body"])) as (url, asked):
        for variable in ("ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
            monkeypatch.setenv(variable, url)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
        for variable in KEYS:
            monkeypatch.setenv(variable, "secret")
        answers["asked"] = asked
        yield answers


CHAT = "system: Be brief.\nuser: hi\nassistant: Hello\n"


@pytest.mark.parametrize(
    ("model", "path", "headers", "expected"),
    [
        (
            "claude-opus-5-5",
            "/v1/messages/count_tokens",
            {"x-api-key": "secret", "anthropic-version": "2023-06-01"},
            {
                "model": "claude-opus-5-5",
                "system": "Be brief.",
                "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello"}],
            },
        ),
        (
            "google/gemini-2.5-pro",
            "/v1beta/models/gemini-2.5-pro:countTokens",
            {"x-goog-api-key": "secret"},
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "Be brief."}]},
                    {"role": "user", "parts": [{"text": "hi"}]},
                    {"role": "model", "parts": [{"text": "Hello"}]},
                ]
            },
        ),
        (
            "gpt-4o",
            "/v1/responses/input_tokens",
            {"authorization": "Bearer secret"},
            {
                "model": "gpt-4o",
                "input": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "hi"},
                    {"role": "assistant", "content": "Hello"},
                ],
            },
        ),
    ],
)
def test_each_provider_is_asked_in_its_own_shape(shell, providers, model, path, headers, expected):
    estimate = shell.run_cell_magic("llmcost", f"-m {model} --ask-provider", CHAT)
    assert estimate["input_tokens"].value == 42
    assert "asked" in estimate["input_tokens"].note
    assert "was sent to" in estimate.notes[0].text
    (asked,) = providers["asked"]
    assert (asked.path, json.loads(asked.body)) == (path, expected)
    assert {name: asked.headers[name] for name in headers} == headers
    assert str(asked.headers).count("secret") == 1
    assert "secret" not in json.dumps(estimate.to_dict())


def test_nobody_is_asked_without_the_option(shell, providers):
    for model in ("claude-opus-5-5", "gemini-2.5-pro", "gpt-4o"):
        shell.run_cell_magic("llmcost", f"-m {model}", CHAT)
        shell.run_cell_magic("tokens", f"-m {model}", CHAT)
    assert providers["asked"] == []


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b"{}", "refused with HTTP status 401"),
        (200, b"<html>", "not JSON"),
        (200, b"{}", "without a count"),
        (200, b"[]", "without a count"),
        (200, b'{"input_tokens": true}', "without a count"),
        (200, b'{"input_tokens": -3}', "without a count"),
    ],
)
def test_a_refusal_or_a_strange_answer_is_one_line(shell, providers, status, body, message):
    providers.update(status=status, body=body)
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_cell_magic("llmcost", "-m gpt-4o --ask-provider", "hi")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("providers")
@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("-m grok-4", "hi", "no counting endpoint"),
        (
            "-m gpt-4o",
            '[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]',
            "text only",
        ),
    ],
)
def test_what_cannot_be_asked_is_named(shell, line, cell, message):
    with pytest.raises(LLMNumbersError, match=message):
        shell.run_cell_magic("llmcost", f"{line} --ask-provider", cell)


def test_no_key_and_no_server_are_one_line_each(shell, providers, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with pytest.raises(LLMNumbersError, match="no answer from OpenAI"):
        shell.run_cell_magic("llmcost", "-m gpt-4o --ask-provider", "hi")
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(LLMNumbersError, match="set OPENAI_API_KEY"):
        shell.run_cell_magic("llmcost", "-m gpt-4o --ask-provider", "hi")
    assert providers["asked"] == []


def test_a_list_of_prompts_is_not_sent(shell, providers):
    shell.user_ns["many"] = ["a", "b"]
    with pytest.raises(LLMNumbersError, match="one prompt at a time"):
        shell.run_line_magic("llmcost", "-m gpt-4o --ask-provider -v many")
    assert providers["asked"] == []

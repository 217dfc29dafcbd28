"""Which prompt of a cell a call was sent by: told by the words of the request, in each maker's shape."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from recorded_calls import every_call

from ipython_llmnumbers.notebooks.cell import cell_prompts, prompts_of_cell
from ipython_llmnumbers.usage.cell_run import cell_run
from ipython_llmnumbers.usage.recording.recording import Recording
from ipython_llmnumbers.usage.recording.sent_prompts import ANOTHER, SentPrompts

SOURCE = """
for who in people:
    client.chat.completions.create(model="gpt-4o", messages=[
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": f"Greet {who}'s dog\\nwarmly."},
    ])
client.responses.create(model="gpt-4o", instructions="You are terse.", input="Name three rivers of Japan.")
client.responses.create(model="gpt-4o", input=f"{question}")
"""
GREETING, SYSTEM = "Greet Ann's dog\nwarmly.", "You are terse."
RIVERS = "Name three rivers of Japan."


def number(body):
    prompts = prompts_of_cell(SOURCE, str)
    return SentPrompts([(each.text, each.is_least) for each in prompts]).number_of(body)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": GREETING}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": GREETING}]}], "system": SYSTEM},
        {
            "contents": [{"role": "user", "parts": [{"text": GREETING}]}],
            "systemInstruction": {"parts": [{"text": SYSTEM}]},
        },
        {"messages": [{"role": "user", "content": [{"text": GREETING}]}], "system": [{"text": SYSTEM}]},
        {
            "input": [{"role": "user", "content": [{"type": "input_text", "text": GREETING}]}],
            "instructions": SYSTEM,
        },
        {
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": "Hello."},
                {"role": "assistant", "content": "Hello!"},
                {"role": "user", "content": GREETING},
            ]
        },
    ],
    ids=["OpenAI", "Anthropic", "Google", "Bedrock", "Responses", "a conversation"],
)
def test_a_prompt_that_is_filled_in_is_known_in_every_protocol(body):
    assert number(json.dumps(body).encode()) == 0


def test_another_text_is_another_prompt_and_what_cannot_be_read_is_not_known():
    asked = {"input": RIVERS, "instructions": SYSTEM}
    assert number(json.dumps(asked).encode()) == 1
    assert number(json.dumps({**asked, "input": "Name three rivers of France."}).encode()) == ANOTHER
    for body in (None, b"", b"--form", b"[1]", b"{" * 2_000_000):
        assert number(body) is None


def test_a_prompt_of_hardly_any_words_is_never_told_from_another():
    prompts = SentPrompts([("Q:", True), ("Translate", True)])
    assert prompts.number_of(b'{"prompt": "Q: why?"}') is None
    assert prompts.number_of(b'{"prompt": "Translate this"}') == 1


def runs(prompts):
    """The run of a cell of two prompts, with two calls that were sent by these."""
    source = f"ask(model='gpt-4o', prompt='{RIVERS}'); ask(model='gpt-4o', prompt='Name a lake of Japan.')"
    source = source.replace("ask(", "litellm.completion(").replace("prompt=", "messages=")
    estimate = cell_prompts(source, "gpt-4o", str)
    call = next(each for each in every_call() if each.state == "complete")
    return cell_run(Recording("1", [replace(call, prompt=each) for each in prompts]), estimate)


@pytest.mark.parametrize(
    ("prompts", "is_compared"), [((0, 1), True), ((1, 0), True), ((0, 0), False), ((0, ANOTHER), False)]
)
def test_only_prompts_that_were_sent_once_each_are_compared(prompts, is_compared):
    run = runs(prompts)
    assert ("difference_percent" in run) == is_compared
    assert "only their sums" not in str(run)


def test_where_it_is_not_known_what_was_sent_the_sums_alone_are_compared():
    run = runs((None, None))
    assert "difference_percent" in run
    assert "which call sent which prompt is not known: only their sums are compared" in str(run)

"""A prompt is read as messages where it is written as such, and counted with its frames, tools and images."""

from __future__ import annotations

import json

import pytest

from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.estimates.cost.input_tokens import count_prompts
from ipython_llmnumbers.estimates.hosted_model import resolve_hosted
from ipython_llmnumbers.estimates.tokens.prompt_texts import PromptTexts
from ipython_llmnumbers.probes.prompts.chat import prompt_of, read_prompt
from ipython_llmnumbers.probes.prompts.template import read_template


def tokens(prompt, model="gpt-4o"):
    return count_prompts(PromptTexts([prompt]), resolve_hosted(model)).input_tokens


# -- reading ----------------------------------------------------------------------------

TURNS = [("system", "Be brief."), ("user", "Hi {name}"), ("assistant", "Hello")]


@pytest.mark.parametrize(
    "text",
    [
        "system: Be brief.\nuser: Hi {name}\nassistant: Hello",
        "\nSYSTEM:\nBe brief.\n\nUser: Hi {name}\n\nAssistant:\nHello\n",
        json.dumps([{"role": role, "content": text} for role, text in TURNS]),
        json.dumps({"messages": [{"role": role, "content": text} for role, text in TURNS], "model": "x"}),
        json.dumps(
            {
                "system": "Be brief.",
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "Hi {name}"}]},
                    {"role": "assistant", "content": "Hello"},
                ],
            }
        ),
        json.dumps(
            {
                "instructions": "Be brief.",
                "input": [
                    {"role": "user", "content": [{"type": "input_text", "text": "Hi {name}"}]},
                    {"role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]},
                ],
            }
        ),
        json.dumps(
            {
                "system_instruction": {"parts": [{"text": "Be brief."}]},
                "contents": [
                    {"role": "user", "parts": [{"text": "Hi {name}"}]},
                    {"role": "assistant", "parts": [{"text": "Hello"}]},
                ],
            }
        ),
        '- role: system\n  content: Be brief.\n- role: user\n  content: "Hi {name}"\n'
        "- role: assistant\n  content: Hello",
    ],
    ids=["blocks", "spaced blocks", "list", "request", "anthropic", "responses", "google", "yaml"],
)
def test_every_shape_gives_the_same_messages(text):
    prompt = read_prompt(text)
    assert [(each.role, each.text) for each in prompt.messages] == TURNS
    assert prompt.is_chat


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "The user: wrote this",
        "[1, 2, 3]",
        '{"a": "b"}',
        "- a list\n- of things",
        "",
        "users: none",
        "# a comment\nuser = 3",
    ],
)
def test_other_text_is_plain_text(text):
    prompt = read_prompt(text)
    assert not prompt.is_chat
    assert [each.text for each in prompt.messages] == [text]


def test_text_that_looks_like_messages_can_be_counted_as_it_is():
    assert not read_prompt("user: hi", "text").is_chat


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"role": "user", "content": "a"},\n {"role": "user" "content": "b"}]', "line 2, column 18"),
        ('[{"role": "user"}]', "message 1 has no content"),
        ('{"messages": []}', "a chat is a list of messages"),
        ('{"messages": 3}', "a chat is a list of messages"),
        ('{"messages": [{"role": "user", "content": "a"}], "tools": 3}', "tools are a list"),
        ("- role: user\n  content: 'open", "not valid YAML: line"),
        ("- role: &a user\n  content: *a", "YAML aliases"),
        ("- role: user\n- 3", "a chat is a list of messages"),
        ('[{"role": "user", "content": ' + "[" * 70 + '"x"' + "]" * 70 + "}]", "nested deeper"),
    ],
)
def test_malformed_messages_are_one_line_with_their_place(text, message):
    with pytest.raises(UsageError) as caught:
        read_prompt(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_deeply_nested_json_is_refused_and_does_not_overflow():
    with pytest.raises(UsageError):
        read_prompt('{"messages": ' + "[" * 100_000 + "]" * 100_000 + "}")


# -- frames, tools, images --------------------------------------------------------------

# OpenAI cookbook, "How to count tokens with tiktoken", section 6: these messages are 129
# prompt tokens by the API for gpt-4-0613 and gpt-3.5-turbo-0613.
# https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb
COOKBOOK = [
    {
        "role": "system",
        "content": "You are a helpful, pattern-following assistant that translates corporate "
        "jargon into plain English.",
    },
    {"role": "system", "name": "example_user", "content": "New synergies will help drive top-line growth."},
    {
        "role": "system",
        "name": "example_assistant",
        "content": "Things working well together will increase revenue.",
    },
    {
        "role": "system",
        "name": "example_user",
        "content": "Let's circle back when we have more bandwidth to touch base on opportunities for "
        "increased leverage.",
    },
    {
        "role": "system",
        "name": "example_assistant",
        "content": "Let's talk later when we're less busy about how to do better.",
    },
    {
        "role": "user",
        "content": "This late pivot means we don't have time to boil the ocean for the client deliverable.",
    },
]


@pytest.mark.parametrize("model", ["gpt-4-0613", "gpt-3.5-turbo-0613"])
def test_the_cookbook_s_129_tokens_come_out(model):
    count = tokens(prompt_of(COOKBOOK), model)
    assert (count.value, count.low, count.high) == (129, 129, 129)
    assert not count.approximate


def test_a_model_without_a_published_frame_gets_a_range():
    count = tokens(read_prompt("user: hello world"), "deepseek-chat")
    assert count.low < count.value < count.high


def test_a_call_with_a_picture_of_unknown_rule_is_known_to_be_as_long_as_its_text_and_frame():
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    prompt = prompt_of([{"role": "user", "content": [{"type": "text", "text": "hello world"}, image]}])
    count = count_prompts(PromptTexts([prompt, prompt]), resolve_hosted("gpt-3.5-turbo"))
    assert count.input_tokens.is_at_least
    assert [call.tokens for call in count.calls] == [9, 9]
    assert all(call.high == float("inf") for call in count.calls)


# -- templates --------------------------------------------------------------------------


def test_a_template_fills_names_and_keeps_double_braces():
    template = read_template("Hi {name}, {{not}} {name} {other}")
    assert template.names == ("name", "other")
    assert template.fill({"name": "Ada", "other": 3}) == "Hi Ada, {not} Ada 3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nmae}", "nearest: name"),
        ("{a.b}", "is not a name"),
        ("{a!r}", "is not a name"),
        ("{a:>9}", "is not a name"),
        ("{}", "is not a name"),
        ("a } b", "single '}'"),
        ("a { b", "expected '}'"),
        ("{__import__('os')}", "is not a name"),
        ("{zzz}", "write {{zzz}}"),
    ],
)
def test_a_template_evaluates_nothing_and_names_its_fault(text, message):
    with pytest.raises(UsageError) as caught:
        read_template(text).fill({"name": "Ada"})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)

"""A prompt is read as messages where it is written as such, and counted with its frames, tools and images."""

from __future__ import annotations

import base64
import json
import struct
import zlib

import pytest

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.estimates.cost.calls import call_lengths
from ipython_llmnumbers.estimates.cost.input_tokens import count_prompts
from ipython_llmnumbers.estimates.hosted_model import resolve_hosted
from ipython_llmnumbers.formulas import images
from ipython_llmnumbers.probes.prompts.chat import prompt_of, read_prompt
from ipython_llmnumbers.probes.prompts.template import read_template


def png(width, height):
    """A PNG of that size in base64: a signature, a header chunk, and no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return base64.b64encode(data).decode()


def tokens(prompt, model="gpt-4o"):
    return count_prompts([prompt], resolve_hosted(model)).input_tokens


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


def test_tools_are_counted_with_a_range_and_their_rule():
    schema = {"type": "object", "properties": {"city": {"type": "string", "description": "The city"}}}
    openai = {"type": "function", "function": {"name": "weather", "parameters": schema}}
    anthropic = {"name": "weather", "input_schema": schema}
    google = {"function_declarations": [{"name": "weather", "parameters": schema}]}
    for tool in (openai, anthropic, google):
        prompt = prompt_of({"messages": [{"role": "user", "content": "hi"}], "tools": [tool]})
        parts = {figure.name: figure for figure in count_prompts([prompt], resolve_hosted("gpt-4o")).parts}
        assert parts["tool_tokens"].low < parts["tool_tokens"].high
        assert parts["tool_tokens"].low > 16 + 6
        assert len(prompt.tools) == 1


# OpenAI, "Calculating costs": 1024 × 1024 in high detail is 765 tokens, 2048 × 4096 is 1,105,
# low detail is 85 whatever the size.
@pytest.mark.parametrize(
    ("width", "height", "detail", "expected"),
    [(1024, 1024, "high", 765), (2048, 4096, "high", 1105), (4096, 8192, "low", 85)],
)
def test_openai_s_image_examples_come_out(width, height, detail, expected):
    url = f"data:image/png;base64,{png(width, height)}"
    content = [{"type": "image_url", "image_url": {"url": url, "detail": detail}}]
    parts = count_prompts([prompt_of([{"role": "user", "content": content}])], resolve_hosted("gpt-4o")).parts
    assert parts[3].name == "image_tokens"
    assert parts[3].value == expected


def test_claude_and_gemini_images_by_their_own_rules():
    claude = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": png(1000, 1000)},
    }
    gemini = {"inline_data": {"mime_type": "image/png", "data": png(300, 300)}}
    for model, part, expected in (("claude-opus-5-5", claude, 1334), ("gemini-2.5-pro", gemini, 258)):
        prompt = prompt_of([{"role": "user", "content": [part]}])
        assert count_prompts([prompt], resolve_hosted(model)).parts[3].value == expected


def test_a_call_with_an_image_of_unknown_rule_is_known_to_be_as_long_as_its_text():
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    prompt = prompt_of([{"role": "user", "content": [{"type": "text", "text": "hello world"}, image]}])
    count = count_prompts([prompt, prompt], resolve_hosted("gpt-4o-mini"))
    assert count.input_tokens.value is None
    assert call_lengths(count) == (2, 2)


def test_an_image_of_unknown_size_is_a_range_and_of_unknown_rule_unknown():
    shown = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    prompt = [{"role": "user", "content": [shown]}]
    image = count_prompts([prompt_of(prompt)], resolve_hosted("gpt-4o")).parts[3]
    assert (image.low, image.high) == (255, 1445)
    estimate = estimate_cost(prompt, "gpt-4o-mini")
    assert estimate["total_usd"].value is None
    assert any("1 images are not counted" in note.text for note in estimate.notes)
    assert "unknown" in str(estimate)
    assert "unpriced" not in str(estimate)


@pytest.mark.parametrize(
    "data", ["", "not base64!", base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), "AAAA" * 50_000]
)
def test_a_broken_image_has_no_size_and_raises_nothing(data):
    prompt = prompt_of(
        [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "data": data}},
                    {"type": "text", "text": "x"},
                ],
            }
        ]
    )
    assert prompt.messages[0].images[0].width is None


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


# OpenAI (https://platform.openai.com/docs/guides/images-vision): tiles of 512 pixels, after scaling into
# 2,048 and the short side to 768; patches of 32, 1,536 at most. Claude
# (https://docs.claude.com/en/docs/build-with-claude/vision): width × height / 750, scaled to 1,568 pixels
# on the long side. Gemini (https://ai.google.dev/gemini-api/docs/tokens): 258 up to 384 pixels, else for
# each 768 × 768.
def tiles(width, height):
    return images.tiles_tokens(width, height, base_tokens=85, tokens_per_tile=170)


def patches(width, height):
    return images.patches_tokens(width, height, tokens_per_patch=1)


@pytest.mark.parametrize(
    ("rule", "size", "expected"),
    [
        (tiles, (512, 512), 85 + 170),
        (tiles, (513, 512), 85 + 2 * 170),
        (tiles, (2048, 768), 85 + 8 * 170),
        (tiles, (768, 768), 85 + 4 * 170),
        (tiles, (1536, 1536), 85 + 4 * 170),
        (tiles, (4096, 1024), 85 + 4 * 170),
        (patches, (32, 32), 1),
        (patches, (33, 32), 2),
        (patches, (1024, 1536), 1_536),
        (patches, (1025, 1536), 1_536),
        (images.area_tokens, (750, 1), 1),
        (images.area_tokens, (751, 1), 2),
        (images.area_tokens, (1568, 750), 1_568),
        (images.area_tokens, (3136, 750), 784),
        (images.squares_tokens, (384, 384), 258),
        (images.squares_tokens, (768, 768), 258),
        (images.squares_tokens, (769, 768), 2 * 258),
    ],
)
def test_an_image_on_each_side_of_each_limit(rule, size, expected):
    assert rule(*size) == expected

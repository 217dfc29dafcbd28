"""Tools, their calls and results, against what OpenAI and Anthropic billed."""

from __future__ import annotations

import pytest

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.probes.prompts.chat import prompt_of
from ipython_llmnumbers.probes.prompts.tools import ToolChoice
from ipython_llmnumbers.probes.prompts.typescript import as_typescript


def said(role, content, **more):
    return {"role": role, "content": content, **more}


def function(name, description=None, properties=None, **more):
    described = {"description": description} if description else {}
    return {
        "name": name,
        **described,
        "parameters": {"type": "object", "properties": properties or {}, **more},
    }


HELLO, BOT = said("user", "hello"), said("system", "You are a bot.")
HI = [said("system", "Hello"), said("user", "Hi there")]
SEARCH = "Retrieve sources from the Azure AI Search index"
QUERY = {"search_query": {"type": "string"}}
FOO = {"foo": {"type": "string"}}
NESTED = {
    "foo": {
        "type": "object",
        "properties": {"bar": {"type": "string", "enum": ["a", "b", "c"]}, "baz": {"type": "boolean"}},
    }
}
POINTS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Write 3 points why this text is well written",
}
OBJECT = {
    "object_1": {
        "type": "object",
        "description": "The object data type as a property",
        "properties": {
            "string_2a": {"type": "string", "enum": ["Happy", "Sad"]},
            "string_2b": {"type": "string", "description": "Description in a second object is lost"},
        },
    }
}

# Prompt tokens as OpenAI's API answered for GPT-3.5 and GPT-4, taken down by hmarr/openai-chat-tokens
# (tests/token-counts.test.ts) and, from `search_sources` on, by pamelafox/openai-messages-token-helper
# (tests/functions.py; also in BerriAI/litellm#4716).
BILLED = [
    (31, [HELLO], [function("foo")], None),
    (32, [HELLO], [function("foo")], "none"),
    (36, [HELLO], [function("foo")], {"name": "foo"}),
    (36, [HELLO], [function("foo", "Do a foo")], None),
    (49, [HELLO], [function("bing_bong", "Do a bing bong", FOO)], None),
    (68, [HELLO], [function("bing_bong", "Do a bing bong", NESTED)], None),
    (35, HI, [function("do_stuff")], None),
    (49, [said("system", "Hello:"), *HI], [function("do_stuff"), function("do_other_stuff")], None),
    (
        44,
        HI,
        [function("do_stuff", None, {"foo": {"anyOf": [{"type": "string"}, {"type": "number"}]}})],
        None,
    ),
    (
        46,
        [HELLO],
        [
            function(
                "function", "description", {"quality": {"type": "object", "properties": {"pros": POINTS}}}
            )
        ],
        None,
    ),
    (49, [BOT], [function("search_sources", SEARCH, QUERY, required=["search_query"])], "auto"),
    (42, [BOT], [{"name": "search_sources", "description": SEARCH}], "auto"),
    (51, [BOT], [{"name": "search_sources", "description": SEARCH}], {"name": "search_sources"}),
    (
        54,
        [BOT],
        [
            function(
                "data_demonstration",
                "This is the main function description",
                {"integer_enum": {"type": "integer", "enum": [-1, 1]}},
            )
        ],
        "none",
    ),
    (
        89,
        [BOT],
        [
            function(
                "data_demonstration", "This is the main function description", OBJECT, required=["object_1"]
            )
        ],
        "none",
    ),
]


@pytest.mark.parametrize(("billed", "messages", "functions", "choice"), BILLED)
def test_what_openai_billed_for_functions(billed, messages, functions, choice):
    chosen = {} if choice is None else {"function_call": choice}
    tokens = estimate_cost({"messages": messages, "functions": functions, **chosen}, "gpt-3.5-turbo")[
        "input_tokens"
    ]
    assert tokens.low <= billed <= tokens.high <= 1.35 * tokens.low
    assert tokens.approximate


# The same file: what the messages of calls and results were.
@pytest.mark.parametrize(
    ("billed", "messages"),
    [
        (15, [said("user", "hello world"), said("function", "{}", name="do_stuff")]),
        (24, [said("function", '{"a": { "b" : { "c": false}}}', name="dance_the_tango")]),
        (
            26,
            [
                said(
                    "assistant",
                    "",
                    function_call={"name": "do_stuff", "arguments": '{"foo": "bar", "baz": 1.5}'},
                )
            ],
        ),
    ],
)
def test_a_call_and_its_result_are_a_range_around_what_was_billed(billed, messages):
    tokens = estimate_cost(messages, "gpt-3.5-turbo")["input_tokens"]
    assert tokens.low <= billed <= tokens.high
    assert tokens.low < tokens.high


# zurawiki/tiktoken-rs#40: billed 78 on gpt-4-0613, counted 66 by the rule of plain messages.
def test_a_chat_with_a_call_and_its_result():
    city = '{\n  "city": "New York"\n}'
    chat = [
        said("system", "You are a friendly chatbot.\n"),
        said("assistant", "Hello, I am a friendly chatbot!\n"),
        said("user", "What is the weather in New York?"),
        said("assistant", "", function_call={"name": "get_weather", "arguments": city}),
        said("function", '{"temperature": 72, "conditions": "partly_cloudy"}', name="get_weather"),
    ]
    tokens = estimate_cost(chat, "gpt-4-0613")["input_tokens"]
    assert tokens.low <= 78 <= tokens.high <= 1.35 * tokens.low


# Claude docs, "Token counting": get_weather and this question are 403 tokens of Opus 5.
# https://platform.claude.com/docs/en/build-with-claude/token-counting
def test_the_docs_example_of_claude_s_tools():
    location = {"location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}}
    schema = {"type": "object", "properties": location, "required": ["location"]}
    tool = {
        "name": "get_weather",
        "description": "Get the current weather in a given location",
        "input_schema": schema,
    }
    asked = {"tools": [tool], "messages": [said("user", "What's the weather like in San Francisco?")]}
    tokens = estimate_cost(asked, "claude-opus-5")["input_tokens"]
    assert tokens.low <= 403 <= tokens.high


# mistral-common 1.13.1, encode_chat_completion, v3 Tekken: 121 with one tool, 228 with two, 11 without.
@pytest.mark.parametrize(("n_tools", "tokens"), [(0, 11), (1, 121), (2, 228)])
def test_mistral_s_tools_as_its_own_package_encodes_them(n_tools, tokens):
    place = {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}
    unit = {
        "type": "string",
        "enum": ["celsius", "fahrenheit"],
        "description": "The temperature unit to use.",
    }
    schema = {
        "type": "object",
        "properties": {"location": place, "format": unit},
        "required": ["location", "format"],
    }
    declared = {
        "name": "get_current_weather",
        "description": "Get the current weather",
        "parameters": schema,
    }
    asked = {
        "messages": [said("user", "What's the weather like today in Paris")],
        "tools": [{"type": "function", "function": declared}] * n_tools,
    }
    found = estimate_cost(asked, "mistral-small-2506")["input_tokens"]
    assert found.low <= tokens == found.value <= found.high <= tokens + 15


# mistralai/cookbook, saved usage: function_calling.ipynb, cell 13 (July 2024), and
# multimodality_meets_function_calling.ipynb, cell 16, both with these two tools.
@pytest.mark.parametrize(("model", "billed"), [("mistral-large-latest", 94), ("pixtral-12b-2409", 155)])
def test_what_mistral_billed_for_two_tools(model, billed):
    place = {"transaction_id": {"type": "string", "description": "The transaction id."}}
    schema = {"type": "object", "properties": place, "required": ["transaction_id"]}
    tools = [
        {
            "type": "function",
            "function": {
                "name": f"retrieve_payment_{what}",
                "description": f"Get payment {what} of a transaction",
                "parameters": schema,
            },
        }
        for what in ("status", "date")
    ]
    asked = {"messages": [said("user", "What's the status of my transaction T1001?")], "tools": tools}
    found = estimate_cost({**asked, "tool_choice": "any"}, model)["input_tokens"]
    assert found.low <= billed <= found.high


# mistralai/cookbook, quickstart, saved usage: these two texts are 15 tokens of mistral-embed.
def test_texts_that_are_embedded_by_mistral():
    found = estimate_cost(["Embed this sentence.", "As well as this one."], "mistral-embed")["input_tokens"]
    assert found.value == 15
    assert found.approximate


# google-gemini/cookbook, saved usage: one token more than the text of a single message.
def test_the_frame_of_a_gemini_message():
    found = estimate_cost([said("user", "hello world")], "gemini-2.5-flash")
    assert found["input_tokens"].low <= found["text_tokens"].value + 1 == found["input_tokens"].value


@pytest.mark.parametrize(
    ("request_", "choice"),
    [
        ({}, ToolChoice()),
        ({"tool_choice": "auto"}, ToolChoice()),
        ({"tool_choice": "none"}, ToolChoice(is_none=True)),
        ({"tool_choice": "required"}, ToolChoice(is_forced=True)),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, ToolChoice(True, name="f")),
        ({"tool_choice": {"type": "function", "name": "f"}}, ToolChoice(True, name="f")),  # Responses
        ({"tool_choice": {"type": "any"}}, ToolChoice(is_forced=True)),  # Anthropic
        ({"tool_choice": {"type": "tool", "name": "f"}}, ToolChoice(True, name="f")),
        ({"toolConfig": {"toolChoice": {"any": {}}}}, ToolChoice(is_forced=True)),  # Bedrock
        ({"toolConfig": {"toolChoice": {"tool": {"name": "f"}}}}, ToolChoice(True, name="f")),
        ({"tool_config": {"function_calling_config": {"mode": "ANY"}}}, ToolChoice(is_forced=True)),  # Google
    ],
)
def test_the_choice_of_a_tool_in_each_provider_s_words(request_, choice):
    assert prompt_of({"messages": [HELLO], **request_}).tool_choice == choice


SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "description": "The city."}}}


@pytest.mark.parametrize(
    "declared",
    [
        {"tools": [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]},
        {"tools": [{"type": "function", "name": "weather", "parameters": SCHEMA}]},
        {"functions": [{"name": "weather", "parameters": SCHEMA}]},
        {"tools": [{"name": "weather", "input_schema": SCHEMA}]},
        {"tools": [{"function_declarations": [{"name": "weather", "parameters": SCHEMA}]}]},
        {"config": {"tools": [{"functionDeclarations": [{"name": "weather", "parameters": SCHEMA}]}]}},
        {"toolConfig": {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": SCHEMA}}}]}},
    ],
)
def test_a_tool_is_the_same_in_each_provider_s_shape(declared):
    (tool,) = prompt_of({"messages": [HELLO], **declared}).tools
    assert (tool.name, tool.schema, tool.built_in) == ("weather", SCHEMA, "")
    assert "city?: string," in as_typescript([tool])


@pytest.mark.parametrize(
    ("model", "tool", "told"),
    [
        ("gpt-5", {"type": "web_search"}, "the tool web_search"),
        ("gemini-2.5-pro", {"google_search": {}}, "the tool google_search"),
        (
            "claude-opus-4-8",
            {"type": "web_search_20250305", "name": "web_search"},
            "the tool web_search_20250305",
        ),
    ],
)
def test_a_provider_s_own_tool_of_unknown_size_makes_the_total_at_least(model, tool, told):
    estimate = estimate_cost({"messages": [HELLO], "tools": [tool]}, model)
    assert estimate["input_tokens"].is_at_least
    assert any(told in note.text for note in estimate.notes)


# Claude docs, "Tool use": the bash tool adds 245 tokens, the text editor 700.
@pytest.mark.parametrize(("kind", "tokens"), [("bash_20250124", 245), ("text_editor_20250728", 700)])
def test_claude_s_own_tools_cost_what_is_published(kind, tokens):
    estimate = estimate_cost({"messages": [HELLO], "tools": [{"type": kind, "name": "x"}]}, "claude-opus-4-8")
    assert estimate["tool_tokens"].value == 290 + tokens


def test_an_answer_s_format_counts_from_its_words_to_its_json():
    wanted = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA}}
    for request_ in (
        {"response_format": wanted},
        {"text": {"format": {"type": "json_schema", "name": "weather", "schema": SCHEMA}}},
        {"config": {"response_schema": SCHEMA}},
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    ):
        tokens = estimate_cost({"messages": [HELLO], **request_}, "gpt-4o")["answer_format_tokens"]
        assert 8 <= tokens.low < tokens.high <= 60

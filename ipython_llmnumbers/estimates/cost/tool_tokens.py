"""How many tokens a request's tools are, by its provider's notation, and what else the provider rewrites."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...catalog.tokenization.chat_frames import (
    ToolListRule,
    ToolPromptRule,
    TypeScriptRule,
    built_in_tool_tokens,
)
from ...figures import Figure, assumed, derive, given, measured
from ...files.formats import parse_json
from ...formulas import chat
from ...messages import say
from ...probes.prompts.chat import Prompt, json_of
from ...probes.prompts.text import replace_lone_surrogates
from ...probes.prompts.tools import Tool
from ...probes.prompts.typescript import as_typescript
from ..hosted_model import HostedModel
from ..tokens.one_text import count_texts, counted_by
from ..tokens.texts import Texts

_READ_HERE = say("read off the prompt")
_NOTATION_NOTE = say("declarations in TypeScript, as OpenAI's models read them")
_OWN_NOTATION = say("from the words alone to the whole JSON: each provider has its own notation")

# Gemini reads neither types nor what is required or the default: 53 tokens for a question and a tool whose
# JSON alone is 150 (deepset-ai/haystack-cookbook, vertexai-gemini-examples.ipynb, cell 17).
_NOT_SAID = ("type", "required", "default", "title", "additionalProperties", "strict", "$schema")
_OF_JSON_SCHEMA = (
    *(
        "name",
        "description",
        "parameters",
        "input_schema",
        "inputSchema",
        "json",
        "properties",
        "items",
        "enum",
    ),
    *("anyOf", "oneOf", "allOf", "$defs", "$ref", "function", "schema", "json_schema"),
)


def tool_figure(prompts: Sequence[Prompt], model: HostedModel) -> Figure | None:
    """`tool_tokens` of all prompts; None where no tool is there, or none that is counted here."""
    rule, own = model.tools, [tool for prompt in prompts for tool in prompt.tools if not tool.built_in]
    if not isinstance(rule, ToolPromptRule):
        # The provider's own tools are told of in another way (`unknown_tools`).
        prompts = [prompt for prompt in prompts if any(not tool.built_in for tool in prompt.tools)]
    n_requests = sum(bool(prompt.tools) for prompt in prompts)
    if not n_requests:
        return None
    requests = given("requests", n_requests, "calls", _READ_HERE)
    if isinstance(rule, TypeScriptRule):
        return _typescript(prompts, rule, requests, model)
    if isinstance(rule, ToolListRule):
        return _lists(prompts, rule, requests, model)
    built_in = [built_in_tool_tokens(tool.built_in) for prompt in prompts for tool in prompt.tools]
    known = [figure for figure in built_in if figure is not None]
    return derive(
        "tool_tokens",
        "tokens",
        chat.tool_tokens,
        prompt_tokens=_prompt(prompts, rule),
        requests=requests,
        schema_tokens=_schemas(own, prompts, rule, model),
        built_in_tokens=_sum("built_in_tokens", known),
        note=say("the prompt that tells of tools, and their schemas"),
    )


def unknown_tools(prompt: Prompt, model: HostedModel) -> Iterator[str]:
    """The types of the provider's own tools whose tokens nobody publishes."""
    for tool in prompt.tools:
        is_known = isinstance(model.tools, ToolPromptRule) and built_in_tool_tokens(tool.built_in)
        if tool.built_in and not is_known:
            yield tool.built_in


def rewritten_figure(
    name: str, values: Sequence[Any], model: HostedModel, *, most: str = "compact"
) -> Figure:
    """Objects that the provider writes in a notation of its own: from their words to their whole JSON.

    `most` is how that is written: "compact", "spaced", or "indented" as many templates of open models do.
    """
    if not values:
        return given(name, 0, "tokens", say("none"))
    whole = _count([_written(value, most) for value in values], model)
    words = _count([" ".join(_words(value)) for value in values], model)
    source = counted_by(whole)
    # Words alone may come out above their JSON where they are joined anew.
    low = min(words.low or 0, whole.low or 0)
    return measured(name, whole.value, "tokens", source, low=low, high=whole.high, note=_OWN_NOTATION)


def _written(value: Any, style: str) -> str:
    """An object as JSON: `compact`, `spaced` as Python writes it, or `indented`."""
    text = json_of(value)
    if style == "compact":
        return text
    return json.dumps(parse_json(text), ensure_ascii=False, indent=4 if style == "indented" else None)


def _schemas(
    tools: Sequence[Tool], prompts: Sequence[Prompt], rule: ToolPromptRule, model: HostedModel
) -> Figure:
    """The schemas behind a prompt that tells of tools."""
    declared = [tool.declaration for tool in tools]
    if rule.each_tokens is None or rule.named_tokens is None or not tools:
        whole = rewritten_figure("schema_tokens", declared, model, most=rule.written)
        said = _count([" ".join(_words(_without_json_schema(each))) for each in declared], model)
        return replace(whole, low=min(said.low or 0, whole.low or 0))
    spaced = _count([_written(each, "spaced") for each in declared], model)
    return derive(
        "schema_tokens",
        "tokens",
        chat.schema_tokens,
        json_tokens=spaced,
        each_tokens=rule.each_tokens,
        tools=given("tools", len(tools), "tools", _READ_HERE),
        named_tokens=rule.named_tokens,
        named=given("named", sum(bool(each.tool_choice.name) for each in prompts), "calls", _READ_HERE),
    )


def _lists(prompts: Sequence[Prompt], rule: ToolListRule, requests: Figure, model: HostedModel) -> Figure:
    """The tools of each request as one list, in the notation of the rule."""
    own = [[tool.declaration for tool in prompt.tools if not tool.built_in] for prompt in prompts]
    lists: list[list[dict[str, Any]]] = [
        [
            dict(each) if rule.written == "declarations" else {"type": "function", "function": dict(each)}
            for each in declared
        ]
        for declared in own
    ]
    style = "spaced" if rule.written == "spaced" else "compact"
    listed = _count([_written(each, style) for each in lists], model)
    if model.alias is not None:
        # A name that moves on stood for models of other notations: mistral-large-latest of July 2024 was
        # billed 94 where the list is 141 alone (mistralai/cookbook, function_calling.ipynb, cell 13).
        words = _count([" ".join(_words(each)) for each in lists], model)
        listed = replace(listed, low=min(words.low or 0, listed.low or 0), approximate=True)
    return derive(
        "tool_tokens",
        "tokens",
        chat.tool_list_tokens,
        note=rule.once_tokens.source.name if rule.once_tokens.source else "",
        list_tokens=listed,
        once_tokens=rule.once_tokens,
        requests=requests,
    )


def _prompt(prompts: Sequence[Prompt], rule: ToolPromptRule) -> Figure:
    """The prompt before the schemas; where some requests must call a tool and some need not, both."""
    forced = {prompt.tool_choice.is_forced for prompt in prompts if prompt.tools}
    if forced == {True}:
        return rule.forced_tokens
    if forced == {False}:
        return rule.auto_tokens
    ends = [each for one in (rule.auto_tokens, rule.forced_tokens) for each in (one.low, one.high)]
    note = say("some calls must use a tool, and some need not")
    low, high = min(end or 0 for end in ends), max(end or 0 for end in ends)
    return assumed(
        "prompt_tokens",
        rule.auto_tokens.value,
        "tokens",
        note,
        source=rule.auto_tokens.source,
        low=low,
        high=high,
    )


def _sum(name: str, figures: Sequence[Figure]) -> Figure:
    if not figures:
        return given(name, 0, "tokens", say("none"))
    if len(figures) == 1:
        return figures[0]
    tools = {f"tool_{n}": each for n, each in enumerate(figures, start=1)}
    return derive(name, "tokens", chat.input_tokens, note="", **tools)


def _typescript(
    prompts: Sequence[Prompt], rule: TypeScriptRule, requests: Figure, model: HostedModel
) -> Figure:
    """Tools in OpenAI's notation."""
    systems = [each for prompt in prompts if (each := _system(prompt)) is not None]
    return derive(
        "tool_tokens",
        "tokens",
        chat.function_tokens,
        note=_NOTATION_NOTE,
        declaration_tokens=_declarations(prompts, systems, model),
        once_tokens=rule.once_tokens,
        requests=requests,
        with_system_tokens=rule.with_system_tokens,
        system_requests=given("system_requests", len(systems), "calls", _READ_HERE),
        choice_tokens=_choice(prompts, rule, model),
    )


def _system(prompt: Prompt) -> str | None:
    """The system message that holds the tools."""
    return next((each.text for each in prompt.messages if each.is_system), None)


def _declarations(prompts: Sequence[Prompt], systems: Sequence[str], model: HostedModel) -> Figure:
    """The declarations; the system message before them ends with a line break, which joins its last token."""
    own = [[tool for tool in prompt.tools if not tool.built_in] for prompt in prompts]
    short, full = (
        _count(
            [as_typescript(tools, all_descriptions=every) for tools in own]
            + [f"{each}\n" for each in systems],
            model,
        )
        for every in (False, True)
    )
    alone = _count(systems, model)
    value, low, high = (
        int(each or 0) - int(alone.value or 0) for each in (short.value, short.low, full.high)
    )
    source = counted_by(short)
    note = say("descriptions within properties are read by some models") if full.value != short.value else ""
    return measured("declaration_tokens", value, "tokens", source, low=low, high=high, note=note)


def _choice(prompts: Sequence[Prompt], rule: TypeScriptRule, model: HostedModel) -> Figure:
    """The name of the tool that has to be called, and a word where none may be."""
    names = [prompt.tool_choice.name for prompt in prompts if prompt.tool_choice.name]
    n_none = sum(prompt.tool_choice.is_none for prompt in prompts)
    n_any = sum(prompt.tool_choice.is_forced and not prompt.tool_choice.name for prompt in prompts)
    if not (names or n_none or n_any):
        return given("choice_tokens", 0, "tokens", say("none"))
    counted = int(_count(names, model).value or 0)
    around, most = (int(each or 0) for each in (rule.chosen_tokens.value, rule.chosen_tokens.high))
    return assumed(
        "choice_tokens",
        counted + around * len(names) + n_none,
        "tokens",
        say("how the choice of a tool is written"),
        source=rule.chosen_tokens.source,
        low=counted + around * len(names),
        high=counted + most * (len(names) + n_any) + n_none,
    )


def _count(texts: Sequence[str], model: HostedModel) -> Figure:
    return count_texts("tokens", Texts(map(_clean, texts)), model.tokenizer).figure


def _without_json_schema(schema: Any) -> Any:
    """A tool less JSON Schema's own words: the names and descriptions that some providers alone pass on."""
    if isinstance(schema, Mapping):
        kept = {key: _without_json_schema(value) for key, value in schema.items() if key not in _NOT_SAID}
        return [value if key in _OF_JSON_SCHEMA else {key: value} for key, value in kept.items()]
    return schema


def _words(schema: Any) -> Iterator[str]:
    """The names and texts of a schema, without its punctuation."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield str(key)
            yield from _words(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _words(value)
    elif schema is not None:
        yield str(schema)


def _clean(text: str) -> str:
    return replace_lone_surrogates(text)[0]

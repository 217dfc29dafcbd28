"""A model's name is taken apart once in an estimate, at the door."""

from __future__ import annotations

import sys

import pytest

from ipython_llmnumbers import count_tokens, estimate_cost
from ipython_llmnumbers.catalog.names import parse_name
from ipython_llmnumbers.errors import UnknownNameError
from ipython_llmnumbers.estimates.hosted_model import resolve_hosted

TOOLS = [{"name": "weather", "description": "of a city"}]
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
CHAT = {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}, PICTURE]}], "tools": TOOLS}


def names_parsed(ask):
    """Every text that is taken apart as a model's name while the question is answered."""
    parsed = []

    def note(frame, event, _argument):
        if event == "call" and frame.f_code is parse_name.__code__ and isinstance(frame.f_locals["raw"], str):
            parsed.append(frame.f_locals["raw"])

    sys.setprofile(note)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return parsed


@pytest.mark.parametrize(
    "model", ["gpt-4o", "openai/gpt-4o", "claude-opus-5-5", "grok-4", "ft:gpt-4o:org::id", "Qwen/Qwen3-8B"]
)
def test_a_name_is_parsed_once_whatever_is_asked_of_it(model):
    for ask in (
        lambda: estimate_cost("hello", model, output_tokens=3),
        lambda: estimate_cost(CHAT, model, output_tokens=3, cached="20%"),
        lambda: count_tokens("hello", model),
    ):
        assert names_parsed(ask).count(model) == 1


def test_a_model_of_no_table_is_parsed_once_too():
    def ask():
        with pytest.raises(UnknownNameError, match="unknown model 'gpt-4p'"):
            estimate_cost("hello", "gpt-4p")

    assert names_parsed(ask).count("gpt-4p") == 1


def test_what_a_model_is_found_to_be():
    model = resolve_hosted(" openai/gpt-4o ")
    assert (str(model), model.name.base, model.price.model) == ("openai/gpt-4o", "gpt-4o", "gpt-4o")
    assert model.tokenizer.vocabulary == "o200k_base"
    assert model.frame.message_tokens.value == 4
    assert resolve_hosted("mistral-nemo").medium("images") is None

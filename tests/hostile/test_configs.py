"""Each field of a config.json of each family, with each value that is none: an answer, or one line.

Reports behind the kinds: num_attention_heads of 0 or of no divisor (sgl-project/sglang#32028), values of
another type (huggingface/transformers#45007, whose own check refuses them as well).
"""

from __future__ import annotations

import copy

import pytest

from ipython_llmnumbers.catalog.open_models import find
from ipython_llmnumbers.catalog.open_models.architectures import read_config
from ipython_llmnumbers.errors import CatalogError, LLMNumbersError

LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 8,
    "num_hidden_layers": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "head_dim": 8,
}
MIXTURE = {**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2}
NO_SIZES = [0, -1, True, False, 2.5, 64.0, "64", [64], {}, 10**20, 10**400, float("inf"), float("nan")]


@pytest.mark.parametrize("field", [name for name in LLAMA if name != "model_type"])
@pytest.mark.parametrize("value", NO_SIZES, ids=[ascii(value)[:20] for value in NO_SIZES])
def test_a_size_that_is_none_is_named(field, value):
    with pytest.raises(CatalogError, match=f"m: {field} is .*, not a whole number from 1 to 1,000,000,000"):
        read_config({**LLAMA, field: value}, "m")


@pytest.mark.parametrize("field", ["num_experts_per_tok"])
@pytest.mark.parametrize("value", NO_SIZES, ids=[ascii(value)[:20] for value in NO_SIZES])
def test_experts_that_are_none_are_named(field, value):
    with pytest.raises(CatalogError, match=f"m: {field} is .*, not a whole number from 1"):
        read_config({**MIXTURE, field: value}, "m")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"num_attention_heads": 7, "head_dim": None}, "hidden_size is 64, which num_attention_heads (7)"),
        ({"num_key_value_heads": 3}, "num_attention_heads is 8, which num_key_value_heads (3)"),
        ({"num_key_value_heads": 16}, "num_attention_heads is 8, which num_key_value_heads (16)"),
        ({"num_hidden_layers": 2_001}, "num_hidden_layers is 2,001, which no model has"),
        ({"tie_word_embeddings": "false"}, "tie_word_embeddings is 'false', not true or false"),
        ({"attention_bias": 2}, "attention_bias is 2, not true or false"),
        ({"text_config": 5}, "text_config is 5, not an object with fields of its own"),
        ({"vision_config": [1]}, "vision_config is [1], not an object with fields of its own"),
        ({"quantization_config": "fp8"}, "quantization_config is 'fp8', not an object"),
        ({"quantization_config": {"quant_method": 4}}, "quant_method is 4, not a text"),
        ({"quantization_config": {"quant_method": "gptq", "bits": "4"}}, "bits is '4', not a whole number"),
        ({"model_type": 7}, "model_type is 7, not a text"),
        ({"layer_types": ["full_attention"]}, "layer_types has 1 layer types for 4 layers"),
        ({"layer_types": 7}, "layer_types is not a list of layers"),
        ({"layer_types": ["\x1b[31m"] * 4}, r"layer type '\x1b[31m'"),
        ({"model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 9}, "at most that"),
        ({**MIXTURE, "moe_layer_freq": [1]}, "moe_layer_freq has 1 entries for 4 layers"),
        ({**MIXTURE, "moe_layer_freq": ["x"] * 4}, "moe_layer_freq is not a list of whole numbers"),
        ({**MIXTURE, "mlp_layer_types": ["sparse"]}, "mlp_layer_types has 1 entries for 4 layers"),
        ({**MIXTURE, "decoder_sparse_step": 0}, "decoder_sparse_step is 0, not a whole number from 1"),
        ({"model_type": "bert", "max_position_embeddings": 8, "architectures": ["XForSequenceClassification"],
          "id2label": 5}, "id2label is 5, not an object"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_named(fields, words):
    with pytest.raises(LLMNumbersError) as caught:
        read_config({**LLAMA, **fields}, "m")
    assert words in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 700


def test_none_of_it_is_a_number_where_the_word_says_so():
    assert read_config({**MIXTURE, "num_local_experts": 0}, "m").n_experts == 0
    assert read_config({**LLAMA, "max_position_embeddings": 0}, "m").max_context_tokens is None
    assert read_config({**LLAMA, "tie_word_embeddings": 1}, "m").tied_embeddings
    every_second = read_config({**MIXTURE, "moe_layer_freq": 2}, "m").matrices
    assert next(each.layers for each in every_second if each.role == "ffn_up_exps") == (0, 2)


# -- every field of every family -----------------------------------------------------------


def families():
    """One config of each kind of model in the tables."""
    found = {}
    for _, row in find._rows():
        config = row["config"]
        inner = config.get("text_config", {})
        found.setdefault((config.get("model_type"), inner.get("model_type")), config)
    return found


FAMILIES = families()
VALUES = [None, *NO_SIZES, "x", [1], {"a": {}}, 10**9, ...]


def places(fields, before=()):
    for name, value in fields.items():
        yield (*before, name)
        if isinstance(value, dict):
            yield from places(value, (*before, name))


def put(config, place, value):
    """The config with one field changed, or without it."""
    config = copy.deepcopy(config)
    inner = config
    for name in place[:-1]:
        inner = inner[name]
    if value is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return config


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: "-".join(filter(None, family)))
def test_any_field_changed_is_an_architecture_or_one_line(family):
    for place in places(FAMILIES[family]):
        for value in VALUES:
            try:
                found = read_config(put(FAMILIES[family], place, value), "m")
            except LLMNumbersError as error:
                line = str(error)
                if not line.isprintable() or len(line) > 300:
                    raise
                continue
            assert found.params > 0
            assert found.n_layers > 0
            assert found.hidden_size > 0
            assert found.vocab_size > 0
            assert all(each.heads > 0 and each.key_dim >= 0 for each in found.caches)

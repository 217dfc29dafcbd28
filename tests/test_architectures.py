"""From config.json to parameters and caches: published totals to the last parameter, refusals by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.catalog.open_models.architectures import Cache, read_config
from ipython_llmnumbers.errors import CatalogError, LLMNumbersError, UnsupportedArchitectureError

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 8,
    "num_hidden_layers": 3,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "tie_word_embeddings": False,
}


def test_an_unknown_model_type_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedArchitectureError, match="model_type 'hyena' is not supported") as caught:
        read_config({**LLAMA, "model_type": "hyena"}, "config.json")
    assert "\n" not in str(caught.value)


def test_an_unknown_layer_type_is_refused_by_name() -> None:
    layers = ["full_attention", "wavelet_attention", "full_attention"]
    with pytest.raises(UnsupportedArchitectureError, match="layer type 'wavelet_attention'"):
        read_config({**LLAMA, "layer_types": layers}, "config.json")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hidden_size", None, "no hidden_size"),
        ("hidden_size", "64", "hidden_size is '64'"),
        ("hidden_size", -1, "hidden_size is -1, not a whole number from 1"),
        ("num_hidden_layers", 10**9, "num_hidden_layers is 1,000,000,000"),
        ("num_hidden_layers", 10**30, "num_hidden_layers is"),
        ("num_attention_heads", 0, "num_attention_heads is 0, not a whole number from 1"),
        ("layer_types", ["full_attention"], "1 layer types for 3 layers"),
        ("layer_types", 7, "layer_types is not a list"),
        ("model_type", None, "no model_type"),
    ],
)
def test_a_broken_config_is_one_line(field: str, value: object, words: str) -> None:
    with pytest.raises(CatalogError, match=words) as caught:
        read_config({**LLAMA, field: value}, "config.json")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        1,
        -3,
        7,
        64,
        2.5,
        10**12,
        float("nan"),
        "",
        "M*-",
        "3*full + x",
        [],
        [1, 2],
        {},
        {"a": {}},
    ]
)
FIELDS = st.sampled_from(
    [
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "layer_types",
        "text_config",
        "vision_config",
        "num_experts",
        "quantization_config",
        "hybrid_override_pattern",
        "block_configs",
        "head_dim",
        "vocab_size",
        "kv_lora_rank",
        "mamba_expand",
    ]
)
TYPES = [
    "llama",
    "qwen3_5_text",
    "nemotron_h",
    "nemotron-nas",
    "gemma4_text",
    "deepseek_v3",
    "jamba",
    "whisper",
]


@given(st.sampled_from([*TYPES, "bert", "mamba"]), st.dictionaries(FIELDS, VALUES, max_size=4))
def test_no_config_ends_in_a_traceback(model_type: str, changes: dict[str, Any]) -> None:
    try:
        found = read_config({**LLAMA, "model_type": model_type, **changes}, "config.json")
    except LLMNumbersError:
        return
    assert found.params > 0


def test_tied_embeddings_are_counted_once() -> None:
    untied = read_config(LLAMA, "").params
    assert untied - read_config({**LLAMA, "tie_word_embeddings": True}, "").params == 100 * 64


def test_a_sliding_window_is_a_cache_of_its_own() -> None:
    config = {**LLAMA, "model_type": "gemma3_text", "sliding_window": 16, "sliding_window_pattern": 3}
    assert read_config(config, "").caches == (
        Cache("sliding", 2, 2, 8, 8, window=16),
        Cache("full", 1, 2, 8, 8),
    )


def test_experts_count_in_full_and_are_active_in_part() -> None:
    config = {**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 2}
    found = read_config(config, "")
    one_expert = 3 * 64 * 96
    assert found.params - found.active_params == 3 * 6 * one_expert


def test_a_state_has_no_tokens() -> None:
    mamba = {**LLAMA, "model_type": "mamba", "state_size": 16, "conv_kernel": 4, "intermediate_size": 128}
    assert read_config(mamba, "").caches == (Cache("state", 3, state_numbers=128 * 16, conv_numbers=128 * 3),)


def test_an_encoder_keeps_nothing() -> None:
    bert = {**LLAMA, "model_type": "bert", "max_position_embeddings": 32, "type_vocab_size": 2}
    assert read_config(bert, "").caches == ()


# JinaEmbeddingsV3Model of transformers 5.23.0, counted on the meta device: an XLM-RoBERTa with rotations.
@pytest.mark.parametrize(
    "named",
    [
        {"model_type": "jina_embeddings_v3"},
        {"model_type": "xlm-roberta", "position_embedding_type": "rotary"},
    ],
)
def test_rotations_have_no_table_of_positions(named: dict[str, str]) -> None:
    shape = {
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
    }
    words = {"vocab_size": 250_002, "max_position_embeddings": 8194, "type_vocab_size": 1}
    assert read_config({**shape, **words, **named}, "").params == 559_364_096


def test_a_tower_that_is_not_known_is_said_to_be_uncounted() -> None:
    seeing = {
        "model_type": "llava",
        "text_config": LLAMA,
        "vision_config": {"model_type": "clip_vision_model"},
    }
    assert read_config(seeing, "").uncounted == ("the vision tower (llava)",)

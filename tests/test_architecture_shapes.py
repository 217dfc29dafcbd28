"""Small configs whose matrices and caches are counted by hand: layers of several kinds, towers, GGUF keys."""

from __future__ import annotations

from typing import Any

import pytest

from ipython_llmnumbers.catalog.open_models.architectures import Cache, read_config
from ipython_llmnumbers.catalog.open_models.architectures.config import Config
from ipython_llmnumbers.catalog.open_models.architectures.gguf import read_gguf_model
from ipython_llmnumbers.errors import CatalogError

# 8 heads of 8, of which 2 have keys and values.
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 8,
    "num_hidden_layers": 8,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "tie_word_embeddings": False,
}
FULL = {"heads": 2, "key_dim": 8, "value_dim": 8}


def roles(fields: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The layers that have a matrix of each role."""
    return {each.role: each.layers for each in read_config(fields, "").matrices}


# -- fields -------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "size"), [(1, 1), (10**9, 10**9)])
def test_a_size_is_a_whole_number_up_to_a_thousand_million(value: object, size: int) -> None:
    assert Config({"n": value}, "").whole("n") == size


@pytest.mark.parametrize("value", [0, -1, 10**9 + 1, 10**30, 3.0, 3.5, True, "3", [3], {}])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(CatalogError, match=r"n is .*, not a whole number from 1 to 1,000,000,000"):
        Config({"n": value}, "").whole("n")


def test_none_of_it_is_a_size_where_that_is_the_default() -> None:
    config = Config({"n": 0}, "")
    assert (config.whole("n", default=0), config.whole("n", least=0)) == (0, 0)
    with pytest.raises(CatalogError, match="n is 0, not a whole number from 1"):
        config.whole("n", default=2)


@pytest.mark.parametrize("value", [2, -1, "true", 0.5, [], {}])
def test_what_is_no_flag(value: object) -> None:
    with pytest.raises(CatalogError, match=r"n is .*, not true or false"):
        Config({"n": value}, "").flag("n")


@pytest.mark.parametrize("value", [0, -0.5, 10**9, True, "2"])
def test_what_is_no_factor(value: object) -> None:
    with pytest.raises(CatalogError, match="n is"):
        Config({"n": value}, "").number("n", 1)


def test_a_factor_and_a_flag_that_are_silent_are_their_default() -> None:
    config = Config({"a": 0.5, "off": False, "on": 1}, "")
    assert (config.number("a", 2), config.number("b", 2)) == (0.5, 2)
    assert (config.flag("off", True), config.flag("on"), config.flag("none"), config.flag("none", True)) == (
        False,
        True,
        False,
        True,
    )


@pytest.mark.parametrize(
    ("named", "dtype"),
    [
        ({}, "bf16"),
        ({"torch_dtype": "float16"}, "fp16"),
        ({"dtype": "float16"}, "fp16"),
        ({"torch_dtype": "torch.float32"}, "fp32"),
        ({"dtype": "bfloat16"}, "bf16"),
    ],
)
def test_the_type_of_the_weights(named: dict[str, str], dtype: str) -> None:
    assert read_config({**LLAMA, **named}, "").dtype == dtype


def _groups(bits: int, kind: str) -> dict[str, Any]:
    return {
        "quant_method": "compressed-tensors",
        "config_groups": {"group_0": {"weights": {"num_bits": bits, "type": kind}}},
    }


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ({"quant_method": "fp8"}, "fp8"),
        ({"quant_method": "FBGEMM_FP8"}, "fp8"),
        ({"quant_method": "mxfp4"}, "mxfp4"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, "fp8"),
        ({"quant_algo": "FP8"}, "fp8"),
        ({"quant_method": "awq"}, "int4"),
        ({"quant_method": "gptq", "bits": 8}, "int8"),
        ({"quant_method": "awq", "w_bit": 4}, "int4"),
        ({"quant_method": "gptq", "bits": 3}, None),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "int8"),
        ({"quant_method": "bitsandbytes", "bnb_4bit_use_double_quant": True}, "nf4-dq"),
        ({"quant_method": "bitsandbytes"}, "nf4"),
        (_groups(8, "float"), "fp8"),
        (_groups(8, "int"), "int8"),
        (_groups(4, "int"), "int4"),
        (_groups(4, "float"), "nvfp4"),
        ({**_groups(4, "int"), "ignore": ["re:.*self_attn.*"]}, "int4-experts"),
        (_groups(2, "int"), None),
        ({"quant_method": "compressed-tensors"}, None),
        ({"quant_method": "quark"}, "quark"),
        ({}, None),
    ],
)
def test_the_quantisation_of_a_checkpoint(stored: dict[str, Any], name: str | None) -> None:
    assert read_config({**LLAMA, "quantization_config": stored}, "").quantization == name


# -- layers of several kinds --------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sliding", "full"),
    [
        ({"model_type": "gemma2"}, 4, 4),
        ({"model_type": "gpt_oss"}, 4, 4),
        ({"model_type": "olmo3"}, 6, 2),
        ({"model_type": "cohere2"}, 6, 2),
        ({"model_type": "gemma3_text"}, 7, 1),
        ({"model_type": "gemma3_text", "sliding_window_pattern": 2}, 4, 4),
        ({"model_type": "gemma3_text", "sliding_window_pattern": 1}, 0, 8),
        ({"model_type": "gemma3_text", "sliding_window": None}, 0, 8),
        ({"model_type": "qwen2", "use_sliding_window": True, "max_window_layers": 3}, 5, 3),
        ({"model_type": "qwen2", "use_sliding_window": True}, 0, 8),
        ({"model_type": "qwen2"}, 0, 8),
        ({"model_type": "mistral"}, 8, 0),
        ({"model_type": "mistral", "sliding_window": None}, 0, 8),
        ({"layer_types": ["sliding_attention"] * 3 + ["full_attention"] * 5}, 3, 5),
    ],
)
def test_which_layers_have_a_window(changes: dict[str, Any], sliding: int, full: int) -> None:
    found = read_config({**LLAMA, "sliding_window": 16, **changes}, "").caches
    expected = [Cache("sliding", sliding, **FULL, window=16), Cache("full", full, **FULL)]
    assert sorted(found, key=str) == sorted((each for each in expected if each.layers), key=str)


def test_llama_4_has_chunks_and_experts_in_some_layers() -> None:
    changes = {
        "model_type": "llama4_text",
        "attention_chunk_size": 32,
        "intermediate_size_mlp": 160,
        "num_local_experts": 4,
        "num_experts_per_tok": 1,
        "interleave_moe_layer_step": 2,
    }
    found = read_config({**LLAMA, **changes}, "")
    assert found.caches == (Cache("sliding", 6, **FULL, window=32), Cache("full", 2, **FULL))
    rows = {each.role: (each.layers, each.rows) for each in found.matrices}
    assert rows["ffn_up_exps"] == ((1, 3, 5, 7), 96)
    assert rows["ffn_up_shexp"] == ((1, 3, 5, 7), 96)
    assert rows["ffn_up"] == ((0, 2, 4, 6), 160)


@pytest.mark.parametrize(
    ("named", "layers"),
    [
        ({}, (0, 1, 2, 3, 4, 5, 6, 7)),
        ({"first_k_dense_replace": 3}, (3, 4, 5, 6, 7)),
        ({"decoder_sparse_step": 2}, (1, 3, 5, 7)),
        ({"mlp_only_layers": [0, 5]}, (1, 2, 3, 4, 6, 7)),
        ({"moe_layer_freq": [0, 1, 1, 0, 0, 0, 0, 1]}, (1, 2, 7)),
        ({"moe_layers": "2,3"}, None),
        ({"expert_layer_period": 3, "expert_layer_offset": 1}, (1, 4, 7)),
        ({"expert_layer_period": 4}, (0, 4)),
        ({"mlp_layer_types": ["dense"] * 6 + ["sparse"] * 2}, (6, 7)),
    ],
)
def test_which_layers_have_experts(named: dict[str, Any], layers: tuple[int, ...] | None) -> None:
    fields = {**LLAMA, "model_type": "qwen3_moe", "num_experts": 4, "num_experts_per_tok": 2, **named}
    if layers is None:
        with pytest.raises(CatalogError):
            read_config(fields, "")
    else:
        assert roles(fields)["ffn_up_exps"] == layers


def test_jamba_attends_in_one_layer_of_a_period() -> None:
    jamba = {**LLAMA, "model_type": "jamba", "attn_layer_offset": 1, "mamba_d_state": 16}
    state = Cache("state", 6, state_numbers=128 * 16, conv_numbers=128 * 3)
    found = read_config({**jamba, "attn_layer_period": 4}, "").caches
    assert sorted(found, key=str) == sorted((state, Cache("full", 2, **FULL)), key=str)
    # A period of 1 is every layer.
    every = read_config({**jamba, "attn_layer_period": 1, "attn_layer_offset": 0}, "").caches
    assert every == (Cache("full", 8, **FULL),)


def test_a_mamba_2_keeps_a_state_for_each_head() -> None:
    mamba = {
        "model_type": "mamba2",
        "hidden_size": 64,
        "num_hidden_layers": 3,
        "vocab_size": 100,
        "num_heads": 4,
        "head_dim": 8,
        "n_groups": 1,
        "state_size": 16,
        "conv_kernel": 4,
    }
    found = read_config(mamba, "")
    # 32 numbers inside, and 2 × 16 of the groups beside them in the convolution.
    assert found.caches == (Cache("state", 3, state_numbers=4 * 8 * 16, conv_numbers=64 * 3),)
    layer = (32 + 64 + 4) * 64 + 64 * 4 + 64 + 3 * 4 + 32 + 64 * 32 + 64
    assert found.params == 100 * 64 + 3 * layer + 64


def test_a_llama_of_which_a_search_took_parts() -> None:
    # arXiv 2505.00949: heads in groups, layers without attention or network, a width of its own.
    blocks = [
        {"attention": {"n_heads_in_group": 4}, "ffn": {"ffn_mult": 2.0}},
        {"attention": {"no_op": True}, "ffn": {"ffn_mult": 6.5}},
        {"attention": {"no_op": True}, "ffn": {"no_op": True}},
        {"attention": {"n_heads_in_group": 8}, "ffn": {}},
    ]
    found = read_config(
        {**LLAMA, "model_type": "nemotron-nas", "num_hidden_layers": 4, "block_configs": blocks}, ""
    )
    assert found.caches == (Cache("full", 1, **FULL), Cache("full", 1, 1, 8, 8))
    # Widths of 2 × 64 × 2 / 3 = 85, 277 and (with the default of 4) 170, rounded up to 256.
    networks = 3 * 64 * (256 + 512 + 256)
    attention = 2 * 64 * 64 + 2 * 16 * 64 + 2 * 64 * 64 + 2 * 8 * 64
    assert found.params == 2 * 100 * 64 + attention + networks + 5 * 64 + 64


# -- encoders -----------------------------------------------------------------------------


def test_an_encoder_names_its_fields_in_its_own_way() -> None:
    distilbert = {
        "model_type": "distilbert",
        "dim": 64,
        "hidden_dim": 96,
        "n_heads": 4,
        "n_layers": 3,
        "vocab_size": 100,
        "max_position_embeddings": 32,
    }
    found = read_config(distilbert, "")
    assert (found.hidden_size, found.n_heads, found.n_layers, found.intermediate_size) == (64, 4, 3, 96)
    assert (found.head_dim, found.n_kv_heads, found.max_context_tokens) == (16, 4, 32)
    # Attention and the network have a bias each, and each layer two norms with one.
    layer = 4 * (64 * 64 + 64) + 96 * 64 + 96 + 64 * 96 + 64 + 4 * 64
    assert found.params == 100 * 64 + 32 * 64 + 2 * 64 + 3 * layer


def test_nomic_pads_its_vocabulary() -> None:
    nomic = {
        "model_type": "nomic_bert",
        "n_embd": 64,
        "n_inner": 96,
        "n_head": 4,
        "n_layer": 2,
        "vocab_size": 100,
        "n_positions": 32,
    }
    plain, padded = read_config(nomic, ""), read_config({**nomic, "pad_vocab_size_multiple": 64}, "")
    assert padded.params - plain.params == 28 * 64
    layer = 4 * 64 * 64 + 3 * 64 * 96 + 4 * 64
    assert plain.params == 100 * 64 + 2 * 64 + 2 * layer
    assert {each.role for each in plain.matrices} >= {"attn_qkv", "token_embd"}


def test_whisper_keeps_the_sound_beside_the_text() -> None:
    whisper = {
        "model_type": "whisper",
        "d_model": 64,
        "vocab_size": 100,
        "encoder_layers": 2,
        "decoder_layers": 3,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 8,
        "encoder_ffn_dim": 96,
        "decoder_ffn_dim": 96,
        "max_source_positions": 50,
        "max_target_positions": 20,
        "num_mel_bins": 10,
    }
    found = read_config(whisper, "")
    assert found.caches == (Cache("full", 3, 8, 8, 8), Cache("cross", 3, 8, 8, 8, tokens=50))
    assert (found.n_heads, found.n_layers, found.intermediate_size) == (4, 3, 96)
    assert found.max_context_tokens == 20
    # Keys have no bias; queries, values and the output have.
    attention, network = 4 * 64 * 64 + 3 * 64, 2 * 64 * 96 + 96 + 64
    encoder, decoder = attention + network + 4 * 64, 2 * attention + network + 6 * 64
    sound = 64 * 30 + 64 + 64 * 192 + 64
    assert found.params == (100 + 20 + 50) * 64 + sound + 4 * 64 + 2 * encoder + 3 * decoder


# -- towers that see ----------------------------------------------------------------------

# One layer of 4 heads: four matrices of attention; a network from 32 to 48 numbers.
SEEING = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "patch_size": 2,
}
PLAIN_ATTENTION, ATTENTION = 4 * 32 * 32, 4 * (32 * 32 + 32)


@pytest.mark.parametrize(
    ("kind", "text", "vision", "params"),
    [
        (
            "llama4",
            "llama4_text",
            {
                "image_size": 8,
                "projector_input_dim": 40,
                "projector_output_dim": 24,
                "vision_output_dim": 24,
            },
            # 16 patches and the class; a network with biases; 8 norms' vectors; three projections.
            (32 * 12 + 32 + 17 * 32 + 4 * 32)
            + (ATTENTION + 2 * 48 * 32 + 48 + 32 + 4 * 32)
            + (40 * 48 + 24 * 40 + 64 * 24),
        ),
        (
            "qwen2_5_vl",
            "qwen2_5_vl_text",
            {"out_hidden_size": 64},
            # Two frames a patch; four patches become one, of 128 numbers.
            32 * 24 + (ATTENTION + 3 * 48 * 32 + 2 * 48 + 32 + 2 * 32) + 32 + 128 * 129 + 64 * 129,
        ),
        (
            "qwen2_5_vl",
            "qwen2_5_vl_text",
            {"out_hidden_size": 64, "spatial_merge_size": 1, "temporal_patch_size": 1},
            32 * 12 + (ATTENTION + 3 * 48 * 32 + 2 * 48 + 32 + 2 * 32) + 32 + 32 * 33 + 64 * 33,
        ),
        (
            "qwen3_5",
            "qwen3_5_text",
            {"out_hidden_size": 64, "num_position_embeddings": 9, "deepstack_visual_indexes": [0]},
            (32 * 24 + 32 + 9 * 32)
            + (ATTENTION + 2 * 48 * 32 + 48 + 32 + 4 * 32)
            + (2 * 32 + 2 * 128)
            + 2 * (128 * 129 + 64 * 129),
        ),
        (
            "gemma4",
            "gemma4_text",
            {"position_embedding_size": 10, "head_dim": 8},
            32 * 12 + 20 * 32 + (PLAIN_ATTENTION + 3 * 48 * 32 + 4 * 32) + 2 * 8 + 64 * 32,
        ),
        (
            "gemma4",
            "gemma4_text",
            {"position_embedding_size": 10, "head_dim": 8, "standardize": True},
            32 * 12 + 20 * 32 + (PLAIN_ATTENTION + 3 * 48 * 32 + 4 * 32) + 2 * 8 + 64 * 32 + 2 * 32,
        ),
        (
            "mistral3",
            "mistral",
            {},
            32 * 12 + 2 * 32 + (PLAIN_ATTENTION + 3 * 48 * 32 + 2 * 32) + 32 * 128 + 64 * 32 + 64 * 64,
        ),
        (
            "gemma3",
            "gemma3_text",
            {"image_size": 8, "vision_use_head": False},
            (32 * 12 + 32 + 16 * 32) + (ATTENTION + 2 * 48 * 32 + 48 + 32 + 4 * 32) + 3 * 32 + 64 * 32,
        ),
    ],
)
def test_a_tower_to_the_last_parameter(kind: str, text: str, vision: dict[str, Any], params: int) -> None:
    layers = {"num_hidden_layers": 1, "layer_types": ["full_attention"], "head_dim": 8}
    inner = {**LLAMA, **layers, "model_type": text, "global_head_dim": 8, "attention_chunk_size": 16}
    alone = read_config(inner, "")
    both = read_config({"model_type": kind, "text_config": inner, "vision_config": {**SEEING, **vision}}, "")
    assert both.params - alone.params == params
    assert not any(each.is_linear for each in both.matrices if each.role.startswith("v."))
    assert both.caches == alone.caches


# -- Gemma 4 ------------------------------------------------------------------------------


def test_gemma_4_with_inputs_of_each_layer_and_shared_caches() -> None:
    gemma = {
        **LLAMA,
        "model_type": "gemma4_text",
        "num_hidden_layers": 4,
        "tie_word_embeddings": True,
        "head_dim": 8,
        "global_head_dim": 16,
        "sliding_window": 16,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "hidden_size_per_layer_input": 5,
        "vocab_size_per_layer_input": 50,
        "num_kv_shared_layers": 2,
        "use_double_wide_mlp": True,
    }
    found = read_config(gemma, "")
    assert found.caches == (Cache("sliding", 1, **FULL, window=16), Cache("full", 1, 2, 16, 16))
    keeping = [2 * 64 * 8 * dim + 2 * 64 * 2 * dim + 2 * dim for dim in (8, 16)]
    sharing = [2 * 64 * 8 * dim + dim for dim in (8, 16)]
    networks = 3 * 64 * 96 * 2 + 3 * 64 * 192 * 2
    norms, inputs = 4 * 64, 2 * 5 * 64 + 64
    whole = 100 * 64 + sum(keeping) + sum(sharing) + networks + 4 * (norms + inputs) + 64
    per_layer = 50 * 4 * 5 + 4 * 5 * 64 + 5
    assert found.params == whole + per_layer


def test_gemma_4_whose_values_are_its_keys() -> None:
    gemma = {
        **LLAMA,
        "model_type": "gemma4_text",
        "num_hidden_layers": 2,
        "head_dim": 8,
        "global_head_dim": 16,
        "num_global_key_value_heads": 1,
        "sliding_window": 16,
        "layer_types": ["sliding_attention", "full_attention"],
    }
    separate, same = read_config(gemma, ""), read_config({**gemma, "attention_k_eq_v": True}, "")
    assert same.caches == (Cache("sliding", 1, **FULL, window=16), Cache("full", 1, 1, 16, 16))
    # The layer of full attention loses its values and one of the two heads of its keys.
    assert separate.params - same.params == 64 * 2 * 16 + 64 * 16


# -- GGUF ---------------------------------------------------------------------------------

KEYS: dict[str, Any] = {
    "general.architecture": "llama",
    "llama.block_count": 4,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 2,
    "llama.feed_forward_length": 96,
    "llama.context_length": 2048,
}
ATTENDING = [(f"blk.{layer}.attn_k.weight", (64, 16)) for layer in range(4)]
WORDS = ("token_embd.weight", (64, 100))


def renamed(kind: str, **changes: Any) -> dict[str, Any]:
    fields = {name.removeprefix("llama."): value for name, value in KEYS.items() if name.startswith("llama.")}
    fields.update({name.replace("__", "."): value for name, value in changes.items()})
    return {"general.architecture": kind, **{f"{kind}.{name}": value for name, value in fields.items()}}


def test_what_the_keys_of_a_gguf_file_say() -> None:
    found = read_gguf_model(KEYS, [WORDS, *ATTENDING], "")
    assert (found.model_type, found.n_layers, found.hidden_size, found.vocab_size) == ("llama", 4, 64, 100)
    assert (found.n_heads, found.n_kv_heads, found.head_dim, found.intermediate_size) == (8, 2, 8, 96)
    assert (found.max_context_tokens, found.tied_embeddings, found.n_experts) == (2048, True, 0)
    assert found.caches == (Cache("full", 4, **FULL),)
    assert found.params == 100 * 64 + 4 * 16 * 64
    untied = read_gguf_model(KEYS, [WORDS, ("output.weight", (64, 100))], "")
    assert not untied.tied_embeddings
    assert (untied.n_kv_heads, untied.head_dim, untied.caches) == (0, 0, ())


def test_a_silent_gguf_file_has_no_length_and_as_many_keys_as_queries() -> None:
    keys = {name: value for name, value in KEYS.items() if "context" not in name and "_kv" not in name}
    del keys["llama.feed_forward_length"]
    found = read_gguf_model({**keys, "llama.vocab_size": 70}, ATTENDING, "")
    assert (found.max_context_tokens, found.intermediate_size, found.vocab_size) == (None, 0, 70)
    assert found.caches == (Cache("full", 4, 8, 8, 8),)


@pytest.mark.parametrize(
    ("keys", "sliding"),
    [
        (renamed("gemma2", attention__sliding_window=16), 2),
        (renamed("gpt-oss", attention__sliding_window=16), 2),
        (renamed("gemma2"), 0),
        (renamed("llama", attention__sliding_window=16), 0),
        (renamed("cohere2", attention__sliding_window=16), 3),
        (
            renamed(
                "gemma3",
                attention__sliding_window=16,
                attention__sliding_window_pattern=[True, False, False, False],
            ),
            1,
        ),
        # A pattern that is too short leaves the others to the rule: every sixth layer sees everything.
        (renamed("gemma3", attention__sliding_window=16, attention__sliding_window_pattern=[False]), 3),
    ],
)
def test_which_layers_of_a_gguf_file_have_a_window(keys: dict[str, Any], sliding: int) -> None:
    layers = {each.kind: each.layers for each in read_gguf_model(keys, ATTENDING, "").caches}
    assert layers.get("sliding", 0) == sliding
    assert layers.get("full", 0) == 4 - sliding


def test_a_gguf_file_with_heads_of_each_layer() -> None:
    keys = renamed("llama", attention__head_count_kv=[2, 0, 4, 2], feed_forward_length=[96, 0, 128, 64])
    found = read_gguf_model(keys, ATTENDING, "")
    assert found.caches == (Cache("full", 2, **FULL), Cache("full", 1, 4, 8, 8))
    assert found.intermediate_size == 128
    empty = read_gguf_model(renamed("llama", feed_forward_length=[]), ATTENDING, "")
    assert empty.intermediate_size == 0


def test_a_gguf_file_of_latents_and_states() -> None:
    keys = renamed(
        "deepseek2",
        attention__kv_lora_rank=512,
        rope__dimension_count=64,
        ssm__inner_size=128,
        ssm__state_size=16,
        ssm__group_count=1,
        ssm__conv_kernel=4,
    )
    tensors = [
        ("blk.0.attn_kv_a_mqa.weight", (64, 576)),
        ("blk.1.ssm_conv1d.weight", (4, 160)),
        ("blk.2.ffn_up.weight", (64, 96)),
        ("blk.3.attn_k.weight", (64, 16)),
    ]
    found = read_gguf_model(keys, tensors, "")
    assert found.caches == (
        Cache("latent", 1, 1, 512, 64),
        Cache("state", 1, state_numbers=128 * 16, conv_numbers=(128 + 2 * 16) * 3),
        Cache("full", 1, **FULL),
    )
    assert (found.n_kv_heads, found.head_dim) == (2, 8)


def test_experts_of_a_gguf_file() -> None:
    keys = renamed("llama", expert_count=4, expert_used_count=2)
    found = read_gguf_model(keys, [*ATTENDING, ("blk.0.ffn_up_exps.weight", (64, 96, 4))], "")
    assert (found.n_experts, found.n_experts_used) == (4, 2)
    assert found.params - found.active_params == 2 * 64 * 96
    # A third side that is not the experts' makes more rows.
    other = read_gguf_model(keys, [("blk.0.conv.weight", (3, 5, 7))], "")
    assert [(each.rows, each.columns, each.experts) for each in other.matrices] == [(35, 3, 1)]

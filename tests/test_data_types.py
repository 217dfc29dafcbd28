"""Each name of each data type has the width that its makers state: weights, caches, files, training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.catalog.open_models.quants import find_quant, known_kv_types
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.catalog.training_methods import find_optimizer, find_precision

from .test_checkpoint import LLAMA, gguf_bytes, write_safetensors

MIB = 2**20

# vLLM, `--kv-cache-dtype`: auto, fp8, fp8_e4m3, fp8_e5m2
# (https://docs.vllm.ai/en/latest/configuration/engine_args.html). llama.cpp, `--cache-type-k`: f32, f16,
# bf16, q8_0, q4_0, q4_1, iq4_nl, q5_0, q5_1 (https://github.com/ggml-org/llama.cpp, tools/server/README.md);
# a block of 32 numbers has 16 bits of scale, and of a `_1` type 16 more of an offset.
KV_BITS: dict[str, float] = {
    **dict.fromkeys(("fp32", "f32"), 32),
    **dict.fromkeys(("bf16", "bfloat16", "fp16", "f16", "float16", "FP16"), 16),
    **dict.fromkeys(("fp8", "fp8_e4m3", "fp8_e5m2", "FP8-E5M2"), 8),
    "q8_0": 8 + 16 / 32,
    "q5_1": 5 + 32 / 32,
    "q5_0": 5 + 16 / 32,
    "q4_1": 4 + 32 / 32,
    "q4_0": 4 + 16 / 32,
    "iq4_nl": 4 + 16 / 32,
}


@pytest.mark.parametrize(("kv", "bits"), KV_BITS.items())
def test_a_cache_of_each_type(kv: str, bits: float) -> None:
    # 1,024 MiB in 16 bits: 32 layers × 2 × 8 heads × 128 × 8,192 tokens.
    fit = gpu_fit("llama-3-8b", gpu="H200", context_tokens=8_192, kv=kv)
    assert fit["kv_cache_bytes"].value == 1_024 * MIB * bits / 16


def test_no_type_of_the_cache_is_left_out() -> None:
    assert set(known_kv_types()) <= KV_BITS.keys()


# Bits of a weight by the format: the number's own, and its share of the scales of its block. torch.dtype:
# https://docs.pytorch.org/docs/stable/tensor_attributes.html. The blocks: `quants.toml` names each source.
QUANTS: dict[str, tuple[float, tuple[str, ...]]] = {
    "fp32": (32, ("float32", "f32", "FP32")),
    "bf16": (16, ("bfloat16",)),
    "fp16": (16, ("float16", "f16", "half", "16bit")),
    "fp8": (
        8,
        (
            "float8",
            "fp8-dynamic",
            "fp8_dynamic",
            "w8a8-fp8",
            "fp8-e4m3",
            "fp8_e4m3",
            "fp8-e5m2",
            "fp8-block",
            "w8a8-fp8-block",
        ),
    ),
    "int8": (8, ("8bit", "8-bit", "w8a8", "llm.int8", "bnb-8bit", "w8a16")),
    "gptq-int8": (8 + (16 + 8) / 128, ("gptq-8bit",)),
    "mxfp8": (8 + 8 / 32, ()),
    "int4": (
        4 + (16 + 4) / 128,
        (
            "awq",
            "gptq",
            "4bit",
            "4-bit",
            "w4a16",
            "awq-int4",
            "awq-4bit",
            "gptq-int4",
            "gptq-4bit",
            "autoround",
            "w4a16-g128",
        ),
    ),
    "nf4": (4 + 32 / 64, ("bnb-4bit", "bnb.nf4", "bitsandbytes", "bnb", "bnb-nf4")),
    "nf4-dq": (4 + 8 / 64 + 32 / (64 * 256), ("bnb.nf4-dq", "nf4_dq")),
    "unsloth-bnb-4bit": (4 + 8 / 64 + 32 / (64 * 256), ()),
    **{f"mlx-{bits}bit": (bits + 2 * 16 / 64, ()) for bits in (3, 4, 5, 6, 8)},
    "int4-experts": (4 + 16 / 32, ()),
    "mxfp4": (4 + 8 / 32, ()),
    "nvfp4": (4 + 8 / 16, ("fp4", "nvfp4a16")),
    "q4_0": (4 + 16 / 32, ("Q4_0",)),
    "q4_1": (4 + 32 / 32, ()),
    "q5_0": (5 + 16 / 32, ()),
    "q5_1": (5 + 32 / 32, ()),
    "mxfp4_moe": (4 + 8 / 32, ("mxfp4-q8",)),
}


@pytest.mark.parametrize(
    ("word", "name", "bits"),
    [(word, name, bits) for name, (bits, aliases) in QUANTS.items() for word in (name, *aliases)],
)
def test_a_weight_by_each_name_of_its_type(word: str, name: str, bits: float) -> None:
    quant = find_quant(word)
    assert quant.name == name
    assert quant.bits_figure().value == pytest.approx(bits, rel=1e-3)


def test_no_name_of_a_type_is_left_out() -> None:
    """The mixes of llama.cpp are measured in `test_memory.py`, those of others in `test_pasted_names.py`."""
    for row in read_table("open_models/quants.toml")["quants"]:
        if row["scope"] != "gguf" or row["source"] == "ggml":
            tested = {row["name"], *QUANTS[row["name"]][1]}
            assert {row["name"], *row.get("aliases", ())} <= tested


@pytest.mark.parametrize(
    ("quant", "dense_bytes", "moe_experts_only"),
    # Of 1,000 MB in 16 bits: a linear type packs the layers' matrices, and leaves embeddings and head.
    [("fp8", 0.5, False), ("int8", 0.5, False), ("mxfp4", 4.25 / 16, True), ("int4-experts", 4.5 / 16, True)],
)
def test_what_a_type_packs(quant: str, dense_bytes: float, moe_experts_only: bool) -> None:
    # Llama 3.1 8B: 2 × 128,256 × 4,096 of embeddings and head, 65 norms of 4,096, the rest linear.
    dense = gpu_fit("llama-3.1-8b", gpu="H200", quant=quant)["weights_bytes"].value
    kept = 2 * 128_256 * 4_096 + 65 * 4_096
    assert dense == pytest.approx(2 * (kept + (8_030_261_248 - kept) * dense_bytes), rel=1e-6)
    # Mixtral 8x7B: 32 layers of 8 experts of 3 × 4,096 × 14,336, of 46,702,792,704 parameters.
    mixture = gpu_fit("Mixtral-8x7B", gpu="B200", quant=quant)["weights_bytes"].value
    experts = 32 * 8 * 3 * 4_096 * 14_336
    only_experts = 2 * (46_702_792_704 - experts + experts * dense_bytes)
    assert (mixture == pytest.approx(only_experts, rel=1e-6)) == moe_experts_only


# Numbers and bytes of a block: GGML_QUANT_SIZES in gguf-py/gguf/constants.py, written out as the fields of
# the structs of ggml-common.h (scales, offsets, packed bits, signs).
GGML_BLOCKS = {
    "f32": (0, 1, 4),
    "f16": (1, 1, 2),
    "i8": (24, 1, 1),
    "i16": (25, 1, 2),
    "i32": (26, 1, 4),
    "i64": (27, 1, 8),
    "f64": (28, 1, 8),
    "bf16": (30, 1, 2),
    "q4_0": (2, 32, 2 + 16),
    "q4_1": (3, 32, 2 + 2 + 16),
    "q5_0": (6, 32, 2 + 4 + 16),
    "q5_1": (7, 32, 2 + 2 + 4 + 16),
    "q8_0": (8, 32, 2 + 32),
    "q8_1": (9, 32, 4 + 4 + 32),
    "q2_k": (10, 256, 2 + 2 + 16 + 64),
    "q3_k": (11, 256, 2 + 64 + 32 + 12),
    "q4_k": (12, 256, 2 + 2 + 128 + 12),
    "q5_k": (13, 256, 2 + 2 + 128 + 32 + 12),
    "q6_k": (14, 256, 2 + 128 + 64 + 16),
    "q8_k": (15, 256, 4 + 256 + 32),
    "iq2_xxs": (16, 256, 2 + 64),
    "iq2_xs": (17, 256, 2 + 64 + 8),
    "iq3_xxs": (18, 256, 2 + 64 + 32),
    "iq1_s": (19, 256, 2 + 32 + 16),
    "iq4_nl": (20, 32, 2 + 16),
    "iq3_s": (21, 256, 2 + 64 + 32 + 8 + 4),
    "iq2_s": (22, 256, 2 + 64 + 16),
    "iq4_xs": (23, 256, 2 + 2 + 128 + 4),
    "iq1_m": (29, 256, 32 + 16 + 8),
    "tq1_0": (34, 256, 2 + 4 + 48),
    "tq2_0": (35, 256, 2 + 64),
    "mxfp4": (39, 32, 1 + 16),
    "nvfp4": (40, 64, 4 + 32),
}


@pytest.mark.parametrize("name", GGML_BLOCKS)
def test_a_gguf_file_of_each_type(tmp_path: Path, name: str) -> None:
    number, block, size = GGML_BLOCKS[name]
    path = tmp_path / "model.gguf"
    keys = {
        "general.architecture": "llama",
        "llama.block_count": 1,
        "llama.embedding_length": 256,
        "llama.feed_forward_length": 512,
        "llama.attention.head_count": 8,
    }
    path.write_bytes(gguf_bytes(keys, {"output.weight": ([256, 10], number)}))
    fit = gpu_fit(str(path), gpu="T4")
    assert fit["weights_bytes"].value == 256 * 10 // block * size
    assert fit.details.quant == name


def test_no_type_of_a_gguf_file_is_left_out() -> None:
    assert {row["name"] for row in read_table("open_models/ggml.toml")["types"]} == GGML_BLOCKS.keys()


# https://huggingface.co/docs/safetensors: the bytes of a tensor are those between its two offsets.
SAFETENSORS_BYTES = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL"), 1),
}


@pytest.mark.parametrize(("dtype", "size"), SAFETENSORS_BYTES.items())
def test_a_safetensors_file_of_each_type(tmp_path: Path, dtype: str, size: int) -> None:
    path = tmp_path / "model.safetensors"
    write_safetensors(path, {"a": (dtype, [10, 20], 200 * size)})
    fit = gpu_fit(str(path), gpu="T4")
    assert (fit["weights_bytes"].value, fit["params"].value) == (200 * size, 200)
    assert fit.details.quant == dtype.lower()


# What a config.json says of its weights, as transformers writes `torch_dtype` (`dtype` since version 5) and
# `quantization_config`: https://huggingface.co/docs/transformers/main_classes/quantization.
COMPRESSED = {"quant_method": "compressed-tensors"}


def group(bits: int, kind: str) -> dict[str, Any]:
    return {"config_groups": {"group_0": {"weights": {"num_bits": bits, "type": kind}}}}


@pytest.mark.parametrize(
    ("fields", "quant"),
    [
        ({"torch_dtype": "float32"}, "fp32"),
        ({"torch_dtype": "float16"}, "fp16"),
        ({"torch_dtype": "bfloat16"}, "bf16"),
        ({"torch_dtype": "torch.float32"}, "fp32"),
        ({"torch_dtype": None, "dtype": "float32"}, "fp32"),
        ({"quantization_config": {"quant_method": "fp8"}}, "fp8"),
        ({"quantization_config": {"quant_method": "fbgemm_fp8"}}, "fp8"),
        ({"quantization_config": {"quant_method": "mxfp4"}}, "mxfp4"),
        ({"quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4"}}, "nvfp4"),
        ({"quantization_config": {"quant_method": "modelopt", "quant_algo": "FP8"}}, "fp8"),
        ({"quantization_config": {"quant_method": "awq", "bits": 4}}, "int4"),
        ({"quantization_config": {"quant_method": "awq", "w_bit": 8}}, "int8"),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "int4"),
        ({"quantization_config": {"quant_method": "gptq", "bits": 8}}, "int8"),
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}}, "int8"),
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}, "nf4"),
        (
            {"quantization_config": {"quant_method": "bitsandbytes", "bnb_4bit_use_double_quant": True}},
            "nf4-dq",
        ),
        ({"quantization_config": {**COMPRESSED, **group(8, "float")}}, "fp8"),
        ({"quantization_config": {**COMPRESSED, **group(8, "int")}}, "int8"),
        ({"quantization_config": {**COMPRESSED, **group(4, "int")}}, "int4"),
        ({"quantization_config": {**COMPRESSED, **group(4, "float")}}, "nvfp4"),
        (
            {"quantization_config": {**COMPRESSED, **group(4, "int"), "ignore": ["re:.*self_attn.*"]}},
            "int4-experts",
        ),
    ],
)
def test_the_type_that_a_config_names(tmp_path: Path, fields: dict[str, Any], quant: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**LLAMA, **fields}), encoding="utf-8")
    assert gpu_fit(str(path), gpu="T4").details.quant == quant


# Bytes of a weight, its gradient, its master copy, a moment. ZeRO, section 3.1 (https://arxiv.org/abs/1910.02054):
# 2 + 2 + (4 + 4 + 4). torch.optim keeps gradients and moments in the parameters' type.
PRECISIONS = {
    "bf16": ((2, 2, 0, 2), ("bf16-true", "pure-bf16", "bfloat16")),
    "mixed": ((2, 2, 4, 4), ("amp", "mixed-bf16", "mixed-fp16", "fp16", "bf16-mixed")),
    "mixed-fp32-grads": ((2, 4, 4, 4), ()),
    "fp32": ((4, 4, 0, 4), ("float32", "full")),
}
# Moments, and bytes of one in training in mixed precision. bitsandbytes: a byte, and 32 bits for 256 of them.
OPTIMIZERS = {
    "adamw": ((2, 4), ("adam", "adamw-torch", "adamw_torch", "fused-adamw")),
    "adamw8bit": ((2, 1 + 4 / 256), ("adam8bit", "8bit", "adamw-8bit")),
    "paged-adamw8bit": ((2, 0), ("paged-adamw-8bit", "paged_adamw_8bit", "pagedadamw8bit", "paged")),
    "sgd-momentum": ((1, 4), ()),
    "sgd": ((0, 4), ()),
}


@pytest.mark.parametrize("name", PRECISIONS)
def test_a_precision_by_each_of_its_names(name: str) -> None:
    bytes_each, aliases = PRECISIONS[name]
    roles = ("weight_bytes", "gradient_bytes", "master_bytes", "moment_bytes")
    for word in (name, *aliases):
        precision = find_precision(word)
        assert precision.name == name
        assert tuple(precision.figure(role).value for role in roles) == bytes_each


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_by_each_of_its_names(name: str) -> None:
    (moments, moment_bytes), aliases = OPTIMIZERS[name]
    for word in (name, *aliases):
        optimizer = find_optimizer(word)
        assert optimizer.name == name
        assert optimizer.moments_figure().value == moments
        assert optimizer.moment_bytes_figure(find_precision("mixed")).value == moment_bytes


@pytest.mark.parametrize(
    ("section", "tested"),
    [("precisions", PRECISIONS), ("optimizers", OPTIMIZERS)],
    ids=lambda each: str(each)[:10],
)
def test_no_name_of_training_is_left_out(section: str, tested: dict[str, Any]) -> None:
    for row in read_table("training_methods.toml")[section]:
        assert {*row.get("aliases", ())} <= {*tested[row["name"]][1]}


# -- what the checkpoint says of itself -----------------------------------------------------

ATTENTION = [f"model.layers.{layer}.self_attn" for layer in range(32)]
# Llama 3.1 8B: embeddings and head of 128,256 × 4,096, 32 layers with 41,943,040 numbers of attention and
# 176,160,768 of its network, 65 norms.
EMBEDDINGS, ATTENTIONS, NETWORKS, NORMS = 2 * 128_256 * 4_096, 32 * 41_943_040, 32 * 176_160_768, 65 * 4_096


@pytest.mark.parametrize(
    ("stored", "weights_bytes"),
    [
        # transformers, FbgemmFp8Config and FineGrainedFP8Config: modules_to_not_convert.
        (
            {"quant_method": "fbgemm_fp8", "modules_to_not_convert": ["lm_head", *ATTENTION]},
            2 * (EMBEDDINGS + ATTENTIONS + NORMS) + NETWORKS,
        ),
        # compressed-tensors: names and re: patterns.
        (
            {**COMPRESSED, **group(8, "float"), "ignore": ["lm_head", "re:.*self_attn.*"]},
            2 * (EMBEDDINGS + ATTENTIONS + NORMS) + NETWORKS,
        ),
        # ModelOpt: names with *.
        (
            {"quant_method": "modelopt", "quant_algo": "FP8", "exclude_modules": ["lm_head", "*self_attn*"]},
            2 * (EMBEDDINGS + ATTENTIONS + NORMS) + NETWORKS,
        ),
        # Half of the layers.
        (
            {"quant_method": "fp8", "modules_to_not_convert": ATTENTION[:16]},
            2 * (EMBEDDINGS + ATTENTIONS // 2 + NORMS) + ATTENTIONS // 2 + NETWORKS,
        ),
        # AutoAWQ: a scale of 16 bits and a zero point of 4 in each group.
        (
            {"quant_method": "awq", "bits": 4, "group_size": 64},
            2 * (EMBEDDINGS + NORMS) + (ATTENTIONS + NETWORKS) * (4 + 20 / 64) / 8,
        ),
    ],
)
def test_a_checkpoint_s_own_words_come_first(
    stored: dict[str, object], weights_bytes: float, tmp_path: Path
) -> None:
    rows = read_table("open_models/checkpoints/llama.toml")["models"]
    config = next(row["config"] for row in rows if row["name"] == "Llama-3.1-8B")
    (tmp_path / "config.json").write_text(json.dumps({**config, "quantization_config": stored}), "utf-8")
    fit = gpu_fit(str(tmp_path), gpu="H100")
    assert fit["weights_bytes"].value == pytest.approx(weights_bytes, rel=1e-9)
    # Another quantisation is another checkpoint.
    assert gpu_fit(str(tmp_path), gpu="H100", quant="bf16")["weights_bytes"].value == 2 * 8_030_261_248


def test_a_window_wider_than_the_model_is_none(tmp_path: Path) -> None:
    # config.json of microsoft/Phi-3-mini-128k-instruct: a window of 262,144 tokens, and 131,072 positions.
    config = {
        "model_type": "phi3",
        "hidden_size": 3072,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
        "intermediate_size": 8192,
        "vocab_size": 32_064,
        "max_position_embeddings": 131_072,
        "sliding_window": 262_144,
    }
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    fit = gpu_fit(str(tmp_path), gpu="A100-80GB")
    assert fit["max_context_tokens"].value == 131_072
    assert fit["kv_bytes_per_token"].value == 2 * 32 * 3072 * 2

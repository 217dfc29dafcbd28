"""What an engine loads with a model: LoRA adapters, and a draft for speculative decoding."""

from __future__ import annotations

from typing import Any

import pytest

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.errors import ParameterError, UsageError

MIB, GIB = 2**20, 2**30


def value(fit: Any, name: str) -> float:
    found = fit[name].value
    assert found is not None
    return float(found)


# -- LoRA -----------------------------------------------------------------------------------


# Numbers of one adapter of all linear layers: 1,218,445,312 of Llama 3.1 8B at rank 64 with all of its
# embeddings and head (unslothai/unsloth#1032), "Max LoRA size is 19988480" of a Qwen1.5 7B, which has the
# shape of Llama 2 7B, at rank 8 (triton-inference-server/tensorrtllm_backend#560).
@pytest.mark.parametrize(
    ("model", "rank", "numbers"),
    [("llama-3.1-8b", 64, 1_218_445_312 - 2 * 128_256 * 4_096), ("llama-2-7b", 8, 19_988_480)],
)
def test_an_adapter_is_as_wide_as_both_sides_of_each_matrix(model: str, rank: int, numbers: int) -> None:
    fit = gpu_fit(model, gpu="H100", engine="vllm", max_lora_rank=rank)
    assert value(fit, "lora_bytes") == 2 * numbers


# 60 adapters of rank 64 for an 8B (vllm-project/vllm#8559): 20 GB.
def test_all_adapters_have_the_greatest_rank() -> None:
    without = gpu_fit("llama-3.1-8b", gpu="H100", engine="vllm")
    many = gpu_fit("llama-3.1-8b", gpu="H100", engine="vllm", max_loras=60, max_lora_rank=64)
    assert value(many, "lora_bytes") == 60 * 4 * 2 * 41_943_040
    taken = value(without, "kv_space_bytes") - value(many, "kv_space_bytes")
    assert taken == pytest.approx(value(many, "lora_bytes"), abs=2)
    assert value(many, "weights_bytes") - value(many, "lora_bytes") == value(without, "weights_bytes")


# vLLM keeps one adapter of rank 16 unless told otherwise, SGLang eight (their documentation of LoRA).
@pytest.mark.parametrize(("engine", "loras"), [("vllm", 1), ("sglang", 8)])
def test_what_is_not_given_is_the_engine_s(engine: str, loras: int) -> None:
    fit = gpu_fit("llama-3-8b", gpu="H100", engine=engine, max_lora_rank=16)
    assert value(fit, "lora_bytes") == loras * 2 * 41_943_040
    assert "lora_bytes" not in gpu_fit("llama-3-8b", gpu="H100", engine=engine)


# Only half of an adapter is divided (--fully-sharded-loras, vllm-project/vllm#10017): of q, k, v, gate and up
# what they give, of o and down what they take in.
def test_two_gpus_divide_half_of_an_adapter() -> None:
    one, two = (gpu_fit("llama-3-8b", gpu="H100", engine="vllm", tp=tp, max_loras=1) for tp in (1, 2))
    given = 32 * (4_096 + 2 * 1_024 + 2 * 14_336)
    taken_in = 32 * (4_096 + 14_336)
    assert value(one, "lora_bytes") - value(two, "lora_bytes") == 2 * 16 * (given + taken_in) // 2


def test_an_engine_that_serves_no_adapters_says_which_does() -> None:
    with pytest.raises(
        ParameterError,
        match=r"max_loras=2 is of vLLM, SGLang; write engine='vllm' instead of engine='llama\.cpp'",
    ):
        gpu_fit("llama-3-8b", gpu="H100", engine="llama.cpp", max_loras=2)


# Half of the adapters, half of that and so on; those left out wait in RAM (vllm-project/vllm#20160).
def test_fewer_adapters_are_advised_where_so_many_do_not_fit() -> None:
    options: dict[str, Any] = {"gpu": "L40S", "engine": "vllm", "max_lora_rank": 64}
    fit = gpu_fit("llama-3.1-8b", max_loras=80, **options)
    assert fit.verdict != "fits"
    assert "it fits with max_loras=40" in [note.text for note in fit.notes]
    assert gpu_fit("llama-3.1-8b", max_loras=40, **options).verdict == "fits"


# -- drafts ---------------------------------------------------------------------------------


# llama-server with a draft of 0.5B and a context of 512 tokens for it: a cache of 6.00 MiB and a compute
# buffer of 298.50 MiB (ggml-org/llama.cpp#12968).
def test_a_draft_has_a_cache_and_a_compute_buffer_of_its_own() -> None:
    options: dict[str, Any] = {"gpu": "H100", "engine": "llama.cpp", "quant": "q4_k_m", "context_tokens": 512}
    alone = gpu_fit("qwen2.5-32b", **options)
    drafted = gpu_fit("qwen2.5-32b", draft="qwen2.5-0.5b", **options)
    more = {name: value(drafted, name) - value(alone, name) for name in ("kv_cache_bytes", "overhead_bytes")}
    assert more["kv_cache_bytes"] == 6 * MIB
    assert more["overhead_bytes"] == pytest.approx(298.5 * MIB, abs=2)
    assert drafted.details.draft == "Qwen2.5-0.5B"


# llama.cpp keeps a draft's in 16 bits whatever the model's type (ggml-org/llama.cpp#10586).
@pytest.mark.parametrize(
    ("engine", "kv", "bytes_of_the_draft"), [("llama.cpp", "q8_0", 2), ("vllm", "fp8", 1)]
)
def test_the_type_of_a_draft_s_cache(engine: str, kv: str, bytes_of_the_draft: int) -> None:
    options: dict[str, Any] = {"gpu": "H100", "engine": engine, "kv": kv}
    alone, drafted = gpu_fit("qwen3-8b", **options), gpu_fit("qwen3-8b", draft="qwen3-0.6b", **options)
    more = value(drafted, "kv_bytes_per_token") - value(alone, "kv_bytes_per_token")
    assert more == 28 * 2 * 8 * 128 * bytes_of_the_draft


# Both have as many tokens, in blocks that they share (vllm-project/vllm#3250): Qwen3 8B with 36 and 0.6B with
# 28 layers of 8 heads of 128.
def test_a_draft_keeps_the_tokens_of_the_model() -> None:
    drafted = gpu_fit("qwen3-8b", gpu="H100", engine="vllm", draft="qwen3-0.6b")
    assert value(drafted, "kv_bytes_per_token") == (36 + 28) * 2 * 8 * 128 * 2
    assert value(drafted, "draft_bytes") == value(
        gpu_fit("qwen3-0.6b", gpu="H100", engine="vllm"), "weights_bytes"
    )
    alone = gpu_fit("qwen3-8b", gpu="H100", engine="vllm")
    assert value(drafted, "weights_bytes") - value(alone, "weights_bytes") == value(drafted, "draft_bytes")


def test_the_largest_context_and_batch_are_those_of_both() -> None:
    options: dict[str, Any] = {"gpu": "RTX 4090", "engine": "vllm", "draft": "gemma-3-1b", "quant": "int4"}
    fit = gpu_fit("gemma-3-12b", **options)
    longest = fit["max_context_tokens"].low
    assert gpu_fit("gemma-3-12b", context_tokens=longest, **options).verdict == "fits"
    widest = fit["max_batch_size"].low
    assert gpu_fit("gemma-3-12b", batch_size=widest, **options).verdict == "fits"


def test_a_model_that_fits_without_its_draft_is_said_to() -> None:
    options: dict[str, Any] = {"gpu": "RTX 4090", "engine": "vllm", "quant": "fp8"}
    drafted = gpu_fit("qwen3-14b", draft="qwen3-1.7b", **options)
    assert drafted.verdict == "tight"
    assert gpu_fit("qwen3-14b", **options).verdict == "fits"
    told = [note.text for note in drafted.notes if note.text.startswith("it fits")]
    assert told[0] == "it fits without the draft"


def test_a_draft_that_cannot_be_is_one_line() -> None:
    with pytest.raises(UsageError, match=r"tp=4 does not divide the 14 heads of Qwen2.5-0.5B"):
        gpu_fit("qwen2.5-7b", gpu="H100", engine="vllm", draft="qwen2.5-0.5b", tp=4)
    with pytest.raises(UsageError, match="bge-m3 is an encoder and predicts no words"):
        gpu_fit("bge-m3", gpu="H100", draft="qwen2.5-0.5b")
    with pytest.raises(UsageError, match="draft_layers=1 and a draft: give one of them"):
        gpu_fit("qwen2.5-7b", gpu="H100", engine="vllm", draft="qwen2.5-0.5b", draft_layers=1)

"""The memory formulas against published figures, and the properties that ranges rely on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.catalog.models import SHAPE_UNITS, find_model
from ipython_llmnumbers.formulas import memory

GIB, MIB = 2**30, 2**20


def params_of(name: str) -> int:
    return memory.dense_params(**find_model(name).shape)


# Sources: KH = `params` in the presets of PyPI keras-hub 0.32.0; ST = half of `total_size` (16-bit)
# in model.safetensors.index.json of the model's repository.
PUBLISHED_PARAMS = [
    ("Llama-2-7B", 6_738_415_616),  # KH llama2_7b_en
    ("Llama-3-8B", 8_030_261_248),  # KH llama3_8b_en; ST 16060522496
    ("Llama-3.1-70B", 70_553_706_496),  # ST 141107412992
    ("Mistral-7B-v0.2", 7_241_732_096),  # KH mistral_0.2_instruct_7b_en; ST 14483464192
    ("Mistral-7B-v0.3", 7_248_023_552),  # KH mistral_0.3_7b_en
    ("Mistral-Small-24B", 23_572_403_200),  # KH magistral_small_2506_en, the same shape
    ("Qwen2.5-7B", 7_615_616_512),  # with bias in q, k, v; ST 15231233024
    ("Qwen2.5-72B", 72_706_203_648),  # KH qwen2.5_instruct_72b_en
    ("Qwen3-8B", 8_190_735_360),  # with norms of q and k; KH qwen3_8b_en
    ("Qwen3-0.6B", 596_049_920),  # tied embeddings, heads wider than hidden/heads; KH qwen3_0.6b_en
    # KH counts the tied embedding of Llama 3.2 1B twice: 1498482688 - 128256 × 2048.
    ("Llama-3.2-1B", 1_235_814_400),
]


@pytest.mark.parametrize(("name", "params"), PUBLISHED_PARAMS)
def test_parameters_to_the_last_one(name: str, params: int) -> None:
    assert params_of(name) == params


# llama.cpp start-up logs ("KV self size") and the engines' own figures per token.
@pytest.mark.parametrize(
    ("name", "context_tokens", "mib"), [("Llama-3-8B", 8_192, 1_024), ("Llama-2-7B", 2_048, 1_024)]
)
def test_kv_cache_of_llama_cpp_logs(name: str, context_tokens: int, mib: int) -> None:
    shape = find_model(name).shape
    per_token = memory.kv_bytes_per_token(shape["n_layers"], shape["n_kv_heads"], shape["head_dim"], 2)
    assert memory.kv_cache_bytes(per_token, context_tokens, 1) == mib * MIB


@pytest.mark.parametrize(
    ("name", "kv_bytes_per_token"),
    [("Llama-3.1-8B", 131_072), ("Qwen2.5-7B", 57_344), ("Llama-2-13B", 819_200)],
)
def test_kv_bytes_per_token(name: str, kv_bytes_per_token: int) -> None:
    shape = find_model(name).shape
    found = memory.kv_bytes_per_token(shape["n_layers"], shape["n_kv_heads"], shape["head_dim"], 2)
    assert found == kv_bytes_per_token


def test_fp8_leaves_embeddings_and_head_at_16_bits() -> None:
    # "Model loading took 67.72 GiB": Llama-3.3-70B-Instruct-FP8-dynamic, vLLM 0.11, one H100.
    # llm-d-benchmark, config_explorer/empirical-vllm-memory-results.md
    shape = find_model("Llama-3.3-70B").shape
    fields = ("n_layers", "hidden_size", "n_heads", "n_kv_heads", "head_dim", "intermediate_size")
    linear = memory.linear_params(*(shape[field] for field in fields))
    kept = memory.kept_params(params_of("Llama-3.3-70B"), linear)
    assert memory.mixed_weights_bytes(linear, 1, kept, 2) / GIB == pytest.approx(67.72, rel=0.001)


def test_context_is_zero_where_the_weights_do_not_fit() -> None:
    assert memory.max_context_tokens(15 * GIB, 16 * GIB, 0, 131_072, 1) == 0


def test_the_largest_context_fits_and_one_more_token_does_not() -> None:
    tokens = memory.max_context_tokens(24 * GIB, 15 * GIB, GIB, 131_072, 3)
    needed = memory.kv_cache_bytes(131_072, tokens, 3)
    assert needed <= 8 * GIB < needed + 3 * 131_072


sizes = st.integers(min_value=1, max_value=10**6)


@given(sizes, sizes, sizes, sizes, sizes)
def test_more_context_or_batch_never_needs_less(
    per_token: int, context: int, more: int, batch: int, extra: int
) -> None:
    cache = memory.kv_cache_bytes(per_token, context, batch)
    assert memory.kv_cache_bytes(per_token, context + more, batch) >= cache
    assert memory.kv_cache_bytes(per_token, context, batch + extra) >= cache
    overhead = memory.overhead_bytes(0, per_token, context, batch, 0)
    assert memory.overhead_bytes(0, per_token, context, batch + extra, 0) >= overhead


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12), sizes, sizes)
def test_more_memory_never_holds_less_context(
    free: int, more: int, weights: int, per_token: int, batch: int
) -> None:
    tokens = memory.max_context_tokens(free, weights, 0, per_token, batch)
    assert memory.max_context_tokens(free + more, weights, 0, per_token, batch) >= tokens
    assert memory.max_context_tokens(free, weights + more, 0, per_token, batch) <= tokens


@given(st.sampled_from(sorted(set(SHAPE_UNITS) - {"tied_embeddings"})), st.integers(1, 1_000))
def test_parameters_grow_with_every_field(field: str, more: int) -> None:
    shape = dict(find_model("Qwen3-8B").shape)
    before = memory.dense_params(**shape)
    shape[field] += more
    assert memory.dense_params(**shape) > before

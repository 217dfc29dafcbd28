"""The memory formulas against published figures, and the properties that ranges rely on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.catalog.open_models.architectures import Matrix
from ipython_llmnumbers.catalog.open_models.find import find_model
from ipython_llmnumbers.catalog.open_models.ggml import find_type, split_by_type
from ipython_llmnumbers.catalog.open_models.quants import find_quant
from ipython_llmnumbers.estimates.memory.weights import weights_figure
from ipython_llmnumbers.formulas import kv, memory

GIB, MIB = 2**30, 2**20


# Sources: KH = `params` in the presets of PyPI keras-hub 0.32.0; ST = half of `total_size` (16-bit)
# in model.safetensors.index.json of the model's repository; HF = the count that the repository shows.
PUBLISHED_PARAMS = [
    ("Llama-2-7B", 6_738_415_616),  # KH llama2_7b_en
    ("Llama-3-8B", 8_030_261_248),  # KH llama3_8b_en; ST 16060522496
    ("Llama-3.1-70B", 70_553_706_496),  # ST 141107412992
    ("Mistral-7B-v0.2", 7_241_732_096),  # KH mistral_0.2_instruct_7b_en; ST 14483464192
    ("Mixtral-8x7B", 46_702_792_704),  # KH mixtral_8_7b_en; ST 93405585408
    ("Mistral-Small-24B", 23_572_403_200),  # KH magistral_small_2506_en, the same shape
    ("Qwen2.5-7B", 7_615_616_512),  # with bias in q, k, v; ST 15231233024
    ("Qwen2.5-72B", 72_706_203_648),  # KH qwen2.5_instruct_72b_en
    ("Qwen3-8B", 8_190_735_360),  # with norms of q and k; KH qwen3_8b_en
    ("Qwen3-0.6B", 596_049_920),  # tied embeddings, heads wider than hidden/heads; KH qwen3_0.6b_en
    ("Qwen3-30B-A3B", 30_532_122_624),  # KH qwen3_moe_30b_a3b_en; ST 61064245248
    ("Qwen3.5-35B-A3B", 35_107_181_936),  # gated delta nets and a vision tower; KH qwen3_5_moe_35b_a3b
    ("gpt-oss-20b", 20_914_757_184),  # KH gpt_oss_20b_en
    ("Gemma-2-9B", 9_241_705_984),  # KH gemma2_9b_en
    ("Gemma-3-4B", 4_300_079_472),  # vocabulary of 262,208, SigLIP; KH medgemma_4b, the same shape
    ("Gemma-3-27B", 27_432_406_640),  # KH medgemma_instruct_27b, the same shape
    ("DeepSeek-V3", 671_026_419_200),  # arXiv 2412.19437: 671B, without its prediction module
    ("Jamba-1.5-Mini", 51_570_323_328),  # HF ai21labs/AI21-Jamba-1.5-Mini: 51.6B
    ("bge-large-en-v1.5", 335_141_888),  # KH bge_large_v1.5_en
    ("Mamba-2.8B", 2_768_345_600),  # ROCm blog on Mamba, "Number of parameters", of state-spaces/mamba-2.8b
    ("Falcon-Mamba-7B", 7_272_665_088),  # FalconMambaForCausalLM of transformers 5.23.0, on the meta device
    ("OLMo-3-7B", 7_298_011_136),  # W&B openeurollm-project/sft-throughput-jupiter: num_params
    ("Qwen3.5-9B", 9_409_813_744),  # KH qwen3_5_9b, with its vision tower
    # KH counts the tied embedding of Llama 3.2 1B twice: 1498482688 - 128256 × 2048.
    ("Llama-3.2-1B", 1_235_814_400),
]


@pytest.mark.parametrize(("name", "params"), PUBLISHED_PARAMS)
def test_parameters_to_the_last_one(name: str, params: int) -> None:
    assert find_model(name).params_figure().value == params


def bits_of(name: str, quant: str) -> float:
    spec = find_model(name).architecture
    stored = split_by_type(quant, spec, spec.matrices)
    total = sum(each.params * find_type(kind).bits for kind, some in stored.items() for each in some)
    return total / spec.params


# llama.cpp, tools/quantize/README.md, table of Llama-3.1-8B: bits per weight, to four digits.
LLAMA_CPP_BITS = {
    "iq1_s": 2.0042, "iq1_m": 2.1460, "iq2_xxs": 2.3824, "iq2_xs": 2.5882, "iq2_s": 2.7403, "iq2_m": 2.9294,
    "iq3_xxs": 3.2548, "iq3_xs": 3.4977, "iq3_s": 3.6606, "iq3_m": 3.7628, "iq4_xs": 4.4597, "iq4_nl": 4.6818,
    "q2_k_s": 2.9697, "q2_k": 3.1593, "q3_k_s": 3.6429, "q3_k_l": 4.2979, "q4_k_s": 4.6672, "q4_k_m": 4.8944,
    "q5_k_s": 5.5704, "q5_k_m": 5.7036, "q6_k": 6.5633, "q8_0": 8.5008,
}  # fmt: skip


@pytest.mark.parametrize(("quant", "bits"), LLAMA_CPP_BITS.items())
def test_the_mixes_of_llama_cpp_to_four_digits(quant: str, bits: float) -> None:
    assert round(bits_of("Llama-3.1-8B", quant), 4) == bits


def test_the_mix_on_the_gpu_and_the_embeddings_beside_it() -> None:
    # llama.cpp start-up log of Llama 3 8B in Q4_K_M, -ngl 33: CUDA0 4403.49 MiB, CPU 281.81 MiB.
    spec = find_model("Llama-3-8B")
    whole, quant = list(spec.architecture.matrices), find_quant("q4_k_m")
    embeddings = [each for each in whole if each.role == "token_embd"]
    rest = [each for each in whole if each.role != "token_embd"]
    assert round(weights_figure(spec, quant, rest).value / MIB, 2) == 4403.49  # type: ignore[operator]
    assert round(weights_figure(spec, quant, embeddings).value / MIB, 2) == 281.81  # type: ignore[operator]


def test_rows_that_do_not_divide_into_blocks_take_another_type() -> None:
    # Qwen2.5 0.5B has rows of 896: Q5_0 and Q8_0 stand in for Q4_K and Q6_K (tensor_type_fallback).
    spec = find_model("Qwen2.5-0.5B").architecture
    types = split_by_type("q4_k_m", spec, spec.matrices)
    assert {each.role for each in types["q5_0"]} >= {"attn_q", "ffn_up"}
    assert "token_embd" in {each.role for each in types["q8_0"]}


def test_fp8_leaves_embeddings_and_head_at_16_bits() -> None:
    # "Model loading took 67.72 GiB": Llama-3.3-70B-Instruct-FP8-dynamic, vLLM 0.11, one H100.
    # llm-d-benchmark, config_explorer/empirical-vllm-memory-results.md
    spec = find_model("Llama-3.3-70B")
    figure = weights_figure(spec, find_quant("fp8"), list(spec.architecture.matrices))
    assert figure.value is not None
    assert float(figure.value) / GIB == pytest.approx(67.72, rel=0.001)


def test_mxfp4_is_exact_to_the_byte() -> None:
    # total_size in model.safetensors.index.json of openai/gpt-oss-20b: experts × 4.25/8 + rest × 2.
    spec = find_model("gpt-oss-20b")
    figure = weights_figure(spec, find_quant("mxfp4"), list(spec.architecture.matrices))
    assert figure.value == 13_761_264_768


def test_context_is_zero_where_the_weights_do_not_fit() -> None:
    assert kv.max_context_tokens(15 * GIB, 16 * GIB, 0, 1, 131_072, 0, 0, 0) == 0


def test_the_largest_context_fits_and_one_more_token_does_not() -> None:
    tokens = kv.max_context_tokens(24 * GIB, 15 * GIB, GIB, 3, 131_072, 0, 0, 0)
    needed = memory.kv_cache_bytes(131_072, tokens, 3)
    assert needed <= 8 * GIB < needed + 3 * 131_072


sizes = st.integers(min_value=1, max_value=10**6)
few = st.integers(min_value=0, max_value=10**4)


@given(sizes, few, few, few, st.integers(0, 10**11), sizes)
def test_a_window_ends_the_growth_and_the_largest_context_fits(
    growing: int, sliding: int, window: int, fixed: int, free: int, batch: int
) -> None:
    tokens = kv.max_context_tokens(free, 0, 0, batch, growing, sliding, window, fixed)
    held = kv.sequence_bytes(growing, sliding, window, fixed, tokens) * batch
    more = kv.sequence_bytes(growing, sliding, window, fixed, tokens + 1) * batch
    assert held <= free or tokens == 0
    assert more > free or fixed * batch > free


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
    tokens = kv.max_context_tokens(free, weights, 0, batch, per_token, 0, 0, 0)
    assert kv.max_context_tokens(free + more, weights, 0, batch, per_token, 0, 0, 0) >= tokens
    assert kv.max_context_tokens(free, weights + more, 0, batch, per_token, 0, 0, 0) <= tokens


def test_a_matrix_counts_its_layers_and_experts() -> None:
    assert Matrix("ffn_up_exps", 4, 6, (0, 1, 2), experts=8, experts_used=2).params == 4 * 6 * 3 * 8

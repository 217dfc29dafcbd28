"""`gpu_fit` on named GPUs: the figures, the verdict, where each number came from."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_llmnumbers import Estimate, gpu_fit, gpu_speed, gpu_train
from ipython_llmnumbers.catalog.hardware.engines import known_engines
from ipython_llmnumbers.catalog.limits import SEQUENCES
from ipython_llmnumbers.errors import LLMNumbersError, UnknownNameError, UsageError
from ipython_llmnumbers.estimates.devices import verdict
from ipython_llmnumbers.figures import assumed
from ipython_llmnumbers.formulas.kv import window_cells
from ipython_llmnumbers.formulas.overhead import kv_space_bytes
from ipython_llmnumbers.probes.hardware.host import host_memory

GIB = 2**30
# google/gemma-3-270m, config.json: 18 layers, each sixth of which sees every token.
GEMMA_270M: dict[str, Any] = {
    "model_type": "gemma3_text",
    "hidden_size": 640,
    "intermediate_size": 2_048,
    "head_dim": 256,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "num_hidden_layers": 18,
    "sliding_window": 512,
    "vocab_size": 262_144,
    "max_position_embeddings": 32_768,
}
REQUIRED = {
    "params",
    "weights_bytes",
    "kv_bytes_per_token",
    "kv_cache_bytes",
    "overhead_bytes",
    "total_bytes",
    "free_bytes",
    "context_tokens",
    "batch_size",
    "max_context_tokens",
}


def value(fit: Any, name: str) -> int:
    found = fit[name].value
    assert isinstance(found, int)
    return found


def test_the_figures_of_a_known_model() -> None:
    fit = gpu_fit("meta-llama/Llama-3.1-8B-Instruct", gpu="A10G")
    assert {figure.name for figure in fit} >= REQUIRED
    assert value(fit, "weights_bytes") == 16_060_522_496  # total_size of the checkpoint's index
    assert value(fit, "kv_bytes_per_token") == 131_072
    assert value(fit, "kv_cache_bytes") == GIB
    assert (fit["context_tokens"].value, fit["context_tokens"].origin) == (8_192, "assumed")
    assert (fit["free_bytes"].value, fit["free_bytes"].origin) == (23_028 * 2**20, "published")
    assert fit.verdict == "fits"
    assert (fit.kind, fit.subject, fit.details.quant) == ("fit", "Llama-3.1-8B", "bf16")


def test_a_bare_size_is_the_number_of_2023() -> None:
    # https://github.com/ray-project/llm-numbers: "2x number of parameters" and "~1 MB … for 1 token"
    fit = gpu_fit("13B", gpu="A100-80GB")
    assert value(fit, "weights_bytes") == 26_000_000_000
    assert value(fit, "kv_bytes_per_token") == 819_200
    assert "is a size, not a model" in " ".join(note.text for note in fit.notes)


def test_nothing_is_measured_for_a_named_gpu() -> None:
    fit = gpu_fit("70B", quant="awq", context_tokens=4_096, batch_size=2, gpu="H100")
    assert {figure.origin for figure in fit.walk()} == {"published", "assumed", "given", "derived"}


@pytest.mark.parametrize(
    ("model", "options", "verdict"),
    [
        # vLLM 0.11 on an H100, at its default utilisation of 0.9, had 51.38 GiB for the cache of the
        # first and −1.44 GiB for that of the second, whose weights an engine without that reserve
        # holds (llm-d-benchmark, config_explorer/empirical-vllm-memory-results.md).
        ("llama-3.1-8b", {"gpu": "H100 SXM", "context_tokens": 16_000}, "fits"),
        ("llama-3.3-70b", {"gpu": "H100 SXM", "quant": "fp8", "context_tokens": 16_000}, "tight"),
        ("llama-3.3-70b", {"gpu": "H100 SXM"}, "does not fit"),
        ("llama-3.3-70b", {"gpu": "A100 80GB", "quant": "q4_k_m"}, "fits"),
        ("llama-3.1-8b", {"gpu": "T4"}, "does not fit"),
        ("llama-3.1-8b", {"gpu": "T4", "quant": "q4_k_m"}, "fits"),
        ("llama-3.1-8b", {"gpu": "RTX 4090", "batch_size": 64}, "does not fit"),
        ("13B", {"gpu": "A10G"}, "does not fit"),
        ("llama-3.1-405b", {"gpu": "B200", "quant": "int4"}, "does not fit"),
    ],
)
def test_verdicts(model: str, options: dict[str, Any], verdict: str) -> None:
    assert gpu_fit(model, **options).verdict == verdict


# Llama-3.1-8B, gpt-oss-20b and Llama-3.3-70B in FP8 under vLLM 0.11 on an H100 at 0.9: 51.38, 50.28,
# 32.0 GiB for the cache, and −1.44 where it did not start (llm-d-benchmark, config_explorer/
# empirical-vllm-memory-results.md); Qwen3-32B 4.45, Qwen3-0.6B 64.45, gpt-oss-120b 3.33 in the same logs.
@pytest.mark.parametrize(
    ("model", "options", "gib", "verdict"),
    [
        ("llama-3.1-8b", {}, 51.38, "fits"),
        ("gpt-oss-20b", {}, 50.28, "fits"),
        # At 0.95: 75.22 GiB less 64.38 of weights, 7.38 of activations and 0.13 leave its 3.33.
        ("gpt-oss-120b", {"utilization": 0.95}, 3.33, "fits"),
        ("gpt-oss-120b", {}, 0.9 * 79.18 - 64.38 - 7.38 - 0.13, "does not fit"),
        ("qwen3-32b", {}, 4.45, "fits"),
        ("qwen3-0.6b", {}, 64.45, "fits"),
        ("llama-3.3-70b", {"quant": "fp8", "tp": 2}, 32.0, "fits"),
        ("llama-3.3-70b", {"quant": "fp8"}, -1.44, "does not fit"),
    ],
)
def test_the_space_that_vllm_leaves_for_the_cache(
    model: str, options: dict[str, Any], gib: float, verdict: str
) -> None:
    fit = gpu_fit(model, gpu="H100 SXM", engine="vllm==0.11", context_tokens=16_000, **options)
    space = fit["kv_space_bytes"]
    assert abs(space.value / GIB - gib) < 4
    assert space.low <= gib * GIB <= space.high
    assert fit.verdict == verdict


# vLLM 0.19 on an H100 at 0.95 (llm-d-planner, docs/accuracy/vllm-v0.19.0-accuracy-report.md).
@pytest.mark.parametrize("engine", ["vllm==0.19", "vllm==0.15", "vllm"])
@pytest.mark.parametrize(
    ("model", "activation_gib", "cache_gib"),
    [("llama-3.1-8b", 1.89, 58.11), ("qwen2.5-7b", 2.21, 58.53)],
)
def test_the_range_holds_a_later_vllm(
    model: str, activation_gib: float, cache_gib: float, engine: str
) -> None:
    fit = gpu_fit(model, gpu="H100 SXM", engine=engine, utilization=0.95)
    for name, gib in (("activation_bytes", activation_gib), ("kv_space_bytes", cache_gib)):
        assert fit[name].low <= gib * GIB <= fit[name].high


# vLLM 0.6 at 0.90: 53.29 GiB for the cache of an 8B on an H100 (vllm-project/vllm#10511);
# 3.76 on a V100 of 15.77 GiB beside 7.51 GiB of weights (vllm-project/vllm#11251).
def test_an_old_vllm() -> None:
    fit = gpu_fit("llama-3-8b", gpu="H100 SXM", engine="vllm==0.6.4", context_tokens=8_192)
    assert fit["kv_space_bytes"].low <= 53.29 * GIB <= fit["kv_space_bytes"].high
    gib = {"visible": 15.77, "weights": 7.51, "activation": 2.53, "non_torch": 0.39}
    space = kv_space_bytes(
        0.9,
        *(int(gib[name] * GIB) for name in ("visible", "visible")),
        *(int(gib[name] * GIB) for name in ("weights", "activation", "non_torch")),
        0,
    )
    assert space / GIB == pytest.approx(3.76, abs=0.01)


# vLLM 0.10 on an H100: "Model loading took 65.9651 GiB", "Available KV cache memory: -2.14 GiB" (vllm
# issue 23278).
def test_a_vllm_that_padded_more() -> None:
    fit = gpu_fit("gpt-oss-120b", gpu="H100 SXM", engine="vllm==0.10")
    assert fit["weights_bytes"].value / GIB == pytest.approx(65.97, abs=0.1)
    assert fit["kv_space_bytes"].low <= -2.14 * GIB <= fit["kv_space_bytes"].high
    assert fit.verdict == "does not fit"


# What programs see: 79.15 GiB of an A100 80GB (vllm issue 4408), 79.18 of an H100 (llm-d-benchmark,
# empirical-vllm-memory-results.md).
@pytest.mark.parametrize(("gpu", "gib"), [("A100 80GB SXM", 79.15), ("H100 SXM", 79.18)])
def test_the_memory_that_vllm_sees(gpu: str, gib: float) -> None:
    visible = next(
        figure
        for figure in gpu_fit("qwen3-4b", gpu=gpu, engine="vllm").walk()
        if figure.name == "visible_bytes"
    )
    assert visible.value / GIB == pytest.approx(gib, abs=0.01)


# vLLM >= 0.21 logs "equivalent to --gpu-memory-utilization=X without": 0.92 with 0.17 GiB of graphs as 0.9129
# (noonghunna/club-3090#127), 0.82 with 0.36 as 0.8048 (gpustack/runner#251); both on 24 GB.
@pytest.mark.parametrize(("asked", "graphs_gib", "as_if"), [(0.92, 0.17, 0.9129), (0.82, 0.36, 0.8048)])
def test_graphs_that_are_set_aside_are_a_lower_utilization(
    asked: float, graphs_gib: float, as_if: float
) -> None:
    visible = int(23.56 * GIB)
    others = (visible, visible, 10 * GIB, GIB, GIB // 4)
    since = kv_space_bytes(asked, *others, int(graphs_gib * GIB))
    assert since == pytest.approx(kv_space_bytes(as_if, *others, 0), abs=0.01 * GIB)


def test_the_newest_vllm_sets_its_graphs_aside() -> None:
    before, since = (
        {figure.name: figure.value for figure in gpu_fit("qwen3-8b", gpu="RTX 4090", engine=engine).walk()}
        for engine in ("vllm==0.20", "vllm")
    )
    assert (before["set_aside_bytes"], since["graph_bytes"]) == (0, 0)
    assert before["graph_bytes"] > since["set_aside_bytes"] > 0


# Qwen 35B-A3B in 4 bits on an RTX 3090 under vLLM 0.22 (noonghunna/club-3090#323): 0.07 GiB for the cache at
# 0.92, 0.78 at 0.95: the difference is that of the utilization.
def test_a_higher_utilization_is_all_cache() -> None:
    spaces = [
        gpu_fit("qwen3.5-35b-a3b", gpu="RTX 3090", quant="int4", engine="vllm==0.22", utilization=share)
        for share in (0.92, 0.95)
    ]
    low, high = (fit["kv_space_bytes"].value / GIB for fit in spaces)
    assert high - low == pytest.approx(0.78 - 0.07, abs=0.02)


# A 27B of 16 layers of attention and 48 with a state on an RTX 5090 at 0.93: activations of 2.84, 2.42 and
# 2.21 GiB, 8.89, 9.72 and 9.93 for the cache, with 8,192, 4,096 and 2,048 tokens at once (vllm issue 52872).
def test_the_tokens_that_vllm_reads_at_once() -> None:
    activations, spaces = [], []
    for tokens, activation, space in ((8_192, 2.84, 8.89), (4_096, 2.42, 9.72), (2_048, 2.21, 9.93)):
        fit = gpu_fit(
            "qwen3.6-27b",
            gpu="RTX 5090",
            engine="vllm",
            quant="int4",
            utilization=0.93,
            max_num_batched_tokens=tokens,
        )
        activations.append(fit["activation_bytes"])
        spaces.append(fit["kv_space_bytes"])
        assert fit["activation_bytes"].low <= activation * GIB <= fit["activation_bytes"].high, space
    steps = [(more.value - less.value) / GIB for more, less in pairwise(activations)]
    assert steps == [pytest.approx(0.42, abs=0.03), pytest.approx(0.21, abs=0.02)]
    assert (spaces[2].value - spaces[1].value) / GIB == pytest.approx(9.93 - 9.72, abs=0.02)


# A compute buffer of 298.50 MiB for Qwen2.5 0.5B with the usual 512 tokens (ggml-org/llama.cpp#12968).
@pytest.mark.parametrize("tokens", [512, 2_048])
def test_the_tokens_that_llama_cpp_reads_at_once(tokens: int) -> None:
    fit = gpu_fit("qwen2.5-0.5b", gpu="RTX 3090", engine="llama.cpp", max_num_batched_tokens=tokens)
    assert fit["activation_bytes"].value == 298.5 * 2**20 * tokens / 512


# Each token takes 1.5 MiB from the share that SGLang plans (`handle_gpu_memory_settings`, 0.5.23).
def test_the_tokens_that_sglang_reads_at_once() -> None:
    less, more = (
        gpu_fit("qwen3-8b", gpu="L40S", engine="sglang==0.5.5", max_num_batched_tokens=tokens)
        for tokens in (4_096, 8_192)
    )
    taken = more["overhead_bytes"].value - less["overhead_bytes"].value
    assert taken == pytest.approx(4_096 * 1.5 * 2**20, rel=0.05)


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("vllm==new", "vLLM 'new' is no version that is known"),
        ("vllm==0.11.1.1.1", "vLLM '0.11.1.1.1' is no version"),
        ("llama.cpp==5", "llama.cpp '5' is no version"),
        ("vlm==0.11", "unknown engine 'vlm==0.11'"),
    ],
)
def test_a_version_that_is_not_known_is_one_line(engine: str, words: str) -> None:
    for ask in (gpu_fit, gpu_speed):
        with pytest.raises(LLMNumbersError, match=words):
            ask("llama-3.1-8b", gpu="L4", engine=engine)


# vLLM's defaults as a server: 8,192 tokens and 1,024 sequences from 70 GiB on but for an A100, else 2,048 and
# 256 (get_batch_defaults in vllm/engine/arg_utils.py, https://github.com/vllm-project/vllm/pull/17885).
@pytest.mark.parametrize(
    ("gpu", "is_large"),
    [
        *[(gpu, False) for gpu in ("T4", "RTX 5090", "A6000", "L40S", "A100 40GB", "A100 80GB SXM")],
        *[(gpu, False) for gpu in ("A100 80GB PCIe", "Prototype 55", "Prototype 69")],
        *[(gpu, True) for gpu in ("Prototype 70", "H100 80GB PCIe", "H100 SXM", "H100 NVL", "H200", "B200")],
    ],
)
def test_what_vllm_plans_on_a_gpu_of_each_size(gpu: str, is_large: bool, user_table: Path) -> None:
    row = '[[gpus]]\nname = "Prototype {n}"\nmemory_gib = {n}\nsource = "the box"\nchecked = 2026-11-20\n'
    user_table.write_text("".join(row.format(n=n) for n in (55, 69, 70)))
    fit = gpu_fit("llama-3.1-8b", gpu=gpu, engine="vllm")
    inputs = {figure.name: figure.value for figure in fit["activation_bytes"].inputs}
    assert inputs["batched_tokens"] == (8_192 if is_large else 2_048)
    # The sampler's rows of 32-bit logits over 128,256 words: fewer rows for fewer sequences.
    assert fit["activation_bytes"].value == 4 * 128_256 * inputs["logit_rows"]
    assert (inputs["logit_rows"] > 3_000) == is_large
    # Without an engine the most is what vLLM takes.
    rows = next(
        each for each in gpu_fit("llama-3.1-8b", gpu=gpu)["overhead_bytes"].inputs if each.unit == "rows"
    )
    assert rows.high == (10_200 if is_large else 10_200 / 4)


@pytest.mark.parametrize(
    ("model", "context", "options", "mib"),
    [
        # llama.cpp and ik_llama.cpp start-up logs; the latent of DeepSeek is 61 × 576 × 2 bytes a token.
        ("llama-3-8b", 8_192, {}, 1_024),
        ("llama-2-7b", 2_048, {}, 1_024),
        ("deepseek-r1", 32_768, {}, 2_196),
        # Every token of every head, as before engines knew the latent: 9,760 MiB (ollama issue 8447).
        ("deepseek-r1", 2_048, {"engine": "transformers"}, 9_760),
        # 12 of gpt-oss's 24 layers keep a window of 128 tokens.
        ("gpt-oss-20b", 32_768, {}, 771),
        # 4 of Jamba's 32 layers attend; the state of the others is 15.3 MiB.
        ("jamba-1.5-mini", 32_768, {}, 512 + 15.3125),
        ("llama-3-8b", 8_192, {"kv": "q8_0"}, 544),
        ("llama-3-8b", 8_192, {"kv": "fp8"}, 512),
        ("llama-3-8b", 8_192, {"tp": 2}, 512),
        ("deepseek-r1", 32_768, {"tp": 8}, 2_196),
        # EAGLE's one layer counts: 33 layers × 4,096 bytes a token.
        ("llama-3.1-8b", 8_192, {"draft_layers": 1}, 1_056),
        # 62.00 GiB at its longest context (vllm-project/recipes#12).
        ("Qwen3-Coder-480B-A35B", 262_144, {"quant": "fp8"}, 63_488),
        ("bge-m3", 8_192, {}, 0),
    ],
)
def test_the_cache_of_every_kind_of_layer(
    model: str, context: int, options: dict[str, Any], mib: float
) -> None:
    fit = gpu_fit(model, gpu="H200", context_tokens=context, **options)
    assert fit["kv_cache_bytes"].value == mib * 2**20


# 64.4 MB for each sequence (vllm-project/vllm-metal#398).
def test_the_state_of_a_sequence() -> None:
    figures = {figure.name: figure.value for figure in gpu_fit("qwen3.5-35b-a3b", gpu="H200").walk()}
    assert figures["fixed_bytes"] == pytest.approx(64.4e6, rel=0.001)


# Slots of llama.cpp that are told (-np N) have a stream each; else they share one cache (kv_unified).
# gemma-3-270m: unslothai/unsloth#5225, unslothai/unsloth#7530 (1,536 cells of 18 layers for three slots of
# 341 tokens); a 27B and six slots by src/llama-kv-cache-iswa.cpp; one of gpt-oss: gpustack/gguf-parser-go#32.
@pytest.mark.parametrize(
    ("model", "context", "slots", "shared_mib", "own_mib"),
    [
        ("gemma-3-270m", 4_096, 1, 27, None),
        ("gemma-3-270m", 2_048, 2, None, 42),
        ("gemma-3-270m", 1_024, 4, None, 72),
        ("gemma-3-270m", 512, 8, None, 72),
        ("gemma-3-270m", 8_192, 1, 39, None),
        ("gemma-3-270m", 4_096, 2, None, 54),
        ("gemma-3-270m", 341, 3, None, 27),
        ("gemma-3-270m", 256, 4, None, 18),
        ("gemma-3-27b", 8_192, 2, 2_320, None),
        ("gpt-oss-20b", 5_461, 6, 798, None),
        ("gpt-oss-20b", 131_072, 1, 3.0176 * 1_024, None),
    ],
)
def test_the_windows_of_slots(
    model: str, context: int, slots: int, shared_mib: float | None, own_mib: int | None, tmp_path: Path
) -> None:
    if model == "gemma-3-270m":
        (tmp_path / "config.json").write_text(json.dumps(GEMMA_270M))
        model = str(tmp_path)
    fit = gpu_fit(model, gpu="H200", engine="llama.cpp", context_tokens=context, batch_size=slots)
    if shared_mib is not None:
        assert value(fit, "kv_cache_bytes") / 2**20 == pytest.approx(shared_mib, abs=0.1)
    if own_mib is not None:
        assert any(f"with -np {slots} each has its own: {own_mib} MiB" in note.text for note in fit.notes)
        assert value(fit, "kv_cache_bytes") <= own_mib * 2**20


def test_the_cells_of_a_window_and_a_larger_batch() -> None:
    # gpt-oss-120b, two slots with n_ubatch 1024, kv_unified = false: "SWA KV cache, size = 1280 cells"
    # (ollama/ollama#16480).
    assert window_cells(128, 1_024) == 1_280


@pytest.mark.parametrize("model", ["kimi-k2.5", "llama-4-scout"])
def test_a_tower_that_is_not_counted_is_said(model: str) -> None:
    assert "the vision tower" in " ".join(note.text for note in gpu_fit(model, gpu="B200").notes)


def test_what_is_advised_has_been_judged() -> None:
    fit = gpu_fit("llama-3.3-70b", gpu="H100 SXM", engine="vllm")
    advice = [note.text for note in fit.notes if note.text.startswith("it fits with")]
    assert advice[0] == "it fits with quant='int4'"
    assert "tp=4 (4 of this GPU)" in " ".join(advice)
    assert gpu_fit("llama-3.3-70b", gpu="H100 SXM", engine="vllm", quant="int4").verdict == "fits"
    assert gpu_fit("llama-3.3-70b", gpu="H100 SXM", engine="vllm", tp=4).verdict == "fits"
    assert gpu_fit("llama-3.3-70b", gpu="H100 SXM", engine="vllm", tp=2).verdict != "fits"


def advised(estimate: Estimate) -> list[str]:
    """The options that would make it fit, in order, each with its first value."""
    start = "it fits with "
    found = [note.text.removeprefix(start) for note in estimate.notes if note.text.startswith(start)]
    return [option.split()[0] for option in found]


# From the least harm to the most: an 8-bit cache is hardly worse; a shorter context, one sequence take what
# was asked for; fewer bits take from the answers; more of the same GPU and another GPU cost money.
@pytest.mark.parametrize(
    ("engine", "context", "kinds"),
    [
        (
            "vllm",
            2_048,
            ["kv='fp8'", "context_tokens=1024", "batch_size=1", "quant='fp8'", "tp=2", "gpu='RTX-4090'"],
        ),
        (
            None,
            2_048,
            ["kv='fp8'", "context_tokens=1024", "batch_size=1", "quant='fp8'", "tp=2", "gpu='RTX-4090'"],
        ),
        (
            "llama.cpp",
            4_096,
            [
                "kv='q8_0'",
                "context_tokens=3072",
                "batch_size=1",
                "quant='q8_0'",
                "gpu='2xL4'",
                "gpu='RTX-4090'",
            ],
        ),
        # transformers keeps its cache in 16 bits.
        (
            "transformers",
            2_048,
            ["context_tokens=1024", "batch_size=1", "quant='int8'", "gpu='2xL4'", "gpu='RTX-4090'"],
        ),
    ],
)
def test_the_advice_goes_from_the_least_harm_to_the_most(
    engine: str | None, context: int, kinds: list[str]
) -> None:
    options: dict[str, Any] = {"engine": engine, "quant": "bf16", "context_tokens": context}
    fit = gpu_fit("llama-3.1-8b", gpu="L4", batch_size=16, **options)
    assert fit.verdict != "fits"
    assert advised(fit) == kinds


# More bits are less harm: the first quantisation that fits, on ever smaller GPUs. Those with more bits do not
# fit there and those with fewer would.
@pytest.mark.parametrize(
    ("engine", "gpu", "tried"),
    [
        ("llama.cpp", "T4", ["q8_0"]),
        ("llama.cpp", "RTX-2080-Ti", ["q8_0", "q5_k_m"]),
        ("llama.cpp", "RTX-3080-10GB", ["q8_0", "q5_k_m", "q4_k_m"]),
        ("llama.cpp", "RTX-3060-Ti", ["q8_0", "q5_k_m", "q4_k_m", "iq3_m"]),
        ("vllm", "A10", ["fp8"]),
        ("vllm", "T4", ["fp8", "int4"]),
        ("transformers", "P100-16GB", ["int8"]),
        ("transformers", "T4", ["int8", "nf4"]),
        (None, "A10", ["fp8"]),
        (None, "T4", ["fp8", "q5_k_m"]),
        (None, "RTX-3060-12GB", ["fp8", "q5_k_m", "q4_k_m"]),
    ],
)
def test_the_quantisation_of_most_bits_that_fits_is_advised(
    engine: str | None, gpu: str, tried: list[str]
) -> None:
    options: dict[str, Any] = {"gpu": gpu, "engine": engine, "context_tokens": 2_048}
    *too_large, best = tried
    fit = gpu_fit("llama-2-13b", quant="bf16", **options)
    quants = [option for option in advised(fit) if "quant" in option]
    assert quants == [f"quant='{best}'"]
    for quant in too_large:
        assert gpu_fit("llama-2-13b", quant=quant, **options).verdict != "fits"


# Of several GPUs of one kind the fewest, of other GPUs the smallest: each costs less than the next.
@pytest.mark.parametrize(
    ("model", "gpu", "n_gpus", "other"),
    [
        ("llama-3.1-8b", "L4", None, None),
        ("llama-2-13b", "L4", 2, "RTX-5090"),
        ("llama-3.1-8b", "T4", 2, "L4"),
        ("llama-2-13b", "RTX-3060-Ti", None, "RTX-5090"),
        ("llama-3.3-70b", "H100 SXM", 2, "B200"),
    ],
)
def test_the_fewest_and_the_smallest_gpus_are_advised(
    model: str, gpu: str, n_gpus: int | None, other: str | None
) -> None:
    fit = gpu_fit(model, gpu=gpu, engine="vllm", context_tokens=2_048)
    words = dict(option.split("=") for option in advised(fit))
    assert words.get("gpu") == (None if other is None else repr(other))
    assert words.get("tp") == (None if n_gpus is None else str(n_gpus))


def test_a_bar_reads_without_colour() -> None:
    lines = str(gpu_fit("13B", gpu="A10G")).splitlines()
    bar = next(line for line in lines if line.startswith("████"))
    assert set(bar) == {"█", "▓", "▒", "|"}  # what is free ends at the stroke, before the weights do
    assert bar.index("|") < bar.index("▓")
    assert any(line.startswith("█ Weights 24.2 GiB  ▓ KV cache") for line in lines)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tp": 3}, "tp=3 does not divide the 32 heads of Llama-3.1-8B; 2, 4, 8, 16 do"),
        ({"tp": 0}, "tp=0 is not a whole number from 1 to 1,024"),
        ({"utilization": 0.9}, "utilization=0.9 is of vLLM, SGLang; add engine='vllm'"),
        (
            {"max_num_batched_tokens": 9, "engine": "transformers"},
            "max_num_batched_tokens=9 is of vLLM, SGLang, llama.cpp, Ollama; write engine='vllm' instead of",
        ),
        ({"utilization": 7, "engine": "vllm"}, "utilization=7 is not a share from 0.1 to 1"),
        ({"engine": "vlm"}, "unknown engine 'vlm'; nearest: vllm"),
        ({"kv": "fp9"}, "unknown cache type 'fp9'; nearest: fp"),
        ({"draft_layers": -1}, "draft_layers=-1 is not a whole number from 0 to 100"),
    ],
)
def test_an_option_that_cannot_be_is_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(LLMNumbersError) as caught:
        gpu_fit("llama-3.1-8b", gpu="L4", **options)
    assert str(caught.value).startswith(words)


# Bytes that are needed at least and at most, and that are free.
@pytest.mark.parametrize(
    ("low", "high", "free", "expected"),
    [
        (80, 100, 101, "fits"),
        (80, 100, 100, "fits"),
        (80, 100, 99, "tight"),
        (80, 100, 80, "tight"),
        (80, 100, 79, "does not fit"),
        (80, 100, None, None),
    ],
)
def test_the_verdict_at_each_end_of_the_range(low: int, high: int, free: int | None, expected: str) -> None:
    total = assumed("total_bytes", 90, "bytes", "a test", low=low, high=high)
    assert verdict(total, assumed("free_bytes", free, "bytes", "a test")) == expected


def test_the_verdict_follows_the_range() -> None:
    for gpu in ("T4", "L4", "RTX 4090", "RTX 5090", "A100 40GB"):
        fit = gpu_fit("qwen2.5-7b", gpu=gpu)
        total, free = fit["total_bytes"], value(fit, "free_bytes")
        expected = "fits" if total.high <= free else "tight" if total.low <= free else "does not fit"
        assert fit.verdict == expected
        assert total.low < total.value < total.high


def test_the_overhead_holds_what_vllm_measured() -> None:
    # Peak activation + non-torch memory on an H100: 4.76 + 0.13 GiB for Llama-3.1-8B, 5.64 + 0.14
    # for Qwen3-32B (llm-d-benchmark, empirical-vllm-memory-results.md); llama.cpp: 0.25 GiB + context.
    for model, measured_gib in [("llama-3.1-8b", 4.89), ("qwen3-32b", 5.78), ("llama-3.1-8b", 0.6)]:
        overhead = gpu_fit(model, gpu="H100 SXM")["overhead_bytes"]
        assert overhead.low <= measured_gib * GIB <= overhead.high


def test_the_largest_context_is_the_models_where_memory_allows_more() -> None:
    fit = gpu_fit("llama-3-8b", gpu="H200")
    assert fit["max_context_tokens"].value == 8_192
    assert "at most the 8,192" in fit["max_context_tokens"].note


def test_the_largest_context_is_zero_where_the_weights_do_not_fit() -> None:
    assert gpu_fit("llama-3.1-8b", gpu="T4")["max_context_tokens"].value == 0


def test_the_largest_context_of_a_size_has_no_cap() -> None:
    assert value(gpu_fit("1B", gpu="H200"), "max_context_tokens") > 1_000_000


def test_the_default_context_is_the_models_longest_if_that_is_less() -> None:
    assert gpu_fit("llama-2-7b", gpu="L4")["context_tokens"].value == 4_096


def test_more_context_than_the_model_has_is_said() -> None:
    fit = gpu_fit("llama-3-8b", context_tokens=100_000, gpu="H200")
    assert [note.level for note in fit.notes] == ["warning"]
    assert "100,000 tokens are more than the 8,192" in fit.notes[0].text


def test_a_gpu_with_variants_says_which_was_taken() -> None:
    assert "A100 40GB SXM is taken" in gpu_fit("1B", gpu="A100").notes[0].text


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"context_tokens": 0}, "context_tokens=0"),
        ({"context_tokens": -5}, "context_tokens=-5"),
        ({"context_tokens": 10**30}, "context_tokens=1000000"),
        ({"context_tokens": 1.5}, "context_tokens=1.5"),
        ({"context_tokens": True}, "context_tokens=True"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"batch_size": 10**30}, "batch_size=1000000"),
        ({"batch_size": None}, "batch_size=None"),
    ],
)
def test_bad_numbers_name_the_option_and_the_value(options: dict[str, Any], option: str) -> None:
    with pytest.raises(UsageError) as caught:
        gpu_fit("13B", gpu="T4", **options)
    message = str(caught.value)
    assert message.replace("'", "").startswith(option)
    assert "\n" not in message
    assert len(message) < 150


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "lama-3.1-8b"}, "unknown model 'lama-3.1-8b'; nearest: Llama-3.1-8B"),
        ({"model": "13B", "quant": "q4_k"}, "unknown quantisation 'q4_k'; nearest: q4_k_"),
        ({"model": "13B", "gpu": "RTX 4091"}, "unknown GPU 'RTX 4091'; nearest: RTX-4090"),
    ],
)
def test_unknown_names_offer_the_nearest(options: dict[str, str], words: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        gpu_fit(**{"gpu": "T4", **options})  # type: ignore[arg-type]
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    "options", [{"model": ""}, {"model": "13B", "gpu": ""}, {"model": "13B", "quant": ""}]
)
def test_an_empty_name_is_one_line(options: dict[str, str]) -> None:
    with pytest.raises(LLMNumbersError):
        gpu_fit(**{"gpu": "T4", **options})  # type: ignore[arg-type]


MODELS = st.sampled_from(["llama-3.1-8b", "qwen3-0.6b", "13B", "7B", "llama-3.3-70b"])
QUANTS = st.sampled_from([None, "fp8", "q4_k_m", "int4"])


@pytest.mark.slow
@settings(max_examples=40)
@given(
    MODELS, QUANTS, st.integers(1, 200_000), st.integers(1, 100_000), st.integers(1, 64), st.integers(1, 64)
)
def test_more_is_never_less(
    model: str, quant: str | None, context: int, more: int, batch: int, extra: int
) -> None:
    fit = gpu_fit(model, quant=quant, context_tokens=context, batch_size=batch, gpu="L40S")
    longer = gpu_fit(model, quant=quant, context_tokens=context + more, batch_size=batch, gpu="L40S")
    wider = gpu_fit(model, quant=quant, context_tokens=context, batch_size=batch + extra, gpu="L40S")
    for name in ("total_bytes", "kv_cache_bytes"):
        for other in (longer, wider):
            assert other[name].value >= fit[name].value
            assert other[name].high >= fit[name].high
    assert value(longer, "max_context_tokens") == value(fit, "max_context_tokens")
    assert value(wider, "max_context_tokens") <= value(fit, "max_context_tokens")


@settings(max_examples=30)
@given(MODELS, QUANTS, st.integers(1, 32))
def test_the_largest_context_fits(model: str, quant: str | None, batch: int) -> None:
    fit = gpu_fit(model, quant=quant, batch_size=batch, gpu="L40S")
    least = fit["max_context_tokens"].low
    if least:
        assert (
            gpu_fit(model, quant=quant, context_tokens=least, batch_size=batch, gpu="L40S").verdict == "fits"
        )


KINDS = [
    "gpt-oss-20b",
    "gemma-3-12b",
    "jamba-1.5-mini",
    "mistral-7b-v0.1",
    "qwen3-30b-a3b",
    "glm-4-9b-0414",
    "13B",
]
ENGINES = st.sampled_from([None, *known_engines()])


@settings(max_examples=60)
@given(st.sampled_from(KINDS), ENGINES, st.integers(1, 12), st.integers(1, 30_000))
def test_the_largest_context_and_batch_fit_with_every_engine(
    model: str, engine: str | None, batch: int, context: int
) -> None:
    options: dict[str, Any] = {"engine": engine, "gpu": "H200"}
    fit = gpu_fit(model, batch_size=batch, context_tokens=context, **options)
    longest, widest = fit["max_context_tokens"].low, fit["max_batch_size"].low
    if longest:
        assert gpu_fit(model, batch_size=batch, context_tokens=longest, **options).verdict == "fits"
    if widest:
        most = min(widest, SEQUENCES)
        assert gpu_fit(model, batch_size=most, context_tokens=context, **options).verdict == "fits"


@pytest.mark.parametrize("engine", known_engines())
def test_every_engine_of_the_table_answers_every_question(engine: str) -> None:
    assert gpu_fit("qwen3-4b", gpu="RTX 4090", engine=engine).verdict == "fits"
    too_large = gpu_fit("llama-3.1-70b", gpu="RTX 4090", engine=engine)
    assert too_large.verdict == "does not fit"
    assert any("it fits with" in note.text for note in too_large.notes)
    assert gpu_speed("llama-3.1-8b", gpu="RTX 4090", engine=engine)["tokens_per_s"].value > 0


def test_the_memory_of_a_container(tmp_path: Path) -> None:
    # cgroup v2: 2 GiB allowed, 1.5 GiB in use, half a GiB of that file pages that can be given up.
    for name, text in {
        "memory.max": f"{2 * GIB}\n",
        "memory.current": f"{3 * GIB // 2}\n",
        "memory.stat": f"anon 5\ninactive_file {GIB // 2}\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="ascii")
    memory = host_memory(tmp_path)
    assert memory.total_bytes == 2 * GIB
    assert memory.available_bytes == GIB
    assert "container" in memory.source.name


def test_a_container_without_a_limit(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n", encoding="ascii")
    assert "psutil" in host_memory(tmp_path).source.name


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys; import ipython_llmnumbers.estimates.memory.estimate; "
        "from ipython_llmnumbers import gpu_fit; "
        "gpu_fit('13B', gpu='T4'); "
        "print(sorted({'pynvml', 'psutil', 'IPython', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_named_gpus_hold_the_layers_together() -> None:
    one, two = (
        gpu_fit("llama-3.3-70b", quant="q4_k_m", engine="llama.cpp", gpu=gpu) for gpu in ("3090", "2x 3090")
    )
    assert (one.verdict, two.verdict) == ("does not fit", "fits")
    assert two["free_bytes"].value == 2 * one["free_bytes"].value
    assert two["weights_bytes"].value == one["weights_bytes"].value
    # ollama issue 9181: the compute buffer is on each GPU in full.
    assert two["overhead_bytes"].value == 2 * one["overhead_bytes"].value
    assert [part["layers_here"].value for part in two.parts] == [41, 40]


# Whole layers leave room on all but the last GPU, the more the longer the context: what is called the largest
# fits, and each GPU has logits of its own.
def test_the_largest_over_two_gpus_fits() -> None:
    for model, quant, batch in (("13B", "int4", 7), ("gpt-oss-20b", "fp8", 7)):
        scene: dict[str, Any] = {"gpu": "2x RTX 3090", "quant": quant, "batch_size": batch}
        fit = gpu_fit(model, context_tokens=100, **scene)
        longest, most = fit["max_context_tokens"].low, fit["max_batch_size"].low
        assert gpu_fit(model, context_tokens=longest, **scene).verdict == "fits"
        assert gpu_fit(model, context_tokens=100, **{**scene, "batch_size": most}).verdict == "fits"


def test_another_gpu_is_advised_with_the_count_that_stood_in_the_name() -> None:
    options: dict[str, Any] = {
        "quant": "fp8",
        "engine": "vllm==0.19",
        "context_tokens": 100_000,
        "batch_size": 2,
    }
    fit = gpu_fit("gpt-oss-120b", gpu="2x RTX 3090", **options)
    assert any("it fits with tp=2 gpu='A100-80GB-SXM'" in note.text for note in fit.notes)
    assert gpu_fit("gpt-oss-120b", gpu="A100-80GB-SXM", tp=2, **options).verdict == "fits"


def test_named_gpus_divide_the_model_in_vllm() -> None:
    eight = gpu_fit("llama-3.3-70b", engine="vllm", gpu="8xH100")
    same = gpu_fit("llama-3.3-70b", engine="vllm", gpu="H100", tp=8)
    assert eight.question.tp == 8
    assert eight["total_bytes"].value == same["total_bytes"].value
    # 64 heads go over two of three GPUs.
    assert gpu_fit("llama-3.3-70b", engine="vllm", gpu="3x H100").question.tp == 2


def test_a_machine_of_a_cloud_is_its_gpus() -> None:
    machine = gpu_fit("llama-3.3-70b", engine="llama.cpp", gpu="g5.12xlarge")
    assert machine.details.device == "4 × A10G"
    assert any("g5.12xlarge of AWS" in note.text for note in machine.notes)


def test_more_than_the_named_gpus_cannot_divide_a_model() -> None:
    for ask in (gpu_fit, gpu_speed):
        with pytest.raises(UsageError, match="tp=4 needs 4 GPUs and '2x H100' is 2"):
            ask("llama-3.3-70b", gpu="2x H100", tp=4)


def test_layers_over_two_gpus_are_as_fast_as_on_one() -> None:
    one, two = (
        gpu_speed("llama-3.3-70b", quant="q4_k_m", engine="llama.cpp", gpu=gpu) for gpu in ("3090", "2x 3090")
    )
    assert two["tokens_per_s"].value == one["tokens_per_s"].value
    assert len(two.parts) > len(one.parts) == 0
    assert two.details.device == "2 × RTX 3090"
    # Tensor parallel, eight of them are rented and used.
    machine = gpu_speed("llama-3.3-70b", gpu="p5.48xlarge")
    assert float(machine["usd_per_hour"].value) == 55.04
    assert machine["tokens_per_s"].value == gpu_speed("llama-3.3-70b", gpu="H100", tp=8)["tokens_per_s"].value


def test_named_gpus_train_together() -> None:
    assert gpu_train("llama-3.1-8b", gpu="8x A100-80GB")["n_gpus"].value == 8
    assert gpu_train("llama-3.1-8b", gpu="8x A100-80GB", n_gpus=4)["n_gpus"].value == 4

"""SGLang: what its start-up logs print, in the terms of `gpu_fit`."""

from __future__ import annotations

from typing import Any

import pytest

from ipython_llmnumbers import gpu_fit

GIB = 2**30

# "KV Cache is allocated. #tokens" of start-up logs, all in sgl-project/sglang but for the last two:
#   #4760   Llama 3.1 8B on an H100 of 79.65 GiB: 54.04 GiB, 442,678 tokens of 128 KiB, at 0.88
#   #13023  Llama 3.1 8B on a GPU with 44.00 GiB free, "mem_fraction_static=0.851"
#   #11716  Llama 3.3 70B on 8 × H200
#   vllm-project/vllm#21348    Qwen3-235B-A22B in FP8 on 4 × H100, --mem-fraction-static 0.93
#   xorbitsai/inference#3481   Qwen3 14B on a GPU with 47.24 GiB free
LOGS = [
    ("llama-3.1-8b", {"gpu": "H100 SXM", "engine": "sglang==0.4.4"}, 442_678),
    ("llama-3.1-8b", {"gpu": "L40S", "engine": "sglang==0.5.5"}, 183_133),
    ("llama-3.3-70b", {"gpu": "H200", "tp": 8, "engine": "sglang==0.5.4"}, 2_795_207),
    (
        "qwen3-235b-a22b",
        {"gpu": "H100 SXM", "tp": 4, "quant": "fp8", "engine": "sglang==0.4.9", "utilization": 0.93},
        367_404,
    ),
    ("qwen3-14b", {"gpu": "L20", "engine": "sglang==0.4.6"}, 91_749),
]


@pytest.mark.parametrize(("model", "options", "tokens"), LOGS)
def test_the_tokens_that_its_log_prints(model: str, options: dict[str, Any], tokens: int) -> None:
    fit = gpu_fit(model, **options)
    space, per_token = fit["kv_space_bytes"], fit["kv_bytes_per_token"].value
    assert space.value / per_token == pytest.approx(tokens, rel=0.03)
    assert space.low <= tokens * per_token <= space.high


# The share where none is given: 0.851 on 46,068 MiB (sglang#13023, November 2025), 0.83 on an H100 with
# graphs for prompts (sglang#39713, September 2026).
@pytest.mark.parametrize(
    ("gpu", "engine", "share"), [("L40S", "sglang==0.5.5", 0.851), ("H100 SXM", "sglang", 0.83)]
)
def test_the_share_that_it_takes_by_itself(gpu: str, engine: str, share: float) -> None:
    figures = {figure.name: figure for figure in gpu_fit("llama-3.1-8b", gpu=gpu, engine=engine).walk()}
    assert figures["utilization"].value == pytest.approx(share, abs=0.0005)


# A model that the share does not hold does not start, although the GPU would hold it: 125.65 GiB of weights
# at 0.88 of 137.9 GiB, and from 0.9113 on it would (SemiAnalysisAI/InferenceX#2128).
def test_it_does_not_start_where_its_share_does_not_hold_the_weights() -> None:
    fit = gpu_fit("llama-3.1-70b", gpu="H200", engine="sglang", utilization=0.92)
    assert fit.verdict == "does not fit"
    assert fit["kv_space_bytes"].high < 0
    with_more = gpu_fit("llama-3.1-70b", gpu="H200", engine="sglang", utilization=0.98)
    assert with_more["kv_space_bytes"].low > 0
    assert any("less for graphs and activations" in note.text for note in with_more.notes)


# "full_layer_tokens=375360, swa_layer_tokens=300288" (sglang#18039): windows have a pool of 0.8 of the
# tokens, whatever the window. gpt-oss-20b: 12 + 12 layers of 2 KiB a token. Gemma 3 has no such pool.
def test_windows_have_a_pool_of_their_own_in_some_models() -> None:
    per_token = {
        model: gpu_fit(model, gpu="H100 SXM", engine="sglang")["kv_bytes_per_token"].value
        for model in ("gpt-oss-20b", "gemma-3-12b")
    }
    assert per_token["gpt-oss-20b"] == pytest.approx(12 * 2_048 * (1 + 300_288 / 375_360), abs=1)
    assert per_token["gemma-3-12b"] == 48 * 2 * 8 * 256 * 2


def test_states_take_their_part_however_few_sequences_there_are() -> None:
    notes = [note.text for note in gpu_fit("qwen3.5-35b-a3b", gpu="H200", engine="sglang").notes]
    assert any("gives 47% of the space for the cache to states" in text for text in notes)


# `handle_gpu_memory_settings` in srt/arg_groups/memory_hook.py of 0.5.23; before 0.5.20 a 4090 had 2,048
# and 24.
@pytest.mark.parametrize(
    ("gpu", "engine", "tokens", "sequences"),
    [
        ("T4", "sglang", 2_048, 8),
        ("RTX 4090", "sglang==0.5.19", 2_048, 24),
        ("RTX 4090", "sglang", 4_096, 48),
        ("L40S", "sglang", 4_096, 32),
        ("A100 80GB SXM", "sglang", 8_192, 256),
        ("B200", "sglang", 16_384, 512),
    ],
)
def test_what_it_plans_on_a_gpu_of_each_size(gpu: str, engine: str, tokens: int, sequences: int) -> None:
    figures = {f.name: f.value for f in gpu_fit("qwen3-0.6b", gpu=gpu, engine=engine).walk()}
    assert (figures["batched_tokens"], figures["graph_sequences"]) == (tokens, sequences)

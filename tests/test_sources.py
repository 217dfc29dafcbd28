"""No number on the screen without its source: every figure of every magic is walked to the end."""

from __future__ import annotations

from functools import partial

import pytest

from ipython_llmnumbers import (
    count_tokens,
    estimate_cost,
    gpu_fit,
    gpu_speed,
    gpu_train,
    numbers,
    training_cost,
)
from ipython_llmnumbers.catalog.numbers_2023 import new_number_keys, number_keys
from ipython_llmnumbers.render import explain

ESTIMATES = {
    "tokens": lambda: count_tokens("hello world", "gpt-4o"),
    "tokens by ratio": lambda: count_tokens("hello world", "grok-4"),
    "cost": lambda: estimate_cost("hello world", model="gpt-4o", output_tokens=10),
    "comparison": lambda: estimate_cost("hello world", model="gpt-4o,grok-4,gemini-2.5-pro,Qwen/Qwen3-8B"),
    "fit": lambda: gpu_fit("llama-3.1-8b", gpu="A100-80GB", quant="q4_k_m", context_tokens=4096),
    "fit by size": lambda: gpu_fit("13B", gpu="T4"),
    "fit with vLLM": lambda: gpu_fit("gpt-oss-20b", gpu="H100", engine="vllm", tp=2, kv="fp8"),
    "fit with llama.cpp": lambda: gpu_fit("gemma-3-12b", gpu="T4", engine="llama.cpp", quant="q4_k_m"),
    "fit with transformers": lambda: gpu_fit(
        "jamba-1.5-mini", gpu="H200", engine="transformers", quant="nf4"
    ),
    "fit of a quantised size": lambda: gpu_fit(
        "70B", gpu="H100", quant="awq", context_tokens=4096, batch_size=2
    ),
    "fit here": lambda: gpu_fit("mistral-7b"),
    "training": lambda: gpu_train("llama-3.1-8b", method="full", gpu="A100 80GB SXM", n_gpus=8),
    "training and its cost": lambda: gpu_train(
        "llama-3.1-8b", method="qlora", gpu="RTX 4090", train_tokens=10**7
    ),
    "training by size": lambda: gpu_train("13B", method="lora"),
    "cost of training": lambda: training_cost("7B", train_tokens=1_400_000_000_000, gpu="H100"),
    "speed": lambda: gpu_speed("llama-3.1-8b", gpu="RTX 4090", quant="q4_k_m", context_tokens=4096),
    "speed of experts": lambda: gpu_speed(
        "gpt-oss-20b", gpu="H100 SXM", batch_size=4, tp=2, output_tokens=256
    ),
    "speed by size": lambda: gpu_speed("13B"),
    "numbers": numbers,
    "one number with an input": lambda: numbers("training_13b_cost", params=70e9),
    **{key: partial(numbers, key) for key in (*number_keys(), *new_number_keys())},
}


@pytest.fixture(params=ESTIMATES.values(), ids=ESTIMATES)
def estimate(request):
    return request.param()


def test_every_figure_says_how_it_is_known(estimate):
    figures = list(estimate.walk())
    assert figures
    for figure in figures:
        match figure.origin:
            case "published":
                assert figure.source.name, figure
                assert figure.source.checked, figure
            case "measured":
                assert figure.source.name, figure
                assert figure.source.checked, figure
            case "derived":
                assert figure.formula, figure
                assert figure.inputs, figure
            case "given" | "assumed":
                assert figure.note, figure
            case _:
                pytest.fail(f"known in no way that there is: {figure}")


def test_the_source_and_its_date_reach_the_screen_and_the_json(estimate):
    text = str(explain(estimate, None))
    plain = str(estimate.to_dict())
    published = [figure for figure in estimate.walk() if figure.origin == "published"]
    for figure in published:
        for shown in (text, plain):
            assert figure.source.name in shown
            assert figure.source.checked.isoformat() in shown
            assert (figure.source.url or "") in shown


def test_one_figure_can_be_explained_and_an_unknown_name_is_named():
    estimate = ESTIMATES["cost"]()
    explanation = estimate.explain("input_usd")
    assert "tokens * usd_per_mtok / 1_000_000" in explanation
    assert "2 * 2.5 / 1_000_000" in explanation
    with pytest.raises(KeyError, match="input_usd"):
        estimate.explain("nothing")

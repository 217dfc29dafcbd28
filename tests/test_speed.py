"""How fast a model runs and what its tokens cost, against published measurements."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ipython_llmnumbers import gpu_fit, gpu_speed
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.formulas.ratios import batching_speedup
from ipython_llmnumbers.formulas.speed import experts_read


# PyPI aiconfigurator-core 0.12.0, systems/silicon_sample.csv: ms for each output token, TensorRT-LLM
# vLLM and SGLang; prompts of 1,024 tokens.
@pytest.mark.parametrize(
    ("model", "options", "ms"),
    [
        ("llama-3.1-8b", {"context_tokens": 1536, "output_tokens": 512, "batch_size": 8}, 7.42),
        ("llama-3.1-8b", {"context_tokens": 1536, "output_tokens": 512, "batch_size": 128}, 19.26),
        ("llama-3.1-70b", {"quant": "fp8", "tp": 2, "batch_size": 4}, 17.41),
        ("llama-3.1-70b", {"quant": "fp8", "tp": 2, "batch_size": 64}, 28.77),
        ("llama-3.1-70b", {"quant": "fp8", "tp": 8, "batch_size": 4}, 9.11),
        ("Qwen3-32B", {"tp": 2, "batch_size": 8}, 15.90),
        ("Qwen3-32B", {"tp": 8, "batch_size": 64}, 13.28),
        ("gpt-oss-120b", {"tp": 4, "batch_size": 4}, 4.02),
        ("DeepSeek-R1", {"gpu": "H200", "tp": 8, "batch_size": 8}, 12.47),
        ("DeepSeek-R1", {"gpu": "H200", "tp": 8, "batch_size": 64}, 32.99),
        ("Llama-3.1-70B", {"gpu": "B200", "quant": "nvfp4", "batch_size": 32}, 15.11),
        ("Llama-3.1-70B", {"gpu": "B200", "quant": "nvfp4", "tp": 4, "batch_size": 16}, 8.80),
    ],
)
def test_measured_steps(model: str, options: dict[str, Any], ms: float) -> None:
    tokens = {"gpu": "H100 SXM", "context_tokens": 2048, "output_tokens": 1024, **options}
    speed = gpu_speed(model, **tokens)
    assert speed["step_s"].value * 1000 == pytest.approx(ms, rel=0.3)
    assert speed["step_s"].low * 1000 <= ms <= speed["step_s"].high * 1000


# mlc-ai/llm-perf-bench pull request 1; LLM-inference-speed-benchmarks issue 10; LitGPT's resource tables.
@pytest.mark.parametrize(
    ("model", "quant", "gpu", "engine", "tokens_per_s"),
    [
        ("llama-2-7b", "int4", "RTX 4090", "vllm", 191.0),
        ("llama-2-7b", "int4", "RTX 3090 Ti", "vllm", 166.7),
        ("llama-3-8b", "q6_k", "RTX 4090", "llama.cpp", 93.0),
        ("llama-2-7b", "bf16", "A100 40GB SXM", "transformers", 30.97),
        ("llama-2-13b", "bf16", "A100 40GB SXM", "transformers", 24.82),
    ],
)
def test_measured_speeds_of_one_sequence(
    model: str, quant: str, gpu: str, engine: str, tokens_per_s: float
) -> None:
    speed = gpu_speed(model, quant=quant, gpu=gpu, engine=engine, context_tokens=512)
    assert speed["tokens_per_s"].value == pytest.approx(tokens_per_s, rel=0.3)
    assert speed["tokens_per_s"].low <= tokens_per_s <= speed["tokens_per_s"].high


# NVIDIA's data sheet of the H100 SXM, dense: 989 TFLOPS in bf16, twice as many in FP8
# (https://www.nvidia.com/en-us/data-center/h100/). Other weights are unpacked and multiplied in 16 bits.
@pytest.mark.parametrize(
    ("quant", "tflops"),
    [("bf16", 989), ("fp8", 1_978), ("nvfp4", 1_978), ("int8", 989), ("int4", 989), ("q4_k_m", 989)],
)
def test_the_peak_at_which_each_type_is_multiplied(quant: str, tflops: int) -> None:
    speed = gpu_speed("llama-3.1-8b", gpu="H100 SXM", quant=quant)
    peaks = {figure.value for _, figure in speed["prefill_tokens_per_s"].walk() if "peak" in figure.name}
    assert peaks == {tflops * 10**12}


def test_a_batch_is_more_than_ten_times_one_query() -> None:
    # "> 10x: Throughput improvement from batching LLM requests", and the document's own example:
    # 5 s alone, 5.2 s for two, 10 s for 25.
    assert batching_speedup(25, 10, 5) == 12.5
    assert round(batching_speedup(2, 5.2, 5), 2) == 1.92
    speed = gpu_speed("13B", gpu="A100 80GB SXM", context_tokens=512)
    curve = {part["batch_size"].value: part["batching_speedup"].value for part in speed.parts}
    assert curve[1] == pytest.approx(1)
    assert 1.8 < curve[2] < 2  # a second query costs next to nothing
    assert curve[16] > 10
    assert list(curve.values()) == sorted(curve.values())


def test_the_curve_ends_where_memory_does() -> None:
    speed = gpu_speed("13B", gpu="A10G", quant="int4", context_tokens=4096)
    sizes = [part["batch_size"].value for part in speed.parts]
    assert sizes == [1, 2, 4]
    assert not any(note.level == "warning" for note in speed.notes)
    too_large = gpu_speed("70B", gpu="A10G")
    assert too_large.parts == ()
    assert any("does not fit A10G with vLLM" in note.text for note in too_large.notes)


def test_few_experts_are_read_for_few_tokens() -> None:
    # "Mixtral of Experts" (arXiv 2401.04088): 2 of 8 experts, 12.9B of 46.7B parameters.
    assert experts_read(8, 2, 1) == 2
    assert experts_read(8, 2, 1_000) == pytest.approx(8)
    alone = gpu_speed("Mixtral-8x7B", gpu="H200", quant="bf16")["read_weights_bytes"].value
    assert alone == pytest.approx(2 * 12_879_925_248, rel=0.02)
    full = gpu_speed("Mixtral-8x7B", gpu="H200", quant="bf16", batch_size=64)["read_weights_bytes"].value
    assert full == pytest.approx(2 * 46_702_792_704, rel=0.02)


@pytest.mark.slow
def test_more_never_goes_faster_for_one() -> None:
    def step(**options: Any) -> float:
        value: float = gpu_speed("llama-3.1-8b", **{"gpu": "H100 SXM", **options})["step_s"].value
        return value

    assert step(batch_size=64) > step(batch_size=4)
    assert step(context_tokens=32_768) > step(context_tokens=2_048)
    assert step(quant="bf16") > step(quant="fp8") > step(quant="int4")
    assert step(gpu="A100 80GB SXM") > step()
    assert step(context_tokens=2048, output_tokens=256) > step(context_tokens=2048, output_tokens=1024)
    assert step(engine="transformers") > step(engine="llama.cpp", quant="bf16") > step()
    assert step(kv="fp8", batch_size=64) < step(batch_size=64)


def test_dollars_for_a_million_tokens(user_table: Path) -> None:
    user_table.write_text(
        """
[[prices]]
model = "llama-3.1-8b"
input_usd_per_mtok = 0.01
output_usd_per_mtok = 0.02
source = "our contract"
checked = 2026-11-20
""",
        encoding="utf-8",
    )
    speed = gpu_speed("llama-3.1-8b", gpu="H100 SXM", batch_size=64)
    rent, rate = speed["usd_per_hour"].value, speed["tokens_per_s"].value
    assert rent == Decimal("6.88")  # p5.48xlarge by 8
    assert float(speed["own_usd_per_mtok"].value) == pytest.approx(6.88 / (3600 * rate) * 1e6)
    low = speed["api_usd_per_mtok"].low
    assert low == Decimal("0.02")
    ratio = speed["cost_against_api"]
    assert float(ratio.value) == pytest.approx(float(speed["own_usd_per_mtok"].value) / 0.02)
    double = gpu_speed("llama-3.1-8b", gpu="H100 SXM", batch_size=64, tp=2)
    assert double["usd_per_hour"].value == 2 * rent


def test_what_is_not_known_is_not_priced() -> None:
    speed = gpu_speed("llama-3.1-8b", gpu="RTX 4090", quant="int4")
    assert speed["usd_per_hour"].value is None
    assert speed["own_usd_per_mtok"].value is None
    assert speed["tokens_per_s"].value > 0
    assert gpu_speed("13B", gpu="H100 SXM")["api_usd_per_mtok"].value is None


def test_without_a_peak_only_what_memory_bounds_is_told() -> None:
    # Every GPU of the table reads its weights for longer than it computes so few tokens.
    few = gpu_speed("llama-2-7b", quant="int4", gpu="P40", context_tokens=512, batch_size=4)
    assert few["tokens_per_s"].value > 0
    assert few["prefill_tokens_per_s"].value is None
    many = gpu_speed("llama-2-7b", quant="int4", gpu="P40", context_tokens=512, batch_size=16)
    assert many["tokens_per_s"].value is None
    served = gpu_speed("llama-2-7b", quant="int4", gpu="P40", context_tokens=512, output_tokens=64)
    assert served["tokens_per_s"].value is None
    for row in read_table("hardware/gpus.toml")["gpus"]:
        if "bf16_tflops" in row and "bandwidth_gb_per_s" in row:
            read_s = 0.5 / row["bandwidth_gb_per_s"]  # a 4-bit weight
            compute_s = 4 * 2 / (row["bf16_tflops"] * 1000 * 0.35)
            assert compute_s < read_s, row["name"]


@pytest.mark.parametrize(("batch_size", "is_told"), [(1, True), (4, True), (5, False), (8, False)])
def test_four_sequences_are_few_enough_for_a_speed_without_a_peak(batch_size: int, is_told: bool) -> None:
    speed = gpu_speed("llama-2-7b", quant="int4", gpu="P40", context_tokens=512, batch_size=batch_size)
    assert (speed["tokens_per_s"].value is not None) == is_told


def test_a_speed_is_made_of_what_it_stands_on() -> None:
    speed = gpu_speed("gpt-oss-20b", gpu="H100 SXM", batch_size=4, tp=2, output_tokens=256)
    names = {figure.name for figure in speed.walk()}
    assert {"efficiency", "exchange_latency_s", "routing_latency_s", "experts_read", "mfu"} <= names
    assert "silicon_sample.csv" in speed.explain("step_s")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"context_tokens": 0}, "context_tokens=0"),
        ({"batch_size": -1}, "batch_size=-1"),
        ({"tp": 0}, "tp=0"),
        ({"output_tokens": 0}, "output_tokens=0"),
        ({"context_tokens": 100, "output_tokens": 100}, "output_tokens=100 leaves no prompt"),
        ({"engine": "ollama9"}, "unknown engine 'ollama9'"),
        ({"quant": "q99"}, "unknown quantisation"),
        ({"gpu": "banana"}, "unknown GPU"),
    ],
)
def test_a_bad_option_is_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(LLMNumbersError, match="^" + words) as caught:
        gpu_speed("llama-3.1-8b", **{"gpu": "H100 SXM", **options})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("engine", ["vllm", "llama.cpp", "transformers"])
@pytest.mark.parametrize(("model", "tp"), [("DeepSeek-V3", 8), ("gemma-3-27b", 1), ("llama-3.1-8b", 2)])
def test_the_cache_is_that_of_the_fit(model: str, tp: int, engine: str) -> None:
    options: dict[str, Any] = {
        "gpu": "H100",
        "engine": engine,
        "context_tokens": 2_000,
        "batch_size": 4,
        "tp": tp,
    }
    fit, speed = gpu_fit(model, **options), gpu_speed(model, **options)
    assert speed["kv_cache_bytes"].value == fit["kv_cache_bytes"].value

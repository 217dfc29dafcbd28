"""`%gpufit` asked about training, its cost and speed, in a real shell; and what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ipython_llmnumbers import gpu_speed, gpu_train
from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.figures import Estimate
from ipython_llmnumbers.render.layout import Layout
from ipython_llmnumbers.render.layouts import lay_out
from ipython_llmnumbers.render.renderers.html import html
from ipython_llmnumbers.render.renderers.markdown import markdown
from ipython_llmnumbers.render.renderers.text import text


def gpufit(shell: Any, line: str) -> Estimate:
    result = shell.run_line_magic("gpufit", line)
    assert isinstance(result, Estimate)
    return result


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("llama-3.1-8b --train qlora --gpu RTX-4090", {"method": "qlora", "precision": None}),
        ("llama-3.1-8b --train full --gpu H200 --optimizer adamw8bit", {"optimizer": "adamw8bit"}),
        ("llama-3.1-8b --train full --precision fp32 -g H200", {"precision": "fp32"}),
        ("llama-3.1-8b --train lora --checkpointing none --seq 4k -g H100", {"seq_tokens": 4000}),
        ("llama-3.1-8b --train lora --micro-batch 4 --rank 8 -g H100", {"micro_batch": 4, "lora_rank": 8}),
        ("llama-3.1-8b --train full --gpus 8 --zero 2 -g H100", {"n_gpus": 8, "zero_stage": 2}),
        ("llama-3.1-8b --train full --gpus 8 -g H100", {"n_gpus": 8, "zero_stage": None}),
        ("llama-3.1-8b --train full --offload all --gpus 2 -g H100", {"offload": "all"}),
        ("llama-3.1-8b --train lora --train-tokens 10M -g H100", {"train_tokens": 10_000_000}),
        ("llama-3.1-8b --train full --train-tokens 1T --gpus 64 -g H100", {"n_gpus": 64}),
        (
            "qwen3-4b --train grpo --generations 4 --seq 2k --out 1k -g H200",
            {"method": "grpo", "generations": 4},
        ),
        ("qwen3-4b --train grpo-qlora --generator colocate --utilization 0.4 -g H200", {"utilization": 0.4}),
        ("qwen3.5-9b --train grpo-lora --generator sleep --text-only -g H200", {"text_only": True}),
    ],
)
def test_training(shell: Any, line: str, expected: dict[str, object]) -> None:
    estimate = gpufit(shell, line)
    assert estimate.kind == "training"
    for name, value in expected.items():
        assert estimate.request[name] == value
    assert estimate.verdict is not None


@pytest.mark.parametrize(
    ("line", "switch"),
    [
        ("--train lora --seq 8k", "--chunked-loss"),
        ("--train full --precision bf16", "--step-in-backward"),
        ("--train lora --checkpointing selective", "--compile"),
    ],
)
def test_a_switch_of_training_makes_it_smaller(shell: Any, line: str, switch: str) -> None:
    without = gpufit(shell, f"llama-3.1-8b -g H200 {line}")["peak_bytes"].value
    assert gpufit(shell, f"llama-3.1-8b -g H200 {line} {switch}")["peak_bytes"].value < without


def test_the_price_of_making_a_model(shell: Any) -> None:
    estimate = gpufit(shell, "13B --train-tokens 1.4T --usd-per-hour 5")
    assert estimate.kind == "training_cost"
    assert estimate["scaled_usd"].value == 946_175
    text = str(estimate)
    assert "13B on 1.4T tokens" in text
    assert "$972,222–1,944,444" in text
    assert "LLaMA-13B took" in text


def test_speed(shell: Any) -> None:
    estimate = gpufit(shell, "llama-3.1-8b --speed -g H100-80GB-SXM -b 8 -c 1536 --out 512 --tp 2 -e vllm")
    assert estimate.kind == "speed"
    assert (estimate.request["batch_size"], estimate.request["output_tokens"]) == (8, 512)
    text = str(estimate)
    assert "2 × H100 80GB SXM" in text
    assert "Batches that fit" in text
    assert estimate["tokens_per_s"].value > 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("7B --optimizer adamw", "--optimizer is of --train; add it"),
        ("7B --zero 3", "--zero is of --train; add it"),
        ("7B --train lora --context 4k", "--context has no part in --train"),
        ("7B --train lora --speed", "--train and --speed are two questions"),
        ("7B --train-tokens 1T --speed", "--speed and --train-tokens are two questions"),
        ("7B --usd-per-hour 5", "--usd-per-hour is of --train or --train-tokens; add one"),
        ("7B --usd-per-hour five --train-tokens 1T", "--usd-per-hour five is not an amount of dollars"),
        ("7B --usd-per-hour 1e999 --train-tokens 1T", "is not an amount of dollars"),
        ("7B --out 100", "--out is of --train or --speed; add one"),
        ("7B --gpus 2", "--gpus is of --train or --train-tokens; add one"),
        ("7B --speed --utilization 0.9", "--utilization has no part in --speed"),
        ("7B --train-tokens many", "--train-tokens 'many' is not a whole number"),
        ("7B --train-tokens T", "is not a whole number"),
        ("7B --train rlhf", "--train rlhf is not one of full, lora, qlora"),
        ("7B --train ''", "--train '' is not one of full, lora, qlora"),
        ("7B --train-tokens 0", "--train-tokens 0 is not a whole number from 1"),
        ("7B --train-tokens xT", "--train-tokens 'xT' is not a whole number"),
    ],
)
def test_options_of_two_questions_are_one_line(shell: Any, line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        shell.run_line_magic("gpufit", line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_help_and_completion_name_the_options(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_line_magic("gpufit", "--help")
    text = capsys.readouterr().out
    for flag in ("--train METHOD", "--train-tokens TOKENS", "--speed", "--zero STAGE"):
        assert flag in text


@pytest.mark.parametrize("draw", [text, html, markdown])
@pytest.mark.parametrize(
    "estimate",
    [
        gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090", train_tokens=10_000_000),
        gpu_train("13B", n_gpus=8, gpu="A100 80GB SXM"),
        gpu_train("7B", method="lora"),
        gpu_speed("Mixtral-8x7B", gpu="H200", batch_size=16),
        gpu_speed("13B", gpu="P40", batch_size=16),
    ],
    ids=["qlora", "full", "no gpu", "mixture", "unknown speed"],
)
def test_every_estimate_is_drawn(estimate: Estimate, draw: Callable[[Layout], str]) -> None:
    drawn = draw(lay_out(estimate))
    assert estimate.details.model in drawn.replace("\\", "")
    for word in ("None", "nan", "Traceback"):
        assert word not in drawn


def test_training_as_text() -> None:
    drawn = str(gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090"))
    assert drawn.startswith("✔ fits  Train Llama-3.1-8B on RTX 4090")
    assert "█ Weights 5.3 GiB" in drawn
    unknown = str(gpu_speed("13B", gpu="P40", batch_size=16))
    assert "speed unknown" in unknown
    assert "Batches that fit" not in unknown

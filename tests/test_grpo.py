"""GRPO: what it holds beside a training step, against what was measured and published."""

from __future__ import annotations

from typing import Any

import pytest

from ipython_llmnumbers import gpu_fit, gpu_train
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.figures import Estimate

GIB = 2**30
A100 = "A100 80GB SXM"


def grpo(model: str, method: str = "grpo", **options: Any) -> Estimate:
    return gpu_train(model, method=method, **{"gpu": A100, **options})


# unsloth.ai/blog/grpo, "GRPO VRAM breakdown": Llama 3.1 8B, 20k tokens, 8 completions. With chunks the
# logits are of one sequence, 9.8 GB; one sequence's cache is 2.5 GB; vLLM's own weights 16 GB, in GiB 15.
def test_unsloths_breakdown() -> None:
    options: dict[str, Any] = {"seq_tokens": 20 * 1024, "output_tokens": 20 * 1024 - 1}
    chunked = grpo("llama-3.1-8b", "grpo-qlora", chunked_loss=True, **options)
    assert chunked["logits_bytes"].value / GIB == pytest.approx(9.8, abs=0.05)
    assert chunked["logits_bytes"].high == 4 * chunked["logits_bytes"].value
    one = grpo("llama-3.1-8b", "grpo-lora", micro_batch=1, **options)
    assert one["generation_bytes"].value / GIB == pytest.approx(2.5)
    asleep = grpo("llama-3.1-8b", "grpo-lora", generator="colocate", utilization=0.1, **options)
    assert asleep["generation_bytes"].value / GIB == pytest.approx(14.96 + 2.5, abs=0.01)


# huggingface/trl#3678: 2 sequences of 256 tokens of 151,665 words: one 32-bit tensor of logits is 310 MB,
# and a pass forward alone takes 902 - 44 MB.
def test_the_logits_of_a_pass_forward_are_the_least() -> None:
    logits = grpo("qwen2.5-0.5b", micro_batch=2, seq_tokens=512, output_tokens=256)["logits_bytes"]
    assert logits.low / 1e6 == pytest.approx((902 - 44) * 151_936 / 151_665, rel=0.01)
    assert logits.high / 1e6 == pytest.approx(4 * 310 * 151_936 / 151_665, rel=0.01)


# EasyR1, README, "Hardware Requirements" (as in HJYao00/R1-ShareVL): GRPO of all weights, with a vLLM that
# sleeps while the policy is trained and a reference model.
@pytest.mark.parametrize(
    ("model", "precision", "n_gpus", "gpu"),
    [
        ("qwen2.5-1.5b", "mixed", 2, "24GB"),
        ("qwen2.5-1.5b", "bf16", 1, "24GB"),
        ("qwen2.5-3b", "mixed", 4, "A100-40GB-SXM"),
        ("qwen2.5-3b", "bf16", 1, "A100-40GB-SXM"),
        ("qwen2.5-7b", "mixed", 8, "A100-40GB-SXM"),
        ("qwen2.5-7b", "bf16", 4, "A100-40GB-SXM"),
        ("qwen2.5-32b", "mixed", 16, "A100-80GB-SXM"),
        ("qwen2.5-32b", "bf16", 8, "A100-80GB-SXM"),
    ],
)
def test_the_gpus_that_easyr1_asks_for(model: str, precision: str, n_gpus: int, gpu: str) -> None:
    options: dict[str, Any] = {
        "precision": precision,
        "generator": "sleep",
        "tp": 4 if "32b" in model else 1,
        "micro_batch": 1,
        "seq_tokens": 4_096,
        "output_tokens": 2_048,
        "reference_model": True,
    }
    assert grpo(model, n_gpus=n_gpus, gpu=gpu, **options).verdict in {"fits", "tight"}
    assert grpo(model, n_gpus=n_gpus, gpu="12GB", **options).verdict == "does not fit"


def test_an_engine_that_several_gpus_hold_together() -> None:
    options: dict[str, Any] = {"n_gpus": 8, "generator": "sleep", "utilization": 0.1}
    one, four = (grpo("qwen2.5-32b", tp=tp, **options)["generation_bytes"].value for tp in (1, 4))
    assert four == pytest.approx(one / 4, rel=0.01)


# huggingface/trl#4585: Qwen3 0.6B, 20,480 tokens, one completion on each of 8 A10G of 24 GB, ZeRO-3 and a
# vLLM that sleeps: out of memory. What is divided is not the logits.
def test_more_gpus_do_not_divide_the_logits() -> None:
    long: dict[str, Any] = {"micro_batch": 1, "seq_tokens": 20_480, "output_tokens": 20_000}
    eight = grpo("qwen3-0.6b", gpu="8x A10G", generator="sleep", **long)
    assert eight.verdict == "does not fit"
    one = grpo("qwen3-0.6b", gpu="A10G", generator="sleep", **long)
    assert eight["logits_bytes"].value == one["logits_bytes"].value
    assert eight["weights_bytes"].value == one["weights_bytes"].value // 8
    # "use_liger_kernel=True" is the first advice there.
    assert grpo("qwen3-0.6b", gpu="8x A10G", generator="sleep", chunked_loss=True, **long).verdict == "tight"


# huggingface/trl#2688: vLLM beside the training at its own default, 0.9, leaves too little; TRL's default
# became 0.3.
def test_the_share_of_a_vllm_beside_the_training() -> None:
    options: dict[str, Any] = {"gpu": "H100-80GB-SXM", "generator": "colocate"}
    assert grpo("llama-3.2-1b", utilization=0.9, **options).verdict == "does not fit"
    usual = grpo("llama-3.2-1b", **options)
    assert usual["generation_bytes"].value == pytest.approx(0.3 * 79.18 * GIB, rel=0.01)


def test_a_generator_that_sleeps_takes_turns_with_the_step() -> None:
    def moment(generator: str) -> tuple[float, float]:
        found = grpo("qwen3-4b", "grpo-lora", generator=generator)
        return found["moment_bytes"].value, found["generation_bytes"].value

    server, none = moment("server")
    asleep, taken = moment("sleep")
    awake, _ = moment("colocate")
    assert none == 0
    assert asleep == max(server, taken)
    assert awake == server + taken


# The reference is a second policy; with adapters it is the policy without them (TRL, GRPOTrainer:
# `self.ref_model = None` for PEFT).
def test_the_reference_model() -> None:
    full = grpo("qwen3-4b", reference_model=True)
    assert full["reference_bytes"].value == full["weights_bytes"].value
    assert full["peak_bytes"].value == grpo("qwen3-4b")["peak_bytes"].value + full["reference_bytes"].value
    assert grpo("qwen3-4b", "grpo-lora", reference_model=True)["reference_bytes"].value == 0
    divided = grpo("qwen3-4b", reference_model=True, n_gpus=4)
    assert divided["reference_bytes"].value == full["reference_bytes"].value // 4


def test_a_group_is_trained_at_once_unless_a_step_is_told() -> None:
    assert grpo("qwen3-4b").details.micro_batch == 8
    group = grpo("qwen3-4b", generations=16)
    assert group.details.micro_batch == 16
    assert grpo("qwen3-4b", generations=16, micro_batch=4).details.micro_batch == 4
    assert group["logits_bytes"].value == 2 * grpo("qwen3-4b")["logits_bytes"].value


def test_the_cache_of_the_policy_is_that_of_the_fit() -> None:
    own = grpo("qwen3-4b", "grpo-lora", seq_tokens=4_096, micro_batch=4)
    fit = gpu_fit("qwen3-4b", gpu=A100, engine="transformers", context_tokens=4_096, batch_size=4)
    assert own["generation_bytes"].value == fit["kv_cache_bytes"].value


def test_what_is_advised_is_true() -> None:
    options: dict[str, Any] = {"gpu": "L40S", "generator": "colocate", "utilization": 0.7}
    estimate = grpo("qwen3-4b", "grpo-lora", **options)
    advice = [
        note.text.removeprefix("it fits with ") for note in estimate.notes if "it fits with" in note.text
    ]
    assert "generator='sleep'" in advice
    assert grpo("qwen3-4b", "grpo-lora", **{**options, "generator": "sleep"}).verdict == "fits"
    full = grpo("llama-3.1-8b", gpu="H100-80GB-SXM", seq_tokens=1_024)
    assert any("method='grpo-lora'" in note.text for note in full.notes)
    assert grpo("llama-3.1-8b", "grpo-lora", gpu="H100-80GB-SXM", seq_tokens=1_024).verdict == "fits"


# AutoModelForCausalLM loads no tower of Qwen3.5 (jsboige/CoursIA, vram_wall_probe.py).
def test_a_model_that_sees_is_trained_on_text() -> None:
    seeing, reading = grpo("qwen3.5-9b", "grpo-qlora"), grpo("qwen3.5-9b", "grpo-qlora", text_only=True)
    assert seeing["weights_bytes"].value - reading["weights_bytes"].value > 0.3 * GIB
    assert any("text_only=True" in note.text for note in seeing.notes)
    assert not any("text_only=True" in note.text for note in reading.notes)


def test_without_a_gpu_there_is_a_verdict_for_each_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from ipython_llmnumbers.estimates import devices
    from ipython_llmnumbers.probes.hardware.gpu_device import GpuReading

    monkeypatch.setattr(devices, "local_gpus", lambda: GpuReading(unavailable="no driver"))
    overview = gpu_train("qwen3-4b", method="grpo-lora", generator="colocate")
    assert overview["generation_bytes"].value is None
    assert overview.parts
    for part in overview.parts:
        alone = grpo("qwen3-4b", "grpo-lora", generator="colocate", gpu=part.subject)
        assert (part.verdict, part["total_bytes"].value) == (alone.verdict, alone["total_bytes"].value)


def test_what_is_shown(shell: Any) -> None:
    line = (
        "qwen3-4b --train grpo -g H200 --generator colocate --reference --generations 4 --seq 1024 --out 512"
    )
    text = str(shell.run_line_magic("gpufit", line))
    assert text.startswith("✔ fits  Train Qwen3-4B on H200")
    assert "GRPO, all weights, mixed, adamw" in text
    for words in (
        "Reference model",
        "an engine on the same GPU",
        "1,024 tokens × 4",
        "of what was generated",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "lora", "generator": "colocate"}, "generator='colocate' needs method='grpo'"),
        ({"method": "full", "reference_model": True}, "reference_model=True needs method='grpo'"),
        ({"method": "full", "output_tokens": 9}, "output_tokens=9 needs method='grpo'"),
        ({"utilization": 0.5}, "utilization=0.5 needs generator='colocate'"),
        ({"generator": "sglang"}, "generator='sglang' is not one of policy, colocate, sleep"),
        ({"seq_tokens": 512, "output_tokens": 512}, "output_tokens=512 leaves no prompt in seq_tokens=512"),
        ({"train_tokens": 10**9}, "train_tokens=1000000000 has no price with method='grpo'"),
        ({"generations": 0}, "generations=0 is not a whole number"),
        ({"tp": 2}, "tp=2 needs generator='colocate'"),
        ({"method": "full", "tp": 2}, "tp=2 needs method='grpo'"),
        ({"generator": "sleep", "tp": 3}, "tp=3 does not divide the 32 heads"),
        ({"generator": "sleep", "tp": 4, "n_gpus": 6}, "tp=4 does not divide the 6 GPUs"),
        ({"model": "bge-m3"}, "bge-m3 is an encoder and makes no completions"),
    ],
)
def test_what_cannot_be_is_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(LLMNumbersError) as caught:
        grpo(**{"model": "qwen3-4b", **options})
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)

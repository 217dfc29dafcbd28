"""One answer to each question of training and speed too, whichever display gives it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from test_one_answer import GPUS, MODELS, SCENES, advised, asked

from ipython_llmnumbers import gpu_fit, gpu_speed, gpu_train, training_cost
from ipython_llmnumbers.catalog.hardware.gpus import find_gpus
from ipython_llmnumbers.catalog.training_methods import known_optimizers, known_precisions
from ipython_llmnumbers.errors import LLMNumbersError, UsageError
from ipython_llmnumbers.figures import Estimate
from ipython_llmnumbers.render.layouts import lay_out
from ipython_llmnumbers.render.verdict_words import verdict_text

pytestmark = pytest.mark.no_cover  # the same lines hundreds of times

# A failing case is told as it was found: to shrink it takes minutes.
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
ENCODERS = {"bge-m3", "bge-large-en-v1.5"}
METHODS = ["full", "lora", "qlora", "grpo", "grpo-lora", "grpo-qlora"]
OF_GRPO = {
    "generator": st.sampled_from([None, "policy", "colocate", "sleep", "server"]),
    "generations": st.sampled_from([None, 2, 16]),
    "output_tokens": st.sampled_from([None, 64]),
    "reference_model": st.booleans(),
}
TRAININGS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "gpu": st.sampled_from([*GPUS, "2x RTX 3090", "8x H100"]),
        "method": st.sampled_from(METHODS),
        "precision": st.sampled_from([None, *known_precisions()]),
        "optimizer": st.sampled_from(known_optimizers()),
        "checkpointing": st.sampled_from(["none", "selective", "full"]),
        "seq_tokens": st.sampled_from([128, 2_048, 100_000]),
        "micro_batch": st.sampled_from([None, 1, 16]),
        "n_gpus": st.sampled_from([1, 1, 2, 64]),
        "zero_stage": st.sampled_from([None, 0, 1, 2, 3]),
        "offload": st.sampled_from(["none", "none", "optimizer", "all"]),
        "chunked_loss": st.booleans(),
        "text_only": st.booleans(),
    },
    optional=OF_GRPO,
)


def trained(scene: dict[str, Any]) -> Estimate:
    if not scene["method"].startswith("grpo"):
        scene = {name: value for name, value in scene.items() if name not in OF_GRPO}
    assume(not (scene["method"].startswith("grpo") and scene["model"] in ENCODERS))
    return gpu_train(**scene)


@settings(max_examples=40, deadline=None, phases=NO_SHRINKING)
@given(TRAININGS)
def test_no_two_displays_of_a_training_disagree(scene: dict[str, Any]) -> None:
    found = trained(scene)
    check_verdict(found)
    check_parts(found)
    check_shown(found)
    for change in advised(found):
        assert trained({**scene, **change}).verdict == "fits", change


def check_verdict(found: Estimate) -> None:
    total, free = found["total_bytes"], found["free_bytes"]
    expected = "fits" if total.high <= free.low else "tight" if total.low <= free.high else "does not fit"
    assert found.verdict == expected


def check_parts(found: Estimate) -> None:
    """The peak is what is there throughout and the worst moment; what is needed is more than the peak."""
    held = ["weights_bytes", "adapters_bytes", "gathered_bytes", "optimizer_bytes", "moment_bytes"]
    held += ["reference_bytes"] if "reference_bytes" in found else []
    assert found["peak_bytes"].value == sum(found[name].value for name in held)
    assert found["total_bytes"].value == found["peak_bytes"].value + found["overhead_bytes"].value
    for name in (*held, "peak_bytes", "total_bytes"):
        assert 0 <= found[name].low <= found[name].value <= found[name].high, name


def check_shown(found: Estimate) -> None:
    """The answer, the JSON and the line of text have one verdict and one peak."""
    assert lay_out(found).answer.verdict == found.verdict
    kept = json.loads(json.dumps(found.to_dict(), default=str))
    assert kept["verdict"] == found.verdict
    assert kept["figures"]["peak_bytes"]["value"] == found["peak_bytes"].value
    assert verdict_text(found) in " ".join(str(found).split())


# What is not trained is what is served: the same file in the same numbers.
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("method", "quant"), [("lora", "bf16"), ("grpo-qlora", "nf4-dq")])
def test_frozen_weights_are_those_of_the_fit(model: str, method: str, quant: str) -> None:
    method = method.removeprefix("grpo-") if model in ENCODERS else method
    frozen = gpu_train(model, method=method, gpu="B200")["weights_bytes"]
    served = gpu_fit(model, quant=quant, engine="transformers", gpu="B200")["weights_bytes"]
    assert (frozen.value, frozen.low, frozen.high) == (served.value, served.low, served.high)


@settings(max_examples=15, deadline=None, phases=NO_SHRINKING)
@given(TRAININGS, st.sampled_from([10**6, 10**9, 15 * 10**12]))
def test_the_cost_beside_a_training_is_the_cost_alone(scene: dict[str, Any], tokens: int) -> None:
    method = scene["method"].removeprefix("grpo-").replace("grpo", "full")
    scene = {**scene, "method": method}
    beside = trained({**scene, "train_tokens": tokens})
    names = ("model", "gpu", "n_gpus", "method", "text_only")
    alone = training_cost(train_tokens=tokens, **{name: scene[name] for name in names})
    for figure in alone.figures:
        if figure.name != "params":
            assert (figure.value, figure.low, figure.high) == (
                beside[figure.name].value,
                beside[figure.name].low,
                beside[figure.name].high,
            ), figure.name
    hours, days, n_gpus = (alone[name].value for name in ("gpu_hours", "days", "n_gpus"))
    assert hours is None or days * n_gpus * 24 == pytest.approx(hours)


def test_the_overview_s_verdicts_are_those_of_each_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    from ipython_llmnumbers.estimates import devices
    from ipython_llmnumbers.probes.hardware.gpu_device import GpuReading

    monkeypatch.setattr(devices, "local_gpus", lambda: GpuReading(unavailable="no driver"))
    for method in METHODS:
        overview = gpu_train("llama-3.1-8b", method=method)
        assert len(overview.parts) > 1
        for part in overview.parts:
            alone = gpu_train("llama-3.1-8b", method=method, gpu=part.subject)
            assert (part.verdict, part["total_bytes"].value) == (alone.verdict, alone["total_bytes"].value)


@settings(max_examples=15, deadline=None, phases=NO_SHRINKING)
@given(TRAININGS)
def test_a_count_in_the_gpu_s_name_is_the_number_of_gpus(scene: dict[str, Any]) -> None:
    assume(" " not in scene["gpu"])
    named = trained({**scene, "gpu": f"4x {scene['gpu']}", "n_gpus": 1})
    told = trained({**scene, "n_gpus": 4})
    for figure in named.figures:
        assert (figure.value, figure.low, figure.high) == (
            told[figure.name].value,
            told[figure.name].low,
            told[figure.name].high,
        ), figure.name
    assert named.verdict == told.verdict


@settings(max_examples=15, deadline=None, phases=NO_SHRINKING)
@given(SCENES)
def test_no_two_displays_of_a_speed_disagree(scene: dict[str, Any]) -> None:
    assume(scene["model"] not in {*ENCODERS, "whisper-large-v3"})
    try:
        speed = gpu_speed(**{**scene, "engine": scene["engine"] or "vllm"})
    except UsageError:  # GPUs that do not divide the heads
        assume(False)
        raise
    fit = asked({**scene, "engine": scene["engine"] or "vllm"})
    # One cache; and what a step reads is no more than what is loaded.
    assert speed["kv_cache_bytes"].value == fit["kv_cache_bytes"].value
    n_gpus = max(scene["tp"], find_gpus(scene["gpu"]).count)
    assert speed["read_weights_bytes"].low <= n_gpus * fit["weights_bytes"].high + 1
    batch = speed["batch_size"].value
    if speed["tokens_per_s"].value is None:
        return
    assert speed["tokens_per_s"].value == pytest.approx(batch / speed["step_s"].value)
    assert speed["sequence_tokens_per_s"].value == pytest.approx(speed["tokens_per_s"].value / batch)
    check_rows(speed, scene)


def check_rows(speed: Estimate, scene: dict[str, Any]) -> None:
    """A row is what asking for it gives: the first, the last, and that of the asked batch."""
    own = [part for part in speed.parts if part["batch_size"].value == scene["batch_size"]]
    for part in (*speed.parts[:1], *speed.parts[-1:], *own):
        size = part["batch_size"].value
        alone = gpu_speed(**{**scene, "engine": scene["engine"] or "vllm", "batch_size": size})
        for name in ("tokens_per_s", "sequence_tokens_per_s", "own_usd_per_mtok"):
            assert part[name].value == alone[name].value, (name, size)


def test_what_is_refused_is_refused_alike() -> None:
    for ask in (
        lambda: gpu_train("13B", gpu="0x H100"),
        lambda: training_cost("13B", train_tokens=9, gpu="0x H100"),
    ):
        with pytest.raises(LLMNumbersError) as caught:
            ask()
        assert "\n" not in str(caught.value)

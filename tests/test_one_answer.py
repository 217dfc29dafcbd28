"""One "fits" everywhere: whatever shows that something fits asks one function; what is advised is true."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ipython_llmnumbers import gpu_fit, gpu_speed
from ipython_llmnumbers.catalog.hardware.engines import find_engine, known_engines
from ipython_llmnumbers.catalog.hardware.gpus import find_gpus
from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.estimates.memory import estimate
from ipython_llmnumbers.figures import Estimate
from ipython_llmnumbers.magics.flags import as_flag
from ipython_llmnumbers.messages import said, speaking
from ipython_llmnumbers.probes.hardware.gpu_device import GpuReading
from ipython_llmnumbers.render.line import fit_parts

pytestmark = pytest.mark.no_cover  # the same lines hundreds of times

START = "it fits with "


def advised(fit: Estimate) -> list[dict[str, Any]]:
    """The changes that are advised, as keywords of `gpu_fit`."""
    texts = [note.text.removeprefix(START) for note in fit.notes if note.text.startswith(START)]
    return [
        {
            name: _typed(value)
            for name, value in (word.split("=") for word in shlex.split(text) if "=" in word)
        }
        for text in texts
    ]


def _typed(value: str) -> Any:
    try:
        return True if value == "True" else int(value)
    except ValueError:
        return value if not value.replace(".", "").isdecimal() else float(value)


# One of each kind: dense, a mixture in MXFP4, windows, latents, states, encoders, a tower, a bare size.
MODELS = [
    *("llama-3.1-8b", "llama-3.1-70b", "gpt-oss-20b", "gpt-oss-120b", "gemma-3-27b", "deepseek-r1"),
    *("jamba-1.5-mini", "mamba-2.8b", "qwen3-30b-a3b", "qwen3.5-9b", "phi-3-mini-4k", "bge-m3"),
    *("bge-large-en-v1.5", "whisper-large-v3", "13B"),
]
GPUS = ["T4", "RTX-3060-12GB", "RTX-4090", "L40S", "A100-80GB", "H100-80GB-SXM", "H200", "B200"]
# Several by their name, and memory that is shared with the machine.
OTHER_GPUS = ["2x RTX 3090", "M4 Max 128GB"]
SCENES = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "gpu": st.sampled_from([*GPUS, *OTHER_GPUS]),
        "engine": st.sampled_from([None, *known_engines(), "vllm==0.11", "vllm==0.19", "sglang==0.5.2"]),
        "context_tokens": st.sampled_from([1, 100, 512, 2_048, 8_192, 100_000, 1_000_000]),
        "batch_size": st.sampled_from([1, 2, 7, 64, 1_000]),
        "quant": st.sampled_from([None, "fp8", "int4", "q4_k_m"]),
        "kv": st.sampled_from([None, None, "fp8", "q8_0"]),
        "tp": st.sampled_from([1, 1, 2]),
        "text_only": st.sampled_from([False, False, True]),
    }
)


# What is loaded beside the model, and how much is read at once.
BESIDE = st.fixed_dictionaries(
    {},
    optional={
        "draft": st.sampled_from(["qwen3-0.6b", "gemma-3-1b"]),
        "max_lora_rank": st.sampled_from([8, 256]),
        "max_loras": st.sampled_from([1, 100]),
        "max_num_batched_tokens": st.sampled_from([256, 16_384]),
    },
)


def asked(scene: dict[str, Any]) -> Estimate:
    try:
        return gpu_fit(**scene)
    except UsageError:  # GPUs that do not divide the heads
        assume(False)
        raise


@settings(max_examples=60)
@given(SCENES, BESIDE)
def test_no_two_displays_disagree(scene: dict[str, Any], beside: dict[str, Any]) -> None:
    takes = find_engine(scene["engine"]).takes if scene["engine"] else ()
    scene |= {name: value for name, value in beside.items() if name == "draft" or name in takes}
    fit = asked(scene)
    check_verdict(fit)
    check_largest(fit, scene)
    for change in advised(fit):
        assert gpu_fit(**{**scene, **change}).verdict == "fits", change


def check_verdict(fit: Estimate) -> None:
    total, free = fit["total_bytes"], fit["free_bytes"]
    expected = "fits" if total.high <= free.low else "tight" if total.low <= free.high else "does not fit"
    assert fit.verdict == expected
    assert (fit["left_bytes"].low > 0) <= (fit.verdict == "fits")


def check_largest(fit: Estimate, scene: dict[str, Any]) -> None:
    """What is called the largest fits at its lower end, and nothing past its upper end does."""
    for option, name in (("context_tokens", "max_context_tokens"), ("batch_size", "max_batch_size")):
        largest = fit[name]
        if largest.value is None:
            continue
        assert largest.low <= largest.value <= largest.high
        if fit.verdict == "fits":
            own = fit["context_tokens"].value if option == "context_tokens" else fit["batch_size"].value
            bound = _longest(fit) if option == "context_tokens" else None
            assert largest.low >= min(own, bound or own)
        if fit.verdict == "does not fit" and option == "batch_size":
            assert largest.high < scene["batch_size"]
        if 0 < largest.low <= 1_000_000:
            assert gpu_fit(**{**scene, option: largest.low}).verdict == "fits"


def _longest(fit: Estimate) -> int | None:
    """The context that the model was made for, where the largest is bounded by it."""
    found = [
        each.value for _, each in fit["max_context_tokens"].walk() if each.name == "model_context_tokens"
    ]
    if found and found[0]:
        assert fit["max_context_tokens"].high <= found[0]
        return int(found[0])
    return None


@settings(max_examples=25)
@given(SCENES)
def test_the_batches_of_a_speed_are_those_that_fit(scene: dict[str, Any]) -> None:
    assume(scene["model"] not in {"whisper-large-v3"})
    scene = {**scene, "engine": scene["engine"] or "vllm"}
    fit = asked(scene)
    speed = gpu_speed(**{**scene, "engine": scene["engine"]})
    sizes = {part["batch_size"].value: part.verdict for part in speed.parts}
    assert sizes.get(scene["batch_size"], "does not fit") == fit.verdict
    assert any("the speed is of one that it would fit" in note.text for note in speed.notes) == (
        fit.verdict == "does not fit"
    )
    most = fit["max_batch_size"].high
    assert most is None or all(size <= most for size in sizes)


def test_the_overview_s_verdicts_are_those_of_each_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "local_gpus", lambda: GpuReading(unavailable="no driver"))
    overview = gpu_fit("llama-3.1-8b", context_tokens=20_000)
    assert len(overview.parts) > 3
    for part in overview.parts:
        alone = gpu_fit("llama-3.1-8b", context_tokens=20_000, gpu=part.subject)
        assert (part.verdict, part["max_context_tokens"].value) == (
            alone.verdict,
            alone["max_context_tokens"].value,
        )


# Weights and cache alone hold 16 sequences of 2,048 tokens; vLLM needs room beside them.
def test_the_batches_of_a_70b_on_one_gpu() -> None:
    speed = gpu_speed("llama-3.1-70b", quant="fp8", gpu="H100", context_tokens=2_048)
    assert all(part["batch_size"].value <= 5 for part in speed.parts)


# openai/gpt-oss-120b is published in MXFP4 alone; H100 and A100 80GB show a program 79.18 and 79.15 GiB.
def test_no_build_is_advised_that_does_not_exist_and_no_gpu_of_the_same_size() -> None:
    for engine in known_engines():
        fit = gpu_fit(
            "gpt-oss-120b", gpu="H100-80GB-SXM", engine=engine, context_tokens=100_000, batch_size=64
        )
        for change in advised(fit):
            assert "quant" not in change
            if "gpu" in change:
                found = find_gpus(change["gpu"])
                assert found.count * found.gpu.memory_bytes > 1.05 * fit["free_bytes"].value


# vLLM skips what sees with --language-model-only (vllm-project/vllm#22299).
def test_leaving_out_the_tower_is_advised_where_it_is_enough() -> None:
    options: dict[str, Any] = {"gpu": "RTX-3090", "engine": "transformers", "context_tokens": 1_024}
    assert {"text_only": True} in advised(gpu_fit("gemma-3-12b", **options))
    assert gpu_fit("gemma-3-12b", text_only=True, **options).verdict == "fits"


def test_what_is_advised_can_be_typed(shell: Any) -> None:
    fit = gpu_fit("llama-3.3-70b", gpu="H100-80GB-SXM", engine="vllm", batch_size=4)
    with speaking("en", as_flag):
        lines = [said(note.text).removeprefix(START) for note in fit.notes if START in note.text]
    assert len(lines) >= 3
    for line in lines:
        option = line.partition(" (")[0]
        words = f"llama-3.3-70b -e vllm {option}"
        given = [word for word in ("--gpu H100-80GB-SXM", "--batch 4") if word.split()[0] not in option]
        assert shell.run_line_magic("gpufit", " ".join([words, *given])).verdict == "fits"


# bge-large-en-v1.5 on a T4: one hidden state of 113,529 texts of 512 tokens would be 238 GB.
@pytest.mark.parametrize("engine", [None, *known_engines()])
def test_an_encoder_is_bounded_by_what_it_computes(engine: str | None) -> None:
    options: dict[str, Any] = {"gpu": "T4", "engine": engine, "context_tokens": 512}
    largest = gpu_fit("bge-large-en-v1.5", **options)["max_batch_size"]
    one_state = 512 * 1_024 * 4
    assert 32 < largest.low <= largest.high < 16 * 2**30 / one_state
    assert gpu_fit("bge-large-en-v1.5", batch_size=512, **options)["max_batch_size"].value == largest.value
    assert gpu_fit("bge-large-en-v1.5", batch_size=100_000, **options).verdict == "does not fit"


# FlagOpen/FlagEmbedding#807: bge-m3 asked for 128.00 GiB at once for 32 texts of 8,192 tokens.
def test_eager_attention_of_an_encoder_is_said() -> None:
    fit = gpu_fit(
        "bge-m3", gpu="H200", quant="fp32", engine="transformers", batch_size=32, context_tokens=8_192
    )
    assert any("eager attention it asks for 128.00 GiB more at once" in note.text for note in fit.notes)
    short = gpu_fit("bge-m3", gpu="H200", batch_size=32, context_tokens=128)
    assert not any("eager" in note.text for note in short.notes)


def test_a_context_beyond_the_model_s_is_in_the_verdict_s_line() -> None:
    beyond = gpu_fit("llama-3.1-8b", gpu="H100", context_tokens=200_000)
    words = "but the model was made for 131,072 tokens"
    assert beyond.verdict == "fits"
    assert words in repr(beyond)
    assert f"fits, {words}" in next(fit_parts(beyond))
    within = gpu_fit("llama-3.1-8b", gpu="H100", context_tokens=131_072)
    assert "made for" not in repr(within)

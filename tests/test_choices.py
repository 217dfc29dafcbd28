"""What fits: the models of a machine, and the machines of a model, as people report that they run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_gpu_probe import run

from ipython_llmnumbers import gpu_fit, gpu_speed, gpus_that_fit, models_that_fit
from ipython_llmnumbers.catalog.open_models.find import find_model, known_models, text_models
from ipython_llmnumbers.catalog.open_models.generations import generation
from ipython_llmnumbers.catalog.open_models.quants import find_quant
from ipython_llmnumbers.errors import ParameterError, UnknownNameError, UsageError
from ipython_llmnumbers.estimates.memory.weights import least_weights_bytes, weights_figure

# -- which models fit ---------------------------------------------------------------------

# AlexsJones/llmfit#773 and #778: an RTX 2080 of 8 GB, llama.cpp, Q4_K_M, 4,096 tokens, one slot.
WHOLE = [
    *("Llama-3.2-1B", "Llama-3.2-3B", "Gemma-2-2B", "Phi-3.5-mini", "Mistral-7B-v0.3", "Qwen2.5-7B"),
    *("Falcon3-7B", "Llama-3.1-8B", "Qwen3-4B", "Qwen3-8B"),
]
# The same, with layers in RAM (#774, #775, #778): none of them fits whole.
PARTLY = [
    "Gemma-3-12B",
    "Qwen3-14B",
    "Phi-4",
    "Qwen2.5-14B",
    "Mistral-Small-24B",
    "Gemma-2-27B",
    "Qwen3-30B-A3B",
]


@pytest.fixture(scope="module")
def on_8gb() -> Any:
    return models_that_fit(vram="8GiB", quant="q4_k_m", context_tokens=4096, most=200)


@pytest.mark.parametrize("model", WHOLE)
def test_what_people_run_whole_on_8_gb_is_listed(on_8gb: Any, model: str) -> None:
    part = on_8gb.part(model)
    assert part.verdict in {"fits", "tight"}
    assert part["max_context_tokens"].value > 4096


@pytest.mark.parametrize("model", PARTLY)
def test_what_they_could_not_is_not(on_8gb: Any, model: str) -> None:
    assert model not in on_8gb


@pytest.mark.parametrize(
    ("model", "vram", "engine"),
    [
        # github.com/openai/gpt-oss, README.md: "within 16GB of memory", "a single 80GB GPU".
        ("gpt-oss-20b", "16GiB", "llama.cpp"),
        ("gpt-oss-120b", "80GiB", "vllm"),
        # mistral.ai/news/mistral-small-3-1: "a single RTX 4090 or a Mac with 32GB RAM", once quantized.
        ("Mistral-Small-3.1-24B", "24GiB", "llama.cpp"),
        # developers.googleblog.com, Gemma 3 QAT: the 27B in int4 on one RTX 3090.
        ("Gemma-3-27B", "24GiB", "llama.cpp"),
        # runpod-workers/worker-vllm#68: a 70B in 4 bits on 48 GB.
        ("Llama-3-70B", "48GiB", "vllm"),
    ],
)
def test_what_makers_say_of_one_gpu(model: str, vram: str, engine: str) -> None:
    assert model in models_that_fit(vram=vram, engine=engine, most=200)


def test_an_unquantised_70b_is_not_listed_on_48_gb() -> None:
    """runpod-workers/worker-vllm#68: "unquantified 70B won't fit on 48GB"."""
    assert "Llama-3-70B" not in models_that_fit(vram="48GiB", engine="vllm", quant="bf16", most=200)


def test_a_listed_model_fits_when_it_is_asked_by_itself_and_in_no_more_bits() -> None:
    found = models_that_fit(vram="24GiB", most=15)
    for part in found.parts:
        asked = {"gpu": "24GiB", "engine": "llama.cpp"}
        alone = gpu_fit(part.subject, quant=part.details.quant, **asked)
        assert alone.verdict == part.verdict == "fits"
        assert alone["total_bytes"].value == part["total_bytes"].value
        assert alone["max_context_tokens"].value == part["max_context_tokens"].value
        if part.details.quant in {"q5_k_m", "q4_k_m"}:
            heavier = {"q5_k_m": "q8_0", "q4_k_m": "q5_k_m"}[part.details.quant]
            assert gpu_fit(part.subject, quant=heavier, **asked).verdict != "fits"


def test_the_speed_is_that_of_the_same_question() -> None:
    part = models_that_fit(gpu="RTX 4090", most=1).parts[0]
    alone = gpu_speed(part.subject, quant=part.details.quant, gpu="RTX 4090", engine="llama.cpp")
    assert part["tokens_per_s"].value == alone["sequence_tokens_per_s"].value
    assert models_that_fit(vram="24GB", most=1).parts[0]["tokens_per_s"].value is None


def test_the_newest_of_each_family_come_first_and_then_the_largest() -> None:
    parts = models_that_fit(vram="24GiB", most=100).parts
    order = [(not part.details.is_newest, -part["params"].value) for part in parts]
    assert order == sorted(order)
    newest = {part.details.family: part.details.generation for part in parts if part.details.is_newest}
    assert newest["qwen"] == 3.6
    assert newest["llama"] == 3.2  # of those that fit: no Llama 4 is so small
    for part in parts:
        assert part.details.generation <= newest[part.details.family]


def test_every_known_model_has_a_family() -> None:
    for name in known_models():
        family, number = generation(name)
        assert family
        assert 0 <= number < 20, name


def test_ram_takes_what_no_gpu_does() -> None:
    found = models_that_fit(vram="8GB", ram="64GB", most=200)
    places = {part.subject: part.details.place for part in found.parts}
    assert places["Llama-3.2-3B"] == "gpu"
    assert places["Qwen3-30B-A3B"] == "both"
    assert found.part("Qwen3-30B-A3B")["tokens_per_s"].value is None  # of a GPU by its size alone
    assert "(GPU + RAM)" in str(found)
    assert {part.details.place for part in models_that_fit(ram="64GB", most=9).parts} == {"ram"}


def test_the_speed_over_gpu_and_ram_is_that_of_the_same_question() -> None:
    """AlexsJones/llmfit#778: Mistral-Small-24B with 16 layers on the GPU made 5.2 tokens a second there."""
    found = models_that_fit(gpu="RTX 2080", ram="64GB", quant="q4_k_m", context_tokens=4096, most=14)
    part = found.part("Mistral-Small-3.1-24B")
    alone = gpu_fit(
        "Mistral-Small-3.1-24B",
        gpu="RTX 2080",
        ram="64GB",
        quant="q4_k_m",
        context_tokens=4096,
        engine="llama.cpp",
    )
    assert part.details.place == "both"
    assert part["tokens_per_s"].value == alone["tokens_per_s"].value
    assert part["tokens_per_s"].low < 5.2 < part["tokens_per_s"].high


@pytest.mark.parametrize(
    ("model", "gpu", "ram", "quant"),
    [
        # ggml-org/llama.cpp#15077: the 120b with its experts in RAM, 25 tokens/s.
        ("gpt-oss-120b", "RTX 3090", "64GB", None),
        # 42.5 GB of Q4_K_M over 24 GB and 32 GB of RAM.
        ("Llama-3.3-70B", "RTX 3090", "32GB", "q4_k_m"),
        ("Llama-4-Scout-17B-16E", "RTX 3090", "64GB", "q4_k_m"),
    ],
)
def test_what_fits_gpus_and_ram_together_is_listed(model: str, gpu: str, ram: str, quant: str | None) -> None:
    part = models_that_fit(gpu=gpu, ram=ram, quant=quant, most=40).part(model)
    alone = gpu_fit(model, gpu=gpu, ram=ram, engine="llama.cpp", quant=quant)
    assert part.details.place == "both"
    assert part.verdict == alone.verdict == "fits"
    for name in ("total_bytes", "tokens_per_s", "max_context_tokens", "free_bytes"):
        assert part[name].value == alone[name].value, name


def test_the_list_has_what_fits_by_itself_and_in_no_fewer_bits() -> None:
    """Over a GPU and RAM too: one quantisation heavier does not fit, none that fits is left out."""
    where: dict[str, Any] = {"gpu": "RTX 3090", "ram": "32GB", "engine": "llama.cpp"}
    found = models_that_fit(**where, most=12)
    heavier = {"iq3_m": "q4_k_m", "q4_k_m": "q5_k_m", "q5_k_m": "q8_0"}
    split = [part for part in found.parts if part.details.place == "both"]
    assert split
    for part in split:
        if part.details.quant in heavier:
            more = gpu_fit(part.subject, quant=heavier[part.details.quant], **where)
            assert more.verdict != "fits", part.subject


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_an_engine_that_runs_nothing_in_ram_lists_nothing_there(engine: str) -> None:
    with_ram, without = (
        models_that_fit(gpu="RTX 3090", ram=ram, engine=engine, most=9) for ram in ("64GB", None)
    )
    assert {part.details.place for part in with_ram.parts} == {"gpu"}
    assert [part.subject for part in with_ram.parts] == [part.subject for part in without.parts]
    assert any("runs no layers in RAM: ram='64GB' is left out" in note.text for note in with_ram.notes)


def test_the_smallest_of_unequal_gpus_decides_for_an_engine_that_divides() -> None:
    unequal = models_that_fit(gpu="RTX 3090, RTX 3060 12GB", engine="vllm", most=20)
    equal = models_that_fit(gpu="2x RTX 3060 12GB", engine="vllm", most=20)
    assert unequal.details.device == "RTX 3090 + RTX 3060 12GB"
    assert [part.subject for part in unequal.parts] == [part.subject for part in equal.parts]
    for part in unequal.parts[:4]:
        alone = gpu_fit(part.subject, quant=part.details.quant, gpu="RTX 3090, RTX 3060 12GB", engine="vllm")
        assert part["total_bytes"].value == alone["total_bytes"].value
    assert "GiB each" in str(unequal)


def test_a_machine_is_named_by_all_that_is_meant() -> None:
    assert models_that_fit(gpu="RTX 3090", ram="64GB", most=1).details.device == "RTX 3090 + RAM"
    # DDR5-5600 says its speed, as beside a model.
    assert models_that_fit(ram="32GB DDR5-5600", most=1).details.device == "RAM"


# Apple: a Mac's GPU has no memory of its own; a Mac Studio with an M2 Max is sold with 32, 64 or 96 GB.
def test_the_ram_of_a_mac_is_the_memory_of_its_gpu() -> None:
    told = models_that_fit(gpu="M2 Max", ram="64GB", most=9)
    named = models_that_fit(gpu="M2 Max 64GB", most=9)
    assert told.details.device == named.details.device == "M2 Max 64GB"
    assert [part.subject for part in told.parts] == [part.subject for part in named.parts]
    asked: dict[str, Any] = {"quant": "q4_k_m", "engine": "llama.cpp"}
    alone = gpu_fit("llama-3.3-70b", gpu="M2 Max", ram="64GB", **asked)
    assert (
        alone["free_bytes"].value == gpu_fit("llama-3.3-70b", gpu="M2 Max 64GB", **asked)["free_bytes"].value
    )


def test_a_context_that_is_asked_for_is_that_of_every_row() -> None:
    """config.json: Llama 4 Scout was made for 10M tokens, gpt-oss-120b for 131,072."""
    found = models_that_fit(gpu="H200", context_tokens=1_000_000, most=200)
    assert "Llama-4-Scout-17B-16E" in found
    assert "gpt-oss-120b" not in found
    longest = [part["max_context_tokens"].value for part in found.parts]
    assert all(each is None or each >= 1_000_000 for each in longest)
    assert any("models were made for fewer tokens and are left out" in note.text for note in found.notes)
    machines = gpus_that_fit("llama-3.1-8b", context_tokens=1_000_000, most=1)
    assert "1,000,000 tokens are more than the 131,072" in str(machines)


def test_what_writes_no_text_is_not_listed() -> None:
    """Qwen3-Embedding is a Qwen3 that makes vectors (huggingface.co/Qwen/Qwen3-Embedding-4B)."""
    found = models_that_fit(vram="24GiB", most=200)
    assert not [part.subject for part in found.parts if "mbedding" in part.subject]
    assert found.details.n_tried > 100


def test_several_gpus_hold_more_than_one() -> None:
    one, two = (models_that_fit(vram=vram, quant="q4_k_m", most=200) for vram in ("24GiB", "2x 24GiB"))
    assert "Llama-3.3-70B" not in one
    assert "Llama-3.3-70B" in two  # 42.5 GB of Q4_K_M over 48 GB


def test_more_memory_loses_no_model() -> None:
    before: set[str] = set()
    for size in ("4GiB", "16GiB", "80GiB"):
        found = {part.subject for part in models_that_fit(vram=size, most=300).parts}
        assert before <= found, size
        before = found
    assert len(before) > 90


def test_how_many_more_there_are_is_said() -> None:
    found = models_that_fit(vram="24GB", most=5)
    assert len(found.parts) == 5
    assert f"{found.details.n_fitting - 5} more fit; most lists more" in str(found)


@pytest.mark.parametrize(
    ("asked", "error", "problem"),
    [
        ({"gpu": "T4", "vram": "8GB"}, UsageError, "gpu='T4' and vram='8GB': give one of them"),
        ({"vram": "much"}, ParameterError, "vram='much' is no size of a GPU's memory; write one such as 8GB"),
        ({"vram": "RTX 4090"}, ParameterError, "vram='RTX 4090' is no size of a GPU's memory"),
        ({"ram": "RTX 4090"}, ParameterError, "ram='RTX 4090' is no size of RAM; write it as 64GB"),
        ({"gpu": "T4", "quant": "q9"}, UnknownNameError, "unknown quantisation"),
        ({"gpu": "T4", "engine": "vlm"}, UnknownNameError, "unknown engine"),
        ({"gpu": "T4", "most": 0}, ParameterError, "most=0 is not a whole number from 1"),
    ],
)
def test_what_is_no_machine_is_one_line(asked: dict[str, Any], error: type[Exception], problem: str) -> None:
    with pytest.raises(error, match=problem):
        models_that_fit(**asked)


# -- which machines a model fits ----------------------------------------------------------


def test_the_cheapest_machine_of_an_8b() -> None:
    """AWS, on demand in us-east-1: g6.xlarge, one L4, at $0.8048; a T4 has 16 GB, and 8B in bf16 takes 15."""
    best = gpus_that_fit("llama-3.1-8b", engine="vllm", most=1).parts[0]
    assert (best.details.instance, best.details.gpu, str(best["usd_per_hour"].value)) == (
        "g6.xlarge",
        "L4",
        "0.8048",
    )
    assert gpus_that_fit("llama-3.1-8b", engine="vllm", quant="int4", most=1).parts[0].details.gpu == "T4G"


def test_each_machine_of_the_list_fits_and_a_smaller_one_of_its_cloud_does_not() -> None:
    found = gpus_that_fit("llama-3.3-70b", engine="vllm", most=6)
    for part in found.parts[:4]:
        assert gpu_fit("llama-3.3-70b", gpu=part.subject, engine="vllm").verdict == "fits"
    assert "g6e.12xlarge" in found  # 4 × L40S; one of 48 GB holds no 141 GB
    assert "g6e.xlarge" not in found


def test_a_rent_is_the_machine_s_and_unknown_where_no_table_has_it() -> None:
    found = gpus_that_fit("deepseek-v3", engine="vllm", most=300)
    # Of two machines with as many H200, the one whose rent is known: p5en.48xlarge, $63.30 for all eight.
    assert float(found.part("p5en.48xlarge")["usd_per_hour"].value) == pytest.approx(63.30, abs=0.01)
    rents = [part["usd_per_hour"].value for part in found.parts]
    n_known = sum(rent is not None for rent in rents)
    assert rents[:n_known] == sorted(rents[:n_known])
    assert rents[n_known:] == [None] * (len(rents) - n_known)
    assert rents[n_known:]
    assert "unknown" in str(found)


def test_what_fits_nowhere_is_said() -> None:
    found = gpus_that_fit("100T")
    assert found.parts == ()
    assert "no machine" in str(found)


# -- in a cell ----------------------------------------------------------------------------


def test_the_magic_without_a_model_lists_what_fits(shell: Any) -> None:
    found = shell.run_line_magic("gpufit", '--gpu "RTX 4090" --most 3')
    assert [part.kind for part in found.parts] == ["fitting_model"] * 3
    assert shell.run_line_magic("gpufit", "").details.device  # of this machine
    assert found.request["gpu"] == "RTX 4090"


def test_the_magic_finds_a_gpu(shell: Any) -> None:
    found = shell.run_line_magic("gpufit", "llama-3.1-8b --find-gpu --engine vllm --most 2")
    assert found.parts[0].subject == "g6.xlarge"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("--tp 2", "--tp needs a model: a name such as llama-3.1-8b"),
        ("--speed", "--speed needs a model"),
        ("--find-gpu", "--find-gpu needs a model"),
        ("llama-3.1-8b --vram 8GB", "--vram is asked without a model; with one, write --gpu 8GB"),
        ("llama-3.1-8b --most 3", "--most is "),
        ("--keep", "--keep is of --log; add it with the log's path"),
        ("llama-3.1-8b --find-gpu --gpu T4", "--gpu has no part in --find-gpu"),
        ("llama-3.1-8b --find-gpu --speed", "--speed and --find-gpu are two questions; ask one"),
        ("llama-3.1-8b --keep", "--keep is of --log; add it"),
    ],
)
def test_options_of_another_question_are_refused(shell: Any, line: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        shell.run_line_magic("gpufit", line)
    assert problem in str(caught.value)


# -- on a GPU of this machine -------------------------------------------------------------

WITH_RAM = """
import json, sys
from ipython_llmnumbers import gpu_fit, models_that_fit
found = models_that_fit(ram="64GB", quant="q4_k_m", most=40)
asked = {"quant": "q4_k_m", "engine": "llama.cpp"}
local = gpu_fit("llama-3.3-70b", ram="64GB", **asked)
print(json.dumps({
    "device": found.details.device,
    "places": {part.subject: part.details.place for part in found.parts},
    "layers": local["gpu_layers"].value,
}))
"""


def test_ram_that_is_named_is_beside_the_gpu_that_is_here(driver: Path) -> None:
    """An RTX 4090 of 24,564 MiB: 27B in Q4_K_M lies on it whole, 109B over it and RAM."""
    size = 24_564 * 2**20
    found = run(driver, WITH_RAM, "", FAKE_NVML_GPUS=f"NVIDIA GeForce RTX 4090:{size}:0")
    assert found["device"].endswith("RTX 4090 + RAM")
    assert found["places"]["Qwen3.6-27B"] == "gpu"
    assert found["places"]["Llama-4-Scout-17B-16E"] == "both"
    assert 30 < found["layers"] < 81


# What is surely too large is not judged: the bound must be below every weight that is.
@pytest.mark.slow
@pytest.mark.parametrize("quant", ["bf16", "fp8", "int4", "nf4", "q8_0", "q5_k_m", "q4_k_m", "iq3_m", "q2_k"])
def test_weights_are_never_below_their_bound(quant: str) -> None:
    kind = find_quant(quant)
    for spec in map(find_model, text_models()):
        on_gpu = [m for m in spec.architecture.matrices if not (m.draft or m.sees)]
        if not spec.architecture.tied_embeddings:
            on_gpu = [m for m in on_gpu if m.role != "token_embd"]
        exact = weights_figure(spec, kind, on_gpu)
        assert 0 < least_weights_bytes(spec, kind) <= exact.low, spec.name

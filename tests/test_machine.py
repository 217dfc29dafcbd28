"""A model over all of a machine: its layers on unequal GPUs and in RAM, the speed, and what to type.

What was measured stands in tests/data/gpu_cases_2.toml (`offload_speed`, `layers`, `split`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_gpu_probe import run

from ipython_llmnumbers import gpu_fit, gpu_speed, models_that_fit
from ipython_llmnumbers.catalog.open_models.find import find_model
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.estimates.memory.engines import serving
from ipython_llmnumbers.estimates.memory.machine.split import Sizes, by_free, place
from ipython_llmnumbers.figures import Estimate

RAM = "64GB DDR5-5600"


def fit(model: str, **options: Any) -> Any:
    return gpu_fit(model, **{"quant": "q4_k_m", "engine": "llama.cpp", **options})


def texts(estimate: Estimate) -> list[str]:
    return [note.text for note in estimate.notes]


def layers(estimate: Any) -> dict[str, int]:
    """The layers that each device runs, the head as one more."""
    return {part.subject: part["layers_here"].value for part in estimate.parts}


def test_the_devices_together_hold_the_model_once() -> None:
    """The parts of a split are the whole: embeddings too, which stay in RAM (llama.cpp, issue 9881's log)."""
    split = fit("llama-3.3-70b", gpu="RTX 3090,RTX 3060 12GB", ram=RAM)
    whole = fit("llama-3.3-70b", gpu="B200")
    held = sum(part["weights_bytes"].value for part in split.parts)
    # Each part is rounded down to whole bytes.
    assert held == pytest.approx(whole["weights_bytes"].value + whole["host_bytes"].value, abs=10)
    caches = [part["kv_cache_bytes"].value for part in split.parts]
    assert sum(caches) == pytest.approx(whole["kv_cache_bytes"].value, abs=10)
    assert sum(layers(split).values()) == 81
    assert split.verdict == "fits"
    assert all(part["total_bytes"].high <= part["free_bytes"].low for part in split.parts)


def test_the_layer_that_stays_in_ram_had_no_room() -> None:
    """One layer more does not fit: as many as can are on the GPU."""
    split = fit("qwen3-32b", gpu="RTX 4060 Ti 16GB", ram=RAM)
    on_gpu = split["gpu_layers"].value
    assert 0 < on_gpu < 65
    more = fit("qwen3-32b", gpu="RTX 4060 Ti 16GB", ram=RAM, ngl=on_gpu + 1)
    assert more.verdict != "fits"
    same = fit("qwen3-32b", gpu="RTX 4060 Ti 16GB", ram=RAM, ngl=on_gpu)
    assert same["tokens_per_s"].value == split["tokens_per_s"].value < more["tokens_per_s"].value


def test_the_experts_of_a_mixture_go_to_ram_before_its_layers() -> None:
    """gpt-oss-120b runs at 25 tokens/s with all experts in RAM (llama.cpp pull request 15077)."""
    split = gpu_fit("gpt-oss-120b", engine="llama.cpp", gpu="RTX 3090", ram="64GB")
    assert split["gpu_layers"].value == 37
    assert "-ncmoe " in split.details.command
    by_layers = gpu_fit("gpt-oss-120b", engine="llama.cpp", gpu="RTX 3090", ram="64GB", ngl=13)
    assert split["tokens_per_s"].value > by_layers["tokens_per_s"].value


# llama.cpp's docs/multi-gpu.md: "If omitted, layer uses automatic splitting proportional to memory".
@pytest.mark.parametrize(
    ("free", "counts"), [([24, 24], (41, 40)), ([24, 12], (54, 27)), ([24, 24, 0], (41, 40, 0)), ([8], (81,))]
)
def test_layers_go_by_free_memory_unless_they_do_not_fit_so(
    free: list[float], counts: tuple[int, ...]
) -> None:
    assert by_free(81, free) == counts


# ollama issue 8430: of GPUs with 11.5 and 4.6 GiB the second got no layer, as it had no room for one beside
# the buffers; the others stayed in RAM (37 of 49, all on the first).
def test_a_gpu_without_room_gets_no_layers() -> None:
    sizes = Sizes((0.16,) * 48, (0.0,) * 48, 1.9)
    split = place(sizes, [8.2, -0.2], [11.5, 4.6], None, None)
    assert split.counts[1] == 0
    assert 30 < split.counts[0] < 45


# ollama issue 12010: 26,25,25,25 of 101 layers leaves memory unused; a GPU is filled in its turn instead.
def test_what_does_not_fit_by_shares_is_packed() -> None:
    sizes = Sizes((1.0,) * 10, (0.0,) * 10, 4.0)
    assert by_free(11, [8, 8]) == (6, 5)
    assert place(sizes, [7.5, 7.5], [8, 8], None, None).counts == (7, 4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ngl": 999}, "ngl=999 is read as all of them: Llama-3.3-70B has 81 layers with its head"),
        ({"ngl": 40, "n_cpu_moe": 4}, "n_cpu_moe=4 moves nothing: Llama-3.3-70B has no experts"),
        ({"ngl": 40, "ram": None}, "the RAM is not judged: 21.8 GiB must be free there"),
        ({"ngl": 40, "ram": "64GB"}, "the speed of the RAM is supposed"),
    ],
)
def test_what_is_read_otherwise_is_said(options: dict[str, Any], words: str) -> None:
    found = fit("llama-3.3-70b", **{"gpu": "RTX 4090", "ram": RAM, **options})
    assert any(words in text for text in texts(found))


def test_the_layers_that_would_fit_are_said_where_those_asked_for_do_not() -> None:
    found = fit("llama-3.3-70b", gpu="RTX 4090", ram=RAM, ngl=999)
    assert found.verdict == "does not fit"
    assert "it fits with ngl=44" in texts(found)
    mixture = fit("Qwen3-30B-A3B", gpu="RTX 2080", ram=RAM, ngl=99, n_cpu_moe=10)
    assert any(text.startswith("it fits with ngl=") for text in texts(mixture))


def test_more_experts_than_layers_are_all_of_them() -> None:
    found = fit("Qwen3-30B-A3B", gpu="RTX 2080", ram=RAM, n_cpu_moe=1000)
    assert any("n_cpu_moe=1000 is read as all of them" in text for text in texts(found))
    assert found.details.command.endswith("-ncmoe 48")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ngl": -1}, "ngl=-1 is not a whole number from 0"),
        ({"ngl": 3, "engine": "vllm"}, "ngl=3 is of llama.cpp"),
        ({"ram": "lots"}, "ram='lots' is no size of RAM; write it as 64GB"),
        ({"ram": "0GB"}, "is no size of RAM"),
        # JEDEC publishes DDR to DDR5 and LPDDR to LPDDR6.
        ({"ram": "64GB DDR9"}, "ram='64GB DDR9': 'ddr9' is no speed of RAM; write it as 64GB DDR5-5600"),
        ({"ram": "64GB DDR9-5600"}, "'ddr9' is no speed of RAM"),
        ({"ram": "64GB quick"}, "'quick' is no speed of RAM"),
        ({"pp": 2, "engine": None}, "pp=2 is of vLLM, SGLang; add engine='vllm'"),
        ({"pp": 81, "engine": "vllm"}, "pp=81 is more than the 80 layers of Llama-3.3-70B"),
        (
            {"cpu_offload_gb": 4},
            "cpu_offload_gb=4 is of vLLM; write engine='vllm' instead of engine='llama.cpp'",
        ),
        ({"gpu": "RTX 4090,bogus9"}, "unknown GPU 'bogus9'"),
    ],
)
def test_what_cannot_be_is_one_line(options: dict[str, Any], words: str) -> None:
    with pytest.raises(LLMNumbersError, match=re.escape(words)) as caught:
        fit("llama-3.3-70b", **{"gpu": "RTX 4090", **options})
    assert "\n" not in str(caught.value)


def test_no_layers_on_the_gpu_is_all_in_ram() -> None:
    split = fit("llama-3.1-8b", gpu="RTX 4090", ram=RAM, ngl=0)
    assert layers(split) == {"RAM": 33}
    assert "-ngl 0" in split.details.command
    # 8B in Q4_K_M on two channels of DDR5-5600: 6 to 12 tokens/s.
    assert 6 < split["tokens_per_s"].value < 12


def test_an_engine_is_meant_where_none_is_named() -> None:
    found = gpu_fit("llama-3.3-70b", quant="q4_k_m", gpu="RTX 4090", ngl=40)
    assert found.details.engine_title == "llama.cpp"


def test_ram_that_is_too_small_does_not_fit() -> None:
    assert fit("llama-3.3-70b", gpu="RTX 4090", ram="16GB").verdict == "does not fit"
    assert fit("llama-3.3-70b", gpu="RTX 4090", ram="32GB").verdict == "fits"


def test_a_chip_that_shares_the_machine_s_memory_has_no_ram_beside_it() -> None:
    found = fit("llama-3.3-70b", gpu="M4 Pro 24GB", ram="64GB")
    assert found.details.command is None
    assert found.verdict == "does not fit"


def test_what_would_go_on_the_gpu_is_advised_before_another_gpu() -> None:
    notes = texts(fit("llama-3.3-70b", gpu="RTX 4090"))
    advised = next(index for index, text in enumerate(notes) if text.startswith("it runs with ngl=44"))
    other = next(index for index, text in enumerate(notes) if "gpu=" in text)
    assert advised < other
    assert "37 stay in RAM" in notes[advised]
    assert "tokens/s" in notes[advised]
    judged = fit("llama-3.3-70b", gpu="RTX 4090", ngl=44, ram="32GB")
    assert judged.verdict == "fits"


def test_an_engine_that_places_layers_itself_is_told_of_no_number() -> None:
    notes = texts(gpu_fit("llama-3.1-8b", engine="transformers", gpu="RTX 3060 12GB"))
    assert any(text.startswith("it runs with a part in RAM; 17 of 33 layers") for text in notes)
    assert not any("ngl=" in text for text in notes)


@pytest.mark.parametrize(
    ("text", "gb_per_s"),
    [
        ("64GB DDR5-5600", 89.6),
        ("62 GB DDR4-3200 quad channel", 102.4),
        ("512GiB DDR5-4800 12 channels", 460.8),
        ("62GB at 102GB/s", 102),
        ("2 channels of DDR4-3200, 64GB", 51.2),
        ("64 GB RAM (LPDDR5X-8533, 2 channels)", 136.528),
    ],
)
def test_ram_as_it_is_written(text: str, gb_per_s: float) -> None:
    """A channel of DDR5-5600 moves 44.8 GB/s (JEDEC's PC5-44800)."""
    found = gpu_speed("qwen3-32b", quant="q4_k_m", gpu="RTX 4090", ngl=30, ram=text)
    bandwidth = next(each for each in found.walk() if each.name == "ram_bandwidth_bytes_per_s")
    assert bandwidth.value == pytest.approx(gb_per_s * 1e9)


def test_the_speed_is_the_same_where_memory_is_asked() -> None:
    options: dict[str, Any] = {"gpu": "RTX 3090,RTX 3060 12GB", "ram": RAM, "context_tokens": 4096}
    one = fit("llama-3.3-70b", **options)["tokens_per_s"]
    two = gpu_speed("llama-3.3-70b", quant="q4_k_m", engine="llama.cpp", **options)["tokens_per_s"]
    assert (one.value, one.low, one.high) == (two.value, two.low, two.high)


def test_a_prompt_waits_for_what_lies_in_ram() -> None:
    """gpt-oss-120b, 26 layers' experts in RAM, an RTX 3090: 380 tokens/s with micro-batches of 512."""
    options: dict[str, Any] = {"engine": "llama.cpp", "context_tokens": 4_096}
    split = gpu_speed("gpt-oss-120b", gpu="RTX 3090", ngl=99, n_cpu_moe=26, **options)
    prompts = split["prefill_tokens_per_s"]
    assert prompts.low < 380 < prompts.high
    assert gpu_speed("gpt-oss-20b", gpu="RTX 3090", **options)["prefill_tokens_per_s"].low > prompts.high


# docs.vllm.ai, parallelism: tensor-parallel-size × pipeline-parallel-size GPUs; each stage has its layers.
def test_stages_hold_their_layers() -> None:
    one, two = (gpu_fit("llama-3.3-70b", engine="vllm", gpu="B200", pp=pp) for pp in (1, 2))
    assert two["kv_cache_bytes"].value * 2 == one["kv_cache_bytes"].value
    # Half of the layers, and the head, which is as large as the embeddings of the first stage.
    assert two["weights_bytes"].value == pytest.approx(one["weights_bytes"].value / 2, rel=0.001)
    assert two.details.command.startswith("vllm serve meta-llama/Llama-3.3-70B-Instruct ")
    assert two.details.command.endswith("pipeline-parallel-size 2")
    both = gpu_fit("llama-3.3-70b", engine="vllm", gpu="B200", tp=2, pp=2)
    assert both["weights_bytes"].value == pytest.approx(one["weights_bytes"].value / 4, rel=0.002)


# vLLM's documentation: with one 24 GB GPU and 10 it is as if the GPU had 34 GB.
def test_weights_that_vllm_reads_from_ram() -> None:
    alone, helped = (
        gpu_fit("qwen3-14b", engine="vllm", gpu="RTX 4090", cpu_offload_gb=gib) for gib in (None, 10)
    )
    assert (alone.verdict, helped.verdict) == ("does not fit", "fits")
    assert alone["weights_bytes"].value - helped["weights_bytes"].value == 10 * 2**30
    assert "cpu-offload-gb 10" in helped.details.command
    slow = gpu_speed("qwen3-14b", engine="vllm", gpu="RTX 4090", cpu_offload_gb=10)
    fast = gpu_speed("qwen3-14b", engine="vllm", gpu="RTX 4090")
    assert slow["tokens_per_s"].high < fast["tokens_per_s"].low / 4


def test_the_least_that_vllm_must_read_from_ram_is_advised() -> None:
    notes = texts(gpu_fit("qwen3-14b", engine="vllm", gpu="RTX 4090"))
    advised = next(filter(None, (re.search(r"cpu_offload_gb=(\d+), slowly", text) for text in notes)))
    least = int(advised[1])
    options: dict[str, Any] = {"engine": "vllm", "gpu": "RTX 4090"}
    assert gpu_fit("qwen3-14b", cpu_offload_gb=least, **options).verdict == "fits"
    assert gpu_fit("qwen3-14b", cpu_offload_gb=least - 1, **options).verdict != "fits"


def test_the_smallest_of_unequal_gpus_decides_where_a_model_is_divided() -> None:
    mixed = gpu_fit("llama-3.1-8b", engine="vllm", gpu="A100-80GB,T4")
    assert mixed["free_bytes"].value == gpu_fit("llama-3.1-8b", gpu="T4")["free_bytes"].value
    # Their layers may go over both.
    laid = fit("llama-3.3-70b", gpu="A100-80GB,T4", context_tokens=100_000)
    assert laid.verdict == "fits"
    assert list(layers(laid)) == ["A100 80GB SXM", "T4"]


def test_each_device_has_a_bar_and_a_line() -> None:
    shown = str(fit("llama-3.3-70b", gpu="RTX 3090,RTX 3060 12GB", ram=RAM))
    for device in ("RTX 3090  █", "RTX 3060 12GB  █", "RAM  █"):
        assert device in shown
    assert "What each device holds" in shown
    assert "To type: llama-server -m Llama-3.3-70B-Q4_K_M.gguf -c 8192 -np 1 -ngl" in shown


def test_a_slow_speed_has_a_decimal() -> None:
    """5 tokens/s may be 4.5 or 5.5: an eighth of it is in the rounding."""
    shown = str(gpu_speed("llama-3.3-70b", quant="q4_k_m", gpu="RTX 4090", ngl=40, ram=RAM))
    assert re.match(r"≈\d\.\d tokens/s", shown)


# The layers and buffers of the logs in ollama issues 9181 (four GPUs of 22.0 GiB: 11,11,11,11 of 81) and 8430
# (11.5 and 4.6 GiB; the second gets none): llm/memory.go asks for the room of two layers, and keeps one's.
def test_the_layers_that_ollama_puts_on_each_gpu() -> None:
    ollama, layer = serving("ollama==0.5"), 86.2 / 80
    sizes = Sizes((layer,) * 80, (0.0,) * 80, 1.0)
    rooms = ollama.rooms_for_layers([22.0 - 8.2 - 0.457] * 4, sizes)
    four = place(sizes, rooms, [22.0] * 4, None, None)
    assert four.counts == (11, 11, 11, 11)
    # The graph takes 1.3, the projector and its graph 1.8, and 0.457 are kept: 4.6 has no room for two of 1.
    assert ollama.rooms_for_layers([4.6 - 1.3 - 1.8 - 0.457], Sizes((1.0,), (0.0,), 0.0)) == [0]


def test_ollama_is_told_a_number_of_layers() -> None:
    """`num_gpu` and `num_ctx` are parameters of its Modelfile and its prompt (docs.ollama.com/modelfile)."""
    found = gpu_fit("qwen3-32b", engine="ollama", gpu="RTX 4060 Ti 16GB", ram=RAM)
    on_gpu = found["gpu_layers"].value
    assert found.details.command == (
        f"ollama run qwen3:32b; /set parameter num_ctx 4096; /set parameter num_gpu {on_gpu}"
    )
    as_long = fit("qwen3-32b", gpu="RTX 4060 Ti 16GB", ram=RAM, context_tokens=4_096)
    assert on_gpu < as_long["gpu_layers"].value
    # Before 0.30 layers that no GPU holds were whole in RAM; llama-server lays experts there by itself, where
    # it is told no number (ollama's pull request 16031, llama.cpp's 16653).
    options: dict[str, Any] = {"gpu": "RTX 3090", "ram": RAM}
    before = gpu_fit("gpt-oss-120b", engine="ollama==0.20", **options)
    assert before["gpu_layers"].value < 37
    assert "num_gpu" in (before.details.command or "")
    now = gpu_fit("gpt-oss-120b", engine="ollama", **options)
    assert now["gpu_layers"].value == 37
    assert now.details.command == "ollama run gpt-oss:120b; /set parameter num_ctx 32768"
    assert now["tokens_per_s"].value > before["tokens_per_s"].value


# accelerate, `infer_auto_device_map` in src/accelerate/utils/modeling.py: the GPUs in their order, then the
# CPU, modules in the model's order, and on GPU 0 the room of the largest that is still to come. The page on
# loading models of transformers shows it: the first layers on 0, the others, `model.norm` and `lm_head` on
# the CPU.
def test_accelerate_lays_the_first_layers_on_the_gpu_and_the_head_in_ram() -> None:
    found = gpu_fit("llama-3.1-8b", engine="transformers", gpu="RTX 3060 12GB", ram=RAM)
    gpu, ram = found.parts
    assert found.verdict == "fits"
    assert ram["kv_cache_bytes"].value == 0
    assert gpu["kv_cache_bytes"].value == found["kv_cache_bytes"].value == 2**30
    layer, words = 436_224_000, 1_050_673_152  # 218,112,000 parameters, 128,256 × 4,096, in 16 bits
    assert gpu["weights_bytes"].value == pytest.approx(words + gpu["layers_here"].value * layer, rel=1e-6)
    in_ram = ram["layers_here"].value - 1
    assert ram["weights_bytes"].value == pytest.approx(in_ram * layer + words, rel=1e-4)
    # The head is larger than a layer: its room is kept free.
    assert words < gpu["free_bytes"].low - gpu["total_bytes"].high < words + layer
    assert re.search(r'device_map="auto", max_memory=\{0: "\d+GiB", "cpu": "59GiB"\}', found.details.command)
    assert any("the head comes last in the model" in text for text in texts(found))
    # 8 GB, over PCIe at 11 to 50 GB/s.
    assert 1 < found["tokens_per_s"].value < 7


# huggingface/accelerate#2692 prints a map of StarChat-beta: `lm_head`, tied to `wte`, is with it on GPU 0.
def test_a_tied_head_is_with_the_embeddings() -> None:
    found = gpu_fit("llama-3.2-3b", engine="transformers", gpu="6GiB", ram=RAM)
    gpu, ram = found.parts
    assert layers(found) == {
        gpu.subject: 29 - ram["layers_here"].value,
        ram.subject: ram["layers_here"].value,
    }
    layer, words = 201_338_880, 788_004_864  # 100,669,440 parameters, 128,256 × 3,072, in 16 bits
    on_gpu = (gpu["layers_here"].value - 1) * layer + words
    assert gpu["weights_bytes"].value == pytest.approx(on_gpu, rel=1e-4)
    assert ram["weights_bytes"].value == pytest.approx(ram["layers_here"].value * layer, rel=1e-4)


def test_accelerate_s_gpus_have_room_for_the_caches_of_their_layers() -> None:
    found = gpu_fit("qwen3-32b", engine="transformers", gpu="2x RTX 4090", ram=RAM, quant="bf16")
    first, second, ram = found.parts
    assert found.verdict == "fits"
    caches = [part["kv_cache_bytes"].value for part in (first, second, ram)]
    assert sum(caches) == pytest.approx(found["kv_cache_bytes"].value)
    assert caches[1] / found["kv_cache_bytes"].value == pytest.approx(second["layers_here"].value / 64)
    assert caches[2] == 0


# `get_balanced_memory` there: half of 16.06 GB and 1.25 layers of 0.436, less the room of a head of 1.05:
# that is the embeddings of 1.05 and 14 layers. The last GPU has what is left.
def test_accelerate_balances_what_fits_over_equal_gpus() -> None:
    found = gpu_fit("llama-3.1-8b", engine="transformers", gpu="2x RTX 3090")
    first, second, *_ = (part["layers_here"].value for part in found.parts)
    assert (first, second) == (14, 19)


@pytest.mark.parametrize(
    ("model", "options", "advised", "changes"),
    [
        # Of a list of GPUs the smallest is judged; what was divided goes with another name.
        (
            "QwQ-32B",
            {"gpu": "L4, L4", "engine": "sglang"},
            "tp=2 gpu='L40S'",
            {"tp": 2, "gpu": "L40S"},
        ),
        (
            "llama-3.3-70b",
            {"gpu": "A100-80GB, L40S", "engine": "vllm"},
            "tp=2 gpu='A100-80GB-SXM'",
            {"tp": 2, "gpu": "A100-80GB-SXM"},
        ),
        # An engine that lays layers is given more GPUs, not a share of each layer.
        ("gpt-oss-120b", {"gpu": "3090", "engine": "llama.cpp"}, "gpu='3x3090'", {"gpu": "3x3090"}),
        # Of one GPU there may be as many as the stages take together.
        ("llama-3.3-70b", {"gpu": "3090", "engine": "vllm", "pp": 3}, "tp=4 (12 of this GPU)", {"tp": 4}),
    ],
)
def test_what_is_advised_fits_as_it_is_typed(
    model: str, options: dict[str, Any], advised: str, changes: dict[str, Any]
) -> None:
    notes = texts(gpu_fit(model, **options))
    assert any(note.startswith(f"it fits with {advised}") for note in notes), notes
    assert gpu_fit(model, **{**options, **changes}).verdict == "fits"


def test_no_more_gpus_are_advised_than_the_name_has() -> None:
    options: dict[str, Any] = {"gpu": "4x3090", "engine": "vllm", "pp": 3}
    assert not any("tp=" in note for note in texts(gpu_fit("llama-3.3-70b", **options)))
    with pytest.raises(LLMNumbersError, match=re.escape("tp=4 pp=3 needs 12 GPUs and '4x3090' is 4")):
        gpu_fit("llama-3.3-70b", tp=4, **options)


# vLLM, `make_layers` in model_executor/models/utils.py (pull request 6496): only layers may go to RAM.
def test_vllm_reads_no_more_from_ram_than_layers() -> None:
    """Llama 3.1 8B: embeddings and head of 128,256 × 4,096 in 16 bits each stay on the GPU."""
    options: dict[str, Any] = {"engine": "vllm", "gpu": "RTX 3060 12GB"}
    most = gpu_fit("llama-3.1-8b", cpu_offload_gb=100, **options)
    outside = 2 * 128_256 * 4_096 * 2
    assert most["weights_bytes"].value == pytest.approx(outside, rel=0.001)
    assert most["weights_bytes"].value + most["host_bytes"].value == pytest.approx(16_060_522_496, rel=1e-6)
    slow = gpu_speed("llama-3.1-8b", cpu_offload_gb=100, **options)
    assert (
        slow["tokens_per_s"].value
        == gpu_speed("llama-3.1-8b", cpu_offload_gb=14, **options)["tokens_per_s"].value
    )
    # Of a bare size it is the share that the nearest Llama has outside its layers, from half to twice of it.
    size = gpu_fit("70B", cpu_offload_gb=500, **options)["weights_bytes"]
    of_70b = 2 * 128_256 * 8_192 * 2
    assert size.low < of_70b < size.high
    # In fewer bits too, where the range of the weights is wide.
    fewer = gpu_fit("llama-3.3-70b", engine="vllm", gpu="RTX 4090", quant="int4", cpu_offload_gb=100)
    assert fewer["weights_bytes"].low > 2 * 128_256 * 8_192


def test_more_weights_in_ram_are_advised_where_those_asked_for_are_too_few() -> None:
    options: dict[str, Any] = {"engine": "vllm", "gpu": "RTX 4090"}
    notes = texts(gpu_fit("llama-3.3-70b", cpu_offload_gb=100, **options))
    assert any(text.startswith("it runs with cpu_offload_gb=116, slowly") for text in notes)
    assert gpu_fit("llama-3.3-70b", cpu_offload_gb=116, **options).verdict == "fits"


@pytest.mark.parametrize(
    ("options", "verdict", "words"),
    [
        # vllm's RAM holds what the GPUs read, of each of them.
        (
            {"gpu": "RTX 4090", "cpu_offload_gb": 120, "ram": "64GB"},
            "does not fit",
            "59.6 GiB of RAM are too few for the weights that the GPUs read from there: 120.0 GiB",
        ),
        ({"gpu": "RTX 4090", "cpu_offload_gb": 120, "ram": "512GB"}, "fits", ""),
        # Pinned, 1.125 GiB took 2.0 (wtdcode/vllm-backport#67): a tensor takes the next power of two.
        ({"gpu": "RTX 4090", "cpu_offload_gb": 120, "ram": "256GB"}, "tight", "they take 120.0 to 240.0 GiB"),
        ({"gpu": "2x RTX 4090", "cpu_offload_gb": 60, "ram": "96GB"}, "does not fit", "there: 120.0 GiB"),
        (
            {"gpu": "RTX 4090", "ram": "256GB"},
            "does not fit",
            "vLLM runs no layers in RAM: ram='256GB' is left out",
        ),
    ],
)
def test_the_ram_that_is_named_counts_for_vllm(options: dict[str, Any], verdict: str, words: str) -> None:
    found = gpu_fit("llama-3.3-70b", engine="vllm", **options)
    assert found.verdict == verdict
    warnings = [note.text for note in found.notes if note.level == "warning"]
    assert any(words in text for text in warnings) if words else not any("RAM" in text for text in warnings)


OFFLOADED = """
from ipython_llmnumbers import gpu_fit
found = gpu_fit("llama-3.1-405b", engine="vllm", cpu_offload_gb=int(sys.argv[2]))
print(json.dumps({"verdict": found.verdict, "notes": [note.text for note in found.notes]}))
"""


# vllm-project/vllm#56410: what `--cpu-offload-gb` takes off a GPU is pinned in the RAM of the machine.
def test_the_ram_of_this_machine_counts_for_vllm(driver: Path) -> None:
    """The layers of Llama 3.1 405B are 795 GB in 16 bits: no machine of these tests has so much RAM."""
    gpu = f"NVIDIA RTX PRO 6000 Blackwell Workstation Edition:{96 * 2**30}:0"
    found = run(driver, OFFLOADED, "900", FAKE_NVML_GPUS=gpu)
    assert found["verdict"] == "does not fit"
    assert any("of RAM are too few for the weights" in text for text in found["notes"])
    # Of a machine that is only named it is not known, which is said.
    named = gpu_fit("llama-3.3-70b", engine="vllm", gpu="RTX 4090", cpu_offload_gb=120)
    assert named.verdict == "fits"
    assert any("the RAM is not judged: 240.0 GiB must be free there" in text for text in texts(named))


def test_the_speed_says_the_same_of_the_ram() -> None:
    options: dict[str, Any] = {"engine": "vllm", "gpu": "RTX 4090", "ram": "64GB"}
    left_out = gpu_speed("llama-3.1-8b", **options)
    assert any("vLLM runs no layers in RAM: ram='64GB' is left out" in text for text in texts(left_out))
    too_small = gpu_speed("llama-3.3-70b", cpu_offload_gb=120, **options)
    assert too_small.verdict == "does not fit"
    assert any("of RAM are too few" in text for text in texts(too_small))


def test_the_ram_that_is_named_is_that_of_a_machine_without_a_gpu() -> None:
    """42.5 GB of Q4_K_M in 64 GB, whatever memory this machine has."""
    found = gpu_fit("llama-3.3-70b", quant="q4_k_m", ram="64GB")
    assert found["free_bytes"].value == 64 * 10**9
    assert found.verdict == "fits"
    assert gpu_fit("llama-3.3-70b", quant="q4_k_m", ram="32GB").verdict == "does not fit"


def test_a_chip_with_its_size_keeps_it() -> None:
    found = gpu_fit("llama-3.3-70b", quant="q4_k_m", gpu="M4 Pro 24GB", ram="64GB")
    assert "M4 Pro 24GB shares the machine's memory: ram='64GB' is left out" in texts(found)
    sized = gpu_fit("llama-3.3-70b", quant="q4_k_m", gpu="M2 Max", ram="64GiB")
    assert not any("left out" in text for text in texts(sized))


def test_a_model_that_llama_cpp_divides_is_on_the_gpus_whole() -> None:
    """llama.cpp, docs/multi-gpu.md: mode `tensor` splits weights and cache, the latter in 16 bits."""
    options: dict[str, Any] = {"engine": "llama.cpp", "gpu": "RTX 3090", "tp": 4}
    command = gpu_fit("gpt-oss-120b", **options).details.command
    assert command is not None
    assert command.endswith("-ngl all -sm tensor")
    assert gpu_fit("gpt-oss-120b", kv="q8_0", **options).details.command is None
    # Ollama divides none.
    assert gpu_fit("gpt-oss-120b", **{**options, "engine": "ollama"}).details.command is None


# The log of Ollama 0.20.2 in tests/data/engine_logs: 7.6 GiB with the embeddings in RAM (292 MiB), of which
# 1.8 GiB to compute: scores of 28 heads x 512 x 32,768 in 32 bits and their mask.
def test_ollama_may_plan_without_flash_attention() -> None:
    options: dict[str, Any] = {"gpu": "RTX 3060 12GB", "context_tokens": 32_768, "quant": "q4_k_m"}
    found = gpu_fit("qwen2.5-coder-7b", engine="ollama", **options)
    gib = 2**30
    assert found["total_bytes"].low < 7.6 * gib - 292 * 2**20 < found["total_bytes"].high
    assert found["total_bytes"].high > 7.7 * gib
    # llama.cpp has it on wherever it can be.
    assert gpu_fit("qwen2.5-coder-7b", engine="llama.cpp", **options)["total_bytes"].high < 7 * gib


def test_a_model_is_called_by_its_name_in_ollama_s_library() -> None:
    """https://ollama.com/library: each tag means the model that its row is of."""
    for model, tag in read_table("open_models/names.toml")["ollama"].items():
        assert find_model(tag).name_of_shape == find_model(model).name_of_shape, tag
    options: dict[str, Any] = {"engine": "ollama", "gpu": "RTX 3090", "ram": RAM, "context_tokens": 8_192}
    assert (gpu_fit("llama-3.3-70b", **options).details.command or "").startswith("ollama run llama3.3:70b; ")
    # No tag of the table is of these files.
    for model, quant in (("llama-3.3-70b", "q8_0"), ("Nemotron-H-56B", None)):
        command = gpu_fit(model, quant=quant, **options).details.command or ""
        assert command.startswith("/set parameter num_ctx 8192; ")


# docs.ollama.com/context-length, and server/routes.go, which compares with 23 and 47 GiB of all GPUs;
# before 0.15.5 it was 4,096 for all, before 0.6.7 2,048 (the release notes).
@pytest.mark.parametrize(
    ("options", "tokens"),
    [
        ({"gpu": "RTX 3060 12GB"}, 4_096),
        ({"gpu": "L4"}, 4_096),  # 22.5 GiB
        ({"gpu": "RTX 4090"}, 32_768),  # 23.99 GiB
        ({"gpu": "2x RTX 3060 12GB"}, 32_768),
        ({"gpu": "2x RTX 4090"}, 131_072),  # 262,144, which is more than Llama 3.1 was made for
        ({"gpu": "RTX 4090", "engine": "ollama==0.15.4"}, 4_096),
        ({"gpu": "RTX 4090", "engine": "ollama==0.6.6"}, 2_048),
        ({"gpu": "RTX 4090", "context_tokens": 8_192}, 8_192),
        ({"gpu": "RTX 4090", "engine": "llama.cpp"}, 8_192),
    ],
)
def test_the_context_that_ollama_takes_by_itself(options: dict[str, Any], tokens: int) -> None:
    asked = {"engine": "ollama", **options}
    found = gpu_fit("llama-3.1-8b", **asked)
    assert found["context_tokens"].value == tokens
    is_said = any("tokens by itself on" in text for text in texts(found))
    assert is_said == (asked["engine"] != "llama.cpp" and "context_tokens" not in asked and tokens != 131_072)
    listed = models_that_fit(**asked, most=1)
    assert listed.details.context_tokens == (262_144 if tokens == 131_072 else tokens)


def test_all_in_ram_of_unknown_size_is_not_judged() -> None:
    found = fit("llama-3.1-8b", gpu="RTX 4090", ngl=0)
    assert found.verdict is None
    assert layers(found) == {"RAM": 33}
    assert found.details.overhead == "the program itself, and what it computes in"  # no GPU, no CUDA
    assert "5.9 GiB must be free there" in str(found)


def test_a_machine_that_is_too_small_is_told_what_fits() -> None:
    """24 GB and 16 GB hold no 42.5 GB of Q4_K_M, and do hold the 31.9 GB of IQ3_M."""
    found = fit("llama-3.3-70b", gpu="RTX 3090", ram="16GB")
    assert found.verdict == "does not fit"
    assert "it fits with quant='iq3_m'" in texts(found)
    assert fit("llama-3.3-70b", gpu="RTX 3090", ram="16GB", quant="iq3_m").verdict == "fits"
    longer = fit("llama-3.3-70b", gpu="RTX 3090", ram="32GB", context_tokens=100_000)
    advised = next(
        re.search(r"context_tokens=(\d+)", text) for text in texts(longer) if "context_tokens" in text
    )
    assert advised is not None
    shorter = fit("llama-3.3-70b", gpu="RTX 3090", ram="32GB", context_tokens=int(advised[1]))
    assert shorter.verdict == "fits"


def test_the_speed_names_all_that_runs_layers_and_tells_of_a_split_that_moves() -> None:
    """The caches of 16 sequences of 8,192 tokens are 40 GiB, for which layers leave the GPU."""
    options: dict[str, Any] = {"quant": "q4_k_m", "engine": "llama.cpp", "gpu": "RTX 3090"}
    fixed = gpu_speed("llama-3.3-70b", ngl=44, **options)
    assert fixed.details.device == "RTX 3090 + RAM"
    assert not any("each batch has its own split" in text for text in texts(fixed))
    moving = gpu_speed("llama-3.3-70b", ram="64GB", **options)
    last = moving.parts[-1]["batch_size"].value
    assert last == 16
    on_gpu = [
        fit("llama-3.3-70b", gpu="RTX 3090", ram="64GB", batch_size=n)["gpu_layers"].value for n in (1, 16)
    ]
    first, last = on_gpu
    words = f"each batch has its own split: {first} layers on the GPUs for the first, {last} for the last"
    assert any(text.startswith(words) for text in texts(moving))


OF_ITS_OWN = """
from ipython_llmnumbers import gpu_fit
found = gpu_fit("llama-3.1-8b", engine="ollama")
print(json.dumps({"tokens": found["context_tokens"].value, "verdict": found.verdict}))
"""


def test_ollama_s_context_is_by_all_gpus_of_this_machine(driver: Path) -> None:
    """server/routes.go adds the memory of all, though the model is on one: twice 12 GiB is 24."""
    gpu = f"NVIDIA GeForce RTX 3060:{12 * 2**30}:0"
    assert run(driver, OF_ITS_OWN, "", FAKE_NVML_GPUS=gpu)["tokens"] == 4_096
    both = run(driver, OF_ITS_OWN, "", FAKE_NVML_GPUS=f"{gpu},{gpu}")
    assert both == {"tokens": 32_768, "verdict": "fits"}

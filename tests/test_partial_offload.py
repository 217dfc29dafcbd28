"""What people with 8 to 16 GB ask about a model that is too large, as they type it, and what they measured.

Each case names the report that it is from. What Ollama plans is what may be needed there, so ours is as many
layers within a tenth. Measured speeds are cases of tests/data/gpu_cases_2.toml (`offload_speed`).
"""

from __future__ import annotations

import pytest

from ipython_llmnumbers import gpu_fit

GIB = 2**30


# -- what Ollama's own files hold --------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "log_gib"),
    [
        # ollama/ollama#11711 and #11982: `memory.weights.total`, which leaves the embeddings in RAM out.
        ("gpt-oss:20b", 11.7),
        ("gpt-oss:120b", 59.7),
    ],
)
def test_gpt_oss_of_ollama_keeps_the_rest_in_16_bits(tag: str, log_gib: float) -> None:
    found = gpu_fit(tag, engine="ollama", gpu="B200", context_tokens=8_192)
    assert found.details.quant == "mxfp4"
    assert found["weights_bytes"].value / GIB == pytest.approx(log_gib, abs=0.1)
    # The files that llama.cpp fetches have it in 8 bits: 12,109,566,560 bytes in all of the 20B.
    assert gpu_fit(tag, engine="llama.cpp", gpu="B200")["weights_bytes"].value < found["weights_bytes"].value


# ollama/ollama#9818 and #11819: `projector.weights` 795.9 MiB and `projector.graph` 1.0 GiB are in the plan.
def test_the_tower_of_a_tag_is_in_its_file() -> None:
    found = gpu_fit("gemma3:12b", engine="ollama", gpu="RTX 3060 12GB")
    assert found["tower_bytes"].value / 2**20 == pytest.approx(795.9, rel=0.02)
    # "Previously I could load 100% of my gemma3:12b model onto the GPU": there are 10.9 GiB.
    then = gpu_fit("gemma3:12b", engine="ollama==0.10.1", gpu="10.9GiB", context_tokens=4_096)
    assert then.verdict == "fits"
    # Nobody can leave it out there, so nobody is told to.
    tight = gpu_fit("gemma3:12b", engine="ollama", gpu="8GB")
    assert not any("text_only" in note.text for note in (*found.notes, *tight.notes))
    # ollama.com/library/gemma3: 4b is 3.3 GB, 12b 8.1 GB; llama.cpp has the tower in a file of its own.
    for tag, size in (("gemma3:4b", 3.3), ("gemma3:12b", 8.1)):
        whole = gpu_fit(tag, engine="ollama", gpu="B200")["weights_bytes"].value / 10**9
        assert whole == pytest.approx(size, rel=0.02)
        assert gpu_fit(tag, engine="llama.cpp", gpu="B200")["weights_bytes"].value / 10**9 < size - 0.7


def test_the_tower_is_on_the_first_gpu_alone() -> None:
    found = gpu_fit("gemma3:27b", engine="ollama", gpu="2x RTX 3060 12GB", ram="32GB")
    first, second, *_ = found.parts
    assert first["tower_bytes"].value / 2**20 == pytest.approx(795.9, rel=0.02)
    assert "tower_bytes" not in {figure.name for figure in second.figures}
    assert first["overhead_bytes"].high - second["overhead_bytes"].high == pytest.approx(GIB)


# -- how many layers go on the GPU -------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "free", "tokens", "layers", "of"),
    [
        ("gemma3:27b", "11.0GiB", 2_048, 28, 63),  # ollama/ollama#9818, an RTX 3060
        ("gemma3:12b", "10.9GiB", 4_096, 48, 49),  # ollama/ollama#11819
        ("gpt-oss:20b", "15.6GiB", 8_192, 23, 25),  # ollama/ollama#11711, an RTX 4060 Ti, no flash attention
        ("llama3:70b", "24GiB", 2_048, 43, 81),  # ollama/ollama#5913
        ("qwen3:235b", "5x 23.2GiB", 4_096, 65, 95),  # ollama/ollama#10810: 13 on each of five
        ("gemma3:27b-it-fp16", "30.9GiB, 30.8GiB", 4_096, 62, 63),  # ollama/ollama#11162
    ],
)
def test_the_layers_that_ollama_plans(tag: str, free: str, tokens: int, layers: int, of: int) -> None:
    found = gpu_fit(tag, engine="ollama==0.11", gpu=free, ram="64GB", context_tokens=tokens)
    planned = found["gpu_layers"].value if found.parts else of
    assert planned == pytest.approx(layers, abs=0.1 * of)


# ollama/ollama#11744: "Layers:15(0..14)" on a V100 of 32 GB, 11 on each of two GPUs of 24 GB, 20,000 tokens.
def test_the_layers_of_gpt_oss_over_three_gpus() -> None:
    found = gpu_fit("gpt-oss:120b", engine="ollama", gpu="32GiB, 24GiB, 24GiB", context_tokens=20_000)
    assert [part["layers_here"].value for part in found.parts] == [15, 11, 11]


# ggml-org/llama.cpp#11397: DeepSeek-R1 in Q4_K_M, its experts on the CPU: CUDA0 model buffer 9,460.52 MiB.
def test_what_is_left_on_the_gpu_without_the_experts() -> None:
    found = gpu_fit("deepseek-r1", quant="q4_k_m", gpu="RTX 4090", ngl=99, n_cpu_moe=61)
    on_gpu, in_ram = found.parts
    assert on_gpu["weights_bytes"].value / 2**20 == pytest.approx(9_460.52, rel=0.02)
    # All of its mapped buffers are 384,571 MiB, of which the first lies on the GPU.
    both = on_gpu["weights_bytes"].value + in_ram["weights_bytes"].value
    assert both / 2**20 == pytest.approx(384_571, rel=0.01)


# -- as it is typed ----------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["11.5GiB, 4.6GiB", "11.5GiB + 4.6GiB", "11.5GiB+4.6GiB"])
def test_gpus_by_their_sizes(written: str) -> None:
    """ollama/ollama#8430 has 11.5 and 4.6 GiB free: people know the sizes, not what to call them."""
    found = gpu_fit("qwen2.5:14b", gpu=written, ram="32GB", engine="llama.cpp")
    assert [part.subject for part in found.parts][:2] == ["11.5GiB", "4.6GiB"]
    # A size behind a name is still the name's.
    assert gpu_fit("qwen2.5:14b", gpu="RTX 3090, 24GB").details.device == "RTX 3090"


def test_gpt_oss_of_ollama_on_12_gb() -> None:
    """smeltcore.com: it does not fit 12 GB whole; since 0.30 Ollama puts no more than experts into RAM."""
    found = gpu_fit("gpt-oss:20b", engine="ollama", gpu="RTX 3060 12GB", ram="32GB")
    assert found.verdict == "fits"
    assert found["gpu_layers"].value == 25
    assert found.details.command == "ollama run gpt-oss:20b; /set parameter num_ctx 4096"
    assert gpu_fit("gpt-oss:20b", engine="ollama", gpu="RTX 3060 12GB").verdict != "fits"

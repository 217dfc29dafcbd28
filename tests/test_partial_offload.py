"""What people with 8 to 16 GB ask about a model that is too large, as they type it, and what they measured.

Each case names the report that it is from. What Ollama plans is what may be needed there, so ours is as many
layers within a tenth, and of a speed a range that the measured one lies in.
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
    assert found["total_bytes"].high / GIB < 10.9
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
    ],
)
def test_the_layers_that_ollama_plans(tag: str, free: str, tokens: int, layers: int, of: int) -> None:
    found = gpu_fit(tag, engine="ollama", gpu=free, ram="64GB", context_tokens=tokens)
    planned = found["gpu_layers"].value if found.parts else of
    assert planned == pytest.approx(layers, abs=0.1 * of)

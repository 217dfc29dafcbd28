"""GPU names as people write them, each answered with its GPU or refused for its own reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ipython_llmnumbers import gpu_fit, gpu_speed
from ipython_llmnumbers.catalog.hardware.gpu_rows import GpuRow, packaged_rows
from ipython_llmnumbers.catalog.hardware.gpus import find_gpu, find_gpus
from ipython_llmnumbers.errors import LLMNumbersError

GIB = 2**30
GROUPS = yaml.safe_load((Path(__file__).parent / "data" / "gpu_names.yaml").read_text(encoding="utf-8"))
NAMES = [(str(name), meant) for group in GROUPS for name, meant in group["names"].items()]


def test_there_are_many_names_and_each_has_a_source() -> None:
    assert len(NAMES) >= 150
    assert all(group["source"] for group in GROUPS)


@pytest.mark.parametrize("row", packaged_rows(), ids=lambda row: row.names[0])
def test_a_row_is_passed_over_only_for_words_that_it_lacks(row: GpuRow) -> None:
    """That is told without reading the names of all rows, which took a fifth of a first answer."""
    assert all(row.may_have(spelling.words) for spelling in row.spellings)
    assert not row.may_have({"9999z"})


@pytest.mark.parametrize(("name", "meant"), NAMES)
def test_a_gpu_as_it_is_written(name: str, meant: Any) -> None:
    if isinstance(meant, dict):
        with pytest.raises(LLMNumbersError, match=meant["error"]) as caught:
            find_gpus(name)
        assert "\n" not in str(caught.value)
        return
    count, gpu = meant if isinstance(meant, list) else (1, meant)
    found = find_gpus(name)
    assert (found.count, found.gpu.name) == (count, gpu)
    assert find_gpu(name) == found.gpu


def test_a_gb_of_a_gpu_is_a_gib() -> None:
    """nvidia-smi shows 24576MiB of an RTX 3090, which NVIDIA sells with 24 GB."""
    gb, gib, named = find_gpu("24GB"), find_gpu("24GiB"), find_gpu("RTX 3090")
    assert gb.memory_bytes == gib.memory_bytes == named.memory_bytes == 24_576 * 2**20
    assert gb.note == "24 GiB, as GPUs are sold by GB; how fast it is is unknown"
    assert gib.bandwidth_bytes_per_s is None
    assert find_gpus("2x 24GB").name == "2 × 24GB"


def test_a_size_that_no_board_has_is_taken_and_said() -> None:
    modified = find_gpu("RTX 2080 Ti 22GB")
    assert modified.memory_bytes == 22 * GIB
    assert "no table has RTX 2080 Ti with 22 GB" in modified.note
    assert modified.bandwidth_bytes_per_s == find_gpu("RTX 2080 Ti").bandwidth_bytes_per_s


def test_a_chip_that_shares_the_machines_memory_has_a_part_of_it() -> None:
    free = find_gpu("M4 Max 128GB").memory_figure()
    # llama.cpp discussion 2182: Metal lets the GPU have about three quarters of a large machine.
    assert (free.low, free.high) == (int(0.65 * 128 * GIB), 96 * GIB)
    assert "has 36 to 128 GB of memory: 36 is taken" in find_gpu("M4 Max").note


def test_a_share_of_a_gpu_has_its_memory_and_its_price() -> None:
    # Azure's page of the NVadsA10 v5 series: 1/6 of an A10 with 4 GB.
    share = find_gpu("Standard_NV6ads_A10_v5")
    assert share.memory_bytes == 4 * GIB
    assert share.bandwidth_bytes_per_s is None
    assert float(share.hourly_figure().value or 0) == 0.454
    assert "a share of A10" in share.note


def test_a_machine_costs_what_its_cloud_asks() -> None:
    # Of the same eight GPUs: AWS, and Azure twice as much.
    aws, azure = (find_gpu(name).hourly_figure() for name in ("p5.48xlarge", "Standard_ND96isr_H100_v5"))
    assert (float(aws.value or 0), float(azure.value or 0)) == (6.88, 12.29)
    assert "p5.48xlarge, 8 × H100 80GB SXM" in aws.note
    assert find_gpu("a3-highgpu-8g").hourly_figure().value is None


@pytest.mark.parametrize("name", [name for name, meant in NAMES if not isinstance(meant, dict)])
def test_a_model_is_judged_on_each(name: str) -> None:
    estimate = gpu_fit("llama-3.2-1b", quant="q4_k_m", engine="llama.cpp", gpu=name)
    assert estimate.verdict in {"fits", "tight", "does not fit"}
    assert (estimate["free_bytes"].value or 0) > 0


def test_the_speed_of_a_size_is_unknown_and_says_so() -> None:
    speed = gpu_speed("llama-3.2-1b", gpu="24GB")
    assert speed["tokens_per_s"].value is None
    assert any("the bandwidth of 24GB is unknown" in note.text for note in speed.notes)


@pytest.mark.parametrize("gpu", ["g6f.xlarge", "RTX 4060 laptop", "M3 Max 36GB"])
def test_what_a_machine_has_one_of_is_not_advised_several_times(gpu: str) -> None:
    notes = [note.text for note in gpu_fit("llama-3.1-70b", quant="q4_k_m", gpu=gpu).notes]
    assert any("it fits with" in text for text in notes)
    assert not any("of this GPU" in text for text in notes)

"""The tables of models, quantisations and GPUs: each row dated, each name found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ipython_llmnumbers.catalog.hardware.gpus import advised_gpus, find_gpu, known_gpus, shown_gpus
from ipython_llmnumbers.catalog.open_models.find import find_model, known_models
from ipython_llmnumbers.catalog.open_models.quants import find_quant, known_quants
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.errors import CatalogError, LLMNumbersError, UnknownNameError, UsageError

from .conftest import DOCUMENTS_DAY

GIB = 2**30
TABLES = ("gpus", "gpus_more", "gpus_laptop", "gpus_amd_intel")


@pytest.fixture(autouse=True)
def _no_user_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMNUMBERS_FILE", str(tmp_path / "llmnumbers.toml"))


def test_every_row_has_a_source_and_a_date() -> None:
    sources = [find_gpu(name).source for name in known_gpus()]
    sources += [find_model(name).source for name in known_models()]
    sources += [find_quant(name).source for name in known_quants()]
    assert len(sources) > 90
    today = date.today()
    # A row's day may begin elsewhere first; a clock that is behind the documents is no measure.
    latest = today + timedelta(days=1) if today >= DOCUMENTS_DAY else DOCUMENTS_DAY + timedelta(days=366)
    for source in sources:
        assert source.name
        assert source.url
        assert source.checked is not None
        assert date(2026, 1, 1) <= source.checked <= latest


def test_every_published_count_is_that_of_the_shape() -> None:
    counted = 0
    for spec in map(find_model, known_models()):
        if spec.published_params is not None:
            assert spec.params_figure().value == spec.published_params, spec.name
            counted += 1
    assert counted >= 35


def test_every_name_on_offer_is_one_word_that_finds_its_own_row() -> None:
    for name in known_gpus():
        assert find_gpu(name).name.replace(" ", "-").startswith(name)
    assert [find_model(name).name for name in known_models()] == known_models()
    assert [find_quant(name).name for name in known_quants()] == known_quants()
    assert not any(" " in name for name in (*known_gpus(), *known_models(), *known_quants()))


def test_every_name_that_the_driver_gives_finds_one_gpu() -> None:
    for row in (row for table in TABLES for row in read_table(f"hardware/{table}.toml")["gpus"]):
        for name in row.get("nvml", ()):
            # Where a chip is sold in two sizes the driver gives both one name: its memory tells them apart.
            memory = row.get("memory_mib", 0) * 2**20 or row["advertised_gib"] * GIB
            assert find_gpu(name, memory).name == row["name"]


@pytest.mark.parametrize(
    ("name", "gpu"),
    [
        ("A10G", "A10G"),
        ("4090", "RTX 4090"),
        ("rtx4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("3090ti", "RTX 3090 Ti"),
        ("NVIDIA A100-SXM4-80GB", "A100 80GB SXM"),
        ("NVIDIA A100 80GB PCIe", "A100 80GB PCIe"),
        ("A100-PCIE-40GB", "A100 40GB PCIe"),
        ("a100-80gb", "A100 80GB SXM"),
        ("A100 80GB", "A100 80GB SXM"),
        ("A100 80 GiB", "A100 80GB SXM"),
        ("A100-80", "A100 80GB SXM"),
        ("A100", "A100 40GB SXM"),  # the least memory of the four
        ("h100", "H100 80GB SXM"),
        ("h100 nvl", "H100 94GB NVL"),
        ("Tesla V100-SXM2-32GB", "V100 32GB"),
        ("3080", "RTX 3080 10GB"),
        ("l4", "L4"),  # and not L40 or L40S
        ("a6000", "RTX A6000"),
        ("6000 ada", "RTX 6000 Ada"),
    ],
)
def test_gpu_names_as_people_write_them(name: str, gpu: str) -> None:
    assert find_gpu(name).name == gpu


def test_a_name_of_several_gpus_says_which_was_taken() -> None:
    assert "A100 may be one of 4 GPUs: A100 40GB SXM" in find_gpu("A100").note
    assert find_gpu("A100-SXM4-80GB").note == ""
    assert "as advertised" in find_gpu("A40").note


@pytest.mark.parametrize("name", ["SXM5", "PCIe", "banana", "RTX 9090", "x" * 10_000])
def test_an_unknown_gpu(name: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown GPU") as caught:
        find_gpu(name)
    assert len(str(caught.value)) < 300


def test_memory_is_what_the_driver_reports() -> None:
    # nvidia-smi: https://github.com/modal-labs/modal-client/pull/2797 (A10G: NVIDIA/DCGM issue 232)
    for name, mib in [
        ("T4", 15_360),
        ("A10G", 23_028),
        ("L4", 23_034),
        ("L40S", 46_068),
        ("H100 SXM", 81_559),
    ]:
        assert find_gpu(name).memory_bytes == mib * 2**20


def test_the_table_is_of_more_than_60_gpus_with_the_peaks_that_makers_print() -> None:
    rows = read_table("hardware/gpus.toml")["gpus"]
    assert len(rows) >= 60
    assert sum("bf16_tflops" in row for row in rows) >= 60
    # NVIDIA's data sheets, dense: half of what is printed "with sparsity".
    for name, bits, tflops in [
        ("V100", 16, 125),
        ("A100 80GB SXM", 16, 312),
        ("H100 SXM", 16, 989),
        ("H100 SXM", 8, 1978),
        ("L40S", 16, 362),
        ("B200", 4, 9000),
        ("RTX 4090", 16, 165.2),
        ("RTX 3090", 16, 71.2),
    ]:
        figure = find_gpu(name).flops_figure(bits)
        assert figure.value == round(tflops * 1e12)
        assert figure.source is not None
        assert figure.source.checked is not None
    assert find_gpu("T4").flops_figure(8).value is None


def test_the_rent_of_a_gpu_is_its_share_of_the_machine() -> None:
    # p4d.24xlarge, 8 × A100 40GB, us-east-1, August 2026.
    rent = find_gpu("A100 40GB SXM").hourly_figure()
    assert (rent.value, rent.origin) == (Decimal("2.745"), "derived")
    machine = rent.inputs[0]
    assert (machine.value, machine.origin, machine.note) == (Decimal("21.96"), "published", "p4d.24xlarge")
    assert find_gpu("H100 SXM").hourly_figure().value == Decimal("6.88")
    for row in read_table("hardware/gpu_prices.toml")["prices"]:
        assert find_gpu(row["instance"]).hourly_figure().value is not None, row["instance"]
    for row in read_table("hardware/instances.toml")["instances"]:
        assert find_gpu(row["gpu"]).name == row["gpu"]
    assert find_gpu("RTX 4090").hourly_figure().value is None


def test_gpus_that_are_named_unasked_have_a_place_of_their_own() -> None:
    named = {name for listed in (shown_gpus, advised_gpus) for name in (*listed("fit"), *listed("train"))}
    ranks = [find_gpu(name).rank for name in named]
    assert all(ranks)
    assert len(set(ranks)) == len(named)
    assert {*shown_gpus("train")} <= {*shown_gpus("fit")} <= {*advised_gpus("fit")}


def test_training_advises_the_larger_gpus_of_those_that_it_shows() -> None:
    shown, advised = shown_gpus("train"), advised_gpus("train")
    assert advised == shown[-len(advised) :]
    rest = shown[: -len(advised)]
    assert max(find_gpu(name).memory_bytes for name in rest) < find_gpu(advised[0]).memory_bytes


USER_GPU = """
[[gpus]]
name = "RTX 9090"
memory_gib = 64
bandwidth_gb_per_s = 3_000
bf16_tflops = 400
usd_per_hour = 1.1
source = "the box"
checked = 2026-11-20
"""


def test_the_users_own_gpu(tmp_path: Path) -> None:
    (tmp_path / "llmnumbers.toml").write_text(USER_GPU, encoding="utf-8")
    gpu = find_gpu("rtx9090")
    assert (gpu.memory_bytes, gpu.bandwidth_bytes_per_s) == (64 * GIB, 3_000 * 10**9)
    assert (gpu.source.name, gpu.source.checked) == ("the box", date(2026, 11, 20))
    assert gpu.flops_figure().value == 400 * 10**12
    assert gpu.hourly_figure().value == Decimal("1.1")
    assert gpu.flops_figure(8).value is None
    assert known_gpus()[0] == "RTX-9090"
    assert "RTX 9090" not in shown_gpus("fit")
    assert find_gpu("4090").name == "RTX 4090"


def test_a_gpu_may_have_a_name_in_any_script(tmp_path: Path) -> None:
    table = USER_GPU.replace("RTX 9090", "研究室の4090")
    (tmp_path / "llmnumbers.toml").write_text(table, encoding="utf-8")
    assert find_gpu("研究室の4090").memory_bytes == 64 * GIB
    assert find_gpu("4090").name == "RTX 4090"


@pytest.mark.parametrize(
    ("line", "bad", "words"),
    [
        ('name = "RTX 9090"', "name = 9090", "name must be a text"),
        ("memory_gib = 64", "memory_gib = -1", "memory_gib must be a number above 0"),
        ("memory_gib = 64", 'memory_gib = "64"', "memory_gib must be a number above 0"),
        ("memory_gib = 64", "", "memory_gib must be a number above 0"),
        ("bandwidth_gb_per_s = 3_000", "bandwidth_gb_per_s = true", "bandwidth_gb_per_s must be"),
        ("bf16_tflops = 400", 'bf16_tflops = "400"', "bf16_tflops must be a number above 0"),
        ("usd_per_hour = 1.1", "usd_per_hour = nan", "usd_per_hour must be a number above 0"),
        ('source = "the box"', "", "source must say"),
        ("checked = 2026-11-20", 'checked = "yesterday"', "checked must be a date"),
    ],
)
def test_a_bad_row_of_the_user_is_one_line(tmp_path: Path, line: str, bad: str, words: str) -> None:
    (tmp_path / "llmnumbers.toml").write_text(USER_GPU.replace(line, bad), encoding="utf-8")
    with pytest.raises(CatalogError, match=words) as caught:
        find_gpu("T4")
    assert "llmnumbers.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "model", "context"),
    [
        ("llama-3.1-8b", "Llama-3.1-8B", 131_072),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B", 131_072),
        ("meta-llama/Meta-Llama-3-8B", "Llama-3-8B", 8_192),
        ("llama3.1:8b", "Llama-3.1-8B", 131_072),
        ("meta-llama/Llama-2-13b-chat-hf", "Llama-2-13B", 4_096),
        ("Qwen/Qwen3-8B", "Qwen3-8B", 40_960),
        ("qwen2.5-7b", "Qwen2.5-7B", 131_072),
        ("qwen2.5-7b-instruct", "Qwen2.5-7B", 32_768),
        ("Qwen/Qwen3-4B-Instruct-2507", "Qwen3-4B-2507", 262_144),
        ("mistral-7b", "Mistral-7B-v0.3", 32_768),
        ("mistralai/Mistral-7B-Instruct-v0.2", "Mistral-7B-v0.2", 32_768),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "Qwen3-30B-A3B-Instruct-2507", 262_144),
        ("deepseek-ai/DeepSeek-R1", "DeepSeek-R1", 163_840),
        ("openai/gpt-oss-20b", "gpt-oss-20b", 131_072),
        ("google/gemma-3-27b-it", "Gemma-3-27B", 131_072),
        ("bge-m3", "bge-m3", 8_194),
    ],
)
def test_model_names_as_people_write_them(name: str, model: str, context: int) -> None:
    spec = find_model(name)
    assert (spec.name, spec.max_context_tokens) == (model, context)


@pytest.mark.parametrize(
    ("size", "params"),
    [
        ("13B", 13 * 10**9),
        ("7b", 7 * 10**9),
        ("1.5B", 1_500_000_000),
        ("350M", 350 * 10**6),
        (".5 b", 5 * 10**8),
    ],
)
def test_a_bare_size_is_exactly_its_parameters(size: str, params: int) -> None:
    spec = find_model(size)
    assert spec.given_params == params
    assert spec.params_figure().origin == "given"
    assert spec.max_context_tokens is None


def test_13b_has_the_shape_of_llama_2_13b_and_7b_a_range() -> None:
    heads = find_model("13B").figure("n_kv_heads")
    assert (heads.origin, heads.value, heads.low, heads.high) == ("assumed", 40, 40, 40)
    heads = find_model("7B").figure("n_kv_heads")
    assert (heads.value, heads.low, heads.high) == (32, 8, 32)


@pytest.mark.parametrize("size", ["0B", "-7B", "1e99B", "1e-9B", "1e999999999999999999999B", "+0.0M"])
def test_an_absurd_size_is_one_line(size: str) -> None:
    with pytest.raises(UsageError, match="is not between 100K and 100T") as caught:
        find_model(size)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["wonder-7x", "mistral-7b-v0.9", "nanB", "B", "١٣B"])
def test_an_unknown_model(name: str) -> None:
    with pytest.raises(UnknownNameError, match="such as 13B") as caught:
        find_model(name)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("find", [find_model, find_gpu, find_quant])
def test_an_empty_name_is_an_error(find: Callable[[str], object]) -> None:
    with pytest.raises(LLMNumbersError):
        find("  ")


@pytest.mark.parametrize(
    ("name", "quant"),
    [
        ("Q4_K_M", "q4_k_m"),
        ("q4km", "q4_k_m"),
        ("float16", "fp16"),
        ("8bit", "int8"),
        ("4-bit", "int4"),
        ("AWQ", "int4"),
        ("bfloat16", "bf16"),
        ("nf4_dq", "nf4-dq"),
    ],
)
def test_quantisation_names_as_people_write_them(name: str, quant: str) -> None:
    assert find_quant(name).name == quant


# The sizes of a bare size are those of Llama-3.1-8B in llama.cpp's table; other models lie in the
# range: Llama-3.1-70B is 43.1 GB in Q4_K_M (tools/quantize/README.md), Llama-2-7B 4.84 and 5.68
# bits in Q4_K_M and Q5_K_M (llama.cpp start-up logs).
@pytest.mark.parametrize(
    ("quant", "bits"), [("q4_k_m", 43.1e9 * 8 / 70_553_706_496), ("q4_k_m", 4.84), ("q5_k_m", 5.68)]
)
def test_the_range_of_a_mix_holds_other_models(quant: str, bits: float) -> None:
    figure = find_quant(quant).bits_figure()
    assert figure.low is not None
    assert figure.high is not None
    assert float(figure.low) <= bits <= float(figure.high)

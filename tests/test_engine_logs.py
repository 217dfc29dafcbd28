"""Start-up logs of four engines: what is read of them, beside the estimate, and what is kept.

The logs are lines of public reports, whose paths, host names and GPU identifiers are replaced:

- vllm_v0_llama3_h100: vllm-project/vllm#10511; vllm_v0_v100: vllm-project/vllm#11251;
  vllm_0_8_llama_l40s: vllm-project/vllm#17122; vllm_0_10_config: vllm-project/vllm#24162;
  vllm_0_27_tp2: gpustack/runner#251.
- sglang_0_4_qwq_4xl4: didier-durand/llms-in-clouds, docs/sglang.md;
  sglang_qwen3_14b: xorbitsai/inference#3481.
- llama_cpp_2023_llava: ggml-org/llama.cpp#3616; llama_cpp_2024_command_r: ggml-org/llama.cpp#6122;
  llama_cpp_2025_rocm_qwen25: ggml-org/llama.cpp#11337; llama_cpp_2026_breakdown: ggml-org/llama.cpp#19437.
- ollama_0_5_plan_70b: ollama/ollama#9181; the other logs of Ollama were pasted into notes in public
  repositories: DeepSeek R1 8B on a GTX 1080 (June 2025), Qwen2.5 Coder 7B on an RTX 3060 (Ollama 0.20.2),
  and qwen3-coder-next over a GPU and RAM (April 2026).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from test_gpu_probe import run

from ipython_llmnumbers import compare_log, corrections, gpu_fit
from ipython_llmnumbers.catalog.hardware.corrections import corrections_file, kept_corrections
from ipython_llmnumbers.catalog.hardware.engine_logs import FIGURES, SETTINGS, log_forms
from ipython_llmnumbers.errors import CatalogError, FileError, UsageError
from ipython_llmnumbers.probes.engines.log import EngineLog, read_log

pytestmark = pytest.mark.usefixtures("user_table")

LOGS = Path(__file__).parent / "data" / "engine_logs"
GIB, MIB = 2**30, 2**20


def log_of(name: str) -> EngineLog:
    return read_log(LOGS / f"{name}.log", log_forms(), FIGURES)


def in_gib(name: str) -> dict[str, float]:
    """The sizes of the last start: bytes in GiB, tokens and blocks as they are."""
    readings = log_of(name).starts[-1].readings
    return {
        key: round(each.value / GIB, 3) if FIGURES[key] == "bytes" else each.value
        for key, each in readings.items()
    }


# -- what is read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "engine", "sizes"),
    [
        (
            "vllm_v0_llama3_h100",
            "vllm",
            {
                "weights_bytes": 14.96,
                "non_torch_bytes": 1.79,
                "activation_bytes": 1.26,
                "kv_space_bytes": 53.29,
            },
        ),
        (
            "vllm_v0_v100",
            "vllm",
            {
                "weights_bytes": 7.51,
                "non_torch_bytes": 0.39,
                "activation_bytes": 2.53,
                "kv_space_bytes": 3.76,
                "kv_space_blocks": 3852,
            },
        ),
        ("vllm_0_8_llama_l40s", "vllm", {"weights_bytes": 14.989, "kv_space_tokens": 158_656}),
        ("vllm_0_27_tp2", "vllm", {"set_aside_bytes": 0.36, "kv_space_bytes": 6.87}),
        (
            "sglang_0_4_qwq_4xl4",
            "sglang",
            {"weights_bytes": 15.54, "kv_space_tokens": 46_611, "k_bytes": 1.42, "v_bytes": 1.42},
        ),
        (
            "sglang_qwen3_14b",
            "sglang",
            {"weights_bytes": 27.57, "kv_space_tokens": 91_749, "k_bytes": 7, "v_bytes": 7},
        ),
        # 1,640.62 MiB in RAM; 5,434.38 + 13,989.53 and 1,536 + 3,584 MiB on two GPUs.
        (
            "llama_cpp_2024_command_r",
            "llama.cpp",
            {"host_bytes": 1.602, "weights_bytes": 18.969, "kv_cache_bytes": 5, "activation_bytes": 0.656},
        ),
        ("llama_cpp_2025_rocm_qwen25", "llama.cpp", {"host_bytes": 0.135, "weights_bytes": 0.32}),
        (
            "llama_cpp_2026_breakdown",
            "llama.cpp",
            {"weights_bytes": 9.584, "kv_cache_bytes": 0.131, "activation_bytes": 0.05, "host_bytes": 0.162},
        ),
        (
            "llama_cpp_2023_llava",
            "llama.cpp",
            {"host_bytes": 4.454, "weights_bytes": 0, "kv_cache_bytes": 1, "activation_bytes": 0.158},
        ),
        (
            "ollama_0_6_r1_8b_gtx1080",
            "ollama",
            {"weights_bytes": 4.3, "host_bytes": 0.275, "kv_cache_bytes": 1, "activation_bytes": 0.547},
        ),
        # What llama.cpp loaded, 4,168.09 MiB, and not the 4.1 GiB that Ollama planned, nor both.
        (
            "ollama_0_20_qwen25_coder_rtx3060",
            "ollama",
            {"weights_bytes": 4.07, "kv_cache_bytes": 1.8, "activation_bytes": 1.8, "host_bytes": 0.286},
        ),
        (
            "ollama_0_5_plan_70b",
            "ollama",
            {"loaded_bytes": 87.3, "kv_cache_bytes": 19.5, "activation_bytes": 8.2},
        ),
        (
            "ollama_0_11_partial",
            "ollama",
            {"weights_bytes": 19.9, "host_bytes": 28.3, "kv_cache_bytes": 2.6, "activation_bytes": 0.863},
        ),
    ],
)
def test_the_sizes_in_a_log(name: str, engine: str, sizes: dict[str, float]) -> None:
    assert log_of(name).form.name == engine
    assert in_gib(name) == sizes


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("vllm_v0_llama3_h100", {"utilization": "0.90", "device_gib": "79.22"}),
        ("vllm_0_27_tp2", {"utilization": "0.8200"}),
        ("sglang_0_4_qwq_4xl4", {"tp": "4", "utilization": "0.85", "context_tokens": "131072"}),
        ("ollama_0_6_r1_8b_gtx1080", {"quant": "Q4_K - Medium", "n_layers": "32", "batch_size": "4"}),
        ("ollama_0_20_qwen25_coder_rtx3060", {"version": "0.20.2", "context_tokens": "32768"}),
        ("ollama_0_11_partial", {"gpu_layers": "20", "all_layers": "49"}),
    ],
)
def test_what_the_engine_was_started_with(name: str, told: dict[str, str]) -> None:
    assert told.items() <= log_of(name).starts[-1].settings.items()


def test_gpus_are_named_once_whatever_lines_name_them() -> None:
    assert log_of("llama_cpp_2024_command_r").starts[0].gpus == (
        "NVIDIA GeForce RTX 4070 Ti",
        "NVIDIA GeForce RTX 3090 Ti",
    )
    assert log_of("ollama_0_20_qwen25_coder_rtx3060").starts[0].gpus == ("NVIDIA GeForce RTX 3060",)


def test_each_group_of_a_pattern_is_a_size_or_a_setting() -> None:
    known = {*FIGURES, *SETTINGS, "unit", "device"}
    for form in log_forms():
        for line in form.lines:
            assert set(line.pattern.groupindex) <= known
            sizes = [name for name in line.pattern.groupindex if FIGURES.get(name) == "bytes"]
            assert bool(sizes) == bool(line.unit or "unit" in line.pattern.groupindex), line


# -- beside the estimate ------------------------------------------------------------------


def shares(estimate: Any) -> dict[str, float]:
    return {part.subject: round(part["difference_share"].value, 3) for part in estimate.parts}


def test_llama_cpp_loads_what_is_estimated_to_the_byte() -> None:
    """4,403.49 MiB on the GPU, 281.81 in RAM and 1,024 of cache; without flash attention more to compute."""
    found = compare_log("llama-3.1-8b", log=str(LOGS / "ollama_0_6_r1_8b_gtx1080.log"))
    beyond = {part.subject: part["difference"].value / MIB for part in found.parts}
    assert abs(beyond["weights_bytes"]) < 0.01
    assert abs(beyond["host_bytes"]) < 0.01
    assert beyond["kv_cache_bytes"] == 0
    assert 300 < beyond["activation_bytes"] < 303
    assert found.details.device == "GTX 1080"
    assert found["total_bytes"].details.line == 24


def test_a_log_of_vllm_against_the_version_that_is_named() -> None:
    found = compare_log("llama-3-8b", log=str(LOGS / "vllm_v0_llama3_h100.log"), engine="vllm==0.6")
    assert {"weights_bytes": 0.0, "activation_bytes": -0.001}.items() <= shares(found).items()
    low, high = found["kv_space_bytes"]["estimated"].low, found["kv_space_bytes"]["estimated"].high
    assert low < 53.29 * GIB < high


def test_blocks_are_sixteen_tokens() -> None:
    log = str(LOGS / "vllm_v0_v100.log")
    found = compare_log("llama-3.1-8b", log=log, engine="vllm==0.6", gpu="V100 16GB", tp=2)
    assert found["kv_space_tokens"]["measured"].value == 3852 * 16
    assert abs(shares(found)["weights_bytes"]) < 0.005


def test_a_log_that_powershell_wrote_is_read(tmp_path: Path) -> None:
    """`llama-server *> server.log` in PowerShell 5.1 writes UTF-16: wonderwhy-er/DesktopCommanderMCP#610."""
    text = (LOGS / "ollama_0_20_qwen25_coder_rtx3060.log").read_text("utf-8")
    path = tmp_path / "server.log"
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-16"))
    assert read_log(path, log_forms(), FIGURES).starts == log_of("ollama_0_20_qwen25_coder_rtx3060").starts


def test_several_gpus_of_sglang_each_hold_a_share() -> None:
    found = compare_log("QwQ-32B", log=str(LOGS / "sglang_0_4_qwq_4xl4.log"), gpu="L4")
    assert found["weights_bytes"]["estimated"].value < 15.5 * GIB
    assert found["kv_space_bytes"]["measured"].value == round(1.42 * GIB) * 2


def test_of_layers_in_ram_the_sum_is_compared() -> None:
    found = compare_log("qwen3-next-80b-a3b", log=str(LOGS / "ollama_0_11_partial.log"), gpu="24GiB")
    assert "weights_bytes" not in found
    assert found["loaded_bytes"]["measured"].value == round((19.9 + 28.3) * GIB)
    assert "20 of 49 layers were on the GPU" in str(found)


def test_the_model_of_the_log_is_taken_where_none_is_named() -> None:
    found = compare_log(log=str(LOGS / "ollama_0_20_qwen25_coder_rtx3060.log"))
    assert found.subject == "Qwen2.5-Coder-7B-Instruct"
    assert found.details.device == "RTX 3060 12GB"  # of two sizes the one that the log says
    assert abs(shares(found)["weights_bytes"]) < 0.001


def test_a_cache_of_unknown_length_is_not_compared() -> None:
    found = compare_log("llama-3-70b", log=str(LOGS / "ollama_0_5_plan_70b.log"), gpu="4x24GiB")
    assert "kv_cache_bytes" not in found
    assert found["loaded_bytes"].details.is_estimated
    assert "~87.3 GiB" in str(found)


def test_a_difference_below_the_log_s_rounding_is_none() -> None:
    """Ollama 0.20.2 plans "1.8 GiB" of cache: 28 layers x 2 x 512 x 2 B x 32,768 tokens are 1.75."""
    found = compare_log(log=str(LOGS / "ollama_0_20_qwen25_coder_rtx3060.log"))
    cache = found["kv_cache_bytes"]
    assert cache["difference"].value == pytest.approx(0.05 * GIB, abs=2)
    assert cache.details.is_rounding
    assert "none, as the log rounds" in str(found)
    assert not found["activation_bytes"].details.is_rounding
    weights = found["weights_bytes"]  # 4168.09 MiB
    assert weights.details.rounding == pytest.approx(0.005 * MIB)


def test_sizes_with_few_digits_keep_no_correction_of_their_rounding(tmp_path: Path) -> None:
    text = (LOGS / "sglang_0_4_qwq_4xl4.log").read_text("utf-8")
    exact = compare_log("QwQ-32B", log=str(LOGS / "sglang_0_4_qwq_4xl4.log"), gpu="L4")
    estimated = exact["weights_bytes"]["estimated"].value / GIB
    path = tmp_path / "server.log"
    path.write_text(re.sub(r"(mem usage=)15\.\d+", rf"\g<1>{estimated:.1f}", text), encoding="utf-8")
    compare_log("QwQ-32B", log=str(path), gpu="L4", keep=True)
    (kept,) = kept_corrections()
    assert kept.weights_bytes == 0


@pytest.mark.parametrize(
    ("log", "engine", "problem"),
    [
        ("vllm_0_8_llama_l40s", "llama.cpp", "a log of vLLM, not of llama.cpp; leave out engine='llama.cpp'"),
        ("sglang_qwen3_14b", "vllm", "a log of SGLang, not of vLLM"),
        ("llama_cpp_2024_command_r", "ollama", "a log of llama.cpp, not of Ollama"),
    ],
)
def test_a_log_of_another_engine_is_refused(log: str, engine: str, problem: str) -> None:
    models = {"vllm_0_8_llama_l40s": "llama-3.1-8b", "sglang_qwen3_14b": "qwen3-14b"}
    with pytest.raises(UsageError, match=re.escape(problem)):
        compare_log(
            models.get(log, "c4ai-command-r-v01"), log=str(LOGS / f"{log}.log"), gpu="L40S", engine=engine
        )


def test_all_gpus_of_a_log_are_named() -> None:
    found = compare_log("QwQ-32B", log=str(LOGS / "sglang_0_4_qwq_4xl4.log"), gpu="L4", keep=True)
    assert found.details.device == "4 × L4"
    assert any("SGLang on 4 × L4 is corrected" in note.text for note in found.notes)


# -- what is refused, in one line ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "model", "problem"),
    [
        (
            "[INFO] 12:00 nginx: started\n" * 5,
            "llama-3.1-8b",
            "no start-up log of Ollama, SGLang, vLLM, llama.cpp",
        ),
        ("", "llama-3.1-8b", "no start-up log of"),
        ("\x00\xff" * 99, "llama-3.1-8b", "no start-up log of"),
        (
            (LOGS / "vllm_0_10_config.log").read_text("utf-8"),
            "qwen2.5-0.5b",
            "a log of vLLM that ends before anything is loaded",
        ),
        (
            (LOGS / "ollama_0_6_r1_8b_gtx1080.log").read_text("utf-8"),
            "qwen3-8b",  # as large, but of 36 layers
            "a log of 'DeepSeek R1 Distill Llama 8B', not of Qwen3-8B",
        ),
        ((LOGS / "sglang_0_4_qwq_4xl4.log").read_text("utf-8"), "llama-3.1-8b", "a log of 'QwQ-32B', not of"),
        (
            "INFO [gpu_model_runner.py:1] Model loading took 14.9 GiB and 3 s",
            None,
            "the log does not name the model; name it, as llama-3.1-8b",
        ),
    ],
)
def test_another_log_is_refused(tmp_path: Path, text: str, model: str | None, problem: str) -> None:
    path = tmp_path / "server.log"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(FileError) as caught:
        compare_log(model, log=str(path), gpu="L4")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_log_that_names_no_gpu_asks_for_it() -> None:
    with pytest.raises(UsageError, match="does not say on which GPU it was; name it with gpu"):
        compare_log("qwen3-14b", log=str(LOGS / "sglang_qwen3_14b.log"))


def test_weights_of_something_else_are_said_and_never_kept() -> None:
    path = str(LOGS / "sglang_qwen3_14b.log")
    found = compare_log("qwen3-8b", log=path, gpu="L40S")
    assert "the weights are not those of Qwen3-8B in bf16" in str(found)
    with pytest.raises(UsageError, match="nothing is kept"):
        compare_log("qwen3-8b", log=path, gpu="L40S", keep=True)
    assert kept_corrections() == ()


@pytest.mark.parametrize(
    "line",
    [
        "llama_context: n_ctx = " + "9" * 4000,
        "load_tensors: CUDA0 model buffer size = " + "." * 4000 + " MiB",
        "load_tensors: CUDA0 model buffer size = " + "9" * 4000 + " MiB",
        "INFO LLM engine (v0.1) with config: model='" + "a" * 100_000,
        "Free memory on device (1.2.3/4.5.6 GiB)",
        "llama_model_loader: " + "K (" * 30_000,
        "print_info: model params     = 9e99 B",
        "msg=offload " + 'memory.weights.total="1 XiB" ' * 500,
    ],
)
def test_a_hostile_line_is_passed_over(tmp_path: Path, line: str) -> None:
    path = tmp_path / "server.log"
    good = (LOGS / "ollama_0_6_r1_8b_gtx1080.log").read_text("utf-8")
    path.write_text(f"{line}\n{good}{line}\n", encoding="utf-8")
    found = compare_log("llama-3.1-8b", log=str(path), gpu="GTX 1080")
    assert found["activation_bytes"]["measured"].value == 560 * MIB


def test_of_several_starts_the_last_of_the_model_counts(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    eight = (LOGS / "ollama_0_6_r1_8b_gtx1080.log").read_text("utf-8")
    other = eight.replace("8.03 B", "70.55 B").replace("= 32\n", "= 80\n")
    again = eight.replace("560.00 MiB", "561.00 MiB")
    path.write_text(eight + again + other, encoding="utf-8")
    found = compare_log("llama-3.1-8b", log=str(path))
    assert found["activation_bytes"]["measured"].value == 561 * MIB
    assert found["weights_bytes"]["measured"].value == pytest.approx(4403.49 * MIB, abs=1)
    assert "3 starts" in str(found)


# -- what is kept -------------------------------------------------------------------------

QWQ: dict[str, Any] = {"gpu": "L4", "engine": "sglang==0.4", "utilization": 0.85}


def keep() -> Any:
    log = str(LOGS / "sglang_0_4_qwq_4xl4.log")
    return compare_log("QwQ-32B", log=log, gpu="L4", engine="sglang==0.4", keep=True)


def test_a_correction_brings_the_estimate_to_the_log() -> None:
    before = gpu_fit("QwQ-32B", tp=4, **QWQ)
    keep()
    after = gpu_fit("QwQ-32B", tp=4, **QWQ)
    assert before["kv_space_bytes"].value / GIB < 2
    assert after["kv_space_bytes"].value / GIB == pytest.approx(2.84, abs=0.01)
    assert after["weights_bytes"].value / GIB == pytest.approx(15.54, abs=0.01)
    assert "corrected by" in str(after)
    assert "sglang_0_4_qwq_4xl4.log" in str(after)
    assert "corrected by" not in str(before)
    assert "correction_bytes" in {figure.name for figure in after.walk()}


@pytest.mark.parametrize(
    "other",
    [
        {"gpu": "A10G"},
        {"engine": "vllm==0.6"},
        {"tp": 2},
        {"engine": "sglang==0.5.2"},
        {"engine": None, "utilization": None},
    ],
)
def test_it_holds_for_no_other_machine_engine_or_version(other: dict[str, Any]) -> None:
    asked = {"tp": 4, **QWQ, **other}
    before = gpu_fit("QwQ-32B", **asked)
    keep()
    after = gpu_fit("QwQ-32B", **asked)
    assert after["total_bytes"].value == before["total_bytes"].value
    assert " corrected by" not in str(after)


def test_another_version_is_told_which_one_was_measured() -> None:
    keep()
    found = gpu_fit("QwQ-32B", tp=4, gpu="L4", engine="sglang")
    assert "engine='sglang==0.4' uses it" in str(found)


def test_another_model_gets_the_overhead_and_not_the_weights() -> None:
    before = gpu_fit("qwen3-32b", tp=4, **QWQ)
    keep()
    after = gpu_fit("qwen3-32b", tp=4, **QWQ)
    assert after["weights_bytes"].value == before["weights_bytes"].value
    assert after["overhead_bytes"].value < before["overhead_bytes"].value
    assert "with QwQ-32B in bf16 on L4" in str(after)


def test_keeping_again_replaces_and_compares_with_the_bare_estimate() -> None:
    first, again = keep(), keep()
    assert again["kv_space_bytes"]["difference"].value == first["kv_space_bytes"]["difference"].value
    assert len(kept_corrections()) == 1


def test_corrections_are_listed_and_dropped() -> None:
    assert corrections().parts == ()
    keep()
    (part,) = corrections().parts
    assert (part.subject, part.details.engine, part.details.version, part.details.tp) == (
        "1",
        "sglang",
        "0.4",
        4,
    )
    for wrong in ("2", "0", "one", "1,9", ""):
        with pytest.raises(UsageError, match="give the number, or all"):
            corrections(drop=wrong)
    assert len(corrections(drop="1").parts) == 1
    assert kept_corrections() == ()


def test_a_build_of_llama_cpp_is_a_version(tmp_path: Path) -> None:
    text = (LOGS / "llama_cpp_2024_command_r.log").read_text("utf-8").replace("40 repeating", "32 repeating")
    lines = [line for line in text.splitlines() if "CUDA1" not in line and "Device 1" not in line]
    path = tmp_path / "llama.log"
    body = "\n".join(lines).replace("5434.38", "4403.49").replace("1536.00", "512.00")
    path.write_text(f"build: 4589 (eb7cf15a) with cc\n{body}\n", encoding="utf-8")
    compare_log("llama-3.1-8b", log=str(path), quant="q4_k_m", keep=True)
    (kept,) = kept_corrections()
    assert (kept.engine, kept.version, kept.gpu) == ("llama.cpp", "4589", "RTX 4070 Ti")
    asked = {"gpu": "RTX 4070 Ti", "quant": "q4_k_m"}
    assert "corrected by +414 MiB" in str(gpu_fit("llama-3.1-8b", engine="llama.cpp==b4589", **asked))
    assert "corrected by" not in str(gpu_fit("llama-3.1-8b", engine="llama.cpp==b4590", **asked))


def test_what_ollama_only_planned_is_no_measurement() -> None:
    with pytest.raises(UsageError, match="the log measures no overhead"):
        compare_log("70B", log=str(LOGS / "ollama_0_5_plan_70b.log"), gpu="4x24GiB", keep=True)


def test_a_log_of_ollama_corrects_ollama_in_that_version_alone() -> None:
    compare_log(log=str(LOGS / "ollama_0_20_qwen25_coder_rtx3060.log"), keep=True)
    (kept,) = kept_corrections()
    assert (kept.engine, kept.version, kept.gpu) == ("ollama", "0.20.2", "RTX 3060 12GB")
    asked = {"quant": "q4_k_m", "gpu": "RTX 3060 12GB"}
    name = "Qwen2.5-Coder-7B-Instruct"
    assert "corrected by +1,539 MiB" in str(gpu_fit(name, engine="ollama==0.20.2", **asked))
    assert " corrected by" not in str(gpu_fit(name, engine="ollama==0.20.3", **asked))
    assert " corrected by" not in str(gpu_fit(name, engine="llama.cpp", **asked))


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        "not json",
        '{"schema": "llmnumbers.corrections.v1", "corrections": [{}]}',
        '{"schema": "llmnumbers.corrections.v1", "corrections": 3}',
        '{"schema": "other", "corrections": []}',
    ],
)
def test_a_damaged_file_is_one_line(content: str) -> None:
    corrections_file().write_text(content, encoding="utf-8")
    with pytest.raises(CatalogError, match="not the corrections as they were kept; remove the file"):
        gpu_fit("QwQ-32B", tp=4, **QWQ)


@pytest.mark.parametrize(
    ("name", "value"), [("overhead_bytes", 10**30), ("day", "soon"), ("tp", "4"), ("gpu", 1)]
)
def test_a_row_that_was_changed_by_hand_is_refused(name: str, value: object) -> None:
    keep()
    found = json.loads(corrections_file().read_text("utf-8"))
    found["corrections"][0][name] = value
    corrections_file().write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(CatalogError, match="not the corrections as they were kept"):
        corrections()


# -- in a cell ----------------------------------------------------------------------------


def test_the_magic_compares_keeps_lists_and_drops(shell: Any) -> None:
    log = LOGS / "sglang_0_4_qwq_4xl4.log"
    found = shell.run_line_magic("gpufit", f"QwQ-32B --gpu L4 --log {log} --keep")
    assert "--drop takes it away" in str(found)
    assert len(shell.run_line_magic("gpufit", "--corrections").parts) == 1
    assert len(shell.run_line_magic("gpufit", "--drop all").parts) == 1
    assert shell.run_line_magic("gpufit", "--corrections").parts == ()


# -- on a GPU of this machine -------------------------------------------------------------

KEPT_HERE = """
import json, sys
from ipython_llmnumbers import compare_log, gpu_fit
asked = {"engine": "sglang==0.4", "utilization": 0.85}
log = sys.argv[2]
found = compare_log("qwen3-8b", log=log, engine="sglang==0.4", keep=True)
here = gpu_fit("qwen3-8b", **asked)
named = gpu_fit("qwen3-8b", gpu=found.details.device, **asked)
print(json.dumps({
    "device": found.details.device,
    "here": "corrected by" in str(here),
    "named": "corrected by" in str(named),
    "free": found["kv_space_bytes"]["estimated"].value,
}))
"""


def test_a_log_of_the_gpu_that_is_here_is_of_it_alone_and_of_it_while_it_was_empty(
    driver: Path, tmp_path: Path
) -> None:
    """A busy L4, as while the server of the log runs; the log names no GPU."""
    path = tmp_path / "server.log"
    path.write_text(
        "[12:00:00] Load weight end. type=Qwen3ForCausalLM, dtype=torch.bfloat16, mem usage=15.27 GB.\n"
        "[12:00:01] KV Cache is allocated. #tokens: 24576, K size: 1.69 GB, V size: 1.69 GB\n",
        encoding="utf-8",
    )
    found = run(
        driver,
        KEPT_HERE,
        str(path),
        FAKE_NVML_GPUS=f"NVIDIA L4:{23034 * MIB}:{20 * GIB}",
        LLMNUMBERS_FILE=str(tmp_path / "llmnumbers.toml"),
    )
    assert (found["device"], found["here"], found["named"]) == ("L4", True, False)
    assert found["free"] > 2 * GIB

"""The GPU probe and `gpu_fit` on it, through the real pynvml and a fake driver library.

pynvml keeps its library for the life of a process, so each scenario has a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import psutil
import pytest

from ipython_llmnumbers.probes.hardware.amd import read_amd
from ipython_llmnumbers.probes.hardware.apple import read_apple
from ipython_llmnumbers.probes.hardware.host import host_memory

GIB = 2**30
# One NVIDIA A100-SXM4-80GB, 18 GiB of it used by three processes, and a smaller second GPU.
A100 = "NVIDIA A100-SXM4-80GB:85899345920:19327352832"
T4 = "Tesla T4:16106127360:1073741824"

# After that a process hangs. A driver is waited for as long: a busy machine is no broken driver.
HANGS_S = 300

PRELUDE = f"""
import ctypes, dataclasses, json, sys
ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)
from ipython_llmnumbers.probes.hardware import local_gpus as gpu
gpu.local_gpus.__defaults__ = ({HANGS_S},)
"""
READ = """
from ipython_llmnumbers.probes.hardware.local_gpus import local_gpus
timeout = [float(sys.argv[2])] if sys.argv[2] else []
print(json.dumps(dataclasses.asdict(local_gpus(*timeout))))
"""
FIT = """
from ipython_llmnumbers import gpu_fit
print(json.dumps(gpu_fit(sys.argv[2], context_tokens=8192).to_dict()))
"""
FIT_TEXT = FIT.replace(".to_dict()", "").replace("gpu_fit(", "str(gpu_fit(").replace("8192)", "8192))")
FIT_VLLM = FIT.replace("context_tokens=8192", "engine='vllm'")
FIT_HALF = FIT.replace("context_tokens=8192", "engine='vllm', utilization=0.5")


@pytest.fixture(scope="session")
def old_driver(build_driver: Callable[..., Path]) -> Path:
    return build_driver("-DOLD_DRIVER")


def run(library: Path, code: str, argument: str, **scenario: str) -> Any:
    """What `code` prints, as JSON, in a process where the fake driver plays `scenario`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CUDA_", "FAKE_NVML_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + code, str(library), argument],
        env={**kept, **scenario},
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_an_a100_with_three_processes(driver: Path) -> None:
    reading = run(driver, READ, "", FAKE_NVML_GPUS=A100)
    assert reading["unavailable"] == ""
    assert reading["driver_version"] == "580.95.05"
    (gpu,) = reading["devices"]
    assert gpu["name"] == "NVIDIA A100-SXM4-80GB"
    assert gpu["total_bytes"] == 80 * GIB
    assert gpu["free_bytes"] == 80 * GIB - 18 * GIB - 619249664  # the driver's own share is not free
    assert [each["used_bytes"] for each in gpu["processes"]] == [3 * GIB, 6 * GIB, 9 * GIB]
    assert gpu["compute_capability"] == "8.0"
    # 5,120 bit × 1,593 MHz × 2: the 2,039 GB/s of NVIDIA's A100 80GB data sheet.
    assert gpu["bandwidth_bytes_per_s"] // 10**9 == 2039


# vLLM starts where its share of the GPU is free (request_memory in vllm/v1/worker/utils.py): half of 80 GiB,
# of which the fake driver keeps 619,249,664 bytes for itself.
@pytest.mark.parametrize(("more", "n_notes"), [(0, 0), (1, 1)])
def test_vllm_starts_where_exactly_its_share_is_free(driver: Path, more: int, n_notes: int) -> None:
    used = 40 * GIB - 619_249_664 + more
    fit = run(driver, FIT_HALF, "llama-3.1-8b", FAKE_NVML_GPUS=f"NVIDIA H100:{80 * GIB}:{used}")
    assert fit["figures"]["free_bytes"]["value"] == 40 * GIB - more
    assert sum("vLLM does not start: it asks for 50%" in note["text"] for note in fit["notes"]) == n_notes


# "Free memory on device (a/b GiB) on startup is less than desired GPU memory utilization":
# vllm-project/vllm#20305, pytorch/pytorch#175666 (which lacked 0.07 GiB), vllm-project/vllm#25837.
@pytest.mark.parametrize(
    ("free_gib", "whole_gib", "utilization", "is_enough"),
    [(31.44, 47.38, 0.95, True), (19.77, 22.05, 0.9, True), (3.22, 4.0, 0.9, False)],
)
def test_vllm_does_not_fit_where_it_does_not_start(
    driver: Path, free_gib: float, whole_gib: float, utilization: float, is_enough: bool
) -> None:
    whole, free = int(whole_gib * GIB), int(free_gib * GIB)
    scenario = f"NVIDIA Prototype:{whole}:{whole - free - 619_249_664}"
    code = FIT_HALF.replace("0.5", str(utilization))
    fit = run(driver, code, "qwen3-0.6b", FAKE_NVML_GPUS=scenario)
    assert fit["verdict"] == "does not fit"
    assert fit["figures"]["max_context_tokens"]["value"] == fit["figures"]["max_batch_size"]["value"] == 0
    share = int(100 * free_gib / whole_gib) / 100
    told = [note["text"] for note in fit["notes"] if note["text"].startswith("it fits with")]
    assert (f"it fits with utilization={share}" in told) == is_enough
    assert not any("utilization" in text and "gpu=" in text for text in told)
    starts = run(driver, FIT_HALF.replace("0.5", str(share)), "qwen3-0.6b", FAKE_NVML_GPUS=scenario)
    assert (starts["verdict"] == "fits") == is_enough


def test_the_space_on_a_busy_gpu_is_of_what_is_free(driver: Path) -> None:
    whole, free = 24 * GIB, int(16.4 * GIB)
    scenario = f"NVIDIA GeForce RTX 4090:{whole}:{whole - free - 619_249_664}"
    fit = run(driver, FIT_VLLM, "qwen3-4b", FAKE_NVML_GPUS=scenario)["figures"]
    assert fit["kv_space_bytes"]["high"] <= free - fit["weights_bytes"]["value"]


# vLLM's max_num_batched_tokens, served and offline: 8,192 and 16,384 from 70 GiB on but for an A100, which
# was slower with so many, else 2,048 and 8,192 (get_batch_defaults in vllm/engine/arg_utils.py,
# https://github.com/vllm-project/vllm/pull/17885).
@pytest.mark.parametrize(
    ("gpu", "tokens"),
    [
        ("NVIDIA L40S:48305799168:0", [2_048, 8_192]),
        (f"NVIDIA Prototype:{70 * GIB - 1}:0", [2_048, 8_192]),
        (f"NVIDIA Prototype:{70 * GIB}:0", [8_192, 16_384]),
        ("NVIDIA H100 80GB HBM3:85520809984:0", [8_192, 16_384]),
        ("NVIDIA A100-SXM4-80GB:85899345920:0", [2_048, 8_192]),
        ("NVIDIA A100 80GB PCIe:85899345920:0", [2_048, 8_192]),
    ],
)
def test_what_vllm_plans_on_the_gpu_that_the_driver_names(driver: Path, gpu: str, tokens: list[int]) -> None:
    fit = run(driver, FIT_VLLM, "llama-3.1-8b", FAKE_NVML_GPUS=gpu)
    inputs = fit["figures"]["activation_bytes"]["inputs"]
    batched = next(each for each in inputs if each["name"] == "batched_tokens")
    assert [batched["low"], batched["high"]] == tokens


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ("nvmlInitWithFlags=12", "no NVIDIA driver was found"),
        ("nvmlInitWithFlags=9", "not loaded"),
        ("nvmlInitWithFlags=18", "different versions"),
        ("nvmlInitWithFlags=4", "may not read the GPU"),
        ("nvmlInitWithFlags=999", "answers with an error"),
        ("nvmlDeviceGetCount_v2=15", "is lost"),
        ("nvmlDeviceGetCount_v2=13", "too old"),
    ],
)
def test_a_driver_that_fails_is_a_reason_in_one_line(driver: Path, faults: str, words: str) -> None:
    reading = run(driver, READ, "", FAKE_NVML_FAULTS=faults)
    assert reading["devices"] == []
    assert words in reading["unavailable"]
    assert "\n" not in reading["unavailable"]


@pytest.mark.parametrize("gpus", ["NVIDIA X:1000:2000", "NVIDIA X:0:0", f"NVIDIA X:{2**63}:1"])
def test_a_driver_that_lies_about_memory_is_not_believed(driver: Path, gpus: str) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_GPUS=gpus)["devices"]
    assert (gpu["total_bytes"], gpu["free_bytes"]) == (None, None)
    assert "amounts of memory that no GPU has" in gpu["problem"]


def test_a_driver_that_counts_two_billion_gpus_is_asked_for_few(driver: Path) -> None:
    devices = run(driver, READ, "", FAKE_NVML_COUNT=str(2**31))["devices"]
    assert len(devices) == 256
    assert devices[0]["name"] == "NVIDIA A100-SXM4-80GB"
    assert devices[1]["problem"]


def test_a_name_from_the_driver_is_text(driver: Path) -> None:
    name = "\x1b]0;pwn\x07 \u202eX"
    text = run(driver, FIT_TEXT, "llama-3.1-8b", FAKE_NVML_GPUS=f"{name}:85899345920:0")
    assert r"\x1b]0;pwn\x07 \u202eX" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_no_gpus_at_all(driver: Path) -> None:
    assert "finds no GPU" in run(driver, READ, "", FAKE_NVML_GPUS="")["unavailable"]


@pytest.mark.parametrize(
    ("faults", "field", "expected"),
    [
        ("nvmlDeviceGetName=999", "name", "GPU 0"),
        ("nvmlDeviceGetUUID=3", "uuid", None),
        (  # struct version mismatch
            "nvmlDeviceGetComputeRunningProcesses_v3=25,nvmlDeviceGetComputeRunningProcesses_v2=25",
            "processes",
            None,
        ),
        ("nvmlDeviceGetCudaComputeCapability=13", "compute_capability", None),
        ("nvmlDeviceGetMemoryBusWidth=3", "bandwidth_bytes_per_s", None),
        ("nvmlDeviceGetMaxClockInfo=3", "bandwidth_bytes_per_s", None),
        ("nvmlDeviceGetMemoryInfo=3", "is_unified", True),  # GB10, Jetson: the memory is the machine's
    ],
)
def test_one_answer_that_is_lacking_costs_only_itself(
    driver: Path, faults: str, field: str, expected: object
) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_FAULTS=faults)["devices"]
    assert gpu[field] == expected
    assert gpu["problem"] == ""
    assert (gpu["free_bytes"] is None) == (field == "is_unified")


@pytest.mark.parametrize("function", ["nvmlDeviceGetMemoryInfo", "nvmlDeviceGetHandleByIndex_v2"])
def test_a_lost_gpu_does_not_hide_the_other(driver: Path, function: str) -> None:
    reading = run(driver, READ, "", FAKE_NVML_GPUS=f"{A100},{T4}", FAKE_NVML_FAULTS=f"{function}@0=15")
    lost, well = reading["devices"]
    assert lost["free_bytes"] is None
    assert "lost" in lost["problem"]
    assert (well["name"], well["problem"]) == ("Tesla T4", "")


def test_windows_does_not_tell_what_a_process_uses(driver: Path) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_WDDM="1")["devices"]
    assert [each["used_bytes"] for each in gpu["processes"]] == [None, None, None]


def test_a_driver_without_the_newer_functions(old_driver: Path) -> None:
    (gpu,) = run(old_driver, READ, "")["devices"]
    assert gpu["total_bytes"] == 80 * GIB
    assert (gpu["processes"], gpu["is_divided"]) == (None, False)


def test_a_driver_of_before_510_has_the_second_list_of_processes(driver: Path) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_FAULTS="nvmlDeviceGetComputeRunningProcesses_v3=13")["devices"]
    assert [each["used_bytes"] for each in gpu["processes"]] == [3 * GIB, 6 * GIB, 9 * GIB]


def test_amounts_that_no_gpu_has_are_no_list(driver: Path) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_WRONG="1")["devices"]
    assert gpu["processes"] is None
    assert gpu["free_bytes"] is not None


def test_a_process_is_named_where_it_runs_here(driver: Path) -> None:
    # The driver counts processes as the kernel does; in a container the same number is another process.
    (gpu,) = run(driver, READ, "", FAKE_NVML_PID=str(os.getpid()))["devices"]
    counts_as_the_kernel = str(Path("/proc/self/ns/pid").readlink()) == "pid:[4026531836]"
    names = [each["name"] for each in gpu["processes"]]
    assert names[0] == (psutil.Process().name() if counts_as_the_kernel else None)


@pytest.mark.parametrize("name", ["NVIDIA GB10", "Orin (nvgpu)", "NVIDIA Thor"])
def test_a_chip_without_memory_of_its_own_has_the_machines(driver: Path, name: str) -> None:
    # An N1X tells of 8128 MiB that say nothing: https://github.com/unslothai/unsloth/pull/10283
    (gpu,) = run(driver, READ, "", FAKE_NVML_GPUS=f"{name}:8522825728:208666624")["devices"]
    assert (gpu["is_unified"], gpu["total_bytes"], gpu["free_bytes"]) == (True, None, None)


def test_all_of_the_machines_memory_and_no_bus_is_no_card(driver: Path) -> None:
    gpus = f"NVIDIA Grace:{psutil.virtual_memory().total}:0"
    (gpu,) = run(driver, READ, "", FAKE_NVML_GPUS=gpus)["devices"]
    assert not gpu["is_unified"]  # a card that happens to have as much, and a bus
    (gpu,) = run(driver, READ, "", FAKE_NVML_GPUS=gpus, FAKE_NVML_FAULTS="nvmlDeviceGetMemoryBusWidth=3")[
        "devices"
    ]
    assert gpu["is_unified"]


# ------------------------------------------------------------------ slices of a divided GPU (MIG)


def test_the_slices_of_a_divided_gpu_stand_in_its_place(driver: Path) -> None:
    reading = run(driver, READ, "", FAKE_NVML_GPUS=f"{A100},{T4}", FAKE_NVML_MIG="2")
    first, second = reading["devices"][:2]
    assert first["name"] == "NVIDIA A100-SXM4-80GB MIG 1g.10gb"
    assert first["total_bytes"] == 10 * GIB
    assert first["free_bytes"] == 10 * GIB - 18 * GIB // 8
    assert (first["index"], first["slice_index"], second["slice_index"]) == (0, 0, 2)
    assert first["uuid"] != second["uuid"]
    assert first["parent_uuid"] == second["parent_uuid"] == "GPU-000000a0-aaaa-bbbb-cccc-000000000000"
    assert first["compute_capability"] == "8.0"
    assert first["bandwidth_bytes_per_s"] // 10**9 == 2039 // 8
    assert "one slice" in reading["note"]


def test_a_slice_is_read_where_the_whole_gpu_needs_privilege(driver: Path) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_MIG="1", FAKE_NVML_FAULTS="nvmlDeviceGetMemoryInfo=4")["devices"]
    assert (gpu["total_bytes"], gpu["problem"]) == (10 * GIB, "")
    assert gpu["bandwidth_bytes_per_s"] is None  # its share of a whole that is not told


@pytest.mark.parametrize(
    "faults",
    [
        "nvmlDeviceGetMaxMigDeviceCount=3",
        "nvmlDeviceGetMigDeviceHandleByIndex=4",
    ],
)
def test_a_divided_gpu_whose_slices_are_not_told_is_shown_whole(driver: Path, faults: str) -> None:
    (gpu,) = run(driver, READ, "", FAKE_NVML_MIG="2", FAKE_NVML_FAULTS=faults)["devices"]
    assert (gpu["is_divided"], gpu["slice_index"], gpu["total_bytes"]) == (True, None, 80 * GIB)


@pytest.mark.parametrize(
    ("wanted", "slices"),
    [
        ("MIG-000003a0-aaaa-bbbb-cccc-000000000000", [(0, 2)]),
        ("MIG-000001a1", [(1, 0)]),
        ("0", [(0, 0)]),  # CUDA shows the first slice of a divided GPU
        ("GPU-000000a1", [(1, 0)]),
        ("MIG-00000", []),  # the beginning of several
        ("MIG-7", []),
    ],
)
def test_cuda_names_a_slice(driver: Path, wanted: str, slices: list[tuple[int, int]]) -> None:
    reading = run(
        driver, READ, "", FAKE_NVML_GPUS=f"{A100},{A100}", FAKE_NVML_MIG="2", CUDA_VISIBLE_DEVICES=wanted
    )
    assert [(each["index"], each["slice_index"]) for each in reading["devices"]] == slices


# ------------------------------------------------------------------ without NVIDIA: Apple and AMD


@pytest.fixture
def sysctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A `sysctl` program that answers as a Mac's does."""

    def play(wired_limit_mb: str) -> None:
        program = tmp_path / "sysctl"
        program.write_text(
            "#!/bin/sh\n"
            f'case "$2" in iogpu.wired_limit_mb) echo "{wired_limit_mb}";; '
            'machdep.cpu.brand_string) echo "Apple M4 Max";; *) exit 1;; esac\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return play


def test_a_mac_with_a_limit_that_was_set(sysctl: Callable[[str], None]) -> None:
    sysctl("512")
    (gpu,) = read_apple("arm64").devices
    assert (gpu.name, gpu.is_unified, gpu.free_bytes) == ("Apple M4 Max", True, 512 * 2**20)
    free, whole = gpu.memory_figures("sysctl")
    assert (free.origin, free.has_range) == ("measured", False)
    assert whole.value == host_memory().total_bytes


def test_a_mac_without_one_has_a_range(sysctl: Callable[[str], None]) -> None:
    sysctl("0")
    (gpu,) = read_apple("arm64").devices
    ram = host_memory()
    free, _ = gpu.memory_figures("sysctl")
    assert free.value is not None
    assert free.value <= 0.7 * ram.total_bytes + 1
    if free.has_range:
        assert free.origin == "assumed"
        assert free.low is not None
        assert free.low == pytest.approx(0.65 * ram.total_bytes, abs=1)
    assert "70%" in free.note


def test_a_mac_where_pytorch_is_imported_already(
    sysctl: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sysctl("0")
    torch = ModuleType("torch")
    torch.mps = SimpleNamespace(recommended_max_memory=lambda: 2**28)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    (gpu,) = read_apple("arm64").devices
    assert gpu.free_bytes == 2**28
    assert "recommended_max_memory" in gpu.note


def test_an_intel_mac_has_no_gpu_for_models() -> None:
    reading = read_apple("x86_64")
    assert reading.devices == ()
    assert "Intel" in reading.unavailable


def test_amd_cards_are_read_from_what_the_kernel_writes(tmp_path: Path) -> None:
    def card(name: str, **files: str) -> None:
        folder = tmp_path / name / "device"
        folder.mkdir(parents=True)
        for key, text in files.items():
            (folder / key).write_text(text + "\n")

    card("card0", vendor="0x8086")
    card("card1", vendor="0x1002", mem_info_vram_total=str(24 * GIB), mem_info_vram_used=str(GIB))
    card("card1-HDMI-A-1")
    card("card2", vendor="0x1002", mem_info_vram_total=str(192 * GIB), product_name="AMD Instinct MI300X")
    reading = read_amd(tmp_path)
    assert reading is not None
    first, second = reading.devices
    assert (first.name, first.total_bytes, first.free_bytes) == ("AMD GPU", 24 * GIB, 23 * GIB)
    assert (second.name, second.free_bytes) == ("AMD Instinct MI300X", None)
    assert "does not tell" in second.problem
    assert "not tried" in reading.note
    assert read_amd(tmp_path / "none") is None


def test_a_driver_that_hangs_costs_the_time_limit_only(driver: Path, tmp_path: Path) -> None:
    # The driver waits for ever; `run` ends the process after a time.
    reading = run(driver, READ, "0.2", FAKE_NVML_INIT_GATE=str(tmp_path / "never opened"))
    assert "has not answered in 0.2 s" in reading["unavailable"]


def test_a_slow_driver_is_waited_for_by_one_thread(driver: Path, tmp_path: Path) -> None:
    twice = """
import pathlib, threading
from ipython_llmnumbers.probes.hardware.local_gpus import local_gpus
first, n_threads = local_gpus(0.05), threading.active_count()
pathlib.Path(sys.argv[2]).touch()
second = local_gpus()
print(json.dumps([first.unavailable, n_threads, len(second.devices)]))
"""
    gate = str(tmp_path / "gate")
    first, n_threads, n_devices = run(driver, twice, gate, FAKE_NVML_INIT_GATE=gate)
    assert "has not answered" in first
    assert (n_threads, n_devices) == (2, 1)


def test_memory_is_read_at_each_call_and_the_driver_started_once(driver: Path) -> None:
    twice = f"""
from ipython_llmnumbers.probes.hardware.local_gpus import local_gpus
before = local_gpus().devices[0].free_bytes
# The library reads C's environment, which os.environ has no say in once it is copied.
setenv = ctypes.CDLL(None).setenv
setenv(b"FAKE_NVML_GPUS", {A100.replace("19327352832", "0").encode()!r}, 1)
setenv(b"FAKE_NVML_FAULTS", b"nvmlInitWithFlags=999", 1)  # a second start would fail
after = local_gpus()
print(json.dumps([after.unavailable, after.devices[0].free_bytes - before if after.devices else None]))
"""
    assert run(driver, twice, "", FAKE_NVML_GPUS=A100) == ["", 18 * GIB]


SECOND_UUID = "GPU-000000a1-aaaa-bbbb-cccc-000000000000"


@pytest.mark.parametrize(
    ("gpus", "variables", "names", "note"),
    [
        (f"{A100},{A100}", {"CUDA_VISIBLE_DEVICES": "1"}, [1], ""),
        (f"{A100},{A100}", {"CUDA_VISIBLE_DEVICES": "1,0"}, [1, 0], ""),
        (f"{A100},{T4}", {"CUDA_VISIBLE_DEVICES": SECOND_UUID}, [1], ""),
        (f"{A100},{T4}", {"CUDA_VISIBLE_DEVICES": "GPU-000000a1"}, [1], ""),  # a short UUID
        (f"{A100},{A100}", {"CUDA_VISIBLE_DEVICES": "0,7,1"}, [0], ""),  # CUDA stops at an unknown one
        (f"{A100},{A100}", {"CUDA_VISIBLE_DEVICES": ""}, [], ""),
        (f"{A100},{T4}", {"CUDA_VISIBLE_DEVICES": "1"}, [0, 1], "CUDA's order"),
        (f"{A100},{T4}", {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, [1], ""),
        (f"{A100},{A100}", {"CUDA_VISIBLE_DEVICES": "MIG-1"}, [0, 1], "MIG"),
        (f"{A100},{A100}", {"CUDA_VISIBLE_DEVICES": "GPU-"}, [], ""),  # the beginning of two UUIDs
    ],
)
def test_only_the_gpus_that_cuda_shows(
    driver: Path, gpus: str, variables: dict[str, str], names: list[int], note: str
) -> None:
    reading = run(driver, READ, "", FAKE_NVML_GPUS=gpus, **variables)
    assert [each["index"] for each in reading["devices"]] == names
    assert bool(reading["unavailable"]) == (names == [])
    assert note in reading["note"]
    assert bool(note) == bool(reading["note"])


def test_fit_on_the_local_gpu(driver: Path) -> None:
    fit = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_GPUS=A100)
    assert fit["verdict"] == "fits"
    assert fit["parts"] == []
    assert fit["figures"]["free_bytes"]["value"] == 62 * GIB - 619249664
    assert fit["figures"]["free_bytes"]["origin"] == "measured"
    assert fit["details"]["device"] == "GPU 0: NVIDIA A100-SXM4-80GB"
    assert fit["details"]["driver"] == "580.95.05"
    assert len(fit["details"]["processes"]) == 3


# The driver counts processes as the machine does; the tests may run in a container, which does not.
HOLDERS = """
import os, subprocess
from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.probes.hardware import nvml
nvml._NUMBERS_PROCESSES_AS_THE_DRIVER = True
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
whose = {"this": os.getpid(), "child": child.pid, "other": os.getppid()}[sys.argv[2]]
os.environ["FAKE_NVML_PID"] = str(whose)  # holds 3 GiB; two others hold 6 and 9
fit = gpu_fit("llama-3.1-8b")
child.communicate()
notes = [note.text.replace(f"pid {whose})", "pid N)") for note in fit.notes]
print(json.dumps([fit["free_bytes"].note, notes, [each.to_dict() for each in fit.details.gpu.processes]]))
"""


def test_this_kernel_is_the_first_of_those_that_hold_the_memory(driver: Path) -> None:
    free, notes, processes = run(driver, HOLDERS, "this", FAKE_NVML_GPUS=A100)
    assert free == "of 80.0 GiB, 18.6 are used"
    start, *others = notes[0].split("; ")
    assert start == "GPU 0: NVIDIA A100-SXM4-80GB: 18.6 GiB are used: this kernel (pid N) 3.0 GiB"
    assert [text.split(") ")[1] for text in others] == ["9.0 GiB", "6.0 GiB"]
    assert "torch.cuda.empty_cache(); or restart the kernel" in notes[1]
    assert [each["kin"] for each in processes] == ["this", None, None]


def test_what_this_kernel_started_is_said_to_be_its_own(driver: Path) -> None:
    _, notes, _ = run(driver, HOLDERS, "child", FAKE_NVML_GPUS=A100)
    assert "(pid N), which this kernel started 3.0 GiB; " in notes[0]
    assert "restart the kernel" in notes[1]


def test_the_memory_that_others_hold_is_not_freed_from_here(driver: Path) -> None:
    _, notes, _ = run(driver, HOLDERS, "other", FAKE_NVML_GPUS=A100)
    assert notes[0].endswith(f"{psutil.Process().name()} (pid N) 3.0 GiB")
    assert not any("restart the kernel" in text for text in notes)


def test_what_the_driver_does_not_tell_of_holders_is_said(driver: Path) -> None:
    notes = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_GPUS=A100, FAKE_NVML_WDDM="1")["notes"]
    assert "how much each of them holds the driver does not say" in [note["text"] for note in notes]
    (note,) = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_GPUS=A100, FAKE_NVML_WRONG="1")["notes"]
    assert note["text"].endswith("18.6 GiB are used; the driver does not say by whom")


# The numbers of a container's processes are not the driver's (pytorch/pytorch#103243 tells a process from the
# others by PyTorch's own count; `uuid` is without the driver's "GPU-").
PYTORCH = """
from types import ModuleType, SimpleNamespace
from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.probes.hardware.local_gpus import local_gpus
uuids = [gpu.uuid.removeprefix("GPU-") for gpu in local_gpus().devices]
torch = ModuleType("torch")
torch.cuda = SimpleNamespace(
    is_initialized=lambda: sys.argv[2] == "used",
    device_count=lambda: len(uuids),
    get_device_properties=lambda index: SimpleNamespace(uuid=uuids[index]),
    memory_reserved=lambda index: index * 2**31,
)
sys.modules["torch"] = torch
fit = gpu_fit("llama-3.1-8b")
print(json.dumps([note.text for note in fit.notes]))
"""


def test_pytorch_tells_what_this_kernel_holds_where_the_driver_does_not(driver: Path) -> None:
    busy = f"NVIDIA H100 80GB HBM3:{80 * GIB}:{30 * GIB}"
    notes = run(driver, PYTORCH, "used", FAKE_NVML_GPUS=f"{T4},{busy}", FAKE_NVML_WRONG="1")
    assert "GPU 1: NVIDIA H100 80GB HBM3: 30.6 GiB are used: PyTorch in this kernel 2.0 GiB" in notes
    assert any("or restart the kernel" in text for text in notes)
    idle = run(driver, PYTORCH, "imported only", FAKE_NVML_GPUS=f"{T4},{busy}", FAKE_NVML_WRONG="1")
    assert not any("this kernel" in text for text in idle)


def test_fit_judges_each_gpu_by_itself(driver: Path) -> None:
    fit = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_GPUS=f"{T4},{A100}")
    assert fit["details"]["device"] == "GPU 1: NVIDIA A100-SXM4-80GB"
    assert [(part["subject"], part["verdict"]) for part in fit["parts"]] == [
        ("GPU 0: Tesla T4", "does not fit"),
        ("GPU 1: NVIDIA A100-SXM4-80GB", "fits"),
    ]
    assert "2 GPUs" in fit["notes"][0]["text"]


RTX_3090 = f"NVIDIA GeForce RTX 3090:{24 * GIB}:{GIB}"
FIT_LAYERS = """
from ipython_llmnumbers import gpu_fit
model, quant, engine = sys.argv[2].split()
print(json.dumps(gpu_fit(model, quant=quant, engine=engine).to_dict()))
"""


FIT_TWO = FIT_LAYERS.replace("engine=engine", "engine=engine, tp=2")


# Such rigs: club-3090 pull request 44. The driver itself reserves about 0.6 GiB of each.
def test_layers_go_over_all_local_gpus_where_one_is_too_small(driver: Path) -> None:
    fit = run(driver, FIT_LAYERS, "llama-3.3-70b q4_k_m llama.cpp", FAKE_NVML_GPUS=f"{RTX_3090},{RTX_3090}")
    assert fit["verdict"] == "fits"
    assert fit["details"]["device"] == "GPU 0: NVIDIA GeForce RTX 3090 + GPU 1: NVIDIA GeForce RTX 3090"
    assert 44 * GIB < fit["figures"]["free_bytes"]["value"] < 46 * GIB
    assert 42 * GIB < fit["figures"]["total_bytes"]["value"] < 43.5 * GIB
    assert [part["figures"]["layers_here"]["value"] for part in fit["parts"]] == [41, 40]
    assert "the layers go over the 2 GPUs" in fit["notes"][0]["text"]


def test_a_model_that_fits_one_local_gpu_stays_there(driver: Path) -> None:
    fit = run(driver, FIT_LAYERS, "llama-3.1-8b q4_k_m llama.cpp", FAKE_NVML_GPUS=f"{RTX_3090},{RTX_3090}")
    assert (fit["verdict"], fit["details"]["device"]) == ("fits", "GPU 0: NVIDIA GeForce RTX 3090")


def test_vllm_divides_a_model_only_where_it_is_asked_to(driver: Path) -> None:
    fit = run(driver, FIT_LAYERS, "qwen3-14b bf16 vllm", FAKE_NVML_GPUS=f"{RTX_3090},{T4},{RTX_3090}")
    assert (fit["verdict"], fit["details"]["device"]) == ("does not fit", "GPU 0: NVIDIA GeForce RTX 3090")
    advice = [note["text"] for note in fit["notes"] if note["text"].startswith("it fits with")]
    assert "it fits with tp=2 (2 GPUs of this machine)" in advice
    assert advice.index("it fits with tp=2 (2 GPUs of this machine)") < len(advice) - 1  # before another GPU
    two = run(driver, FIT_TWO, "qwen3-14b bf16 vllm", FAKE_NVML_GPUS=f"{RTX_3090},{T4},{RTX_3090}")
    assert two["verdict"] == "fits"
    assert [part["subject"] for part in two["parts"]] == [
        "GPU 0: NVIDIA GeForce RTX 3090",
        "GPU 2: NVIDIA GeForce RTX 3090",
    ]


# The smallest of them decides (vLLM gives each GPU the same share): a T4 beside a 3090 is two T4s.
def test_two_unequal_gpus_are_advised_only_where_the_smaller_is_enough(driver: Path) -> None:
    fit = run(
        driver, FIT_LAYERS, "qwen3-14b bf16 vllm", FAKE_NVML_GPUS=f"{RTX_3090},Tesla T4:{8 * GIB}:{GIB}"
    )
    assert not any("of this machine" in note["text"] for note in fit["notes"])


# ollama issue 8430: beside a GPU with 11.5 GiB one with little room got no layer.
def test_a_gpu_without_room_for_the_engine_holds_no_layers(driver: Path) -> None:
    full = f"NVIDIA GeForce RTX 3090:{24 * GIB}:{23 * GIB}"
    gpus = f"{RTX_3090},{full},{RTX_3090}"
    fit = run(driver, FIT_LAYERS, "llama-3.3-70b q4_k_m llama.cpp", FAKE_NVML_GPUS=gpus)
    assert fit["details"]["device"] == "GPU 0: NVIDIA GeForce RTX 3090 + GPU 2: NVIDIA GeForce RTX 3090"


def test_fit_without_a_driver_is_an_answer(driver: Path) -> None:
    fit = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_FAULTS="nvmlInitWithFlags=12")
    assert fit["details"]["device"] == "this machine's RAM (CPU)"
    assert fit["verdict"] in {"fits", "tight", "does not fit"}
    assert fit["figures"]["free_bytes"]["value"] > 0
    assert fit["notes"][0]["text"].startswith("no local GPU: no NVIDIA driver was found")
    verdicts = {part["subject"]: part["verdict"] for part in fit["parts"]}
    assert verdicts["T4"] == "does not fit"
    assert verdicts["H100 80GB SXM"] == "fits"
    assert len(verdicts) == len(fit["parts"]) >= 6


def test_fit_on_a_gpu_that_shares_the_machines_memory(driver: Path) -> None:
    gb10 = "NVIDIA GB10:0:0"
    fit = run(driver, FIT, "1B", FAKE_NVML_GPUS=gb10, FAKE_NVML_FAULTS="nvmlDeviceGetMemoryInfo=3")
    assert fit["figures"]["free_bytes"]["value"] > 0
    assert "shares the machine's memory" in fit["notes"][0]["text"]


def test_fit_on_a_lost_gpu_has_no_verdict(driver: Path) -> None:
    fit = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_FAULTS="nvmlDeviceGetMemoryInfo=15")
    assert fit["verdict"] is None
    assert fit["figures"]["free_bytes"]["value"] is None
    assert fit["figures"]["max_context_tokens"]["value"] is None
    assert fit["figures"]["total_bytes"]["value"] > 16_000_000_000
    assert "is lost" in fit["notes"][0]["text"]


def test_a_table_of_this_machine_s_gpus_is_called_so(driver: Path) -> None:
    show = "from ipython_llmnumbers import gpu_fit\nprint(json.dumps(str(gpu_fit(sys.argv[2]))))"
    shown = run(driver, show, "1B", FAKE_NVML_GPUS=f"{T4},{A100}")
    assert "Each GPU of this machine" in shown
    assert "On other devices" not in shown


def test_fit_on_a_divided_gpu_says_so(driver: Path) -> None:
    fit = run(driver, FIT, "llama-3.1-8b", FAKE_NVML_MIG="1")
    assert "MIG" in fit["notes"][0]["text"]


TRAIN_AND_SPEED = """
from ipython_llmnumbers import gpu_speed, gpu_train
train, speed = gpu_train(sys.argv[2], method="qlora"), gpu_speed(sys.argv[2], context_tokens=1024)
print(json.dumps([train.to_dict(), speed.to_dict()]))
"""


@pytest.mark.slow
def test_training_and_speed_on_the_local_gpu(driver: Path) -> None:
    train, speed = run(driver, TRAIN_AND_SPEED, "llama-3.1-8b", FAKE_NVML_GPUS=f"{T4},{A100}")
    assert train["verdict"] == "fits"
    assert train["figures"]["free_bytes"]["value"] == 62 * GIB - 619249664
    assert train["details"]["device"] == "GPU 1: NVIDIA A100-SXM4-80GB"
    assert "has the most free memory" in train["notes"][0]["text"]
    # Its speed is that of the table's A100: a slice has another.
    rate = speed["figures"]["tokens_per_s"]["value"]
    assert 60 < rate < 130
    _, slice_speed = run(driver, TRAIN_AND_SPEED, "1B", FAKE_NVML_GPUS=A100, FAKE_NVML_MIG="1")
    assert slice_speed["figures"]["tokens_per_s"]["value"] is None
    assert any("in no table" in note["text"] for note in slice_speed["notes"])


def test_training_without_a_driver_names_common_gpus(driver: Path) -> None:
    train, speed = run(driver, TRAIN_AND_SPEED, "7B", FAKE_NVML_FAULTS="nvmlInitWithFlags=12")
    assert train["verdict"] is None
    assert "no NVIDIA driver was found" in train["notes"][0]["text"]
    assert {part["subject"]: part["verdict"] for part in train["parts"]}["T4"] == "fits"
    assert speed["figures"]["tokens_per_s"]["value"] is None


FIT_WITH_RAM = FIT_LAYERS.replace("engine=engine", "engine=engine, ram='32GB'")


# A 24 GB and a 12 GB GPU beside 32 GB of RAM. llama.cpp's docs/multi-gpu.md: `-ngl` layers, of which `-ts`
# gives each GPU its part, in proportions.
def test_two_unequal_gpus_and_ram_end_with_a_command_line(driver: Path) -> None:
    small = f"NVIDIA GeForce RTX 3060:{12 * GIB}:{GIB}"
    fit = run(driver, FIT_WITH_RAM, "llama-3.3-70b q4_k_m llama.cpp", FAKE_NVML_GPUS=f"{RTX_3090},{small}")
    assert fit["verdict"] == "fits"
    held = [part["figures"]["layers_here"]["value"] for part in fit["parts"]]
    assert len(held) == 3
    assert sum(held) == 81
    on_gpus = held[0] + held[1]
    assert fit["details"]["command"] == (
        f"llama-server -m Llama-3.3-70B-Q4_K_M.gguf -c 8192 -np 1 -ngl {on_gpus} -ts {held[0]},{held[1]}"
    )
    assert held[0] > held[1] > 0
    assert 1 < fit["figures"]["tokens_per_s"]["value"] < 5
    for part in fit["parts"]:
        assert part["figures"]["total_bytes"]["high"] <= part["figures"]["free_bytes"]["low"]

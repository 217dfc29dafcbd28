"""Ask other calculators the questions of `peer_questions`, once, and keep their answers in gpu_peers.json.

The peers are no dependency. In an environment of their own, with this project's dependencies beside them:

    pip install kvfit==0.3.0 hf-mem==0.5.6 vramscout==0.7.0 modelinfo-cli==1.4.4
    pip install llmfit==1.1.17 hf-vram-calc==1.0.9
    PYTHONPATH=. python benchmarks/ask_gpu_peers.py

One that is missing is an error: what is kept is of all. An answer is a number or, in words, why there is
none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from gpu_cases import cases
from peer_questions import CACHES, FILES, SPEEDS, TOKENS, TRAININGS, Training, config_of

from ipython_llmnumbers.catalog.hardware.gpus import find_gpu

ANSWERS = Path(__file__).parent / "gpu_peers.json"
PEERS = ("kvfit", "hf-mem", "vramscout", "modelinfo-cli", "llmfit", "hf-vram-calc")
Answer = float | str


def answered(ask: Callable[..., float], *question: Any) -> Answer:
    """A peer's number, or the first line of what it says in place of one."""
    try:
        return ask(*question)
    except Exception as error:  # whatever a stranger's code raises is its answer
        first_line = (str(error).splitlines() or [""])[0]
        return f"{type(error).__name__}: {first_line}"


@contextmanager
def folder_with(config: dict[str, Any]) -> Iterator[str]:
    """A folder whose config.json is this."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config), encoding="utf-8")
        yield folder


def run(*words: str) -> str:
    """What a command of this environment prints; ValueError with its last line where it fails."""
    command = str(Path(sys.executable).parent / words[0])
    done = subprocess.run([command, *words[1:]], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise ValueError((done.stderr.strip().splitlines() or ["no reason"])[-1])
    return done.stdout


# ------------------------------------------------------------------ caches, in bytes


def kvfit_cache(config: dict[str, Any]) -> float:
    """The cache of one sequence."""
    from kvfit import estimate_cache

    return float(estimate_cache(config, context_tokens=TOKENS).total_bytes)


def hf_mem_cache(config: dict[str, Any]) -> float:
    """The step after its download, which takes a `text_config` out and adds what is beside it."""
    from hf_mem.safetensors.kv_cache import compute_safetensors_kv_cache_size

    text = {**config, **config.get("text_config", {})}
    return float(compute_safetensors_kv_cache_size(text, "BF16", TOKENS))


def vramscout_cache(config: dict[str, Any]) -> float:
    """The parts of its plan that are neither weights nor overhead."""
    from vramscout import plan_modern

    with folder_with(config) as folder:
        parts = plan_modern(folder, context=TOKENS, vram_gib=2000.0).parts_gib
    rest = {"Model weights / rank", "CUDA / runtime", "Prefill scratch", "Safety reserve"}
    return sum(gib for name, gib in parts.items() if name not in rest) * 2**30


def modelinfo_cache(config: dict[str, Any]) -> float:
    """Of a checkpoint without tensors."""
    from modelinfo.calculator import calculate_footprint

    return float(calculate_footprint({}, context_length=TOKENS, config=config)["kv_cache_bytes"])


def hf_vram_calc(config: dict[str, Any], *options: str) -> dict[str, float]:
    """Its figures for a config.json in bf16, in GiB."""
    with folder_with(config) as folder:
        written = str(Path(folder, "answer.json"))
        path = ("--model", "asked", "--model_path", folder, "--dtype", "bf16", "--output_json", written)
        said = run("hf-vram-calc", *path, *options)
        if not Path(written).exists():
            raise ValueError(next((line for line in said.splitlines() if "rror" in line), "no answer"))
        found: dict[str, float] = json.loads(Path(written).read_text())["memory_requirements"][0]
    return found


def hf_vram_calc_cache(config: dict[str, Any]) -> float:
    """Its `kv_cache_size_gib`."""
    return hf_vram_calc(config, "--max_seq_len", str(TOKENS))["kv_cache_size_gib"] * 2**30


def llmfit(model: str, context: int, quant: str = "BF16", profile: str | None = None) -> dict[str, Any]:
    """Its plan of a model of its own list, on a machine of a profile or on this one."""
    machine = ("--profile", profile) if profile else ()
    words = ("--json", "plan", model, "--context", str(context), "--quant", quant)
    found: dict[str, Any] = json.loads(run("llmfit", *machine, *words))
    if found["model_name"] != model:
        raise ValueError(f"it takes {found['model_name']} in its place")
    return found


def llmfit_cache(model: str) -> float:
    """Its cache in fp16; what it calls GB is GiB."""
    rows = llmfit(model, TOKENS)["kv_alternatives"]
    return float(next(row["kv_cache_gb"] for row in rows if row["kv_quant"] == "fp16")) * 2**30


BY_CONFIG: dict[str, Callable[[dict[str, Any]], float]] = {
    "kvfit": kvfit_cache,
    "hf-mem": hf_mem_cache,
    "vramscout": vramscout_cache,
    "modelinfo-cli": modelinfo_cache,
    "hf-vram-calc": hf_vram_calc_cache,
}


def caches() -> dict[str, dict[str, Answer]]:
    """The cache of each model by each peer."""
    found: dict[str, dict[str, Answer]] = {}
    for each in CACHES:
        found[each.model] = {name: answered(ask, each.config) for name, ask in BY_CONFIG.items()}
        found[each.model]["llmfit"] = answered(llmfit_cache, each.llmfit)
    return found


# ------------------------------------------------------------------ files in bytes, peaks in bytes, speeds


def files() -> dict[str, Answer]:
    """What llmfit says of each file."""
    return {each.case: answered(_file, each.llmfit, each.quant) for each in FILES}


def _file(model: str, quant: str) -> float:
    return float(llmfit(model, 512, quant)["disk_size_gb"]) * 1e9


def trainings() -> dict[str, Answer]:
    """What hf-vram-calc says of each training."""
    return {each.case: answered(_training, each) for each in TRAININGS}


def _training(each: Training) -> float:
    options = ("--max_seq_len", each.tokens, "--max_batch_size", each.batch, "--lora_rank", each.rank)
    config = config_of(each.model, each.table, "LlamaForCausalLM")
    return hf_vram_calc(config, *map(str, options))[each.column] * 2**30


def speeds() -> dict[str, Answer]:
    """Tokens in a second by llmfit, which is told the GPU's bandwidth."""
    return {each["id"]: answered(_speed, each["ask"]) for each in cases("decode_speed")}


def _speed(ask: dict[str, Any]) -> float:
    bandwidth = (find_gpu(ask["gpu"]).bandwidth_bytes_per_s or 0) / 1e9
    profile = {
        "schema_version": 1,
        "name": "asked",
        "hardware": {
            "total_ram_gb": 128,
            "unified_memory": ask["gpu"] == "GB10",
            "gpu_memory_bandwidth_gbps": bandwidth,
            "ddr_bandwidth_gbps": 90,
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "asked.json")
        path.write_text(json.dumps(profile))
        plan = llmfit(SPEEDS[ask["model"]], ask["context_tokens"], ask["quant"].upper(), str(path))
    return float(next(row["estimated_tps"] for row in plan["run_paths"] if row["path"] == "gpu"))


def main() -> None:
    """Ask all, and write."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    found = {
        "asked": f"{date.today():%Y-%m-%d}",
        "versions": {name: version(name) for name in PEERS},
        "caches": caches(),
        "files": files(),
        "trainings": trainings(),
        "speeds": speeds(),
    }
    ANSWERS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The KV cache at 32k tokens by `%gpufit` and by other calculators, from the same config.json.

`python benchmarks/gpu_peers.py` prints the table, `--write` puts it into docs/gpu_peers.md. The
peers are no dependency: one that is not installed beside us is said to be missing. To run all:
`pip install kvfit==0.3.0 hf-mem==0.5.6 vramscout==0.7.0 modelinfo-cli==1.4.4`.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.catalog.open_models.architectures.config import Config
from ipython_llmnumbers.catalog.toml_tables import read_table

DOCUMENT = Path(__file__).parent.parent / "docs" / "gpu_peers.md"
TOKENS = 32 * 1024


@dataclass(frozen=True, slots=True)
class Case:
    """A model of a table of checkpoints, and its cache in bytes as a sum of products."""

    model: str
    table: str
    architecture: str
    terms: tuple[tuple[int, ...], ...]
    of: str

    @property
    def correct_bytes(self) -> int:
        """What the engines that know the architecture keep, in 16 bits."""
        return sum(math.prod(term) for term in self.terms)

    @property
    def formula(self) -> str:
        """The sum, written out."""
        return " + ".join(" × ".join(f"{factor:,}" for factor in term) for term in self.terms)

    @property
    def config(self) -> dict[str, Any]:
        """The config.json, with its layers one by one as in the checkpoint."""
        rows = read_table(f"open_models/checkpoints/{self.table}.toml")["models"]
        fields = dict(next(row for row in rows if row["name"] == self.model)["config"])
        layers = Config(fields, self.model).words("layer_types")
        if layers:
            fields["layer_types"] = layers
        return {"architectures": [self.architecture], "torch_dtype": "bfloat16", **fields}


CASES = (
    Case(
        "Llama-3.1-8B",
        "llama",
        "LlamaForCausalLM",
        ((32, 2, 8, 128, 2, TOKENS),),
        "layers × K and V × heads × width × bytes × tokens",
    ),
    Case("Qwen3-30B-A3B", "qwen3", "Qwen3MoeForCausalLM", ((48, 2, 4, 128, 2, TOKENS),), "the same"),
    Case(
        "DeepSeek-V3",
        "deepseek",
        "DeepseekV3ForCausalLM",
        ((61, 512 + 64, 2, TOKENS),),
        "layers × (latent 512 + rotary key 64) × bytes × tokens",
    ),
    Case(
        "gpt-oss-20b",
        "moe",
        "GptOssForCausalLM",
        ((12, 2, 8, 64, 2, TOKENS), (12, 2, 8, 64, 2, 128)),
        "12 layers see all tokens, 12 the last 128",
    ),
    Case(
        "Jamba-1.5-Mini",
        "hybrid",
        "JambaForCausalLM",
        ((4, 2, 8, 128, 2, TOKENS), (28, 8192, 16, 4), (28, 8192, 3, 2)),
        "4 layers of attention, 28 with a Mamba state in 32 bits and a convolution's tail in 16",
    ),
)


def ours_bytes(case: Case) -> int:
    """The cache that `%gpufit` prints."""
    # The GPU is of no matter to the cache; without a name it would be this machine's.
    return int(gpu_fit(case.model, gpu="B200", context_tokens=TOKENS)["kv_cache_bytes"].value)


def kvfit_bytes(config: dict[str, Any]) -> float:
    """The cache of one sequence by kvfit."""
    from kvfit import estimate_cache

    return float(estimate_cache(config, context_tokens=TOKENS).total_bytes)


def hf_mem_bytes(config: dict[str, Any]) -> float:
    """The cache by hf-mem: the step after its download."""
    from hf_mem.safetensors.kv_cache import compute_safetensors_kv_cache_size

    return float(compute_safetensors_kv_cache_size(config, "BF16", TOKENS))


def vramscout_bytes(config: dict[str, Any]) -> float:
    """The parts of vramscout's plan that are neither weights nor overhead."""
    from vramscout import plan_modern

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config), encoding="utf-8")
        parts = plan_modern(folder, context=TOKENS, vram_gib=2000.0).parts_gib
    rest = {"Model weights / rank", "CUDA / runtime", "Prefill scratch", "Safety reserve"}
    return sum(gib for name, gib in parts.items() if name not in rest) * 2**30


def modelinfo_bytes(config: dict[str, Any]) -> float:
    """The cache by modelinfo, of a checkpoint without tensors."""
    from modelinfo.calculator import calculate_footprint

    return float(calculate_footprint({}, context_length=TOKENS, config=config)["kv_cache_bytes"])


PEERS: dict[str, Callable[[dict[str, Any]], float]] = {
    "kvfit": kvfit_bytes,
    "hf-mem": hf_mem_bytes,
    "vramscout": vramscout_bytes,
    "modelinfo-cli": modelinfo_bytes,
}


def release(peer: str) -> str | None:
    """The installed release; None where there is none."""
    try:
        return version(peer)
    except PackageNotFoundError:
        return None


def peer_answer(peer: str, case: Case) -> tuple[str, str]:
    """What a peer says, in GiB, and why where it says nothing."""
    if release(peer) is None:
        return "not installed", ""
    try:
        return _gib(PEERS[peer](case.config)), ""
    except Exception as error:  # whatever a stranger's code raises is its answer
        first_line = (str(error).splitlines() or [""])[0]
        return "refuses", f"{type(error).__name__}: {first_line}"


def table() -> str:
    """The answers as a Markdown table, and under it the sums and the refusals."""
    named = [f"{peer} {release(peer) or ''}".strip() for peer in PEERS]
    lines = [
        f"| model | correct | ours | {' | '.join(named)} |",
        f"| --- | ---: | ---: | {' | '.join('---:' for _ in named)} |",
    ]
    sums, refusals = [], []
    for case in CASES:
        answers = [peer_answer(peer, case) for peer in PEERS]
        cells = (case.model, _gib(case.correct_bytes), _gib(ours_bytes(case)), *(each for each, _ in answers))
        lines.append(f"| {' | '.join(cells)} |")
        sums.append(f"- {case.model}: {case.formula} = {case.correct_bytes:,} bytes ({case.of}).")
        refusals += [
            f"- {peer}, {case.model}: {why}" for peer, (_, why) in zip(PEERS, answers, strict=True) if why
        ]
    refused = ["", "Why a peer refuses:", "", *refusals] if refusals else []
    return "\n".join([*lines, "", "The correct value:", "", *sums, *refused])


def _gib(n_bytes: float) -> str:
    return f"{n_bytes / 2**30:.2f}"


def document() -> str:
    """The page of the documents, of the day on which the peers were run."""
    return f"""# The KV cache by other calculators

Written by `python benchmarks/gpu_peers.py --write` on {date.today():%Y-%m-%d}: GiB of one sequence of
{TOKENS:,} tokens in 16 bits. Each calculator was given the same config.json and no network; hf-mem and
modelinfo, which read a checkpoint first, by the function that they call after that. Where layers of both
kinds are mixed, hf-mem counts a window as the whole context on purpose: what an engine may reserve.
vramscout refuses a mixture of experts for want of its parameters, which it takes from the Hub.

{table()}
"""


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    if "--write" in sys.argv:
        DOCUMENT.write_text(document(), encoding="utf-8")
    print(table())

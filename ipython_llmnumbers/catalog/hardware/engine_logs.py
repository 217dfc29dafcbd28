"""How the engines' start-up logs are read: the forms of their lines, as `engine_logs.toml` has them."""

from __future__ import annotations

import re
from dataclasses import field
from functools import cache

from ...figures import Source
from ...records import dataclass
from ..toml_tables import read_table, source_of

_TABLE = "hardware/engine_logs.toml"

FIGURES = {
    "weights_bytes": "bytes",
    "host_bytes": "bytes",
    "loaded_bytes": "bytes",
    "kv_cache_bytes": "bytes",
    "activation_bytes": "bytes",
    "non_torch_bytes": "bytes",
    "set_aside_bytes": "bytes",
    "graph_bytes": "bytes",
    "k_bytes": "bytes",
    "v_bytes": "bytes",
    "kv_space_bytes": "bytes",
    "kv_space_tokens": "tokens",
    "kv_space_blocks": "blocks",
}
"""What a line may say of the memory, with its unit; `host_bytes` are the weights that a host device holds."""

SETTINGS = (
    *("version", "model", "file", "params", "n_layers", "quant", "dtype", "kv", "gpu", "tp", "utilization"),
    "device_gib",
    *("context_tokens", "batch_size", "max_num_batched_tokens", "gpu_layers", "all_layers"),
)
"""What a line may say of what was started, and where."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One form of a line.

    `adds` is true where several lines about one device are a sum; `of_devices` says what counts of several
    devices. `is_weak` is a line that counts only where no other says the same, `is_estimated` the engine's
    guess before it loads. `unit` is that of its bytes where it is no group of the pattern.
    """

    has: str
    pattern: re.Pattern[str]
    source: Source
    unit: str = ""
    of_devices: str = "sum"
    adds: bool = False
    is_weak: bool = False
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class LogForm:
    """The logs of one engine: what marks them, what a start and a load begin with, and their lines.

    `served_by` is the engine of `engines.toml` that its figures are compared with.
    """

    name: str
    title: str
    served_by: str
    mark: re.Pattern[str]
    begins: re.Pattern[str]
    loads: re.Pattern[str]
    lines: tuple[LogLine, ...] = field(repr=False)


@cache
def log_forms() -> tuple[LogForm, ...]:
    """The engines whose logs are known; the first whose mark stands in a log is the one that wrote it.

    >>> [form.title for form in log_forms()]
    ['Ollama', 'SGLang', 'vLLM', 'llama.cpp']
    """
    table = read_table(_TABLE)
    lines: dict[str, list[LogLine]] = {}
    for row in table["lines"]:
        lines.setdefault(row["engine"], []).append(
            LogLine(
                row["has"],
                re.compile(row["pattern"]),
                source_of(table, row),
                row.get("unit", ""),
                row.get("of_devices", "sum"),
                row.get("adds", False),
                row.get("weak", False),
                row.get("estimated", False),
            )
        )
    return tuple(
        LogForm(
            row["name"],
            row["title"],
            row["served_by"],
            re.compile(row["mark"]),
            re.compile(row["begins"]),
            re.compile(row.get("loads", row["begins"])),
            tuple(line for name in (row["name"], *row["also"]) for line in lines[name]),
        )
        for row in table["engines"]
    )

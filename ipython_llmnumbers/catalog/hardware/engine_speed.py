"""How near engines come to what a GPU can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UnknownNameError
from ...figures import Figure, Source, assumed
from ...messages import say
from ...records import dataclass
from ..names import as_name, folded
from ..toml_tables import read_table, source_of
from .engines import split_version

_TABLE = "hardware/engine_speed.toml"


@dataclass(frozen=True, slots=True)
class EngineSpeed:
    """The shares and latencies of one engine, each as a figure with its range."""

    name: str
    title: str
    row: Mapping[str, Any]
    source: Source

    def share(self, field: str, name: str) -> Figure:
        """A share of what the GPU can, such as `efficiency` of its bandwidth.

        >>> find_speed("vllm").share("efficiency", "efficiency").low
        0.7
        """
        value, low, high = self.row[field]
        return assumed(name, value, "", self.title, source=self.source, low=low, high=high)

    def efficiency(self, gpu: str) -> Figure:
        """The share of its bandwidth at which a GPU is read, by the class that it belongs to.

        >>> speeds = find_speed("llama.cpp")
        >>> speeds.efficiency("RTX 5070").value, speeds.efficiency("GB10").value
        (0.83, 0.74)
        """
        for row in self.row.get("classes", ()):
            if gpu.startswith(tuple(row["gpus"])):
                value, low, high = row["efficiency"]
                source = source_of(read_table(_TABLE), row)
                return assumed("efficiency", value, "", row["note"], source=source, low=low, high=high)
        return self.share("efficiency", "efficiency")

    def latency(self, name: str) -> Figure:
        """Seconds that each layer costs whatever it reads.

        >>> find_speed("transformers").latency("layer_latency").value
        0.0007
        """
        value, low, high = (each / 1e6 for each in self.row[f"{name}_us"])
        return assumed(f"{name}_s", value, "s", self.title, source=self.source, low=low, high=high)


def find_speed(engine: str | None) -> EngineSpeed:
    """The speeds of the engine of that name, or of the one that stands for others where none is named.

    Case and punctuation do not count.

    Raises:
        UnknownNameError: no such engine in the table.

    >>> find_speed("llamacpp").name
    'llama.cpp'
    """
    table = read_table(_TABLE)
    wanted = None if engine is None else folded(split_version(as_name(say("engine"), engine))[0])
    for row in table["engines"]:
        if row.get("unless_named", False) if wanted is None else folded(row["name"]) == wanted:
            return EngineSpeed(row["name"], row["title"], row, source_of(table, row))
    raise UnknownNameError(say("engine"), str(engine), [row["name"] for row in table["engines"]])

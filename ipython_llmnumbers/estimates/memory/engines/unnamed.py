"""Without an engine named: the range over those that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....figures import Figure, assumed, derive
from ....formulas import memory
from ....messages import say
from ....records import dataclass
from .base import Overhead, Serving, rows_overhead

if TYPE_CHECKING:
    from ...devices import Device
    from ..needs import Needs


@dataclass(frozen=True, slots=True)
class Unnamed(Serving):
    """Least as llama.cpp does, most as vLLM does; the figures are rows of engines.toml."""

    @property
    def overhead_words(self) -> str:
        return say("runtime, logits, an engine's reserve")

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:
        large = self.engine.plans_large(device.device_bytes, device.name)
        rows = self.engine.figure("logit_rows", suffix="" if large else "_small")
        return rows_overhead(
            needs, self.engine.figure("runtime_bytes"), rows, self._reserve(device.free_bytes)
        )

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        return cpu_overhead(needs)

    def _reserve(self, free_bytes: Figure) -> Figure:
        if free_bytes.value is None:
            return assumed("reserved_bytes", 0, "bytes", say("the free memory is unknown"))
        share = self.engine.figure("reserve_share")
        return derive(
            "reserved_bytes", "bytes", memory.reserved_bytes, free_bytes=free_bytes, reserve_share=share
        )

    def tight_note(self) -> str:
        return say(
            "tight: it fits with a lean engine such as llama.cpp, not with one that plans for many "
            "requests, as vLLM does unless told otherwise; {option:engine} settles it"
        )


def cpu_overhead(needs: Needs) -> Overhead:
    """What a program takes on the CPU beside weights and cache, whatever it is."""
    mib = 2**20
    runtime = assumed(
        "runtime_bytes",
        512 * mib,
        "bytes",
        say("from llama.cpp's few to the libraries that PyTorch loads"),
        low=1024 * mib // 10,
        high=1024 * mib,
    )
    rows = assumed(
        "logit_rows", 512, "rows", say("512 in llama.cpp, to a whole prompt of 2,048"), low=512, high=2_048
    )
    reserve = assumed("reserved_bytes", 0, "bytes", say("engines on the CPU keep no reserve"))
    return rows_overhead(needs, runtime, rows, reserve)

"""What is published of a GPU, and the tables that hold it: the user's own first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import Any

from ...errors import CatalogError
from ...figures import Figure, Source, assumed, derive, given, published
from ...formulas import memory
from ...messages import joined, say, shorten
from ...records import dataclass
from ..toml_tables import read_table, source_of
from ..user_table import YOUR_TABLE, UserGpu, dollars, user_file, user_gpus
from .gpu_names import GpuName, letters_of, read_gpu_name
from .gpu_rent import hourly_figure

_MIB, _GIB = 2**20, 2**30
_TABLES = ("gpus", "gpus_more", "gpus_laptop", "gpus_amd_intel", "gpus_shared_memory")


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU's published facts; `note` says what is uncertain about them.

    The rates are of dense matrices, per second; `usd_per_hour` is set in a user's row only,
    as a packaged price belongs to a machine of `gpu_prices.toml`. `shown_for` and `advised_for`
    are the questions whose answers name it unasked, in the order of `rank`; no user's row has them.
    `usable_share` is set where the memory is the machine's: the middle, the least and the most of it
    that a model may have. `ram_gib` are the least and the most that such machines have.
    `instance` is the cloud's machine that was asked for, if one was; `is_given` a GPU by hand, of which
    only the memory is known. `one_per_machine` is true of what is part of a laptop or of the chip.
    `driver_bytes` is what a program does not see of the memory: the likely, the least and the most.
    """

    name: str
    memory_bytes: int
    source: Source
    bandwidth_bytes_per_s: int | None = None
    compute_capability: str | None = None
    note: str = ""
    bf16_flops_per_s: int | None = None
    fp8_flops_per_s: int | None = None
    fp4_flops_per_s: int | None = None
    flops_source: Source | None = None
    usd_per_hour: Decimal | None = None
    rank: int = 0
    shown_for: tuple[str, ...] = ()
    advised_for: tuple[str, ...] = ()
    usable_share: tuple[float, float, float] | None = None
    ram_gib: tuple[int, int] | None = None
    instance: str = ""
    is_given: bool = False
    one_per_machine: bool = False
    driver_bytes: tuple[int, int, int] | None = None
    driver_source: Source | None = None

    def device_figure(self) -> Figure:
        """All of its memory, or the machine's where it has none of its own."""
        return self._memory("device_bytes", "")

    def memory_figure(self) -> Figure:
        """The memory of an empty GPU, as free bytes."""
        if self.usable_share is None:
            return self._memory("free_bytes", say("an empty GPU"))
        value, low, high = self.usable_share
        note = say("of the machine's memory, {low:.0%} to {high:.0%} by its settings", low=low, high=high)
        share = assumed("usable_share", value, "", note, source=self.source, low=low, high=high)
        whole = self.device_figure()
        return derive(
            "free_bytes", "bytes", memory.usable_bytes, note=note, device_bytes=whole, usable_share=share
        )

    def _memory(self, name: str, note: str) -> Figure:
        if self.is_given:
            return given(name, self.memory_bytes, "bytes", note or self.name)
        return published(name, self.memory_bytes, "bytes", self.source, note=note)

    def driver_figure(self) -> Figure | None:
        """What a program does not see of the memory; None where that is not known of this GPU."""
        if self.driver_bytes is None:
            return None
        value, low, high = self.driver_bytes
        note = say("what a program does not see of {gpu}", gpu=self.name)
        return published(
            "driver_bytes", value, "bytes", self.driver_source or self.source, low=low, high=high, note=note
        )

    def bandwidth_figure(self) -> Figure:
        """Bytes per second between the GPU and its memory; unknown where no row has it."""
        value = self.bandwidth_bytes_per_s
        if value is None:
            return assumed("bandwidth_bytes_per_s", None, "bytes/s", self.name)
        return published("bandwidth_bytes_per_s", value, "bytes/s", self.source, note=self.name)

    def flops_figure(self, bits: int = 16) -> Figure:
        """The peak of dense matrices at a width of 16, 8 or 4 bits.

        >>> from .gpus import find_gpu
        >>> find_gpu("H100").flops_figure().value == 989 * 10**12
        True
        >>> find_gpu("RTX 3090").flops_figure(8).value is None
        True
        """
        value = {16: self.bf16_flops_per_s, 8: self.fp8_flops_per_s, 4: self.fp4_flops_per_s}[bits]
        note = say("{gpu}, dense, {bits}-bit", gpu=self.name, bits=bits)
        if value is None:
            return assumed("peak_flops_per_s", None, "FLOP/s", note)
        return published("peak_flops_per_s", value, "FLOP/s", self.flops_source or self.source, note=note)

    def hourly_figure(self) -> Figure:
        """Dollars for an hour of one such GPU on demand; unknown where no table has a price.

        >>> from .gpus import find_gpu
        >>> find_gpu("A100 40GB SXM").hourly_figure().value
        Decimal('2.745')
        """
        if self.usd_per_hour is not None:
            return published("usd_per_gpu_hour", self.usd_per_hour, "USD/h", self.source, note=YOUR_TABLE)
        return hourly_figure(self.name, self.instance)


@dataclass(frozen=True, eq=False)
class GpuRow:
    """A GPU of a table, and what it is called. One of 300 is asked for: the rest is found on demand."""

    names: tuple[str, ...]
    make: Callable[[], Gpu]

    @cached_property
    def gpu(self) -> Gpu:
        return self.make()

    @cached_property
    def spellings(self) -> tuple[GpuName, ...]:
        """Each name taken apart."""
        return tuple(map(read_gpu_name, self.names))

    @cached_property
    def _letters(self) -> str:
        return "\n".join(map(letters_of, self.names))

    def may_have(self, words: Iterable[str]) -> bool:
        """False where no spelling can have all the words: told by those with a digit, without reading it."""
        return all(word in self._letters for word in words if not word.isalpha())


def gpu_rows() -> Iterator[GpuRow]:
    """Each GPU that is known, the user's first."""
    for row in user_gpus():
        _check_name(row.name)
        yield GpuRow((row.name,), partial(_user_gpu, row))
    yield from packaged_rows()


@cache
def packaged_rows() -> tuple[GpuRow, ...]:
    """Those of the package's tables, read once a session; the user's may change."""
    return tuple(
        GpuRow((row["name"], *row.get("nvml", ()), *row.get("names", ())), partial(_packaged_gpu, table, row))
        for table in (read_table(f"hardware/{name}.toml") for name in _TABLES)
        for row in table["gpus"]
    )


def with_memory(gpu: Gpu, memory_bytes: int, note: str) -> Gpu:
    """The same GPU with another memory, and what is to be said of that."""
    return replace(gpu, memory_bytes=memory_bytes, note=joined("; ", note, gpu.note))


def _packaged_gpu(table: Mapping[str, Any], row: Mapping[str, Any]) -> Gpu:
    source = source_of(table, row)
    if "bandwidth_source" in row:
        speed = source_of(table, {"source": row["bandwidth_source"]})
        names = joined("; ", source.name, say("bandwidth: {source}", source=speed.name))
        source = Source(names, source.url, source.checked)
    reported, ram = row.get("memory_mib"), row.get("ram_gib")
    is_advertised = reported is None and ram is None
    box = say("memory as advertised; the driver may show up to 7% less")
    return Gpu(
        name=row["name"],
        memory_bytes=reported * _MIB if reported else (ram[0] if ram else row["advertised_gib"]) * _GIB,
        source=source,
        bandwidth_bytes_per_s=_scaled(row.get("bandwidth_gb_per_s"), 1e9),
        compute_capability=row.get("compute_capability"),
        note=box if is_advertised else "",
        bf16_flops_per_s=_scaled(row.get("bf16_tflops"), 1e12),
        fp8_flops_per_s=_scaled(row.get("fp8_tflops"), 1e12),
        fp4_flops_per_s=_scaled(row.get("fp4_tflops"), 1e12),
        flops_source=source_of(table, {"source": row["tflops_source"]}) if "tflops_source" in row else None,
        rank=row.get("rank", 0),
        shown_for=tuple(row.get("shown_for", ())),
        advised_for=tuple(row.get("advised_for", ())),
        usable_share=tuple(row["usable_share"]) if ram else None,
        ram_gib=tuple(ram) if ram else None,
        one_per_machine=table.get("one_per_machine", False),
        driver_bytes=tuple(each * _MIB for each in row["driver_mib"]) if "driver_mib" in row else None,
        driver_source=source_of(table, {"source": row["driver_source"]}) if "driver_mib" in row else None,
    )


def _check_name(of_user: str) -> None:
    if not read_gpu_name(of_user).words:
        problem = say('name must be a text of more than brands, such as "My GPU"')
        gpu = say("GPU {name}", name=shorten(of_user))
        raise CatalogError(joined(": ", str(user_file()), gpu, problem))


def _user_gpu(row: UserGpu) -> Gpu:
    return Gpu(
        row.name,
        round(row.memory_gib * _GIB),
        Source(row.source, checked=row.checked),
        bandwidth_bytes_per_s=_scaled(row.bandwidth_gb_per_s, 1e9),
        bf16_flops_per_s=_scaled(row.bf16_tflops, 1e12),
        fp8_flops_per_s=_scaled(row.fp8_tflops, 1e12),
        fp4_flops_per_s=_scaled(row.fp4_tflops, 1e12),
        usd_per_hour=None if row.usd_per_hour is None else dollars(row.usd_per_hour),
    )


def _scaled(value: float | None, scale: float) -> int | None:
    return None if value is None else round(value * scale)

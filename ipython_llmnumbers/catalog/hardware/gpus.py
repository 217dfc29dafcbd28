"""Published memory, bandwidth, compute and rent of GPUs, the user's own rows first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from ...errors import CatalogError, UnknownNameError, UsageError
from ...figures import Figure, Source, assumed, derive, given, published
from ...formulas.training import usd_per_gpu_hour
from ...messages import joined, say, shorten
from ..names import as_name
from ..toml_tables import read_table, source_of
from ..user_table import YOUR_TABLE, UserGpu, dollars, user_file, user_gpus

# The questions whose answers name GPUs of their own accord.
NamingQuestion = Literal["fit", "train"]

_MIB, _GIB = 2**20, 2**30
_SOCKETS = {"SXM", "PCIe", "NVL"}
# Words that may stand in a GPU's name or not.
_BRANDS = {"nvidia", "geforce", "rtx", "tesla", "gpu", "generation", "amd", "radeon", "instinct"}


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU's published facts; `note` says what is uncertain about them.

    The rates are of dense matrices, per second; `usd_per_hour` is set in a user's row only,
    as a packaged price belongs to a machine of `gpu_prices.toml`. `shown_for` and `advised_for`
    are the questions whose answers name it unasked, in the order of `rank`; no user's row has them.
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

    def memory_figure(self) -> Figure:
        """The memory of an empty GPU, as free bytes."""
        return published("free_bytes", self.memory_bytes, "bytes", self.source, note=say("an empty GPU"))

    def bandwidth_figure(self) -> Figure:
        """Bytes per second between the GPU and its memory; unknown where no row has it."""
        value = self.bandwidth_bytes_per_s
        return published("bandwidth_bytes_per_s", value, "bytes/s", self.source, note=self.name)

    def flops_figure(self, bits: int = 16) -> Figure:
        """The peak of dense matrices at a width of 16, 8 or 4 bits.

        >>> find_gpu("H100").flops_figure().value == 989 * 10**12
        True
        >>> find_gpu("RTX 3090").flops_figure(8).value is None
        True
        """
        value = {16: self.bf16_flops_per_s, 8: self.fp8_flops_per_s, 4: self.fp4_flops_per_s}[bits]
        note = say("{gpu}, dense, {bits}-bit", gpu=self.name, bits=bits)
        return published("peak_flops_per_s", value, "FLOP/s", self.flops_source or self.source, note=note)

    def hourly_figure(self) -> Figure:
        """Dollars for an hour of one such GPU on demand; unknown where no table has a price.

        >>> find_gpu("A100 40GB SXM").hourly_figure().value
        Decimal('2.745')
        """
        if self.usd_per_hour is not None:
            return published("usd_per_gpu_hour", self.usd_per_hour, "USD/h", self.source, note=YOUR_TABLE)
        table = read_table("hardware/gpu_prices.toml")
        rows = [row for row in table["prices"] if row["gpu"] == self.name]
        if not rows:
            note = say("no price is known; give usd_per_hour in a [[gpus]] row of your own")
            return assumed("usd_per_gpu_hour", None, "USD/h", note)
        row = max(rows, key=lambda each: source_of(table, each).checked or date.min)
        price = Decimal(str(row["usd_per_hour"]))
        return derive(
            "usd_per_gpu_hour",
            "USD/h",
            usd_per_gpu_hour,
            note=say(
                "{instance}, {n} × {gpu}, on demand", instance=row["instance"], n=row["gpus"], gpu=self.name
            ),
            usd_per_hour=published(
                "usd_per_hour", price, "USD/h", source_of(table, row), note=row["instance"]
            ),
            n_gpus=given("n_gpus", row["gpus"], "GPUs", say("in one {instance}", instance=row["instance"])),
        )


def find_gpu(name: str) -> Gpu:
    """The GPU that people call by that name: `4090`, `A100 80GB`, `NVIDIA A100-SXM4-80GB`.

    Words may be missing or in another order. Where several GPUs fit (`A100` has 40 and
    80 GB), the one with the least memory is taken, the first of the table among equals,
    and its note says so: what fits there fits the others.

    Raises:
        UsageError: no name.
        UnknownNameError: no GPU fits.
        CatalogError: a row of the user's table cannot be read.

    >>> find_gpu("a100-80gb").memory_bytes == 80 * 2**30
    True
    >>> find_gpu("A100").note.partition(":")[0]
    'A100 may be one of 4 GPUs'
    """
    wanted = _words(as_name(say("GPU"), name))
    if not wanted:
        raise UsageError("no GPU given; name one, such as {option:gpu=A10G}")
    rows = list(_gpus())
    fitting = [gpu for gpu, spellings in rows if wanted in spellings]
    fitting = fitting or [gpu for gpu, spellings in rows if _fits(wanted, spellings)]
    if not fitting:
        raise UnknownNameError(say("GPU"), name.strip(), known_gpus(), say("add your own under [[gpus]]"))
    least = min(fitting, key=lambda gpu: gpu.memory_bytes)
    if len(fitting) == 1:
        return least
    note = say(
        "{name} may be one of {n} GPUs: {gpu} is taken, as none has less memory",
        name=name.strip(),
        n=len(fitting),
        gpu=least.name,
    )
    return replace(least, note=joined("; ", note, least.note))


def known_gpus() -> list[str]:
    """The names that completion offers, each one word, the user's own first.

    >>> [name for name in known_gpus() if name.startswith("A100-80GB")]
    ['A100-80GB', 'A100-80GB-SXM', 'A100-80GB-PCIe']
    """
    names: dict[str, None] = {}
    for gpu, _ in _gpus():
        words = gpu.name.split()
        if words[-1] in _SOCKETS:
            names["-".join(words[:-1])] = None
        names["-".join(words)] = None
    return list(names)


def shown_gpus(question: NamingQuestion) -> tuple[str, ...]:
    """The GPUs that are judged where the machine has none, from the smallest to the largest.

    >>> shown_gpus("train")[:3]
    ('T4', 'L4', 'RTX 4090')
    """
    return tuple(gpu.name for gpu in _ranked() if question in gpu.shown_for)


def advised_gpus(question: NamingQuestion) -> tuple[str, ...]:
    """The GPUs that may be advised where something does not fit, from the smallest to the largest.

    >>> advised_gpus("train")[:3]
    ('L40S', 'A100 80GB SXM', 'H100 80GB SXM')
    """
    return tuple(gpu.name for gpu in _ranked() if question in gpu.advised_for)


def _ranked() -> list[Gpu]:
    return sorted((gpu for gpu, _ in _packaged_gpus()), key=lambda gpu: gpu.rank)


def _gpus() -> Iterator[tuple[Gpu, list[frozenset[str]]]]:
    """Each GPU with the words of each of its spellings."""
    for row in user_gpus():
        gpu = _user_gpu(row)
        yield gpu, [_words(gpu.name)]
    yield from _packaged_gpus()


@cache
def _packaged_gpus() -> tuple[tuple[Gpu, list[frozenset[str]]], ...]:
    """Those of the package's table, read once a session; the user's may change."""
    table = read_table("hardware/gpus.toml")
    return tuple(
        (_packaged_gpu(table, row), [_words(name) for name in (row["name"], *row.get("nvml", ()))])
        for row in table["gpus"]
    )


def _packaged_gpu(table: Mapping[str, Any], row: Mapping[str, Any]) -> Gpu:
    source = source_of(table, row)
    if "bandwidth_source" in row:
        speed = source_of(table, {"source": row["bandwidth_source"]})
        names = joined("; ", source.name, say("bandwidth: {source}", source=speed.name))
        source = Source(names, source.url, source.checked)
    reported = row.get("memory_mib")
    return Gpu(
        name=row["name"],
        memory_bytes=reported * _MIB if reported else row["advertised_gib"] * _GIB,
        source=source,
        bandwidth_bytes_per_s=round(row["bandwidth_gb_per_s"] * 1e9),
        compute_capability=row.get("compute_capability"),
        note="" if reported else say("memory as advertised; the driver may show up to 7% less"),
        bf16_flops_per_s=_flops(row.get("bf16_tflops")),
        fp8_flops_per_s=_flops(row.get("fp8_tflops")),
        fp4_flops_per_s=_flops(row.get("fp4_tflops")),
        flops_source=source_of(table, {"source": row["tflops_source"]}) if "tflops_source" in row else None,
        rank=row.get("rank", 0),
        shown_for=tuple(row.get("shown_for", ())),
        advised_for=tuple(row.get("advised_for", ())),
    )


def _user_gpu(row: UserGpu) -> Gpu:
    if not _words(row.name):
        problem = say('name must be a text of more than brands, such as "My GPU"')
        gpu = say("GPU {name}", name=shorten(row.name))
        raise CatalogError(joined(": ", str(user_file()), gpu, problem))
    speed = row.bandwidth_gb_per_s
    return Gpu(
        row.name,
        round(row.memory_gib * _GIB),
        Source(row.source, checked=row.checked),
        bandwidth_bytes_per_s=None if speed is None else round(speed * 1e9),
        bf16_flops_per_s=_flops(row.bf16_tflops),
        fp8_flops_per_s=_flops(row.fp8_tflops),
        fp4_flops_per_s=_flops(row.fp4_tflops),
        usd_per_hour=None if row.usd_per_hour is None else dollars(row.usd_per_hour),
    )


def _flops(tflops: float | None) -> int | None:
    return None if tflops is None else round(tflops * 1e12)


def _words(name: str) -> frozenset[str]:
    """A name as the set of its words, without brands: order and punctuation do not count.

    >>> sorted(_words("NVIDIA A100-SXM4-80GB"))
    ['80gb', 'a100', 'sxm4']
    >>> sorted(_words("rtx4090"))
    ['4090']
    """
    text = re.sub(r"(?<!\d)(\d++)\s*+gi?b\b", r"\1gb", name.casefold())
    text = re.sub(r"\brtx(?=[a\d])", "rtx ", text)
    text = re.sub(r"(?<=\d)(ti|super)\b", r" \1", text)
    return frozenset(re.findall(r"[^\W_]+", text)) - _BRANDS


def _fits(wanted: frozenset[str], spellings: list[frozenset[str]]) -> bool:
    """Whether every wanted word is in some spelling, and more than a size or a socket is wanted."""
    every = frozenset().union(*spellings)
    sizes = {word.removesuffix("gb") for word in every if word.endswith("gb")}
    return wanted <= every | sizes and any(word in every and _names_a_chip(word) for word in wanted)


def _names_a_chip(word: str) -> bool:
    return re.fullmatch(r"\d+gb|pcie|sxm\d?|nvl|hbm\d|ti|super|ada|pro|server|edition", word) is None

"""Find a GPU by what people call it: a chip, several of it, a cloud's machine, or a size."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from ...errors import UnknownNameError, UsageError
from ...figures import Source
from ...messages import joined, say, shorten
from ...patterns import pattern
from ...records import dataclass
from ..limits import GPUS_OF_A_MODEL
from ..names import as_name
from ..toml_tables import read_table
from ..user_table import UserGpu, user_gpus
from .gpu_matching import fitting_gpus, readings
from .gpu_names import GpuName, plain_text, read_gpu_name, split_count
from .gpu_rows import Gpu as Gpu
from .gpu_rows import gpu_rows, packaged_rows, with_memory
from .instances import Instance, find_instance, instance_text, known_instances

# The questions whose answers name GPUs of their own accord.
NamingQuestion = Literal["fit", "train"]

_MIB, _GIB = 2**20, 2**30
_MOST_BYTES = 10**15
_SOCKETS = {"SXM", "PCIe", "NVL"}
# Boards with twice the memory are sold of some chips, none with more.
_MODIFIED = 2.5
_N1 = pattern(r"n1-[a-z]+-\d+\s*(?:\+|with|and|,)?\s*(.+)")


@dataclass(frozen=True, slots=True)
class GpuSet:
    """So many GPUs of one kind."""

    gpu: Gpu
    count: int = 1

    @property
    def name(self) -> str:
        return self.gpu.name if self.count == 1 else f"{self.count} × {self.gpu.name}"


def find_gpu(name: str, memory_bytes: int | None = None) -> Gpu:
    """One of the GPUs that people call by that name: `4090`, `A100 80GB`, `NVIDIA A100-SXM4-80GB`.

    Words may be missing or in another order. Where several GPUs fit (`A100` has 40 and
    80 GB), the one whose memory is nearest to `memory_bytes` is taken; without that the one with
    the least memory, the first of the table among equals, and its note says so: what fits there
    fits the others.

    Raises:
        UsageError: no name, no unit, no GPU in a cloud's machine, or no GPU at all.
        UnknownNameError: no GPU fits.
        CatalogError: a row of the user's table cannot be read.

    >>> find_gpu("a100-80gb").memory_bytes == 80 * 2**30
    True
    >>> find_gpu("A100").note.partition(":")[0]
    'A100 may be one of 4 GPUs'
    """
    return find_gpus(name, memory_bytes).gpu


def find_gpus(name: str, memory_bytes: int | None = None) -> GpuSet:
    """The GPUs that a name is of, with how many: `2x RTX 3090`, `p5.48xlarge`, `24 GiB`; else as `find_gpu`.

    >>> find_gpus("2x RTX 3090").count, find_gpus("g5.12xlarge").name
    (2, '4 × A10G')
    """
    text = as_name(say("GPU"), name).strip()
    if with_n1 := _N1.fullmatch(plain_text(text)):
        text = with_n1[1]
    if " + " in text or _listed(text):
        raise UsageError("{name}: name GPUs of one kind, such as {option:gpu=2x3090}", name=shorten(text))
    count, rest = split_count(plain_text(text))
    if machine := instance_text(rest):
        if found := find_instance(machine):
            return _of_machine(found, count, text)
        if not machine.startswith("gpu_"):
            raise _no_machine(text)
        text = machine.removeprefix("gpu_").replace("_", " ")
    asked = read_gpu_name(text)
    if not 1 <= asked.count <= GPUS_OF_A_MODEL:
        raise UsageError("{name}: give a count from 1 to {most:,}", name=shorten(text), most=GPUS_OF_A_MODEL)
    if asked.memory_bytes is not None:
        return GpuSet(_by_hand(_size_alone(text, asked.count), asked.memory_bytes), asked.count)
    if asked.slice_gb is not None:
        return GpuSet(_slice(text, asked), asked.count)
    if not asked.words:
        raise UsageError("no GPU given; name one, such as {option:gpu=A10G}")
    if asked.count > 1:  # a user's GPU may be called "2x card"
        own = next((row.gpu for row in gpu_rows() if asked in row.spellings), None)
        if own is not None:
            return GpuSet(own)
    return GpuSet(_named(text, asked, memory_bytes, user_gpus()), asked.count)


def find_gpu_sets(name: str) -> tuple[GpuSet, ...]:
    """GPUs of several kinds in one machine, `A100-80GB,T4` or `3090 + 3060`; else as `find_gpus`.

    A comma may also stand inside the name of one GPU (`RTX 4090, 24GB`): what is between commas is a GPU
    only where it names one, not a size, or where all of them are sizes.

    >>> [(each.name, each.count) for each in find_gpu_sets("2x RTX 3090, T4")]
    [('2 × RTX 3090', 2), ('T4', 1)]
    >>> [each.name for each in find_gpu_sets("24GB + 12GB")]
    ['24GB', '12GB']
    """
    text = as_name(say("GPU"), name)
    return tuple(find_gpus(part) for part in _listed(text) or (name,))


def _listed(text: str) -> list[str]:
    """The GPUs of a list, each as it is written; none where it is of one kind."""
    sizes = [part.strip() for part in re.split(r"[+,;，、]", text)]
    if len(sizes) > 1 and all(read_gpu_name(part).memory_bytes for part in sizes):
        return sizes
    parts = [part.strip() for part in re.split(r"\s\+\s|[,;，、]", text)]
    is_one = len(parts) == 1 or _N1.fullmatch(plain_text(text)) is not None
    return parts if not is_one and all(map(_names_gpus, parts)) else []


def _names_gpus(text: str) -> bool:
    """Whether a part of a list names a GPU: by its chip, or a size with a count."""
    return bool(text) and read_gpu_name(text).names_a_chip


def known_gpus() -> list[str]:
    """The names that completion offers, each one word, the user's own first.

    >>> [name for name in known_gpus() if name.startswith("A100-80GB")]
    ['A100-80GB', 'A100-80GB-SXM', 'A100-80GB-PCIe']
    """
    names: dict[str, None] = {}
    for row in gpu_rows():
        words = row.gpu.name.split()
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
    return sorted((row.gpu for row in packaged_rows()), key=lambda gpu: gpu.rank)


def _of_machine(machine: Instance, count: int, text: str) -> GpuSet:
    if count != 1:
        raise UsageError("{name}: one machine is judged; name it without a count", name=shorten(text))
    gpu = replace(find_gpu(machine.gpu), instance=machine.name)
    if machine.memory_mib is None:
        note = say(
            "{instance} of {cloud}: {n} × {gpu}",
            instance=machine.name,
            cloud=machine.cloud,
            n=machine.gpus,
            gpu=gpu.name,
        )
        return GpuSet(with_memory(gpu, gpu.memory_bytes, note), machine.gpus)
    note = say(
        "{instance} of {cloud} has a share of {gpu}: how fast that is is not published",
        instance=machine.name,
        cloud=machine.cloud,
        gpu=gpu.name,
    )
    size = machine.memory_mib * _MIB
    share = Gpu(f"{gpu.name}, {machine.name}", size, machine.source, instance=machine.name, note=note)
    return GpuSet(share, machine.gpus)


def _no_machine(text: str) -> Exception:
    """Why a cloud's machine that no table has is not judged."""
    machine = instance_text(text)
    family = re.split(r"[.-]", machine)[0]
    if any(re.split(r"[.-]", each.casefold())[0] == family for each in known_instances()):
        return UnknownNameError(say("instance"), text, known_instances(), say("or name its GPU"))
    return UsageError(
        "{name}: no table has a GPU in it; name one with a GPU, such as {option:gpu=g5.xlarge}",
        name=shorten(text),
    )


def _by_hand(text: str, memory_bytes: int) -> Gpu:
    """A GPU of which nothing is known but its memory."""
    if not 0 < memory_bytes <= _MOST_BYTES:
        raise UsageError("{name} is no size of a GPU", name=shorten(text))
    note = say("how fast it is is unknown")
    if not re.search(r"[gmt]ib", text.casefold()):
        sold = say("{gib:,.4g} GiB, as GPUs are sold by GB", gib=memory_bytes / _GIB)
        note = joined("; ", sold, note)
    return Gpu(text, memory_bytes, Source(say("as it was written")), note=note, is_given=True)


def _size_alone(text: str, count: int) -> str:
    """The size of one of several GPUs, as it is written.

    >>> _size_alone("2x 24GB", 2), _size_alone("24 GiB", 1)
    ('24GB', '24 GiB')
    """
    written = re.search(r"(?<![\d.])[\d.]+\s*[gmt]i?b?\b", text, re.IGNORECASE)
    return text if count == 1 or written is None else written[0]


def _slice(text: str, asked: GpuName) -> Gpu:
    """A slice of a divided GPU (MIG), whose profile names its size."""
    if asked.words:
        _named(text, replace(asked, slice_gb=None), None, user_gpus())  # an unknown GPU has no slices
    note = say("the size is its profile's; how fast a slice is is not published")
    size = (asked.slice_gb or 0) * 10**9
    return Gpu(text, size, Source(say("the name of the profile")), note=note, is_given=True)


@lru_cache(maxsize=64)
def _named(text: str, asked: GpuName, memory_bytes: int | None, _users: tuple[UserGpu, ...]) -> Gpu:
    """The GPU of a name; `_users` are the user's own among `gpu_rows`, which may change."""
    rows = list(gpu_rows())
    for candidate in readings(asked):
        if fitting := fitting_gpus(rows, candidate):
            return _chosen(text, candidate, fitting, memory_bytes)
    for candidate in readings(asked):
        if candidate.size_gb and (others := fitting_gpus(rows, replace(candidate, size_gb=None))):
            return _of_another_size(text, candidate.size_gb, others)
    for row in read_table("hardware/not_gpus.toml")["others"]:
        if asked.words & {*row["match"]}:
            raise UsageError(
                "{name}: {reason}; give the memory, such as {option:gpu=24GB}",
                name=shorten(text),
                reason=row["reason"],
            )
    if re.fullmatch(r"\d{1,4}(?:\.\d+)?", text):
        raise UsageError(
            "{name} has no unit; write {option:gpu={size}GB} or {option:gpu={size}GiB}",
            name=shorten(text),
            size=text,
        )
    raise UnknownNameError(say("GPU"), text, known_gpus(), say("add your own under [[gpus]]"))


def _chosen(text: str, asked: GpuName, fitting: list[Gpu], memory_bytes: int | None) -> Gpu:
    if memory_bytes is not None:
        return min(fitting, key=lambda gpu: abs(gpu.memory_bytes - memory_bytes))
    least = min(fitting, key=lambda gpu: gpu.memory_bytes)
    if least.ram_gib is not None:
        return _of_ram(least, asked.size_gb, fitting)
    if len(fitting) == 1:
        return least
    note = say(
        "{name} may be one of {n} GPUs: {gpu} is taken, as none has less memory",
        name=text,
        n=len(fitting),
        gpu=least.name,
    )
    return replace(least, note=joined("; ", note, least.note))


def _of_ram(gpu: Gpu, size_gb: int | None, fitting: list[Gpu]) -> Gpu:
    """A chip that shares the machine's memory, of which it is sold with several sizes."""
    assert gpu.ram_gib is not None
    if size_gb is not None:
        name = gpu.name if gpu.ram_gib[0] == gpu.ram_gib[1] else f"{gpu.name} {size_gb}GB"
        return replace(gpu, name=name, memory_bytes=size_gb * _GIB)
    most = max(each.ram_gib[1] for each in fitting if each.ram_gib)
    note = say(
        "{gpu} has {least} to {most} GB of memory: {least} is taken; write yours behind the name",
        gpu=gpu.name.removesuffix(f" {gpu.ram_gib[0]}GB"),
        least=gpu.ram_gib[0],
        most=most,
    )
    return with_memory(gpu, gpu.ram_gib[0] * _GIB, note)


def _of_another_size(text: str, size_gb: int, others: list[Gpu]) -> Gpu:
    """A GPU with a memory that no table has of it: a modified board, or a slip."""
    nearest = min(others, key=lambda gpu: abs(gpu.memory_bytes - size_gb * _GIB))
    if nearest.ram_gib is not None:
        least, most = nearest.ram_gib
        raise UsageError(
            "{name}: {gpu} has {least} to {most} GB of memory",
            name=shorten(text),
            gpu=nearest.name,
            least=least,
            most=most,
        )
    ratio = size_gb * _GIB / nearest.memory_bytes
    if not 1 / _MODIFIED <= ratio <= _MODIFIED:
        raise UnknownNameError(say("GPU"), text, known_gpus(), say("add your own under [[gpus]]"))
    note = say("no table has {gpu} with {n} GB: its memory is as written", gpu=nearest.name, n=size_gb)
    return replace(nearest, memory_bytes=size_gb * _GIB, note=note)

"""Which GPUs of the tables a name may mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from .gpu_names import GpuName
from .gpu_rows import Gpu, GpuRow

_GIB = 2**30
# What a driver reports is up to this share less than what is on the box.
_SHORT_OF_THE_BOX = 0.08


def readings(asked: GpuName) -> Iterable[GpuName]:
    """What the words may mean, the likeliest first: `A100-80` ends in a size, `3090s` in a plural."""
    yield asked
    for word in asked.words:
        if word.isdecimal() and len(word) <= 3 and asked.size_gb is None:
            yield replace(asked, words=asked.words - {word}, size_gb=int(word))
    singular = frozenset(word.removesuffix("s") if re.search(r"\ds$", word) else word for word in asked.words)
    if singular != asked.words:
        yield replace(asked, words=singular)


def fitting_gpus(rows: list[GpuRow], asked: GpuName) -> list[Gpu]:
    """The GPUs that may be meant: those spelled so, else those that have every word."""
    # `GH200 480GB` is the driver's name, of another memory than the GPU's.
    rows = [row for row in rows if row.may_have(asked.words)]
    sized = [
        row for row in rows if _has_size(row.gpu, asked.size_gb) or replace(asked, count=1) in row.spellings
    ]
    tests: tuple[Callable[[GpuRow], bool], ...] = (
        lambda row: any(asked.words == spelling.words for spelling in row.spellings),
        lambda row: _has_words(row, asked) and ("laptop" in asked.words or not _is_laptop(row)),
        lambda row: _has_words(row, asked),
    )
    for test in tests:
        if fitting := [row for row in sized if test(row)]:
            # 94 and 96 GB are near enough to be taken for each other, where no name says which.
            named = [row for row in fitting if asked.size_gb in {each.size_gb for each in row.spellings}]
            return [row.gpu for row in (named if asked.size_gb and named else fitting)]
    return []


def _has_words(row: GpuRow, asked: GpuName) -> bool:
    every = frozenset().union(*(spelling.words for spelling in row.spellings))
    return asked.names_a_chip and asked.words <= every


def _is_laptop(row: GpuRow) -> bool:
    return any("laptop" in spelling.words for spelling in row.spellings)


def _has_size(gpu: Gpu, size_gb: int | None) -> bool:
    if size_gb is None:
        return True
    if gpu.ram_gib is not None:
        least, most = gpu.ram_gib
        return least <= size_gb <= most
    return abs(size_gb * _GIB - gpu.memory_bytes) <= _SHORT_OF_THE_BOX * size_gb * _GIB

"""Who holds which layers: as many as fit the GPUs, the others in RAM.

An engine counts slots: the layers, and the head behind them as one more. Those on the GPUs are the last; what
stays in RAM are the first. Of a mixture, the experts of the first layers may stay in RAM while the rest of
those layers does not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of each layer without its experts, of its experts, of the head, and of embeddings beside it."""

    layers: tuple[float, ...]
    experts: tuple[float, ...]
    head: float
    embeddings: float = 0.0

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    @property
    def n_slots(self) -> int:
        return self.n_layers + 1

    @property
    def largest(self) -> float:
        """Bytes of the largest layer."""
        return max(map(sum, zip(self.layers, self.experts, strict=True)))

    def slots(self, n_cpu_moe: int) -> list[float]:
        """Bytes of each slot on a GPU, where the experts of the first layers are in RAM."""
        kept = (0 if layer < n_cpu_moe else size for layer, size in enumerate(self.experts))
        return [*map(sum, zip(self.layers, kept, strict=True)), self.head]


@dataclass(frozen=True, slots=True)
class Split:
    """`counts` are the slots on each GPU, in their order; `n_cpu_moe` the layers whose experts are in RAM."""

    n_layers: int
    counts: tuple[int, ...]
    n_cpu_moe: int = 0

    @property
    def n_on_gpus(self) -> int:
        return sum(self.counts)

    @property
    def first_on_gpus(self) -> int:
        """The first slot that is on a GPU."""
        return self.n_layers + 1 - self.n_on_gpus

    @property
    def is_whole(self) -> bool:
        """Whether nothing but embeddings stays in RAM."""
        return not self.first_on_gpus and not self.n_cpu_moe

    def slots(self) -> Iterator[range]:
        """The slots of each GPU."""
        first = self.first_on_gpus
        for count in self.counts:
            yield range(first, first + count)
            first += count


def place(
    sizes: Sizes, rooms: Sequence[float], free: Sequence[float], asked: int | None, n_cpu_moe: int | None
) -> Split:
    """The split that is asked for, else the one that leaves the least in RAM.

    `rooms` are what each GPU has for layers, `free` what is free there in all, by which an engine divides
    layers unless it is told otherwise. Of a mixture experts go to RAM before whole layers do: a token reads
    few of them.

    >>> dense = Sizes((100,) * 4, (0,) * 4, 50)
    >>> place(dense, [260], [300], None, None).counts  # two layers and the head
    (3,)
    >>> mixture = Sizes((10,) * 4, (90,) * 4, 50)
    >>> place(mixture, [260], [300], None, None)
    Split(n_layers=4, counts=(5,), n_cpu_moe=3)
    >>> place(dense, [260, 110], [300, 150], None, None).counts
    (2, 1)
    """
    if not any(sizes.experts):
        n_cpu_moe = 0
    if asked is not None:
        on_gpus, in_ram = min(asked, sizes.n_slots), min(n_cpu_moe or 0, sizes.n_layers)
        return _with(sizes, rooms, free, on_gpus, in_ram) or Split(
            sizes.n_layers, by_free(on_gpus, free), in_ram
        )

    def have_room(on_gpus: int, in_ram: int) -> bool:
        return _packed(_slots_on_gpus(sizes, on_gpus, in_ram), rooms) is not None

    # What has room still has it with fewer experts or layers on the GPUs.
    if n_cpu_moe is None:
        in_ram = bisect_left(range(sizes.n_layers), True, key=lambda n: have_room(sizes.n_slots, n))
    else:
        in_ram = min(n_cpu_moe, sizes.n_layers)
    left_out = bisect_left(range(sizes.n_slots), True, key=lambda n: have_room(sizes.n_slots - n, in_ram))
    nothing = Split(sizes.n_layers, (0,) * len(rooms))
    if left_out == sizes.n_slots:
        return nothing
    return _with(sizes, rooms, free, sizes.n_slots - left_out, in_ram) or nothing


def _slots_on_gpus(sizes: Sizes, on_gpus: int, n_cpu_moe: int) -> list[float]:
    return sizes.slots(n_cpu_moe)[sizes.n_slots - on_gpus :]


def _with(
    sizes: Sizes, rooms: Sequence[float], free: Sequence[float], on_gpus: int, n_cpu_moe: int
) -> Split | None:
    """So many slots on the GPUs: by what is free there, else each GPU filled in its turn; None if they are
    too many.
    """
    slots = _slots_on_gpus(sizes, on_gpus, n_cpu_moe)
    usual = by_free(on_gpus, free)
    if _fits(slots, usual, rooms):
        return Split(sizes.n_layers, usual, n_cpu_moe)
    packed = _packed(slots, rooms)
    return None if packed is None else Split(sizes.n_layers, packed, n_cpu_moe)


def by_free(n_slots: int, free: Sequence[float]) -> tuple[int, ...]:
    """How an engine divides slots by the free memory of each GPU, unless it is told otherwise.

    A slot goes to the first GPU whose end, as a share of the free memory, is behind it. Source: llama.cpp,
    `get_layer_buft_list` in src/llama-model.cpp.

    >>> by_free(81, [24, 12])
    (54, 27)
    """
    whole = sum(free)
    if whole <= 0:
        return (n_slots, *(0 for _ in free[1:]))
    ends = [end / whole for end in accumulate(free)]
    counts = [0] * len(free)
    for slot in range(n_slots):
        counts[min(bisect_right(ends, slot / n_slots), len(free) - 1)] += 1
    return tuple(counts)


def _fits(slots: Sequence[float], counts: Sequence[int], rooms: Sequence[float]) -> bool:
    first = 0
    for count, room in zip(counts, rooms, strict=True):
        if count and sum(slots[first : first + count]) > room:
            return False
        first += count
    return True


def _packed(slots: Sequence[float], rooms: Sequence[float]) -> tuple[int, ...] | None:
    """Each GPU in its turn holds as many as fit; None where some are left."""
    counts, first = [], 0
    for room in rooms:
        count = sum(size <= room for size in accumulate(slots[first:]))
        counts.append(count)
        first += count
    return tuple(counts) if first == len(slots) else None

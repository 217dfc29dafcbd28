"""Who holds which layers: as many as fit the GPUs, the others in RAM.

An engine counts slots: the layers, and the head behind them as one more. llama.cpp puts the last on the GPUs,
and the first stay in RAM; accelerate does it the other way round. Of a mixture, the experts of the first
layers may stay in RAM while the rest of those layers does not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal

from ....records import dataclass

Order = Literal["last", "first", "head first"]
"""Which slots are on the GPUs: the last, or the first; a head that is the embeddings is then before all."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of each layer without its experts, of its experts, of the head, of embeddings beside it, and of
    a tower that sees.
    """

    layers: tuple[float, ...]
    experts: tuple[float, ...]
    head: float
    embeddings: float = 0.0
    tower: float = 0.0
    order: Order = "last"

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

    @property
    def largest_slot(self) -> float:
        """The same, or of the head where it comes behind the layers."""
        return self.largest if self.order == "head first" else max(self.largest, self.head)

    def slots(self, n_cpu_moe: int) -> list[float]:
        """Bytes of each slot on a GPU, where the experts of the first layers are in RAM."""
        kept = (0 if layer < n_cpu_moe else size for layer, size in enumerate(self.experts))
        layers = map(sum, zip(self.layers, kept, strict=True))
        return [self.head, *layers] if self.order == "head first" else [*layers, self.head]

    def slots_on_gpus(self, on_gpus: int, n_cpu_moe: int) -> list[float]:
        """The same of those that are on GPUs, in their order."""
        slots = self.slots(n_cpu_moe)
        return slots[self.n_slots - on_gpus :] if self.order == "last" else slots[:on_gpus]

    def split(self, counts: tuple[int, ...], n_cpu_moe: int = 0) -> Split:
        return Split(self.n_layers, counts, n_cpu_moe, self.order)


@dataclass(frozen=True, slots=True)
class Slots:
    """What one device runs: some layers, the head or not."""

    layers: range
    has_head: bool


@dataclass(frozen=True, slots=True)
class Split:
    """`counts` are the slots on each GPU, in their order; `n_cpu_moe` the layers whose experts are in RAM."""

    n_layers: int
    counts: tuple[int, ...]
    n_cpu_moe: int = 0
    order: Order = "last"

    @property
    def n_on_gpus(self) -> int:
        return sum(self.counts)

    @property
    def n_in_ram(self) -> int:
        """The slots that are on no GPU."""
        return self.n_layers + 1 - self.n_on_gpus

    @property
    def is_whole(self) -> bool:
        """Whether nothing but embeddings stays in RAM."""
        return not self.n_in_ram and not self.n_cpu_moe

    @property
    def in_ram(self) -> Slots:
        first = 0 if self.order == "last" else self.n_on_gpus
        return self._slots(first, first + self.n_in_ram)

    def on_each(self) -> Iterator[Slots]:
        """What each GPU has."""
        first = self.n_in_ram if self.order == "last" else 0
        for count in self.counts:
            yield self._slots(first, first + count)
            first += count

    def _slots(self, first: int, stop: int) -> Slots:
        """Those of some places in the order."""
        n_before, head = (1, 0) if self.order == "head first" else (0, self.n_layers)
        layers = (min(max(place - n_before, 0), self.n_layers) for place in (first, stop))
        return Slots(range(*layers), first <= head < stop)


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
    >>> split = place(mixture, [260], [300], None, None)
    >>> split.counts, split.n_cpu_moe
    ((5,), 3)
    >>> place(dense, [260, 110], [300, 150], None, None).counts
    (2, 1)
    """
    if not any(sizes.experts):
        n_cpu_moe = 0
    if asked is not None:
        on_gpus, in_ram = min(asked, sizes.n_slots), min(n_cpu_moe or 0, sizes.n_layers)
        return _with(sizes, rooms, free, on_gpus, in_ram) or sizes.split(by_free(on_gpus, free), in_ram)

    def have_room(on_gpus: int, in_ram: int) -> bool:
        return _packed(sizes.slots_on_gpus(on_gpus, in_ram), rooms) is not None

    # What has room still has it with fewer experts or layers on the GPUs.
    if n_cpu_moe is None:
        in_ram = bisect_left(range(sizes.n_layers), True, key=lambda n: have_room(sizes.n_slots, n))
    else:
        in_ram = min(n_cpu_moe, sizes.n_layers)
    left_out = bisect_left(range(sizes.n_slots), True, key=lambda n: have_room(sizes.n_slots - n, in_ram))
    nothing = sizes.split((0,) * len(rooms))
    if left_out == sizes.n_slots:
        return nothing
    return _with(sizes, rooms, free, sizes.n_slots - left_out, in_ram) or nothing


def _with(
    sizes: Sizes, rooms: Sequence[float], free: Sequence[float], on_gpus: int, n_cpu_moe: int
) -> Split | None:
    """So many slots on the GPUs: as an engine divides them, else each GPU filled in its turn; None if they
    are too many.
    """
    slots = sizes.slots_on_gpus(on_gpus, n_cpu_moe)
    usual = by_free(on_gpus, free) if sizes.order == "last" else _packed(slots, _balanced(sizes, rooms))
    if usual is not None and _fits(slots, usual, rooms):
        return sizes.split(usual, n_cpu_moe)
    packed = _packed(slots, rooms)
    return None if packed is None else sizes.split(packed, n_cpu_moe)


def _balanced(sizes: Sizes, rooms: Sequence[float]) -> list[float]:
    """What accelerate lets each GPU take: its share of the model and a little more, the last all that it has.

    Of the first's share embeddings and what sees go off, and the room that is kept for what lies elsewhere.
    Source: `get_balanced_memory` in src/accelerate/utils/modeling.py.
    """
    beside = sizes.embeddings + sizes.tower
    share = (sum(sizes.slots(0)) + beside) / len(rooms) + 1.25 * sizes.largest
    first = share - beside - sizes.largest_slot
    shares = [first, *(share for _ in rooms[1:])]
    return [*map(min, rooms[:-1], shares[:-1]), rooms[-1]]


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

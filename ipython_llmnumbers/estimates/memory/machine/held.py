"""What one of a machine's devices holds of a model, as needs that are judged like those of a whole one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ....catalog.open_models.architectures import Matrix
from ....figures import Figure, assumed, derive, given
from ....formulas import memory
from ....messages import say
from ....records import dataclass
from ...devices import Device
from ..cache import CacheNeeds
from ..needs import Needs, per_gpu
from ..weights import layer_bytes, weights_figure
from .split import Order, Sizes, Split

# What a token is looked up in; the other matrices outside the layers go with the head.
_LOOKED_UP = {"token_embd", "position_embd", "token_types"}


@dataclass(frozen=True, slots=True)
class Held:
    """The layers that run on a device, and those whose experts lie there."""

    device: Device
    layers: range
    expert_layers: range
    has_head: bool
    has_embeddings: bool
    has_tower: bool
    """Whether what sees lies there: on the first GPU, if layers do."""
    n_cached: int
    """The layers whose cache lies there."""

    @property
    def n_slots(self) -> int:
        """The layers that run here, the head as one more."""
        return len(self.layers) + self.has_head

    @property
    def holds_layers(self) -> bool:
        """Whether it holds more than embeddings."""
        return bool(self.n_slots or self.expert_layers)

    def part_of(self, figure: Figure, needs: Needs) -> Figure:
        """The part of what all layers take alike that those here take."""
        n_here, n_layers = self.n_cached, needs.spec.architecture.n_layers
        if n_here == n_layers:
            return figure
        here = given("n_layers_here", n_here, "layers", self.device.name)
        return derive(
            figure.name,
            figure.unit,
            memory.layers_share,
            note=figure.note,
            whole=figure,
            n_layers_here=here,
            n_layers=needs.spec.figure("n_layers"),
        )

    def matrices(self, needs: Needs) -> list[Matrix]:
        """Those that the device holds, each with its layers there."""
        parts = ((each, self._layers_of(each, needs)) for each in needs.matrices())
        return [replace(each, layers=layers) for each, layers in parts if layers]

    def _layers_of(self, matrix: Matrix, needs: Needs) -> tuple[int, ...]:
        if matrix.sees:
            return matrix.layers if self.has_tower else ()
        here = self.expert_layers if matrix.is_expert else self.layers
        outside = self.has_outside(matrix, needs)
        return tuple(layer for layer in matrix.layers if (outside if layer < 0 else layer in here))

    def has_outside(self, matrix: Matrix, needs: Needs) -> bool:
        """Whether it holds a matrix of no layer. Tied embeddings are the head."""
        is_tied = needs.spec.architecture.tied_embeddings and matrix.role == "token_embd"
        if matrix.role in _LOOKED_UP and not is_tied:
            return self.has_embeddings
        return self.has_head


def sizes_of(needs: Needs) -> Sizes:
    """The likely bytes of each layer with the most that its cache takes, of its experts, and of the head."""
    n_layers, order = needs.spec.architecture.n_layers, _order(needs)
    # Where the first GPU runs what lies in RAM it has all of the cache, which `split_over` counts there.
    cache = 0.0 if needs.served_by.reads_ram else float(needs.cache.total_bytes.high or 0) / n_layers
    if needs.spec.given_params is not None:
        each = float(needs.weights_bytes.high or 0) / n_layers
        return Sizes((each + cache,) * n_layers, (0.0,) * n_layers, 0.0, order=order)
    layers, experts, tower = [cache] * n_layers, [0.0] * n_layers, 0.0
    outside = {True: 0.0, False: 0.0}
    head = Held(
        nowhere(), range(0), range(0), has_head=True, has_embeddings=False, has_tower=False, n_cached=0
    )
    for matrix, size in layer_bytes(needs.spec, needs.quant, needs.matrices()):
        for layer in matrix.layers:
            if matrix.sees:
                tower += size
            elif layer < 0:
                outside[head.has_outside(matrix, needs)] += size
            else:
                (experts if matrix.is_expert else layers)[layer] += size
    return Sizes(tuple(layers), tuple(experts), outside[True], outside[False], tower, order)


def _order(needs: Needs) -> Order:
    """Which layers go on the GPUs: where the first do, a head that is the embeddings goes before them."""
    if not needs.served_by.reads_ram:
        return "last"
    return "head first" if needs.spec.architecture.tied_embeddings else "first"


def held_by(split: Split, gpus: tuple[Device, ...], ram: Device, *, reads_ram: bool) -> tuple[Held, ...]:
    """What each GPU and the RAM hold, GPUs without anything left out.

    With `reads_ram` the first GPU has the embeddings, and the cache of the layers that lie in RAM.
    """
    found: list[Held] = []
    rest = split.in_ram
    for gpu, count, slots in zip(gpus, split.counts, split.on_each(), strict=True):
        layers = slots.layers
        experts = range(max(layers.start, split.n_cpu_moe), max(layers.stop, split.n_cpu_moe))
        is_reader = reads_ram and not found
        n_cached = len(layers) + (len(rest.layers) if is_reader else 0)
        if count:
            found.append(Held(gpu, layers, experts, slots.has_head, is_reader, not found, n_cached))
    experts = range(rest.layers.start, max(rest.layers.stop, split.n_cpu_moe))
    reads_ram = reads_ram and bool(found)
    n_cached = 0 if reads_ram else len(rest.layers)
    in_ram = Held(ram, rest.layers, experts, rest.has_head, not reads_ram, not found, n_cached)
    return (*found, in_ram)


def needs_held(needs: Needs, held: Held) -> Needs:
    """The needs of one device: its weights, and the cache of its layers."""

    def part(figure: Figure) -> Figure:
        return held.part_of(figure, needs)

    if needs.spec.given_params is not None:
        weights = part(needs.weights_bytes)
    else:
        matrices = held.matrices(needs)
        whole = weights_figure(needs.spec, needs.quant, matrices)
        weights = per_gpu(needs.spec, needs.quant, whole, matrices, needs.tp)
    here = needs if held.has_tower else beside_the_tower(needs)
    return replace(here, weights_bytes=weights, cache=_cache(needs.cache, part), host_bytes=None)


def beside_the_tower(needs: Needs) -> Needs:
    """The needs of a device that has no tower, where another has one."""
    return replace(needs, tower="none", tower_bytes=None) if needs.tower == "loaded" else needs


def _cache(cache: CacheNeeds, part: Callable[[Figure], Figure]) -> CacheNeeds:
    return replace(
        cache,
        per_token=part(cache.per_token),
        growing=part(cache.growing),
        sliding=part(cache.sliding),
        fixed=part(cache.fixed),
        sequence_bytes=part(cache.sequence_bytes),
        total_bytes=part(cache.total_bytes),
        unshared_bytes=None if cache.unshared_bytes is None else part(cache.unshared_bytes),
    )


def nowhere() -> Device:
    """A device for what is held on any."""
    nothing = assumed("free_bytes", None, "bytes", say("no device"))
    return Device("", "ram", nothing, nothing)

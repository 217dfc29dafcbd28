"""A model on all of a machine: the split, what each device holds, one verdict, and the speed."""

from __future__ import annotations

from ....catalog.hardware.engine_speed import find_speed
from ....catalog.hardware.engines import first_that_takes
from ....catalog.open_models.spec import ModelSpec
from ....figures import Figure, Verdict, derive
from ....formulas import memory
from ....records import dataclass
from ...devices import Device, summed_device, worst
from ..engines import serving
from ..judgement import Judgement, judge, judge_needs
from ..needs import Needs, needs_of
from ..question import Fit
from .held import Held, beside_the_tower, held_by, needs_held, sizes_of
from .passing import pass_figures
from .split import Split, place


@dataclass(frozen=True, slots=True)
class Share:
    """What one device holds, and whether that fits there."""

    held: Held
    judged: Judgement


@dataclass(frozen=True, slots=True)
class Machine:
    """A model split over `gpus` and the RAM beside them."""

    needs: Needs
    split: Split
    gpus: tuple[Device, ...]
    ram: Device
    shares: tuple[Share, ...]

    @property
    def verdict(self) -> Verdict | None:
        """The worst of them; where nobody says how much RAM there is, of the GPUs."""
        return worst(*(each.judged.verdict for each in self.counted))

    @property
    def knows_ram(self) -> bool:
        return self.ram.free_bytes.value is not None

    @property
    def in_ram(self) -> Share:
        return next(each for each in self.shares if not each.held.device.is_gpu)

    @property
    def counted(self) -> tuple[Share, ...]:
        """The devices whose memory is judged: RAM only where it holds more than embeddings and is known.

        Where it holds all, nothing else is to be judged.
        """
        in_ram = self.in_ram
        left_out = in_ram if not (self.knows_ram and in_ram.held.holds_layers) else None
        return tuple(each for each in self.shares if each is not left_out) or (in_ram,)

    @property
    def held(self) -> tuple[Held, ...]:
        return tuple(each.held for each in self.shares)

    @property
    def device(self) -> Device:
        """The devices whose memory is judged, as one."""
        return summed_device(tuple(each.held.device for each in self.counted))

    @property
    def name(self) -> str:
        """All devices that hold layers, whether or not their memory is known."""
        return summed_device(tuple(each.device for each in self.held if each.holds_layers)).name

    def sums(self) -> dict[str, Figure]:
        """`weights_bytes`, `kv_cache_bytes` and `overhead_bytes` on all of them together."""
        judged = [each.judged for each in self.counted]
        return {
            "weights_bytes": _sum("weights_bytes", [each.needs.weights_bytes for each in judged]),
            "kv_cache_bytes": _sum("kv_cache_bytes", [each.needs.cache.total_bytes for each in judged]),
            "overhead_bytes": _sum("overhead_bytes", [each.overhead.total for each in judged]),
        }

    @property
    def total_bytes(self) -> Figure:
        return derive("total_bytes", "bytes", memory.total_bytes, note="", **self.sums())

    def speeds(self, batch_size: Figure) -> dict[str, Figure]:
        """`step_s`, `sequence_tokens_per_s` and `tokens_per_s` of so many sequences."""
        engine = find_speed(self.needs.served_by.engine.name)
        return pass_figures(self.needs, self.held, engine, batch_size)


def _sum(name: str, parts: list[Figure]) -> Figure:
    named = {f"device_{number}": part for number, part in enumerate(parts)}
    return derive(name, "bytes", memory.sum_bytes, note="", **named)


def asks_split(request: Fit) -> bool:
    """Whether the layers on the GPUs, or the experts in RAM, are asked for."""
    return request.ngl is not None or request.n_cpu_moe is not None


def with_engine(request: Fit, *, needs_ram: bool = False) -> Fit:
    """The request with the engine that is meant where only some can do what is asked."""
    needs_ram = needs_ram or asks_split(request) or request.ram is not None
    if request.engine is not None or not needs_ram:
        return request
    return request.changed(engine=first_that_takes("ngl"))


def machine_of(
    spec: ModelSpec, request: Fit, gpus: tuple[Device, ...], ram: Device, *, are_meant: bool
) -> Machine | None:
    """The model over a machine, where it goes over all of it; None where it stays on one GPU.

    That is where a split is asked for, where several GPUs `are_meant` together or none of them is enough
    alone, and where RAM that is known takes what they do not hold.
    """
    if not can_be_split(spec, request, gpus):
        return None
    machine = split_over(spec, request, gpus, ram)
    if asks_split(request):
        return machine
    if not (machine.knows_ram or machine.split.is_whole):
        return None
    if are_meant and len(gpus) > 1:
        return machine
    if any(judge(spec, request, gpu).verdict != "does not fit" for gpu in gpus):
        return None
    return machine if request.ram is not None or machine.verdict != "does not fit" else None


def can_be_split(spec: ModelSpec, request: Fit, gpus: tuple[Device, ...]) -> bool:
    """Whether there are layers to put into RAM, an engine that does, and RAM beside the GPUs."""
    has_layers = spec.architecture.knows_cache and spec.architecture.n_layers > 0
    return (
        has_layers
        and serving(request.engine).keeps_layers_in_ram
        and not spec.architecture.is_encoder
        and request.tp == 1
        and request.draft is None
        and not request.draft_layers
        and not any(each.is_unified for each in gpus)
    )


def split_over(spec: ModelSpec, request: Fit, gpus: tuple[Device, ...], ram: Device) -> Machine:
    """As many layers on the GPUs as fit, or as are asked for; the others in RAM.

    Raises:
        UsageError, UnknownNameError: as `needs_of`.
    """
    needs = needs_of(spec, request, *gpus)
    return placed_so(split_of(needs, request, gpus), needs, gpus, ram)


def split_of(needs: Needs, request: Fit, gpus: tuple[Device, ...]) -> Split:
    """Which layers go on the GPUs: as many as fit, or as are asked for."""
    free = [float(each.free_bytes.low or 0) for each in gpus]
    of_each = [needs, *(beside_the_tower(needs) for _ in gpus[1:])]
    taken = [
        float(needs.served_by.overhead_on_gpu(one, gpu).total.high or 0)
        for one, gpu in zip(of_each, gpus, strict=True)
    ]
    sizes, reads_ram = sizes_of(needs), needs.served_by.reads_ram
    taken[0] += sizes.tower
    if reads_ram:
        taken[0] += float(needs.cache.total_bytes.high or 0) + sizes.embeddings
    rooms = [room - own for room, own in zip(free, taken, strict=True)]
    if reads_ram:  # a layer on another GPU than the first has its cache there
        layers = sum(sizes.slots(0))
        without_caches = layers / (layers + float(needs.cache.total_bytes.high or 0))
        rooms = [rooms[0], *(room * without_caches for room in rooms[1:])]
    rooms = needs.served_by.rooms_for_layers(rooms, sizes)
    moved = request.n_cpu_moe if needs.served_by.moves_experts else 0
    return place(sizes, rooms, free, request.ngl, moved)


def placed_so(split: Split, needs: Needs, gpus: tuple[Device, ...], ram: Device) -> Machine:
    """A model split so: what each device holds, and whether that fits there."""
    shares = tuple(
        Share(held, judge_needs(needs_held(needs, held), held.device))
        for held in held_by(split, gpus, ram, reads_ram=needs.served_by.reads_ram)
    )
    return Machine(needs, split, gpus, ram, shares)

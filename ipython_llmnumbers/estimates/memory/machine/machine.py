"""A model on all of a machine: the split, what each device holds, one verdict, and the speed."""

from __future__ import annotations

from dataclasses import dataclass

from ....catalog.hardware.engine_speed import find_speed
from ....catalog.open_models.spec import ModelSpec
from ....figures import Figure, Verdict
from ...devices import Device
from ..judgement import Judgement, judge_needs
from ..needs import Needs, needs_of
from ..question import Fit
from .held import Held, held_by, needs_held, sizes_of
from .passing import pass_figures
from .split import Split, place

# From the best to the worst; where one device's is not known, neither is the machine's.
_WORSE: tuple[Verdict | None, ...] = ("fits", "tight", None, "does not fit")


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
        known = [each for each in self.shares if each.held.device.is_gpu or self.knows_ram]
        return max((each.judged.verdict for each in known), key=_WORSE.index, default=None)

    @property
    def knows_ram(self) -> bool:
        return self.ram.free_bytes.value is not None

    @property
    def in_ram(self) -> Share:
        return next(each for each in self.shares if not each.held.device.is_gpu)

    def speeds(self, batch_size: Figure) -> dict[str, Figure]:
        """`step_s`, `sequence_tokens_per_s` and `tokens_per_s` of so many sequences."""
        held = tuple(each.held for each in self.shares)
        return pass_figures(self.needs, held, find_speed(self.needs.served_by.engine.name), batch_size)


def can_be_split(spec: ModelSpec, request: Fit, gpus: tuple[Device, ...]) -> bool:
    """Whether there are layers to put into RAM, and an engine and a machine that can."""
    has_layers = spec.architecture.knows_cache and spec.architecture.n_layers > 0
    return (
        has_layers
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
    needs = needs_of(spec, request)
    free = [float(each.free_bytes.low or 0) for each in gpus]
    taken = [float(needs.served_by.overhead_on_gpu(needs, each).total.high or 0) for each in gpus]
    rooms = [room - own for room, own in zip(free, taken, strict=True)]
    split = place(sizes_of(needs), rooms, free, request.ngl, request.n_cpu_moe)
    shares = tuple(
        Share(held, judge_needs(needs_held(needs, held), held.device)) for held in held_by(split, gpus, ram)
    )
    return Machine(needs, split, gpus, ram, shares)

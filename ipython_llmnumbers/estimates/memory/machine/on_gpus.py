"""A model on GPUs alone, as its engine uses several: laid over them in layers, or divided."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....catalog.open_models.spec import ModelSpec
from ....figures import Figure
from ...devices import Device, laid_over, named_ram, worst
from ..engines import serving
from ..judgement import Judgement, judge_request
from ..largest import max_context
from ..needs import Needs, spread
from ..question import Fit
from .answer import machine_estimate
from .machine import Machine, can_be_split, placed_so, split_of


@dataclass(frozen=True, slots=True)
class OnGpus:
    """The GPUs of one request, which says by how many the model is divided.

    `device` is what is judged: all of them together, or the one with the least free where each has a share.
    """

    spec: ModelSpec
    request: Fit
    gpus: tuple[Device, ...]
    device: Device

    @property
    def n_laid(self) -> int:
        """The GPUs that layers go over; 1 where each has a share of every layer."""
        return len(self.device.members) or 1

    def judge(self, needs: Needs) -> Judgement | Machine:
        """Layer by layer where the engine can be told so, else by the memory of all.

        Where whole layers do not go in, the sum of the free memory makes it tight at the best.
        """
        if len(self.gpus) == 1 or not can_be_split(self.spec, self.request, self.gpus):
            return judge_request(needs, self.request, self.device)
        split = split_of(needs, self.request, self.gpus)
        if split.is_whole:
            return placed_so(split, needs, self.gpus, named_ram(None))
        judged = judge_request(needs, self.request, self.device)
        return replace(judged, verdict=worst("tight", judged.verdict))


def on_gpus(spec: ModelSpec, request: Fit, gpus: tuple[Device, ...]) -> OnGpus:
    """How a request goes over these GPUs.

    Raises:
        UsageError: more are asked for than there are.
    """
    tp, laid = spread(spec, str(request.gpu), len(gpus), request.tp, serving(request.engine))
    smallest = min(gpus, key=lambda gpu: gpu.free_bytes.low or 0)
    return OnGpus(spec, request.changed(tp=tp), gpus, laid_over(gpus) if laid > 1 else smallest)


def judged_figures(judged: Judgement | Machine, request: Fit, device: Device) -> tuple[Figure, ...]:
    """`weights_bytes`, `total_bytes`, `free_bytes` and `max_context_tokens` of what was judged there."""
    if isinstance(judged, Machine):
        whole = machine_estimate(judged, request)
        longest, free, weights = whole["max_context_tokens"], whole["free_bytes"], whole["weights_bytes"]
    else:
        longest = max_context(judged.needs, judged.overhead, judged.room_bytes)
        free, weights = device.free_bytes, judged.needs.weights_bytes
    return weights, judged.total_bytes, free, longest

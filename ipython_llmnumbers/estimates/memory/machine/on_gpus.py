"""A model on GPUs alone, as its engine uses several: laid over them in layers, or divided."""

from __future__ import annotations

from dataclasses import replace

from ....catalog.open_models.spec import ModelSpec
from ....errors import UsageError
from ....figures import Figure
from ....messages import joined, option, shorten
from ....records import dataclass
from ...devices import Device, laid_over, named_ram, worst
from ..engines import Serving, serving
from ..judgement import Judgement, judge_request
from ..largest import max_context
from ..needs import Needs
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


def check_count(gpu: str, count: int, tp: int, pp: int = 1) -> None:
    """As many GPUs as are asked for must be among those that a name is of; of one there may be more.

    Raises:
        UsageError: more are asked for than there are.
    """
    if 1 < count < tp * pp:
        asked = [option(name, value) for name, value in (("tp", tp), ("pp", pp)) if value > 1]
        raise UsageError(
            "{options} needs {wanted} GPUs and {gpu} is {n}",
            options=joined(" ", *asked),
            wanted=tp * pp,
            gpu=shorten(gpu),
            n=count,
        )


def spread(spec: ModelSpec, gpu: str, count: int, tp: int, served_by: Serving) -> tuple[int, int]:
    """How a model goes over `count` GPUs of a name: `tp` that divide it, and how many its layers go over.

    What is asked for counts; else an engine lays the layers, or divides the model by as many as can.

    Raises:
        UsageError: more are asked for than there are.

    >>> from ....catalog.open_models.find import find_model
    >>> from ..engines import Serving, serving
    >>> spec = find_model("llama-3.1-8b")
    >>> spread(spec, "3x T4", 3, 1, serving("llama.cpp")), spread(spec, "3x T4", 3, 1, serving("vllm"))
    ((1, 3), (2, 1))
    """
    if count == 1:
        return tp, 1
    if tp > count:
        check_count(gpu, count, tp)
    if tp == 1 and served_by.lays_layers:
        return 1, count
    heads = spec.architecture.n_heads
    if tp > 1 or spec.given_params is not None or not heads:
        return (tp if tp > 1 else count), 1
    return next(n for n in range(count, 0, -1) if heads % n == 0), 1

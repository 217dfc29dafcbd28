"""What to change where a model does not fit: each step is judged again before it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...catalog.hardware.gpus import advised_gpus, find_gpu
from ...catalog.open_models.quants import find_quant, is_converted
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, Note
from ...messages import joined, option, say
from ...records import dataclass
from ..devices import Device, named_devices
from .judgement import Judgement, judge
from .machine.advice import offload_advice
from .machine.on_gpus import on_gpus
from .needs import needs_of
from .question import Fit

_SHORTEST_CONTEXT = 1_024
_GPU_COUNTS = (2, 4, 8)
_LAID_COUNTS = (2, 3, 4, 6, 8)
# Two GPUs of one size show a few per cent more or less of it.
_MORE_MEMORY = 1.05


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A change of the request, in the words of whoever would type it."""

    text: str
    changes: dict[str, Any]
    device: Device | None = None
    """Where it is judged; None where that is the same device, or the GPU that it names."""


def advice(
    spec: ModelSpec,
    request: Fit,
    judged: Judgement,
    device: Device,
    max_context: Figure,
    local: tuple[Device, ...] = (),
) -> list[Note]:
    """Changes that make it fit, one of each kind, from the least harm to the most.

    Only a change after which the verdict is `fits` is told. Where the engine does not start as asked,
    what makes it start goes with each of them. `local` are the GPUs of this machine, the freest first.
    """
    start = judged.needs.served_by.start_changes(judged.needs, device)
    if start and _fits(spec, request.changed(**start), device):
        return [_told(start, "")]
    found = []
    if request.draft is not None and _fits(spec, request.changed(draft=None, **start), device):
        found.append(_without_draft(start))
    here = _kinds(spec, request, judged, max_context)
    elsewhere = _other_gpus(request, judged, device, local)
    found += _that_fit(spec, request, device, start, here)
    found += offload_advice(spec, request, judged, device)
    return [*found, *_that_fit(spec, request, device, start, elsewhere)]


def _that_fit(
    spec: ModelSpec,
    request: Fit,
    device: Device,
    start: Mapping[str, float],
    kinds: Iterator[list[_Candidate]],
) -> Iterator[Note]:
    """The first of each kind that fits."""
    for candidates in kinds:
        for each in candidates:
            also = {} if "gpu" in each.changes else start
            if _fits_with(spec, request.changed(**also, **each.changes), each, device):
                yield _told(also, each.text)
                break


def _told(also: Mapping[str, float], text: str) -> Note:
    options = (option(name, value) for name, value in also.items())
    return Note(say("it fits with {option}", option=joined(" ", *options, text)))


def _without_draft(also: Mapping[str, float]) -> Note:
    """A draft costs no answer, only the time that it would save."""
    options = [option(name, value) for name, value in also.items()]
    if not options:
        return Note(say("it fits without the draft"))
    return Note(say("it fits without the draft and with {option}", option=joined(" ", *options)))


def _fits_with(spec: ModelSpec, changed: Fit, candidate: _Candidate, device: Device) -> bool:
    """Whether a changed request fits where it then runs: on the GPUs that it names, or on that device."""
    if "gpu" not in candidate.changes:
        return _fits(spec, changed, candidate.device or device)
    try:
        there = on_gpus(spec, changed, named_devices(candidate.changes["gpu"]))
        return there.judge(needs_of(spec, there.request, *there.gpus)).verdict == "fits"
    except UsageError:  # GPUs that do not divide the heads
        return False


def _fits(spec: ModelSpec, request: Fit, device: Device) -> bool:
    """Whether a changed request fits that device."""
    try:
        return judge(spec, request, device).verdict == "fits"
    except UsageError:  # GPUs that do not divide the heads
        return False


def _kinds(
    spec: ModelSpec,
    request: Fit,
    judged: Judgement,
    max_context: Figure,
) -> Iterator[list[_Candidate]]:
    """Changes of what is asked, on the same GPU."""
    engine, needs = judged.needs.served_by.engine, judged.needs
    if request.kv is None and engine.advised_kv is not None:
        yield [_candidate("kv", engine.advised_kv)]
    shorter = int(max_context.low or 0) // _SHORTEST_CONTEXT * _SHORTEST_CONTEXT
    if shorter:
        yield [_candidate("context_tokens", shorter)]
    if request.batch_size > 1:
        yield [_candidate("batch_size", 1)]
    if request.max_loras is not None:
        # Further adapters wait in RAM (vllm issue 20160).
        yield [_candidate("max_loras", n) for n in _halves(request.max_loras)]
    if needs.tower == "loaded" and needs.served_by.can_leave_tower:
        yield [_candidate("text_only", True)]
    if is_converted(spec.quant):
        yield [
            _candidate("quant", name) for name in engine.advised_quants if _is_lighter(name, needs.quant.bits)
        ]


def _other_gpus(
    request: Fit, judged: Judgement, device: Device, local: tuple[Device, ...]
) -> Iterator[list[_Candidate]]:
    """More GPUs, or others."""
    engine = judged.needs.served_by
    if request.tp == 1 and not engine.lays_layers:
        # Each takes the same share, so the fullest of them decides.
        yield [
            _Candidate(say("{option:tp={n}} ({n} GPUs of this machine)", n=n), {"tp": n}, local[n - 1])
            for n in _GPU_COUNTS
            if n <= len(local)
        ]
    named = 1 if request.gpu is None else len(named_devices(request.gpu))
    if request.tp == 1 and _is_one_named(device):
        lays = engine.lays_layers and bool(engine.engine.name) and named == 1 and request.gpu is not None
        yield list(_laid_out(str(request.gpu)) if lays else _divided(request.pp, named))
    # Where the GPUs' name has a count, another name would have none: what was divided is said.
    also = option("tp", request.tp) if request.tp > 1 and named > 1 else ""
    yield [
        _Candidate(joined(" ", also, gpu_option(name)), {"gpu": name})
        for name in advised_gpus("fit")
        if _is_larger(name, device)
    ]


def _laid_out(gpu: str) -> Iterator[_Candidate]:
    """More of the named GPU, for an engine that lays layers over as many as there are."""
    for n in _LAID_COUNTS:
        several = f"{n}x{gpu}"
        yield _Candidate(option("gpu", several), {"gpu": several})


def _divided(pp: int, named: int) -> Iterator[_Candidate]:
    """More of the GPU in each of `pp` stages; no more in all than a name that is of several has."""
    for tp in _GPU_COUNTS:
        n = tp * pp
        if named == 1 or n <= named:
            yield _Candidate(say("{option:tp={tp}} ({n} of this GPU)", tp=tp, n=n), {"tp": tp})


def _halves(count: int) -> Iterator[int]:
    """Half of it, half of that, down to one.

    >>> list(_halves(60))
    [30, 15, 7, 3, 1]
    """
    while count > 1:
        count //= 2
        yield count


def _candidate(name: str, value: Any) -> _Candidate:
    return _Candidate(option(name, value), {name: value})


def _is_one_named(device: Device) -> bool:
    """Whether a machine can have more of the same GPU: not of a laptop's, a Mac's, or a cloud's share."""
    gpu = device.gpu
    has_share = gpu is not None and gpu.instance and gpu.bandwidth_bytes_per_s is None
    is_alone = has_share or (gpu is not None and gpu.one_per_machine)
    return device.kind == "named GPU" and not device.members and not is_alone


def _is_lighter(quant: str, bits: float) -> bool:
    return find_quant(quant).bits < bits


def _is_larger(gpu: str, device: Device) -> bool:
    """Whether a GPU has more memory, and not the same under another name."""
    here = device.device_bytes.value
    return here is None or find_gpu(gpu).memory_bytes > _MORE_MEMORY * float(here)


def gpu_option(name: str) -> str:
    """What to write for a GPU, with its rent where that is known."""
    asked, rent = option("gpu", name.replace(" ", "-")), find_gpu(name).hourly_figure().value
    return asked if rent is None else say("{option} (${rent:.2f} an hour)", option=asked, rent=rent)

"""Does a model fit? Its needs against the free memory of a GPU, or of this machine."""

from __future__ import annotations

from ...catalog.hardware.gpus import shown_gpus
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Note, derive
from ...formulas import memory
from ...messages import joined, say
from ...probes.hardware.local_gpus import local_gpus
from ..currency import with_currency
from ..devices import Device, local_device, named_device, this_machine
from ..open_model import resolve_model
from ..subjects import without_object
from .advice import advice
from .details import FitDetails, FitEstimate
from .judgement import judge
from .largest import max_batch, max_context
from .needs import Needs
from .notes import fit_notes
from .question import Fit


def estimate_fit(request: Fit) -> FitEstimate:
    """The answer to the question.

    The verdict is `fits` where even the most that may be needed is free, `tight` where
    only the least is, else `does not fit`; None where the free memory is unknown.

    >>> estimate_fit(Fit(model="llama-3.1-8b", gpu="L4")).verdict
    'fits'
    """
    spec = resolve_model(request.model, hub=request.hub)
    request = without_object(request, spec.name)
    return with_currency(_fit(spec, request), request.money)


def _fit(spec: ModelSpec, request: Fit) -> FitEstimate:
    gpu, tp = request.gpu, request.tp
    if gpu is not None:
        return _judge(spec, request, named_device(gpu), spec.name)
    reading = local_gpus()
    if reading.unavailable:
        return _without_gpu(spec, request, reading.unavailable)
    devices = [local_device(each, reading.driver_version, reading.instrument) for each in reading.devices]
    freest = sorted(devices, key=lambda device: device.free_bytes.value or 0, reverse=True)
    if tp > len(devices):
        raise UsageError(
            "{option:tp={tp}} needs {tp} GPUs and this machine has {count}; name one with {option:gpu}",
            tp=tp,
            count=say("{n} GPUs", n=len(devices)) if len(devices) > 1 else say("1 GPU"),
        )
    if len(devices) == 1:
        return _judge(spec, request, devices[0], spec.name, note=reading.note)
    if tp > 1:
        return _together(spec, request, freest[:tp], reading.note)
    parts = tuple(_judge(spec, request, each, each.name, advise=False) for each in devices)
    several = say(
        "{n} GPUs, each judged by itself; {gpu} has the most free memory", n=len(devices), gpu=freest[0].name
    )
    note = joined("; ", several, reading.note)
    return _judge(spec, request, freest[0], spec.name, parts=parts, note=note)


def _together(spec: ModelSpec, request: Fit, devices: list[Device], note: str) -> FitEstimate:
    """A model divided over several GPUs: a verdict for each, and that of the fullest for all."""
    parts = tuple(_judge(spec, request, each, each.name, advise=False) for each in devices)
    divided = say(
        "divided over {n} GPUs; {gpu} has the least free memory", n=len(devices), gpu=devices[-1].name
    )
    return _judge(spec, request, devices[-1], spec.name, parts=parts, note=joined("; ", divided, note))


def _without_gpu(spec: ModelSpec, request: Fit, reason: str) -> FitEstimate:
    parts = []
    for name in shown_gpus("fit"):
        common = named_device(name)
        parts.append(_judge(spec, request.changed(gpu=name), common, common.name, advise=False))
    note = say(
        "no local GPU: {reason}; judged against this machine's RAM, and common GPUs below", reason=reason
    )
    machine = request.changed(tp=1)
    return _judge(spec, machine, this_machine(), spec.name, parts=tuple(parts), note=note, advise=False)


def _judge(
    spec: ModelSpec,
    request: Fit,
    device: Device,
    subject: str,
    *,
    parts: tuple[FitEstimate, ...] = (),
    note: str = "",
    advise: bool = True,
) -> FitEstimate:
    judged = judge(spec, request, device)
    needs, overhead, total, room = judged.needs, judged.overhead, judged.total_bytes, judged.room_bytes
    notes = [Note(note)] if note else []
    notes += device.notes
    notes += fit_notes(needs, device, judged.verdict)
    longest = max_context(needs, overhead, room)
    if advise and judged.verdict in {"tight", "does not fit"}:
        notes += advice(spec, request, judged, device, longest)
    left = derive("left_bytes", "bytes", memory.left_bytes, free_bytes=room, total_bytes=total)
    return FitEstimate(
        subject=subject,
        figures=(
            needs.params,
            needs.weights_bytes,
            needs.cache.per_token,
            needs.context_tokens,
            needs.batch_size,
            needs.cache.total_bytes,
            overhead.total,
            *overhead.further,
            total,
            device.free_bytes,
            left,
            *device.further,
            *(each for each in (needs.tower_bytes, needs.host_bytes) if each),
            longest,
            max_batch(needs, overhead, room),
        ),
        notes=tuple(notes),
        verdict=judged.verdict,
        details=_details(needs, device),
        question=request,
        parts=parts,
    )


def _details(needs: Needs, device: Device) -> FitDetails:
    engine = needs.served_by.engine
    return FitDetails(
        model=needs.spec.name,
        shape=needs.spec.name_of_shape,
        quant=needs.quant.name,
        quant_title=needs.quant.title,
        device=device.name,
        device_kind=device.kind,
        engine=engine.name or None,
        engine_title=engine.title or None,
        overhead=needs.served_by.overhead_words,
        model_context_tokens=needs.spec.max_context_tokens,
        tp=needs.tp,
        gpu=device.gpu_details,
    )

"""Does a model fit? Its needs against the free memory of a GPU, or of this machine."""

from __future__ import annotations

from ...catalog.hardware.gpus import shown_gpus
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, Note, Verdict, derive
from ...formulas import memory
from ...messages import joined, say
from ...probes.hardware.local_gpus import local_gpus
from ..currency import with_currency
from ..devices import Device, laid_over, local_device, named_device, named_devices, this_machine, verdict
from ..open_model import resolve_model
from ..subjects import without_object
from .advice import Ask, advice
from .details import FitDetails, FitEstimate
from .engines import serving
from .engines.base import Overhead
from .largest import max_batch, max_context
from .needs import Needs, needs_of, spread
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
    tp = request.tp
    if request.gpu is not None:
        return _on_named(spec, request, named_devices(request.gpu))
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
    # llama.cpp and PyTorch see one slice of a divided GPU at a time.
    whole = [
        device for device, each in zip(devices, reading.devices, strict=True) if each.slice_index is None
    ]
    return _on_local(spec, request, devices, _that_hold_layers(spec, request, whole), freest[0], reading.note)


def _on_named(spec: ModelSpec, request: Fit, devices: tuple[Device, ...]) -> FitEstimate:
    """On the GPUs that were named: a name of one may still be divided over `tp` of them."""
    count = len(devices)
    if count == 1:
        return _judge(spec, request, devices[0], spec.name)
    tp, laid = spread(spec, str(request.gpu), count, request.tp, serving(request.engine))
    if laid > 1:
        return _judge(spec, request, laid_over(devices), spec.name, note=_laid(laid))
    note = say("{option:tp={tp}} of the {n} GPUs", tp=tp, n=count)
    return _judge(spec, request.changed(tp=tp), devices[0], spec.name, note=note)


def _laid(count: int) -> str:
    return say("the layers go over the {n} GPUs, one after the other", n=count)


def _that_hold_layers(spec: ModelSpec, request: Fit, devices: list[Device]) -> tuple[Device, ...]:
    """The GPUs with room beside what the engine takes on each of them, where it lays layers over several.

    A small second GPU may get no layer (ollama issue 8430: 37 of 37 on the GPU with 11.5 GiB, none on 4.6).
    """
    if request.tp > 1 or not serving(request.engine).lays_layers:
        return ()
    needs = needs_of(spec, request)
    taken = [needs.served_by.overhead_on(needs, device).total.high for device in devices]
    rooms = zip(devices, taken, strict=True)
    return tuple(device for device, most in rooms if (device.free_bytes.low or 0) > (most or 0))


def _on_local(
    spec: ModelSpec,
    request: Fit,
    devices: list[Device],
    layable: tuple[Device, ...],
    freest: Device,
    reading_note: str,
) -> FitEstimate:
    """On each GPU of this machine; over all of them where no single one is enough and they are."""
    parts = tuple(_judge(spec, request, each, each.name, advise=False) for each in devices)
    alone = next(part for part in parts if part.details.device == freest.name)
    if alone.verdict not in {"fits", None} and len(layable) > 1:
        note = joined("; ", _laid(len(layable)), reading_note)
        together = _judge(spec, request, laid_over(layable), spec.name, parts=parts, note=note)
        if together.verdict == "fits" or alone.verdict == "does not fit":
            return together
    several = say(
        "{n} GPUs, each judged by itself; {gpu} has the most free memory", n=len(devices), gpu=freest.name
    )
    return _judge(spec, request, freest, spec.name, parts=parts, note=joined("; ", several, reading_note))


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
    needs, overhead, total = _sum(spec, request, device)
    judged = verdict(total, device.free_bytes) or _verdict_of_weights(needs, device.free_bytes)
    notes = [Note(note)] if note else []
    notes += device.notes
    notes += fit_notes(needs, device, judged)
    longest = max_context(needs, overhead, device.free_bytes)
    if advise and judged in {"tight", "does not fit"}:
        notes += advice(request, needs.quant.bits, longest, _is_one_named(device), _asker(spec, device))
    left = derive("left_bytes", "bytes", memory.left_bytes, free_bytes=device.free_bytes, total_bytes=total)
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
            *((needs.host_bytes,) if needs.host_bytes else ()),
            longest,
            max_batch(needs, overhead, device.free_bytes),
        ),
        notes=tuple(notes),
        verdict=judged,
        details=_details(needs, device),
        question=request,
        parts=parts,
    )


def _sum(spec: ModelSpec, request: Fit, device: Device) -> tuple[Needs, Overhead, Figure]:
    needs = needs_of(spec, request, on_gpu=device.is_gpu)
    overhead = needs.served_by.overhead_on(needs, device)
    total = derive(
        "total_bytes",
        "bytes",
        memory.total_bytes,
        weights_bytes=needs.weights_bytes,
        kv_cache_bytes=needs.cache.total_bytes,
        overhead_bytes=overhead.total,
    )
    return needs, overhead, total


def _is_one_named(device: Device) -> bool:
    """Whether more of the same GPU can be had: not of one that is a share of a cloud's machine."""
    has_share = device.gpu is not None and device.gpu.instance and device.gpu.bandwidth_bytes_per_s is None
    return device.kind == "named GPU" and not device.members and not has_share


def _asker(spec: ModelSpec, device: Device) -> Ask:
    """A function that judges a changed request: on this device, or on the GPU that it names."""

    def ask(request: Fit, gpu: str | None = None) -> Verdict | None:
        where = device if gpu is None else named_device(gpu)
        try:
            _, _, total = _sum(spec, request, where)
        except UsageError:  # GPUs that do not divide the heads
            return None
        return verdict(total, where.free_bytes)

    return ask


def _details(needs: Needs, device: Device) -> FitDetails:
    engine, overhead = needs.served_by.engine, needs.served_by.overhead_words
    if device.members:
        overhead = say("{overhead}, on each of {n} GPUs", overhead=overhead, n=len(device.members))
    return FitDetails(
        model=needs.spec.name,
        shape=needs.spec.name_of_shape,
        quant=needs.quant.name,
        quant_title=needs.quant.title,
        device=device.name,
        device_kind=device.kind,
        engine=engine.name or None,
        engine_title=engine.title or None,
        overhead=overhead,
        tp=needs.tp,
        gpu=device.gpu_details,
    )


def _verdict_of_weights(needs: Needs, free: Figure) -> Verdict | None:
    """Where the cache is unknown, weights that are too large are reason enough."""
    least, most = needs.weights_bytes.low, free.high
    return "does not fit" if least is not None and most is not None and least > most else None

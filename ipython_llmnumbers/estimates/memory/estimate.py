"""Does a model fit? Its needs against the free memory of a GPU, or of this machine."""

from __future__ import annotations

from ...catalog.hardware.gpus import shown_gpus
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Note
from ...messages import joined, option, say
from ...probes.hardware.local_gpus import local_gpus
from ..currency import with_currency
from ..devices import (
    Device,
    laid_over,
    local_devices,
    local_ram,
    named_device,
    named_machine,
)
from ..open_model import resolve_model
from ..subjects import without_object
from .advice import advice
from .details import FitEstimate
from .engines import serving
from .judged_estimate import judged_estimate
from .judgement import judge
from .largest import max_context
from .machine.answer import machine_estimate
from .machine.machine import can_be_split, machine_of, with_engine
from .machine.on_gpus import check_count, on_gpus
from .needs import needs_of
from .notes import fit_notes, ram_notes
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
    return with_currency(_fit(spec, with_engine(request)), request.money)


def _fit(spec: ModelSpec, request: Fit) -> FitEstimate:
    if request.gpu is not None:
        return _on_named(spec, request, *named_machine(request.gpu, request.ram))
    reading = local_gpus()
    if reading.unavailable:
        return _without_gpu(spec, request, reading.unavailable)
    devices = list(local_devices(reading))
    in_all = request.tp * request.pp
    if in_all > len(devices):
        raise UsageError(
            "{option} needs {n} GPUs and this machine has {count}; name one with {option:gpu}",
            option=joined(
                " ", *(option(name, n) for name, n in (("tp", request.tp), ("pp", request.pp)) if n > 1)
            ),
            n=in_all,
            count=say("{n} GPUs", n=len(devices)) if len(devices) > 1 else say("1 GPU"),
        )
    if in_all > 1:
        return _together(spec, request, _freest_first(devices)[:in_all], reading.note)
    # llama.cpp and PyTorch see one slice of a divided GPU at a time.
    whole = [
        device for device, each in zip(devices, reading.devices, strict=True) if each.slice_index is None
    ]
    machine = None
    if whole and can_be_split(spec, request, tuple(whole)):
        machine = machine_of(spec, request, tuple(whole), local_ram(request.ram), are_meant=False)
    if machine is not None:
        return machine_estimate(machine, request, *([Note(reading.note)] if reading.note else []))
    if len(devices) == 1:
        return _judge(spec, request, devices[0], spec.name, note=reading.note)
    return _on_local(spec, request, devices, whole, reading.note)


def _on_named(spec: ModelSpec, request: Fit, devices: tuple[Device, ...], ram: Device) -> FitEstimate:
    """On the GPUs that were named: a name of one may still be divided over `tp` of them."""
    count = len(devices)
    machine = machine_of(spec, request, devices, ram, are_meant=True)
    if machine is not None:
        return machine_estimate(machine, request)
    if count == 1:
        return _judge(spec, request, devices[0], spec.name)
    if request.pp > 1:
        smallest = min(devices, key=lambda device: device.free_bytes.low or 0)
        check_count(str(request.gpu), count, request.tp, request.pp)
        return _judge(spec, request, smallest, spec.name)
    there = on_gpus(spec, request, devices)
    tp, laid = there.request.tp, there.n_laid
    note = _laid(laid) if laid > 1 else say("{option:tp={tp}} of the {n} GPUs", tp=tp, n=count)
    return _judge(spec, there.request, there.device, spec.name, note=note)


def _laid(count: int) -> str:
    return say("the layers go over the {n} GPUs, one after the other", n=count)


def _that_hold_layers(spec: ModelSpec, request: Fit, devices: list[Device]) -> tuple[Device, ...]:
    """The GPUs with room beside what the engine takes on each of them, where it lays layers over several.

    A small second GPU may get no layer (ollama issue 8430: 37 of 37 on the GPU with 11.5 GiB, none on 4.6).
    """
    if request.tp > 1 or not serving(request.engine).lays_layers:
        return ()
    needs = needs_of(spec, request, *devices)
    taken = [needs.served_by.overhead_on(needs, device).total.high for device in devices]
    rooms = zip(devices, taken, strict=True)
    return tuple(device for device, most in rooms if (device.free_bytes.low or 0) > (most or 0))


def _on_local(
    spec: ModelSpec,
    request: Fit,
    devices: list[Device],
    whole: list[Device],
    reading_note: str,
) -> FitEstimate:
    """On each GPU of this machine; over all of them where no single one is enough and they are.

    `whole` are those that are no slices.
    """
    freest, layable = _freest_first(devices)[0], _that_hold_layers(spec, request, whole)
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
    note, local = joined("; ", several, reading_note), tuple(_freest_first(whole))
    return _judge(spec, request, freest, spec.name, parts=parts, note=note, local=local)


def _freest_first(devices: list[Device]) -> list[Device]:
    return sorted(devices, key=lambda device: device.free_bytes.value or 0, reverse=True)


def _together(spec: ModelSpec, request: Fit, devices: list[Device], note: str) -> FitEstimate:
    """A model divided over several GPUs: a verdict for each, and that of the fullest for all."""
    parts = tuple(_judge(spec, request, each, each.name, advise=False) for each in devices)
    divided = say(
        "divided over {n} GPUs; {gpu} has the least free memory", n=len(devices), gpu=devices[-1].name
    )
    return _judge(spec, request, devices[-1], spec.name, parts=parts, note=joined("; ", divided, note))


def _without_gpu(spec: ModelSpec, request: Fit, reason: str) -> FitEstimate:
    """Against the RAM as it was written, or this machine's, with common GPUs beside it."""
    ram, parts = local_ram(request.ram), []
    for name in shown_gpus("fit"):
        common = named_device(name)
        # By themselves: what is said of the RAM is of the machine without a GPU.
        alone = request.changed(gpu=name, ram=None)
        parts.append(_judge(spec, alone, common, common.name, advise=False))
    note = say(
        "no local GPU: {reason}; judged against this machine's RAM, and common GPUs below", reason=reason
    )
    if request.ram is not None:
        note = say(
            "no local GPU: {reason}; judged against {option}, and common GPUs below",
            reason=reason,
            option=option("ram", request.ram),
        )
    machine = request.changed(tp=1)
    return _judge(spec, machine, ram, spec.name, parts=tuple(parts), note=note, advise=False)


def _judge(
    spec: ModelSpec,
    request: Fit,
    device: Device,
    subject: str,
    *,
    parts: tuple[FitEstimate, ...] = (),
    note: str = "",
    advise: bool = True,
    local: tuple[Device, ...] = (),
) -> FitEstimate:
    judged = judge(spec, request, device)
    notes = [Note(note)] if note else []
    notes += device.notes
    notes += ram_notes(judged, request, device)
    notes += fit_notes(judged.needs, device, judged.verdict)
    if advise and judged.verdict in {"tight", "does not fit"}:
        longest = max_context(judged.needs, judged.overhead, judged.room_bytes)
        notes += advice(spec, request, judged, device, longest, local)
    return judged_estimate(judged, device, request, subject, notes, parts)

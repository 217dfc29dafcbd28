"""Does a model fit? Its needs against the free memory of a GPU, or of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..catalog.gpus import Gpu, find_gpu
from ..catalog.models import find_model
from ..catalog.quants import find_quant
from ..errors import UsageError, shorten
from ..figures import Estimate, Figure, Note, Source, Verdict, derive, given, measured
from ..formulas import memory
from ..probes.gpu import GpuDevice, local_gpus
from ..probes.host import host_memory
from .fit_needs import Needs, default_context, needs_of, overhead_on_cpu, overhead_on_gpu

# What is shown where there is no GPU: one of each size that clouds and shops offer.
COMMON_GPUS = ("T4", "L4", "RTX 4090", "RTX 5090", "L40S", "A100 80GB SXM", "H100 80GB SXM", "H200", "B200")

_MOST_CONTEXT_TOKENS = 100_000_000
_MOST_SEQUENCES = 1_000_000
_TIGHT = (
    "tight: it fits with a lean engine such as llama.cpp, not with one that plans for many "
    "requests, as vLLM does unless told otherwise"
)


@dataclass(frozen=True, slots=True)
class _Device:
    """Where the model is to run: what is free there, what the engine takes, and how to name it."""

    name: str
    kind: str
    free_bytes: Figure
    overhead_bytes: Figure
    details: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    further: tuple[Figure, ...] = ()


def estimate_fit(
    model: str,
    *,
    quant: str | None = None,
    context_tokens: int | None = None,
    batch_size: int = 1,
    gpu: str | None = None,
) -> Estimate:
    """The estimate behind `gpu_fit` and `%gpufit`; `gpu_fit` says what goes in and out.

    The verdict is `fits` where even the most that may be needed is free, `tight` where
    only the least is, else `does not fit`; None where the free memory is unknown.

    >>> estimate_fit("llama-3.1-8b", gpu="L4").verdict
    'fits'
    """
    spec = find_model(model)
    _check("--context", context_tokens, _MOST_CONTEXT_TOKENS)
    _check("--batch", batch_size, _MOST_SEQUENCES)
    context = (
        default_context(spec)
        if context_tokens is None
        else given("context_tokens", context_tokens, "tokens", "--context")
    )
    batch = given("batch_size", batch_size, "sequences", "--batch, 1 unless given")
    needs = needs_of(spec, find_quant(spec.dtype if quant is None else quant), context, batch)
    request = {
        "model": model,
        "quant": quant,
        "context_tokens": context_tokens,
        "batch_size": batch_size,
        "gpu": gpu,
    }
    if gpu is not None:
        return _judge(needs, _named(needs, find_gpu(gpu)), spec.name, request)
    reading = local_gpus()
    if reading.unavailable:
        return _without_gpu(needs, request, reading.unavailable)
    devices = [_local(needs, device, reading.driver_version) for device in reading.devices]
    best = max(devices, key=lambda device: device.free_bytes.value or 0)
    if len(devices) == 1:
        return _judge(needs, best, spec.name, request, note=reading.note)
    parts = tuple(_judge(needs, each, each.name, request) for each in devices)
    several = f"{len(devices)} GPUs, each judged by itself; {best.name} has the most free memory"
    return _judge(needs, best, spec.name, request, parts, "; ".join(filter(None, (several, reading.note))))


def _without_gpu(needs: Needs, request: Mapping[str, Any], reason: str) -> Estimate:
    ram = host_memory()
    free = measured("free_bytes", ram.available_bytes, "bytes", _today(ram.source.name))
    device = _Device("this machine's RAM (CPU)", "ram", free, overhead_on_cpu(needs))
    parts = []
    for name in COMMON_GPUS:
        common = _named(needs, find_gpu(name))
        parts.append(_judge(needs, common, common.name, {**request, "gpu": name}))
    note = f"no local GPU: {reason}; judged against this machine's RAM, and common GPUs below"
    return _judge(needs, device, needs.spec.name, request, tuple(parts), note)


def _named(needs: Needs, gpu: Gpu) -> _Device:
    free = gpu.memory_figure()
    speed = gpu.bandwidth_bytes_per_s
    return _Device(
        gpu.name,
        "named GPU",
        free,
        overhead_on_gpu(needs, free, gpu.memory_bytes),
        {"compute_capability": gpu.compute_capability, "bandwidth_bytes_per_s": speed},
        (Note(gpu.note),) if gpu.note else (),
    )


def _local(needs: Needs, device: GpuDevice, driver: str | None) -> _Device:
    instrument = _today(f"NVML, driver {driver}" if driver else "NVML")
    total, free_now = device.total_bytes, device.free_bytes
    name = f"GPU {device.index}: {device.name}" if device.name != f"GPU {device.index}" else device.name
    notes = [Note(f"{name}: {device.problem}", "warning")] if device.problem else []
    if device.is_unified:
        ram = host_memory()
        total, free_now, instrument = ram.total_bytes, ram.available_bytes, _today(ram.source.name)
        notes.append(Note(f"{name} shares the machine's memory: what is available there counts"))
    if device.is_divided:
        notes.append(Note(f"{name} is divided (MIG): a slice of it holds less than is shown", "warning"))
    free = measured("free_bytes", free_now, "bytes", instrument, note=device.problem)
    processes = None
    if device.processes is not None:
        processes = [{"pid": each.pid, "used_bytes": each.used_bytes} for each in device.processes]
    return _Device(
        name,
        "local GPU",
        free,
        overhead_on_gpu(needs, free, total),
        {
            "uuid": device.uuid,
            "driver": driver,
            "compute_capability": device.compute_capability,
            "bandwidth_bytes_per_s": device.bandwidth_bytes_per_s,
            "processes": processes,
        },
        tuple(notes),
        (measured("device_bytes", total, "bytes", instrument),),
    )


def _judge(
    needs: Needs,
    device: _Device,
    subject: str,
    request: Mapping[str, Any],
    parts: tuple[Estimate, ...] = (),
    note: str = "",
) -> Estimate:
    total = derive(
        "total_bytes",
        "bytes",
        memory.total_bytes,
        weights_bytes=needs.weights_bytes,
        kv_cache_bytes=needs.kv_cache_bytes,
        overhead_bytes=device.overhead_bytes,
    )
    verdict = _verdict(total, device.free_bytes)
    notes = [Note(note)] if note else []
    notes += device.notes
    notes += _model_notes(needs)
    if verdict == "tight":
        notes.append(Note(_TIGHT, "warning"))
    return Estimate(
        kind="fit",
        subject=subject,
        figures=(
            needs.params,
            needs.weights_bytes,
            needs.kv_bytes_per_token,
            needs.context_tokens,
            needs.batch_size,
            needs.kv_cache_bytes,
            device.overhead_bytes,
            total,
            device.free_bytes,
            *device.further,
            _max_context(needs, device),
        ),
        notes=tuple(notes),
        verdict=verdict,
        details={
            "model": needs.spec.name,
            "shape": needs.spec.name_of_shape,
            "quant": needs.quant.name,
            "quant_title": needs.quant.title,
            "device": device.name,
            "device_kind": device.kind,
            **device.details,
        },
        request=request,
        parts=parts,
    )


def _verdict(total: Figure, free: Figure) -> Verdict | None:
    low, high, room = total.low, total.high, free.value
    if low is None or high is None or room is None:
        return None
    if high <= room:
        return "fits"
    return "tight" if low <= room else "does not fit"


def _max_context(needs: Needs, device: _Device) -> Figure:
    longest = needs.spec.context_figure()
    fitting = derive(
        "max_context_tokens",
        "tokens",
        memory.max_context_tokens,
        note="" if longest.value else "a bare size names no longest context",
        free_bytes=device.free_bytes,
        weights_bytes=needs.weights_bytes,
        overhead_bytes=device.overhead_bytes,
        kv_bytes_per_token=needs.kv_bytes_per_token,
        batch_size=needs.batch_size,
    )
    if longest.value is None:
        return fitting
    return derive(
        "max_context_tokens",
        "tokens",
        memory.usable_context_tokens,
        note=f"at most the {longest.value:,} that {needs.spec.name} was made for",
        fitting_context_tokens=fitting,
        model_context_tokens=longest,
    )


def _model_notes(needs: Needs) -> list[Note]:
    spec, context = needs.spec, needs.context_tokens.value
    notes = []
    if spec.given_params is not None:
        text = f"{spec.name} is a size, not a model: what a token keeps is taken from {spec.name_of_shape}"
        notes.append(Note(text))
    longest = spec.max_context_tokens
    if longest is not None and context is not None and context > longest:
        text = f"{context:,} tokens are more than the {longest:,} that {spec.name} was made for"
        notes.append(Note(text, "warning"))
    return notes


def _check(option: str, value: object, most: int) -> None:
    if value is None and option == "--context":
        return
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UsageError(f"{option} {shorten(str(value), 40)} is not a whole number from 1 to {most:,}")


def _today(instrument: str) -> Source:
    return Source(instrument, checked=date.today())

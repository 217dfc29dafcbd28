"""A machine's answer as an estimate: one verdict, the speed, what to type, and a part for each device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ....catalog.open_models.quants import find_quant, is_converted
from ....figures import Figure, Note, derive, given
from ....formulas import memory
from ....messages import joined, option, say
from ...devices import Device
from ..details import FitEstimate
from ..engines.base import Launch
from ..judged_estimate import fit_details, judged_estimate, launch_of
from ..notes import fit_notes, ram_not_judged
from ..question import Fit
from .machine import Machine, Share, asks_split, split_over

_SHORTEST_CONTEXT = 1_024
_LARGEST = {"max_context_tokens": "tokens", "max_batch_size": "sequences"}


def machine_estimate(machine: Machine, request: Fit, *notes: Note) -> FitEstimate:
    """The model on all devices that hold a part of it; `notes` come first."""
    needs = machine.needs
    device, sums, total = machine.device, machine.sums(), machine.total_bytes
    held = [each for each in machine.shares if each.held.holds_layers]
    parts = tuple(_part(each, request) for each in held)
    counted = set(map(id, machine.counted))
    largest = [
        part for part, each in zip(parts, held, strict=True) if each.held.layers and id(each) in counted
    ]
    left = derive("left_bytes", "bytes", memory.left_bytes, free_bytes=device.free_bytes, total_bytes=total)
    return FitEstimate(
        subject=needs.spec.name,
        figures=(
            needs.params_figure(),
            sums["weights_bytes"],
            needs.cache.per_token,
            needs.context_tokens,
            needs.batch_size,
            sums["kv_cache_bytes"],
            sums["overhead_bytes"],
            total,
            device.free_bytes,
            left,
            replace(machine.in_ram.judged.total_bytes, name="host_bytes"),
            *(_least(name, unit, largest) for name, unit in _LARGEST.items()),
            given("gpu_layers", machine.split.n_on_gpus, "layers", where(machine)),
            *machine.speeds(needs.batch_size).values(),
        ),
        notes=(
            *notes,
            Note(where(machine)),
            *_readings(machine, request),
            *_what_fits(machine, request),
            *device.notes,
            *fit_notes(needs, device, machine.verdict),
        ),
        verdict=machine.verdict,
        details=fit_details(needs, device, request, needs.served_by.command(_launch(machine, request))),
        question=request,
        parts=parts,
    )


def _least(name: str, unit: str, parts: list[FitEstimate]) -> Figure:
    """What the fullest device has room for, with the layers that it holds."""
    note = say("with these layers on each device")
    named = {f"device_{number}": part[name] for number, part in enumerate(parts)}
    return derive(name, unit, memory.least_tokens, note=note, **named)


def _part(share: Share, request: Fit) -> FitEstimate:
    """What one device holds."""
    held = share.held
    here = given("layers_here", held.n_slots, "layers", held.device.name)
    return judged_estimate(
        share.judged,
        held.device,
        request,
        held.device.name,
        more=(here,),
        keeps_tokens=bool(held.layers),
    )


def where(machine: Machine) -> str:
    """Who holds what, in words: `30 of 81 layers on the GPU, 51 in RAM: 24.1 GiB`."""
    split, gib = machine.split, _gib_in_ram(machine)
    slots = split.n_layers + 1
    if split.is_whole and len(split.counts) == 1:
        return say("all {n} layers are on the GPU", n=slots)
    if split.is_whole:
        return say(
            "the layers go over the {n} GPUs, one after the other: {counts}",
            n=len(split.counts),
            counts=", ".join(map(str, split.counts)),
        )
    if not split.n_in_ram:
        return say(
            "the {n} layers are on the GPUs, less the experts of {moe}, which stay in RAM: {gib:,.1f} GiB",
            n=slots,
            moe=split.n_cpu_moe,
            gib=gib,
        )
    counts: dict[str, float] = {
        "n": split.n_on_gpus,
        "slots": slots,
        "others": slots - split.n_on_gpus,
        "gib": gib,
    }
    more = split.n_cpu_moe - split.n_in_ram
    if more > 0:
        return say(
            "{n} of {slots} layers are on the GPUs; {others} stay in RAM, and the experts of {more} more:"
            " {gib:,.1f} GiB",
            more=more,
            **counts,
        )
    return say("{n} of {slots} layers are on the GPUs, {others} stay in RAM: {gib:,.1f} GiB", **counts)


def _gib_in_ram(machine: Machine) -> float:
    return float(machine.in_ram.judged.total_bytes.value or 0) / 2**30


def _readings(machine: Machine, request: Fit) -> Iterator[Note]:
    """How what was asked is read where it is more than there is, and what is supposed of the RAM."""
    yield from _asked_too_much(machine, request)
    if not machine.in_ram.held.holds_layers:
        return
    if machine.needs.served_by.reads_ram and machine.in_ram.held.has_head:
        yield Note(
            say("the first layers are on the GPUs; the head comes last in the model and lies in RAM too")
        )
    if not machine.knows_ram:
        yield Note(ram_not_judged(_gib_in_ram(machine)))
    elif not machine.needs.served_by.reads_ram and machine.ram.bandwidth_figure().origin == "assumed":
        yield Note(say("the speed of the RAM is supposed; {option:ram=64GB DDR5-5600} says it"))


def _what_fits(machine: Machine, request: Fit) -> Iterator[Note]:
    """What would fit where this does not: another split than is asked for, else changes of the request."""
    if machine.verdict != "does not fit":
        return
    if asks_split(request):
        for changes in ({"ngl": None}, {"ngl": None, "n_cpu_moe": None}):
            other = _changed(machine, request, **changes)
            if other.verdict == "fits" and other.split.n_on_gpus:
                yield Note(say("it fits with {option}", option=split_options(other)))
                return
    for name, values in _lighter(machine, request):
        found = next(
            (each for each in values if _changed(machine, request, **{name: each}).verdict == "fits"), None
        )
        if found is not None:
            yield Note(say("it fits with {option}", option=option(name, found)))


def _changed(machine: Machine, request: Fit, **changes: Any) -> Machine:
    return split_over(machine.needs.spec, request.changed(**changes), machine.gpus, machine.ram)


def _lighter(machine: Machine, request: Fit) -> Iterator[tuple[str, list[Any]]]:
    """Changes that make the model lighter wherever it lies, of each kind from the least harm to the most."""
    needs = machine.needs
    engine, tokens = needs.served_by.engine, int(needs.context_tokens.value or 0)
    if request.kv is None and engine.advised_kv is not None:
        yield "kv", [engine.advised_kv]
    if tokens > _SHORTEST_CONTEXT:
        yield "context_tokens", [_SHORTEST_CONTEXT * n for n in (4, 2, 1) if _SHORTEST_CONTEXT * n < tokens]
    if request.batch_size > 1:
        yield "batch_size", [1]
    if is_converted(needs.spec.quant):
        yield "quant", [name for name in engine.advised_quants if find_quant(name).bits < needs.quant.bits]


def split_options(machine: Machine) -> str:
    """What to write for the split of a machine."""
    moved = machine.split.n_cpu_moe
    experts = option("n_cpu_moe", moved) if moved else ""
    return joined(" ", option("ngl", machine.split.n_on_gpus), experts)


def _asked_too_much(machine: Machine, request: Fit) -> Iterator[Note]:
    n_layers, model = machine.split.n_layers, machine.needs.spec.name
    if request.ngl is not None and request.ngl > n_layers + 1:
        yield Note(
            say(
                "{option:ngl={ngl}} is read as all of them: {model} has {n} layers with its head",
                ngl=request.ngl,
                model=model,
                n=n_layers + 1,
            )
        )
    if request.n_cpu_moe is None:
        return
    if not machine.needs.spec.architecture.n_experts:
        yield Note(
            say(
                "{option:n_cpu_moe={moe}} moves nothing: {model} has no experts",
                moe=request.n_cpu_moe,
                model=model,
            ),
            "warning",
        )
    elif request.n_cpu_moe > n_layers:
        yield Note(
            say(
                "{option:n_cpu_moe={moe}} is read as all of them: {model} has {n} layers",
                moe=request.n_cpu_moe,
                model=model,
                n=n_layers,
            )
        )


def _launch(machine: Machine, request: Fit) -> Launch:
    """What the engine is told of the split."""
    split = machine.split
    return replace(
        launch_of(machine.needs, request),
        gpu_layers=split.n_on_gpus,
        counts=split.counts,
        n_cpu_moe=split.n_cpu_moe,
        rooms=tuple(_room_gib(machine, each) for each in (*machine.gpus, machine.ram)),
    )


def _room_gib(machine: Machine, device: Device) -> int:
    """Whole GiB that weights may take of a device, beside what else it holds there."""
    share = next((each for each in machine.shares if each.held.device is device), None)
    free = float(device.free_bytes.low or 0)
    if share is not None and device.is_gpu:
        judged = share.judged
        free -= float(judged.overhead.total.high or 0) + float(judged.needs.cache.total_bytes.high or 0)
    return max(0, int(free)) // 2**30

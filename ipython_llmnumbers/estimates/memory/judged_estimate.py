"""A judgement as an estimate: its figures in order, and what is told beside them."""

from __future__ import annotations

from collections.abc import Iterable

from ...figures import Figure, Note, derive
from ...formulas import memory
from ...messages import say
from ..devices import Device
from .details import FitDetails, FitEstimate
from .engines.base import Launch
from .judgement import Judgement
from .largest import max_batch, max_context
from .needs import Needs
from .question import Fit


def judged_estimate(
    judged: Judgement,
    device: Device,
    request: Fit,
    subject: str,
    notes: Iterable[Note] = (),
    parts: tuple[FitEstimate, ...] = (),
    more: tuple[Figure, ...] = (),
    *,
    keeps_tokens: bool = True,
) -> FitEstimate:
    """What a request needs on a device, against what is free there; `more` are figures of the caller's.

    A device that `keeps_tokens` of none has no largest context.
    """
    needs, overhead, room = judged.needs, judged.overhead, judged.room_bytes
    left = derive("left_bytes", "bytes", memory.left_bytes, free_bytes=room, total_bytes=judged.total_bytes)
    return FitEstimate(
        subject=subject,
        figures=(
            needs.params_figure(),
            needs.weights_bytes,
            needs.cache.per_token,
            needs.context_tokens,
            needs.batch_size,
            needs.cache.total_bytes,
            overhead.total,
            *overhead.further,
            judged.total_bytes,
            device.free_bytes,
            left,
            *device.further,
            *(each for each in (needs.tower_bytes, *needs.beside, needs.host_bytes) if each),
            *(_largest(judged) if keeps_tokens else ()),
            *more,
        ),
        notes=tuple(notes),
        verdict=judged.verdict,
        details=fit_details(needs, device, request, _command(needs, request)),
        question=request,
        parts=parts,
    )


def _largest(judged: Judgement) -> tuple[Figure, Figure]:
    needs, overhead, room = judged.needs, judged.overhead, judged.room_bytes
    return max_context(needs, overhead, room), max_batch(needs, overhead, room)


def launch_of(needs: Needs, request: Fit) -> Launch:
    """What an engine is started with, wherever its layers go."""
    return Launch(
        model=needs.spec.name,
        asked=request.model if isinstance(request.model, str) else needs.spec.name,
        quant=needs.quant.name,
        context_tokens=int(needs.context_tokens.value or 0),
        batch_size=request.batch_size,
        kv=request.kv,
        tp=request.tp,
        pp=request.pp,
        utilization=request.utilization,
        cpu_offload_gb=request.cpu_offload_gb,
        converted=request.quant,
    )


def _command(needs: Needs, request: Fit) -> str | None:
    """What to type where more is to be told the engine than the model."""
    is_spread = request.tp > 1 or request.pp > 1 or request.cpu_offload_gb is not None
    return needs.served_by.command(launch_of(needs, request)) if is_spread else None


def fit_details(needs: Needs, device: Device, request: Fit, command: str | None) -> FitDetails:
    """The model as it would run there, and the device."""
    engine, overhead = needs.served_by.engine, needs.served_by.overhead_words
    if not device.is_gpu:
        overhead = say("the program itself, and what it computes in")
    elif device.members:
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
        model_context_tokens=needs.spec.max_context_tokens,
        tp=needs.tp,
        pp=request.pp,
        draft=needs.draft.model.name if needs.draft.model else None,
        gpu=device.gpu_details,
        command=command,
    )

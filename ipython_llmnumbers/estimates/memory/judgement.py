"""One "fits" for all: what a request needs on a device, and whether that is free there.

The verdict, the largest context and batch, the advice, the overview of GPUs and the batches of a
speed all ask here.
"""

from __future__ import annotations

from dataclasses import replace

from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, Verdict, assumed, derive
from ...formulas import memory
from ...messages import say
from ...records import dataclass
from ..devices import Device, verdict, worst
from .encoders import with_texts
from .engines.base import Overhead
from .engines.corrections import with_measured_overhead, with_measured_weights
from .machine.stage import placed, ram_verdict
from .needs import Needs, needs_of
from .question import Fit


@dataclass(frozen=True, slots=True)
class Judgement:
    """`room_bytes` is what the request may use: what is free, or nothing where the engine does not start."""

    needs: Needs
    overhead: Overhead
    total_bytes: Figure
    room_bytes: Figure
    verdict: Verdict | None


def judge(spec: ModelSpec, request: Fit, device: Device) -> Judgement:
    """What the request needs there, and whether it fits.

    Raises:
        UsageError: GPUs that do not divide the heads, or a draft for an encoder.
        UnknownNameError: an unknown quantisation, type of cache or draft.
    """
    return judge_request(needs_of(spec, request, device), request, device)


def judge_request(needs: Needs, request: Fit, device: Device) -> Judgement:
    """The same where its needs are made already."""
    needs = placed(with_measured_weights(needs, device), request)
    judged = judge_needs(needs, device)
    return replace(judged, verdict=worst(judged.verdict, ram_verdict(judged.needs, request, device)))


def judge_needs(needs: Needs, device: Device) -> Judgement:
    """Whether needs have room: those of a whole model, or of what one of several devices holds."""
    served_by = needs.served_by
    overhead = with_texts(needs, served_by.overhead_on(needs, device))
    overhead = with_measured_overhead(needs, overhead, device)
    total = derive(
        "total_bytes",
        "bytes",
        memory.total_bytes,
        weights_bytes=needs.weights_bytes,
        kv_cache_bytes=needs.cache.total_bytes,
        overhead_bytes=overhead.total,
    )
    if not served_by.starts(needs, device):
        nothing = assumed(
            "free_bytes", 0, "bytes", say("{engine} does not start", engine=served_by.engine.title)
        )
        return Judgement(needs, overhead, total, nothing, "does not fit")
    free = device.free_bytes
    judged = verdict(total, free) or _verdict_of_weights(needs, free)
    return Judgement(needs, overhead, total, free, judged)


def _verdict_of_weights(needs: Needs, free: Figure) -> Verdict | None:
    """Where the cache is unknown, weights that are too large are reason enough."""
    least, most = needs.weights_bytes.low, free.high
    return "does not fit" if least is not None and most is not None and least > most else None

"""What a speed tells beside its figures: the model as it would run, and the device."""

from __future__ import annotations

from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedDetails(Details):
    """Which model in which numbers, on which device, run by which engine."""

    model: str
    """The name of the model, or the size that was asked for."""
    quant: str
    """The quantisation of the weights, by its short name."""
    device: str
    """The name of the GPU, or of the GPUs."""
    engine: str
    """The engine whose speeds were used, also if none was named."""
    engine_title: str
    """The name of the engine as its makers write it."""
    context_tokens: int
    """The tokens of one sequence, prompt and answer together."""


@dataclass(frozen=True, repr=False, kw_only=True)
class SpeedPoint(Estimate):
    """The speed at one batch size."""

    kind: ClassVar[str] = "speed_point"


@dataclass(frozen=True, repr=False, kw_only=True)
class SpeedEstimate(Estimate):
    """How fast a model runs; `parts` are the batch sizes that fit."""

    kind: ClassVar[str] = "speed"
    details: SpeedDetails
    parts: tuple[SpeedPoint, ...] = ()

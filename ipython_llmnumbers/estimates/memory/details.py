"""What a fit tells beside its figures: the model as it would run, and the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ...figures import Details, Estimate
from ...records import dataclass

if TYPE_CHECKING:  # it reads the table of GPUs, which a renderer does not need
    from ..devices import GpuDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class FitDetails(Details):
    """Which model in which numbers, on which device, run by which engine."""

    model: str
    """The name of the model, or the size that was asked for."""
    shape: str
    """The model whose layers were used; another one than `model` for a size such as 13B."""
    quant: str
    """The quantisation of the weights, by its short name."""
    quant_title: str
    """The quantisation in words."""
    device: str
    """The name of the GPU or of the memory that was judged."""
    device_kind: str
    """`named GPU`, `local GPU`, or `ram` for this machine's memory."""
    engine: str | None
    """The engine that serves the model; None if none was named."""
    engine_title: str | None
    """The name of the engine as its makers write it; None if none was named."""
    overhead: str
    """What the overhead consists of, in words."""
    model_context_tokens: int | None
    """The longest context that the model was made for; None if none is known."""
    tp: int
    """The number of GPUs that the model is divided over."""
    pp: int
    """The number of stages that hold its layers one behind the other."""
    draft: str | None = None
    """The name of the model that drafts; None without one."""
    gpu: GpuDetails | None = None
    """What is known of the GPU; None for this machine's memory."""
    command: str | None = None
    """What to type for the engine, where more is to be told it than the model; None else."""


@dataclass(frozen=True, repr=False, kw_only=True)
class FitEstimate(Estimate):
    """Whether a model fits a device; `parts` are other devices."""

    kind: ClassVar[str] = "fit"
    details: FitDetails
    parts: tuple[FitEstimate, ...] = ()

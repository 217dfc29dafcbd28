"""What the comparison with a log tells beside its figures."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDetails(Details):
    """Which model which engine loaded where."""

    model: str
    """The name of the model."""
    quant: str
    """The quantisation of the weights, by its short name."""
    engine: str
    """The name of the engine as its makers write it, with its version where the log says it."""
    device: str
    """The GPU that the estimate is of."""
    log: str
    """The name of the file."""
    context_tokens: int | None
    """The context that the engine was started with; None where the log does not say it."""
    is_kept: bool
    """Whether the difference was kept as a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDetails(Details):
    """Where in the log a size stands."""

    line: int
    """The number of the line, from 1."""
    text: str
    """The line, cut where it is long."""
    is_estimated: bool
    """Whether the engine said so before it loaded anything."""
    rounding: float
    """What the digits of the line leave open to either side, in the unit of the size."""
    is_rounding: bool
    """Whether the difference is no more than that."""


@dataclass(frozen=True, repr=False, kw_only=True)
class LoadedPart(Estimate):
    """One size of the log beside ours; its subject is the name of the figure, such as `weights_bytes`."""

    kind: ClassVar[str] = "loaded_part"
    details: LineDetails


@dataclass(frozen=True, repr=False, kw_only=True)
class LoadedEstimate(Estimate):
    """What a log measured beside what was estimated; a part for each size."""

    kind: ClassVar[str] = "loaded"
    details: LoadedDetails
    parts: tuple[LoadedPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionDetails(Details):
    """What a correction holds for, and where it is from."""

    engine: str
    """The name of the engine."""
    version: str
    """Its version; empty where the log does not say it."""
    device: str
    """The name of the GPU."""
    machine: str
    """The GPU's own identifier, or its name where it is none of this machine."""
    tp: int
    """The number of GPUs that the model was divided over."""
    model: str
    """The model that was loaded."""
    quant: str
    """Its quantisation."""
    log: str
    """The name of the log."""
    day: date
    """The day on which it was kept."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CorrectionEstimate(Estimate):
    """One correction; its subject is its number."""

    kind: ClassVar[str] = "correction"
    details: CorrectionDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsDetails(Details):
    """Where they are kept."""

    path: str
    """The file that holds them."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CorrectionsEstimate(Estimate):
    """The corrections that are kept, or those that were dropped."""

    kind: ClassVar[str] = "corrections"
    details: CorrectionsDetails
    parts: tuple[CorrectionEstimate, ...] = ()

"""What the reverse questions tell beside their figures."""

from __future__ import annotations

from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingModelDetails(Details):
    """One model that fits, and how."""

    model: str
    """The name of the model."""
    quant: str
    """The quantisation with the most bits that fits there, by its short name."""
    family: str
    """The family that the name says, such as `qwen`."""
    generation: float
    """The number that its makers count the family by; 0 where the name has none."""
    is_newest: bool
    """Whether none that fits is of a newer generation of the family."""
    place: str
    """`gpu`; `both` where some of it is in RAM, `ram` where all of it is."""
    tp: int
    """The number of GPUs that it is divided over; 1 where its layers go over all."""


@dataclass(frozen=True, repr=False, kw_only=True)
class FittingModel(Estimate):
    """A model that fits."""

    kind: ClassVar[str] = "fitting_model"
    details: FittingModelDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingModelsDetails(Details):
    """The machine, and what was asked of it."""

    device: str
    """The name of the GPU, of the GPUs, or of the memory."""
    engine_title: str
    """The engine that serves the models, as its makers write it."""
    context_tokens: int
    """Tokens of a sequence; of those that are supposed, a model that was made for less is asked for that."""
    n_fitting: int
    """How many models fit; there are parts for the first of them."""
    n_tried: int
    """How many models were tried."""


@dataclass(frozen=True, repr=False, kw_only=True)
class FittingModelsEstimate(Estimate):
    """The models that fit, the newest generation of each family first, then the largest."""

    kind: ClassVar[str] = "fitting_models"
    details: FittingModelsDetails
    parts: tuple[FittingModel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingGpuDetails(Details):
    """One machine that the model fits."""

    gpu: str
    """The name of the GPU."""
    count: int
    """The number of GPUs."""
    tp: int
    """The number of them that the model is divided over; 1 where its layers go over all."""
    instance: str
    """The cloud's machine; empty where no table has one."""
    cloud: str
    """The cloud that rents it; empty where no table has one."""


@dataclass(frozen=True, repr=False, kw_only=True)
class FittingGpu(Estimate):
    """A machine that the model fits."""

    kind: ClassVar[str] = "fitting_gpu"
    details: FittingGpuDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingGpusDetails(Details):
    """What was asked for."""

    model: str
    """The name of the model."""
    quant: str
    """The quantisation of the weights, by its short name."""
    engine_title: str | None
    """The engine, as its makers write it; None if none was named."""
    n_fitting: int
    """How many kinds it fits, each a GPU in a cloud or by itself; there are parts for the first of them."""
    n_tried: int
    """How many kinds were tried."""


@dataclass(frozen=True, repr=False, kw_only=True)
class FittingGpusEstimate(Estimate):
    """The machines that the model fits, the cheapest first, then those of unknown rent."""

    kind: ClassVar[str] = "fitting_gpus"
    details: FittingGpusDetails
    parts: tuple[FittingGpu, ...] = ()

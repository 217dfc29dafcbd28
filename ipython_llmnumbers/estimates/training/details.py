"""What training tells beside its figures: the model, the method and the device."""

from __future__ import annotations

from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingDetails(Details):
    """How a model is trained, and on which device."""

    model: str
    """The name of the model, or the size that was asked for."""
    method: str
    """What is trained: `full`, `lora` or `qlora`, after `grpo-` the same (`grpo` is of all weights)."""
    method_title: str
    """The method in words, with its precision and its optimizer."""
    device: str
    """The name of the GPU."""
    device_kind: str
    """`named GPU`, `local GPU`, or `none` if no GPU is named and none is here."""
    precision: str
    """The numbers that the weights are trained in."""
    optimizer: str
    """The name of the optimizer."""
    checkpointing: str
    """Which activations are computed again: `none`, `selective` or `full`."""
    seq_tokens: int
    """The tokens of one sequence."""
    micro_batch: int
    """The sequences of one step on each GPU."""
    generator: str | None = None
    """What makes the completions of GRPO: `policy`, `colocate`, `sleep` or `server`."""


@dataclass(frozen=True, repr=False, kw_only=True)
class TrainingEstimate(Estimate):
    """Whether training fits a GPU; `parts` are other GPUs."""

    kind: ClassVar[str] = "training"
    details: TrainingDetails
    parts: tuple[TrainingEstimate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCostDetails(Details):
    """What is trained, and on which GPU."""

    model: str
    """The name of the model, or the size that was asked for."""
    device: str
    """The name of the GPU."""
    method: str
    """What is trained: `full`, `lora` or `qlora`."""


@dataclass(frozen=True, repr=False, kw_only=True)
class TrainingCostEstimate(Estimate):
    """What training costs, wherever it fits."""

    kind: ClassVar[str] = "training_cost"
    details: TrainingCostDetails

"""How training stores numbers, what optimizers keep, what a step does, and runs whose cost was published."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..errors import UnknownNameError
from ..figures import Figure, Source, assumed, published
from ..messages import joined, say
from ..records import dataclass
from .names import as_name, folded
from .toml_tables import read_table, source_of

_TABLE = "training_methods.toml"


@dataclass(frozen=True, slots=True)
class Precision:
    """Bytes of one parameter in each of its roles, and of one activation."""

    name: str
    title: str
    weight_bytes: int
    gradient_bytes: int
    master_bytes: int
    moment_bytes: int
    activation_bytes: int
    source: Source

    def figure(self, role: str) -> Figure:
        """One of the bytes, by its name here.

        >>> find_precision("bf16").figure("gradient_bytes").value
        2
        """
        note = joined(": ", self.name, self.title)
        return published(role, getattr(self, role), "bytes", self.source, note=note)


@dataclass(frozen=True, slots=True)
class Optimizer:
    """What an optimizer keeps; `moment_bytes` is None where it follows the precision."""

    name: str
    title: str
    moments: int
    moment_bytes: float | None
    source: Source

    def moments_figure(self) -> Figure:
        note = joined(": ", self.name, self.title)
        return published("moments", self.moments, "moments", self.source, note=note)

    def moment_bytes_figure(self, precision: Precision) -> Figure:
        """Bytes of one moment: the optimizer's own way, else as the precision says.

        >>> find_optimizer("8bit").moment_bytes_figure(find_precision("bf16")).value
        1.015625
        """
        if self.moment_bytes is None:
            return precision.figure("moment_bytes")
        note = joined(": ", self.name, self.title)
        return published("moment_bytes", self.moment_bytes, "bytes", self.source, note=note)


@dataclass(frozen=True, slots=True)
class StepFact:
    """What a framework or a paper says of a step; others may do otherwise, between `low` and `high`."""

    name: str
    value: float
    unit: str
    note: str
    source: Source
    low: float | None
    high: float | None

    def figure(self) -> Figure:
        """An assumption about the reader's framework, with what it rests on."""
        low, high = self.low, self.high
        return assumed(self.name, self.value, self.unit, self.note, source=self.source, low=low, high=high)


@dataclass(frozen=True, slots=True)
class Run:
    """A training run and what its makers said that it took."""

    name: str
    params: int
    tokens: int
    gpu: str
    gpu_hours: int
    source: Source

    def figure(self, field: str, unit: str) -> Figure:
        return published(field, getattr(self, field), unit, self.source, note=self.name)


def find_precision(name: str) -> Precision:
    """The precision of that name; case and punctuation do not count.

    Raises:
        UnknownNameError: no such row in the table.

    >>> find_precision("AMP").name
    'mixed'
    """
    row, source = _find("precisions", say("precision"), name)
    return Precision(
        row["name"],
        row["title"],
        row["weight_bytes"],
        row["gradient_bytes"],
        row["master_bytes"],
        row["moment_bytes"],
        row["activation_bytes"],
        source,
    )


def find_optimizer(name: str) -> Optimizer:
    """The optimizer of that name.

    Raises:
        UnknownNameError: no such row in the table.

    >>> find_optimizer("paged_adamw_8bit").name
    'paged-adamw8bit'
    """
    row, source = _find("optimizers", say("optimizer"), name)
    return Optimizer(row["name"], row["title"], row["moments"], row.get("moment_bytes"), source)


def step_fact(name: str) -> StepFact:
    """A fact of a training step, by its name in the table.

    >>> step_fact("live_params").value
    1000000000
    """
    table = read_table(_TABLE)
    row = table["step"][name]
    source = source_of(table, row)
    return StepFact(name, row["value"], row["unit"], row["note"], source, row.get("low"), row.get("high"))


def default_gpu() -> str:
    """The GPU that a cost is of where none is named.

    >>> default_gpu()
    'A100 80GB SXM'
    """
    name: str = read_table(_TABLE)["cost"]["gpu"]
    return name


def engine_of_training() -> str:
    """The engine whose cache a policy has that makes its own completions.

    >>> engine_of_training()
    'transformers'
    """
    name: str = read_table(_TABLE)["grpo"]["engine_of_training"]
    return name


def engine_beside() -> str:
    """The engine that makes completions on the GPUs that train."""
    name: str = read_table(_TABLE)["grpo"]["engine_beside"]
    return name


def known_precisions() -> list[str]:
    return [row["name"] for row in read_table(_TABLE)["precisions"]]


def known_optimizers() -> list[str]:
    return [row["name"] for row in read_table(_TABLE)["optimizers"]]


@cache
def published_runs() -> tuple[Run, ...]:
    """Runs whose GPU-hours are known, smallest first within each publication.

    >>> [run.gpu_hours for run in published_runs() if run.name == "LLaMA-13B"]
    [135168]
    """
    table = read_table(_TABLE)
    return tuple(
        Run(row["name"], row["params"], row["tokens"], row["gpu"], row["gpu_hours"], source_of(table, row))
        for row in table["runs"]
    )


def _find(section: str, kind: str, name: str) -> tuple[Mapping[str, Any], Source]:
    table, wanted = read_table(_TABLE), folded(as_name(kind, name))
    for row in table[section]:
        if wanted in map(folded, (row["name"], *row.get("aliases", ()))):
            return row, source_of(table, row)
    raise UnknownNameError(kind, name, [row["name"] for row in table[section]])

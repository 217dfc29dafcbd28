"""What an hour of a GPU costs: a cloud's machine by its dated price, divided by the GPUs in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ...figures import Figure, assumed, derive, given, published
from ...formulas.training import usd_per_gpu_hour
from ...messages import say
from ..toml_tables import read_table, source_of
from .instances import find_instance


def hourly_figure(gpu: str, instance: str = "") -> Figure:
    """Dollars for an hour of one GPU, in that cloud's machine if one is named; None where no row has a price.

    Without a machine the first of the table that has the GPU counts; of one machine the newest price.

    >>> hourly_figure("L40S").value
    Decimal('1.861')
    """
    table = read_table("hardware/gpu_prices.toml")
    name = instance or next((row["instance"] for row in table["prices"] if _has_whole(row, gpu)), "")
    machine = find_instance(name)
    rows = [row for row in table["prices"] if row["instance"] == name]
    if machine is None or not rows:
        note = say("no price is known; give usd_per_hour in a [[gpus]] row of your own")
        return assumed("usd_per_gpu_hour", None, "USD/h", note)
    row = max(rows, key=lambda each: source_of(table, each).checked or date.min)
    price = published(
        "usd_per_hour", Decimal(str(row["usd_per_hour"])), "USD/h", source_of(table, row), note=name
    )
    return derive(
        "usd_per_gpu_hour",
        "USD/h",
        usd_per_gpu_hour,
        note=say("{instance}, {n} × {gpu}, on demand", instance=name, n=machine.gpus, gpu=machine.gpu),
        usd_per_hour=price,
        n_gpus=given("n_gpus", machine.gpus, "GPUs", say("in one {instance}", instance=name)),
    )


def _has_whole(row: Mapping[str, Any], gpu: str) -> bool:
    """Whether a price is of a machine with that GPU; a share of one has a price of its own."""
    machine = find_instance(row["instance"])
    return machine is not None and machine.gpu == gpu and machine.memory_mib is None

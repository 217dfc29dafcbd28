"""A ledger of cost estimates. `usage` makes it and `render` shows it, and neither may import the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ...figures import Details, Estimate
from .details import CostDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetails(Details):
    """The details of a cost estimate, and its place in the ledger."""

    cost: CostDetails
    """How the prompts were counted, and where the price is from."""
    entry: int
    """The number of the estimate in the ledger, from 1; the models of a comparison share it."""


@dataclass(frozen=True, repr=False, kw_only=True)
class LedgerEntry(Estimate):
    """One cost estimate in short: its tokens, calls and totals."""

    kind: ClassVar[str] = "cost"
    details: EntryDetails


@dataclass(frozen=True, repr=False, kw_only=True)
class LedgerOfModel(Estimate):
    """The totals of one model, and its entries."""

    kind: ClassVar[str] = "cost"
    parts: tuple[LedgerEntry, ...] = ()


@dataclass(frozen=True, repr=False, kw_only=True)
class Ledger(Estimate):
    """Every cost estimate of a notebook: one part for each model."""

    kind: ClassVar[str] = "ledger"
    parts: tuple[LedgerOfModel, ...] = ()

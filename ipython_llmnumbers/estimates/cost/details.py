"""What a cost estimate tells beside its figures: how the prompt was counted, and where the price is from."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import ClassVar

from ...figures import Details, Estimate, Figure, local_name
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDetails(Details):
    """How the prompts were counted for one model, and where its price is from."""

    model: str
    """The model, as it was asked for."""
    prompts: int
    """The number of prompts, each one call."""
    is_chat: bool
    """Whether a prompt is a list of messages, so that their frames are counted too."""
    tokenizer: str
    """What counted the text: the vocabulary and its engine."""
    how: str
    """How sure the count is: `exact`, `assumed`, `mapped`, `unofficial` or `ratio`."""
    price_model: str | None
    """The model's name in the price table; None if no table has its price."""
    provider: str | None
    """The provider that asks this price; None if no table has it."""
    price_date: date | None
    """The day on which the price was checked; None if no table has it."""
    price_table: str | None
    """The table that the price is from; None if no table has it."""
    shut_down_on: date | None
    """The day on which the provider shuts the model down, or did; None if no table names one."""
    successor: str | None
    """The model that the provider names instead; None if no table names one."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CostEstimate(Estimate):
    """What prompts cost on one model."""

    kind: ClassVar[str] = "cost"
    details: CostDetails
    parts: tuple[CostEstimate, ...] = ()


@dataclass(frozen=True, repr=False, kw_only=True)
class CostComparison(CostEstimate):
    """What prompts cost on several models, cheapest first: each of `parts` has its details."""

    details: CostDetails = field(init=False, compare=False)


def spent_usd(estimate: Estimate) -> Figure:
    """The dollars (USD) that all of an estimate comes to: of its conversations, else of its calls."""
    spent: Figure = estimate["all_turns_usd" if "all_turns_usd" in estimate else "all_calls_usd"]
    return spent


def spent_local(estimate: Estimate) -> Figure | None:
    """The same in the currency that was asked for; None where none was."""
    local: Figure | None = estimate.get(local_name(spent_usd(estimate).name))
    return local

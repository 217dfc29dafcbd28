"""What a number tells beside its figures: its title, its headline, the inputs of its formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar

from ...figures import Details, Estimate, Number
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDetails(Details):
    """What a number is called, and what its formula takes."""

    title: str
    """The name of the number in words."""
    headline: str
    """The number as the document of 2023 writes it; empty for a newer number."""
    ages_with: str | None = None
    """What makes the number grow old, and how fast; None for a question of a quiz."""
    inputs: Mapping[str, Number | None] | None = None
    """The inputs that you may set, each with its default; None if the number has no formula."""
    takes: Mapping[str, tuple[str, ...]] | None = None
    """The same by the figure that each formula makes; the first that has all of your inputs is used."""


@dataclass(frozen=True, repr=False, kw_only=True)
class NumberEstimate(Estimate):
    """One of the numbers every LLM developer should know."""

    kind: ClassVar[str] = "number"
    details: NumberDetails
    parts: tuple[NumberEstimate, ...] = ()


@dataclass(frozen=True, repr=False, kw_only=True)
class AllNumbers(NumberEstimate):
    """All the numbers: each of `parts` has its details."""

    kind: ClassVar[str] = "numbers"
    details: NumberDetails = field(init=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDetails(NumberDetails):
    """A number, and why it moved since a day."""

    cause: str
    """Which price, model or input changed; empty where nothing did."""


@dataclass(frozen=True, repr=False, kw_only=True)
class NumberChange(NumberEstimate):
    """A number then and today: the figures `then`, `today` and, where it moved, `times`."""

    kind: ClassVar[str] = "number_change"
    details: ChangeDetails


@dataclass(frozen=True, repr=False, kw_only=True)
class NumberChanges(NumberEstimate):
    """What moved since a day: the numbers of `parts`, those that moved most first."""

    kind: ClassVar[str] = "number_changes"
    details: NumberDetails = field(init=False, compare=False)
    parts: tuple[NumberChange, ...] = ()

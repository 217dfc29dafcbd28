"""A provider's bill beside the ledger. `usage` makes it and `render` shows it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from ...figures import Details, Estimate
from ...records import dataclass

Match = Literal["agrees", "may agree", "differs", "not recorded", "not billed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketDetails(Details):
    """One bucket of a bill: a model in a span of time."""

    start: datetime
    """When the bucket begins, in UTC."""
    end: datetime
    """When it ends, in UTC: a call at that moment is of the next."""
    model: str | None
    """The model as the bill writes it; None if the bill sums over models, or the row is of no model."""
    match: Match
    """`agrees` (to the cent, and each count of tokens), `may agree` (within the ranges of both), `differs`,
    `not recorded` or `not billed`.
    """


@dataclass(frozen=True, repr=False, kw_only=True)
class BucketMatch(Estimate):
    """What a bucket bills, and what the ledger has of the same model and time."""

    kind: ClassVar[str] = "bucket"
    details: BucketDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationDetails(Details):
    """The bill that was read."""

    file: str
    """The name of its file."""
    format: str
    """Whose export it is, and of what."""
    vendor: str
    """Who bills, by the id of the price table."""
    has_usd: bool
    """Whether the bill has dollars; else its tokens are priced by the table."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Reconciliation(Estimate):
    """A bill beside the ledger: a part for each bucket, and in `rest_usd` what no recorded call explains."""

    kind: ClassVar[str] = "reconciliation"
    details: ReconciliationDetails
    parts: tuple[BucketMatch, ...] = ()

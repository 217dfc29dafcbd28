"""What calls cost: `usage` makes these and `render` shows them, and neither may import the other."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from ...figures import Details, Estimate
from ...records import dataclass

How = Literal["billed", "computed", "local", "free", "unknown"]
"""Where the cost of a call is from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetails(Details):
    """One call of an API: who answered, how much is known of it, and where its cost is from."""

    model: str | None
    """The model that served the call, as the answer names it; None if nothing does."""
    address: str
    """The scheme and the machine that was called."""
    client: str
    """The HTTP client under the call."""
    started: datetime
    """When it was sent, in UTC: its price is that of this hour."""
    status: int | None
    """The HTTP status; None if no answer came."""
    state: str
    """How much is known: `complete`, `cut`, `silent`, `uncounted`, `unreadable`, `declined`, `refused`,
    `unsent`, `failed`, `open` or `lost`."""
    how: How
    """Where the cost is from: `billed`, `computed`, `local` (no API bills it), `free` or `unknown`."""
    tier: str | None
    """The kind of processing that the answer names."""
    provider: str | None
    """The provider whose price was taken; None if none was."""
    price_date: date | None
    """The day on which that price was checked."""
    price_table: str | None
    """The table that the price is from."""
    listed_as: str | None
    """The model's name in the price table, whoever says the cost; None if no table has it."""
    sold_by: str | None
    """Who sells the model at that address, by the id of the price table; None if that is not known."""
    operation: str
    """What was called, in the words of OpenTelemetry: `chat`, `embeddings`, ..."""
    is_stray: bool
    """Whether work that began before the cell made the call."""
    prompt: int | None
    """The number of the prompt in the cell's source that was sent, from 0; −1 if none of them was; None if
    that is not known."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CallCost(Estimate):
    """What one call of an API cost."""

    kind: ClassVar[str] = "call"
    details: CallDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails(Details):
    """The cell that ran, and what was estimated of it."""

    cell: str
    """What the cell is called: its number in the session."""
    estimated_prompts: int | None
    """The number of prompts that the source of the cell shows; None if it shows none."""
    is_output_estimated: bool
    """Whether the answers are a part of the estimate, and not the prompts alone."""
    estimated_models: tuple[str, ...]
    """The models that the prompts were estimated for."""
    n_of_earlier: int
    """The number of calls meanwhile that belong to earlier cells, by tasks and threads of theirs."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CellRun(Estimate):
    """What the calls of one cell cost: one part for each."""

    kind: ClassVar[str] = "run"
    details: RunDetails
    parts: tuple[CallCost, ...] = ()

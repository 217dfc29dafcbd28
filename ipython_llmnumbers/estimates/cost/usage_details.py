"""The ledger of estimates, and what calls cost.

`usage` makes these and `render` shows them, and neither may import the other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Literal

from ...errors import UsageError
from ...figures import Details, Estimate

EntryKind = Literal["estimate", "source", "call"]
How = Literal["billed", "computed", "local", "free", "unknown"]
"""Where the cost of a call is from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Details):
    """One line of a ledger: an estimate or a call, as counts, names and times, and no text of either.

    Of what is no range both ends are the value; a high end of None beside a value is one that nobody knows.
    """

    kind: EntryKind
    """`estimate` (asked for by the magic), `source` (what a recorded cell let expect) or `call`."""
    session: str
    """The session that wrote it: random letters, new for each kernel."""
    cell: str
    """The number of the cell in its session."""
    at: datetime
    """When it was estimated, or the call was sent, in UTC."""
    model: str | None
    """The model that was asked for, or served the call; None if nothing names it."""
    listed_as: str | None = None
    """The model's name in the price table, which all its snapshots share; None if no table has it."""
    sold_by: str | None = None
    """Who bills it, by the id of the price table; None if that is not known."""
    calls: int = 1
    """The number of calls that it stands for."""
    input_tokens: int | None = None
    """All input, in tokens; None if it is not known."""
    input_tokens_low: int | None = None
    """The least that the input may be, in tokens."""
    input_tokens_high: int | None = None
    """The most that it may be, in tokens."""
    cached_tokens: int | None = None
    """Of the input, read from a cache, in tokens."""
    cache_write_tokens: int | None = None
    """Of the input, written to a cache for five minutes, in tokens."""
    cache_write_1h_tokens: int | None = None
    """Of the input, written to a cache for an hour, in tokens."""
    audio_tokens: int | None = None
    """Of the input, sound that no cache had, in tokens."""
    cached_audio_tokens: int | None = None
    """Of the input, sound from a cache, in tokens."""
    output_tokens: int | None = None
    """All output, in tokens; None if it is not known."""
    output_tokens_low: int | None = None
    """The least that the output may be, in tokens."""
    output_tokens_high: int | None = None
    """The most that it may be, in tokens."""
    reasoning_tokens: int | None = None
    """Of the output, thinking, in tokens."""
    audio_output_tokens: int | None = None
    """Of the output, sound, in tokens."""
    usd: Decimal | None = None
    """The dollars (USD) of all its calls; None if they are not known."""
    usd_low: Decimal | None = None
    """The least that they may be (USD)."""
    usd_high: Decimal | None = None
    """The most that they may be (USD)."""
    how: str
    """Where the dollars are from: `estimated`, or as a call's `how`."""
    state: str | None = None
    """How much is known of a call; None of an estimate."""
    tier: str | None = None
    """The kind of processing that the answer names."""
    status: int | None = None
    """The HTTP status of a call; None if no answer came."""
    address: str | None = None
    """The scheme and the machine that was called."""
    client: str | None = None
    """The HTTP client under a call."""
    operation: str | None = None
    """What was called, in the words of OpenTelemetry: `chat`, `embeddings`, ..."""
    duration_s: float | None = None
    """From the sending to the end of the answer, in seconds."""
    first_text_s: float | None = None
    """From the sending to the first text of a stream, in seconds."""
    template: str | None = None
    """The keyed hash of the prompt in the source, less what is filled in; None if it is not known."""

    @property
    def group(self) -> str:
        """What its model is called where its snapshots are one; empty where nothing names it."""
        return self.listed_as or self.model or ""


COUNTS = tuple(
    each.name for each in fields(Entry) if "tokens" in each.name or each.name in ("calls", "status")
)
"""The whole numbers of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDetails(Details):
    """What the entries of a part of the ledger have in common."""

    by: Literal["day", "model", "cell"]
    """Whether they are of one day (UTC), one model or one cell."""
    session: str | None = None
    """The session of the cell."""
    day: date | None = None
    """The day; that of the first entry of a cell."""


@dataclass(frozen=True, repr=False, kw_only=True)
class LedgerGroup(Estimate):
    """The sums of the entries of one day, model or cell."""

    kind: ClassVar[str] = "ledger_group"
    details: GroupDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDetails(Details):
    """The lines of the ledger, and where they are kept."""

    file: str | None
    """The file that keeps the ledger; None if it is in memory."""
    entries: tuple[Entry, ...]
    """Every estimate and call, in the order of its time."""


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
    """How much is known: `complete`, `cut`, `silent`, `unreadable`, `refused`, `failed`, `open` or `lost`."""
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


@dataclass(frozen=True, repr=False, kw_only=True)
class CellRun(Estimate):
    """What the calls of one cell cost: one part for each."""

    kind: ClassVar[str] = "run"
    details: RunDetails
    parts: tuple[CallCost, ...] = ()


@dataclass(frozen=True, repr=False, kw_only=True)
class Ledger(Estimate):
    """What was estimated, and what calls cost: a part for each day, then each model, then each cell."""

    kind: ClassVar[str] = "ledger"
    details: LedgerDetails
    parts: tuple[LedgerGroup, ...] = ()

    def by(self, kind: Literal["day", "model", "cell"]) -> tuple[LedgerGroup, ...]:
        """The parts of one kind."""
        return tuple(part for part in self.parts if part.details.by == kind)

    def to_records(self) -> list[dict[str, Any]]:
        """Every entry as a dictionary with all its fields: numbers are numbers, money is `Decimal`."""
        return [asdict(entry) for entry in self.details.entries]

    def to_dataframe(self) -> Any:
        """Every entry as a row of a pandas DataFrame; dollars are floats there.

        Raises:
            UsageError: pandas is not installed.
        """
        if find_spec("pandas") is None:
            raise UsageError("a DataFrame needs {library}: pip install {library}", library="pandas")
        pandas: Any = import_module("pandas")
        names = [each.name for each in fields(Entry)]
        frame = pandas.DataFrame(self.to_records(), columns=names)
        money = [name for name in names if name.startswith("usd")]
        return frame.astype({**dict.fromkeys(money, "float64"), **dict.fromkeys(COUNTS, "Int64")})

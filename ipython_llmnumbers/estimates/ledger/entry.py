"""One line of a ledger: an estimate or a call."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ...figures import Details
from ...records import dataclass

EntryKind = Literal["estimate", "source", "call"]


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

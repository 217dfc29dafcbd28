"""The dollars and tokens of many lines of a ledger, each with the ends that are known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ...estimates.ledger.entry import Entry
from ...figures import UNBOUNDED, Figure, Source, measured


def usd_sum(name: str, lines: Sequence[Entry], source: Source) -> Figure:
    """The dollars (USD) that are known; of calls it is at least that where one is not."""
    known = [line for line in lines if line.usd is not None]
    n_unknown = sum(line.kind == "call" for line in lines if line.usd is None)
    is_open = bool(n_unknown) or any(line.usd_high is None for line in known)
    high = UNBOUNDED if is_open else _total(known, "usd_high")
    return measured(name, _total(known, "usd"), "USD", source, low=_total(known, "usd_low"), high=high)


def token_sum(name: str, calls: Sequence[Entry], source: Source) -> Figure:
    """`input_tokens` or `output_tokens` (tokens) of calls; at least what is known where one lacks them."""
    known = [call for call in calls if getattr(call, name) is not None]
    # A refused call has no tokens, and lacks none.
    lacking = [call for call in calls if getattr(call, name) is None and call.how != "free"]
    is_open = bool(lacking) or any(getattr(call, f"{name}_high") is None for call in known)
    total, low = (int(_total(known, f"{name}{end}")) for end in ("", "_low"))
    high = UNBOUNDED if is_open else int(_total(known, f"{name}_high"))
    return measured(name, total, "tokens", source, low=low, high=high)


def _total(lines: Iterable[Entry], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), Decimal(0))

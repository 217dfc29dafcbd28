"""A provider's bill beside the ledger, bucket by bucket."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from decimal import Decimal

from ...catalog.names import parse_name
from ...catalog.prices.find import find_price
from ...catalog.prices.price import Price, Rate
from ...estimates.cost.metered import MeteredTokens, price_metered
from ...estimates.ledger.entry import Entry
from ...estimates.ledger.reconciliation import (
    BucketDetails,
    BucketMatch,
    Match,
    Reconciliation,
    ReconciliationDetails,
)
from ...figures import UNBOUNDED, Figure, Note, Number, Source, assumed, derive, measured
from ...formulas import cost
from ...messages import say
from ...records import dataclass
from .bill import Bill, BillRow
from .sums import token_sum, usd_sum

_LEDGER = Source(say("the ledger"))
_FROM_BEST: tuple[Match, ...] = ("agrees", "may agree", "differs")
_HALF_A_CENT = Decimal("0.005")
_LATEST = datetime.max.replace(tzinfo=UTC)
_COMPARED = {"input": "input_tokens", "cached": "cached_tokens", "output": "output_tokens"}


@dataclass(slots=True)
class _Bucket:
    """The rows of a bill of one model in one span of time, and the recorded calls of the same.

    Rows without a model are the sum over all models where they stand alone (`is_sum`); beside rows with
    one they bill something else.
    """

    start: datetime
    end: datetime
    model: str | None
    group: str
    is_sum: bool = False
    rows: list[BillRow] = field(default_factory=list)
    calls: list[Entry] = field(default_factory=list)


class _Prices:
    """The prices of one provider; those of an hour are looked up once."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._known: dict[tuple[str, datetime], Price | None] = {}

    def of(self, bucket: _Bucket) -> Price | None:
        """That of the bucket's model at its beginning; None where no table has it."""
        hour = bucket.start.replace(minute=0, second=0, microsecond=0)
        key = bucket.group, hour
        if key not in self._known:
            self._known[key] = find_price(f"{self._vendor}/{bucket.group}", hour)
        return self._known[key]


def reconcile(entries: Sequence[Entry], bill: Bill) -> Reconciliation:
    """The bill's buckets in the order of their time, each with the recorded calls of its model and time.

    A call is of the bucket in which it was sent. What is billed and not recorded, and what is recorded in a
    span of the bill and not billed, are buckets too. In `rest_usd` is what recorded calls do not explain.
    """
    buckets = list(_buckets(bill))
    # A call that was refused is on no bill.
    calls = [
        entry
        for entry in entries
        if entry.kind == "call" and entry.sold_by == bill.format.vendor and entry.how != "free"
    ]
    n_outside = _put(calls, buckets)
    source, prices = Source(bill.name), _Prices(bill.format.vendor)
    parts = tuple(_match(bucket, prices, source) for bucket in sorted(buckets, key=lambda each: each.start))
    return Reconciliation(
        bill.name,
        figures=tuple(_totals(parts, [call for bucket in buckets for call in bucket.calls], source)),
        notes=tuple(_notes(bill, parts, n_outside)),
        details=ReconciliationDetails(
            file=bill.name,
            format=bill.format.name,
            vendor=bill.format.vendor,
            has_usd=bool(bill.format.usd),
        ),
        parts=parts,
    )


def _buckets(bill: Bill) -> Iterator[_Bucket]:
    found: dict[tuple[datetime, datetime, str], _Bucket] = {}
    groups: dict[str | None, str] = {}
    for row in bill.rows:
        if row.model not in groups:
            groups[row.model] = _group(row.model, bill.format.vendor)
        group = groups[row.model]
        bucket = found.setdefault((row.start, row.end, group), _Bucket(row.start, row.end, row.model, group))
        bucket.rows.append(row)
    named = {(start, end) for start, end, group in found if group}
    for (*span, group), bucket in found.items():
        bucket.is_sum = not group and tuple(span) not in named
        yield bucket


def _group(model: str | None, vendor: str) -> str:
    """What the ledger calls a model that a bill names: `Claude Haiku 4.5` is `claude-haiku-4-5`."""
    if model is None:
        return ""
    for name in (model, re.sub(r"[\s.]+", "-", model.casefold())):
        if (price := find_price(f"{vendor}/{name}")) is not None:
            return price.model
    return parse_name(model).base


def _put(calls: Sequence[Entry], buckets: list[_Bucket]) -> int:
    """Put each call into its bucket, and into one of its own where the bill has none for it.

    Returns:
        The calls that lie in no span of time of the bill.
    """
    # They do not overlap: `read_bill` sees to that.
    spans = sorted({(bucket.start, bucket.end) for bucket in buckets})
    known = {(bucket.start, bucket.end, bucket.group): bucket for bucket in buckets}
    sums = {(bucket.start, bucket.end) for bucket in buckets if bucket.is_sum}
    n_outside = 0
    for call in calls:
        place = bisect_right(spans, (call.at, _LATEST)) - 1
        if place < 0 or call.at >= spans[place][1]:
            n_outside += 1
            continue
        span = spans[place]
        group = "" if span in sums else call.group
        bucket = known.get((*span, group))
        if bucket is None:
            bucket = known[(*span, group)] = _Bucket(*span, call.model, group)
            buckets.append(bucket)
        bucket.calls.append(call)
    return n_outside


def _match(bucket: _Bucket, prices: _Prices, source: Source) -> BucketMatch:
    billed = _billed(bucket, prices, source)
    rest = _rest(billed, bucket.calls)
    counts = tuple(_counts(bucket, source))
    return BucketMatch(
        bucket.model or (say("all models") if bucket.is_sum else say("no model")),
        figures=(billed, usd_sum("recorded_usd", bucket.calls, _LEDGER), rest, *counts),
        details=BucketDetails(
            start=bucket.start, end=bucket.end, model=bucket.model, match=_verdict(bucket, rest, counts)
        ),
    )


def _verdict(bucket: _Bucket, rest: Figure, counts: Sequence[Figure]) -> Match:
    """The worst of its dollars and of each count of tokens that the bill has."""
    if not bucket.calls:
        return "not recorded"
    if not bucket.rows:
        return "not billed"
    named = {figure.name: figure for figure in counts}
    found = [
        _of_count(named[f"billed_{name}"], named[name])
        for name in _COMPARED.values()
        if f"billed_{name}" in named
    ]
    if rest.value is not None and rest.low is not None and rest.high is not None:
        is_open = any(call.usd_high is None for call in bucket.calls)
        found.append(_of_difference(-UNBOUNDED if is_open else rest.low, rest.high, _HALF_A_CENT))
    return max(found, key=_FROM_BEST.index, default="may agree")


def _of_count(billed: Figure, recorded: Figure) -> Match:
    n, low, high = (float(each or 0) for each in (billed.value, recorded.low, recorded.high))
    return _of_difference(n - high, n - low, 1)


def _of_difference(low: Number, high: Number, least: Number) -> Match:
    """What a difference between two ends says; below `least` there is none."""
    if low >= least or high <= -least:
        return "differs"
    return "agrees" if low > -least and high < least else "may agree"


def _rest(billed: Figure, calls: Sequence[Entry]) -> Figure:
    """What is billed and not explained by what is known of the recorded calls."""
    known = [
        replace(call, usd_high=call.usd if call.usd_high is None else call.usd_high)
        for call in calls
        if call.usd is not None
    ]
    recorded = usd_sum("recorded_usd", known, _LEDGER)
    return derive("rest_usd", "USD", cost.rest_usd, billed_usd=billed, recorded_usd=recorded)


def _billed(bucket: _Bucket, prices: _Prices, source: Source) -> Figure:
    """The dollars of a bucket: as the bill states them, else its tokens at the price of its beginning."""
    amounts = [row.usd for row in bucket.rows if row.usd is not None]
    if amounts or not bucket.rows:
        return measured("billed_usd", sum(amounts, Decimal(0)), "USD", source)
    price = prices.of(bucket) if bucket.group else None
    if price is None:
        return assumed("billed_usd", None, "USD", say("unpriced: no table has this price"))
    least = price.with_rates(_without_tiers)
    low = _priced(bucket.rows, least, source)
    high = low if least == price else _priced(bucket.rows, price, source)
    if low.value is None or high.value is None:
        return assumed("billed_usd", None, "USD", say("unpriced: no table has this price"))
    note = say("its tokens at the price of that time")
    return assumed("billed_usd", low.value, "USD", note, source=source, low=low.value, high=high.value)


def _without_tiers(rate: Rate) -> Rate:
    """The rate of calls that are not long; what of a bucket's calls were long, its sum does not say."""
    return replace(rate, tiers=())


def _priced(rows: Sequence[BillRow], price: Price, source: Source) -> Figure:
    def tokens(name: str) -> Figure | None:
        n = sum(row.tokens.get(name, 0) for row in rows)
        return measured(f"{name}_tokens", n, "tokens", source) if n or name in ("input", "output") else None

    given, written = tokens("input"), tokens("output")
    assert given is not None
    assert written is not None
    metered = MeteredTokens(
        input=given,
        output=written,
        cached=tokens("cached"),
        written_5m=tokens("written"),
        written_1h=tokens("written_1h"),
    )
    (total,) = (figure for figure in price_metered(metered, price) if figure.name == "total_usd")
    return total


def _counts(bucket: _Bucket, source: Source) -> Iterator[Figure]:
    """The counts of tokens and of calls, by the bill where it has any, and by the ledger."""
    for name, ours in _COMPARED.items():
        if any(name in row.tokens for row in bucket.rows):
            billed = sum(row.tokens.get(name, 0) for row in bucket.rows)
            yield measured(f"billed_{ours}", billed, "tokens", source)
        yield _cached(bucket.calls) if name == "cached" else token_sum(ours, bucket.calls, _LEDGER)
    requests = [row.requests for row in bucket.rows if row.requests is not None]
    if requests:
        yield measured("billed_calls", sum(requests), "calls", source)
    yield measured("recorded_calls", len(bucket.calls), "calls", _LEDGER)


def _cached(calls: Sequence[Entry]) -> Figure:
    """What a cache had (tokens), sound too; a call that names none had none from it."""
    n = sum((call.cached_tokens or 0) + (call.cached_audio_tokens or 0) for call in calls)
    return measured("cached_tokens", n, "tokens", _LEDGER)


def _totals(parts: Sequence[BucketMatch], calls: Sequence[Entry], source: Source) -> Iterator[Figure]:
    """`billed_usd`, `recorded_usd`, `rest_usd` (USD) over all buckets, and of them `agreeing_buckets`."""
    billed = _sum("billed_usd", parts)
    yield billed
    yield _sum("recorded_usd", parts)
    yield _rest(billed, calls)
    n = sum(part.details.match == "agrees" for part in parts)
    yield measured("buckets", len(parts), "buckets", source)
    yield measured("agreeing_buckets", n, "buckets", source)


def _sum(name: str, parts: Sequence[BucketMatch]) -> Figure:
    named: Mapping[str, Figure] = {
        f"bucket_{number}": figure
        for number, figure in enumerate((part.figure(name) for part in parts), start=1)
        if figure.value is not None
    }
    if not named:
        return assumed(name, None, "USD", say("unpriced"))
    return derive(name, "USD", cost.sum_usd, note="", **named)


def _notes(bill: Bill, parts: Sequence[BucketMatch], n_outside: int) -> Iterator[Note]:
    if not parts:
        yield Note(say("{path}: nothing is billed in it", path=bill.name))
    if bill.is_partial:
        text = say("{path} says that more pages follow: what is on them is not compared", path=bill.name)
        yield Note(text, "warning")
    if bill.n_unread:
        yield Note(say("rows of another kind, which are not compared: {n:,}", n=bill.n_unread), "warning")
    if bill.n_repeated:
        yield Note(say("buckets that stand in the file twice, counted once: {n:,}", n=bill.n_repeated))
    if n_outside:
        yield Note(say("recorded calls outside the bill's time: {n:,}", n=n_outside))
    if not bill.format.usd:
        yield Note(say("The bill has no dollars: its tokens are priced by the table of that time."))
    unpriced = sum(part.figure("billed_usd").value is None for part in parts)
    if unpriced:
        yield Note(say("buckets that no table prices, not in the total: {n:,}", n=unpriced), "warning")
    if any(part.figure("recorded_usd").is_at_least for part in parts):
        yield Note(say("Recorded calls of unknown cost may explain a part of the rest."))
    if any(part.details.match == "not recorded" for part in parts):
        text = say("Not recorded are calls of other notebooks, programs, keys and tools of the same account.")
        yield Note(text)

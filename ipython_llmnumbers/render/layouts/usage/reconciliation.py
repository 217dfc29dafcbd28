"""A bill beside the ledger: each bucket, and the unexplained rest as a row of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....estimates.ledger.reconciliation import BucketMatch, Match, Reconciliation
from ....messages import said, say, tell
from ...figure_text import amounts_column, range_or_number_text, value_text
from ...layout import Answer, Layout, Table, joined_facts

_MATCHES: dict[Match, str] = {
    "agrees": say("✔ agrees"),
    "may agree": say("may agree"),
    "differs": say("✖ differs"),
    "not recorded": say("not recorded"),
    "not billed": say("not billed"),
}
# The most buckets that are shown one by one.
_MOST_BUCKETS = 60


def reconciliation(estimate: Reconciliation) -> Layout:
    """What agrees and what differs; the last row is what no recorded call explains."""
    parts = estimate.parts
    tables = (_buckets(estimate), *((_tokens(estimate),) if _has_counts(estimate) else ())) if parts else ()
    n = len(parts)
    more = tell("The first {n} of {all:,} buckets", n=_MOST_BUCKETS, all=n) if n > _MOST_BUCKETS else ""
    return Layout(
        tables, (more,) if more else (), estimate.notes, answer=_answer(estimate) if parts else None
    )


def bucket(estimate: BucketMatch) -> Layout:
    """One bucket alone."""
    rows = tuple(_rows((estimate,), [estimate]))
    return Layout((Table("", _head(), rows, frozenset({2, 3, 4})),), (), estimate.notes)


def _answer(estimate: Reconciliation) -> Answer:
    agreeing, buckets = (estimate.figure(name) for name in ("agreeing_buckets", "buckets"))
    billed, rest = estimate.figure("billed_usd"), estimate.figure("rest_usd")
    found = tell("{n} of {all} buckets agree", n=value_text(agreeing), all=value_text(buckets))
    form = said(estimate.details.format)
    if billed.value is None:
        recorded = tell("{usd} recorded", usd=value_text(estimate.figure("recorded_usd")))
        return Answer(tell("no table prices what is billed"), joined_facts(recorded, found, form))
    return Answer(
        tell("{usd} unexplained", usd=value_text(rest)),
        joined_facts(tell("of {usd} billed", usd=value_text(billed)), found, form),
    )


def _head() -> tuple[str, ...]:
    dollars = (tell("Billed, $"), tell("Recorded, $"), tell("Difference, $"))
    return (tell("From (UTC)"), tell("Model"), *dollars, tell("Match"))


def _buckets(estimate: Reconciliation) -> Table:
    shown = estimate.parts[:_MOST_BUCKETS]
    *rows, (_, _, *rest, _) = _rows(shown, [*shown, estimate])
    last = ("", tell("Unexplained rest"), *rest, "")
    return Table("", _head(), (*rows, last), frozenset({2, 3, 4}))


def _rows(
    parts: Sequence[BucketMatch], of_dollars: Sequence[BucketMatch | Reconciliation]
) -> Iterator[tuple[str, ...]]:
    """A row for each of those with dollars, all on one scale; what is no bucket has dollars alone."""
    names = ("billed_usd", "recorded_usd", "rest_usd")
    amounts = iter(amounts_column([each.figure(name) for each in of_dollars for name in names]))
    for number, three in enumerate(zip(amounts, amounts, amounts, strict=True)):
        part = parts[number] if number < len(parts) else None
        before = (_start(part), said(part.subject)) if part else ("", "")
        yield (*before, *three, said(_MATCHES[part.details.match]) if part else "")


def _start(part: BucketMatch) -> str:
    """The day; with the hour and minute of a bucket that is shorter."""
    start, end = part.details.start, part.details.end
    is_day = (end - start).days >= 1
    return f"{start:%Y-%m-%d}" if is_day else f"{start:%Y-%m-%d %H:%M}"


def _has_counts(estimate: Reconciliation) -> bool:
    return any("billed_input_tokens" in part for part in estimate.parts)


def _tokens(estimate: Reconciliation) -> Table:
    """The counts of tokens and calls: by the bill, and by the ledger."""
    names = ("calls", "input_tokens", "cached_tokens", "output_tokens")
    heads = (tell("Calls"), tell("Tokens in"), tell("Cached"), tell("Tokens out"))
    rows = tuple(
        (_start(part), said(part.subject), *(_both(part, name) for name in names))
        for part in estimate.parts[:_MOST_BUCKETS]
    )
    title = tell("Billed / recorded")
    return Table(title, (tell("From (UTC)"), tell("Model"), *heads), rows, frozenset({2, 3, 4, 5}))


def _both(part: BucketMatch, name: str) -> str:
    ours = part.figure("recorded_calls" if name == "calls" else name)
    billed = part.figure(f"billed_{name}") if f"billed_{name}" in part else None
    return f"{range_or_number_text(billed) if billed else '–'} / {range_or_number_text(ours)}"

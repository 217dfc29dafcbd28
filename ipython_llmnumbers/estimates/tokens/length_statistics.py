"""How long many texts are: mean, median, 95th percentile, longest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...figures import UNBOUNDED, Figure, Number, Source, measured
from ...messages import say


def spread(name: str, counts: Sequence[int], total: Figure, source: Source, what: str) -> Iterator[Figure]:
    """Four figures `{name}_mean`, `_p50`, `_p95` and `_max`, in tokens, over at least two texts.

    They are as wide as the `total` of those texts, by its share. `what` says what is counted, in the plural:
    a message.
    """
    from statistics import mean, quantiles

    cuts = quantiles(counts, n=20, method="inclusive")
    statistics = {"mean": mean(counts), "p50": cuts[9], "p95": cuts[18], "max": max(counts)}
    note = say("of {n:,} {what}", n=len(counts), what=what)
    low, high = (_share(end, total) for end in (total.low, total.high))
    for suffix, value in statistics.items():
        yield measured(
            f"{name}_{suffix}",
            round(value),
            "tokens",
            source,
            low=round(value * low),
            high=round(value * high),
            note=note,
            approximate=total.approximate,
        )


def _share(end: Number | None, total: Figure) -> float:
    """An end of a total's range, of its value; 1 where there is none."""
    if not total.value or end is None or end == UNBOUNDED:
        return 1.0
    return float(end) / float(total.value)


def histogram(counts: Sequence[int], most_bins: int = 10) -> tuple[tuple[int, int, int], ...]:
    """How many counts lie in each of a few equal bins: `(low, high, count)`, high excluded.

    >>> histogram([1, 2, 2, 9], most_bins=2)
    ((1, 6, 3), (6, 11, 1))
    """
    low, high = min(counts), max(counts)
    width = max(1, -(-(high - low + 1) // most_bins))
    bins = [0] * min(most_bins, (high - low) // width + 1)
    for count in counts:
        bins[(count - low) // width] += 1
    return tuple((low + i * width, low + (i + 1) * width, n) for i, n in enumerate(bins))

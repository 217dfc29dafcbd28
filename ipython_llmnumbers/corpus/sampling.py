"""A sample of a corpus, and how far its total may be from the whole one's.

The spans in their order are cut into strata of as many spans as one is drawn from, at random, so that a
sample is spread over all files. Neighbours that differ say how much a draw is worth: the successive
difference estimator for one unit per stratum (Wolter, Introduction to Variance Estimation, 2nd ed., 2007,
section 8.2.1, estimator v2; it errs on the safe side where the corpus changes along its way).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from .parts import Span

# So many draws make an interval of a few per cent of text that varies as the web does.
_DRAWS = 200
# Fewer strata than this tell nothing of their own spread.
FEWEST_STRATA = 16
_LEAST_BYTES, _MOST_BYTES = 4_096, 1 << 20
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Stratum:
    """One drawn span, by its index among all, and the bytes that it stands for."""

    index: int
    size: int


def sampled_span_bytes(total_bytes: int, share: float) -> int:
    """How large the spans are that a sample is drawn from."""
    return min(_MOST_BYTES, max(_LEAST_BYTES, round(total_bytes * share / _DRAWS)))


def draw(spans: Sequence[Span], share: float, seed: int) -> list[Stratum]:
    """One span of each stratum, the same for the same seed; all of them where they are few."""
    n_each = min(round(1 / share), len(spans) // FEWEST_STRATA) or 1
    chance = random.Random(seed)
    drawn = []
    for start in range(0, len(spans), n_each):
        stratum = spans[start : start + n_each]
        index = start + chance.randrange(len(stratum))
        drawn.append(Stratum(index, sum(span.size for span in stratum)))
    return drawn


def total_of(strata: Sequence[Stratum], spans: Sequence[Span], counts: Sequence[int]) -> tuple[int, int, int]:
    """The least, the likely and the most of the whole, with 95 % confidence; `counts` are of the drawn spans.

    >>> from .parts import Span
    >>> spans = [Span("a", "text", 0, 9, 10)] * 4
    >>> total_of(draw(spans, 1.0, 0), spans, [5, 6, 7, 8])  # all were counted
    (26, 26, 26)
    """
    whole = sum(each.size for each in strata)
    sampled = sum(spans[each.index].size for each in strata)
    totals = [
        count * each.size / (spans[each.index].size or 1) for each, count in zip(strata, counts, strict=True)
    ]
    total, n = sum(totals), len(totals)
    if n < 2 or sampled >= whole:
        return round(total), round(total), round(total)
    steps = sum((one - other) ** 2 for one, other in pairwise(totals))
    variance = (1 - sampled / whole) * n / (2 * (n - 1)) * steps
    margin = _t_quantile((1 + _CONFIDENCE) / 2, 2 * (n - 1) / 3) * variance**0.5
    return max(sum(counts), round(total - margin)), round(total), round(total + margin)


def _t_quantile(share: float, freedom: float) -> float:
    """Student's t by its expansion in 1 / freedom (Abramowitz and Stegun, 26.7.5).

    Neighbouring differences share a term: they have two thirds of the degrees of freedom (Wolter, 8.2.3).
    """
    z = NormalDist().inv_cdf(share)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3

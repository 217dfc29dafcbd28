"""A sample of a corpus, and how far its total may be from the whole one's.

The spans in their order are cut into strata of as many spans as one is drawn from, at random, so that a
sample is spread over all files. Neighbours that differ say how much a draw is worth: the successive
difference estimator for one unit per stratum (Wolter, Introduction to Variance Estimation, 2nd ed., 2007,
section 8.2.1, estimator v2; it errs on the safe side where the corpus changes along its way).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist

from ..records import dataclass
from .parts import Span

# So many draws make an interval of a few per cent of text that varies as the web does.
_DRAWS = 200
# Fewer strata than this tell nothing of their own spread.
FEWEST_STRATA = 16
_LEAST_BYTES, _MOST_BYTES = 4_096, 1 << 20
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Stratum:
    """One drawn span, by its index among all, and the bytes that it stands for: of spans of its `kind`."""

    index: int
    size: int
    kind: str


def sampled_span_bytes(total_bytes: int, share: float) -> int:
    """How large the spans are that a sample is drawn from."""
    return min(_MOST_BYTES, max(_LEAST_BYTES, round(total_bytes * share / _DRAWS)))


def draw(spans: Sequence[Span], share: float, seed: int) -> list[Stratum]:
    """One span of each stratum, the same for the same seed; all of a kind where they are few.

    A byte of a packed file holds more text than one of a plain file, so that each kind is drawn by itself. A
    packed file cannot be read from its middle: it is one span, however large.
    """
    kinds: dict[str, list[int]] = {}
    for index, span in enumerate(spans):
        kinds.setdefault(f"{span.form} {span.packing} {span.encoding}", []).append(index)
    chance = random.Random(seed)
    drawn = []
    for kind, indices in kinds.items():
        n_each = min(round(1 / share), len(indices) // FEWEST_STRATA) or 1
        for start in range(0, len(indices), n_each):
            stratum = indices[start : start + n_each]
            size = sum(spans[index].size for index in stratum)
            drawn.append(Stratum(chance.choice(stratum), size, kind))
    return drawn


def total_of(strata: Sequence[Stratum], spans: Sequence[Span], counts: Sequence[int]) -> tuple[int, int, int]:
    """The least, the likely and the most of the whole, with 95 % confidence; `counts` are of the drawn spans.

    >>> spans = [Span("a", "text", 0, 9, 10)] * 4
    >>> total_of(draw(spans, 1.0, 0), spans, [5, 6, 7, 8])  # all were counted
    (26, 26, 26)
    """
    found = [
        _of_kind(
            [each.size for each in strata if each.kind == kind],
            [spans[each.index].size for each in strata if each.kind == kind],
            [count for each, count in zip(strata, counts, strict=True) if each.kind == kind],
        )
        for kind in dict.fromkeys(each.kind for each in strata)
    ]
    total, variance = sum(each.total for each in found), sum(each.variance for each in found)
    if not variance:
        return round(total), round(total), round(total)
    # The degrees of freedom of a sum of variances (Satterthwaite 1946).
    freedom = variance**2 / sum(each.variance**2 / each.freedom for each in found if each.variance)
    margin = _t_quantile((1 + _CONFIDENCE) / 2, freedom) * variance**0.5
    return max(sum(counts), round(total - margin)), round(total), round(total + margin)


@dataclass(frozen=True, slots=True)
class _Estimate:
    """The total of one kind, the variance of that estimate, and its degrees of freedom."""

    total: float
    variance: float
    freedom: float


def _of_kind(sizes: Sequence[int], drawn_sizes: Sequence[int], counts: Sequence[int]) -> _Estimate:
    """By the drawn spans of a kind, and the sizes of their strata."""
    totals = [
        count * size / (drawn or 1) for size, drawn, count in zip(sizes, drawn_sizes, counts, strict=True)
    ]
    n, sampled = len(totals), sum(drawn_sizes) / (sum(sizes) or 1)
    if n < 2 or sampled >= 1:
        return _Estimate(sum(totals), 0.0, 1.0)
    steps = sum((one - other) ** 2 for one, other in pairwise(totals))
    # Neighbouring differences share a term: they have two thirds of the degrees of freedom (Wolter, 8.2.3).
    return _Estimate(sum(totals), (1 - sampled) * n / (2 * (n - 1)) * steps, 2 * (n - 1) / 3)


def _t_quantile(share: float, freedom: float) -> float:
    """Student's t by its expansion in 1 / freedom (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf(share)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3

"""How long millions of documents are, in a few kilobytes: a histogram that is exact where it matters.

Each length below 256 has a bin of its own; from there on a doubling has 64 bins, so that a quantile is known
to 1.1 %. Histograms of parts add up to that of the whole (the idea of HdrHistogram and of DDSketch, Masson
et al. 2019, https://arxiv.org/abs/1908.10693).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field

from ..records import dataclass

_EXACT = 256
_BINS_PER_DOUBLING = 64


@dataclass(slots=True)
class Lengths:
    """A histogram of lengths in tokens; `longest` is exact."""

    bins: dict[int, int] = field(default_factory=dict)
    longest: int = 0

    def add(self, lengths: Iterable[int]) -> None:
        """Count more documents."""
        for length, n in Counter(lengths).items():
            index = _bin_of(length)
            self.bins[index] = self.bins.get(index, 0) + n
            self.longest = max(self.longest, length)

    def merge(self, other: Lengths) -> None:
        """Count the documents of another part."""
        for index, n in other.bins.items():
            self.bins[index] = self.bins.get(index, 0) + n
        self.longest = max(self.longest, other.longest)

    @property
    def n_documents(self) -> int:
        return sum(self.bins.values())

    def quantile(self, share: float) -> tuple[int, int]:
        """The least and the greatest that the length can be which a share of the documents does not exceed.

        >>> lengths = Lengths()
        >>> lengths.add([1, 2, 3, 1000])
        >>> lengths.quantile(0.5), lengths.quantile(0.99)
        ((2, 2), (992, 1000))
        """
        rank, seen = max(1, math.ceil(share * self.n_documents)), 0
        for index in sorted(self.bins):
            seen += self.bins[index]
            if seen >= rank:
                low, high = _ends_of(index)
                return min(low, self.longest), min(high, self.longest)
        return 0, 0

    def doublings(self, ratio: float = 1.0) -> tuple[tuple[int, int, int], ...]:
        """How many documents are how long, `(low, high, documents)`, high excluded: each bin twice the last.

        Lengths are multiplied by the ratio of another tokenizer's tokens to those that were counted.

        >>> lengths = Lengths()
        >>> lengths.add([3, 5, 6, 30])
        >>> lengths.doublings(), lengths.doublings(1.4)
        (((2, 4, 1), (4, 8, 2), (8, 16, 0), (16, 32, 1)), ((4, 8, 2), (8, 16, 1), (16, 32, 0), (32, 64, 1)))
        """
        found: dict[int, int] = {}
        for index, n in self.bins.items():
            doubling = round(_ends_of(index)[0] * ratio).bit_length()
            found[doubling] = found.get(doubling, 0) + n
        if not found:
            return ()
        every = range(min(found), max(found) + 1)
        return tuple((1 << each >> 1, 1 << each, found.get(each, 0)) for each in every)

    def to_json(self) -> dict[str, object]:
        return {"bins": self.bins, "longest": self.longest}

    @classmethod
    def from_json(cls, written: Mapping[str, object]) -> Lengths:
        bins, longest = written["bins"], written["longest"]
        assert isinstance(bins, Mapping)
        assert isinstance(longest, int)
        return cls({int(index): n for index, n in bins.items()}, longest)


def _bin_of(length: int) -> int:
    if length <= _EXACT:
        return length
    return _EXACT + math.floor(_BINS_PER_DOUBLING * math.log2(length / _EXACT))


def _ends_of(index: int) -> tuple[int, int]:
    """The least and the greatest length of a bin."""
    if index < _EXACT:
        return index, index
    low, next_low = (
        math.ceil(_EXACT * 2 ** ((each - _EXACT) / _BINS_PER_DOUBLING)) for each in (index, index + 1)
    )
    return low, max(low, next_low - 1)
